// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/model/reader.hpp>
#include <lnn/pack/pack.hpp>
#include <lnn/sim/engine.hpp>

#include "difference.hpp"
#include "file.hpp"
#include "reader.hpp"

namespace test_symbolic {

namespace {

/// A line of unknown length: strided convolution, shape arithmetic, a table of which the first rows are used.
file stream() {
  file f;
  f.input("x", {1, 2, "time"}).output("y");
  f.constant<std::int8_t>("w", {3, 2, 3}, {1, -1, 2}).constant<float>("places", {1, 40, 3}, {0.25F, 0.5F, -0.5F});
  f.constant<std::int64_t>("zero", {1}, {0}).constant<std::int64_t>("one", {1}, {1}).constant<std::int64_t>("two", {1}, {2});
  f.node("linger::Quant", {"x"}, {"q"}, {{"data_bits", 8}, {"scale_x", 16.0F}});
  const std::vector<int> k{3}, s{2}, p{1, 1}, d{1};
  f.node("linger::QConv1d", {"q", "w"}, {"c"}, {{"kernel_shape", k}, {"strides", s}, {"pads", p}, {"dilations", d}, {"group", 1}, {"scale_x", 16.0F}, {"scale_w", 4.0F}, {"scale_o", 16.0F}, {"o_bits", 8}});
  f.node("Transpose", {"c"}, {"t"}, {{"perm", std::vector<int>{0, 2, 1}}});
  f.node("Shape", {"t"}, {"shape"});
  f.node("Gather", {"shape", "one"}, {"length"}, {{"axis", 0}});
  f.node("linger::Quant", {"places"}, {"pq"}, {{"data_bits", 8}, {"scale_x", 16.0F}});
  f.node("Slice", {"pq", "zero", "length", "one", "one"}, {"rows"});
  f.node("linger::QAdd", {"t", "rows"}, {"a"}, {{"scale_x", 16.0F}, {"scale_y", 16.0F}, {"scale_o", 16.0F}, {"o_bits", 8}});
  f.node("linger::Dequant", {"a"}, {"y"}, {{"scale_o", 16.0F}});
  return f;
}
const lnn::frozen<>::tensor_info& edge(const lnn::frozen<>& m, const char* name) { return m.edges[static_cast<std::size_t>(m.find(name))]; }

}  // namespace

TEST_CASE("dimensions follow from symbols; the model is that of the greatest values") {
  const auto m = read_bytes(stream().bytes(), "time=4:64:4");
  REQUIRE(m.symbols.size() == 1);
  CHECK(m.symbols[0] == lnn::symbol{"time", 4, 64, 4});
  CHECK(edge(m, "x").dims == lnn::shape{1, 2, 64});
  CHECK(edge(m, "x").form[2] == lnn::extent{.first = 0});
  CHECK(edge(m, "c").dims == lnn::shape{1, 3, 32});
  for (int t : {4, 20, 64}) CHECK(edge(m, "c").form[2].at(std::vector<int>{t}) == t / 2);
  CHECK(edge(m, "c").form[1].is_fixed());
  REQUIRE(edge(m, "pq").value);  // the table is constant, its first rows are not
  CHECK(edge(m, "pq").dims == lnn::shape{1, 40, 3});
  CHECK_FALSE(edge(m, "rows").value);
  CHECK(edge(m, "rows").form[1].at(std::vector<int>{40}) == 20);
  CHECK(edge(m, "pq").form.empty());
}

TEST_CASE("a fixed symbol is a number, and then the table's rows are a constant") {
  const auto m = read_bytes(stream().bytes(), "time=20");
  CHECK(m.symbols.empty());
  CHECK(edge(m, "c").dims == lnn::shape{1, 3, 10});
  CHECK(edge(m, "c").form.empty());
  REQUIRE(edge(m, "rows").value);
  CHECK(m.find("pq") == -1);
}

TEST_CASE("odd lengths round as the operator rounds") {
  const auto m = read_bytes(stream().bytes(), "time=3:60");
  for (int t = 3; t <= 60; ++t) CHECK(edge(m, "c").form[2].at(std::vector<int>{t}) == (t + 1) / 2);
}

TEST_CASE("tensors that passes make vary with the symbols like those that they are parts of") {
  file f;
  f.input("x", {1, 4, "time"}).output("y");
  f.constant<std::int8_t>("w", {4, 2, 3}, {1, -1, 2});
  f.node("linger::Quant", {"x"}, {"q"}, {{"data_bits", 8}, {"scale_x", 16.0F}});
  const std::vector<int> k{3}, s{1}, p{1, 1}, d{1};
  f.node("linger::QConv1d", {"q", "w"}, {"c"}, {{"kernel_shape", k}, {"strides", s}, {"pads", p}, {"dilations", d}, {"group", 2}, {"scale_x", 16.0F}, {"scale_w", 4.0F}, {"scale_o", 16.0F}, {"o_bits", 8}});
  f.node("linger::Dequant", {"c"}, {"y"}, {{"scale_o", 16.0F}});
  const auto packed = lnn::pack(read_bytes(f.bytes(), "time=4:64:4"), lnn::venus).program;
  REQUIRE(packed.operations.size() == 4);  // a split, two convolutions, a concat
  std::size_t lines = 0;
  for (std::size_t id = 0; id < packed.tensors.size(); ++id) {
    if (packed.tensors[id].constant || packed.tensors[id].dims.rank() != 3) continue;
    ++lines;
    CAPTURE(packed.tensors[id].name);
    std::size_t vary = 0;
    for (const auto& t : packed.shapes.targets) vary += t.tensor == id && t.dim == 2;
    CHECK(vary == 1);
  }
  CHECK(lines == 6);
}

TEST_CASE("a slice starts at a fixed place, or at a fixed distance from the end") {
  const auto last = [](bool half) {
    file f;
    f.input("x", {1, "time", 4}).output("y");
    f.constant<std::int64_t>("one", {1}, {1}).constant<std::int64_t>("two", {1}, {2}).constant<std::int64_t>("all", {1}, {1LL << 40});
    f.node("linger::Quant", {"x"}, {"q"}, {{"data_bits", 8}, {"scale_x", 16.0F}});
    f.node("Shape", {"q"}, {"shape"});
    f.node("Gather", {"shape", "one"}, {"length"}, {{"axis", 0}});
    f.node(half ? "Div" : "Sub", {"length", "two"}, {"from"});
    f.node("Slice", {"q", "from", "all", "one", "one"}, {"s"});
    f.node("linger::Dequant", {"s"}, {"y"}, {{"scale_o", 16.0F}});
    return f;
  };
  const auto m = read_bytes(last(false).bytes(), "time=4:64:4");
  CHECK(std::get<lnn::slice>(m.layers[1].op).starts == lnn::int_list{-2});
  CHECK(edge(m, "s").dims == lnn::shape{1, 2, 4});
  CHECK(refusal(last(true).bytes(), "time=4:64:4").find("has other attributes at time = 4 than at time = 64") != std::string::npos);
}

TEST_CASE("a packed slice ends where its output does, at every size") {
  const auto m = read_bytes(stream().bytes(), "time=4:64:4");
  const auto k = lnn::pack(m, lnn::arcs);
  lnn::pool workers(1);
  lnn::sim::engine<> engine(lnn::model::read(std::span<const std::uint8_t>(k.bytes)), workers, {.poison = true});
  for (const int time : {4, 20, 64}) {
    engine.resize(0, {1, 2, time});
    const std::vector<std::uint8_t> x(static_cast<std::size_t>(2 * time), 3);
    engine.feed(0, x);
    engine.run();
    CHECK(engine.output_bytes(0).size() == static_cast<std::size_t>(time / 2 * 3));
  }
}

TEST_CASE("symbols that are missing, unknown or senseless are told") {
  CHECK(refusal(stream().bytes()).find("the size of a dimension is not known: time of input x; say time=least:greatest:multiple among the options") != std::string::npos);
  file more = stream();
  more.input("other", {"time", "rows"});
  CHECK(refusal(more.bytes()).find("the sizes of dimensions are not known: time of input x, rows of input other; say time=least:greatest:multiple,rows=least:greatest:multiple") !=
        std::string::npos);
  CHECK(refusal(stream().bytes(), "time=5:64:4").find("both ends must be positive multiples of the step") != std::string::npos);
  CHECK(refusal(stream().bytes(), "time=4:8,tempo=3:5").find("no input has the dimension tempo") != std::string::npos);
  CHECK(refusal(stream().bytes(), "time:4").find("is not understood") != std::string::npos);
  CHECK(refusal(stream().bytes(), "time=2:200").find("(at time = ") != std::string::npos);  // more rows than the table has
}

TEST_CASE("symbolic models are written and read back the same") {
  const auto m = read_bytes(stream().bytes(), "time=4:64:4");
  CHECK(difference(m, read_bytes(bytes_of_model(m), "time=4:64:4")) == "");
}

}  // namespace test_symbolic
