// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#if __has_include(<Eigen/Core>)  // Eigen is optional
#include <lnn/tensor/eigen.hpp>

namespace test_eigen {

TEST_CASE("Eigen reads and writes a tensor's own elements") {
  lnn::tensor<float> t(lnn::shape{2, 3, 2});
  for (std::size_t i = 0; i < t.size(); ++i) t[i] = static_cast<float>(i);
  auto m = lnn::as_matrix(t);
  CHECK(m.rows() == 2);
  CHECK(m.cols() == 6);
  CHECK(m(1, 5) == 11.0F);
  m *= 2.0F;
  CHECK(t(1, 2, 1) == 22.0F);
  const auto& fixed = t;
  CHECK(lnn::as_matrix(fixed, 2).rows() == 6);
  CHECK(lnn::as_matrix(fixed, 2).sum() == 132.0F);
}

TEST_CASE("a tensor view looks at an Eigen matrix in either order") {
  Eigen::MatrixXf by_column(2, 3);
  by_column << 1, 2, 3, 4, 5, 6;
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> by_row = by_column;
  const auto c = lnn::as_view(by_column), r = lnn::as_view(by_row);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) {
      CHECK(c(i, j) == by_column(i, j));
      CHECK(r(i, j) == by_column(i, j));
    }
  CHECK(r.contiguous());
  CHECK_FALSE(c.contiguous());
  c(1, 2) = 9;
  CHECK(by_column(1, 2) == 9.0F);
}
#endif

}  // namespace test_eigen
