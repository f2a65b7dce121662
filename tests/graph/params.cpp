// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <lnn/graph/params.hpp>
#include <string>

namespace test_params {

namespace {

constexpr auto net = lnn::describe([](auto& n) {
  auto x = n("conv", lnn::conv2d{.out = 16, .bias = true}, n.input({1, 8, 9, 9}));
  x = n("norm", lnn::batch_norm{}, x);
  x = n("deep", lnn::conv2d{.out = 16, .group = 16, .bias = false}, x);
  x = n("flat", lnn::flatten{}, x);
  n("head", lnn::linear{.out = 10}, x);
});

}  // namespace

TEST_CASE("params: fresh ones have their names, shapes and bounds") {
  const lnn::params p = lnn::init(net, 7);
  REQUIRE(p.entries().size() == 9);
  CHECK(p.of("conv", "weight").value.dims() == lnn::shape{16, 8, 3, 3});
  CHECK(p.of("deep", "weight").value.dims() == lnn::shape{16, 1, 3, 3});
  CHECK(p.of("head", "weight").value.dims() == lnn::shape{10, 400});
  CHECK(p.find("deep.bias") == nullptr);
  CHECK(p.count() == 16 * 72 + 16 + 16 * 2 + 16 * 9 + 4000 + 10);
  const auto check = [&](const char* layer, int fan_in) {
    const auto& w = p.of(layer, "weight").value;
    const double bound = std::sqrt(6.0 / fan_in);
    double sum = 0, top = 0;
    for (const float v : w) {
      sum += static_cast<double>(v) / static_cast<double>(w.size());
      top = std::max(top, std::abs(static_cast<double>(v)));
    }
    CHECK(top <= bound);
    CHECK(top > 0.9 * bound);
    CHECK(std::abs(sum) < 0.2 * bound);
  };
  check("conv", 72);
  check("deep", 9);
  check("head", 400);
  const auto all = [](const lnn::tensor<float>& t, float v) { return std::all_of(t.begin(), t.end(), [=](float x) { return x == v; }); };
  CHECK(all(p.of("conv", "bias").value, 0));
  CHECK(all(p.of("norm", "gamma").value, 1));
  CHECK(all(p.of("norm", "beta").value, 0));
  CHECK(all(p.of("norm", "mean").value, 0));
  CHECK(all(p.of("norm", "var").value, 1));
}

TEST_CASE("params: a pure function of network and seed") {
  const lnn::params a = lnn::init(net, 7), b = lnn::init(net, 7), c = lnn::init(net, 8);
  for (std::size_t i = 0; i < a.entries().size(); ++i) {
    CHECK(a.entries()[i].value == b.entries()[i].value);
    if (a.entries()[i].kind == lnn::role::weight) CHECK_FALSE(a.entries()[i].value == c.entries()[i].value);
  }
  CHECK_FALSE(a.of("conv", "weight").value[0] == a.of("deep", "weight").value[0]);  // streams of their own
}

TEST_CASE("params: names are found, or the sentence says which is missing") {
  lnn::params p = lnn::init(net, 7);
  std::string missing, twice;
  try {
    (void)p.of("conv9", "weight");
  } catch (const lnn::error& e) {
    missing = e.what();
  }
  try {
    p.add("conv.weight", lnn::role::weight, {});
  } catch (const lnn::error& e) {
    twice = e.what();
  }
  CHECK(missing == "params: conv9.weight is missing; these parameters belong to another network");
  CHECK(twice == "params: conv.weight exists twice; layer names must differ");
}

}  // namespace test_params
