// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

#include "../luna/tap.hpp"
#include "../tensor/integer_view.hpp"

namespace lnn {

struct chip;

namespace sim {

/// What an operator is told to describe its integer kernel before it runs.
struct layer_call {
  std::span<const integer_view> in, out;
  const chip& on;
  bool relu;
  std::uint32_t constants = 0;  ///< bit i: the numbers of input i are there and never change
  tap* watch = nullptr;

  [[nodiscard]] bool is_constant(std::size_t input) const { return input < 32 && (constants >> input & 1U) != 0; }
};

}  // namespace sim
}  // namespace lnn
