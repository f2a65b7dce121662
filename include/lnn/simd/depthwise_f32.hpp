// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <type_traits>

#include "../core/planes.hpp"
#include "depthwise_same.hpp"
#include "isa.hpp"
#include "phases.hpp"

namespace lnn::simd {
namespace detail {

template <class T>
struct weighted_offset {
  std::ptrdiff_t offset;
  T weight;
};

#if LNN_X86
/// y[j] = start + sum over taps of weight * x[offset + j] for j in [0, n), and for what completes the last block
/// of 64.
LNN_AVX512 inline void sum_taps512(const float* x, const weighted_offset<float>* taps, int count, float start, int n, float* y) {
  for (int j = 0; j < n; j += 64, x += 64, y += 64) {
    f32x16 acc[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) acc[v] = start - f32x16{};
    for (int t = 0; t < count; ++t) {
      const float* from = x + taps[t].offset;
      const f32x16 w = taps[t].weight - f32x16{};
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) {
        const f32x16 part = memory<f32x16>(from + 16 * v).v;
        asm("vfmadd231ps %2, %1, %0" : "+v"(acc[v]) : "v"(w), "v"(part));
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) memory<f32x16>(y + 16 * v).v = acc[v];
  }
}
LNN_AVX2 inline void sum_taps256(const float* x, const weighted_offset<float>* taps, int count, float start, int n, float* y) {
  for (int j = 0; j < n; j += 32, x += 32, y += 32) {
    f32x8 acc[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) acc[v] = start - f32x8{};
    for (int t = 0; t < count; ++t) {
      const float* from = x + taps[t].offset;
      const f32x8 w = taps[t].weight - f32x8{};
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) {
        const f32x8 part = memory<f32x8>(from + 8 * v).v;
        asm("vfmadd231ps %2, %1, %0" : "+x"(acc[v]) : "x"(w), "x"(part));
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) memory<f32x8>(y + 8 * v).v = acc[v];
  }
}

/// sums[t][lane] = sum over j of g[j] * x[offset of tap t + j], j = lane modulo the lanes; four taps at a
/// time.
LNN_AVX512 inline void dot_taps512(const float* x, const float* g, const std::ptrdiff_t* offsets, int n,
                                   float* sums) {
  f32x16 acc[4]{};
  for (int j = 0; j < n; j += 16) {
    const f32x16 gj = memory<f32x16>(g + j).v;
#pragma GCC unroll 4
    for (int t = 0; t < 4; ++t) {
      const f32x16 part = memory<f32x16>(x + offsets[t] + j).v;
      asm("vfmadd231ps %2, %1, %0" : "+v"(acc[t]) : "v"(gj), "v"(part));
    }
  }
#pragma GCC unroll 4
  for (int t = 0; t < 4; ++t) memory<f32x16>(sums + 16 * t).v = acc[t];
}
LNN_AVX2 inline void dot_taps256(const float* x, const float* g, const std::ptrdiff_t* offsets, int n,
                                 float* sums) {
  f32x8 acc[4]{};
  for (int j = 0; j < n; j += 8) {
    const f32x8 gj = memory<f32x8>(g + j).v;
#pragma GCC unroll 4
    for (int t = 0; t < 4; ++t) {
      const f32x8 part = memory<f32x8>(x + offsets[t] + j).v;
      asm("vfmadd231ps %2, %1, %0" : "+x"(acc[t]) : "x"(gj), "x"(part));
    }
  }
#pragma GCC unroll 4
  for (int t = 0; t < 4; ++t) memory<f32x8>(sums + 8 * t).v = acc[t];
}
#endif

template <class T>
void sum_taps(isa path, const T* x, const weighted_offset<T>* taps, int count, T start, int n, T* y) {
#if LNN_X86
  if constexpr (std::is_same_v<T, float>) {
    if (path == isa::avx512) return sum_taps512(x, taps, count, start, n, y);
    if (path == isa::avx2) return sum_taps256(x, taps, count, start, n, y);
  }
#endif
  (void)path;
  for (int j = 0; j < n; j += 16, x += 16, y += 16) {
    T acc[16];
    std::fill_n(acc, 16, start);
    for (int t = 0; t < count; ++t) {
      const T* __restrict from = x + taps[t].offset;
      for (int i = 0; i < 16; ++i) acc[i] += taps[t].weight * from[i];
    }
    std::copy_n(acc, 16, y);
  }
}

template <class T>
void dot_taps(isa path, const T* x, const T* g, const std::ptrdiff_t* offsets, int n, T* out) {
  T sums[64]{};
  int lanes = 16;
#if LNN_X86
  if constexpr (std::is_same_v<T, float>) {
    if (path == isa::avx512)
      dot_taps512(x, g, offsets, n, sums), n = 0;
    else if (path == isa::avx2)
      dot_taps256(x, g, offsets, n, sums), lanes = 8, n = 0;
  }
#endif
  (void)path;
  for (int j = 0; j < n; j += 16)
    for (int t = 0; t < 4; ++t) {
      const T* __restrict from = x + offsets[t] + j;
      T* __restrict to = sums + 16 * t;
      for (int i = 0; i < 16; ++i) to[i] += g[j + i] * from[i];
    }
  for (int t = 0; t < 4; ++t) {
    T* row = sums + lanes * t;
    for (int half = lanes / 2; half > 0; half /= 2)
      for (int i = 0; i < half; ++i) row[i] += row[i + half];
    out[t] = row[0];
  }
}

template <class T>
struct plane_of;
template <class T>
struct row_of;
template <class T>
struct taps_of;

/// Calls use(stack of some images, the first of them) so that the padded copies of those images stay in the cache.
template <class Use>
void in_parts(const window2& window, const image_stack& stack, const Use& use) {
  const int most = std::max(1, 8192 / std::max(1, static_cast<int>(phases(window).size())));
  for (int first = 0; first < stack.count; first += most)
    use(image_stack{std::min(most, stack.count - first), stack.in_step, stack.out_step}, first);
}

}  // namespace detail

/// A depthwise convolution: y[output] = start + sum over taps of x * w for every channel; padding is 0.  x is [in.h][in.w], w is
/// [kernel.h][kernel.w], y is [out.h][out.w], per channel and image; channels lie side by side.  `start` may be null, which is 0.
/// T is float or double.
template <class T>
void depthwise(isa path, const window2& window, int channels, const image_stack& stack, const T* x, const T* w,
               const std::type_identity_t<T>* start, T* y) {
  using namespace detail;
  if (window.out_size() == 0) return;
#if LNN_X86
  if constexpr (std::is_same_v<T, float>)
    if (path == isa::avx512 && same_taps::fit(window))
      return sum_same(same_taps(window), channels, stack, x, w, start, false, y);
#endif
  auto* taps = scratch<taps_of<T>, weighted_offset<T>>(window.taps());
  for (int c = 0; c < channels; ++c, x += window.in_size(), w += window.taps(), y += window.out_size())
    in_parts(window, stack, [&](const image_stack& part, int first) {
      const phases cut(window, part.count);
      T* plane = scratch<plane_of<T>, T>(cut.size() + at(phases::slack));
      T* row = scratch<row_of<T>, T>(at(cut.length() + phases::slack));
      cut.fill(x + first * part.in_step, part.in_step, plane);
      int count = 0;
      for (int p = 0; p < window.kernel.h; ++p)
        for (int q = 0; q < window.kernel.w; ++q, ++count) taps[count] = {cut.offset(p, q), w[count]};
      sum_taps(path, plane, taps, count, start ? start[c] : T{}, cut.length(), row);
      cut.gather(row, y + first * part.out_step, part.out_step);
    });
}

/// Its gradient by the input: gx [in.h][in.w] += sum over taps of w * (the gy of the output that met x under the tap), for every
/// channel and image; `fresh` overwrites gx.
template <class T>
void depthwise_input_gradient(isa path, const window2& window, int channels, const image_stack& stack, const T* gy, const T* w, bool fresh,
                              T* gx) {
  using namespace detail;
#if LNN_X86
  if constexpr (std::is_same_v<T, float>)
    if (path == isa::avx512 && same_taps::fit(window) && window.out_size() > 0)
      return sum_same(same_taps(window, true), channels, {stack.count, stack.out_step, stack.in_step}, gy, w, nullptr, !fresh, gx);
#endif
  for (int k = 0; fresh && k < stack.count; ++k) std::fill_n(gx + k * stack.in_step, at(channels) * window.in_size(), T{});
  if (window.out_size() == 0) return;
  auto* taps = scratch<taps_of<T>, weighted_offset<T>>(window.taps());
  for (int c = 0; c < channels; ++c, gx += window.in_size(), w += window.taps(), gy += window.out_size())
    in_parts(window, stack, [&](const image_stack& part, int first) {
      const phases cut(window, part.count);
      const int phase = cut.phase_size(), behind = cut.plane_size();
      T* plane = scratch<plane_of<T>, T>(cut.size() + at(phases::slack));
      T* row = scratch<row_of<T>, T>(at(phase + 2 * behind + phases::slack));
      // Zeros around the rows, so that a tap reaches back over either end.
      std::fill_n(row, behind, T{});
      cut.spread(gy + first * part.out_step, part.out_step, row + behind);
      std::fill_n(row + behind + phase, behind + phases::slack, T{});
      for (int f = 0; f < cut.count(); ++f) {
        int count = 0;
        for (int p = 0; p < window.kernel.h; ++p)
          for (int q = 0; q < window.kernel.w; ++q)
            if (cut.phase_of(p, q) == f) taps[count++] = {behind - cut.offset_in_phase(p, q), w[p * window.kernel.w + q]};
        sum_taps(path, row, taps, count, T{}, phase, plane + std::ptrdiff_t{f} * phase);
      }
      cut.add_back(plane, gx + first * part.in_step, part.in_step);
    });
}

/// Its gradient by the weights: gw [kernel.h][kernel.w] += sum over images and outputs of gy * (the x that the output met under the
/// tap), for every channel.
template <class T>
void depthwise_weight_gradient(isa path, const window2& window, int channels, const image_stack& stack, const T* x, const T* gy, T* gw) {
  using namespace detail;
  if (window.out_size() == 0) return;
#if LNN_X86
  if constexpr (std::is_same_v<T, float>)
    if (path == isa::avx512 && same_taps::fit(window)) return dot_same(same_taps(window), channels, stack, x, gy, gw);
#endif
  const int count = static_cast<int>(window.taps());
  for (int c = 0; c < channels; ++c, x += window.in_size(), gw += count, gy += window.out_size())
    in_parts(window, stack, [&](const image_stack& part, int image) {
      const phases cut(window, part.count);
      T* plane = scratch<plane_of<T>, T>(cut.size() + at(phases::slack));
      T* row = scratch<row_of<T>, T>(at(cut.phase_size() + phases::slack));
      cut.fill(x + image * part.in_step, part.in_step, plane);
      cut.spread(gy + image * part.out_step, part.out_step, row);
      std::fill_n(row + cut.phase_size(), phases::slack, T{});
      for (int first = 0; first < count; first += 4) {
        std::ptrdiff_t offsets[4];
        for (int i = 0; i < 4; ++i) {  // a broken group of four repeats its last tap
          const int t = std::min(first + i, count - 1);
          offsets[i] = cut.offset(t / window.kernel.w, t % window.kernel.w);
        }
        T sums[4];
        dot_taps(path, plane, row, offsets, cut.length(), sums);
        for (int i = 0; i < std::min(4, count - first); ++i) gw[first + i] += sums[i];
      }
    });
}

}  // namespace lnn::simd
