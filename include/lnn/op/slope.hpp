// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../fixed/round.hpp"
#include "pointwise.hpp"

/// The activation that convolutions have within themselves beside relu: negative outputs are worth 2^-slope
/// of themselves (act_type 2 in files, luna_ops.md 2.1).  A slope of 0 is none.
namespace lnn::slope {

inline constexpr rule engine_slope{
    "slope.shift", "slope", "", "use the sum's right shift, q_x + q_w - q_o, or a prelu of its own", "斜率",
    "使用累加和的右移位数 q_x + q_w - q_o，或单独的 prelu"};
inline constexpr rule range{
    "slope.range", "slope", "", "use a slope of 0 to 31: a factor of 2^-slope", "斜率",
    "使用 0 到 31 的斜率，即因子 2^-slope"};

/// The engine shifts negative sums twice by what it shifts the others once.
constexpr void check(int slope, const limit::facts& f, verdict& found) {
  if (slope != 0 && limit::shift_known(f.in[0], f.weight, f.out))
    found.equal(engine_slope, slope, limit::shift_of(f.in[0], f.weight, f.out));
}

/// Bends the outputs of forward.
template <class Call>
void bend(int slope, const Call& c) {
  using T = typename Call::scalar;
  if (slope == 0) return;
  const T factor = static_cast<T>(power_of_two(-slope));
  detail::each_piece(c.workers, c.out[0].size(), [&](std::size_t first, std::size_t last) {
    for (T* y = c.out[0].data + first; y != c.out[0].data + last; ++y)
      if (*y < 0) *y *= factor;
  });
}

/// The gradient of the outputs before they were bent, in scratch slot 3 of the calling thread when it differs.
/// Where an output is 0 it is that of a negative one: most of what a quantizer rounds to 0 is negative.
template <class Call>
[[nodiscard]] const typename Call::scalar* gradient(int slope, const Call& c) {
  using T = typename Call::scalar;
  const T *y = c.out[0].data, *dy = c.grad_out[0].data;
  if (slope == 0) return dy;
  const T factor = static_cast<T>(power_of_two(-slope));
  T* const bent = Call::kernels::template scratch<T>(3, c.grad_out[0].size());
  detail::each_piece(c.workers, c.grad_out[0].size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) bent[i] = y[i] > 0 ? dy[i] : dy[i] * factor;
  });
  return bent;
}

}  // namespace lnn::slope
