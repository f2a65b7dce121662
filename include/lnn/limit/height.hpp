// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "window.hpp"

namespace lnn::limit {

/// How an engine cuts an image that is higher than its data buffer.  VENUS and ARCS take the least number of equally high
/// parts, VENUSA the highest parts that fit and a lower one at the end.  Only the first part sees the padding above, only the
/// last one that below; the drivers of ARCS and VENUSA give up where rows are left over beneath the last window.  The laws were
/// found by asking the drivers about some 40,000 shapes, and they tell every verdict of both (depthwise dilation aside).
struct height_cut {
  long long parts = 1;  ///< 1: the image fits; 0: no number of parts does
  long long rest = 0;   ///< rows beneath the last window, padding that nobody needs taken away
  long long step = 0;   ///< rows by which the engine moves on to the part that sees the padding ...
  long long pad = 0;    ///< ... of which there must not be more
};

/// `line`: bytes of one row; `reach`: rows that a window covers, dilated.
[[nodiscard]] constexpr height_cut cut_height(const layout& at, long long reach, long long line, const chip& on, long long limit) {
  height_cut cut;
  if (line * at.h <= limit || at.out_h < 1 || line < 1) return cut;
  long long below = at.pad.bottom;
  const long long above = at.pad.top, stride = at.stride.h;
  for (cut.rest = (at.h + above + below - reach) % stride; cut.rest > 0 && below > 0; --below) --cut.rest;
  if (on.conv.even_height_split) {
    cut.parts = equal_parts(at, reach, line, limit, 2);
    if (cut.parts > 0) cut.step = at.out_h / cut.parts * stride;
    cut.pad = above > below ? above : below;
    return cut;
  }
  const long long rows = limit / line;
  if (at.h - cut.rest <= rows) return {};
  if (rows < reach) cut.parts = 0;
  if (cut.parts == 0) return cut;
  const long long each = (rows - reach) / stride + 1;
  cut.parts = (at.out_h + each - 1) / each;
  cut.step = (at.out_h - (cut.parts - 1) * each) * stride;
  cut.pad = below;
  return cut;
}

/// Says what stands against a cut.
constexpr void check_cut(const height_cut& cut, const chip& on, const rule& height_split, const rule& rows_left, verdict& found) {
  if (cut.parts == 1) return;
  found.never(height_split, cut.parts == 0 || cut.step < cut.pad);
  if (on.conv.whole_windows) found.equal(rows_left, cut.rest, 0);
}

/// Pools and depthwise convolutions, whose channels lie apart: bytes of one row.
[[nodiscard]] constexpr long long plane_line(const layout& at, long long channels, const chip& on) {
  return at.line(align_up(channels, on.conv.depthwise_strip), on.conv.strip_group);
}

}  // namespace lnn::limit
