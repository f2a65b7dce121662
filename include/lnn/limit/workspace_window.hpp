// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "window.hpp"
#include "workspace_common.hpp"

/// Workspaces of operators with a window (packer.md 8.1); dims and attributes as they are after the choice of
/// layout.
namespace lnn::limit::workspace {

/// The greatest height that fits the data buffer in equal parts; the reference takes the first that does not
/// fit when there is none.
[[nodiscard]] constexpr long long part_height(const layout& at, long long line, long long limit) {
  const long long parts = equal_parts(at, at.kernel.h, line, limit);
  const long long n = parts ? parts : (at.h < at.out_h ? at.h : at.out_h) + 1;
  return at.out_h * at.stride.h / n + at.kernel.h - at.stride.h;
}

[[nodiscard]] constexpr scratch conv2d(const facts& f, const chip& on) {
  const shape &x = f.in[0].dims, &y = f.out.dims;
  const bool each_plane = f.group != 1, read = far(f.in[0]), written = far(f.out);
  const long long ci = x[1], h = x[2], w = x[3], co = y[1], oh = y[2], ow = y[3],
                  out = co * oh * ow * width(f.out);
  if (on.stage == staging::whole) return {written ? a16(x[0] * out) : 0};
  const layout at{
      h,  w, {f.kernel[0], f.kernel[1]}, {f.stride[0], f.stride[1]}, {f.pad[0], f.pad[1], f.pad[2], f.pad[3]},
      oh, ow};
  if (on.stage == staging::parts) {
    const long long line = at.line(align_up(ci, 8), 8);
    if (line * h <= on.memory.data_buffer)
      return {ci * h * w * (read ? 1 : 0) + (each_plane ? co * oh * ow : out) * (written ? 1 : 0)};
    const long long part = part_height(at, line, on.memory.data_buffer);
    if (each_plane) return {ci * part * w + co * oh * ow};
    return {h * w >= 65536 ? most(ci * part * w, out) : 0};
  }
  if (!written) return {};
  const long long limit = each_plane ? on.memory.depthwise_buffer : on.memory.data_buffer;
  const long long line = at.line(align_up(ci, each_plane ? 4 : 8), 8);
  if (line * h <= limit) return {a16(x[0] * out)};
  const long long reach = each_plane ? at.kernel.h : 1LL * (at.kernel.h - 1) * f.dilation[0] + 1;
  const long long rows = most((limit / line - reach + at.stride.h) / at.stride.h, 1),
                  parts = (oh + rows - 1) / rows;
  return {co * most(rows, oh - (parts - 1) * rows) * ow};
}

[[nodiscard]] constexpr scratch conv_transpose2d(const facts& f, const chip& on, figures which) {
  if (on.stage != staging::capped) return {};
  // venusA computes an output in PSRAM whole; the reference packer asks where the weights lie
  if (which == figures::corrected && far(f.out)) return {bytes(f.out)};
  return {far(f.weight) ? least(65536, elements(f.out.dims)) : 0};
}

[[nodiscard]] constexpr scratch max_pool(const facts& f, const chip& on, figures which) {
  const shape &x = f.in[0].dims, &y = f.out.dims;
  const long long out = bytes(f.out);
  // arcs pools a copy of what lies in PSRAM, for which the reference packer leaves no room
  if (which == figures::corrected && on.stage == staging::whole && far(f.in[0])) return {bytes(f.in[0])};
  if (on.stage != staging::parts) return {far(f.out) ? least(out, 65536) : 0};
  const layout at{x[2], x[3], {f.kernel[0], f.kernel[1]}, {f.stride[0], f.stride[1]}, {f.pad[0], f.pad[1], f.pad[2], f.pad[3]}, y[2], y[3]};
  const long long line = at.line(align_up(x[1], 8), 8);
  if (line * at.h <= on.memory.data_buffer) return {far(f.out) ? out : 0};
  // the engine copies part by part, 64 KiB at most, and then the output; the reference packer has 60 KiB (defect D45)
  if (which == figures::reference) return {most(60 * 1024, out)};
  const long long parts = equal_parts(at, at.kernel.h, line, on.memory.data_buffer, 2);
  return {most(parts ? x[1] * (at.out_h * at.stride.h / parts + at.kernel.h - at.stride.h) * at.w : 65536, out)};
}

/// Sums of 32 bits, and what an area that is no power of two is divided in.
[[nodiscard]] constexpr scratch avg_pool(const facts& f, const chip& on, figures which) {
  const shape &x = f.in[0].dims, &y = f.out.dims;
  const long long c = x[1], h = x[2], w = x[3], places = 1LL * y[2] * y[3],
                  area = 1LL * f.kernel[0] * f.kernel[1];
  const bool power = (area & (area - 1)) == 0;
  if (f.kernel[0] == h + f.pad[0] + f.pad[2] && f.kernel[1] == w + f.pad[1] + f.pad[3]) {
    // only venus takes eight channels at a time of a whole image
    const bool all = which == figures::corrected && on.stage != staging::parts;
    const long long sums = (!all && align_up(c, 8) * h * w > 65536 ? 8 : c) * places * 4;
    // the engine lays the sums behind the image, the reference packer beside it (defect D11b)
    const bool behind = all && power;
    return {behind ? h * w + sums : most(h * w, sums) + (power ? 0 : sums), true};
  }
  const long long channels = align_up(c, 8) * h * align_up(w, 8LL * f.stride[1]) > 65536 ? 8 : c;
  return {channels * places * (!power ? 8 : on.stage == staging::parts ? 2 : 4), true};
}

}  // namespace lnn::limit::workspace
