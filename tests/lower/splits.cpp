// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/lower/splits.hpp>

#include "sample.hpp"

namespace test_splits {

namespace lower = lnn::lower;

namespace {

constexpr auto corrected = lnn::limit::figures::corrected;

std::vector<int> parts_of(int in, int out, const lnn::shape& image) {
  const auto p = lower::split_sizes(
      sample::made([&](auto& n) { n("c", lnn::conv2d{.out = out, .pad = 1}, n.input({1, in, image[0], image[1]})); }),
      lnn::venus, {}, corrected);
  std::vector<int> channels;
  for (const lower::step& s : p.steps)
    if (s.op == "Conv2dInt") channels.push_back(p.at(s.outputs[0]).dims[1]);
  CHECK(sample::is_sound(p));
  return channels;
}

}  // namespace

TEST_CASE("splits: channels of the parts as the reference packer makes them in a ResNet-18") {
  CHECK(parts_of(64, 128, {16, 16}) == std::vector<int>{56, 56, 16});
  CHECK(parts_of(128, 256, {8, 8}) == std::vector<int>{28, 28, 28, 28, 28, 28, 28, 28, 28, 4});
  CHECK(parts_of(64, 56, {16, 16}) == std::vector<int>{56});
  const auto many = parts_of(256, 512, {4, 4});
  CHECK(many.size() == 37);
  CHECK(many.back() == 8);
}

TEST_CASE("splits: names and pieces of a part") {
  const auto p = lower::split_sizes(
      sample::made([](auto& n) { n("c", lnn::conv2d{.out = 128}, n.input("x", {1, 64, 16, 16})); }), lnn::venus, {}, corrected);
  const lower::step& last = p.steps[2];
  CHECK(last.name.text() == "c_2");
  CHECK(p.at(last.inputs[0]).name.text() == "x");
  CHECK(p.at(last.inputs[1]).name.text() == "c.weight_c_2");
  CHECK(p.at(last.inputs[1]).pieces[0] == lower::piece{0, 112, 16});
  CHECK(p.at(last.outputs[0]).name.text() == "c_c_2");
  CHECK(p.steps[3].name.text() == "c_concat");
  CHECK(p.steps[3].outputs[0] == p.outputs[0]);
}

TEST_CASE("splits: linear layers, and their greatest output without a concat") {
  lnn::limit::packing small;
  small.right_threshold = 4096;
  const auto cut = lower::split_sizes(
      sample::made([](auto& n) { n("fc", lnn::linear{.out = 100}, n.input({1, 128})); }), lnn::venus, small, corrected);
  CHECK(sample::operators(cut) == "LinearInt LinearInt LinearInt LinearInt iqCat");
  CHECK(cut.at(cut.steps[3].inputs[1]).dims == lnn::shape{16, 128});
  CHECK(cut.steps[4].as.axis == -1);
  const auto found = lower::split_sizes(sample::made([](auto& n) {
                                          n("top", lnn::arg_max{}, n("fc", lnn::linear{.out = 60}, n.input({1, 128})));
                                        }),
                                        lnn::venus, small, corrected);
  CHECK(sample::operators(found) == "LinearInt LinearInt topN topN topN2");
  CHECK(found.at(found.steps[3].inputs[1]).numbers == lnn::list<long long, 16>{32});
  CHECK(sample::is_sound(found));
}

TEST_CASE("splits: lines above the threshold are cut on venusA too, which the reference packer forgets") {
  const auto line = sample::made([](auto& n) { n("c", lnn::conv1d{.out = 64, .kernel = 4}, n.input({1, 1024, 8})); }, lnn::venusA);
  lnn::limit::packing small;
  small.weight_threshold = 65536;
  CHECK(sample::operators(lower::split_sizes(line, lnn::venusA, small, lnn::limit::figures::reference)) == "Conv1dInt");
  CHECK(sample::operators(lower::split_sizes(line, lnn::venusA, small, corrected)) ==
        "Conv1dInt Conv1dInt Conv1dInt Conv1dInt iqCat");
}

TEST_CASE("splits: concats of concats become one") {
  const auto p = lower::merge_concats(sample::made([](auto& n) {
    auto x = n.input({1, 2, 4, 4});
    auto a = n("a", lnn::concat{}, x, x), b = n("b", lnn::concat{}, x, x);
    n("all", lnn::concat{}, a, b);
  }));
  CHECK(sample::operators(p) == "iqCat");
  CHECK(p.steps[0].inputs.size() == 4);
}

}  // namespace test_splits
