// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/model/constant.hpp>

namespace test_layout {

namespace {

using lnn::shape;

lnn::integer_tensor counted(const shape& dims, lnn::dtype type = lnn::dtype::int8) {
  lnn::integer_tensor t(type, dims, 5);
  const int span = type == lnn::dtype::int4 ? 15 : 251;
  lnn::with_element(type, [&](auto element) {
    using T = decltype(element);
    for (std::size_t i = 0; i < t.size(); ++i) t.as<T>()[i] = static_cast<T>(static_cast<int>(i * 7 % static_cast<std::size_t>(span)) - span / 2);
  });
  return t;
}

/// What a file of this constant holds comes back as it was.
bool comes_back(const lnn::model::constant_facts& f, const lnn::integer_tensor& w, const lnn::chip& on) {
  const auto packed = lnn::model::pack_constant(f, w.access(), on);
  lnn::model::tensor t;
  t.constant = true;
  t.dims = packed.dims;
  t.order = packed.order;
  t.code = lnn::model::code_of(packed.type);
  t.scale = static_cast<float>(w.exponent());
  REQUIRE(t.bytes() == packed.bytes.size());
  return lnn::model::load_constant(f, w.dims(), t, packed.bytes, on) == w;
}

}  // namespace

TEST_CASE("weights come back from every chip's order") {
  for (const lnn::chip* on : lnn::chips)
    for (const lnn::dtype type : {lnn::dtype::int8, lnn::dtype::int4}) {
      for (const shape& s : {shape{1, 1, 1, 1}, shape{5, 3, 3, 3}, shape{16, 8, 1, 1}, shape{7, 17, 2, 5}, shape{24, 40, 5, 5}}) {
        CHECK_MESSAGE(comes_back({.op = "Conv2dInt"}, counted(s, type), *on), on->name << " " << s.to_text().view());
        CHECK_MESSAGE(comes_back({.op = "ConvTranspose2dInt"}, counted(s, type), *on), on->name << " " << s.to_text().view());
      }
      for (const shape& s : {shape{2, 1, 1, 1}, shape{20, 1, 3, 3}, shape{8, 1, 4, 5}, shape{33, 1, 5, 2}})
        CHECK_MESSAGE(comes_back({.op = "Conv2dInt", .group = s[0]}, counted(s, type), *on), on->name << " " << s.to_text().view());
      for (const shape& s : {shape{4, 20, 3}, shape{9, 1, 5}}) CHECK(comes_back({.op = "Conv1dInt"}, counted(s, type), *on));
      CHECK(comes_back({.op = "LinearInt"}, counted({5, 7}, type), *on));
      CHECK(comes_back({.op = "LinearInt"}, counted({1, 6}, type), *on));
      CHECK(comes_back({.op = "LSTMInt", .parameter = 1}, counted({12, 3}, type), *on));
      CHECK(comes_back({.op = "GRUInt"}, counted({9, 5}, type), *on));
    }
  CHECK(comes_back({.op = "Conv2dInt"}, counted({5, 3, 2, 2}, lnn::dtype::int16), lnn::venus));
  CHECK(comes_back({.op = "Conv1dInt"}, counted({5, 3, 9}), lnn::venus));  // a matrix there
  CHECK(comes_back({.op = "LinearInt", .parameter = 1}, counted({5}, lnn::dtype::int32), lnn::arcs));
}

TEST_CASE("orders are those of the packer") {
  // [o / 2][tap][i / 8][o % 2][i % 8]
  const auto dense = lnn::model::pack_constant({.op = "Conv2dInt"}, counted({3, 9, 1, 2}).access(), lnn::arcs);
  CHECK(dense.dims == shape{2, 2, 2, 2, 8});
  CHECK(dense.order == lnn::model::layout::nhwc8);
  const auto w = counted({3, 9, 1, 2});
  CHECK(dense.bytes[0] == static_cast<std::uint8_t>(w.as<std::int8_t>()[0]));
  CHECK(dense.bytes[8] == static_cast<std::uint8_t>(w.as<std::int8_t>()[18]));                      // o 1
  CHECK(dense.bytes[16] == static_cast<std::uint8_t>(w.as<std::int8_t>()[16]));                     // i 8
  CHECK(dense.bytes[32] == static_cast<std::uint8_t>(w.as<std::int8_t>()[1]));                      // tap 1
  CHECK(dense.bytes[64] == static_cast<std::uint8_t>(w.as<std::int8_t>()[36]));                     // o 2
  CHECK(dense.bytes[72] == 0);                                                                      // o 3 is padding
  CHECK(lnn::model::pack_constant({.op = "Conv2dInt"}, w.access(), lnn::venusA).dims == shape{1, 2, 2, 4, 8});
  CHECK(lnn::model::pack_constant({.op = "Conv2dInt", .turned = true}, w.access(), lnn::venusA).order == lnn::model::layout::nwhc8);
  // depthwise
  const auto deep = counted({20, 1, 3, 3});
  const auto on_venus = lnn::model::pack_constant({.op = "Conv2dInt", .group = 20}, deep.access(), lnn::venus);
  CHECK(on_venus.dims == shape{2, 3, 3, 16});
  CHECK(on_venus.order == lnn::model::layout::nhwc16);
  CHECK(on_venus.bytes[1] == static_cast<std::uint8_t>(deep.as<std::int8_t>()[9]));
  CHECK(lnn::model::pack_constant({.op = "Conv2dInt", .group = 20}, deep.access(), lnn::arcs).dims == shape{3, 1, 3, 3, 8});
  const auto on_venus_a = lnn::model::pack_constant({.op = "Conv2dInt", .group = 20}, deep.access(), lnn::venusA);
  CHECK(on_venus_a.dims == shape{2, 3, 6, 2, 4});
  CHECK(on_venus_a.bytes[4] == static_cast<std::uint8_t>(deep.as<std::int8_t>()[3]));  // row 1
  // transposed convolution: last tap first
  const auto up = counted({2, 1, 1, 3});
  const auto turned = lnn::model::pack_constant({.op = "ConvTranspose2dInt"}, up.access(), lnn::venus);
  CHECK(turned.dims == shape{1, 1, 3, 1, 2, 8});
  CHECK(turned.bytes[0] == static_cast<std::uint8_t>(up.as<std::int8_t>()[2]));
  CHECK(turned.bytes[1] == static_cast<std::uint8_t>(up.as<std::int8_t>()[5]));
  // linear lies [in, out] on VENUS
  CHECK(lnn::model::pack_constant({.op = "LinearInt"}, counted({5, 7}).access(), lnn::venus).dims == shape{7, 5});
  CHECK(lnn::model::pack_constant({.op = "LinearInt"}, counted({5, 7}).access(), lnn::arcs).dims == shape{5, 7});
  // two 4-bit elements in a byte, rows begin with a whole one
  CHECK(lnn::model::pack_constant({.op = "LinearInt"}, counted({5, 7}, lnn::dtype::int4).access(), lnn::arcs).bytes.size() == 20);
  // gamma has 16 bits where the engine reads 16
  CHECK(lnn::model::pack_constant({.op = "LayerNormInt"}, counted({6}).access(), lnn::venus).type == lnn::dtype::int16);
  CHECK(lnn::model::pack_constant({.op = "LayerNormInt"}, counted({6}).access(), lnn::arcs).type == lnn::dtype::int8);
}

TEST_CASE("outputs are padded to parts that fit the weight buffer") {
  // 100 x 64 x 3 x 3 on VENUS: 576 bytes a channel, 56 channels fit, so two parts of 50
  CHECK(lnn::model::conv2d_map({100, 64, 3, 3}, 1, lnn::dtype::int8, lnn::venus).dims == shape{50, 9, 8, 2, 8});
  CHECK(lnn::model::conv2d_map({34, 64, 3, 3}, 1, lnn::dtype::int8, lnn::arcs).dims == shape{18, 9, 8, 2, 8});
  CHECK_THROWS_WITH_AS((void)lnn::model::conv2d_map({4, 512, 4, 4}, 1, lnn::dtype::int8, lnn::arcs),
                       doctest::Contains("one step of 2 output channels takes 16384 bytes of weights, the limit of arcs is 8192"), lnn::error);
}

TEST_CASE("constants that cannot be the weight are refused") {
  lnn::model::tensor t;
  t.name = "w";
  t.constant = true;
  t.dims = {1, 9, 1, 2, 8};
  t.order = lnn::model::layout::nhwc8;
  const std::vector<std::uint8_t> bytes(144);
  CHECK_NOTHROW((void)lnn::model::load_constant({.op = "Conv2dInt"}, {2, 8, 3, 3}, t, bytes, lnn::arcs));
  CHECK_THROWS_WITH_AS((void)lnn::model::load_constant({.op = "Conv2dInt"}, {4, 8, 3, 3}, t, bytes, lnn::arcs),
                       doctest::Contains("a weight 4x8x3x3 of Conv2dInt does not fit a constant 1x9x1x2x8"), lnn::error);
  CHECK_THROWS_AS((void)lnn::model::load_constant({.op = "Conv2dInt"}, {2, 9, 3, 3}, t, bytes, lnn::arcs), lnn::error);
  CHECK_THROWS_AS((void)lnn::model::load_constant({.op = "Conv2dInt"}, {2, 8, 3, 3}, t, std::span(bytes).first(100), lnn::arcs), lnn::error);
  CHECK_THROWS_WITH_AS((void)lnn::model::load_constant({.op = "LinearInt"}, {5, 3}, t, bytes, lnn::arcs), doctest::Contains("constant w is 1x9x1x2x8, expected 5x3"),
                       lnn::error);
}

}  // namespace test_layout
