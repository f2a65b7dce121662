// SPDX-License-Identifier: Apache-2.0
//
// An attention block for VENUSA: queries, keys and values by linear layers, softmax over their products, layer norms and a
// gelu, all of them the chip's integers in training.  It tells generated chirps apart.
#include "chirps.hpp"

namespace {

constexpr const lnn::chip& target = lnn::venusA;

constexpr auto network = lnn::describe([](auto& net) {
  auto x = net.input("spectra", {1, 1, chirps::steps, chirps::bands});
  x = net("frames", lnn::reshape{{0, chirps::steps, chirps::bands}}, x);
  x = net("embed", lnn::linear{.out = 16}, x);
  const auto query = net("query", lnn::linear{.out = 16}, x), value = net("value", lnn::linear{.out = 16}, x);
  const auto key = net("turned", lnn::transpose{{0, 2, 1}}, net("key", lnn::linear{.out = 16}, x));
  const auto share = net("share", lnn::softmax{}, net("likeness", lnn::bmm{}, query, key));
  x = net("norm1", lnn::layer_norm{}, net("sum1", lnn::add{}, net("mixed", lnn::bmm{}, share, value), x));
  const auto wide = net("gelu", lnn::gelu{}, net("wide", lnn::linear{.out = 32}, x));
  x = net("norm2", lnn::layer_norm{}, net("sum2", lnn::add{}, net("narrow", lnn::linear{.out = 16}, wide), x));
  net("classes", lnn::linear{.out = chirps::classes}, net("flat", lnn::flatten{}, x));
});

}  // namespace

int main() { return chirps::learn(network, target); }
