// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <lnn/train/progress.hpp>

#include "scratch.hpp"

namespace test_progress {

using lnn::figures::accuracy;

namespace {

double now = 0;
double turned_clock() { return now; }

/// A file that gives what was written since the last look.
class paper {
 public:
  paper() : file_(std::tmpfile()) { REQUIRE(file_ != nullptr); }
  paper(const paper&) = delete;
  paper& operator=(const paper&) = delete;
  ~paper() { std::fclose(file_); }
  [[nodiscard]] std::FILE* file() { return file_; }
  [[nodiscard]] std::string news() {
    std::fflush(file_);
    std::fseek(file_, read_, SEEK_SET);
    std::string out;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) out += static_cast<char>(c);
    read_ += static_cast<long>(out.size());
    std::fseek(file_, 0, SEEK_END);
    return out;
  }

 private:
  std::FILE* file_;
  long read_ = 0;
};

}  // namespace

TEST_CASE("progress: a line drawn again and again on a terminal") {
  paper p;
  now = 100;
  lnn::progress bar(p.file(), {.interactive = true, .columns = 100}, turned_clock);
  bar.begin("float", 2, 5, 60000);
  CHECK(p.news().empty());
  now = 102;
  bar.update(24000, 0.43124, accuracy.of(0.852));
  CHECK(p.news() ==
        "\rfloat 2/5 [============>                 ]  40%  loss 0.4312  acc 85.20%  12000 img/s  ETA 0:18");
  now = 102.05;  // too soon
  bar.update(25000, 0.4, accuracy.of(0.9));
  CHECK(p.news().empty());
  now = 104;
  bar.update(60000, 0.4, accuracy.of(1));
  const std::string full =
      "float 2/5 [==============================] 100%  loss 0.4000  acc 100.00%  15000 img/s  ETA 0:12";
  CHECK(p.news() == "\r" + full);
  bar.end(0.4, accuracy.of(1), "saved");
  CHECK(p.news() == "\r" + std::string(full.size(), ' ') +
                        "\rfloat 2/5  loss 0.4000  acc 100.00%  15000 img/s  0:04  saved\n");
}

TEST_CASE("progress: shorter lines wipe longer ones, no more than the terminal is wide") {
  paper p;
  now = 0;
  lnn::progress bar(p.file(), {.interactive = true, .columns = 40}, turned_clock);
  bar.begin("qat", 1, 1, 100);
  now = 1;
  bar.update(50, 123456, accuracy.of(0.5));
  CHECK(p.news() == "\rqat 1/1  50%  loss 123456.0000  acc 50.");  // 39 characters and no bar
  now = 2;
  bar.update(100, 1);
  CHECK(p.news() == "\rqat 1/1 100%  loss 1.0000  50 img/s  ET");
  bar.line("a word");
  CHECK(p.news() == "\r" + std::string(39, ' ') + "\ra word\n");
  lnn::progress narrow(p.file(), {.interactive = true, .columns = 60}, turned_clock);
  narrow.begin("qat", 1, 1, 100);
  now = 3;
  narrow.update(50, 1);
  CHECK(p.news() == "\rqat 1/1 [=====>     ]  50%  loss 1.0000  50 img/s  ETA 0:01");
  now = 5;
  narrow.update(75, 1);
  CHECK(p.news() == "\rqat 1/1 [========>  ]  75%  loss 1.0000  25 img/s  ETA 0:01");
}

TEST_CASE("progress: plain lines elsewhere, one every ten seconds") {
  paper p;
  now = 50;
  lnn::progress plain(p.file(), {}, turned_clock);
  plain.begin("float", 1, 2, 1000);
  now = 59.9;
  plain.update(99, 2.5, accuracy.of(0.1));
  CHECK(p.news().empty());
  now = 60;
  plain.update(100, 2.5, accuracy.of(0.125));
  CHECK(p.news() == "float 1/2   10%  loss 2.5000  acc 12.50%  10 img/s  ETA 3:10\n");
  now = 65;
  plain.update(500, 2, accuracy.of(0.2));
  CHECK(p.news().empty());
  now = 150;
  plain.end(1.25, accuracy.of(0.5));
  CHECK(p.news() == "float 1/2  loss 1.2500  acc 50.00%  10 img/s  1:40\n");
  plain.begin("float", 2, 2, 1000);
  plain.end(1);  // no time has passed, no accuracy
  CHECK(p.news() == "float 2/2  loss 1.0000  0:00\n");
}

TEST_CASE("progress: colour only where wanted; a bar that is left keeps its line") {
  paper p;
  {
    now = 0;
    lnn::progress bar(p.file(), {.interactive = true, .columns = 60, .colour = true}, turned_clock);
    bar.begin("qat", 1, 1, 100);
    now = 1;
    bar.update(50, 1);
    CHECK(p.news() == "\rqat 1/1 [\x1b[32m=====>     \x1b[0m]  50%  loss 1.0000  50 img/s  ETA 0:01");
  }
  CHECK(p.news() == "\n");
}

TEST_CASE("progress: lengths of time") {
  CHECK(lnn::progress::clock_text(0) == "0:00");
  CHECK(lnn::progress::clock_text(59.6) == "1:00");
  CHECK(lnn::progress::clock_text(3599) == "59:59");
  CHECK(lnn::progress::clock_text(11100) == "3:05:00");
  CHECK(lnn::progress::clock_text(-1) == "0:00");
  CHECK(lnn::progress::clock_text(1e300) == "1000000:00:00");
}

#if __has_include(<unistd.h>)
TEST_CASE("progress: facts of a file that is no terminal") {
  paper p;
  const char* before = std::getenv("COLUMNS");
  const std::string kept = before ? before : "";
  ::setenv("COLUMNS", "123", 1);
  const lnn::terminal t = lnn::terminal::of(p.file());
  CHECK(!t.interactive);
  CHECK(!t.colour);
  CHECK(t.columns == 123);
  ::setenv("COLUMNS", "wide", 1);
  CHECK(lnn::terminal::of(p.file()).columns == 80);
  if (before)
    ::setenv("COLUMNS", kept.c_str(), 1);
  else
    ::unsetenv("COLUMNS");
  const double first = lnn::monotonic_seconds();
  CHECK(lnn::monotonic_seconds() >= first);
}
#endif

}  // namespace test_progress
