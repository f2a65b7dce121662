// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/rule/verdict.hpp>

namespace test_verdict {

namespace {
constexpr lnn::rule height{"conv2d.kernel_height", "kernel height", "",
                           "use kernel height 5 or two 3x3 layers"};
constexpr lnn::rule memory{"conv2d.workspace", "workspace of", " bytes"};
constexpr lnn::rule mix{"conv2d.dilated_depthwise", "dilated depthwise convolution is not available"};

lnn::text<512> only_sentence(const lnn::verdict& v) {
  REQUIRE(v.refused().size() == 1);
  return v.refused().front().sentence("venus");
}
}  // namespace

TEST_CASE("a broken limit makes its own sentence") {
  lnn::verdict v;
  v.layer = "conv1";
  v.at_most(height, 7, 5);
  v.at_most(height, 5, 5);
  CHECK(only_sentence(v).view() ==
        "conv1: kernel height 7 is above the limit of 5 on venus; use kernel height 5 or two 3x3 layers");
}

TEST_CASE("units stand behind both numbers") {
  lnn::verdict v;
  v.layer = "fc";
  v.at_least(memory, 3, 16);
  CHECK(only_sentence(v).view() == "fc: workspace of 3 bytes is below the least of 16 bytes on venus");
}

TEST_CASE("choices are listed, combinations have no number") {
  lnn::verdict v;
  v.layer = "a";
  v.one_of(height, 3, {1, 2, 4});
  v.one_of(height, 2, {1, 2, 4});
  v.never(mix, true);
  REQUIRE(v.refused().size() == 2);
  CHECK(v.refused()[0].bound().view() == "must be 1, 2 or 4");
  CHECK(v.refused()[1].sentence("arcs").view() ==
        "a: dilated depthwise convolution is not available on arcs");
}

TEST_CASE("advice refuses nothing, and all of it works at compile time") {
  constexpr bool clean = [] {
    lnn::verdict v;
    v.advise(mix, true);
    return v.clean() && v.advice().size() == 1;
  }();
  static_assert(clean);
}

}  // namespace test_verdict
