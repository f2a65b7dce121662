// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workspace_common.hpp"

/// Workspaces of matrix products, recurrent layers and normalizations (packer.md 8.1).
namespace lnn::limit::workspace {

/// Rows of the left matrix in one of the equal parts into which it is cut.
[[nodiscard]] constexpr long long part_rows(long long rows, long long depth, long long limit) {
  long long part = rows;
  for (long long n = 2; align_up(part, 4) * align_up(depth, 8) > limit && part > 1; ++n)
    part = (rows + n - 1) / n;
  return part;
}
/// What VENUS copies of operands and result outside share memory.
[[nodiscard]] constexpr long long part_bytes(const operand& x, const operand& y, long long rows,
                                             long long depth, long long columns, long long limit) {
  const long long part = part_rows(rows, depth, limit);
  if (far(x) && far(y)) return part * most(depth, columns) + part * columns * 4;
  return far(x) ? part * depth : far(y) ? part * columns : 0;
}

[[nodiscard]] constexpr scratch linear(const facts& f, const chip& on, figures which) {
  const shape& x = f.in[0].dims;
  const long long rows = static_cast<long long>(x.span(0, x.rank() - 1)), depth = last(x),
                  columns = f.weight.dims[0];
  const long long in = a16(rows * depth), out = bytes(f.out);
  const bool wide = f.weight.bits == 32;
  if (on.stage == staging::whole) return {wide ? 4 * in + 4 * out : in + out};
  if (on.stage == staging::capped) {
    // the product goes behind both, and is turned where the input was
    if (which == figures::corrected && far(f.out)) return {most(wide ? 4 * in : in, out) + out};
    if (wide) return {align_up(rows, 2) * align_up(depth, 4) > 32768 ? most(4 * in, out) : 4 * in};
    bool cut = align_up(rows, 4) * align_up(depth, 8) > on.linear.left;
    // the packer of the reference asks about the wrong side of the weight
    if (which == figures::corrected) cut = cut || align_up(rows, 4) * align_up(columns, 8) > on.linear.left;
    return {cut ? most(in, out) : in};
  }
  const long long sums = f.bias.present ? out * width(f.bias) : 0;
  return {sums + part_bytes(f.in[0], f.out, rows, depth, columns, on.linear.left)};
}

[[nodiscard]] constexpr scratch bmm(const facts& f, const chip& on) {
  if (on.stage != staging::parts) return {};
  const shape &x = f.in[0].dims, &y = f.in[1].dims;
  const long long rows = x[x.rank() - 2], depth = last(x), columns = last(y);
  return {part_bytes(f.in[0], f.out, rows, depth, columns, on.linear.left) +
          (far(f.in[1]) ? depth * columns : 0)};
}

/// `fetched`: bytes of all weights and biases, each a multiple of 16.
[[nodiscard]] constexpr scratch lstm(const facts& f, const chip& on, long long fetched, figures which) {
  const long long hidden = last(f.recurrent_weight.dims);
  if (on.stage != staging::parts) return {32 * hidden + fetched};
  return {(which == figures::reference ? 32 : 40) * hidden};  // defect D37
}
[[nodiscard]] constexpr scratch gru(const facts& f) { return {36LL * last(f.recurrent_weight.dims)}; }

[[nodiscard]] constexpr scratch layer_norm(const facts& f, const chip& on, figures which) {
  const long long n = elements(f.weight.dims), planned = most(2 * n + 8, 4 * n);
  if (which == figures::reference) return {planned};
  return {most(planned, on.stage == staging::parts ? 8 * n : 27 * n + 8)};  // defect D41
}

[[nodiscard]] constexpr scratch batch_norm(const facts& f) {
  const shape& x = f.in[0].dims;
  return {4 * static_cast<long long>(x.span(2, x.rank()))};
}

}  // namespace lnn::limit::workspace
