// SPDX-License-Identifier: Apache-2.0
//
// A chip that the library does not know: a profile is one constant, and every rule applies to it.
//
//   04_own_chip          prints what a network breaks on it, and the table of all limits
#include <cstdio>
#include <lnn/check/explain.hpp>
#include <lnn/check/runs_on.hpp>

namespace {

/// A smaller cousin of ARCS.  What is not said is as there.
constexpr lnn::chip cousin = [] {
  lnn::chip c = lnn::arcs;
  c.name = "cousin";
  c.id = 100;
  c.memory.psram = 1 << 20;
  c.memory.weight_buffer = 4096;
  c.conv.kernel = 3;
  return c;
}();

constexpr auto keywords = lnn::describe([](auto& net) {
  auto x = net.input({1, 1, 40, 32});
  x = net("conv1", lnn::conv2d{.out = 16, .kernel = {3, 3}, .stride = {2, 2}, .pad = 1}, x);
  x = net("act1", lnn::relu{}, x);
  x = net("conv2", lnn::conv2d{.out = 32, .kernel = {3, 3}, .stride = {2, 2}, .pad = 1}, x);
  x = net("act2", lnn::relu{}, x);
  x = net("mean", lnn::avg_pool2d::global(), x);
  net("words", lnn::linear{.out = 12}, net("flat", lnn::flatten{}, x));
});
static_assert(lnn::runs_on<keywords, cousin>);

constexpr auto large = lnn::describe([](auto& net) {
  auto x = net.input({1, 8, 8, 8});
  x = net("conv1", lnn::conv2d{.out = 16, .kernel = {5, 3}}, x);
  net("conv2", lnn::conv2d{.out = 2, .kernel = {3, 3}}, net("wide", lnn::conv2d{.out = 256, .kernel = {1, 1}}, x));
});
static_assert(lnn::fits<large, lnn::arcs> && !lnn::fits<large, cousin>);

}  // namespace

int main() {
  std::printf("%s\n", lnn::explain(keywords, cousin).c_str());
  const lnn::verdict found = lnn::check(large, cousin);
  for (const lnn::finding& f : found.refused())
    std::printf("%s\n", std::string(lnn::spoken(f, cousin.name).view()).c_str());
  return found.refused().size() == 2 ? 0 : 1;
}
