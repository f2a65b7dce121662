// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/softmax.hpp"
#include "curve.hpp"
#include "lane.hpp"
#include "softmax512.hpp"

namespace lnn::simd {
namespace detail {

struct softmax_s8_loop {
  static constexpr int lanes = 16;
  /// list[d] is e^-d of d steps of the input below the greatest one, `room` has place for a row and a block more.
  LNN_INLINE static void run(std::size_t rows, std::size_t n, const std::int8_t* x, const std::int32_t* list, int shift, std::int32_t* room, std::int8_t* y) {
    std::fill_n(room + n, lanes, 0);
    for (; rows > 0; --rows, x += n, y += n) row(n, x, list, shift, room, y);
  }
  LNN_INLINE static void row(std::size_t n, const std::int8_t* x, const std::int32_t* list, int shift, std::int32_t* room, std::int8_t* y) {
    std::int8_t most = x[0];
    if (n >= lanes) {
      s8x16 all = memory<s8x16>(x).v;
      over_blocks<lanes>(n, [&](std::size_t i) __attribute__((always_inline)) {
        const s8x16 v = memory<s8x16>(x + i).v;
        all = all > v ? all : v;
      });
      for (int j = 0; j < lanes; ++j) most = all[j] > most ? all[j] : most;
    } else {
      for (std::size_t i = 1; i < n; ++i) most = x[i] > most ? x[i] : most;
    }
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += room[i] = list[most - x[i]];
    const std::uint64_t r = softmax_reciprocal(sum);
    const std::int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    for (std::size_t i = 0; i < n; i += lanes) {
      std::uint64_t v[lanes];
      std::int32_t w[lanes];
      std::int8_t out[lanes];
      for (int j = 0; j < lanes; ++j) v[j] = std::uint64_t{static_cast<std::uint32_t>(room[i + at(j)])} * static_cast<std::uint32_t>(r);
      for (int j = 0; j < lanes; ++j) v[j] = (v[j] + (std::uint64_t{1} << 37)) >> 38;  // none is negative
      for (int j = 0; j < lanes; ++j) w[j] = (static_cast<std::int32_t>(v[j]) + half) >> shift;
      for (int j = 0; j < lanes; ++j) w[j] = w[j] < 127 ? w[j] : 127;
      for (int j = 0; j < lanes; ++j) out[j] = static_cast<std::int8_t>(w[j]);
      store(out, std::min<std::size_t>(n - i, lanes), y + i);
    }
  }
};

struct exponentials_of_row;

}  // namespace detail

/// luna::softmax of rows of bytes, bit for bit: there are but 256 distances from a row's greatest element, and what e^x is
/// there is listed once.
class softmax_s8 {
 public:
  /// Inputs at exponent q and outputs of one byte at exponent q_o; VENUS rounds in real numbers.
  [[nodiscard]] static bool covers(curves unit, int q, int q_o) {
    return unit != curves::narrow && q >= 2 && q <= luna::softmax_input && q_o <= luna::softmax_output && q_o >= luna::softmax_output - 30;
  }
  void prepare(isa path, curves unit, int q, int q_o) {
    path_ = path, shift_ = luna::softmax_output - q_o;
    for (int d = 0; d < 256; ++d) list_[d] = luna::exponential(unit, saturate<std::int32_t>(-(std::int64_t{d} << (luna::softmax_input - q))));
  }
  /// rows x n elements, row by row.
  void run(std::size_t rows, std::size_t n, const std::int8_t* x, std::int8_t* y) const {
    if (n == 0) return;
    auto* room = detail::scratch<detail::exponentials_of_row, std::int32_t>(n + detail::softmax_s8_loop::lanes);
    const std::int32_t* list = list_;
#if LNN_X86
    if (path_ == isa::avx512) return detail::softmax512(rows, n, x, list, shift_, room, y);
    if (path_ == isa::avx2) return detail::run_at<isa::avx2, detail::softmax_s8_loop>(rows, n, x, list, shift_, room, y);
#endif
    detail::run_at<isa::portable, detail::softmax_s8_loop>(rows, n, x, list, shift_, room, y);
  }

 private:
  std::int32_t list_[256]{};
  isa path_ = isa::portable;
  int shift_ = 0;
};

}  // namespace lnn::simd
