// SPDX-License-Identifier: Apache-2.0
#include <lnn/simd/kernels.hpp>

#include "textbook.hpp"

namespace test_conv_transpose2d {

using lnn::conv_transpose2d;
using namespace textbook;

namespace {

namespace rules = lnn::limit::conv_transpose2d;

std::vector<integer_tensor> operands(lnn::random& draw, const conv_transpose2d& op, const shape& x,
                                     dtype x_type = dtype::int8, dtype weight_type = dtype::int8) {
  std::vector<integer_tensor> in{noise(draw, x_type, x, 5)};
  in.push_back(noise(draw, weight_type, {x[1], op.out / op.group, op.kernel.h, op.kernel.w}, 6));
  if (op.bias) in.push_back(noise(draw, dtype::int32, {op.out}, 11));
  return in;
}

/// luna_ops.md 2.1: every input is scattered over the outputs that its kernel covers.
std::vector<wide::number> sums_of(const conv_transpose2d& op, const std::vector<integer_tensor>& in,
                                  const shape& y) {
  const shape x = in[0].dims();
  const int deep = x[1] / op.group, wide = op.out / op.group;
  std::vector<wide::number> sums(y.size());
  std::size_t at = 0;
  for (int n = 0; n < x[0]; ++n)
    for (int k = 0; k < x[1]; ++k)
      for (int i = 0; i < x[2]; ++i)
        for (int j = 0; j < x[3]; ++j, ++at)
          for (int o = 0; o < wide; ++o)
            for (int p = 0; p < op.kernel.h; ++p)
              for (int q = 0; q < op.kernel.w; ++q) {
                const int row = i * op.stride.h - op.pad.top + p * op.dilation.h;
                const int column = j * op.stride.w - op.pad.left + q * op.dilation.w;
                if (row < 0 || row >= y[2] || column < 0 || column >= y[3]) continue;
                const int channel = k / deep * wide + o;
                sums[static_cast<std::size_t>(((n * y[1] + channel) * y[2] + row) * y[3] + column)] +=
                    wide::number{get(in[0], at)} *
                    get(in[1],
                        static_cast<std::size_t>(((k * wide + o) * op.kernel.h + p) * op.kernel.w + q));
              }
  return sums;
}

void check_case(const conv_transpose2d& op, const std::vector<integer_tensor>& in, int shift, dtype type,
                bool relu, const lnn::chip& on) {
  const shape dims = result(op, {in[0].dims()});
  const integer_tensor y = run(op, in, dims, type, 11 - shift, on, relu);
  CHECK(y == run_on<lnn::simd::kernels>(op, in, dims, type, 11 - shift, on, relu));
  const auto sums = sums_of(op, in, dims);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t o = i / dims.span(2, 4) % static_cast<std::size_t>(dims[1]);
    CAPTURE(i);
    REQUIRE(get(y, i) ==
            finish(wide::clamp(sums[i] + (op.bias ? get(in[2], o) : 0), 32), shift, type, relu, op.slope));
  }
}

}  // namespace

TEST_CASE("conv_transpose2d: integers equal the definition on random geometry") {
  lnn::random draw(121);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int done = 0; done < 300;) {
    const int group = pick(draw, 0, 2) == 0 ? 1 : pick(draw, 1, 4);
    const bool depthwise = pick(draw, 0, 3) == 0;
    const lnn::extent2 stride{pick(draw, 1, 4), pick(draw, 1, 4)},
        dilation{pick(draw, 1, 3), pick(draw, 1, 3)};
    const conv_transpose2d op{.out = group * (depthwise ? 1 : pick(draw, 1, 3)),
                              .kernel = {pick(draw, 1, 4), pick(draw, 1, 4)},
                              .stride = stride,
                              .pad = {pick(draw, 0, 4), pick(draw, 0, 4), pick(draw, 0, 4), pick(draw, 0, 4)},
                              .dilation = dilation,
                              .output_padding = {pick(draw, 0, std::max(stride.h, dilation.h) - 1),
                                                 pick(draw, 0, std::max(stride.w, dilation.w) - 1)},
                              .group = group,
                              .bias = pick(draw, 0, 2) != 0,
                              .slope = pick(draw, 0, 2) == 0 ? pick(draw, 1, 9) : 0};
    const shape x{pick(draw, 1, 2), group * (depthwise ? 1 : pick(draw, 1, 4)), pick(draw, 1, 6),
                  pick(draw, 1, 8)};
    if (!refusal(op, {x}).empty()) continue;
    ++done;
    const auto in = operands(draw, op, x, done % 5 == 0 ? dtype::int16 : dtype::int8,
                             done % 4 == 0 ? dtype::int4 : dtype::int8);
    check_case(op, in, pick(draw, -2, 30), types[pick(draw, 0, 2)], pick(draw, 0, 1) == 1,
               *lnn::chips[done % 3]);
  }
}

TEST_CASE("conv_transpose2d: full-range biases clamp at 32 bits before the shift") {
  lnn::random draw(122);
  for (const lnn::chip* on : lnn::chips)
    for (const int shift : {0, 1, 24})
      for (const dtype type : {dtype::int8, dtype::int16, dtype::int32}) {
        const conv_transpose2d op{.out = 4, .kernel = {3, 3}, .pad = 1, .output_padding = {1, 0}};
        auto in = operands(draw, op, {1, 8, 5, 4});
        const std::int32_t edges[] = {INT32_MAX, INT32_MIN, INT32_MAX - 1000, INT32_MIN + 1000};
        for (std::size_t o = 0; o < 4; ++o) set(in[2], o, edges[o]);
        check_case(op, in, shift, type, shift == 1, *on);
      }
}

TEST_CASE("conv_transpose2d: shapes that do not fit are refused in a sentence") {
  const shape x{1, 8, 6, 6};
  CHECK(refusal(conv_transpose2d{}, {shape{8, 6, 6}}) ==
        "it: rank of the input 3 must be 4; give it [n, c, h, w]");
  CHECK(refusal(conv_transpose2d{.stride = {1, 0}}, {x}) ==
        "it: least of out, kernel, stride, dilation and group 0 is below the least of 1; use values of 1 and "
        "above");
  CHECK(refusal(conv_transpose2d{.pad = {0, -1, 0, 0}}, {x}) ==
        "it: least padding -1 is below the least of 0; use output_padding instead");
  CHECK(refusal(conv_transpose2d{.output_padding = {0, 2}}, {x}) ==
        "it: output padding 2 is above the limit of 1; stay below the stride or the dilation");
  CHECK(refusal(conv_transpose2d{.out = 8, .group = 3}, {x}) ==
        "it: input channels left over by the groups 2 must be 0; choose a group that divides the input "
        "channels");
  CHECK(refusal(conv_transpose2d{.out = 6, .group = 4}, {x}) ==
        "it: output channels left over by the groups 2 must be 0; choose a group that divides the output "
        "channels");
  CHECK(refusal(conv_transpose2d{.pad = {6, 0, 6, 0}}, {x}) ==
        "it: least output extent 0 is below the least of 1; pad less");
  CHECK(result(conv_transpose2d{.out = 4, .kernel = {3, 4}, .pad = {1, 0, 0, 1}, .output_padding = {1, 0}},
               {x}) == shape{1, 4, 13, 13});
}

TEST_CASE("conv_transpose2d: limits of each chip") {
  const shape x{1, 8, 6, 6};
  for (const lnn::chip* on : lnn::chips) {
    CAPTURE(std::string(on->name));
    const int most = on == &lnn::venus ? 5 : 12;
    CHECK_FALSE(breaks(conv_transpose2d{.kernel = {most, 2}}, {x}, *on, rules::kernel_height));
    CHECK(breaks(conv_transpose2d{.kernel = {most + 1, 2}}, {x}, *on, rules::kernel_height));
    CHECK(breaks(conv_transpose2d{.dilation = {1, 2}}, {x}, *on, rules::dilation));
    CHECK(breaks(conv_transpose2d{.out = 4, .group = 2}, {x}, *on, rules::group));
    CHECK(breaks(conv_transpose2d{.bias = false}, {x}, *on, rules::bias));
    CHECK_FALSE(breaks(conv_transpose2d{}, {x}, *on, rules::bias));
    CHECK(breaks(conv_transpose2d{.stride = {2, 3}}, {x}, *on, rules::stride_width));
    // the engines leave out whole kernels at the end, venus on the left too
    const auto pads = [&](lnn::padding2 p) { return breaks(conv_transpose2d{.kernel = {3, 3}, .pad = p}, {x}, *on, rules::engine_padding); };
    CHECK_FALSE(pads({2, 2, 3, 3}));
    CHECK(pads({3, 0, 0, 0}));
    CHECK(pads({0, 3, 0, 0}) == (on != &lnn::venus));
  }
}

}  // namespace test_conv_transpose2d
