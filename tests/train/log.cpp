// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/log.hpp>

#include "scratch.hpp"

namespace test_log {

using lnn::csv_log;
using scratch::message;

namespace {
const std::vector<std::string> columns{"epoch", "stage", "loss"};
}

TEST_CASE("log: rows are in the file as soon as they are given") {
  const scratch::folder f;
  const std::string p = f.path("log.csv");
  csv_log log(p, columns);
  CHECK(scratch::load(p) == "epoch,stage,loss\n");
  log.row({1, "float", 0.1});
  CHECK(scratch::load(p) == "epoch,stage,loss\n1,float,0.1\n");
  log.row({std::int64_t{-2}, std::string("a, \"b\"\nc"), 0.1F});
  CHECK(scratch::load(p) == "epoch,stage,loss\n1,float,0.1\n-2,\"a, \"\"b\"\" c\",0.1\n");
  log.row({3U, "", 1e-30});
  CHECK(scratch::load(p).ends_with("\n3,,1e-30\n"));
  CHECK(log.rows() == 3);
}

TEST_CASE("log: a resumed file equals one without a break") {
  const scratch::folder f;
  const std::string p = f.path("log.csv");
  {
    csv_log log = csv_log::resume(p, columns);  // nothing there yet
    log.row({1, "float", 0.5});
    log.row({2, "float", 0.25});
  }
  {
    csv_log log = csv_log::resume(p, columns);
    CHECK(log.rows() == 2);
    log.row({3, "float", 0.125});
  }
  const std::string whole = "epoch,stage,loss\n1,float,0.5\n2,float,0.25\n3,float,0.125\n";
  CHECK(scratch::load(p) == whole);
  {
    csv_log log = csv_log::resume(p, columns, 1);  // the checkpoint was older than the log
    CHECK(log.rows() == 1);
    CHECK(scratch::load(p) == "epoch,stage,loss\n1,float,0.5\n");
    log.row({2, "float", 0.25});
  }
  scratch::store(p, scratch::load(p) + "3,flo");  // a crash within a row
  csv_log::resume(p, columns).row({3, "float", 0.125});
  CHECK(scratch::load(p) == whole);
  CHECK(csv_log::resume(p, columns, 0).rows() == 0);
  CHECK(scratch::load(p) == "epoch,stage,loss\n");
  scratch::store(p, std::string());
  CHECK(csv_log::resume(p, columns).rows() == 0);
  CHECK(scratch::load(p) == "epoch,stage,loss\n");
}

TEST_CASE("log: misuse") {
  const scratch::folder f;
  const std::string p = f.path("log.csv");
  csv_log log(p, columns);
  CHECK(message([&] { log.row({1, 2}); }) == p + ": a row of 2 cells, expected 3; give one for each column");
  CHECK(message([&] {
          (void)csv_log::resume(p, {"epoch", "loss"});
        }) == p + ": columns 'epoch,stage,loss', expected 'epoch,loss'; name another log or remove this one");
  scratch::store(p, std::string("epo"));
  CHECK(message([&] {
          (void)csv_log::resume(p, {"epoch", "loss"});
        }) == p + ": columns 'epo', expected 'epoch,loss'; name another log or remove this one");
  CHECK(scratch::load(p) == "epo");
  CHECK(message([&] { (void)csv_log(p, {}); }) ==
        p + ": 0 columns, expected at least 1; name the columns of the log");
  CHECK(scratch::has(message([&] { (void)csv_log(f.path("no/log.csv"), columns); }), "cannot be opened"));
}

}  // namespace test_log
