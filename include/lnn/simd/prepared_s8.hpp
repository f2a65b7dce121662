// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdlib>

#include "../core/algorithm.hpp"
#include "../luna/requantize.hpp"
#include "nibbles.hpp"
#include "tile_s8.hpp"

namespace lnn::simd {
namespace detail {

/// What follows the sums of a layer.  Where no sum can reach the clamps of 32 bits, which all chips place differently, bias
/// and half a step of the output become part of the sum, and y = S8(sum >> shift) is all that is left to do, or nothing at all
/// where the sums themselves are wanted.
class fused_end {
 public:
  explicit fused_end(const luna::requantizer& to) {
    const bool simple = to.shift >= 0 && to.shift < 32 && to.slope == 0 && !to.in_float && !to.watch;
    bytes_ = simple && to.out.type == dtype::int8;
    sums_ = simple && to.out.type == dtype::int32 && to.shift == 0 && !to.relu;
    half_ = bytes_ && to.shift > 0 ? std::int64_t{1} << (to.shift - 1) : 0;
  }
  /// An output whose |sum| is at most `most` before its bias.
  void meet(std::int64_t most, std::int64_t bias) {
    if (most + std::abs(bias) + half_ > std::numeric_limits<std::int32_t>::max()) bytes_ = sums_ = false;
  }
  [[nodiscard]] bool bytes() const { return bytes_; }
  [[nodiscard]] bool sums() const { return sums_; }
  [[nodiscard]] std::int64_t start(std::int64_t bias) const { return bytes_ || sums_ ? bias + half_ : 0; }

 private:
  bool bytes_, sums_;  ///< which form the end has; neither where outputs must be finished one by one
  std::int64_t half_;
};

}  // namespace detail

/// Where the weights of a layer lie: that of output o for place i of segment s is
/// first[o * output + s * segment + i / inner * outer + i % inner * step].
struct weight_grid {
  const std::int8_t* first;
  std::ptrdiff_t output, segment, step;
  int inner;
  std::ptrdiff_t outer = 0;

  /// A row of `depth` weights for each output, one segment.
  [[nodiscard]] static weight_grid rows(const std::int8_t* first, int depth) { return {first, depth, 0, 1, depth}; }
  [[nodiscard]] std::int8_t operator()(int o, int s, int i) const {
    const std::int8_t* const row = first + o * output + s * segment;
    return i < inner ? row[i * step] : row[i / inner * outer + i % inner * step];
  }
};

/// Some of a layer's outputs, in vectors of lanes.
struct output_share {
  int first, last;
};

/// The weights of one layer arranged once for one instruction set, with all that follows the product: bias, shift, relu,
/// clamp.  An output is a sum over `segments` pieces of `depth` bytes of input, as over the rows of a window.  Panels of up
/// to 64 outputs hold segment by segment, 32-bit lane by lane, the lanes of their outputs; avx512 multiplies x + 128 by
/// w (unsigned by signed) and starts from -128 * sum w, neon multiplies bytes, the others pairs of 16-bit numbers.  Weights of
/// four bits stay packed; a panel is spread in the cache when it is its turn.
class prepared_s8 {
 public:
  /// Weights are not needed afterwards; the bias is, and may be null.
  void prepare(isa path, int outputs, int segments, int depth, const weight_grid& weight, const std::int32_t* bias,
               const luna::requantizer& to, bool four_bits = false) {
    path_ = path, outputs_ = outputs, segments_ = segments, depth_ = depth, bias_ = bias, to_ = to, four_bits_ = four_bits;
    const std::size_t terms = detail::at(segments) * detail::at(depth);
    if (terms >= (std::size_t{1} << 17))
      fail("prepare: a sum of ", terms, " products may not fit 32 bits; use fewer than 131072, or luna's kernels");
    const int vectors = panel_vectors(outputs);
    std::uint8_t* out = panels_.reserve(bytes());
    if (four_bits) std::fill_n(out, bytes(), std::uint8_t{});
    std::int32_t* start = start_.reserve(detail::at(vectors * lanes()));
    detail::fused_end end(to);
    for (int o = 0; o < outputs; ++o) {
      std::int64_t sum = 0, most = 0;
      for (int s = 0; s < segments; ++s)
        for (int i = 0; i < depth; ++i) {
          const std::int64_t w = weight(o, s, i);
          sum += w;
          most += std::abs(w) * 128;
        }
      end.meet(most, bias ? bias[o] : 0);
      start[o] = static_cast<std::int32_t>(path == isa::avx512 ? -128 * sum : 0);
    }
    fused_ = end.bytes(), plain_ = end.sums();
    for (int o = 0; o < outputs; ++o) start[o] = static_cast<std::int32_t>(start[o] + end.start(bias ? bias[o] : 0));
    std::fill(start + outputs, start + vectors * lanes(), 0);
    for (int first = 0, v; first < vectors; first += v) {
      v = width_at(first);
      for (int lane = 0; lane < segments * words(); ++lane)
        for (int o = first * lanes(); o < (first + v) * lanes(); ++o) {
          std::int16_t w[4]{};
          for (int i = 0; i < group(); ++i)
            if (const int place = lane % words() * group() + i; o < outputs && place < depth)
              w[i] = static_cast<std::int16_t>(weight(o, lane / words(), place));
          std::uint8_t numbers[4];
          if (group() == 2) std::memcpy(numbers, w, 4);
          else
            for (int i = 0; i < 4; ++i) numbers[i] = static_cast<std::uint8_t>(w[i]);
          const std::ptrdiff_t step = std::ptrdiff_t{v} * lanes() * 4;
          if (four_bits) detail::pack_nibbles(group(), lane, step, o - first * lanes(), numbers, out);
          else std::memcpy(out + lane * step + 4 * (o - first * lanes()), numbers, 4);
        }
      out += detail::at(v) * vector_bytes();
    }
  }

  [[nodiscard]] isa path() const { return path_; }
  [[nodiscard]] int outputs() const { return outputs_; }
  [[nodiscard]] dtype output() const { return to_.out.type; }
  [[nodiscard]] int segments() const { return segments_; }
  /// Elements in one segment.
  [[nodiscard]] int depth() const { return depth_; }
  /// Inputs in one 32-bit lane, bytes that an input takes in a copy for the tiles, lanes of a segment, lanes of a vector.
  [[nodiscard]] int group() const { return group_of(path_); }
  [[nodiscard]] int element() const { return 4 / group(); }
  [[nodiscard]] int words() const { return (depth_ + group() - 1) / group(); }
  [[nodiscard]] int lanes() const { return lanes_of(path_); }
  [[nodiscard]] int vectors() const { return panel_vectors(outputs_); }
  [[nodiscard]] std::size_t bytes() const { return detail::at(vectors()) * vector_bytes(); }
  [[nodiscard]] bool four_bits() const { return four_bits_; }
  /// Vectors of the panel that starts at vector `first`.
  [[nodiscard]] int width_at(int first) const {
    const int left = vectors() - first, most = path_ == isa::avx512 ? 4 : path_ == isa::portable ? 1 : 2;
    return std::min(most, static_cast<int>(std::bit_floor(static_cast<unsigned>(left))));
  }

  /// Share `i` of `n`: whole panels.
  [[nodiscard]] output_share share(int i, int n) const {
    const int widest = width_at(0), panels = (vectors() + widest - 1) / widest;
    const auto begin = [&](int k) { return std::min(vectors(), panels * k / n * widest); };
    return {begin(i), begin(i + 1)};
  }

  /// A task for the panel that starts at vector `first`, valid until this thread asks for the next; the caller adds rows and
  /// where outputs go.
  [[nodiscard]] detail::tile_task task(int first, const std::ptrdiff_t* segments) const {
    detail::tile_task t;  // not t{}: zeros all over it take a good part of a small product's time
    t.y[0] = t.y[1] = nullptr, t.sums[0] = t.sums[1] = nullptr, t.ahead = {};
    t.segments = segments, t.count = segments_, t.words = words();
    t.b = panels_.data() + detail::at(first) * vector_bytes();
    if (four_bits_) {
      const std::ptrdiff_t step = std::ptrdiff_t{width_at(first)} * lanes() * 4, all = std::ptrdiff_t{segments_} * words();
      auto* panel = detail::scratch<detail::unpacked_panel, std::uint8_t>(detail::at(all * step));
      detail::unpack(path_, all, step, t.b, panel);
      t.b = panel;
    }
    t.start = start_.data() + first * lanes();
    t.columns = std::min(outputs_ - first * lanes(), width_at(first) * lanes());
    t.y_step = outputs_;
    t.shift = to_.shift, t.low = to_.relu ? 0 : -128;
    return t;
  }

  /// True when tiles write the outputs, as bytes or as sums that are the outputs; otherwise finish() makes outputs of the sums.
  [[nodiscard]] bool fused() const { return fused_; }
  [[nodiscard]] bool plain() const { return plain_; }
  /// A share's outputs of one row whose output 0 is y[first], from its sums.
  void finish(void* y, std::size_t first, const std::int32_t* sums, const output_share& which) const {
    luna::requantizer to = to_;
    to.out.data = y;
    for (int o = which.first * lanes(); o < std::min(outputs_, which.last * lanes()); ++o)
      to.row(first + detail::at(o), sums + o, 1, bias_ ? bias_[o] : 0);
  }

 private:
  [[nodiscard]] int panel_vectors(int outputs) const { return (outputs + lanes() - 1) / lanes(); }
  /// Bytes of the weights of one vector of outputs.
  [[nodiscard]] std::size_t vector_bytes() const {
    const int in_one = four_bits_ ? detail::lanes_in_one(group()) : 1;
    return detail::at((segments_ * words() + in_one - 1) / in_one) * detail::at(lanes() * 4);
  }

  detail::buffer<std::uint8_t> panels_;
  detail::buffer<std::int32_t> start_;
  const std::int32_t* bias_ = nullptr;
  luna::requantizer to_{};
  int outputs_ = 0, segments_ = 0, depth_ = 0;
  isa path_ = isa::portable;
  bool fused_ = false, plain_ = false, four_bits_ = false;
};

}  // namespace lnn::simd
