// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/parallel.hpp>
#include <lnn/core/random.hpp>
#include <lnn/luna/kernels.hpp>
#include <lnn/luna/plain_product.hpp>
#include <vector>

namespace test_plain_product {

using lnn::dtype;
using lnn::integer_view;

TEST_CASE("a plain product equals three loops, and fills its part of an output alone") {
  lnn::random draw(91);
  lnn::pool workers(1);
  for (int i = 0; i < 50; ++i) {
    const int rows = 1 + static_cast<int>(draw.below(5)), depth = 1 + static_cast<int>(draw.below(9)),
              columns = 1 + static_cast<int>(draw.below(6)), before = static_cast<int>(draw.below(4));
    const auto at = [](int n) { return static_cast<std::size_t>(n); };
    std::vector<std::int16_t> a(at(rows * depth)), b(at(depth * columns));
    for (auto& v : a) v = static_cast<std::int16_t>(draw.next());
    for (auto& v : b) v = static_cast<std::int16_t>(draw.next());
    std::vector<std::int32_t> y(at(before + rows * columns + 1), 77);
    const integer_view left{a.data(), dtype::int16, {rows, depth}, 0},
        right{b.data(), dtype::int16, {depth, columns}, 0};
    const lnn::luna::requantizer to{.out = {y.data(), dtype::int32, {static_cast<int>(y.size())}, 0},
                                    .shift = 5,
                                    .rule = lnn::accumulator::exact};
    lnn::luna::multiply_plain<lnn::luna::kernels>(
        {.rows = rows, .depth = depth, .columns = columns, .a = left, .b = right}, to, at(before), workers);
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < columns; ++c) {
        std::int64_t sum = 0;
        for (int k = 0; k < depth; ++k) sum += std::int64_t{a[at(r * depth + k)]} * b[at(k * columns + c)];
        REQUIRE(y[at(before + r * columns + c)] == lnn::saturate<std::int32_t>(lnn::shift_half_up(sum, 5)));
      }
    for (int k = 0; k < before; ++k) CHECK(y[at(k)] == 77);
    CHECK(y.back() == 77);
  }
}

}  // namespace test_plain_product
