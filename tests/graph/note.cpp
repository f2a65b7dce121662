// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/graph/describe.hpp>
#include <lnn/graph/note.hpp>
#include <string>

namespace test_note {

namespace {

template <class Op>
void round_trip(const Op& op) {
  const std::string note = lnn::note_of(op);
  CAPTURE(note);
  const auto back = lnn::read_note<lnn::builtin>(note);
  REQUIRE(std::holds_alternative<Op>(back));
  CHECK(lnn::note_of(std::get<Op>(back)) == note);
}
std::string refusal(const std::string& note) {
  try {
    (void)lnn::read_note<lnn::builtin>(note);
  } catch (const lnn::error& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("note: every operator of the registry reads back") {
  lnn::builtin::for_each([](auto op) { round_trip(op); });
  round_trip(lnn::conv2d{.out = 7, .kernel = {3, 1}, .stride = {2, 4}, .pad = {1, 2, 3, 4}, .dilation = {2, 1}, .group = 7, .bias = false});
  round_trip(lnn::avg_pool2d::global());
  round_trip(lnn::max_pool2d{.kernel = {5, 2}, .pad = 1, .ceil_mode = true});
  round_trip(lnn::batch_norm{.eps = 1.0F / 3, .momentum = 0.017F});
  round_trip(lnn::reshape{{0, -1, 3, 4, 5, 6, 7, 8}});
  const auto c = std::get<lnn::clip>(lnn::read_note<lnn::builtin>(lnn::note_of(lnn::clip{-0.1F, 3.4e38F})));
  CHECK(c.low == -0.1F);
  CHECK(c.high == 3.4e38F);
  const auto v = std::get<lnn::conv2d>(lnn::read_note<lnn::builtin>("conv2d pads=1,2,3,4 out=9"));
  CHECK(v.pad == lnn::padding2{1, 2, 3, 4});
  CHECK(v.out == 9);
  CHECK(v.kernel == lnn::extent2{3, 3});  // what is not said stays
}

TEST_CASE("note: what cannot be read is one sentence") {
  CHECK(refusal("warp x=1").find("operator 'warp' is unknown") != std::string::npos);
  CHECK(refusal("").find("unknown") != std::string::npos);
  for (const char* bad : {"conv2d colour=3", "conv2d out=1,2", "conv2d pads=1,2", "conv2d out=1e12", "conv2d out=nan", "conv2d out=-1e300",
                          "reshape shape=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "conv2d out", "conv2d ="}) {
    CAPTURE(std::string(bad));
    CHECK(refusal(bad).find("attribute") != std::string::npos);
  }
}

TEST_CASE("note: a network in words") {
  constexpr auto net = lnn::describe([](auto& n) {
    const auto x = n.input("image", {1, 3, 4, 4});
    n("sum", lnn::add{}, n("act", lnn::clip{0, 6}, x), x);
  });
  const auto lines = lnn::notes_of(net.view());
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "image = input 1x3x4x4");
  CHECK(lines[1] == "act = clip min=0 max=6 (image)");
  CHECK(lines[2] == "sum = add (act, image)");
}

}  // namespace test_note
