// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../luna/task.hpp"
#include "dense_s8.hpp"
#include "padded_rows.hpp"

namespace lnn::simd {

/// Where the outputs of a convolution go, in elements: the first, from pixel to pixel, from row to row.
struct placement {
  std::ptrdiff_t first, pixel, row;
};

/// Which outputs of a convolution are wanted: rows of pixels, and a share of every group's channels.
struct conv_share {
  int from, to;  ///< rows
  int part = 0, parts = 1;
};

/// One convolution on images whose channels lie innermost (NHWC), prepared once: luna::convolve bit for bit, but for the
/// order of x and y.  No matrix of columns is formed: a padded copy of some rows of the image makes every row of the window
/// one stretch of memory, which the tiles read as it is.
class conv_s8 {
 public:
  /// The task's weights are [channels_out, channels_in / groups, kernel.h, kernel.w] and are not needed afterwards; its
  /// bias is.  `to` says what follows; where outputs go is told by run().
  void prepare(isa path, const luna::convolution& c, const luna::requantizer& to) {
    window_ = c.window, channels_ = c.channels_in, deep_ = c.deep(), outputs_ = c.channels_out, groups_ = c.groups;
    const extent2 kernel = window_.kernel;
    // The pixels of one row of the window follow each other unless channels or pixels in between are left out.
    const bool joined = groups_ == 1 && window_.dilation.w == 1;
    const int segments = joined ? kernel.h : kernel.h * kernel.w;
    const int taps = kernel.h * kernel.w, wide = c.wide();
    const std::ptrdiff_t output = std::ptrdiff_t{deep_} * taps;
    layers_.resize(detail::at(groups_));
    for (int g = 0; g < groups_; ++g)
      layers_[detail::at(g)].prepare(
          path, wide, segments, joined ? kernel.w * deep_ : deep_,
          {c.weight.as<const std::int8_t>() + g * wide * output, output, joined ? kernel.w : 1, taps, deep_, 1},
          c.bias ? c.bias + g * wide : nullptr, to, c.weight.type == dtype::int4);
    rows_ = detail::padded_rows(path, window_, channels_);
    place_ = {0, outputs_, std::ptrdiff_t{window_.out.w} * outputs_};
    offsets_.clear();
    for (int p = 0; p < kernel.h; ++p)
      for (int q = 0; q < (joined ? 1 : kernel.w); ++q) offsets_.push_back(rows_.offset(p, q));
  }

  /// Outputs go elsewhere than one behind the other.
  void place(const placement& where) { place_ = where; }

  /// Outputs of one image: x [in.h][in.w][channels_in], y [out.h][out.w][channels_out] of the output's type.
  void run(const std::int8_t* x, void* y, const conv_share& which) const {
    const bool close = place_.pixel == outputs_ && place_.row == std::ptrdiff_t{window_.out.w} * outputs_;
    if (window_.pointwise() && groups_ == 1 && close) {
      const std::ptrdiff_t first = std::ptrdiff_t{which.from} * window_.in.w;
      const prepared_s8& layer = layers_[0];
      auto* to = static_cast<std::uint8_t*>(y) + bytes_of(layer.output(), detail::at(place_.first + first * outputs_));
      return dense(layer, (which.to - which.from) * window_.in.w, x + first * channels_, channels_, to, layer.share(which.part, which.parts));
    }
    rows_.in_bands(x, which.from, which.to, [&](const std::uint8_t* copy, int first, int rows) {
      for (int g = 0; g < groups_; ++g) run_band(g, copy, first, rows, y, layers_[detail::at(g)].share(which.part, which.parts));
    });
  }
  void run(const std::int8_t* x, void* y) const { run(x, y, {0, window_.out.h}); }

  [[nodiscard]] const window2& window() const { return window_; }
  /// Bytes of all weights.
  [[nodiscard]] std::size_t bytes() const { return detail::at(groups_) * layers_[0].bytes(); }

 private:
  void run_band(int g, const std::uint8_t* copy, int first, int rows, void* y, const output_share& which) const {
    using namespace detail;
    const prepared_s8& layer = layers_[at(g)];
    const int out_w = window_.out.w, wide = layer.outputs();
    const bool direct = layer.fused() || layer.plain();
    auto* sums = direct ? nullptr : scratch<sums_of_tiles, std::int32_t>(at(rows * out_w) * at(wide));
    const std::ptrdiff_t begin = place_.first + first * place_.row + g * wide;
    for (int v = which.first; v < which.last; v += layer.width_at(v)) {
      tile_task t = layer.task(v, offsets_.data());
      t.step = rows_.step();
      if (direct) t.y_step = place_.pixel;
      const auto place = [&](int h, int i, int j) {  // half h of the tile begins with output j of row i
        t.a[h] = copy + i * rows_.row_step() + j * t.step + g * deep_ * layer.element();
        const std::ptrdiff_t there = begin + i * place_.row + j * place_.pixel + v * layer.lanes();
        if (sums) t.sums[h] = sums + (std::ptrdiff_t{i} * out_w + j) * wide + v * layer.lanes();
        else if (layer.plain()) t.sums[h] = static_cast<std::int32_t*>(y) + there;
        else t.y[h] = static_cast<std::int8_t*>(y) + there;
      };
      const tile_choice tallest = tile_for(layer.path(), layer.width_at(v), 99);
      const bool pairs = out_w <= tallest.rows / 2;  // narrow images: two rows at a time
      for (int i = 0; i < rows; i += pairs ? 2 : 1)
        for (int j = 0; j < out_w;) {
          const tile_choice tile = pairs ? tallest : tile_for(layer.path(), layer.width_at(v), out_w - j);
          const int half = (tile.rows + 1) / 2, there = std::min(tile.rows, out_w - j);
          place(0, i, j);
          if (pairs) {
            place(1, i + 1 < rows ? i + 1 : i, j);
            t.rows[0] = there, t.rows[1] = i + 1 < rows ? there : 0;
          } else {
            place(1, i, j + half);
            t.rows[0] = std::min(half, there), t.rows[1] = there - t.rows[0];
          }
          tile.run(t);
          j += there;
        }
    }
    for (int r = 0; sums && r < rows * out_w; ++r)
      layer.finish(y, at(begin + r / out_w * place_.row + r % out_w * place_.pixel), sums + std::ptrdiff_t{r} * wide, which);
  }

  window2 window_{};
  detail::padded_rows rows_;
  placement place_{};
  int channels_ = 0, deep_ = 0, outputs_ = 0, groups_ = 1;
  std::vector<std::ptrdiff_t> offsets_;
  std::vector<prepared_s8> layers_;
};

}  // namespace lnn::simd
