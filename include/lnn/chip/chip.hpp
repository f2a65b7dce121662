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

/// How a chip computes sigmoid, tanh and softmax (luna_ops.md 2.4, 2.5).
enum class curves {
  narrow,   ///< tables from Q11 to Q15; softmax by Newton steps in double precision: VENUS
  stepped,  ///< tables from Q27 to Q31, products rounded down on the way: ARCS
  fused,    ///< tables from Q27 to Q58 and rounded once, at the end: VENUSA
};

/// What the engine keeps in a workspace while it computes (packer.md 8.1).
enum class staging {
  parts,   ///< copies of the parts that it cuts tensors into: VENUS
  whole,   ///< whole tensors, operands and result: ARCS
  capped,  ///< whole tensors up to one data buffer: VENUSA
};

/// Transfers by DMA of layers' constants in one model: an array of the engines.
inline constexpr std::size_t most_transfers = 320;

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
    int kernel, kernel_dilated, pad, dilation;  ///< greatest legal value of each; 1-D and transposed: kernel_dilated
    int output_align;                           ///< output channels are padded to a multiple of this
    int row_align;                              ///< channel multiple in the layout pass' row test
    int strip_group;                            ///< width multiple of a strip, per unit of stride
    int depthwise_align;                        ///< channel multiple of depthwise weights
    int depthwise_rows;                         ///< multiple of the rows of depthwise weights
    int depthwise_strip;                        ///< channel multiple of a depthwise strip
    int depthwise_row;                          ///< bytes of one row of a depthwise layer in the layout pass
    int output_least;                           ///< outputs up to this many are never split
    bool weights_capped;                        ///< the weight threshold can lower the buffer's limit, not raise it
    bool depthwise_whole;                       ///< depthwise weights must fit the buffer, whatever the threshold
    bool even_height_split;                     ///< strips of an image must be equally high
    bool whole_windows;                         ///< an image that is cut must have no row beneath its last window
    bool int4_weights;
    bool int16_in_float;                        ///< int16 convolution requantizes in single precision
    bool wide_output;                           ///< the engine stores outputs of 16 and 32 bits
    bool loops_batch;                           ///< the engine computes more than the first image
    bool int16_transposed;                      ///< the packer takes int16 transposed convolutions
    bool transposed_crops_left;                 ///< a transposed convolution is right with a pad of a whole kernel on the left
    bool transposed_in_share;                   ///< input and output of transposed convolution lie in share memory
    bool transposed_whole;                      ///< data, weights and parameters of it must fit the chip at once
    int transposed_spread;                      ///< bytes in which zeros are put between its elements; 0: any number
    bool conv1d_ignores_pad;                    ///< the engine pads a 1-D input along the wrong axis
    bool conv1d_by_matrix;                      ///< a 1-D kernel above `kernel` becomes a matrix product
    bool conv1d_raises;                         ///< 8-bit outputs of 1-D convolution may shift to the left
  } conv;

  struct {
    int kernel, pad;   ///< max pooling; 0: not checked
    bool ceil_mode;    ///< an overhanging last window reads padding, not stray data
    int sum_bits;      ///< width in which average pooling keeps a window's sum
    int turned;        ///< kernels above this are never laid out on their side, and their rows are not tested
    bool strip;        ///< max pooling is split along the height alone, one strip must fit
    bool output_in_share;
  } pool;

  struct {
    accumulator sum;
    long long left, right;  ///< aligned matrix sizes above which the product is split
    long long right_least;  ///< the packer's threshold of the right matrix is at least this; 0: the threshold alone
    int right_align;        ///< multiple of the right matrix' columns
    bool splits_rows;       ///< the packer itself cuts the left matrix
    long long right_pass;   ///< bytes of the right matrix that the engine takes in one of equal passes; 0: any
    bool int32_weights;
    bool equal_types;       ///< batched products of any type, as long as both sides agree; else of int8
    bool wide_left_shift;   ///< 32-bit outputs may have a greater exponent than the product
    bool torn_transpose;    ///< outputs in share memory are transposed in place, wrongly (defect D10)
    long long batch_right;  ///< bytes of the right matrix of a batched product; 0: any
  } linear;

  struct {
    bool divides_on_grid;    ///< div takes the exponents of its operands into account
    bool signed_zero;        ///< a division by zero takes the sign of the dividend
    int searched_bits[3];    ///< widths in which the greatest element is searched; 0: none
    bool torn_pad;           ///< a padded tensor is transposed in place, wrongly (defect D33)
    bool typed_concat;       ///< concat tests the types of its inputs and needs a buffer in share memory
    bool scales_up;          ///< concat raises values to a finer grid, but cannot lower them
    bool sum_any_axis;       ///< sums and variances along any axis
    bool squares;            ///< the variance squares its differences
    bool sigmoid_int16;      ///< sigmoid takes int16 in share memory and nothing else
    bool int8_softmax;       ///< softmax of int8 only
    bool softmax_last_axis;  ///< a softmax axis that is counted from the front is taken for axis 1
    bool softmax_in_share;
    int softmax_rows;        ///< rows of int32 that softmax keeps apart (defect D42); 0: any number
    bool tanh;               ///< tanh reads int16 as int16
    bool gru;                ///< the gates of a GRU move
    bool lstm_prefetch;      ///< an LSTM's weights may come by DMA
    bool slices_batch;       ///< slices along axis 0
    bool transposes_four;    ///< three axes within a batch are exchanged
    bool slice_in_share;     ///< a slice is written to share memory only
    bool int8_arithmetic;    ///< add and sub of int8 only
    bool one_shift;          ///< add shifts its second input by the first one's zero (defect D2)
    bool concat_in_share;    ///< a concat that rescales cannot write to PSRAM (defect D19)
    bool sigmoid;            ///< sigmoid is computed at all
    bool int32_divide;       ///< div of int32 only
    bool relu_workspace;     ///< activations in PSRAM pass through a workspace
    bool glu;
    bool log_softmax;        ///< log-softmax computes into its own buffer
    bool rescales_requant;   ///< requantization reads types other than int8
    int normal_bits;         ///< width of a layer norm's values before gamma
    bool feed_forward;       ///< feed-forward and attention layers are single operators
  } engine;

  std::string_view roundings[5];  ///< what the attribute that names the rounding may say
  bool rounding_is_quant_mode;    ///< that attribute is `quant_mode`, else `platform_quant`
  std::string_view lacks[3];      ///< operators that other chips' packers know
  bool int16_activations;
  curves unit;
  staging stage;
};

// Figures: hardware_constraints.md sections 1 to 9.  Behaviour of the engines: the table of defects beside it.
inline constexpr chip venus{
    .name = "venus",
    .id = 0,
    .memory = {655360, 8388608, 65536, 32768, 65536},
    .conv = {.kernel = 5, .kernel_dilated = 5, .pad = 4, .dilation = 1, .output_align = 2, .row_align = 2,
             .strip_group = 8, .depthwise_align = 16, .depthwise_rows = 1, .depthwise_strip = 8,
             .depthwise_row = 32768, .output_least = 65536, .weights_capped = true, .depthwise_whole = true,
             .even_height_split = true, .whole_windows = false, .int4_weights = false, .int16_in_float = true, .wide_output = true,
             .loops_batch = true, .int16_transposed = false, .transposed_crops_left = true, .transposed_in_share = true,
             .transposed_whole = true, .transposed_spread = 65536, .conv1d_ignores_pad = false,
             .conv1d_by_matrix = true, .conv1d_raises = true},
    .pool = {.kernel = 5, .pad = 4, .ceil_mode = false, .sum_bits = 16, .turned = 7, .strip = true,
             .output_in_share = false},
    .linear = {.sum = accumulator::clamp_before_bias, .left = 65536, .right = 32768, .right_least = 0,
               .right_align = 4, .splits_rows = true, .right_pass = 32768, .int32_weights = false,
               .equal_types = false, .wide_left_shift = false, .torn_transpose = false, .batch_right = 32768},
    .engine = {.divides_on_grid = true, .signed_zero = false, .searched_bits = {8, 0, 0}, .torn_pad = false,
               .typed_concat = true, .scales_up = false, .sum_any_axis = false, .squares = true,
               .sigmoid_int16 = true, .int8_softmax = true, .softmax_last_axis = false, .softmax_in_share = false,
               .softmax_rows = 0,
               .tanh = true, .gru = true, .lstm_prefetch = true, .slices_batch = false, .transposes_four = true, .slice_in_share = false, .int8_arithmetic = true,
               .one_shift = false, .concat_in_share = true, .sigmoid = true,
               .int32_divide = false, .relu_workspace = false, .glu = false, .log_softmax = true,
               .rescales_requant = false, .normal_bits = 16, .feed_forward = false},
    .roundings = {"luna_quant", "qshift_quant", "qmax_quant", "tf_quant", "normal_quant"},
    .rounding_is_quant_mode = false,
    .lacks = {"Sigmoid", "Tanh", ""},
    .int16_activations = true,
    .unit = curves::narrow,
    .stage = staging::parts};
inline constexpr chip arcs{
    .name = "arcs",
    .id = 2,
    .memory = {393216, 8388608, 16384, 8192, 16384},
    .conv = {.kernel = 5, .kernel_dilated = 12, .pad = 11, .dilation = 8, .output_align = 2, .row_align = 2,
             .strip_group = 4, .depthwise_align = 8, .depthwise_rows = 1, .depthwise_strip = 8,
             .depthwise_row = 16384, .output_least = 32768, .weights_capped = false, .depthwise_whole = true,
             .even_height_split = true, .whole_windows = true, .int4_weights = true, .int16_in_float = false, .wide_output = false,
             .loops_batch = false, .int16_transposed = false, .transposed_crops_left = false, .transposed_in_share = true,
             .transposed_whole = false, .transposed_spread = 524288, .conv1d_ignores_pad = false,
             .conv1d_by_matrix = false, .conv1d_raises = false},
    .pool = {.kernel = 12, .pad = 11, .ceil_mode = true, .sum_bits = 32, .turned = 5, .strip = false,
             .output_in_share = true},
    .linear = {.sum = accumulator::exact, .left = 8192, .right = 16384, .right_least = 16384, .right_align = 4,
               .splits_rows = false, .right_pass = 0, .int32_weights = false, .equal_types = false,
               .wide_left_shift = true, .torn_transpose = false, .batch_right = 0},
    .engine = {.divides_on_grid = true, .signed_zero = false, .searched_bits = {8, 32, 0}, .torn_pad = true,
               .typed_concat = true, .scales_up = false, .sum_any_axis = false, .squares = false,
               .sigmoid_int16 = false, .int8_softmax = true, .softmax_last_axis = true, .softmax_in_share = true,
               .softmax_rows = 0,
               .tanh = false, .gru = false, .lstm_prefetch = false, .slices_batch = true, .transposes_four = true, .slice_in_share = true, .int8_arithmetic = false,
               .one_shift = true, .concat_in_share = false, .sigmoid = true,
               .int32_divide = true, .relu_workspace = true, .glu = false, .log_softmax = false,
               .rescales_requant = false, .normal_bits = 32, .feed_forward = true},
    .roundings = {"floor_add", "floor", "round", "ceil", ""},
    .rounding_is_quant_mode = true,
    .lacks = {"Resize", "ShuffleChannel", "LogSoftmax"},
    .int16_activations = false,
    .unit = curves::stepped,
    .stage = staging::whole};
inline constexpr chip venusA{
    .name = "venusA",
    .id = 3,
    .memory = {393216, 8388608, 65536, 32768, 32768},
    .conv = {.kernel = 5, .kernel_dilated = 12, .pad = 11, .dilation = 8, .output_align = 4, .row_align = 4,
             .strip_group = 8, .depthwise_align = 8, .depthwise_rows = 2, .depthwise_strip = 4,
             .depthwise_row = 32768, .output_least = 65536, .weights_capped = false, .depthwise_whole = false,
             .even_height_split = false, .whole_windows = true, .int4_weights = true, .int16_in_float = false, .wide_output = false,
             .loops_batch = false, .int16_transposed = true, .transposed_crops_left = false, .transposed_in_share = false,
             .transposed_whole = false, .transposed_spread = 0, .conv1d_ignores_pad = true,
             .conv1d_by_matrix = false, .conv1d_raises = false},
    .pool = {.kernel = 0, .pad = 0, .ceil_mode = true, .sum_bits = 32, .turned = 7, .strip = false,
             .output_in_share = false},
    .linear = {.sum = accumulator::exact, .left = 65536, .right = 65536, .right_least = 65536, .right_align = 8,
               .splits_rows = false, .right_pass = 0, .int32_weights = true, .equal_types = true,
               .wide_left_shift = true, .torn_transpose = true, .batch_right = 0},
    .engine = {.divides_on_grid = false, .signed_zero = true, .searched_bits = {8, 16, 32}, .torn_pad = true,
               .typed_concat = false, .scales_up = true, .sum_any_axis = true, .squares = false,
               .sigmoid_int16 = false, .int8_softmax = false, .softmax_last_axis = false, .softmax_in_share = true,
               .softmax_rows = 4,
               .tanh = false, .gru = false, .lstm_prefetch = false, .slices_batch = true, .transposes_four = false, .slice_in_share = false, .int8_arithmetic = false,
               .one_shift = true, .concat_in_share = false, .sigmoid = false,
               .int32_divide = true, .relu_workspace = true, .glu = true, .log_softmax = true,
               .rescales_requant = true, .normal_bits = 32, .feed_forward = false},
    .roundings = {"floor_add", "floor", "round", "ceil", ""},
    .rounding_is_quant_mode = true,
    .lacks = {"Resize", "ShuffleChannel", "LogSoftmax"},
    .int16_activations = true,
    .unit = curves::fused,
    .stage = staging::capped};

inline constexpr const chip* chips[] = {&venus, &arcs, &venusA};

/// The chip of that name, or null.
[[nodiscard]] constexpr const chip* find_chip(std::string_view name) {
  for (const chip* c : chips)
    if (c->name == name) return c;
  return nullptr;
}

}  // namespace lnn
