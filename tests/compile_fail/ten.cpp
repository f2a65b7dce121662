// SPDX-License-Identifier: Apache-2.0
// Ten broken rules in five layers: ten errors.  Then a network that runs and fits, so that nothing of it is said.
#include <lnn/check/runs_on.hpp>

namespace {

constexpr auto ten = lnn::describe([](auto& net) {
  auto x = net.input({1, 3, 64, 64});
  x = net("conv1", lnn::conv2d{.out = 8, .kernel = {7, 6}, .stride = {3, 3}}, x);
  x = net("encoder/stage2/block1/depthwise_convolution", lnn::conv2d{.out = 8, .stride = {3, 1}, .pad = {4, 0}, .group = 8}, x);
  x = net("conv3", lnn::conv2d{.out = 8, .kernel = {1, 1}, .stride = {2, 1}}, x);
  auto y = net("pool", lnn::max_pool2d{.kernel = {2, 2}, .stride = {4, 1}}, x);
  net.output(net("sum", lnn::add{}, y, x));
  net("lost", lnn::relu{}, x);
  net.output(y);
});
static_assert(lnn::runs_on<ten, lnn::venus>);
static_assert(!lnn::fits<ten, lnn::venus>);

constexpr auto legal = lnn::describe([](auto& net) { net("act", lnn::relu{}, net.input({1, 8})); });
static_assert(lnn::runs_on<legal, lnn::venus> && lnn::fits<legal, lnn::arcs>);

}  // namespace
