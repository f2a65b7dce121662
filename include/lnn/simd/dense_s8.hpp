// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "padded_rows.hpp"
#include "prepared_s8.hpp"

namespace lnn::simd {
namespace detail {

struct sums_of_tiles;

}  // namespace detail

/// y[r][o] = the layer's outputs for rows x[r][0..depth), `ldx` elements apart: luna::multiply bit for bit.  y has
/// layer.outputs() elements of the layer's output type per row; those of `which` are written.
inline void dense(const prepared_s8& layer, int rows, const std::int8_t* x, std::ptrdiff_t ldx, void* y, const output_share& which) {
  using namespace detail;
  const isa path = layer.path();
  const std::ptrdiff_t pitch = std::ptrdiff_t{layer.words()} * 4;
  constexpr int tallest = 16, slack = 64;
  // Weights that stay in the cache are passed over for a few rows at a time, which then stay nearer still; large ones
  // and those that must be unpacked are passed over rarely.
  const std::ptrdiff_t room = layer.bytes() <= 512 * 1024 && !layer.four_bits() ? 14 * 1024 : 256 * 1024;
  const int block = std::min(rows, std::max(28, static_cast<int>(room / pitch) / 28 * 28));
  const bool close = ldx == layer.depth() && layer.depth() % layer.group() == 0;  // rows are one stretch of memory, also as copies
  const bool streams = close && path == isa::avx512 && rows > block;  // tiles of the first panel copy the block behind theirs
  const std::size_t copied = at(pitch) * at(block + tallest) + slack;
  auto* copy = scratch<inputs_for_tiles, std::uint8_t>(streams ? 2 * copied : copied);
  auto* next = copy + copied;
  auto* sums = layer.fused() || layer.plain() ? nullptr : scratch<sums_of_tiles, std::int32_t>(at(block) * at(layer.outputs()));
  const std::ptrdiff_t none = 0;
  for (int from = 0; from < rows; from += block) {
    const int here = std::min(block, rows - from);
    if (close && (!streams || from == 0)) copy_inputs(path, x + from * ldx, here * ldx, copy);
    for (int r = 0; r < here && !close; ++r) copy_inputs(path, x + (from + r) * ldx, layer.depth(), copy + r * pitch);
    for (int v = which.first; v < which.last; v += layer.width_at(v)) {
      tile_task t = layer.task(v, &none);
      t.step = pitch;
      for (int r = 0; r < here;) {
        const tile_choice tile = tile_for(path, layer.width_at(v), here - r);
        const int half = (tile.rows + 1) / 2, there = std::min(tile.rows, here - r);
        t.rows[0] = std::min(half, there), t.rows[1] = there - t.rows[0];
        for (int h = 0; h < 2; ++h) {
          const int row = r + h * half;
          const std::ptrdiff_t place = std::ptrdiff_t{row} * layer.outputs() + v * layer.lanes();
          t.a[h] = copy + row * pitch;
          const std::ptrdiff_t there_in_y = std::ptrdiff_t{from} * layer.outputs() + place;
          if (sums) t.sums[h] = sums + place;
          else if (layer.plain()) t.sums[h] = static_cast<std::int32_t*>(y) + there_in_y;
          else t.y[h] = static_cast<std::int8_t*>(y) + there_in_y;
        }
        const int behind = streams && v == which.first ? std::clamp(rows - from - block - r, 0, there) : 0;
        const std::int8_t* from_x = x + (behind > 0 ? from + block + r : 0) * ldx;
        const std::ptrdiff_t more = behind * pitch, lines = copies(tile.rows, layer.width_at(v)) ? more / 64 : 0;
        t.ahead = {from_x, next + r * pitch, lines};
        tile.run(t);
        if (more > lines * 64) copy_inputs(path, from_x + lines * 64, more - lines * 64, next + r * pitch + lines * 64);
        r += there;
      }
    }
    for (int r = 0; sums && r < here; ++r)
      layer.finish(y, at(from + r) * at(layer.outputs()), sums + std::ptrdiff_t{r} * layer.outputs(), which);
    if (streams) std::swap(copy, next);
  }
}
inline void dense(const prepared_s8& layer, int rows, const std::int8_t* x, std::ptrdiff_t ldx, void* y) { dense(layer, rows, x, ldx, y, layer.share(0, 1)); }

}  // namespace lnn::simd
