// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/model/shape_section.hpp>

namespace test_shape_section {

namespace {

using program = lnn::model::shape_program;
using code = program::operation_code;

/// Axis 1 of tensor 0 is T, a multiple of 16; axis 2 of tensor 1 is 8 * floor(T / 16).
program halved() {
  program p;
  p.axes = {{0, 1, 0}};
  p.inputs = {{"T", 2}};
  p.scalars = {16, 1.0 / 16, 0, 0, 0, 8, 0};
  p.steps = {{code::mul, {2, 1}, 3}, {code::floor, {3}, 4}, {code::mul, {4, 5}, 6}};
  p.outputs = {2, 6};
  p.targets = {{0, 1}, {1, 2}};
  return p;
}

}  // namespace

TEST_CASE("the shape section comes back as it was") {
  const auto bytes = lnn::model::write_shapes(halved());
  CHECK(bytes.size() % 16 == 0);
  lnn::model::little_reader r("file", "shape", bytes, 0);
  CHECK(lnn::model::read_shapes(r) == halved());
}

TEST_CASE("dimensions follow those that are fed") {
  std::vector<lnn::shape> dims{{1, 48}, {1, 4, 64}};
  lnn::model::infer_shapes(halved(), dims);
  CHECK(dims[0] == lnn::shape{1, 48});
  CHECK(dims[1] == lnn::shape{1, 4, 24});
  dims = {{1, 1600}, {1, 4, 64}};
  CHECK_THROWS_WITH_AS(lnn::model::infer_shapes(halved(), dims, "net.bin"),
                       doctest::Contains("net.bin: shape section: axis 2 of tensor 1 becomes 800, planned are at most 64"), lnn::error);
}

TEST_CASE("every operation of the shape graph") {
  const auto value = [](code c, std::vector<double> in) {
    program p;
    p.axes = {};
    p.scalars = in;
    p.scalars.push_back(0);
    program::step s{c, {}, static_cast<std::int32_t>(in.size())};
    for (std::size_t i = 0; i < in.size(); ++i) s.inputs.push_back(static_cast<std::int32_t>(i));
    p.steps = {s};
    p.outputs = {s.output};
    p.targets = {{0, 0}};
    std::vector<lnn::shape> dims{{1000}};
    lnn::model::infer_shapes(p, dims);
    return dims[0][0];
  };
  CHECK(value(code::add, {1, 2, 3}) == 6);
  CHECK(value(code::mul, {2, 3, 4}) == 24);
  CHECK(value(code::div, {48, 4, 3}) == 4);
  CHECK(value(code::pow, {2, 5}) == 32);
  CHECK(value(code::floor, {2.9}) == 2);
  CHECK(value(code::ceiling, {2.1}) == 3);
  CHECK(value(code::sqrt, {81}) == 9);
  CHECK(value(code::min, {7, 5, 6}) == 5);
  CHECK(value(code::max, {7, 9, 6}) == 9);
  CHECK(value(code::add, {2.4}) == 2);  // rounded
  CHECK(value(code::add, {2.5}) == 3);
}

TEST_CASE("graphs that are none are refused") {
  auto bytes = lnn::model::write_shapes(halved());
  const auto complaint = [&](std::size_t at, std::uint8_t v) {
    auto torn = bytes;
    torn[at] = v;
    lnn::model::little_reader r("file", "shape", torn, 500);
    try {
      (void)lnn::model::read_shapes(r);
    } catch (const lnn::error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(complaint(12, 200).find("file: shape section, offset 532: 200 axes of 4 bytes do not fit") != std::string::npos);
  CHECK(complaint(20, 3).find("3 dimensions take the values of 2 results") != std::string::npos);
}

}  // namespace test_shape_section
