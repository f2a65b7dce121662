// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "transpose.hpp"
#include "workspace_common.hpp"

/// Workspaces of element-wise operators, of those along an axis and of those that move data (packer.md 8.1).
namespace lnn::limit::workspace {

[[nodiscard]] constexpr scratch add(const facts& f, const chip& on) {
  const operand &x = f.in[0], &y = f.in[1];
  const long long one = bytes(x);
  const int copies = (differ(x.attribute(), f.out.attribute()) || far(x) ? 1 : 0) +
                     (differ(y.attribute(), f.out.attribute()) || far(y) ? 1 : 0);
  const long long n = far(f.out) ? most(one * copies, one) : copies == 2 ? one : 0;
  return {on.stage == staging::capped ? least(n, 65536) : n};
}
/// The engine demands that there is a workspace.
[[nodiscard]] constexpr scratch sub(const facts& f, figures which) {
  const operand &x = f.in[0], &y = f.in[1];
  const long long one = bytes(x);
  long long n = (differ(x.attribute(), f.out.attribute()) || far(x) ? one : 0) +
                (differ(y.attribute(), f.out.attribute()) || far(y) ? one : 0);
  if (far(f.out)) n = most(n, one);
  return {which == figures::corrected ? most(n, 16) : n};
}
/// One factor per channel.
[[nodiscard]] constexpr scratch mul(const facts& f) {
  const shape &x = f.in[0].dims, &y = f.in[1].dims;
  if (x.rank() != 4 || y.rank() != 4 || x[0] != y[0] || x[1] != y[1] || y[2] != 1 || y[3] != 1)
    return {0, true};
  const long long plane = 1LL * x[2] * x[3];
  return {plane > 1 ? plane + x[1] * plane : 0, true};
}
[[nodiscard]] constexpr scratch concat(const facts& f, const chip& on) {
  const long long all = elements(f.out.dims);
  if (on.stage == staging::capped) return {far(f.out) ? least(all, 65536) : 0};
  bool outside = far(f.out), rescaled = false;
  for (const operand& t : f.in) {
    outside = outside || far(t);
    rescaled = rescaled || differ(t.attribute(), f.out.attribute());
  }
  if (!outside || !rescaled) return {};
  const int along = normal_axis(f.axis, f.out.dims.rank());
  return {static_cast<long long>(f.out.dims.span(along, f.out.dims.rank()))};
}
[[nodiscard]] constexpr scratch pad(const facts& f) { return {bytes(f.in[0]), true}; }

[[nodiscard]] constexpr scratch sigmoid(const facts& f, const chip& on, figures which) {
  const long long n = bytes(f.in[0]);
  if (on.stage == staging::parts) return {differ(f.in[0].attribute(), 11) ? 2 * n : 0};
  return {(which == figures::corrected && on.stage == staging::capped ? 6 : 4) * n};  // defect D20
}
[[nodiscard]] constexpr scratch relu(const facts& f) {
  return {least((far(f.in[0]) ? bytes(f.in[0]) : 0) + (far(f.out) ? bytes(f.out) : 0), 65536)};
}
/// What goes to PSRAM is turned in the workspace, however small; the reference packer has none below 64 KiB.
[[nodiscard]] constexpr scratch transpose(const facts& f, const chip& on, figures which) {
  const long long in = bytes(f.in[0]);
  if (which == figures::reference || !far(f.out))
    return {least((far(f.in[0]) ? in : 0) + (far(f.out) && in >= 65536 ? in : 0), 65536)};
  const long long whole = far(f.in[0]) ? 2 * in : in;
  const limit::transpose::detail::exchange e = limit::transpose::detail::engine_axes(f.in[0].dims, f.perm);
  if (whole <= 65536 || e.torn || e.rank != 3 || e.from[0] != 0) return {whole};
  // matrix by matrix; of a large one the engine copies the first again and again
  const long long plane = a16(e.extent[1] * e.extent[2] * width(f.in[0]));
  return {far(f.in[0]) && plane > on.memory.data_buffer ? whole : plane};
}

[[nodiscard]] constexpr scratch softmax(const facts& f, const chip& on, bool logarithm, figures which) {
  const operand& x = f.in[0];
  const int rank = x.dims.rank(), along = normal_axis(f.axis, rank);
  if (along < 0 || along >= rank) return {};
  const long long n = elements(x.dims), tail = static_cast<long long>(x.dims.span(along, rank));
  const bool narrow = width(x) == 1;
  if (on.stage == staging::parts) {
    const long long planned = least(2LL * x.dims[along], 65536);
    // the engine of softmax keeps 8 bytes for every element of its rows
    return {which == figures::corrected && !logarithm ? most(planned, 8 * tail) : planned};
  }
  if (on.stage == staging::whole && !logarithm)
    return {least((narrow ? 4 * bytes(x) : 0) + (width(f.out) == 1 ? 4 * tail : 0), 65536)};
  const long long planned = least(n * (narrow ? 6 : 4) + 4 * tail, 65536);
  // venusA's engine lays its results behind four times its operands, which it counts in words of 32 bits
  if (which == figures::corrected && on.stage == staging::capped)
    return {(narrow ? 2 * n : 0) + 16 * (width(x) == 4 ? tail : n) + 4 * n};
  return {which == figures::corrected && on.stage == staging::whole ? most(planned, 4096 + 4 * n)
                                                                    : planned};  // defect D4
}

[[nodiscard]] constexpr scratch sum(const facts& f) {
  const shape& x = f.in[0].dims;
  const int along = normal_axis(f.axis, x.rank());
  return {along < 0 || along >= x.rank() || x[along] < 1 ? 0 : 4 * (elements(x) / x[along])};
}
[[nodiscard]] constexpr scratch variance(const facts& f) {
  const shape& x = f.in[0].dims;
  const int along = normal_axis(f.axis, x.rank());
  return {along < 0 || along >= x.rank() || x[along] < 1 ? 0 : bytes(f.in[0]) / x[along] * 12};
}
[[nodiscard]] constexpr scratch glu(const facts& f) {
  const shape& x = f.in[0].dims;
  const int along = normal_axis(f.axis, x.rank());
  return {along < 0 || along >= x.rank() ? 0 : 7 * static_cast<long long>(x.span(0, along + 1))};
}
[[nodiscard]] constexpr scratch top(const facts& f, const chip& on) {
  return {(on.stage == staging::parts ? 8LL : 16LL) * (f.count > 0 ? f.count : 1)};
}

}  // namespace lnn::limit::workspace
