// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>

#include "../core/maths.hpp"
#include "fold.hpp"

namespace lnn::onnx {

namespace detail {

inline folded range_constant(const folded_list& in) {
  const folded &start = need(in, 0), &limit = need(in, 1), &step = need(in, 2);
  folded out{{0}, start.real || step.real, {}};
  if (start.v.size() != 1 || limit.v.size() != 1 || step.v.size() != 1 || step.v[0] == 0) fail("a range needs three numbers, the last not 0");
  const double count = maths::ceil((limit.v[0] - start.v[0]) / step.v[0]);
  if (!(count <= static_cast<double>(folded::most))) fail("a range of ", count, " numbers is too long to be computed in a file");
  for (double i = 0; i < count; ++i) out.v.push_back(start.v[0] + i * step.v[0]);
  out.dims[0] = static_cast<int>(out.v.size());
  return out;
}

inline folded tile_constant(const folded& x, const folded& repeats) {
  shape out = x.dims;
  if (repeats.v.size() != static_cast<std::size_t>(x.dims.rank())) fail("a tile of ", x.dims, " with ", repeats.v.size(), " repeats");
  for (int i = 0; i < out.rank(); ++i) {
    const std::int64_t times = repeats.at(static_cast<std::size_t>(i));
    if (times < 0 || times > static_cast<std::int64_t>(folded::most)) fail("a tile with ", times, " repeats");
    out[i] = static_cast<int>(std::min<std::int64_t>(out[i] * times, 1 << 20));
  }
  const auto strides = strides_of(x.dims);
  return moved(x, out, [&](const std::vector<int>& at) {
    std::size_t from = 0;
    for (std::size_t a = 0; a < at.size(); ++a) from += strides[a] * static_cast<std::size_t>(at[a] % x.dims[static_cast<int>(a)]);
    return from;
  });
}

/// Operators of two numbers.
inline std::optional<folded> fold_pair(std::string_view op, const folded_list& in) {
  const auto with = [&](auto f) { return combine(need(in, 0), need(in, 1), f); };
  const auto truth = [&](auto f) {
    folded y = combine(need(in, 0), need(in, 1), [&](double a, double b) { return f(a, b) ? 1.0 : 0.0; });
    y.real = false;
    return y;
  };
  const bool real = !in.empty() && ((in[0] && in[0]->real) || (in.size() > 1 && in[1] && in[1]->real));
  if (op == "Add") return with([](double a, double b) { return a + b; });
  if (op == "Sub") return with([](double a, double b) { return a - b; });
  if (op == "Mul") return with([](double a, double b) { return a * b; });
  if (op == "Div")
    return with([&](double a, double b) {
      if (b == 0 && !real) fail("a constant is divided by 0");
      return real ? a / b : maths::trunc(a / b);
    });
  if (op == "Pow") return with([](double a, double b) { return maths::pow(a, b); });
  if (op == "Mod")
    return with([](double a, double b) {
      if (b == 0) fail("a constant is divided by 0");
      const double r = maths::fmod(a, b);
      return r != 0 && (r < 0) != (b < 0) ? r + b : r;
    });
  if (op == "Max") return with([](double a, double b) { return std::max(a, b); });
  if (op == "Min") return with([](double a, double b) { return std::min(a, b); });
  if (op == "Equal") return truth([](double a, double b) { return a == b; });
  if (op == "Less") return truth([](double a, double b) { return a < b; });
  if (op == "Greater") return truth([](double a, double b) { return a > b; });
  if (op == "LessOrEqual") return truth([](double a, double b) { return a <= b; });
  if (op == "GreaterOrEqual") return truth([](double a, double b) { return a >= b; });
  if (op == "And") return truth([](double a, double b) { return a != 0 && b != 0; });
  if (op == "Or") return truth([](double a, double b) { return a != 0 || b != 0; });
  return {};
}

/// Operators of one number.
inline std::optional<folded> fold_one(std::string_view op, const folded_list& in) {
  const auto with = [&](auto f) { return each(need(in, 0), f); };
  if (op == "Neg") return with([](double a) { return -a; });
  if (op == "Abs") return with([](double a) { return std::abs(a); });
  if (op == "Ceil") return with([](double a) { return maths::ceil(a); });
  if (op == "Floor") return with([](double a) { return maths::floor(a); });
  if (op == "Sqrt") return with([](double a) { return maths::sqrt(a); });
  if (op == "Not") return with([](double a) { return a == 0 ? 1.0 : 0.0; });
  return {};
}

}  // namespace detail

/// What a node of shape arithmetic makes of constants, as the ONNX operators define it; nothing for other operators.
/// Fails where the constants do not fit.
[[nodiscard]] inline std::optional<std::vector<folded>> fold(const spelled_node& n, const std::vector<const folded*>& in) {
  using namespace detail;
  const std::string_view op = n.op;
  const auto one = [](folded f) { return std::optional<std::vector<folded>>(std::vector<folded>{std::move(f)}); };
  if (op == "Identity") return one(need(in, 0));
  if (op == "Cast") {
    folded x = need(in, 0);
    const int to = static_cast<int>(lnn::detail::within_int(number_or(n, "to", 0)));
    const bool real = to == message::TensorProto::FLOAT || to == message::TensorProto::DOUBLE;
    if (x.real && !real) x = each(std::move(x), [](double a) { return maths::trunc(a); });
    x.real = real;
    return one(std::move(x));
  }
  if (op == "Reshape") return one(reshape_constant(need(in, 0), need(in, 1)));
  if (op == "Flatten") {
    const folded& x = need(in, 0);
    const int axis = static_cast<int>(std::clamp(number_or(n, "axis", 1), -8.0, 8.0)), at = std::clamp(axis < 0 ? axis + x.dims.rank() : axis, 0, x.dims.rank());
    return one({{static_cast<int>(x.dims.span(0, at)), static_cast<int>(x.dims.span(at, x.dims.rank()))}, x.real, x.v});
  }
  if (op == "Squeeze") return one(squeeze_constant(need(in, 0), said(n, "axes", in, 1)));
  if (op == "Unsqueeze") return one(unsqueeze_constant(need(in, 0), said(n, "axes", in, 1)));
  if (op == "Concat") return one(concat_constants(in, number_or(n, "axis", 0)));
  if (op == "Gather") return one(gather_constant(need(in, 0), need(in, 1), number_or(n, "axis", 0)));
  if (op == "Slice") return one(slice_constant(need(in, 0), n, in));
  if (op == "Transpose") return one(transpose_constant(need(in, 0), n.find("perm") ? *n.find("perm") : std::vector<double>{}));
  if (op == "Expand") return one(stretch(need(in, 0), stretched(need(in, 0).dims, shape_from(need(in, 1)))));
  if (op == "Tile") return one(tile_constant(need(in, 0), need(in, 1)));
  if (op == "Range") return one(range_constant(in));
  if (op == "Size") return one(folded::scalar(static_cast<double>(need(in, 0).v.size())));
  if (op == "Where") {
    const folded &c = need(in, 0), &a = need(in, 1), &b = need(in, 2);
    const shape to = stretched(stretched(c.dims, a.dims), b.dims);
    const folded yes = stretch(a, to), no = stretch(b, to);
    folded y = stretch(c, to);
    for (std::size_t i = 0; i < y.v.size(); ++i) y.v[i] = y.v[i] != 0 ? yes.v[i] : no.v[i];
    y.real = a.real || b.real;
    return one(std::move(y));
  }
  if (op == "ReduceProd") return one(reduce_constant(need(in, 0), n, in, 1, [](double a, double b) { return a * b; }));
  if (op == "ReduceSum") return one(reduce_constant(need(in, 0), n, in, 0, [](double a, double b) { return a + b; }));
  if (op == "ReduceMax") return one(reduce_constant(need(in, 0), n, in, -1e300, [](double a, double b) { return std::max(a, b); }));
  if (op == "ReduceMin") return one(reduce_constant(need(in, 0), n, in, 1e300, [](double a, double b) { return std::min(a, b); }));
  if (auto y = fold_pair(op, in)) return one(std::move(*y));
  if (auto y = fold_one(op, in)) return one(std::move(*y));
  return {};
}

}  // namespace lnn::onnx
