// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "textbook.hpp"

/// What the tests of operators that move elements share.
namespace textbook {

inline shape any_shape(lnn::random& draw, int least_rank, int most_rank, int extent = 6) {
  shape s;
  for (int rank = pick(draw, least_rank, most_rank); rank > 0; --rank) s.append(pick(draw, 1, extent));
  return s;
}

/// The place along every axis of the i-th element.
inline std::vector<int> places(const shape& dims, std::size_t i) {
  std::vector<int> at(static_cast<std::size_t>(dims.rank()));
  for (int a = dims.rank() - 1; a >= 0; --a) {
    at[static_cast<std::size_t>(a)] = static_cast<int>(i % static_cast<std::size_t>(dims[a]));
    i /= static_cast<std::size_t>(dims[a]);
  }
  return at;
}
inline std::size_t element(const shape& dims, const std::vector<int>& at) {
  std::size_t i = 0;
  for (int a = 0; a < dims.rank(); ++a)
    i = i * static_cast<std::size_t>(dims[a]) + static_cast<std::size_t>(at[static_cast<std::size_t>(a)]);
  return i;
}

inline constexpr dtype moved_types[] = {dtype::int8, dtype::int16, dtype::int32};

/// Runs the operator on every element type and chip: element i of the output is the input's at source(places
/// of i).
template <class Op, class Source>
void check_moved(lnn::random& draw, const Op& op, const shape& x, const shape& y, const Source& source) {
  for (const dtype type : moved_types)
    for (const lnn::chip* on : lnn::chips) {
      const auto from = noise(draw, type, x, 5);
      const auto to = run(op, {from}, y, type, 5, *on);
      for (std::size_t i = 0; i < to.size(); ++i)
        REQUIRE(get(to, i) == get(from, element(x, source(places(y, i)))));
    }
  CHECK_THROWS_AS(run(op, {noise(draw, dtype::int32, x)}, y, dtype::int8, 0), lnn::error);
}

}  // namespace textbook
