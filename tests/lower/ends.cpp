// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/lower/ends.hpp>

#include "sample.hpp"

namespace test_ends {

namespace {

lnn::lower::program real_ends() {
  return sample::made([](auto& n) {
    auto x = n("turn", lnn::transpose{.perm = {0, 2, 1}}, n.input("sound", {1, 8, 4}));
    x = n("q", lnn::quant{}, x);
    x = n("act", lnn::relu{}, x);
    n("d", lnn::dequant{}, x);
  });
}

}  // namespace

TEST_CASE("ends: integers instead of real numbers") {
  const auto p = lnn::lower::remove_ends(real_ends());
  CHECK(sample::operators(p) == "Transpose Relu");
  CHECK(sample::is_sound(p));
  CHECK(p.at(p.inputs[0]).type == lnn::dtype::int8);
  CHECK(p.at(p.inputs[0]).name.text() == "sound");
  CHECK(p.at(p.outputs[0]).name.text() == "act");
  CHECK(p.at(p.outputs[0]).type == lnn::dtype::int8);
}

TEST_CASE("ends: an input that is also read as real numbers stays") {
  auto p = real_ends();
  p.outputs.push_back(p.steps[0].outputs[0]);
  CHECK(sample::operators(lnn::lower::remove_ends(p)) == "Transpose Quant Relu");
}

}  // namespace test_ends
