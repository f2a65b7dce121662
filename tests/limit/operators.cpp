// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

using namespace asked;
#include <set>
#include <string>

namespace test_operators {

using namespace lnn::limit;

TEST_CASE("operators: known, lacking on one chip, on all of them") {
  CHECK(known("Conv2dInt"));
  CHECK(known("Reshape"));
  CHECK(known("QGelu"));
  CHECK_FALSE(known("conv2d"));
  CHECK(layer("Clip", {data({8})}).breaks(unsupported));
  CHECK(layer("Resize", {data({8}, 0)}).clean(venus));
  CHECK(layer("Resize", {data({8}, 0)}).breaks(venusA, unsupported));
  CHECK(layer("Flatten", {data({8})}).clean());
  CHECK(layer("Reshape", {data({1, 1, 1, 1, 1, 1, 1, 8})}).breaks(tensor_rank));
}

TEST_CASE("operators: every rule has one id, both languages and, where it refuses, a change to make") {
  std::set<std::string> ids;
  std::set<const lnn::rule*> seen;
  for_each_rule([&](const lnn::rule& r) {
    if (!seen.insert(&r).second) return;
    CAPTURE(std::string(r.id));
    CHECK(ids.insert(std::string(r.id)).second);
    CHECK(r.id.find('.') != std::string_view::npos);
    CHECK_FALSE(r.says.empty());
    CHECK_FALSE(r.says_zh.empty());
    CHECK(r.remedy.empty() == r.remedy_zh.empty());
  });
  CHECK(ids.size() > 150);
}

namespace {
constexpr std::size_t refused_at_compile_time() {
  const operand x{.dims = {1, 8, 4, 4}};
  lnn::verdict found;
  check({.op = "Relu", .in = {&x, 1}}, lnn::venus, found);
  check({.op = "Clip", .in = {&x, 1}}, lnn::venus, found);
  return found.refused().size();
}
static_assert(refused_at_compile_time() == 1);
}  // namespace

}  // namespace test_operators
