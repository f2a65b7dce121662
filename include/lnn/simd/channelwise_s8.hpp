// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <numeric>
#include <vector>

#include "../luna/task.hpp"
#include "channelwise_tile.hpp"
#include "padded_rows.hpp"
#include "prepared_s8.hpp"

namespace lnn::simd {

/// One depthwise convolution (groups = channels_in = channels_out) on images with channels innermost, prepared once:
/// luna::convolve bit for bit, but for the order of x and y.
class channelwise_s8 {
 public:
  /// The task's weights are [channels, 1, kernel.h, kernel.w] and are not needed afterwards; its bias is.
  void prepare(isa path, const luna::convolution& c, const luna::requantizer& to) {
    using namespace detail;
    if (c.groups != c.channels_in || c.channels_in != c.channels_out)
      fail("depthwise: ", c.groups, " groups of ", c.channels_in, " to ", c.channels_out, " channels; use conv_s8");
    window_ = c.window.settled(), to_ = to, channels_ = c.channels_in, bias_ = c.bias;
    const auto* weight = c.weight.as<const std::int8_t>();
    const int taps = window_.kernel.h * window_.kernel.w;
    const auto bias = [&](int channel) { return c.bias ? c.bias[channel] : 0; };
    std::vector<int> sum(at(channels_)), most(at(channels_));
    fused_end end(to);
    for (int i = 0; i < channels_ * taps; ++i) sum[at(i / taps)] += weight[i], most[at(i / taps)] += std::abs(weight[i]) * 128;
    for (int k = 0; k < channels_; ++k) end.meet(most[at(k)], bias(k));
    fused_ = end.bytes();
    // Only fused ends are worth the widest form; one product per lane is nothing for dot products.
    path_ = path == isa::neon ? isa::portable : path == isa::avx512 && !fused_ ? isa::avx2 : path;
    const bool wide = path_ == isa::avx512;
    rows_ = padded_rows(path_, window_, channels_);
    arrange_taps();

    const int lanes = wide ? 64 : 8, per_word = wide ? 4 : 2, groups = ceil_div(taps_, per_word);
    const std::ptrdiff_t all = std::ptrdiff_t{blocks()} * groups * lanes * 4;
    auto* out = weights_.reserve(at(2 * all));
    auto* start = start_.reserve(at(blocks() * lanes));
    for (int b = 0; b < blocks(); ++b) {
      for (int place = 0; place < lanes; ++place) {
        const int k = channel(b, place);
        start[b * lanes + place] = k < 0 ? 0 : static_cast<std::int32_t>((fused_ ? end.start(bias(k)) : 0) - (wide ? 128 * std::int64_t{sum[at(k)]} : 0));
      }
      for (int g = 0; g < groups; ++g)
        for (int place = 0; place < lanes; ++place)
          for (int i = 0; i < per_word; ++i) {
            const int k = channel(b, place), t = tap_[at(g * per_word + i)];
            const std::int16_t w = k < 0 || t < 0 ? std::int16_t{0} : std::int16_t{weight[k * taps + t]};
            std::memcpy(out, &w, wide ? 1 : 2);  // the low byte comes first on every machine with these paths
            out += wide ? 1 : 2;
          }
    }
    if (in_pairs())  // the row below sees the rows of the window one further on
      for (std::uint8_t* w = out - all; w < out; w += 4) {
        const std::uint8_t below[4] = {0, w[0], w[1], w[2]};
        std::memcpy(w + all, below, 4);
      }
    weights_below_ = all;
  }

  /// Rows [begin, end) of the outputs of one image: x [in.h][in.w][channels], y [out.h][out.w][channels] of the output's type.
  void run(const std::int8_t* x, void* y, int begin, int end) const {
    rows_.in_bands(x, begin, end, [&](const std::uint8_t* copy, int first, int rows) {
      for (int i = 0, there; i < rows; i += there) {
        there = in_pairs() && i + 1 < rows ? 2 : 1;
        const std::uint8_t* from = copy + i * rows_.row_step();
        const std::ptrdiff_t place = std::ptrdiff_t{first + i} * window_.out.w * channels_;
#if LNN_X86
        if (path_ == isa::avx512) {
          run_row512(from, static_cast<std::int8_t*>(y) + place, there);
          continue;
        }
#endif
        run_row(from, place, y);
      }
    });
  }
  void run(const std::int8_t* x, void* y) const { run(x, y, 0, window_.out.h); }
  [[nodiscard]] const window2& window() const { return window_; }

 private:
  /// Blocks of 64 bytes after which channels and vectors meet again, and the pixels in them.
  [[nodiscard]] int period() const { return channels_ / std::gcd(channels_, 64); }
  [[nodiscard]] int pixels() const { return 64 / std::gcd(channels_, 64); }
  /// True when vectors run over pixels, as if these were channels, too: worth it when a vector per pixel would be half empty.
  [[nodiscard]] bool flat() const {
    return path_ == isa::avx512 && window_.stride.w == 1 && pixels() > 1 && period() <= 5 && (pixels() == 2 || channels_ <= 40);
  }
  [[nodiscard]] int blocks() const {
    return flat() ? period() : ceil_div(channels_, path_ == isa::avx512 ? 64 : 8);
  }
  /// Windows of three columns are read column by column.
  [[nodiscard]] bool by_column() const { return window_.kernel.w == 3 && (window_.kernel.h == 3 || window_.kernel.h == 4); }

  [[nodiscard]] bool shared_columns() const { return by_column() && window_.dilation.w == 1 && (flat() ? pixels() == 2 : window_.stride.w <= 2); }
  /// True when two rows of outputs are made at once.
  [[nodiscard]] bool in_pairs() const {
    return path_ == isa::avx512 && shared_columns() && window_.kernel.h == 3 && window_.stride.h == 1 && window_.dilation.h == 1;
  }

  /// The channel that `place` of a block belongs to in the order that the products have; -1 for none.
  [[nodiscard]] int channel(int block, int place) const {
    if (path_ != isa::avx512) return block * 8 + place < channels_ ? block * 8 + place : -1;
    const int k = 64 * block + place % 16 / 4 * 16 + place / 16 * 4 + place % 4;
    return flat() || k < channels_ ? k % channels_ : -1;
  }

  /// Taps in groups of four: a column of the window, or four in a row; -1 repeats the last offset with weight 0.
  void arrange_taps() {
    const extent2 kernel = window_.kernel;
    tap_.clear();
    if (by_column())
      for (int q = 0; q < kernel.w; ++q)
        for (int p = 0; p < 4; ++p) tap_.push_back(p < kernel.h ? p * kernel.w + q : -1);
    else
      for (int t = 0; t < ceil_div(kernel.h * kernel.w, 4) * 4; ++t) tap_.push_back(t < kernel.h * kernel.w ? t : -1);
    taps_ = static_cast<int>(tap_.size());
    offsets_.clear();
    for (const int t : tap_) offsets_.push_back(t >= 0 ? rows_.offset(t / kernel.w, t % kernel.w) : offsets_.back());
  }

#if LNN_X86
  void run_row512(const std::uint8_t* from, std::int8_t* y, int rows) const {
    using namespace detail;
    // of the pair's four rows, not of the window's three
    const std::ptrdiff_t four_rows[4] = {0, rows_.offset(1, 0), rows_.offset(2, 0), rows_.offset(3, 0)};
    for (int b = 0; b < blocks(); ++b) {
      channelwise_row t{.x = from + 64 * b,
                        .step = rows_.step(),
                        .offsets = rows == 2 ? four_rows : offsets_.data(),
                        .groups = taps_ / 4,
                        .weights = weights_.data() + b * taps_ * 64,
                        .start = start_.data() + b * 64,
                        .outputs = window_.out.w,
                        .y = y + 64 * b,
                        .y_step = channels_,
                        .below = std::ptrdiff_t{window_.out.w} * channels_,
                        .weights_below = weights_below_,
                        .channels = std::min(64, channels_ - 64 * b),
                        .shift = to_.shift,
                        .low = to_.relu ? 0 : -128};
      if (!flat()) {
        run_block512(t, window_.stride.w, rows);
        continue;
      }
      const int all = window_.out.w * channels_, whole = all / 64;  // vectors in the row, and a broken one at its end
      t.step = t.y_step = 64 * period();
      t.channels = 64;
      t.outputs = (whole - b + period() - 1) / period();
      run_block512(t, pixels(), rows);
      if (all % 64 == 0 || whole % period() != b) continue;
      t.x = from + 64 * whole, t.y = y + 64 * whole, t.outputs = 1, t.channels = all % 64;
      run_block512(t, pixels(), rows);
    }
  }

  void run_block512(const detail::channelwise_row& t, int stride, int rows) const {
    using namespace detail;
    if (!shared_columns()) return channelwise512(t);
    if (stride == 1) return rows == 2 ? three_columns512<1, 2>(t) : three_columns512<1, 1>(t);
    return rows == 2 ? three_columns512<2, 2>(t) : three_columns512<2, 1>(t);
  }
#endif

  void run_row(const std::uint8_t* from, std::ptrdiff_t place, void* y) const {
    using namespace detail;
    luna::requantizer to = to_;
    to.out.data = y;
    for (int j = 0; j < window_.out.w; ++j, from += rows_.step(), place += channels_)
      for (int k = 0; k < channels_; k += 8) {
        std::int32_t sums[8];
        run_on<channelwise_pairs>(path_, from + 2 * k, offsets_.data(), taps_, weights_.data() + std::ptrdiff_t{k} * taps_ * 2,
                                  start_.data() + k, static_cast<std::int32_t*>(sums));
        for (int i = 0; i < std::min(8, channels_ - k); ++i) {
          if (fused_) static_cast<std::int8_t*>(y)[place + k + i] = static_cast<std::int8_t>(std::clamp(sums[i] >> to_.shift, to_.relu ? 0 : -128, 127));
          else to.row(at(place + k + i), sums + i, 1, bias_ ? bias_[k + i] : 0);
        }
      }
  }

  window2 window_{};
  luna::requantizer to_{};
  detail::padded_rows rows_;
  detail::buffer<std::uint8_t> weights_;
  detail::buffer<std::int32_t> start_;
  std::vector<std::ptrdiff_t> offsets_;
  std::vector<int> tap_;
  const std::int32_t* bias_ = nullptr;
  std::ptrdiff_t weights_below_ = 0;
  int channels_ = 0, taps_ = 0;
  isa path_ = isa::portable;
  bool fused_ = false;
};

}  // namespace lnn::simd
