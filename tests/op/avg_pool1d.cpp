// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_avg_pool1d {

using lnn::avg_pool1d;
using namespace textbook;

// the division itself is proven against recorded figures elsewhere
TEST_CASE("avg_pool1d: integers equal the definition on random geometry, with every divisor") {
  lnn::random draw(711);
  for (int done = 0; done < 300;) {
    avg_pool1d op{.kernel = pick(draw, 1, 6),
                  .stride = pick(draw, 1, 4),
                  .pad = {pick(draw, 0, 3), pick(draw, 0, 3)},
                  .ceil_mode = pick(draw, 0, 1) == 1,
                  .count_include_pad = pick(draw, 0, 1) == 1,
                  .divisor_override = pick(draw, 0, 3) == 0 ? pick(draw, 1, 9) : -1};
    if (pick(draw, 0, 4) == 0) op = avg_pool1d::global();
    const shape in{pick(draw, 1, 2), pick(draw, 1, 4), pick(draw, 1, 17)};
    if (!refusal(op, {in}).empty()) continue;
    ++done;
    const integer_tensor x = noise(draw, done % 3 == 0 ? dtype::int16 : dtype::int8, in, 4);
    const shape dims = result(op, {in});
    const int q_o = pick(draw, 2, 7), kernel = op.kernel.n ? op.kernel.n : in[2];
    const integer_tensor y = run(op, {x}, dims, x.type(), q_o, lnn::arcs);
    std::size_t at = 0;
    for (int line = 0; line < dims[0] * dims[1]; ++line)
      for (int i = 0; i < dims[2]; ++i) {
        std::int64_t sum = 0;
        int within = 0;
        for (int p = 0; p < kernel; ++p) {
          const int place = i * op.stride.n - op.pad.before + p;
          if (place < 0 || place >= in[2]) continue;
          sum += get(x, static_cast<std::size_t>(line * in[2] + place));
          ++within;
        }
        const int divisor = op.divisor_override > 0 ? op.divisor_override
                            : op.count_include_pad  ? kernel
                                                    : std::max(within, 1);
        REQUIRE(get(y, at++) == wide::clamp(lnn::luna::average(sum, divisor, 4, q_o, 32), bits(x.type())));
      }
  }
}

TEST_CASE("avg_pool1d: shapes that do not fit are refused in a sentence, and every chip refuses it") {
  const shape x{1, 2, 6};
  CHECK(refusal(avg_pool1d{}, {shape{2, 6}}) == "it: rank of the input 2 must be 3; give it [n, c, length]");
  CHECK(
      refusal(avg_pool1d{.stride = 0}, {x}) ==
      "it: least of the window's attributes and counts 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(avg_pool1d{.kernel = 7}, {x}) ==
        "it: output length 0 is below the least of 1; pad the input or use a smaller window");
  CHECK(result(avg_pool1d::global(), {shape{3, 2, 8}}) == shape{3, 2, 1});
  for (const lnn::chip* on : lnn::chips) CHECK(breaks(avg_pool1d{}, {x}, *on, lnn::limit::unsupported));
}

}  // namespace test_avg_pool1d
