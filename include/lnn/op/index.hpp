// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "contract.hpp"

namespace lnn {

/// The place that an index of an axis with `count` places means, -1 being the last.  The chips read past the
/// table where there is none (luna_ops.md 3.26); here that is an error.
[[nodiscard]] inline std::size_t place_of(std::string_view op, std::int64_t index, int count) {
  if (index < -count || index >= count)
    fail(op, ": index ", index, " is outside of ", -count, " to ", count - 1, "; clip indices to the table");
  return static_cast<std::size_t>(index < 0 ? index + count : index);
}
/// The same for indices that are kept as real numbers, as networks in training keep them; the nearest place, as the
/// input of a quantized network is rounded.
template <class Real>
  requires(!std::integral<Real>)
[[nodiscard]] std::size_t place_of(std::string_view op, Real index, int count) {
  const double place = round_real(static_cast<double>(index), rounding::half_up);
  if (!(place >= -count && place < count))
    fail(op, ": index ", place, " is outside of ", -count, " to ", count - 1, "; clip indices to the table");
  return place_of(op, static_cast<std::int64_t>(place), count);
}
/// The i-th index of an integer tensor.
[[nodiscard]] inline std::size_t place_in(std::string_view op, const integer_view& indices, std::size_t i,
                                          int count) {
  if (indices.type >= dtype::float32)
    fail(op, ": indices are ", name_of(indices.type), " where int32 is needed");
  return place_of(op, indices.at(i), count);
}

}  // namespace lnn
