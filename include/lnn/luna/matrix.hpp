// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../core/parallel.hpp"
#include "requantize.hpp"
#include "task.hpp"
#include "wide_sum.hpp"

namespace lnn::luna {

/// acc = sum of x * w over the taps, taps outside the image add nothing; then the requantizer (luna_ops.md 2.1).
/// int8 and int16 inputs.
template <class Pool>
void convolve(const convolution& c, const requantizer& to, Pool& workers) {
  const std::size_t out = c.window.out_size(), in = c.window.in_size(), taps = c.window.taps();
  workers.run(c.images * c.channels_out, [&](int piece) {
    const int image = piece / c.channels_out, o = piece % c.channels_out, deep = c.deep();
    std::vector<std::int64_t> acc(out);
    for (int k = 0; k < deep; ++k) {
      const auto plane = static_cast<std::size_t>(image * c.channels_in + o / c.wide() * deep + k) * in;
      const auto kernel = static_cast<std::size_t>(o * deep + k) * taps;
      with_element(c.x.type, [&](auto element) {
        const auto* x = c.x.as<const decltype(element)>() + plane;
        c.window.walk([&](std::size_t tap_index, const window2::run& r) {
          const std::int64_t w = c.weight.at(kernel + tap_index);
          for (std::size_t n = 0; n < r.n; ++n) acc[r.y + n] += x[r.x + n * r.step] * w;
        });
      });
    }
    to.row(static_cast<std::size_t>(piece) * out, acc.data(), out, c.bias ? c.bias[o] : 0);
  });
}

/// Products of 32-bit integers: exact sums in more than 64 bits, of which a shift above 31 drops the lowest 16 at once;
/// floor(x / 2^16) rounds as x does where more than 16 bits are shifted out.
template <class Pool>
void multiply_wide(const product& p, const requantizer& to, Pool& workers) {
  const auto in = static_cast<std::size_t>(p.in), out = static_cast<std::size_t>(p.out);
  const int drop = to.rule == accumulator::exact && to.shift > 31 ? 16 : 0;
  const bool bias_behind = to.rule == accumulator::clamp_before_bias;
  requantizer rest = to;
  rest.shift -= drop;
  workers.run(p.rows, [&](int row) {
    for (std::size_t o = 0; o < out; ++o) {
      wide_sum sum;
      for (std::size_t k = 0; k < in; ++k)
        sum.add(p.x.at(static_cast<std::size_t>(row) * in + k) * p.weight.at(o * in + k));
      const std::int64_t bias = p.bias ? p.bias[o] : 0;
      if (!bias_behind) sum.add(bias);
      const std::int64_t acc = sum.floor(drop);
      rest.row(static_cast<std::size_t>(row) * out + o, &acc, 1, bias_behind ? bias : 0);
    }
  });
}

/// luna_ops.md 3.4; any pair of integer types.
template <class Pool>
void multiply(const product& p, const requantizer& to, Pool& workers) {
  if (bits_of(p.x.type) + bits_of(p.weight.type) > 48) return multiply_wide(p, to, workers);
  const auto in = static_cast<std::size_t>(p.in), out = static_cast<std::size_t>(p.out);
  workers.run(p.rows, [&](int row) {
    for (std::size_t o = 0; o < out; ++o) {
      std::int64_t acc = 0;
      for (std::size_t k = 0; k < in; ++k)
        acc += p.x.at(static_cast<std::size_t>(row) * in + k) * p.weight.at(o * in + k);
      to.row(static_cast<std::size_t>(row) * out + o, &acc, 1, p.bias ? p.bias[o] : 0);
    }
  });
}

}  // namespace lnn::luna
