// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/graph/describe.hpp>
#include <lnn/graph/intern.hpp>
#include <string>
#include <string_view>

/// The networks that libraries of this kind are compared on, for one sample each.
namespace nets {

using graph = lnn::graph<>;
using wire = graph::wire;

inline std::string_view named(std::string_view layer, int i) { return lnn::intern(std::string(layer) + std::to_string(i)); }

inline graph mlp() {
  graph n;
  auto x = n("relu", lnn::relu{}, n("hidden", lnn::linear{.out = 256}, n.input("image", {1, 784})));
  n("classes", lnn::linear{.out = 10}, x);
  n.finish();
  return n;
}

inline graph lenet() {
  graph n;
  auto x = n.input("image", {1, 1, 28, 28});
  for (const int i : {1, 2}) {
    x = n(named("relu", i), lnn::relu{}, n(named("conv", i), lnn::conv2d{.out = 32 * i, .pad = 1}, x));
    x = n(named("pool", i), lnn::max_pool2d{}, x);
  }
  x = n("relu3", lnn::relu{}, n("hidden", lnn::linear{.out = 128}, n("flat", lnn::flatten{}, x)));
  n("classes", lnn::linear{.out = 10}, x);
  n.finish();
  return n;
}

/// Convolution, normalization, relu.
inline wire block(graph& n, int i, const lnn::conv2d& conv, wire x, bool relu = true) {
  x = n(named("norm", i), lnn::batch_norm{}, n(named("conv", i), conv, x));
  return relu ? n(named("relu", i), lnn::relu{}, x) : x;
}

/// Separable convolutions for key words: 49 frames of 10 features.
inline graph ds_cnn() {
  graph n;
  int i = 0;
  auto x = block(n, i++, {.out = 64, .kernel = {10, 4}, .stride = {2, 2}, .pad = {4, 1, 5, 1}, .bias = false}, n.input("features", {1, 1, 49, 10}));
  for (int k = 0; k < 4; ++k) {
    x = block(n, i++, {.out = 64, .pad = 1, .group = 64, .bias = false}, x);
    x = block(n, i++, {.out = 64, .kernel = {1, 1}, .bias = false}, x);
  }
  x = n("flat", lnn::flatten{}, n("mean", lnn::avg_pool2d::global(), x));
  n("classes", lnn::linear{.out = 12}, x);
  n.finish();
  return n;
}

/// Residual networks for images of 32x32: `depth` blocks in each stage, twice the channels in the next.
inline graph resnet(int channels, int stages, int depth) {
  graph n;
  int i = 0;
  auto x = block(n, i++, {.out = channels, .pad = 1, .bias = false}, n.input("image", {1, 3, 32, 32}));
  for (int s = 0; s < stages; ++s, channels *= 2)
    for (int d = 0; d < depth; ++d) {
      const int stride = s > 0 && d == 0 ? 2 : 1;
      auto y = block(n, i++, {.out = channels, .stride = {stride, stride}, .pad = 1, .bias = false}, x);
      y = block(n, i++, {.out = channels, .pad = 1, .bias = false}, y, false);
      if (stride > 1) x = block(n, i++, {.out = channels, .kernel = {1, 1}, .stride = {2, 2}, .bias = false}, x, false);
      x = n(named("out", i), lnn::relu{}, n(named("sum", i), lnn::add{}, y, x));
    }
  x = n("flat", lnn::flatten{}, n("mean", lnn::avg_pool2d::global(), x));
  n("classes", lnn::linear{.out = 10}, x);
  n.finish();
  return n;
}

/// 49 frames of 10 features, and the state behind the last one.
inline graph lstm() {
  graph n;
  auto x = n("lstm", lnn::lstm{.hidden = 128, .batch_first = true}, n.input("features", {1, 49, 10}));
  x = n("last", lnn::slice{.starts = {48}, .ends = {49}, .axes = {1}}, x);
  n("classes", lnn::linear{.out = 12}, n("flat", lnn::flatten{}, x));
  n.finish();
  return n;
}

struct network {
  const char* name;
  graph (*make)();
};
inline constexpr network all[] = {{"MLP", mlp},
                                  {"LeNet", lenet},
                                  {"DS-CNN", ds_cnn},
                                  {"LSTM", lstm},
                                  {"ResNet20", [] { return resnet(16, 3, 3); }},
                                  {"ResNet18", [] { return resnet(64, 4, 2); }}};

}  // namespace nets
