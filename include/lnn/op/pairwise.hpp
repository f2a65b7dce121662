// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/row.hpp"
#include "broadcast.hpp"
#include "pointwise.hpp"

namespace lnn::detail {

/// Integers of two operands, met by broadcasting: row(a, b, y, n) gets n widened elements of each and the
/// place of the first result, so that the arithmetic itself is compiled once for all element types.
template <class Call, class Row>
void each_pair(const Call& c, const Row& row) {
  constexpr std::size_t block = 1024;  // elements that are widened at a time
  broadcast2(c.in[0].dims, c.in[1].dims).walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
    each_piece(c.workers, n, [&](std::size_t first, std::size_t last) {
      auto* left = Call::kernels::template scratch<std::int64_t>(0, block);
      auto* right = Call::kernels::template scratch<std::int64_t>(1, block);
      for (std::size_t at = first; at < last; at += block) {
        const std::size_t part = std::min(block, last - at);
        luna::load_row(c.in[0], a + at * step_a, step_a, part, left);
        luna::load_row(c.in[1], b + at * step_b, step_b, part, right);
        row(left, right, y + at, part);
      }
    });
  });
}

}  // namespace lnn::detail
