// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/spread.hpp>
#include <vector>

namespace test_spread {

TEST_CASE("a spread plane has zeros between its pixels, none around them") {
  const std::vector<int> x{1, 2, 3, 4, 5, 6};
  std::vector<int> y(3 * 5, 9);
  CHECK(lnn::luna::spread({2, 3}, {2, 2}) == lnn::extent2{3, 5});
  lnn::luna::spread_plane({2, 3}, {2, 2}, x.data(), y.data());
  CHECK(y == std::vector<int>{1, 0, 2, 0, 3, 0, 0, 0, 0, 0, 4, 0, 5, 0, 6});
  lnn::luna::spread_plane({2, 3}, {1, 1}, x.data(), y.data());
  CHECK(std::vector<int>(y.begin(), y.begin() + 6) == x);
}

TEST_CASE("turned kernels change place with their channels, within their group") {
  // two groups of two input channels and one output channel, kernels of two taps
  const std::vector<int> w{1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<int> y(8);
  lnn::luna::turn_kernels(2, 2, 1, 2, w.data(), y.data());
  CHECK(y == std::vector<int>{2, 1, 4, 3, 6, 5, 8, 7});
  // one group of two input and two output channels, kernels of two taps
  lnn::luna::turn_kernels(1, 2, 2, 2, w.data(), y.data());
  CHECK(y == std::vector<int>{2, 1, 6, 5, 4, 3, 8, 7});
}

// luna_ops.md 2.1.2: the engine pads by what the kernel leaves over
TEST_CASE("the window of a transposed convolution walks the spread input") {
  const lnn::window2 backward{{9, 10}, {3, 4}, {2, 2}, {1, 2}, {1, 2, 0, 0}, {4, 3}};
  const lnn::window2 w = lnn::luna::transposed(backward);
  CHECK(w.in == lnn::extent2{7, 5});
  CHECK(w.out == lnn::extent2{9, 10});
  CHECK(w.stride == lnn::extent2{1, 1});
  CHECK(w.pad == lnn::padding2{1, 4, 0, 0});
}

}  // namespace test_spread
