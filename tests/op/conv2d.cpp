// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_conv2d {

using lnn::conv2d;
using namespace textbook;

namespace {

struct conv_case {
  conv2d op;
  shape x;
  dtype out_type = dtype::int8;
  int shift = 0;
  bool relu = false;
};

std::vector<integer_tensor> operands(lnn::random& draw, const conv_case& c, dtype weight_type = dtype::int8,
                                     dtype x_type = dtype::int8) {
  std::vector<integer_tensor> in{noise(draw, x_type, c.x, 5)};
  in.push_back(noise(draw, weight_type, {c.op.out, c.x[1] / c.op.group, c.op.kernel.h, c.op.kernel.w}, 6));
  if (c.op.bias) in.push_back(noise(draw, dtype::int32, {c.op.out}, 11));
  return in;
}

/// The sum of products for output (image, o, i, j), from the definition of convolution.
wide::number sum_of(const conv_case& c, const std::vector<integer_tensor>& in, int image, int o, int i,
                    int j) {
  const int deep = c.x[1] / c.op.group, first = o / (c.op.out / c.op.group) * deep;
  wide::number sum = 0;
  for (int k = 0; k < deep; ++k)
    for (int p = 0; p < c.op.kernel.h; ++p)
      for (int q = 0; q < c.op.kernel.w; ++q) {
        const int row = i * c.op.stride.h - c.op.pad.top + p * c.op.dilation.h;
        const int column = j * c.op.stride.w - c.op.pad.left + q * c.op.dilation.w;
        if (row < 0 || row >= c.x[2] || column < 0 || column >= c.x[3]) continue;
        const auto x =
            static_cast<std::size_t>(((image * c.x[1] + first + k) * c.x[2] + row) * c.x[3] + column);
        const auto w = static_cast<std::size_t>(((o * deep + k) * c.op.kernel.h + p) * c.op.kernel.w + q);
        sum += wide::number{get(in[0], x)} * get(in[1], w);
      }
  return sum;
}

/// How often an accumulator of 32 bits without saturation would have given another result.
int check_case(const conv_case& c, const std::vector<integer_tensor>& in, const lnn::chip& on = lnn::venus) {
  const shape dims = result(c.op, {c.x});
  const integer_tensor y = run(c.op, in, dims, c.out_type, 11 - c.shift, on, c.relu);
  int differs = 0;
  std::size_t at = 0;
  for (int n = 0; n < dims[0]; ++n)
    for (int o = 0; o < dims[1]; ++o)
      for (int i = 0; i < dims[2]; ++i)
        for (int j = 0; j < dims[3]; ++j) {
          const wide::number bias = c.op.bias ? get(in[2], static_cast<std::size_t>(o)) : 0;
          const wide::number acc = sum_of(c, in, n, o, i, j) + bias;
          const wide::number expected = finish(wide::clamp(acc, 32), c.shift, c.out_type, c.relu, c.op.slope);
          if (finish(wide::wrap(acc, 32), c.shift, c.out_type, c.relu, c.op.slope) != expected) ++differs;
          CAPTURE(at);
          REQUIRE(get(y, at++) == expected);
        }
  return differs;
}

conv_case random_case(lnn::random& draw) {
  const int group = pick(draw, 0, 2) == 0 ? 1 : pick(draw, 1, 4);
  const bool depthwise = pick(draw, 0, 3) == 0;
  conv_case c;
  c.op = {.out = group * (depthwise ? 1 : pick(draw, 1, 3)),
          .kernel = {pick(draw, 1, 5), pick(draw, 1, 5)},
          .stride = {pick(draw, 1, 4), pick(draw, 1, 4)},
          .pad = {pick(draw, 0, 4), pick(draw, 0, 4), pick(draw, 0, 4), pick(draw, 0, 4)},
          .dilation = {pick(draw, 1, 3), pick(draw, 1, 3)},
          .group = group,
          .bias = pick(draw, 0, 2) != 0,
          .slope = pick(draw, 0, 2) == 0 ? pick(draw, 1, 9) : 0};
  c.x = {pick(draw, 1, 2), group * (depthwise ? 1 : pick(draw, 1, 5)), pick(draw, 1, 12), pick(draw, 1, 20)};
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  c.out_type = types[pick(draw, 0, 2)];
  c.shift = pick(draw, -2, 30);
  c.relu = pick(draw, 0, 1) == 1;
  return c;
}

}  // namespace

TEST_CASE("conv2d: integers equal the definition on random geometry") {
  lnn::random draw(101);
  int done = 0;
  while (done < 300) {
    const conv_case c = random_case(draw);
    if (!refusal(c.op, {c.x}).empty()) continue;
    ++done;
    check_case(c, operands(draw, c), *lnn::chips[static_cast<std::size_t>(done) % 3]);
  }
}

TEST_CASE("conv2d: 4-bit weights, one in a byte") {
  lnn::random draw(102);
  const conv_case c{{.out = 6, .pad = 1, .group = 2}, {1, 8, 7, 9}, dtype::int8, 7};
  check_case(c, operands(draw, c, dtype::int4), lnn::arcs);
}

TEST_CASE("conv2d: 16-bit input") {
  lnn::random draw(103);
  const conv_case c{{.out = 5, .kernel = {3, 2}, .pad = {0, 1, 1, 0}}, {2, 3, 6, 5}, dtype::int16, 14, true};
  check_case(c, operands(draw, c, dtype::int8, dtype::int16));
  check_case(c, operands(draw, c, dtype::int16, dtype::int16));
}

// luna_ops.md 3.1: VENUS rounds int16 convolutions to bytes down, in single precision
TEST_CASE("conv2d: int16 to int8 on venus floors where all else rounds half up") {
  std::int16_t x[] = {3, -3, 5, -5}, w[] = {1};
  std::int32_t b[] = {0};
  std::int8_t y[4] = {};
  const lnn::integer_view in[] = {{x, dtype::int16, {1, 1, 1, 4}, 4}, {w, dtype::int16, {1, 1, 1, 1}, 0}, {b, dtype::int32, {1}, 4}};
  const lnn::integer_view out{y, dtype::int8, {1, 1, 1, 4}, 3};
  lnn::pool workers(1);
  const lnn::conv2d op{.out = 1, .kernel = {1, 1}};
  op.integer(lnn::integer_call<lnn::luna::kernels>{in, {&out, 1}, lnn::venus, false, nullptr, workers});
  CHECK(std::vector<int>(y, y + 4) == std::vector<int>{1, -2, 2, -3});
  op.integer(lnn::integer_call<lnn::luna::kernels>{in, {&out, 1}, lnn::arcs, false, nullptr, workers});
  CHECK(std::vector<int>(y, y + 4) == std::vector<int>{2, -1, 3, -2});
}

// luna_ops.md 3.1: the matrix product clamps, then its sum with the bias
TEST_CASE("conv2d: int16 sums beyond 32 bits on venus") {
  std::int16_t x[] = {32767, 32767, 32767}, w[] = {32767, 32767, 32767};
  std::int8_t y = 0;
  for (const std::int32_t b : {-(1 << 30), 1 << 30}) {
    std::int32_t bias[] = {b};
    const lnn::integer_view in[] = {
        {x, dtype::int16, {1, 3, 1, 1}, 15}, {w, dtype::int16, {1, 3, 1, 1}, 15}, {bias, dtype::int32, {1}, 30}};
    const lnn::integer_view out{&y, dtype::int8, {1, 1, 1, 1}, 6};
    lnn::pool workers(1);
    const lnn::conv2d op{.out = 1, .kernel = {1, 1}};
    op.integer(lnn::integer_call<lnn::luna::kernels>{in, {&out, 1}, lnn::venus, false, nullptr, workers});
    CHECK(int{y} == (b < 0 ? 64 : 127));
  }
}

// luna_ops.md 2.1: the clamp to 32 bits behind the bias is real on every chip
TEST_CASE("conv2d: full-range biases clamp at 32 bits before the shift") {
  lnn::random draw(104);
  for (const lnn::chip* on : lnn::chips)
    for (const bool depthwise : {false, true})
      for (const bool relu : {false, true})
        for (const int shift : {0, 1, 7, 24})
          for (const dtype type : {dtype::int8, dtype::int16, dtype::int32}) {
            const conv_case c{
                {.out = 16, .pad = 1, .group = depthwise ? 16 : 1}, {1, 16, 5, 5}, type, shift, relu};
            auto in = operands(draw, c);
            for (std::size_t o = 0; o < 16; ++o) {
              const std::int32_t edges[] = {INT32_MAX, INT32_MIN, INT32_MAX - 1000, INT32_MIN + 1000};
              set(in[2], o, edges[o % 4]);
            }
            CHECK(check_case(c, in, *on) > 0);
          }
}

// luna_ops.md 2.1
TEST_CASE("conv2d: negative sums are shifted twice where the activation is a slope") {
  const conv2d op{.out = 1, .kernel = {1, 1}, .bias = false, .slope = 3};
  integer_tensor x(dtype::int8, {1, 1, 1, 4}, 3), w(dtype::int8, {1, 1, 1, 1}, 2);
  for (int i = 0; i < 4; ++i) set(x, static_cast<std::size_t>(i), i % 2 ? 60 + i : -60 - i);
  set(w, 0, 1);
  const integer_tensor y = run(op, {x, w}, {1, 1, 1, 4}, dtype::int8, 2);  // 60 is 7.5, -60 is -7.5 / 8
  CHECK(std::vector<std::int64_t>{get(y, 0), get(y, 1), get(y, 2), get(y, 3)} == std::vector<std::int64_t>{-1, 8, -1, 8});
  CHECK(refusal(conv2d{.slope = 32}, {shape{1, 1, 3, 3}}) ==
        "it: slope 32 is above the limit of 31; use a slope of 0 to 31: a factor of 2^-slope");
  // the engine has one slope for every shift
  const auto judged = [](int slope) {
    const lnn::limit::operand in[] = {{.dims = {1, 1, 3, 3}, .scale = 5}}, out[] = {{.dims = {1, 1, 1, 1}, .scale = 4}};
    const lnn::limit::operand parts[] = {{.dims = {1, 1, 3, 3}, .scale = 6}, {.dims = {1}, .scale = 11}};
    lnn::verdict found;
    found.layer = "it";
    conv2d{.slope = slope}.check(lnn::layer_tensors{in, out, parts}, lnn::venus, found);
    return found.clean() ? std::string() : std::string(found.refused().front().sentence("venus").view());
  };
  CHECK(judged(0).empty());
  CHECK(judged(7).empty());
  CHECK(judged(3) ==
        "it: slope 3 must be 7 on venus; use the sum's right shift, q_x + q_w - q_o, or a prelu of its own");
}

TEST_CASE("conv2d: shapes that do not fit are refused in a sentence") {
  const shape x{1, 8, 6, 6};
  CHECK(refusal(conv2d{}, {shape{8, 6, 6}}) == "it: rank of the input 3 must be 4; give it [n, c, h, w]");
  CHECK(refusal(conv2d{.stride = {1, 0}}, {x}) ==
        "it: least of out, kernel, stride, dilation and group 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(conv2d{.pad = {0, -1, 0, 0}}, {x}) ==
        "it: least padding -1 is below the least of 0; slice the input instead");
  CHECK(refusal(conv2d{.out = 8, .group = 3}, {x}) ==
        "it: input channels left over by the groups 2 must be 0; choose a group that divides the input "
        "channels");
  CHECK(refusal(conv2d{.out = 6, .group = 4}, {x}) ==
        "it: output channels left over by the groups 2 must be 0; choose a group that divides the output "
        "channels");
  CHECK(refusal(conv2d{.kernel = {7, 1}}, {x}) ==
        "it: output height 0 is below the least of 1; pad the input or use a smaller kernel");
  CHECK(refusal(conv2d{.kernel = {1, 3}, .dilation = {1, 3}}, {x}) ==
        "it: output width 0 is below the least of 1; pad the input or use a smaller kernel");
  CHECK(refusal(conv2d{}, {x, x}) == "it: number of inputs 2 must be 1; give it as many as the operator takes");
  CHECK(refusal(conv2d{}, {}) == "it: number of inputs 0 must be 1; give it as many as the operator takes");
  CHECK(result(conv2d{.out = 4, .kernel = {3, 2}, .stride = {2, 1}, .pad = {1, 0, 0, 1}}, {x}) ==
        shape{1, 4, 3, 6});
}

namespace {

struct limits {
  const lnn::chip* on;
  int kernel_dilated, pad, wide_row, deep_row, strip, depthwise_weights, step;
};
// channels 16 or 64, kernel 4x4, rows as wide as high: the last legal width, depth, ... of each chip
constexpr limits all[] = {{&lnn::venus, 5, 4, 256, 64, 2048, 2048, 1024},
                          {&lnn::arcs, 12, 11, 64, 16, 512, 512, 256},
                          {&lnn::venusA, 12, 11, 256, 64, 2048, 2048, 512}};

conv2d square(int kernel) { return {.out = 64, .kernel = {kernel, kernel}}; }
shape image(int channels, int side) { return {1, channels, side, side}; }

}  // namespace

// hardware_constraints.md sections 2 and 9
TEST_CASE("conv2d: kernel, stride, dilation and padding of each chip") {
  const shape x = image(8, 40);
  for (const limits& l : all) {
    const lnn::chip& on = *l.on;
    CAPTURE(std::string(on.name));
    const bool dilates = on.conv.dilation > 1;
    CHECK_FALSE(breaks(conv2d{.kernel = {5, 5}}, {x}, on, lnn::limit::conv2d::kernel_height));
    CHECK(breaks(conv2d{.kernel = {6, 5}}, {x}, on, lnn::limit::conv2d::kernel_height));
    CHECK_FALSE(breaks(conv2d{.kernel = {6, 5}}, {x}, on, lnn::limit::conv2d::kernel_width));
    CHECK(breaks(conv2d{.kernel = {5, 6}}, {x}, on, lnn::limit::conv2d::kernel_width));
    CHECK_FALSE(
        breaks(conv2d{.kernel = {l.kernel_dilated, 3}, .dilation = {2, 2}}, {x}, on, lnn::limit::conv2d::kernel_height));
    CHECK(breaks(conv2d{.kernel = {l.kernel_dilated + 1, 3}, .dilation = {2, 2}}, {x}, on,
                 lnn::limit::conv2d::kernel_height));
    for (const int s : {1, 2, 4})
      CHECK_FALSE(breaks(conv2d{.kernel = {5, 5}, .stride = {s, s}}, {x}, on, lnn::limit::conv2d::stride_height));
    for (const int s : {3, 5}) {
      CHECK(breaks(conv2d{.kernel = {5, 5}, .stride = {s, 1}}, {x}, on, lnn::limit::conv2d::stride_height));
      CHECK(breaks(conv2d{.kernel = {5, 5}, .stride = {1, s}}, {x}, on, lnn::limit::conv2d::stride_width));
    }
    for (const int d : {1, 2, 3, 4, 8, 16}) {
      const bool legal = d == 1 || (dilates && d != 3 && d != 16);
      CHECK(breaks(conv2d{.kernel = {2, 2}, .dilation = {d, 1}}, {x}, on, lnn::limit::conv2d::dilation_height) == !legal);
      CHECK(breaks(conv2d{.kernel = {2, 2}, .dilation = {1, d}}, {x}, on, lnn::limit::conv2d::dilation_width) == !legal);
    }
    CHECK_FALSE(breaks(conv2d{.kernel = {12, 12}, .pad = l.pad}, {x}, on, lnn::limit::conv2d::padding));
    CHECK(breaks(conv2d{.kernel = {12, 12}, .pad = {0, 0, 0, l.pad + 1}}, {x}, on, lnn::limit::conv2d::padding));
    CHECK_FALSE(breaks(conv2d{.kernel = {2, 4}, .stride = {2, 4}}, {x}, on, lnn::limit::conv2d::kernel_below_stride));
    CHECK(breaks(conv2d{.kernel = {1, 4}, .stride = {2, 4}}, {x}, on, lnn::limit::conv2d::kernel_below_stride));
    CHECK(breaks(conv2d{.kernel = {2, 3}, .stride = {2, 4}}, {x}, on, lnn::limit::conv2d::kernel_below_stride));
    CHECK_FALSE(breaks(conv2d{.pad = 3}, {x}, on, lnn::limit::conv2d::pad_above_kernel));
    CHECK(breaks(conv2d{.pad = {0, 0, 4, 0}}, {x}, on, lnn::limit::conv2d::pad_above_kernel));
    CHECK(breaks(conv2d{.pad = {0, 4, 0, 0}}, {x}, on, lnn::limit::conv2d::pad_above_kernel));
  }
}

TEST_CASE("conv2d: sizes of each chip") {
  for (const limits& l : all) {
    const lnn::chip& on = *l.on;
    CAPTURE(std::string(on.name));
    CHECK_FALSE(breaks(square(4), {image(64, l.wide_row)}, on, lnn::limit::conv2d::row_bytes));
    CHECK(breaks(square(4), {image(64, l.wide_row + 1)}, on, lnn::limit::conv2d::row_bytes));
    CHECK_FALSE(breaks(square(4), {image(l.deep_row, 256)}, on, lnn::limit::conv2d::row_bytes));
    CHECK(breaks(square(4), {image(l.deep_row + 1, 256)}, on, lnn::limit::conv2d::row_bytes));
    // a row that is too wide may be turned: the packer swaps the axes when the columns fit
    CHECK_FALSE(breaks(square(4), {shape{1, 64, 8, l.wide_row + 1}}, on, lnn::limit::conv2d::row_bytes));
    CHECK_FALSE(breaks(square(4), {image(2, l.strip)}, on, lnn::limit::conv2d::strip_bytes));
    CHECK(breaks(square(4), {image(2, l.strip + 1)}, on, lnn::limit::conv2d::strip_bytes));
    const auto by_plane = [](int channels) {
      return conv2d{.out = channels, .kernel = {4, 4}, .group = channels};
    };
    CHECK_FALSE(breaks(by_plane(2), {image(2, l.strip)}, on, lnn::limit::conv2d::strip_bytes));
    CHECK(breaks(by_plane(2), {image(2, l.strip + 1)}, on, lnn::limit::conv2d::strip_bytes));
    CHECK_FALSE(breaks(by_plane(l.depthwise_weights), {image(l.depthwise_weights, 8)}, on,
                       lnn::limit::conv2d::depthwise_weight_bytes));
    // on venusA the packer's threshold holds instead, which the row test never lets a layer reach
    CHECK(breaks(by_plane(l.depthwise_weights + 1), {image(l.depthwise_weights + 1, 8)}, on,
                 lnn::limit::conv2d::depthwise_weight_bytes) == (&on != &lnn::venusA));
    CHECK(breaks(by_plane(l.depthwise_weights + 1), {image(l.depthwise_weights + 1, 8)}, on,
                 lnn::limit::conv2d::row_bytes));
    CHECK_FALSE(breaks(square(4), {image(l.step, 8)}, on, lnn::limit::conv2d::channel_step_bytes));
    CHECK(breaks(square(4), {image(l.step + 1, 8)}, on, lnn::limit::conv2d::channel_step_bytes));
    CHECK(advises(square(4), {image(l.step, 8)}, on, lnn::limit::conv2d::weight_split));
    CHECK_FALSE(advises(square(1), {image(64, 8)}, on, lnn::limit::conv2d::weight_split));
    // every second channel group has its own buffers
    CHECK_FALSE(breaks(conv2d{.out = 64, .kernel = {4, 4}, .group = 2}, {image(2 * l.step, 8)}, on,
                       lnn::limit::conv2d::channel_step_bytes));
  }
}

}  // namespace test_conv2d
