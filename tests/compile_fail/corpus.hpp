// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/check/runs_on.hpp>

/// Helpers for the lines of networks.def.
namespace corpus {

using namespace lnn;  // NOLINT: the table reads as users write

template <class Net, class Op>
constexpr void one(Net& n, std::string_view me, const shape& in, const Op& op) {
  n(me, op, n.input(in));
}
template <class Net, class Op>
constexpr void two(Net& n, std::string_view me, const shape& a, const shape& b, const Op& op) {
  auto left = n.input("left", a);
  n(me, op, left, n.input("right", b));
}
/// A concat of many.
template <class Net>
constexpr void wide(Net& n, std::string_view me, int inputs) {
  auto x = n.input({1, 8, 4, 4});
  node<typename Net::ops> join{.name = me, .op = typename Net::ops::any(concat{})};
  for (int i = 0; i < inputs; ++i) join.inputs.push_back(x.edge);
  n.add(join);
}
/// As many linear layers without bias, of 131072 weights each.
template <class Net>
constexpr void chain(Net& n, std::string_view me, int layers) {
  constexpr std::string_view names = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                     "4041424344454647484950515253545556575859606162636465666768697071727374757677787980";
  auto x = n.input({1, 256});
  for (int i = 0; i < layers; ++i)
    x = n(i == 0 ? me : names.substr(2 * static_cast<std::size_t>(i), 2), linear{.out = i % 2 ? 256 : 512, .bias = false}, x);
}
template <class Net>
constexpr void residual(Net& n, std::string_view me) {
  auto x = n.input({1, 16, 16, 16});
  auto y = n("conv", conv2d{.out = 16, .pad = 1}, x);
  n("act", relu{}, n(me, add{}, n("norm", batch_norm{}, y), x));
}
template <class Net>
constexpr void classifier(Net& n, std::string_view me) {
  auto x = n.input({1, 3, 32, 32});
  x = n(me, conv2d{.out = 16, .kernel = {5, 5}, .stride = {2, 2}, .pad = 2}, x);
  x = n("norm1", batch_norm{}, x);
  x = n("act1", relu{}, x);
  x = n("depthwise", conv2d{.out = 16, .pad = 1, .group = 16}, x);
  x = n("pool", max_pool2d{}, x);
  x = n("mean", avg_pool2d::global(), x);
  n("classes", linear{.out = 10}, n("flat", flatten{}, x));
}

}  // namespace corpus
