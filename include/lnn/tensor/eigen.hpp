// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>

#include "tensor.hpp"

namespace lnn {

/// A tensor's elements as an Eigen matrix, without a copy: rows = product of the axes before `axis`, columns = product
/// of the rest.  Eigen expressions can be read from it and assigned to it.
template <class T>
using matrix_map = Eigen::Map<Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
template <class T>
using const_matrix_map =
    Eigen::Map<const Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

template <class T>
[[nodiscard]] matrix_map<T> as_matrix(tensor<T>& t, int axis = 1) {
  return {t.data(), static_cast<Eigen::Index>(t.dims().span(0, axis)),
          static_cast<Eigen::Index>(t.dims().span(axis, t.dims().rank()))};
}
template <class T>
[[nodiscard]] const_matrix_map<T> as_matrix(const tensor<T>& t, int axis = 1) {
  return {t.data(), static_cast<Eigen::Index>(t.dims().span(0, axis)),
          static_cast<Eigen::Index>(t.dims().span(axis, t.dims().rank()))};
}

/// An Eigen matrix's elements as a tensor view, without a copy, in either storage order.
template <class Derived>
[[nodiscard]] auto as_view(Eigen::PlainObjectBase<Derived>& m) {
  const auto rows = static_cast<int>(m.rows()), columns = static_cast<int>(m.cols());
  constexpr bool row_major = Derived::IsRowMajor;
  return view<typename Derived::Scalar>(m.data(), shape{rows, columns},
                                        {row_major ? columns : 1, row_major ? 1 : rows});
}

}  // namespace lnn
