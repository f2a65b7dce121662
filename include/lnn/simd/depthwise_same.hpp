// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <type_traits>

#include "../core/planes.hpp"
#include "../core/window.hpp"
#include "isa.hpp"
#include "lane.hpp"

#if LNN_X86

namespace lnn::simd::detail {

/// The taps of a convolution whose output has the size of its input (stride 1, padding "same").  Seen as one long row, output
/// j meets under tap t the element j + offset(t), and a mask for every sixteen outputs tells which of them meet one in the
/// image, in the row that is meant: a depthwise convolution needs no padded copy, and masked memory is not touched.
class same_taps {
 public:
  [[nodiscard]] static bool fit(const window2& w) { return w.in == w.out && w.settled().stride == extent2{1, 1}; }

  /// `back` looks from the input at the outputs that it has met.
  explicit same_taps(const window2& w, bool back = false)
      : taps_(static_cast<int>(w.taps())),
        size_(w.in.h * w.in.w),
        offsets_(scratch<same_taps, std::ptrdiff_t>(w.taps())),
        masks_(scratch<same_taps, std::uint16_t>(at(vectors() + 3) * w.taps())) {
    std::fill_n(masks_, at(vectors() + 3) * w.taps(), std::uint16_t{});
    const int sign = back ? -1 : 1;
    for (int p = 0, t = 0; p < w.kernel.h; ++p)
      for (int q = 0; q < w.kernel.w; ++q, ++t) {
        const int down = sign * (p * w.dilation.h - w.pad.top), right = sign * (q * w.dilation.w - w.pad.left);
        offsets_[t] = std::ptrdiff_t{down} * w.in.w + right;
        for (int i = std::max(0, -down); i < std::min(w.in.h, w.in.h - down); ++i)
          open(t, i * w.in.w + std::max(0, -right), i * w.in.w + std::min(w.in.w, w.in.w - right));
      }
  }

  [[nodiscard]] int taps() const { return taps_; }
  [[nodiscard]] std::ptrdiff_t plane() const { return size_; }
  [[nodiscard]] int vectors() const { return (size_ + 15) / 16; }
  [[nodiscard]] std::ptrdiff_t offset(int t) const { return offsets_[t]; }
  /// One mask per tap for the outputs from 16 * v on; none is open in up to three vectors behind the last one.
  [[nodiscard]] const std::uint16_t* masks(int v) const { return masks_ + std::ptrdiff_t{v} * taps_; }
  /// Those of them that there are.
  [[nodiscard]] std::uint16_t outputs(int v) const { return static_cast<std::uint16_t>((1U << std::clamp(size_ - 16 * v, 0, 16)) - 1); }

 private:
  /// Outputs [first, last) meet something under tap t.
  void open(int t, int first, int last) {
    for (int v = first / 16; 16 * v < last; ++v) {
      const unsigned below_last = (1U << std::min(16, last - 16 * v)) - 1, below_first = (1U << std::max(0, first - 16 * v)) - 1;
      std::uint16_t& mask = masks_[std::ptrdiff_t{v} * taps_ + t];
      mask = static_cast<std::uint16_t>(mask | (below_last & ~below_first));
    }
  }

  int taps_, size_;
  std::ptrdiff_t* offsets_;
  std::uint16_t* masks_;
};

/// sum += weight * the elements of `x` that `mask` opens.
LNN_AVX512 LNN_INLINE void add_masked(f32x16& sum, const f32x16& weight, const float* x, std::uint16_t mask) {
  asm("vfmadd231ps %2, %1, %0%{%3%}" : "+v"(sum) : "v"(weight), "m"(memory<f32x16>(x)), "Yk"(mask));
}

/// One channel in `Images` images, `Vectors` of each at a time: y (+)= start + sum over taps of w * x.
template <int Images, int Vectors>
LNN_AVX512 inline void sum_same512(const same_taps& taps, const image_stack& stack, const float* x, const float* w, float start, bool add,
                                   float* y) {
  for (int v = 0; v < taps.vectors(); v += Vectors, x += 16 * Vectors, y += 16 * Vectors) {
    const std::uint16_t* const masks = taps.masks(v);
    f32x16 acc[at(Images)][at(Vectors)];
#pragma GCC unroll 4
    for (int k = 0; k < Images; ++k)
#pragma GCC unroll 4
      for (int u = 0; u < Vectors; ++u) {
        acc[k][u] = start - f32x16{};
        if (add) asm("vmovups %1, %0%{%2%}" : "+v"(acc[k][u]) : "m"(memory<f32x16>(y + k * stack.out_step + 16 * u)), "Yk"(taps.outputs(v + u)));
      }
    for (int t = 0; t < taps.taps(); ++t) {
      const f32x16 weight = w[t] - f32x16{};
      const float* const from = x + taps.offset(t);
#pragma GCC unroll 4
      for (int k = 0; k < Images; ++k)
#pragma GCC unroll 4
        for (int u = 0; u < Vectors; ++u) add_masked(acc[k][u], weight, from + k * stack.in_step + 16 * u, masks[u * taps.taps() + t]);
    }
#pragma GCC unroll 4
    for (int k = 0; k < Images; ++k)
#pragma GCC unroll 4
      for (int u = 0; u < Vectors; ++u)
        asm volatile("vmovups %1, %0%{%2%}" : "+m"(memory<f32x16>(y + k * stack.out_step + 16 * u)) : "v"(acc[k][u]), "Yk"(taps.outputs(v + u)));
  }
}

/// One channel in all images, for Taps taps from the given one on: gw += sum over outputs of gy * x.
template <int Taps>
LNN_AVX512 inline void dot_same512(const same_taps& taps, int first, const image_stack& stack, const float* x, const float* gy, float* gw) {
  f32x16 acc[at(Taps)]{};
  for (int k = 0; k < stack.count; ++k, x += stack.in_step, gy += stack.out_step)
    for (int v = 0; v < taps.vectors(); ++v) {
      const std::uint16_t* const masks = taps.masks(v) + first;
      const float* const from = x + 16 * v;
      f32x16 g;
      asm("vmovups %1, %0%{%2%}%{z%}" : "=v"(g) : "m"(memory<f32x16>(gy + 16 * v)), "Yk"(taps.outputs(v)));
#pragma GCC unroll 9
      for (int t = 0; t < Taps; ++t) add_masked(acc[t], g, from + taps.offset(first + t), masks[t]);
    }
  float sums[at(Taps)][16];
#pragma GCC unroll 9
  for (int t = 0; t < Taps; ++t) memory<f32x16>(sums[t]).v = acc[t];
  for (int t = 0; t < Taps; ++t)
    for (int half = 8; half > 0; half /= 2)
      for (int i = 0; i < half; ++i) sums[t][i] += sums[t][i + half];
  for (int t = 0; t < Taps; ++t) gw[first + t] += sums[t][0];
}

/// y (+)= start + sum over taps of w * x for every channel.
inline void sum_same(const same_taps& taps, int channels, const image_stack& stack, const float* x, const float* w,
                     const float* start, bool add, float* y) {
  const auto images = [&](auto count, int k) {
    for (int c = 0; c < channels; ++c)
      sum_same512<count, 4 / count>(taps, stack, x + k * stack.in_step + c * taps.plane(), w + c * taps.taps(), start ? start[c] : 0.0F, add,
                         y + k * stack.out_step + c * taps.plane());
  };
  int k = 0;
  for (; k + 4 <= stack.count; k += 4) images(std::integral_constant<int, 4>{}, k);
  for (; k < stack.count; ++k) images(std::integral_constant<int, 1>{}, k);
}

/// gw += sum over outputs of gy * x for every channel.
inline void dot_same(const same_taps& taps, int channels, const image_stack& stack, const float* x, const float* gy,
                     float* gw) {
  for (int c = 0; c < channels; ++c, x += taps.plane(), gy += taps.plane(), gw += taps.taps())
    for (int first = 0, left; (left = taps.taps() - first) > 0;) {
      const auto some = [&](auto count) {
        dot_same512<count>(taps, first, stack, x, gy, gw);
        first += count;
      };
      if (left >= 9) some(std::integral_constant<int, 9>{});
      else if (left >= 3) some(std::integral_constant<int, 3>{});
      else some(std::integral_constant<int, 1>{});
    }
}

}  // namespace lnn::simd::detail

#endif
