// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/matrix.hpp"
#include "depthwise_s8.hpp"
#include "gemm_s8.hpp"
#include "gradient.hpp"
#include "im2col.hpp"
#include "requantize.hpp"
#include "wide.hpp"

namespace lnn::simd {
namespace detail {

/// Products whose 32-bit sums cannot overflow: 2^14 * terms < 2^31.
constexpr bool fits32(std::size_t terms) { return terms < (std::size_t{1} << 17); }

/// Scratch of the integer products, by purpose.
struct columns_of_x;
struct sums_of_xw;

/// Finishes a row of sums with one bias, or one each, as luna::requantizer::row does, in vectors.  True when this form is
/// covered; `small` tells that no sum with its bias exceeds 32 bits, so that all chips agree.
template <class Bias>
bool finish(const luna::requantizer& to, std::size_t first, const std::int32_t* acc, std::size_t n, Bias bias, int exponent,
            bool small = false) {
  if ((to.rule != accumulator::clamp_with_bias && !small) || to.in_float || to.shift < 0 || to.slope != 0 || (to.watch && to.watch->exact)) return false;
  tap* watch = to.watch;
  const auto go = [&](auto element) {
    using T = decltype(element);
    accumulator_range seen;
    auto* y = to.out.as<T>() + first;
    std::uint8_t* pass = watch && watch->pass ? watch->pass + first : nullptr;
    requantize(best(), n, acc, bias, requantization::to<T>(to.shift, to.relu), y, pass, watch ? &seen : nullptr);
    if (pass)
      narrow_pass(best(), n, static_cast<const T*>(y), saturate<T>(watch->open.low), saturate<T>(watch->open.high), pass);
    if (watch && n > 0) {
      const float unit = power_of_two(-exponent);
      watch->extremes(static_cast<float>(seen.low) * unit, static_cast<float>(seen.high) * unit);
    }
  };
  switch (to.out.type) {
    case dtype::int8: go(std::int8_t{}); return true;
    case dtype::int16: go(std::int16_t{}); return true;
    case dtype::int32: go(std::int32_t{}); return true;
    default: return false;
  }
}

}  // namespace detail

/// luna::convolve with integers of 8, 16 and 32 bits, several times faster and equal to it bit for bit; sums that may not fit
/// go to luna::convolve itself.
template <class Pool>
void convolve(const luna::convolution& c, const luna::requantizer& to, Pool& workers) {
  const std::size_t out = c.window.out_size(), in = c.window.in_size(), taps = c.window.taps();
  const auto deep = static_cast<std::size_t>(c.deep()), wide = static_cast<std::size_t>(c.wide());
  const bool bytes = c.x.type == dtype::int8 && bits_of(c.weight.type) <= 8;
  if (!bytes && detail::fits_parts(c.x.type, c.weight.type, deep * taps)) return detail::convolve_parts(c, to, workers);
  if (!bytes || !detail::fits32(deep * taps)) return luna::convolve(c, to, workers);
  const isa path = best();
  const auto* weight = c.weight.as<const std::int8_t>();
  const int exponent = c.x.exponent + c.weight.exponent;
  const bool by_plane = deep == 1 && wide == 1;
  workers.run(c.images, [&](int image) {
    const auto* x = c.x.as<const std::int8_t>() + static_cast<std::size_t>(image * c.channels_in) * in;
    auto* acc = detail::scratch<detail::sums_of_xw, std::int32_t>(wide * out);
    thread_local packed_s8 panels;
    for (std::size_t g = 0; g < static_cast<std::size_t>(c.groups); ++g) {
      if (by_plane) {
        depthwise_s8(path, c.window, x + g * in, weight + g * taps, acc);
      } else {
        const std::int8_t* columns = x + g * deep * in;
        if (!c.window.pointwise()) {
          auto* room = detail::scratch<detail::columns_of_x, std::int8_t>(deep * taps * out);
          im2col(c.window, c.deep(), columns, room);
          columns = room;
        }
        const int k = static_cast<int>(deep * taps), n = static_cast<int>(out);
        panels.pack(path, k, n, columns, n);
        gemm_s8(path, c.wide(), n, k, weight + g * wide * deep * taps, k, panels, acc, n);
      }
      for (std::size_t o = 0; o < wide; ++o) {
        const std::size_t channel = g * wide + o, first = (static_cast<std::size_t>(image * c.channels_out) + channel) * out;
        const std::int32_t bias = c.bias ? c.bias[channel] : 0;
        if (!detail::finish(to, first, acc + o * out, out, bias, exponent)) to.row(first, acc + o * out, out, bias);
      }
    }
  });
}

namespace detail {

/// Finishes outputs [first, last) of one row of a product.  A template so that nothing is compiled before it is called.
template <class Product>
void finish_row(const Product& p, const luna::requantizer& to, std::size_t row, std::size_t first, std::size_t last,
                       const std::int32_t* acc, bool small) {
  const std::size_t place = row * static_cast<std::size_t>(p.out) + first, n = last - first;
  const std::int32_t* bias = p.bias ? p.bias + first : nullptr;
  if (finish(to, place, acc, n, bias, to.out.exponent + to.shift, small)) return;
  for (std::size_t i = 0; i < n; ++i) to.row(place + i, acc + i, 1, bias ? bias[i] : 0);
}

/// True when no sum of the product can leave 32 bits, before or after its bias.
inline bool stays_small(const luna::product& p) {
  const std::int64_t room = std::numeric_limits<std::int32_t>::max() - (std::int64_t{p.in} << 14);
  for (int o = 0; p.bias && o < p.out; ++o)
    if (p.bias[o] > room || p.bias[o] < -room) return false;
  return room >= 0;
}

struct turned_sums;

/// The product for few rows, as those of one time step or of one sample: the weight is the left factor, so that x is
/// packed and not the weight.
template <class Pool>
void multiply_few(isa path, const luna::product& p, const luna::requantizer& to, Pool& workers) {
  const auto in = static_cast<std::size_t>(p.in), out = static_cast<std::size_t>(p.out), rows = static_cast<std::size_t>(p.rows);
  const bool small = stays_small(p);
  thread_local packed_s8 panels;
  panels.pack_transposed(path, p.in, p.rows, p.x.as<const std::int8_t>(), p.in);
  const packed_s8& shared = panels;
  workers.ranges(out, in * out < 65536 ? 1 : 8, [&](int, std::size_t first, std::size_t last) {
    if (first == last) return;
    const std::size_t n = last - first;
    auto* acc = scratch<sums_of_xw, std::int32_t>(n * rows);
    auto* row = scratch<turned_sums, std::int32_t>(n);
    gemm_s8(path, static_cast<int>(n), p.rows, p.in, p.weight.as<const std::int8_t>() + first * in, p.in, shared, acc, p.rows);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t o = 0; o < n; ++o) row[o] = acc[o * rows + r];
      finish_row(p, to, r, first, last, row, small);
    }
  });
}

}  // namespace detail

/// luna::multiply, likewise; products of two 32-bit integers go to luna::multiply itself.
template <class Pool>
void multiply(const luna::product& p, const luna::requantizer& to, Pool& workers) {
  const auto in = static_cast<std::size_t>(p.in), out = static_cast<std::size_t>(p.out);
  const bool bytes = p.x.type == dtype::int8 && bits_of(p.weight.type) <= 8;
  if (!bytes && detail::fits_parts(p.x.type, p.weight.type, in)) return detail::multiply_parts(p, to, workers);
  if (!bytes || !detail::fits32(in)) return luna::multiply(p, to, workers);
  const isa path = best();
  if (p.rows < 8) return detail::multiply_few(path, p, to, workers);
  const bool small = detail::stays_small(p);
  thread_local packed_s8 panels;
  panels.pack_transposed(path, p.in, p.out, p.weight.as<const std::int8_t>(), p.in);
  const packed_s8& shared = panels;
  workers.ranges(static_cast<std::size_t>(p.rows), 8, [&](int, std::size_t first, std::size_t last) {
    if (first == last) return;
    auto* acc = detail::scratch<detail::sums_of_xw, std::int32_t>((last - first) * out);
    gemm_s8(path, static_cast<int>(last - first), p.out, p.in, p.x.as<const std::int8_t>() + first * in, p.in, shared, acc,
            p.out);
    for (std::size_t r = first; r < last; ++r) detail::finish_row(p, to, r, 0, out, acc + (r - first) * out, small);
  });
}

}  // namespace lnn::simd
