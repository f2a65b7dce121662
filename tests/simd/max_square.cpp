// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/core/window.hpp>
#include <lnn/simd/kernels.hpp>
#include <lnn/simd/max_run.hpp>
#include <lnn/simd/max_square.hpp>
#include <vector>

namespace test_max_square {

using namespace lnn::simd;

// Beside the general way, tap by tap; x holds few values, so that many are equal, and no more than the last window needs.
TEST_CASE_TEMPLATE("larger_square: as tap by tap, for every path, width and pitch", T, float, double) {
  lnn::random draw(5);
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    for (std::size_t n = 1; n < 36; ++n)
      for (std::size_t rows : {1U, 2U, 5U})
        for (std::size_t pitch : {2 * n, 2 * n + 1}) {
          CAPTURE(n);
          CAPTURE(rows);
          CAPTURE(pitch);
          const std::size_t size = (2 * rows - 1) * pitch + 2 * n;
          std::vector<T> x(size), y(rows * n), gy(rows * n), gx(size, T{7});
          for (T& v : x) v = static_cast<T>(draw.below(4)) - 2;
          for (T& v : gy) v = draw.uniform(-1, 1);
          std::vector<T> most(rows * n, std::numeric_limits<T>::lowest()), wanted(size, T{7});
          for (std::size_t r = 0; r < 2 * rows; ++r) std::fill_n(wanted.begin() + static_cast<std::ptrdiff_t>(r * pitch), 2 * n, T{});
          std::vector<std::uint32_t> open(rows * n, ~0U);
          const auto taps = [&](const auto& use) {
            for (std::size_t tap = 0; tap < 4; ++tap)
              for (std::size_t r = 0; r < rows; ++r) use(r * n, (2 * r + tap / 2) * pitch + tap % 2);
          };
          taps([&](std::size_t to, std::size_t from) { larger_run(isa::portable, n, &x[from], 2, &most[to]); });
          taps([&](std::size_t to, std::size_t from) {
            larger_run_gradient(isa::portable, n, &x[from], 2, &most[to], &gy[to], &open[to], &wanted[from]);
          });
          larger_square(path, rows, n, x.data(), pitch, y.data());
          REQUIRE(y == most);
          larger_square_gradient(path, rows, n, x.data(), pitch, y.data(), gy.data(), gx.data());
          REQUIRE(gx == wanted);
        }
  }
}

TEST_CASE("max_square_backward: what no window reaches gets no gradient") {
  const auto w = lnn::window2::over({5, 7}, {2, 2}, {2, 2}, {});
  REQUIRE(w.quarters());
  const std::vector<float> x(35, 1.0F), gy(6, 2.0F);
  std::vector<float> y(6), gx(35, 9.0F);
  kernels::max_square(w, x.data(), y.data());
  CHECK(y == std::vector<float>(6, 1.0F));
  kernels::max_square_backward(w, x.data(), y.data(), gy.data(), gx.data());
  for (std::size_t i = 0; i < 35; ++i) {
    const std::size_t row = i / 7, column = i % 7;
    CHECK(gx[i] == (row < 4 && column < 6 && row % 2 == 0 && column % 2 == 0 ? 2.0F : 0.0F));
  }
}

TEST_CASE("quarters: windows of 2 x 2 side by side, nothing else") {
  const auto is = [](lnn::extent2 in, lnn::extent2 kernel, lnn::extent2 stride, lnn::padding2 pad, bool ceil = false) {
    return lnn::window2::over(in, kernel, stride, pad, {1, 1}, ceil).quarters();
  };
  CHECK(is({8, 8}, {2, 2}, {2, 2}, {}));
  CHECK(is({9, 7}, {2, 2}, {2, 2}, {}));
  CHECK_FALSE(is({9, 7}, {2, 2}, {2, 2}, {}, true));  // the last windows hang over the edge
  CHECK_FALSE(is({8, 8}, {2, 2}, {2, 2}, {1, 1, 1, 1}));
  CHECK_FALSE(is({8, 8}, {2, 2}, {2, 2}, {0, 0, 1, 1}));
  CHECK_FALSE(is({8, 8}, {3, 2}, {2, 2}, {}));
  CHECK_FALSE(is({8, 8}, {2, 2}, {1, 2}, {}));
  CHECK_FALSE(lnn::window2::over({8, 8}, {2, 2}, {2, 2}, {}, {2, 2}).quarters());
}

}  // namespace test_max_square
