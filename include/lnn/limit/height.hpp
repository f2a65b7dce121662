// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "window.hpp"

namespace lnn::limit {

/// How an engine cuts an image that is higher than its data buffer.  VENUS and ARCS take the least number of equally high
/// parts, VENUSA the highest parts that fit and a lower one at the end.  Only the first part sees the padding above, only the
/// last one that below; the drivers of ARCS and VENUSA give up where rows are left over beneath the last window.  Asked about
/// 100,000 shapes, the drivers of both answered as written here every time.
struct height_cut {
  long long parts = 1;  ///< 1: the image fits; 0: no number of parts does
  long long rest = 0;   ///< rows beneath the last window, padding that nobody needs taken away
  bool apart = true;    ///< only the outermost parts see padding
};

/// `line`: bytes of one row; `reach`: rows that a window covers, dilated; `each_plane`: channels are taken one by one, of which
/// VENUSA sets the padding above aside, and forgets the dilation.
[[nodiscard]] constexpr height_cut cut_height(const layout& at, long long reach, bool each_plane, long long line, const chip& on, long long limit) {
  height_cut cut;
  const long long above = at.pad.top, stride = at.stride.h;
  const bool aside = each_plane && !on.conv.even_height_split && above > 0;
  if (line * (at.h + (aside ? 1 : 0)) <= limit || at.out_h < 1 || line < 1) return cut;
  if (each_plane && !on.conv.even_height_split) reach = at.kernel.h;
  long long below = at.pad.bottom, each = 0, last = 0;  // windows of a part, of the last one
  if (on.conv.even_height_split) {
    cut.parts = equal_parts(at, reach, line, limit, 2);
    if (cut.parts > 0) each = last = at.out_h / cut.parts;
  } else {
    const long long rows = limit / line - reach - (aside ? above : 0);
    each = rows < 0 ? 1 : rows / stride + 1;
    cut.parts = (at.out_h + each - 1) / each;
    if (cut.parts == 1) return cut;
    last = at.out_h - (cut.parts - 1) * each;
    if (((each - 1) * stride + reach) * line > limit) cut.parts = 0;
  }
  for (cut.rest = (at.h + above + below - reach) % stride; cut.rest > 0 && below > 0; --below) --cut.rest;
  cut.apart = each * stride >= above && last * stride >= below;
  return cut;
}

/// Says what stands against a cut.
constexpr void check_cut(const height_cut& cut, const chip& on, const rule& height_split, const rule& rows_left, verdict& found) {
  if (cut.parts == 1) return;
  found.never(height_split, cut.parts == 0 || !cut.apart);
  if (on.conv.whole_windows) found.equal(rows_left, cut.rest, 0);
}

/// Whether a transposed convolution fits the data buffer of ARCS or VENUSA, at once or in equally high parts of the input, each
/// with the rows of its neighbour that its windows reach into; without a stride the drivers cut nothing.
[[nodiscard]] constexpr bool transposed_fits(const layout& at, long long line, const chip& on, long long limit) {
  const long long stride = at.stride.h, beside = (at.kernel.h - 1 + stride - 1) / stride;
  const long long most = at.h < at.out_h ? at.h : at.out_h;
  // ARCS wants room for a neighbour even where there is none
  if (line * (at.h + (on.conv.even_height_split ? beside : 0)) <= limit) return true;
  if (stride == 1 && at.stride.w == 1) return false;
  for (long long n = 2; n <= most; ++n)
    if (at.h % n == 0 && (at.h / n + beside) * line <= limit) return (at.h / n - 1) * stride + 1 >= at.kernel.h;
  return false;
}

/// Pools and depthwise convolutions, whose channels lie apart: bytes of one row.
[[nodiscard]] constexpr long long plane_line(const layout& at, long long channels, const chip& on) {
  return at.line(align_up(channels, on.conv.depthwise_strip), on.conv.strip_group);
}

}  // namespace lnn::limit
