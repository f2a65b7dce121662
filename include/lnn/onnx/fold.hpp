// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/spelled.hpp"
#include "folded.hpp"

namespace lnn::onnx {

namespace detail {

/// The input in a place; null where the file leaves it out.
using folded_list = std::vector<const folded*>;

inline const folded* maybe(const folded_list& in, std::size_t i) { return i < in.size() ? in[i] : nullptr; }
inline const folded& need(const folded_list& in, std::size_t i) {
  if (!maybe(in, i)) fail("input ", i, " is missing");
  return *in[i];
}
/// Numbers of an attribute, or of the input that newer files have in its place.
inline std::vector<double> said(const spelled_node& n, std::string_view attribute, const folded_list& in, std::size_t place) {
  if (const auto* a = n.find(attribute)) return *a;
  return maybe(in, place) ? in[place]->v : std::vector<double>{};
}
inline double number_or(const spelled_node& n, std::string_view attribute, double otherwise) {
  const double* a = n.number(attribute);
  return a ? *a : otherwise;
}

inline folded reshape_constant(const folded& x, const folded& to) {
  shape wanted = shape_from(to);
  int open = -1;
  std::size_t rest = 1;
  for (int i = 0; i < wanted.rank(); ++i) {
    if (wanted[i] == 0 && i < x.dims.rank()) wanted[i] = x.dims[i];
    if (wanted[i] < 0) open = i;
    else rest = std::min(rest * static_cast<std::size_t>(wanted[i]), folded::room * 4);
  }
  if (open >= 0) wanted[open] = static_cast<int>(rest ? x.v.size() / rest : 0);
  if (elements_of(wanted) != x.v.size()) fail("a constant of ", x.v.size(), " elements cannot have the shape ", wanted);
  return {wanted, x.real, x.v};
}

inline folded squeeze_constant(const folded& x, std::vector<double> axes) {
  shape out;
  std::vector<bool> gone(static_cast<std::size_t>(x.dims.rank()), axes.empty());
  for (double a : axes) gone[static_cast<std::size_t>(axis_within(a, x.dims.rank()))] = true;
  for (int i = 0; i < x.dims.rank(); ++i)
    if (!gone[static_cast<std::size_t>(i)] || x.dims[i] != 1) out.append(x.dims[i]);
  return {out, x.real, x.v};
}
inline folded unsqueeze_constant(const folded& x, const std::vector<double>& axes) {
  const int rank = x.dims.rank() + static_cast<int>(axes.size());
  if (rank > shape::max_rank) fail("a constant of ", rank, " dimensions, expected at most ", shape::max_rank);
  std::vector<bool> made(static_cast<std::size_t>(rank), false);
  for (double a : axes) made[static_cast<std::size_t>(axis_within(a, rank))] = true;
  shape out;
  int from = 0;
  for (int i = 0; i < rank; ++i) {
    if (!made[static_cast<std::size_t>(i)] && from == x.dims.rank()) fail("an axis is named twice");
    out.append(made[static_cast<std::size_t>(i)] ? 1 : x.dims[from++]);
  }
  return {out, x.real, x.v};
}

inline folded concat_constants(const folded_list& in, double axis) {
  const folded& first = need(in, 0);
  const int along = axis_within(axis, first.dims.rank());
  folded out{first.dims, first.real, {}};
  out.dims[along] = 0;
  const std::size_t outer = first.dims.span(0, along);
  for (std::size_t k = 0; k < in.size(); ++k) {
    const folded& x = need(in, k);
    if (x.dims.rank() != first.dims.rank() || x.dims.span(0, along) != outer) fail("constants of ", first.dims, " and ", x.dims, " cannot be joined");
    out.dims[along] += x.dims[along];
  }
  for (std::size_t o = 0; o < outer; ++o)
    for (const folded* x : in) {
      const std::size_t run = x->v.size() / std::max<std::size_t>(outer, 1);
      out.v.insert(out.v.end(), x->v.begin() + static_cast<std::ptrdiff_t>(o * run), x->v.begin() + static_cast<std::ptrdiff_t>((o + 1) * run));
    }
  if (out.v.size() != out.dims.size() || out.v.size() > folded::room) fail("constants cannot be joined to ", out.dims);
  return out;
}

/// ONNX Gather: the axis is replaced by the axes of the indices, also by none.
inline folded gather_constant(const folded& x, const folded& index, double axis) {
  const int along = axis_within(axis, x.dims.rank()), ranks = index.dims.rank();
  if (x.dims.rank() - 1 + ranks > shape::max_rank) fail("a constant of more than ", shape::max_rank, " dimensions");
  shape out;
  for (int i = 0; i < along; ++i) out.append(x.dims[i]);
  for (int d : index.dims) out.append(d);
  for (int i = along + 1; i < x.dims.rank(); ++i) out.append(x.dims[i]);
  const auto strides = strides_of(x.dims), places = strides_of(index.dims);
  return moved(x, out, [&](const std::vector<int>& at) {
    std::size_t from = 0, which = 0;
    for (int i = 0; i < along; ++i) from += strides[static_cast<std::size_t>(i)] * static_cast<std::size_t>(at[static_cast<std::size_t>(i)]);
    for (int i = 0; i < ranks; ++i) which += places[static_cast<std::size_t>(i)] * static_cast<std::size_t>(at[static_cast<std::size_t>(along + i)]);
    for (int i = along + 1; i < x.dims.rank(); ++i)
      from += strides[static_cast<std::size_t>(i)] * static_cast<std::size_t>(at[static_cast<std::size_t>(i - 1 + ranks)]);
    const int row = axis_within(index.v.at(which), x.dims[along]);
    return from + strides[static_cast<std::size_t>(along)] * static_cast<std::size_t>(row);
  });
}

inline folded slice_constant(const folded& x, const spelled_node& n, const folded_list& in) {
  const auto starts = said(n, "starts", in, 1), ends = said(n, "ends", in, 2), axes = said(n, "axes", in, 3), steps = said(n, "steps", in, 4);
  shape out = x.dims;
  std::vector<std::int64_t> first(static_cast<std::size_t>(x.dims.rank()), 0), step(first.size(), 1);
  if (starts.size() != ends.size()) fail("a slice with ", starts.size(), " starts and ", ends.size(), " ends");
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const int a = axis_within(i < axes.size() ? axes[i] : static_cast<double>(i), x.dims.rank());
    const std::int64_t size = x.dims[a], by = i < steps.size() ? folded::whole(steps[i]) : 1;
    if (by == 0) fail("a slice with step 0");
    const auto within = [&](double v) {
      const std::int64_t place = folded::whole(v) < 0 ? folded::whole(v) + size : folded::whole(v);
      return by > 0 ? std::clamp<std::int64_t>(place, 0, size) : std::clamp<std::int64_t>(place, -1, size - 1);
    };
    const std::int64_t begin = within(starts[i]), end = within(ends[i]);
    const std::int64_t count = by > 0 ? (end - begin + by - 1) / by : (begin - end - by - 1) / -by;
    out[a] = static_cast<int>(std::max<std::int64_t>(count, 0));
    first[static_cast<std::size_t>(a)] = begin;
    step[static_cast<std::size_t>(a)] = by;
  }
  const auto strides = strides_of(x.dims);
  return moved(x, out, [&](const std::vector<int>& at) {
    std::size_t from = 0;
    for (std::size_t a = 0; a < at.size(); ++a) from += strides[a] * static_cast<std::size_t>(first[a] + step[a] * at[a]);
    return from;
  });
}

inline folded transpose_constant(const folded& x, const std::vector<double>& perm) {
  shape out;
  std::vector<std::size_t> by;
  const auto strides = strides_of(x.dims);
  if (!perm.empty() && perm.size() != strides.size()) fail("a transpose of ", x.dims, " with ", perm.size(), " axes");
  for (int i = 0; i < x.dims.rank(); ++i) {
    const int from = perm.empty() ? x.dims.rank() - 1 - i : axis_within(perm.at(static_cast<std::size_t>(i)), x.dims.rank());
    out.append(x.dims[from]);
    by.push_back(strides[static_cast<std::size_t>(from)]);
  }
  if (out.size() != x.v.size()) fail("a transpose that names an axis twice");
  return moved(x, out, [&](const std::vector<int>& at) {
    std::size_t from = 0;
    for (std::size_t a = 0; a < at.size(); ++a) from += by[a] * static_cast<std::size_t>(at[a]);
    return from;
  });
}

template <class F>
folded reduce_constant(const folded& x, const spelled_node& n, const folded_list& in, double start, const F& f) {
  auto axes = said(n, "axes", in, 1);
  std::vector<bool> gone(static_cast<std::size_t>(x.dims.rank()), axes.empty());
  for (double a : axes) gone[static_cast<std::size_t>(axis_within(a, x.dims.rank()))] = true;
  shape kept;
  for (int i = 0; i < x.dims.rank(); ++i) kept.append(gone[static_cast<std::size_t>(i)] ? 1 : x.dims[i]);
  folded y{kept, x.real, std::vector<double>(kept.size(), start)};
  const auto strides = strides_of(kept);
  std::size_t at = 0;
  (void)moved(x, x.dims, [&](const std::vector<int>& index) {
    std::size_t to = 0;
    for (std::size_t a = 0; a < index.size(); ++a)
      if (!gone[a]) to += strides[a] * static_cast<std::size_t>(index[a]);
    y.v[to] = f(y.v[to], x.v[at]);
    return at++;
  });
  if (number_or(n, "keepdims", 1) != 0) return y;
  std::vector<double> dropped;
  for (std::size_t a = 0; a < gone.size(); ++a)
    if (gone[a]) dropped.push_back(static_cast<double>(a));
  return dropped.empty() ? y : squeeze_constant(y, dropped);
}

}  // namespace detail

}  // namespace lnn::onnx
