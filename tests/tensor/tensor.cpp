// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdint>
#include <lnn/tensor/tensor.hpp>

namespace test_tensor {

using lnn::shape;
using lnn::tensor;

TEST_CASE("a tensor is zero when made, aligned, and counts its elements") {
  const tensor<float> t(shape{2, 3, 5});
  CHECK(t.size() == 30);
  CHECK(reinterpret_cast<std::uintptr_t>(t.data()) % 64 == 0);
  for (const float v : t) CHECK(v == 0.0F);
  CHECK(tensor<float>().size() == 0);
  CHECK(tensor<int>(shape{0, 4}).size() == 0);
  CHECK(tensor<int>(shape{}).size() == 1);
}

TEST_CASE("copies are deep, moves take the memory") {
  tensor<int> a(shape{2, 2}, {1, 2, 3, 4});
  tensor<int> b = a;
  b[0] = 9;
  CHECK(a[0] == 1);
  CHECK_FALSE(a == b);
  const int* place = b.data();
  const tensor<int> c = std::move(b);
  CHECK(c.data() == place);
  a = c;
  CHECK(a == c);
  a = tensor<int>();
  CHECK(a.size() == 0);
  const tensor<int> of_nothing = a;
  CHECK(of_nothing.size() == 0);
}

TEST_CASE("indices count axes in C order") {
  tensor<int> t(shape{2, 3}, {0, 1, 2, 10, 11, 12});
  CHECK(t(1, 2) == 12);
  t(0, 1) = 7;
  CHECK(t[1] == 7);
  t.fill(5);
  CHECK(t(1, 0) == 5);
}

TEST_CASE("a new shape has the same size or is refused with both shapes") {
  tensor<int> t(shape{2, 3});
  t.reshape({6});
  CHECK(t.dims() == shape{6});
  CHECK_THROWS_WITH_AS(t.reshape({4}), "tensor: 6 cannot be reshaped to 4; the sizes differ", lnn::error);
}

}  // namespace test_tensor
