// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "../core/algorithm.hpp"
#include "../luna/requantize.hpp"
#include "../luna/task.hpp"
#include "gemm_s8.hpp"
#include "im2col.hpp"

/// Products of 16 and 32-bit integers, made of products of their bytes: exact sums in 64 bits with the kernels of 8 bits.
namespace lnn::simd::detail {

struct bytes_of_x;
struct parts_of_a;
struct parts_of_b;
struct sums_of_parts;
struct wide_sums;

[[nodiscard]] constexpr int stored_bytes(dtype t) { return std::max(bits_of(t) / 8, 1); }  // four bits lie one in a byte

/// True when sums of so many products are exact in parts: those of two bytes in 32 bits, those of the whole in 64.
[[nodiscard]] constexpr bool fits_parts(dtype x, dtype weight, std::size_t terms) {
  return std::max(x, weight) <= dtype::int32 && bits_of(x) + bits_of(weight) <= 48 && terms < (std::size_t{1} << 16);
}

/// Integers as bytes with a sign: v = 256^(n-1) * part[n-1] + ... + part[0] + offset, where the highest part is the highest
/// byte and the others are bytes less 128.
[[nodiscard]] constexpr std::uint64_t part_offset(int bytes) { return bytes == 4 ? 0x808080 : bytes == 2 ? 0x80 : 0; }
[[nodiscard]] constexpr std::uint8_t part_flip(int bytes, int part) { return part + 1 < bytes ? 0x80 : 0; }

/// One byte of each of n integers, the lowest of which is byte 0, with some bits turned.
inline void take_byte(const void* v, int bytes, int part, std::size_t n, std::uint8_t flip, std::int8_t* to) {
  const auto* from = static_cast<const std::uint8_t*>(v) + part;
  for (std::size_t i = 0; i < n; ++i) to[i] = static_cast<std::int8_t>(from[i * at(bytes)] ^ flip);
}

/// A factor in parts, one matrix behind the other.
struct parts {
  const std::int8_t* first;
  std::size_t each;
  int bytes;
  [[nodiscard]] const std::int8_t* operator[](int part) const { return first + at(part) * each; }
};

/// C = A * B from the parts of both, exactly while it fits 64 bits: A is m x k; of A's parts row m is all ones in part 0 and
/// zeros elsewhere, and sums up B.  B is k x n, or lies turned.  C has a row more than A.
inline const std::int64_t* product_of_parts(isa path, int m, int n, int k, const parts& a, const parts& b, bool turned) {
  const std::size_t size = at(m + 1) * at(n);
  auto* c = scratch<wide_sums, std::uint64_t>(size);
  auto* sums = scratch<sums_of_parts, std::int32_t>(size);
  std::fill_n(c, size, 0);
  thread_local packed_s8 panels;
  for (int q = 0; q < b.bytes; ++q) {
    turned ? panels.pack_transposed(path, k, n, b[q], k) : panels.pack(path, k, n, b[q], n);
    for (int p = 0; p < a.bytes; ++p) {
      gemm_s8(path, m + 1, n, k, a[p], k, panels, sums, n);
      for (std::size_t i = 0; i < size; ++i) c[i] += static_cast<std::uint64_t>(std::int64_t{sums[i]}) << 8 * (p + q);
    }
  }
  const std::uint64_t offset_a = part_offset(a.bytes), offset_b = part_offset(b.bytes);
  const std::uint64_t* of_b = c + at(m) * at(n);
  for (int i = 0; i < m; ++i) {
    std::uint64_t of_a = at(k) * offset_a;
    for (int p = 0; p < a.bytes; ++p)
      for (int j = 0; j < k; ++j) of_a += static_cast<std::uint64_t>(std::int64_t{a[p][at(i) * at(k) + at(j)]}) << 8 * p;
    for (int j = 0; j < n; ++j) c[at(i) * at(n) + at(j)] += offset_a * of_b[j] + offset_b * of_a;
  }
  return reinterpret_cast<const std::int64_t*>(c);
}

/// The parts of m rows, and the row of ones behind them.
inline parts left_factor(const void* v, int bytes, int m, int k) {
  const std::size_t rows = at(m) * at(k), each = rows + at(k);
  auto* to = scratch<parts_of_a, std::int8_t>(each * at(bytes));
  for (int p = 0; p < bytes; ++p) {
    take_byte(v, bytes, p, rows, part_flip(bytes, p), to + at(p) * each);
    std::fill_n(to + at(p) * each + rows, k, p == 0 ? std::int8_t{1} : std::int8_t{0});
  }
  return {to, each, bytes};
}

/// luna::convolve for integers that fits_parts() admits.
template <class Pool>
void convolve_parts(const luna::convolution& c, const luna::requantizer& to, Pool& workers) {
  const std::size_t in = c.window.in_size(), out = c.window.out_size(), deep = at(c.deep()), wide = at(c.wide());
  const std::size_t k = deep * c.window.taps(), each = k * out;
  const int bytes = stored_bytes(c.x.type), bytes_w = stored_bytes(c.weight.type), terms = static_cast<int>(k);
  workers.run(c.images, [&](int image) {
    for (std::size_t g = 0; g < at(c.groups); ++g) {
      const auto* x = c.x.as<const std::uint8_t>() + (at(image) * at(c.channels_in) + g * deep) * in * at(bytes);
      auto* columns = scratch<parts_of_b, std::int8_t>(each * at(bytes));
      auto* plane = scratch<bytes_of_x, std::int8_t>(deep * in);
      for (int p = 0; p < bytes; ++p) {
        auto* part = columns + at(p) * each;
        take_byte(x, bytes, p, deep * in, 0, plane);
        im2col(c.window, c.deep(), static_cast<const std::int8_t*>(plane), part);
        take_byte(part, 1, 0, each, part_flip(bytes, p), part);  // after padding, which is of zeros
      }
      const parts a = left_factor(c.weight.as<const std::uint8_t>() + g * wide * k * at(bytes_w), bytes_w, c.wide(), terms);
      const auto* sums = product_of_parts(best(), c.wide(), static_cast<int>(out), terms, a, {columns, each, bytes}, false);
      for (std::size_t o = 0; o < wide; ++o) {
        const std::size_t channel = g * wide + o;
        to.row((at(image) * at(c.channels_out) + channel) * out, sums + o * out, out, c.bias ? c.bias[channel] : 0);
      }
    }
  });
}

/// luna::multiply for integers that fits_parts() admits.
template <class Pool>
void multiply_parts(const luna::product& p, const luna::requantizer& to, Pool& workers) {
  const std::size_t in = at(p.in), out = at(p.out);
  const int bytes = stored_bytes(p.weight.type);
  workers.ranges(out, in * out < 65536 ? 1 : 8, [&](int, std::size_t first, std::size_t last) {
    if (first == last) return;
    const std::size_t n = last - first, each = n * in;
    const auto* weight = p.weight.as<const std::uint8_t>() + first * in * at(bytes);
    auto* b = scratch<parts_of_b, std::int8_t>(each * at(bytes));
    for (int q = 0; q < bytes; ++q) take_byte(weight, bytes, q, each, part_flip(bytes, q), b + at(q) * each);
    const parts a = left_factor(p.x.data, stored_bytes(p.x.type), p.rows, p.in);
    const auto* sums = product_of_parts(best(), p.rows, static_cast<int>(n), p.in, a, {b, each, bytes}, true);
    for (std::size_t r = 0; r < at(p.rows); ++r)
      for (std::size_t o = 0; o < n; ++o) to.row(r * out + first + o, sums + r * n + o, 1, p.bias ? p.bias[first + o] : 0);
  });
}

}  // namespace lnn::simd::detail
