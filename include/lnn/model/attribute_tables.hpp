// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lnn::model {

enum class field_kind : std::uint8_t { u8, i8, u16, i16, u32, i32, i64, f32 };
[[nodiscard]] constexpr std::size_t width_of(field_kind k) {
  constexpr std::size_t widths[] = {1, 1, 2, 2, 4, 4, 8, 4};
  return widths[static_cast<std::size_t>(k)];
}
[[nodiscard]] constexpr double least_of(field_kind k) {
  constexpr double least[] = {0, -128, 0, -32768, 0, -2147483648.0, -9007199254740992.0, 0};
  return least[static_cast<std::size_t>(k)];
}
[[nodiscard]] constexpr double greatest_of(field_kind k) {
  constexpr double greatest[] = {255, 127, 65535, 32767, 4294967295.0, 2147483647.0, 9007199254740992.0, 0};
  return greatest[static_cast<std::size_t>(k)];
}

/// One field of an operator's attribute struct: `count` numbers of a kind behind each other.
struct attribute {
  std::string_view name;
  field_kind kind;
  std::size_t offset, count;
  std::string_view says;
};

/// The attribute struct of one operator type, as the engine reads it.
struct attribute_table {
  std::string_view type;
  std::size_t bytes;
  std::span<const attribute> fields;
};

namespace fields {
using enum field_kind;

inline constexpr attribute conv2d[] = {
    {"dilation", u8, 0, 3, "distance between taps: height, width, 0"},
    {"kernel", u16, 4, 3, "height, width, 0"},
    {"pad", u8, 10, 6, "top, left, bottom, right, 0, 0"},
    {"stride", u8, 16, 3, "height, width, 0"},
    {"group", i16, 20, 1, "groups of channels"},
    {"layout", i16, 22, 1, "0"},
    {"quant_type", u8, 24, 1, "rounding, which no engine reads"},
    {"act_type", u8, 25, 1, "0 none, 1 relu, 2 slope, 3 clip (ignored)"}};
inline constexpr attribute conv1d[] = {
    {"kernel", u16, 0, 1, "length"},
    {"pad", u8, 2, 2, "before, behind"},
    {"stride", u8, 4, 1, "step"},
    {"group", i16, 6, 1, "groups of channels"},
    {"layout", i16, 8, 1, "0"},
    {"quant_type", u8, 10, 1, "rounding, which no engine reads"},
    {"act_type", u8, 11, 1, "0 none, 1 relu, 2 slope"}};
inline constexpr attribute conv_transpose2d[] = {
    {"dilation", u8, 0, 3, "distance between taps: height, width, 0"},
    {"kernel", u16, 4, 3, "height, width, 0"},
    {"pad", u8, 10, 6, "top, left, bottom, right, 0, 0"},
    {"output_padding", u8, 16, 6, "rows and columns added to the output"},
    {"stride", u8, 22, 3, "height, width, 0"},
    {"group", i16, 26, 1, "groups of channels"},
    {"layout", i16, 28, 1, "0"},
    {"quant_type", u8, 30, 1, "rounding, which no engine reads"},
    {"act_type", u8, 31, 1, "0 none, 1 relu, 2 slope"}};
inline constexpr attribute pool[] = {
    {"ceil", u8, 0, 1, "1: the last window may overhang"},
    {"kernel", u8, 1, 2, "height, width"},
    {"stride", u8, 3, 2, "height, width"},
    {"pad", u8, 5, 4, "top, left, bottom, right"},
    {"layout", u16, 10, 1, "0 or 1"},
    {"quant_type", u8, 12, 1, "0"}};
inline constexpr attribute linear[] = {
    {"alpha", f32, 0, 1, "0"}, {"beta", f32, 4, 1, "0"}, {"transA", i32, 8, 1, "0"}, {"transB", i32, 12, 1, "0"},
    {"quant_type", u8, 16, 1, "rounding, which no engine reads"}};
inline constexpr attribute recurrent[] = {
    {"direction", u16, 0, 1, "0 forward, 1 backward"},
    {"hidden_size", u16, 2, 1, "features of the state"},
    {"input_size", u16, 4, 1, "features of a step"},
    {"layout", u8, 6, 1, "1: samples first"},
    {"quant_type", u8, 7, 1, "rounding, which no engine reads"}};
inline constexpr attribute layer_norm[] = {
    {"axis", i8, 0, 1, "1"}, {"keepdims", i8, 1, 1, "1"}, {"eps", f32, 4, 1, "1e-5; none of the three is read"}};
inline constexpr attribute quant[] = {
    {"data_bits", u8, 0, 1, "8, 16 or 32"}, {"quant_type", u8, 1, 1, "rounding, which no engine reads"}};
inline constexpr attribute requant[] = {
    {"data_bits", u8, 0, 1, "of the input"}, {"o_bits", u8, 1, 1, "of the output"},
    {"quant_type", u8, 2, 1, "rounding, which no engine reads"}};
inline constexpr attribute axis[] = {{"axis", i8, 0, 1, "counted from the end when negative"}};
inline constexpr attribute top_n[] = {{"dim", i8, 0, 1, "axis"}, {"max_num", i8, 1, 1, "how many"}};
inline constexpr attribute pad[] = {{"mode", i8, 0, 1, "0 constant, 1 replicate, 2 reflect, as the engine computes them"}};
inline constexpr attribute sum[] = {{"axis", i32, 0, 1, "counted from the end when negative"}};
inline constexpr attribute tanh[] = {
    {"quant_type", u8, 0, 1, "rounding, which no engine reads"}, {"reserve", u8, 1, 1, "0"}};
inline constexpr attribute transpose[] = {{"ndim", u8, 0, 1, "number of axes"}, {"axes", i8, 1, 8, "axis of the input"}};
inline constexpr attribute squeeze[] = {{"ndim", u8, 0, 1, "number of axes"}, {"axes", i8, 1, 7, "axes"}};
inline constexpr attribute split[] = {
    {"axis", i32, 0, 1, "axis that is cut"}, {"dims", i32, 4, 1, "number of pieces"}, {"split", i32, 8, 8, "their sizes"}};
inline constexpr attribute resize[] = {
    {"coord_trans_mode", u32, 0, 1, "0 half_pixel, 1 pytorch_half_pixel, 2 align_corners, 3 asymmetric, 4 other"},
    {"cubic_coeff_a", f32, 4, 1, "-0.75"},
    {"mode", u32, 8, 1, "0 nearest, 1 linear, 2 cubic"},
    {"nearest_mode", u32, 12, 1, "0 round_prefer_floor, 1 round_prefer_ceil, 2 floor, 3 ceil"}};
inline constexpr attribute shuffle[] = {
    {"num_group", u8, 0, 1, "groups of channels"}, {"axis", i8, 1, 1, "1, or 3 with channels last"}};
inline constexpr attribute clip[] = {{"max", f32, 0, 1, "upper bound"}, {"min", f32, 4, 1, "lower bound"}};
inline constexpr attribute cast[] = {{"to", i64, 0, 1, "not read: the tensor's type tells"}};
inline constexpr attribute prelu[] = {{"slope", i32, 0, 1, "further shift of negative values"}, {"post_shift", i32, 4, 1, "shift"}};
inline constexpr attribute ffn[] = {
    {"middle_scale", u8, 0, 1, "exponent between the products"}, {"quant_type", u8, 1, 1, "rounding, which no engine reads"}};
inline constexpr attribute sparsified_ffn[] = {
    {"fc1_out_scale", u8, 0, 1, "exponent between the products"}, {"mask_out_scale", u8, 1, 1, "exponent of the mask"},
    {"quant_type", u8, 2, 1, "rounding, which no engine reads"}, {"reserve", u8, 3, 1, "0"},
    {"group_num", u16, 4, 1, "slices of the weights"}};
inline constexpr attribute attention[] = {
    {"scale_iqmul_x", u8, 0, 1, "exponent"}, {"scale_iqmul_y", u8, 1, 1, "exponent"}, {"scale_iqmul_o", u8, 2, 1, "exponent"},
    {"scale_bmm0_y", u8, 3, 1, "exponent"},  {"scale_bmm0_o", u8, 4, 1, "exponent"},  {"scale_bmm1_y", u8, 5, 1, "exponent"},
    {"scale_bmm1_o", u8, 6, 1, "exponent"},  {"scale_bmm2_y", u8, 7, 1, "exponent"},  {"scale_bmm2_o", u8, 8, 1, "exponent"},
    {"scale_bmm3_y", u8, 9, 1, "exponent"},  {"scale_bmm3_o", u8, 10, 1, "exponent"}, {"scale_iqadd1_o", u8, 11, 1, "exponent"},
    {"scale_iqadd2_o", u8, 12, 1, "exponent"}, {"iqmul_scalar", i8, 13, 1, "factor of the queries"},
    {"headers", u16, 14, 1, "heads"}, {"head_dim", u16, 16, 1, "features of a head"}};
inline constexpr attribute relux[] = {{"threshold", i32, 0, 1, "upper bound"}, {"shift", i32, 4, 1, "shift"}};
}  // namespace fields

inline constexpr attribute_table attribute_tables[] = {
    {"Conv2dInt", 26, fields::conv2d},
    {"Conv1dInt", 12, fields::conv1d},
    {"ConvTranspose2dInt", 32, fields::conv_transpose2d},
    {"MaxPool", 14, fields::pool},
    {"AvgPool2dInt", 14, fields::pool},
    {"LinearInt", 20, fields::linear},
    {"LSTMInt", 8, fields::recurrent},
    {"GRUInt", 8, fields::recurrent},
    {"LayerNormInt", 8, fields::layer_norm},
    {"Quant", 2, fields::quant},
    {"Requant", 3, fields::requant},
    {"iqCat", 1, fields::axis},
    {"Gather", 1, fields::axis},
    {"GluInt", 1, fields::axis},
    {"SoftmaxInt", 1, fields::axis},
    {"LogSoftmaxInt", 1, fields::axis},
    {"LogSoftmax", 1, fields::axis},
    {"ArgMax", 1, fields::axis},
    {"topN", 2, fields::top_n},
    {"topN2", 2, fields::top_n},
    {"iqPad", 1, fields::pad},
    {"iqSum", 4, fields::sum},
    {"iqTanh", 2, fields::tanh},
    {"Transpose", 9, fields::transpose},
    {"Squeeze", 8, fields::squeeze},
    {"Unsqueeze", 8, fields::squeeze},
    {"Split", 40, fields::split},
    {"Resize", 16, fields::resize},
    {"ShuffleChannel", 2, fields::shuffle},
    {"Clip", 8, fields::clip},
    {"Cast", 8, fields::cast},
    {"PRelu", 8, fields::prelu},
    {"FFNInt", 2, fields::ffn},
    {"SparifyFFNInt", 6, fields::sparsified_ffn},
    {"MultiheadAttention", 18, fields::attention},
    {"Relux", 8, fields::relux},
};

/// Null for types without attributes and for unknown ones.
[[nodiscard]] constexpr const attribute_table* find_attributes(std::string_view type) {
  for (const attribute_table& t : attribute_tables)
    if (t.type == type) return &t;
  return nullptr;
}

/// Operators that the engine registers and that have no attributes.
inline constexpr std::string_view plain_types[] = {"iqAdd", "iqSub", "iqMul", "iqDiv", "BmmInt", "Relu", "Flatten", "Reshape", "Tile",
                                                   "Expand", "Shape", "iqSigmoid", "iqVar", "BatchNorm2dInt", "Dequant", "Slice"};

/// Whether the engine knows an operator by this name; a file with any other does not load.
[[nodiscard]] constexpr bool is_known_type(std::string_view type) {
  for (std::string_view t : plain_types)
    if (t == type) return true;
  return find_attributes(type) != nullptr;
}

}  // namespace lnn::model
