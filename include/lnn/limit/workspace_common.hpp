// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../chip/chip.hpp"
#include "../core/word.hpp"
#include "facts.hpp"

namespace lnn::limit {

/// Whose figures: those of the reference packer, which the verdicts of its corpus follow, or those that the
/// engine needs, which lnn plans with (engine_defects.md).
enum class figures : unsigned char { reference, corrected };

/// Scratch memory of one layer while it runs.
struct scratch {
  long long bytes = 0;        ///< without alignment
  bool beside_input = false;  ///< in the first input's kind of memory, else in share memory
};

namespace workspace {

[[nodiscard]] constexpr long long a16(long long n) { return align_up(n, 16); }
[[nodiscard]] constexpr int width(const operand& t) { return t.bits ? (t.bits + 7) / 8 : 1; }
[[nodiscard]] constexpr long long bytes(const operand& t) { return a16(elements(t.dims) * width(t)); }
/// Tensors outside share memory are copied into a workspace.
[[nodiscard]] constexpr bool far(const operand& t) {
  return t.asked != memory::any && t.asked != memory::share;
}
/// Exponents that are not known may differ.
[[nodiscard]] constexpr bool differ(const exponent& a, const exponent& b) {
  return !(a.whole() && b.whole() && a.value == b.value);
}
[[nodiscard]] constexpr long long least(long long a, long long b) { return a < b ? a : b; }
[[nodiscard]] constexpr long long most(long long a, long long b) { return a > b ? a : b; }

}  // namespace workspace
}  // namespace lnn::limit
