// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/model/findings.hpp>

#include "small_program.hpp"

namespace test_findings {

namespace {

bool says(const lnn::model::program& p, const lnn::rule& r) {
  const lnn::verdict found = lnn::model::findings(p);
  for (const lnn::finding& f : found.refused())
    if (f.what == &r) return true;
  return false;
}

lnn::model::program average(const lnn::chip& on, int channels, int height, int width, std::uint32_t workspace) {
  small::maker m(on);
  const auto x = m.tensor("x", {1, channels, height, width}, 4), y = m.tensor("y", {1, channels, 1, 1}, 4);
  const auto w = m.tensor("workspace", {static_cast<int>(workspace)}, -1);
  auto& o = m.operation("AvgPool2dInt", {x}, {y});
  o.values.set("kernel", height, 0).set("kernel", width, 1).set("stride", height, 0).set("stride", width, 1);
  o.temps = {w};
  return m.done({x}, {y});
}

}  // namespace

TEST_CASE("what a file's operators meet of known defects is found") {
  for (const lnn::chip* on : lnn::chips) {
    const auto p = small::network(*on);  // made by hand, without any workspace
    const lnn::verdict found = lnn::model::findings(p);
    for (const lnn::finding& f : found.refused()) CHECK_MESSAGE(f.what == &lnn::model::short_workspace, f.sentence().view());
  }
  namespace pool = lnn::limit::avg_pool2d;
  CHECK(says(average(lnn::venus, 24, 16, 24, 1024), pool::engine_area));
  CHECK(says(average(lnn::arcs, 24, 8, 20, 1024), pool::engine_ones));
  CHECK(!says(average(lnn::arcs, 40, 8, 20, 1024), pool::engine_ones));
  CHECK(says(average(lnn::arcs, 40, 8, 8, 64), lnn::model::short_workspace));
  CHECK(!says(average(lnn::arcs, 40, 8, 8, 1024), lnn::model::short_workspace));
}

TEST_CASE("gains of 8 bits are found where the engine reads 16") {
  for (const lnn::chip* on : lnn::chips) {
    small::maker m(*on);
    const auto x = m.tensor("x", {1, 3, 16}, 4), y = m.tensor("y", {1, 3, 16}, 4), w = m.tensor("workspace", {2048}, -1);
    const lnn::integer_tensor gain(lnn::dtype::int8, {16}, 6);
    const auto g = m.constant("gain", lnn::model::pack(gain.access()), 6);
    auto& o = m.operation("LayerNormInt", {x, g, m.weight("beta", "LayerNormInt", 1, {16}, lnn::dtype::int32, 16)}, {y});
    o.temps = {w};
    CHECK(says(m.done({x}, {y}), lnn::model::narrow_gain) == (on == &lnn::venus));
  }
}

}  // namespace test_findings
