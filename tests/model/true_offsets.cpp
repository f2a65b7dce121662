// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/model/true_offsets.hpp>

#include "small_program.hpp"

namespace test_true_offsets {

TEST_CASE("offsets behind 4-bit constants are put right") {
  small::maker m(lnn::arcs);
  const auto x = m.tensor("x", {1, 5}, 4), y = m.tensor("y", {1, 9}, 3);
  const auto w = m.weight("w", "LinearInt", 0, {9, 5}, lnn::dtype::int4, 5), b = m.weight("b", "LinearInt", 1, {9}, lnn::dtype::int32, -1);
  m.operation("LinearInt", {x, w, b}, {y});
  const auto good = m.done({x}, {y});
  CHECK(good.tensors[w].bytes() == 27);
  CHECK(good.tensors[b].offset == 32);
  auto p = good;
  CHECK(!lnn::model::correct_offsets(p));
  p.tensors[b].offset = 24;  // 48 elements, half of them bytes
  CHECK(lnn::model::correct_offsets(p));
  CHECK(p.tensors == good.tensors);
  // other mistakes are left as they are
  p.tensors[b].offset = 24;
  p.tensors[w].code = lnn::model::code_of(lnn::dtype::int8);
  CHECK(!lnn::model::correct_offsets(p));
}

}  // namespace test_true_offsets
