// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "constant.hpp"

namespace lnn::onnx {

/// A small constant that shapes are computed with: whole or real numbers, exact up to 2^53.
struct folded {
  shape dims{};
  bool real = false;
  std::vector<double> v{};

  [[nodiscard]] static folded scalar(double value, bool is_real = false) { return {{}, is_real, {value}}; }
  [[nodiscard]] static folded line(std::vector<double> values) { return {{static_cast<int>(values.size())}, false, std::move(values)}; }

  /// Constants of more elements are weights, not shapes; and of more than `room` none is computed at all.
  static constexpr std::size_t most = 4096, room = std::size_t{1} << 24;

  [[nodiscard]] static folded from(const integer_tensor& t) {
    folded f{t.dims(), t.type() >= dtype::float32, std::vector<double>(t.size())};
    for (std::size_t i = 0; i < f.v.size(); ++i)
      f.v[i] = t.type() == dtype::float32   ? static_cast<double>(t.as<float>()[i])
               : t.type() == dtype::float64 ? t.as<double>()[i]
                                            : static_cast<double>(t.access().at(i));
    return f;
  }
  /// As int64 or float32.
  [[nodiscard]] integer_tensor to_tensor() const {
    integer_tensor t(real ? dtype::float32 : dtype::int64, dims, 0);
    for (std::size_t i = 0; i < v.size(); ++i)
      if (real) t.as<float>()[i] = static_cast<float>(v[i]);
      else t.as<std::int64_t>()[i] = whole(v[i]);
    return t;
  }
  [[nodiscard]] std::int64_t at(std::size_t i) const { return whole(v[i]); }

  /// Nearest integer that a shape may hold; the end of an axis is written as the largest int64.
  [[nodiscard]] static std::int64_t whole(double d) {
    constexpr double limit = 9007199254740992.0;
    return maths::isnan(d) ? 0 : static_cast<std::int64_t>(std::clamp(d, -limit, limit));
  }
};

namespace detail {

/// Elements of dimensions that come from a file; fails where memory is not for so many.
inline std::size_t elements_of(const shape& dims) {
  std::size_t n = 1;
  for (int d : dims)
    if ((n *= static_cast<std::size_t>(std::max(d, 0))) > folded::room) fail("constant of ", dims, " is too large to be computed in a file");
  return n;
}

/// Distance in elements between neighbours along every axis.
inline std::vector<std::size_t> strides_of(const shape& dims) {
  std::vector<std::size_t> s(static_cast<std::size_t>(dims.rank()), 1);
  for (int i = dims.rank() - 2; i >= 0; --i)
    s[static_cast<std::size_t>(i)] = s[static_cast<std::size_t>(i) + 1] * static_cast<std::size_t>(dims[i + 1]);
  return s;
}

/// Elements of `x` in the place and order that `from(index)` says, for every index of the new dimensions.
template <class From>
folded moved(const folded& x, const shape& dims, const From& from) {
  folded y{dims, x.real, std::vector<double>(elements_of(dims))};
  std::vector<int> index(static_cast<std::size_t>(dims.rank()), 0);
  for (double& v : y.v) {
    v = x.v.at(from(index));
    for (int a = dims.rank() - 1; a >= 0 && ++index[static_cast<std::size_t>(a)] == dims[a]; --a) index[static_cast<std::size_t>(a)] = 0;
  }
  return y;
}

/// Dimensions of two tensors that are stretched to each other.
inline shape stretched(const shape& a, const shape& b) {
  shape out;
  const int rank = std::max(a.rank(), b.rank());
  for (int i = 0; i < rank; ++i) {
    const int da = i < rank - a.rank() ? 1 : a[i - rank + a.rank()], db = i < rank - b.rank() ? 1 : b[i - rank + b.rank()];
    if (da != db && da != 1 && db != 1) fail("constants of ", a, " and ", b, " do not fit");
    out.append(da == 1 ? db : da);
  }
  return out;
}
inline folded stretch(const folded& x, const shape& to) {
  const auto strides = strides_of(x.dims);
  return moved(x, to, [&](const std::vector<int>& index) {
    std::size_t at = 0;
    const std::size_t before = index.size() - strides.size();
    for (std::size_t a = 0; a < strides.size(); ++a)
      if (x.dims[static_cast<int>(a)] > 1) at += strides[a] * static_cast<std::size_t>(index[before + a]);
    return at;
  });
}
template <class F>
folded combine(const folded& a, const folded& b, const F& f) {
  const shape dims = stretched(a.dims, b.dims);
  folded x = stretch(a, dims);
  const folded y = stretch(b, dims);
  x.real = a.real || b.real;
  for (std::size_t i = 0; i < x.v.size(); ++i) x.v[i] = f(x.v[i], y.v[i]);
  return x;
}
template <class F>
folded each(folded x, const F& f) {
  for (double& v : x.v) v = f(v);
  return x;
}

/// A shape from a list of numbers.
inline shape shape_from(const folded& f) {
  shape s;
  if (f.v.size() > static_cast<std::size_t>(shape::max_rank)) fail("a shape of ", f.v.size(), " dimensions, expected at most ", shape::max_rank);
  for (std::size_t i = 0; i < f.v.size(); ++i) {
    if (f.at(i) < -1 || f.at(i) > (1 << 28)) fail("a dimension of ", f.at(i), ", expected -1 to 2^28");
    s.append(static_cast<int>(f.at(i)));
  }
  return s;
}

inline int axis_within(double axis, int rank) {
  const double a = axis < 0 ? axis + rank : axis;
  if (!(a >= 0 && a < rank)) fail("axis ", axis, " of a constant with ", rank, " axes");
  return static_cast<int>(a);
}

}  // namespace detail

}  // namespace lnn::onnx
