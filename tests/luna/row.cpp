// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/row.hpp>

namespace test_row {

TEST_CASE("rows are widened with their step and narrowed with saturation") {
  std::int16_t from[] = {1, -2, 300, -400, 5, 6};
  std::int64_t wide[3];
  const lnn::integer_view x{from, lnn::dtype::int16, {6}, 0};
  lnn::luna::load_row(x, 1, 2, 3, wide);
  CHECK(wide[0] == -2);
  CHECK(wide[1] == -400);
  CHECK(wide[2] == 6);
  lnn::luna::load_row(x, 2, 0, 2, wide);
  CHECK(wide[0] == 300);
  CHECK(wide[1] == 300);
  std::int8_t to[4]{};
  const std::int64_t values[] = {128, -129, 7};
  lnn::luna::store_row(values, 3, {to, lnn::dtype::int8, {4}, 0}, 1);
  CHECK(to[0] == 0);
  CHECK(to[1] == 127);
  CHECK(to[2] == -128);
  CHECK(to[3] == 7);
}

}  // namespace test_row
