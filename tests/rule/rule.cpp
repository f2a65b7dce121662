// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/rule/rule.hpp>

namespace test_rule {

namespace {
constexpr lnn::rule height{"conv2d.kernel_height", "kernel height", "", "use kernel height 5"};
constexpr lnn::rule bytes{"a.bytes", "weights of", " bytes"};
}  // namespace

TEST_CASE("a finding says what is, what must be, where, and what to do") {
  constexpr lnn::finding f{"conv1", &height, lnn::relation::at_most, 7, 5};
  static_assert(f.fact() == "kernel height 7");
  static_assert(f.bound() == "is above the limit of 5");
  CHECK(f.sentence("venus").view() ==
        "conv1: kernel height 7 is above the limit of 5 on venus; use kernel height 5");
  CHECK(f.sentence().view() == "conv1: kernel height 7 is above the limit of 5; use kernel height 5");
}

TEST_CASE("every relation makes a sentence") {
  using lnn::relation;
  CHECK(lnn::finding{"a", &bytes, relation::at_least, 3, 16}.sentence().view() ==
        "a: weights of 3 bytes is below the least of 16 bytes");
  CHECK(lnn::finding{"a", &height, relation::equal, 2, 1}.bound().view() == "must be 1");
  CHECK(lnn::finding{"a", &bytes, relation::never}.sentence("arcs").view() == "a: weights of on arcs");
  lnn::finding one{"a", &height, relation::one_of, 3};
  one.choices = {1, 2, 4};
  one.choice_count = 3;
  CHECK(one.sentence().view() == "a: kernel height 3 must be 1, 2 or 4; use kernel height 5");
  lnn::finding same{"cat", &height, relation::same_shape};
  same.left = {1, 2};
  same.right = {1, 3};
  CHECK(same.sentence().view() == "cat: kernel height 1x2 and 1x3 must agree; use kernel height 5");
}

TEST_CASE("sentences have a Chinese form; English stands in for what is not translated") {
  static constexpr lnn::rule kernel{"a.kernel", "kernel height", "", "use kernel height 5", "卷积核高度", "请用高度为 5 的卷积核"};
  const lnn::finding f{"conv1", &kernel, lnn::relation::at_most, 7, 5};
  CHECK(f.sentence("venus", lnn::language::zh).view() == "conv1：在 venus 上，卷积核高度 7 超过上限 5；请用高度为 5 的卷积核");
  CHECK(lnn::finding{"a", &bytes, lnn::relation::at_least, 3, 16}.sentence("", lnn::language::zh).view() ==
        "a：weights of 3 字节 低于下限 16 字节");
  lnn::finding one{"a", &kernel, lnn::relation::one_of, 3};
  one.choices = {1, 2, 4};
  one.choice_count = 3;
  CHECK(one.bound(lnn::language::zh).view() == "必须为 1、2 或 4");
  CHECK(lnn::spoken(f).view() == f.sentence("", lnn::spoken_language()).view());
}

}  // namespace test_rule
