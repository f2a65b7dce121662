// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_max_pool1d {

using lnn::max_pool1d;
using namespace textbook;

TEST_CASE("max_pool1d: integers equal the definition on random geometry") {
  lnn::random draw(611);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int done = 0; done < 200;) {
    max_pool1d op{.kernel = pick(draw, 1, 6),
                  .stride = pick(draw, 1, 4),
                  .pad = {pick(draw, 0, 3), pick(draw, 0, 3)},
                  .ceil_mode = pick(draw, 0, 1) == 1};
    if (pick(draw, 0, 4) == 0) op = max_pool1d::global();
    const shape in{pick(draw, 1, 2), pick(draw, 1, 4), pick(draw, 1, 17)};
    if (!refusal(op, {in}).empty()) continue;
    ++done;
    const integer_tensor x = noise(draw, types[pick(draw, 0, 2)], in, 4);
    const shape dims = result(op, {in});
    const integer_tensor y = run(op, {x}, dims, x.type(), 4);
    const int kernel = op.kernel.n ? op.kernel.n : in[2];
    std::size_t at = 0;
    for (int line = 0; line < dims[0] * dims[1]; ++line)
      for (int i = 0; i < dims[2]; ++i) {
        std::int64_t most = lnn::integer_range::of(bits(x.type())).low;
        for (int p = 0; p < kernel; ++p) {
          const int place = i * op.stride.n - op.pad.before + p;
          if (place >= 0 && place < in[2])
            most = std::max(most, get(x, static_cast<std::size_t>(line * in[2] + place)));
        }
        REQUIRE(get(y, at++) == most);
      }
  }
}

TEST_CASE("max_pool1d: shapes that do not fit are refused in a sentence, and lines on every chip") {
  const shape x{1, 2, 6};
  CHECK(refusal(max_pool1d{}, {shape{1, 2, 6, 6}}) ==
        "it: rank of the input 4 must be 3; give it [n, c, length]");
  CHECK(
      refusal(max_pool1d{.stride = 0}, {x}) ==
      "it: least of the window's attributes and counts 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(max_pool1d{.pad = {0, -2}}, {x}) ==
        "it: least padding -2 is below the least of 0; slice the input instead");
  CHECK(refusal(max_pool1d{.kernel = 7}, {x}) ==
        "it: output length 0 is below the least of 1; pad the input or use a smaller window");
  CHECK(result(max_pool1d{.kernel = 3}, {shape{1, 2, 8}}) == shape{1, 2, 3});
  CHECK(result(max_pool1d{.kernel = 3, .ceil_mode = true}, {shape{1, 2, 8}}) == shape{1, 2, 4});
  CHECK(result(max_pool1d::global(), {shape{3, 2, 8}}) == shape{3, 2, 1});
  for (const lnn::chip* on : lnn::chips)
    CHECK(breaks(max_pool1d{}, {x}, *on, lnn::limit::max_pool2d::input_rank));
}

}  // namespace test_max_pool1d
