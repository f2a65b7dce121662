// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/graph/scales.hpp>
#include <string>

namespace test_scales {

TEST_CASE("scales: by name, with the policy's kind of range") {
  lnn::scales s({.method = lnn::range_method::tqt});
  s.add("conv1", 8).set(4);
  s.add("conv1.weight", 4).set(1);
  CHECK(std::holds_alternative<lnn::tqt>(s.of("conv1").range));
  CHECK(s.of("conv1").wanted() == 5);
  CHECK(s.of("conv1").exponent == 0);  // in force only when it is settled
  CHECK(s.of("conv1.weight").wanted() == 3);
  CHECK(s.find("conv2") == nullptr);
  std::string message;
  try {
    (void)s.of("conv2");
  } catch (const lnn::error& e) {
    message = e.what();
  }
  CHECK(message == "scales: there is no scale for conv2; calibrate this network first");
  lnn::scales m;
  auto& scale = m.add("x", 16);
  CHECK(std::holds_alternative<lnn::mom>(scale.range));
  scale.observe(8);
  CHECK(scale.wanted() == 12);
  scale.observe(0);
  CHECK(std::get<lnn::mom>(scale.range).running == 0.9F * 8 + 0.1F * 1e-6F);
}

}  // namespace test_scales
