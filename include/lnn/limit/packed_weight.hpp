// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workspace_common.hpp"

/// Bytes of constants after their re-layout (packer.md section 6), from the layer as the engine gets it.
namespace lnn::limit {

namespace detail {

/// Output channels of a dense kernel as they are stored: a multiple of `step`, and where the weights exceed
/// the chip's buffer a multiple of equal parts that fit.
[[nodiscard]] constexpr long long packed_channels(const facts& f, const chip& on, long long channels,
                                                  long long each, long long step, bool cut) {
  const long long room = on.memory.weight_buffer, all = align_up(channels, step);
  if (!cut || all * each <= room || !is(f.op, "Conv2dInt")) return all;
  const long long most = room / each / step * step;
  if (most < 1) return all;
  const long long parts = (all + most - 1) / most;
  return align_up((all + parts - 1) / parts, step) * parts;
}

/// Elements of a layer's packed weight.
[[nodiscard]] constexpr long long packed_elements(const facts& f, const chip& on, figures which) {
  const shape& w = f.weight.dims;
  if (is(f.op, "Conv2dInt") && w.rank() == 4) {
    const long long taps = 1LL * w[2] * w[3];
    if (f.group != 1)
      return align_up(w[0], on.conv.depthwise_align) * align_up(w[2], on.conv.depthwise_rows) * w[3];
    const shape& x = f.in[0].dims;
    const long long deep = align_up(w[1], 8);
    const bool cut = on.stage != staging::parts ||
                     deep * align_up(x[3], 8LL * f.stride[1]) * x[2] <= on.memory.data_buffer;
    return packed_channels(f, on, w[0], deep * taps, on.conv.output_align, cut) * deep * taps;
  }
  if (is(f.op, "ConvTranspose2dInt") && w.rank() == 4)
    return align_up(w[1], on.conv.output_align) * align_up(w[0], 8) * w[2] * w[3];
  if (is(f.op, "Conv1dInt") && w.rank() == 3) {
    // the library reads what the packer of the reference writes in groups of 2 in groups of 4 (defect D25)
    const int step = which == figures::reference ? 2 : on.conv.output_align;
    return f.group != 1 ? elements(w) : align_up(w[0], step) * align_up(w[1], 8) * w[2];
  }
  return elements(w);
}

}  // namespace detail

/// Bytes of a layer's weight in the parameters, without the padding to 16.
[[nodiscard]] constexpr long long packed_weight_bytes(const facts& f, const chip& on, figures which) {
  const long long n = detail::packed_elements(f, on, which);
  const int bits = f.weight.bits ? f.weight.bits : 8;
  if (bits >= 8) return n * (bits / 8);
  const bool rows = !is(f.op, "Conv2dInt") && !is(f.op, "Conv1dInt") && !is(f.op, "ConvTranspose2dInt") &&
                    f.weight.dims.rank() > 0;
  const long long row = rows ? last(f.weight.dims) : 8;  // packed kernels end in rows of 8 or 16
  return row < 1 ? 0 : n / row * ((row + 1) / 2);
}
/// The same in a buffer to which they are fetched: elements of 4 bits take a byte each there.
[[nodiscard]] constexpr long long fetched_weight_bytes(const facts& f, const chip& on, figures which) {
  const int bits = f.weight.bits ? f.weight.bits : 8;
  return detail::packed_elements(f, on, which) * (bits < 8 ? 1 : bits / 8);
}

}  // namespace lnn::limit
