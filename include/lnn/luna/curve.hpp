// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <initializer_list>

#include "../chip/chip.hpp"
#include "../core/algorithm.hpp"
#include "../fixed/round.hpp"
#include "../fixed/saturate.hpp"

namespace lnn::luna {

/// A function in 16 straight pieces on |x| (luna_ops.md 2.4): piece j holds up to |x| = end[j] inclusive, the
/// last one from there on.
struct curve_pieces {
  std::int32_t end[15], slope[16], bias[16];

  /// How many ends lie below: halving without a branch, which would be wrong half of the time.
  [[nodiscard]] constexpr int find(std::int64_t magnitude) const noexcept {
    int j = 0;
    for (const int half : {8, 4, 2, 1}) j += half * int{magnitude > end[j + half - 1]};
    return j;
  }
};

// Arguments count at Q11 on VENUS and at Q27 elsewhere; biases at Q15 and Q31, those of gelu and swish at
// Q24.  What VENUSA adds is ARCS' bias in 29 bits, so the two share their tables.
/// VENUS; 2^15 - bias below 0.
inline constexpr curve_pieces sigmoid_q11{
    .end = {971, 1699, 2347, 2974, 3614, 4291, 5026, 5861, 6831, 7864, 8987, 10375, 11594, 13168, 14730},
    .slope = {32316, 29471, 25891, 22068, 18225, 29057, 22206, 16113, 10881, 27353, 16611, 9242, 4618, 20670,
              8610, 693},
    .bias = {16384, 16721, 17464, 18559, 19954, 21585, 23380, 25249, 27121, 28807, 30096, 31107, 31839, 32199,
             32502, 32724}};

/// VENUS.
inline constexpr curve_pieces tanh_q11{
    .end = {512, 888, 1226, 1558, 1899, 2264, 2670, 3146, 3734, 4297, 4761, 5466, 6151, 7193, 8093},
    .slope = {32266, 29154, 25374, 21309, 17272, 26886, 19904, 13765, 8599, 19497, 12047, 7324, 3373, 26820,
              5531, 337},
    .bias = {0, 778, 2417, 4851, 7922, 11474, 15334, 19335, 23303, 26699, 28653, 30026, 31344, 31981, 32565,
             32725}};

/// ARCS and VENUSA; 2^31 - bias below 0.
inline constexpr curve_pieces sigmoid_q27{
    .end = {63656107, 111395083, 153816608, 194953701, 236865036, 281253298, 329433241, 384154475, 447714743,
            515399149, 589016819, 679940425, 759830874, 862986200, 965402453},
    .slope = {529475578, 482862538, 424212188, 361565531, 298613704, 238039992, 181912633, 132002182,
              89144402, 56020914, 34019888, 18928477, 9459126, 5291645, 2204341, 177654},
    .bias = {1073741824, 1095849221, 1144526551, 1216321063, 1307759740, 1414659140, 1532274042, 1654777693,
             1777444109, 1887935281, 1972419725, 2038648643, 2086619912, 2110212774, 2130063364, 2144640936}};

/// ARCS and VENUSA.
inline constexpr curve_pieces tanh_q27{
    .end = {33584191, 58182438, 80361293, 102120620, 124483371, 148392654, 174972063, 206183541, 244722657,
            281591256, 312045360, 358241226, 403095772, 471425623, 530372454},
    .slope = {2114623134, 1910645334, 1662969581, 1396521636, 1131979061, 881027392, 652221876, 451080022,
              281798391, 159724746, 98692663, 60001039, 27632752, 13732196, 2832019, 172634},
    .bias = {0, 51039676, 158405367, 317937954, 519217264, 751968259, 1004938252, 1267155516, 1527203771,
             1749783808, 1877830237, 1967785133, 2054179492, 2095926998, 2134212723, 2144721503}};

/// VENUSA; 2^27 - slope below 0.
inline constexpr curve_pieces gelu_q27{
    .end = {14115017, 28375324, 42953268, 58054959, 73951497, 91038024, 109967415, 132036451, 160959227,
            226844274, 267242587, 306191336, 350131144, 407973369, 516356188},
    .slope = {72728288, 83897176, 94867369, 105507160, 115674329, 125208681, 133918928, 141554901, 147729276,
              151456513, 147845039, 143733750, 139917095, 136824421, 134818073, 134217887},
    .bias = {-10758, -157495, -447240, -872623, -1421992, -2078164, -2815981, -3596982, -4354386, -4913744,
             -4157062, -3134007, -2046605, -1040047, -281784, -3183}};

/// VENUSA; 2^27 - slope below 0.
inline constexpr curve_pieces swish_q27{
    .end = {24654376, 49696796, 75597255, 102943334, 132562612, 165787474, 205189411, 257698662, 386828914,
            411601113, 503293022, 600623812, 719278864, 886211418, 1200463913},
    .slope = {73253038, 85425077, 97268252, 108569000, 119102644, 128623281, 136842248, 143368061, 147330902,
              146163034, 144088169, 140854555, 138082720, 135988566, 134689659, 134226579},
    .bias = {-18406, -297641, -845322, -1640240, -2649106, -3823039, -5089876, -6333243, -7277526, -6866303,
             -6053889, -4539545, -2991709, -1593178, -528753, -24754}};

/// Exponent of the argument of a chip's sigmoid and tanh, and of what its tables give.
[[nodiscard]] constexpr int curve_input(curves unit) noexcept { return unit == curves::narrow ? 11 : 27; }
[[nodiscard]] constexpr int curve_output(curves unit) noexcept {
  return unit == curves::narrow ? 15 : unit == curves::stepped ? 31 : 58;
}

/// x at exponent q as an argument of sigmoid and tanh: S16(R(x, q - 11)) on VENUS, S32(R(x, q - 27))
/// elsewhere, to the left when q is the coarser one (luna_ops.md 3.15; engines leave that out: defect D23).
[[nodiscard]] constexpr std::int32_t curve_argument(curves unit, std::int64_t x, int q) noexcept {
  const std::int64_t v = rescale(x, q, curve_input(unit));
  return unit == curves::narrow ? saturate<std::int16_t>(v) : saturate<std::int32_t>(v);
}

namespace detail {

/// Right shifts of VENUS' products: they differ from piece to piece.
inline constexpr int sigmoid_shift[] = {13, 13, 13, 13, 13, 14, 14, 14, 14, 16, 16, 16, 16, 19, 19, 19};
inline constexpr int tanh_shift[] = {11, 11, 11, 11, 11, 12, 12, 12, 12, 14, 14, 14, 14, 18, 18, 18};

}  // namespace detail

/// 1 / (1 + e^-x) at curve_output(unit), x at curve_input(unit):
///   VENUS   F(slope * x, shift) + bias
///   ARCS    F(slope * x, 27) + bias
///   VENUSA  slope * x + bias * 2^30
[[nodiscard]] constexpr std::int64_t sigmoid_exact(curves unit, std::int32_t x) noexcept {
  const std::int64_t magnitude = x < 0 ? -std::int64_t{x} : x;
  if (unit == curves::narrow) {
    const int j = sigmoid_q11.find(magnitude);
    const std::int64_t bias = x < 0 ? (1 << 15) - sigmoid_q11.bias[j] : sigmoid_q11.bias[j];
    return shift_floor(std::int64_t{sigmoid_q11.slope[j]} * x, detail::sigmoid_shift[j]) + bias;
  }
  const int j = sigmoid_q27.find(magnitude);
  const std::int64_t product = std::int64_t{sigmoid_q27.slope[j]} * x;
  const std::int64_t bias = x < 0 ? (std::int64_t{1} << 31) - sigmoid_q27.bias[j] : sigmoid_q27.bias[j];
  return unit == curves::stepped ? shift_floor(product, 27) + bias
                                 : product + shift_left(shift_floor(bias, 3), 30);
}

/// tanh(x) at curve_output(unit), x at curve_input(unit), with a = |x| and the sign of x before slope and
/// bias:
///   VENUS   F(+-slope * a, shift) +- bias
///   ARCS    F(+-slope * a, 27) +- bias
///   VENUSA  +-(slope * a + bias * 2^30)
[[nodiscard]] constexpr std::int64_t tanh_exact(curves unit, std::int32_t x) noexcept {
  const std::int64_t most = unit == curves::narrow ? INT16_MAX : INT32_MAX;
  const std::int64_t magnitude = std::min(x < 0 ? -std::int64_t{x} : std::int64_t{x}, most);
  const curve_pieces& table = unit == curves::narrow ? tanh_q11 : tanh_q27;
  const int j = table.find(magnitude);
  const std::int64_t product = (x < 0 ? -magnitude : magnitude) * table.slope[j];
  if (unit == curves::fused) {
    const std::int64_t bias = shift_left(shift_floor(table.bias[j], 3), 30);
    return x < 0 ? product - bias : product + bias;
  }
  const std::int64_t scaled = shift_floor(product, unit == curves::narrow ? detail::tanh_shift[j] : 27);
  return x < 0 ? scaled - table.bias[j] : scaled + table.bias[j];
}

/// The same in `bits` bits at exponent bits - 1: S(R(y, curve_output(unit) - (bits - 1))), one rounding.
/// ARCS and VENUSA have outputs of 8 and 32 bits, VENUSA also of 16, VENUS of 8 and 16; what lacks follows
/// the same formula.
[[nodiscard]] constexpr std::int32_t sigmoid(curves unit, std::int32_t x, int bits) noexcept {
  return static_cast<std::int32_t>(
      integer_range::of(bits).clamp(rescale(sigmoid_exact(unit, x), curve_output(unit), bits - 1)));
}
[[nodiscard]] constexpr std::int32_t tanh(curves unit, std::int32_t x, int bits) noexcept {
  return static_cast<std::int32_t>(
      integer_range::of(bits).clamp(rescale(tanh_exact(unit, x), curve_output(unit), bits - 1)));
}

/// Exponent of the argument of gelu and swish, and of what they give exactly.
inline constexpr int gate_input = 27, gate_output = 54;

/// x * slope + bias * 2^30 with the slope of x's sign, at Q54, x at Q27; VENUSA only.
[[nodiscard]] constexpr std::int64_t gate_exact(const curve_pieces& table, std::int32_t x) noexcept {
  const int j = table.find(std::min<std::int64_t>(x < 0 ? -std::int64_t{x} : x, INT32_MAX));
  const std::int64_t slope = x < 0 ? (1 << 27) - table.slope[j] : table.slope[j];
  return slope * x + std::int64_t{table.bias[j]} * (std::int64_t{1} << 30);
}

}  // namespace lnn::luna
