// SPDX-License-Identifier: Apache-2.0
#include <lnn/simd/kernels.hpp>

#include "textbook.hpp"

namespace test_conv_transpose1d {

using lnn::conv_transpose1d;
using namespace textbook;

TEST_CASE("conv_transpose1d: integers equal the definition on random geometry") {
  lnn::random draw(131);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int done = 0; done < 200;) {
    const int group = pick(draw, 1, 3), stride = pick(draw, 1, 4), dilation = pick(draw, 1, 3);
    const conv_transpose1d op{.out = group * pick(draw, 1, 3),
                              .kernel = pick(draw, 1, 5),
                              .stride = stride,
                              .pad = {pick(draw, 0, 4), pick(draw, 0, 4)},
                              .dilation = dilation,
                              .output_padding = pick(draw, 0, std::max(stride, dilation) - 1),
                              .group = group,
                              .bias = pick(draw, 0, 2) != 0};
    const shape x{pick(draw, 1, 2), group * pick(draw, 1, 4), pick(draw, 1, 12)};
    if (!refusal(op, {x}).empty()) continue;
    ++done;
    const shape dims = result(op, {x});
    std::vector<integer_tensor> in{noise(draw, dtype::int8, x, 5),
                                   noise(draw, dtype::int8, {x[1], op.out / group, op.kernel.n}, 6)};
    if (op.bias) in.push_back(noise(draw, dtype::int32, {op.out}, 11));
    const int deep = x[1] / group, broad = op.out / group, shift = pick(draw, -2, 30);
    std::vector<wide::number> sums(dims.size());
    for (int n = 0; n < x[0]; ++n)
      for (int k = 0; k < x[1]; ++k)
        for (int i = 0; i < x[2]; ++i)
          for (int o = 0; o < broad; ++o)
            for (int p = 0; p < op.kernel.n; ++p) {
              const int at = i * stride - op.pad.before + p * dilation;
              if (at < 0 || at >= dims[2]) continue;
              sums[static_cast<std::size_t>((n * op.out + k / deep * broad + o) * dims[2] + at)] +=
                  wide::number{get(in[0], static_cast<std::size_t>((n * x[1] + k) * x[2] + i))} *
                  get(in[1], static_cast<std::size_t>((k * broad + o) * op.kernel.n + p));
            }
    const dtype type = types[pick(draw, 0, 2)];
    const bool relu = pick(draw, 0, 1) == 1;
    const lnn::chip& on = *lnn::chips[done % 3];
    const integer_tensor y = run(op, in, dims, type, 11 - shift, on, relu);
    CHECK(y == run_on<lnn::simd::kernels>(op, in, dims, type, 11 - shift, on, relu));
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t o = i / static_cast<std::size_t>(dims[2]) % static_cast<std::size_t>(dims[1]);
      REQUIRE(get(y, i) ==
              finish(wide::clamp(sums[i] + (op.bias ? get(in[2], o) : 0), 32), shift, type, relu));
    }
  }
}

TEST_CASE("conv_transpose1d: shapes that do not fit are refused in a sentence, and every chip refuses it") {
  const shape x{1, 8, 6};
  CHECK(refusal(conv_transpose1d{}, {shape{8, 6}}) ==
        "it: rank of the input 2 must be 3; give it [n, c, length]");
  CHECK(
      refusal(conv_transpose1d{.kernel = 0}, {x}) ==
      "it: least of the window's attributes and counts 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(conv_transpose1d{.pad = -1}, {x}) ==
        "it: least padding -1 is below the least of 0; slice the input instead");
  CHECK(refusal(conv_transpose1d{.output_padding = 2}, {x}) ==
        "it: output padding 2 is above the limit of 1; stay below the stride or the dilation");
  CHECK(refusal(conv_transpose1d{.pad = {12, 0}}, {x}) ==
        "it: output length 0 is below the least of 1; pad the input or use a smaller window");
  CHECK(result(conv_transpose1d{.out = 4, .kernel = 4, .pad = 1}, {x}) == shape{1, 4, 12});
  for (const lnn::chip* on : lnn::chips) CHECK(breaks(conv_transpose1d{}, {x}, *on, lnn::limit::unsupported));
}

}  // namespace test_conv_transpose1d
