// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace lnn {

/// When the 32-bit accumulator of a matrix product clamps (luna_ops.md 2.1, 3.4).
enum class accumulator {
  clamp_with_bias,    ///< S32(sum + bias), then the shift: the convolution family of every chip
  clamp_before_bias,  ///< S32(sum) + bias without a second clamp: VENUS' linear
  exact,              ///< sum + bias in full width: linear on ARCS and VENUSA
};

/// What one chip can do.  Data only: no behaviour, so a new chip is a new constant.  Sizes in bytes.
struct chip {
  std::string_view name;  ///< as the `platform` attribute of ONNX files spells it
  int id;                 ///< in the header of model.bin

  struct {
    long long share, psram;  ///< on-chip share memory and PSRAM
    int data_buffer, weight_buffer, depthwise_buffer;
    long long flash = 8388608;  ///< a whole model
  } memory;

  struct {
    int kernel, kernel_dilated, pad, dilation;  ///< greatest legal value of each
    int output_align;                           ///< output channels are padded to a multiple of this
    int row_align;                              ///< channel multiple in the layout pass' row test
    int strip_group;                            ///< width multiple of a strip, per unit of stride
    int depthwise_align;                        ///< channel multiple of depthwise weights
    bool int4_weights;
    bool int16_in_float;                        ///< int16 convolution requantizes in single precision
  } conv;

  struct {
    int kernel, pad;  ///< max pooling; 0: not checked
    bool ceil_mode;   ///< an overhanging last window reads padding, not stray data
    int sum_bits;     ///< width in which average pooling keeps a window's sum
  } pool;

  struct {
    accumulator sum;
    long long left, right;  ///< aligned matrix sizes above which the product is split
  } linear;

  bool int16_activations;
};

// Figures: hardware_constraints.md sections 1, 2, 4, 5, 6.
inline constexpr chip venus{.name = "venus",
                            .id = 0,
                            .memory = {655360, 8388608, 65536, 32768, 65536},
                            .conv = {5, 5, 4, 1, 2, 2, 8, 16, false, true},
                            .pool = {5, 4, false, 16},
                            .linear = {accumulator::clamp_before_bias, 65536, 32768},
                            .int16_activations = true};
inline constexpr chip arcs{.name = "arcs",
                           .id = 2,
                           .memory = {393216, 8388608, 16384, 8192, 16384},
                           .conv = {5, 12, 11, 8, 2, 2, 4, 8, true, false},
                           .pool = {12, 11, true, 32},
                           .linear = {accumulator::exact, 8192, 16384},
                           .int16_activations = false};
inline constexpr chip venusA{.name = "venusA",
                             .id = 3,
                             .memory = {393216, 8388608, 65536, 32768, 32768},
                             .conv = {5, 12, 11, 8, 4, 4, 8, 8, true, false},
                             .pool = {0, 0, true, 32},
                             .linear = {accumulator::exact, 65536, 65536},
                             .int16_activations = true};

inline constexpr const chip* chips[] = {&venus, &arcs, &venusA};

/// The chip of that name, or null.
[[nodiscard]] constexpr const chip* find_chip(std::string_view name) {
  for (const chip* c : chips)
    if (c->name == name) return c;
  return nullptr;
}

}  // namespace lnn
