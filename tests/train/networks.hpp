// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/core/random.hpp>

#include "rig.hpp"

namespace rig {

/// Small networks of every operator in random order: residual adds, concats, squeeze-and-excite products, depthwise and
/// grouped convolutions, batch norms that fold and that stand alone, poolings, clips, curves, recurrent layers, quant and
/// dequant nodes.
class maker {
 public:
  explicit maker(std::uint64_t seed, bool batch_norm_alone = true, bool recurrent = true)
      : draw_(seed, 5), alone_(batch_norm_alone), recurrent_(recurrent) {}

  network operator()() {
    network n;
    const bool nodes = one_in(3);
    wire x = n.input({1, pick(1, 3), pick(6, 9), pick(6, 9)});
    if (nodes) x = n(next("quant"), lnn::quant{}, x);
    x = convolution(n, x, pick(2, 6), true);
    const int blocks = pick(2, 5);
    for (int i = 0; i < blocks; ++i) x = block(n, x);
    if (one_in(2)) x = curve(n, x);
    if (recurrent_ && one_in(3)) x = one_in(2) ? memory<lnn::gru>(n, x) : memory<lnn::lstm>(n, x);
    if (one_in(2)) x = n(next("mean"), lnn::avg_pool2d::global(), x);
    x = n(next("flat"), lnn::flatten{}, x);
    if (one_in(2)) {
      x = n(next("hidden"), lnn::linear{.out = 8, .bias = one_in(2)}, x);
      if (one_in(2)) x = n(next("norm"), lnn::batch_norm{}, x);
      if (one_in(2)) x = n(next("relu"), lnn::relu{}, x);
    }
    x = n(next("head"), lnn::linear{.out = 4}, x);
    if (one_in(4)) x = n(next("cut"), lnn::clip{-3, 3}, x);      // the result may keep its input's grid
    if (one_in(4)) x = n(next("shape"), lnn::reshape{{0, -1}}, x);
    if (nodes) x = n(next("real"), lnn::dequant{}, x);
    n.finish();
    return n;
  }
  int pick(int least, int most) { return least + static_cast<int>(draw_.below(static_cast<std::uint32_t>(most - least + 1))); }
  bool one_in(int n) { return draw_.below(static_cast<std::uint32_t>(n)) == 0; }

 private:
  /// Names live as long as the program does.
  std::string_view next(const std::string& what) {
    static std::deque<std::string> names;
    return names.emplace_back(what + std::to_string(++count_));
  }
  wire convolution(network& n, wire x, int out, bool same) {
    const shape d = n.dims(x);
    lnn::conv2d op{.out = out, .kernel = {pick(0, 1) * 2 + 1, pick(0, 1) * 2 + 1}, .bias = one_in(2)};
    op.pad = {op.kernel.h / 2, op.kernel.w / 2, op.kernel.h / 2, op.kernel.w / 2};
    if (!same && d[2] > 4 && d[3] > 4) op.stride = {pick(1, 2), pick(1, 2)};
    if (!same && one_in(3) && d[2] > 5 && d[3] > 5) op.pad = {pick(0, 1), pick(0, 1), pick(0, 1), pick(0, 1)};
    if (one_in(3) && d[1] > 1) op.group = op.out = d[1];  // depthwise
    else if (one_in(3) && d[1] % 2 == 0 && out % 2 == 0) op.group = 2;
    if (op.out != out && same) op = {.out = out, .kernel = {1, 1}, .bias = op.bias};
    x = n(next("conv"), op, x);
    if (one_in(2)) x = n(next("norm"), lnn::batch_norm{}, x);
    if (one_in(2)) x = n(next("relu"), lnn::relu{}, x);
    return x;
  }
  /// Curves whose grid is prescribed or the input's.  glu, gelu and log_softmax learn the range of what the chip's tables
  /// give, which is not quite that of the real functions that tests of training compare with.
  wire curve(network& n, wire x) {
    switch (pick(0, 3)) {
      case 0: return n(next("gated"), lnn::mul{}, x, n(next("gate"), lnn::sigmoid{}, x));
      case 1: return n(next("bent"), lnn::tanh{}, x);
      case 2: return n(next("share"), lnn::softmax{one_in(2) ? 1 : -1}, x);
      default: return n(next("leak"), lnn::prelu{pick(1, 3)}, x);
    }
  }
  /// Channels become time.
  template <class Layer>
  wire memory(network& n, wire x) {
    const shape d = n.dims(x);
    Layer op{.hidden = pick(1, 4), .bias = one_in(2), .bidirectional = one_in(2), .final_state = one_in(2)};
    if (!op.bidirectional) op.go_forward = one_in(2);
    x = n(next("frames"), lnn::reshape{{0, d[1], d[2] * d[3]}}, x);
    const wire y = n(next("memory"), op, x);
    if (op.final_state) return n(next("last"), lnn::reshape{{0, -1, 1, 1}}, y[1]);
    return n(next("image"), lnn::reshape{{0, d[1], 1, -1}}, y[0]);
  }
  wire block(network& n, wire x) {
    const shape d = n.dims(x);
    switch (pick(0, 10)) {
      case 0: return convolution(n, x, pick(1, 6), false);
      case 1: {
        const wire y = n(next("sum"), lnn::add{}, convolution(n, x, d[1], true), x);
        return one_in(2) ? n(next("relu"), lnn::relu{}, y) : y;
      }
      case 2: {
        const wire a = convolution(n, x, pick(1, 3), true);
        const wire b = convolution(n, x, pick(1, 3), true);
        return n(next("join"), lnn::concat{.axis = one_in(2) ? 1 : -3}, x, a, b);
      }
      case 3: {
        wire s = n(next("squeeze"), lnn::avg_pool2d::global(), x);
        s = n(next("excite"), lnn::conv2d{.out = d[1], .kernel = {1, 1}}, s);
        s = n(next("gate"), lnn::clip{0, 1}, s);
        return n(next("scaled"), lnn::mul{}, x, s);
      }
      case 4: return alone_ ? n(next("alone"), lnn::batch_norm{}, n(next("relu"), lnn::relu{}, x)) : x;
      case 5: return n(next("six"), lnn::clip{one_in(2) ? 0.0F : -1.5F, one_in(2) ? 6.0F : 0.75F}, x);
      case 6: return d[2] > 4 && d[3] > 4 ? n(next("max"), lnn::max_pool2d{.kernel = {3, 2}, .stride = {2, 2}, .pad = {1, 0, 0, 1}}, x) : x;
      case 7: return d[2] > 4 && d[3] > 4 ? n(next("avg"), lnn::avg_pool2d{.kernel = {2, 3}, .stride = {2, 1}}, x) : x;
      case 8: {  // rows one behind the other are a line
        wire y = n(next("line"), lnn::reshape{{0, 0, -1}}, x);
        const int group = one_in(2) ? d[1] : 1;
        y = n(next("conv"), lnn::conv1d{.out = d[1], .pad = 1, .group = group, .bias = one_in(2)}, y);
        if (one_in(2)) y = n(next("norm"), lnn::batch_norm{}, y);
        if (one_in(2)) y = n(next("relu"), lnn::relu{}, y);
        if (one_in(2)) y = n(next("max"), lnn::max_pool1d{.kernel = 3, .stride = 1, .pad = 1}, y);
        const lnn::avg_pool1d mean{.kernel = 3, .stride = 1, .pad = 1, .count_include_pad = one_in(2)};
        if (one_in(2)) y = n(next("avg"), mean, y);
        return n(next("image"), lnn::reshape{{0, 0, d[2], d[3]}}, y);
      }
      case 9: {
        const lnn::conv_transpose2d op{.out = pick(1, 3), .kernel = {3, 2}, .pad = {1, 0, 1, 0}, .bias = one_in(2)};
        wire y = n(next("grown"), op, x);
        if (one_in(2)) y = n(next("relu"), lnn::relu{}, y);
        return n(next("max"), lnn::max_pool2d{}, y);
      }
      default: {
        const wire y = convolution(n, x, d[1], true);
        return n(next("product"), lnn::mul{}, y, x);
      }
    }
  }

  lnn::random draw_;
  bool alone_, recurrent_;
  int count_ = 0;
};

}  // namespace rig
