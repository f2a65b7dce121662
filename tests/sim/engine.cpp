// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/kernels.hpp>
#include <lnn/model/reader.hpp>
#include <lnn/model/writer.hpp>
#include <lnn/sim/engine.hpp>

#include "../model/small_program.hpp"

#include <algorithm>

namespace test_engine {

namespace {

using bytes = std::vector<std::uint8_t>;

bytes noise(std::size_t n, unsigned seed = 3) {
  bytes out(n);
  lnn::random draw(seed);
  for (auto& b : out) b = static_cast<std::uint8_t>(draw.uniform(0, 256));
  return out;
}

template <class Kernels>
std::vector<bytes> outputs_of(const lnn::model::program& p, const bytes& x, lnn::sim::engine_options how = {}) {
  lnn::pool workers(2);
  lnn::sim::engine<Kernels> e(p, workers, how);
  e.feed(0, x);
  e.run();
  std::vector<bytes> all;
  for (std::size_t i = 0; i < e.outputs(); ++i) all.emplace_back(e.output_bytes(i).begin(), e.output_bytes(i).end());
  return all;
}

/// The network of small::network, operator by operator on kernels alone.
std::vector<bytes> by_hand(const lnn::model::program& p, const bytes& x, const lnn::chip& on) {
  lnn::pool workers(1);
  std::vector<lnn::shape> dims;
  std::vector<std::span<const std::uint8_t>> known;
  for (std::uint32_t id = 0; id < p.tensors.size(); ++id) {
    dims.push_back(p.tensors[id].dims);
    known.push_back(p.tensors[id].constant ? p.constant(id) : std::span<const std::uint8_t>{});
  }
  std::vector<lnn::integer_tensor> values;
  for (const auto& t : p.tensors) values.emplace_back(*t.type(), t.dims, static_cast<int>(t.scale));
  std::copy(x.begin(), x.end(), values[p.inputs[0].tensor].as<std::uint8_t>());
  for (const auto& o : p.operations) {
    const lnn::model::operands around(p, o, dims, known, "by hand");
    const auto b = lnn::model::bind(around);
    const auto parameters = lnn::model::load_parameters(around, b);
    std::vector<lnn::integer_view> in, out{values[o.outputs[0]].access()};
    for (std::uint32_t id : b.reads) in.push_back(values[id].access());
    for (const auto& q : parameters) in.push_back(q.access());
    lnn::visit_op(b.op, [&](const auto& op) { op.integer(lnn::integer_call<lnn::luna::kernels>{in, out, on, b.relu, nullptr, workers}); });
  }
  std::vector<bytes> all;
  for (const auto& port : p.outputs) {
    const auto* from = values[port.tensor].as<std::uint8_t>();
    all.emplace_back(from, from + values[port.tensor].byte_count());
  }
  return all;
}

/// x -> relu -> a -> relu -> y, `a` on top of x where asked.
lnn::model::program chain(std::uint64_t offset_of_a, std::uint64_t offset_of_y) {
  small::maker m(lnn::arcs);
  const auto x = m.tensor("x", {1, 16}, 4), a = m.tensor("a", {1, 16}, 4), y = m.tensor("y", {1, 16}, 4);
  m.operation("Relu", {x}, {a});
  m.operation("iqAdd", {x, a}, {y});
  auto p = m.done({x}, {y});
  p.tensors[a].offset = offset_of_a;
  p.tensors[y].offset = offset_of_y;
  return p;
}

}  // namespace

TEST_CASE("the engine computes what the operators compute, on every chip and kernel path") {
  for (const lnn::chip* on : lnn::chips) {
    const auto p = small::network(*on);
    const bytes x = noise(90), file = lnn::model::write(p);
    const auto expected = by_hand(p, x, *on);
    CHECK(outputs_of<lnn::luna::kernels>(p, x) == expected);
    CHECK(outputs_of<lnn::simd::kernels>(p, x) == expected);
    CHECK(outputs_of<lnn::simd::kernels>(lnn::model::read(std::span<const std::uint8_t>(file)), x, {.poison = true}) == expected);
  }
}

TEST_CASE("an engine runs many times, and its tensors can be looked at") {
  lnn::pool workers(1);
  lnn::sim::engine<> e(small::network(lnn::venus), workers, {.place = "net.bin"});
  CHECK(e.input_named("x") == 0);
  CHECK(e.output_named("s") == 1);
  CHECK_THROWS_WITH_AS((void)e.output_named("z"), doctest::Contains("net.bin: there is no output z; there are 2"), lnn::error);
  CHECK_THROWS_WITH_AS(e.run(), doctest::Contains("net.bin: 0 of 1 inputs were fed"), lnn::error);
  CHECK_THROWS_WITH_AS(e.feed(0, noise(89)), doctest::Contains("input x is given 89 bytes, its shape 1x3x6x5 needs 90"), lnn::error);
  CHECK_THROWS_AS(e.feed(1, noise(90)), lnn::error);
  e.feed(0, noise(90));
  std::size_t steps = 0;
  e.run([&](std::size_t i) { CHECK(i == steps++); });
  CHECK(steps == 6);
  const bytes first(e.output_bytes(0).begin(), e.output_bytes(0).end());
  e.feed(0, noise(90, 4));
  e.run();
  CHECK(!std::ranges::equal(first, e.output_bytes(0)));
  e.feed(0, noise(90));
  e.run();
  CHECK(std::ranges::equal(first, e.output_bytes(0)));
  CHECK(e.output(0).exponent == 2);
  CHECK(e.tensor(e.program().operations[1].outputs[0]).dims == lnn::shape{1, 8, 6, 5});
}

TEST_CASE("a plan that overwrites what is needed is refused") {
  CHECK_NOTHROW(lnn::sim::require_sound_plan(chain(16, 32)));
  // `a` lies where x is still needed
  CHECK_THROWS_WITH_AS(lnn::sim::require_sound_plan(chain(0, 32), "net.bin"),
                       doctest::Contains("net.bin: the memory plan is wrong: operator 1 (iqAdd) reads x, but operator 0 (Relu) has written a over it at byte 0"), lnn::error);
  CHECK_THROWS_WITH_AS(lnn::sim::require_sound_plan(chain(16, 8)), doctest::Contains("x and y, input and output of operator 1 (iqAdd), share bytes of share-mem"), lnn::error);
  auto p = chain(16, 32);
  std::swap(p.operations[0], p.operations[1]);
  CHECK_THROWS_WITH_AS(lnn::sim::require_sound_plan(p), doctest::Contains("operator 0 (iqAdd) reads a, which nobody has written"), lnn::error);
  lnn::pool workers(1);
  CHECK_THROWS_AS((lnn::sim::engine<>{chain(0, 32), workers}), lnn::error);
  CHECK_NOTHROW((lnn::sim::engine<>{chain(0, 32), workers, {.check_plan = false}}));
  p = chain(16, 32);
  p.memory[0].bytes = 1 << 20;
  CHECK_THROWS_WITH_AS((lnn::sim::engine<>{p, workers}), doctest::Contains("the plan takes 1048576 bytes of share-mem, arcs has"), lnn::error);
}

TEST_CASE("a weight buffer that is written over is noticed") {
  auto p = small::network(lnn::arcs);
  const auto buffer = static_cast<std::uint32_t>(p.tensors.size());
  auto t = p.tensors[p.inputs[0].tensor];
  t.name = "dma_buffer1";
  t.dims = {512};
  t.offset = p.memory[0].bytes;
  p.memory[0].bytes += 512;
  p.tensors.push_back(t);
  p.operations[0].temps = {buffer};
  p.transfers = {{.source = static_cast<std::uint16_t>(p.operations[0].inputs[1]), .destination = static_cast<std::uint16_t>(buffer), .bytes = 512}};
  CHECK_NOTHROW(lnn::sim::require_sound_plan(p));
  p.operations[1].temps = {buffer};
  p.transfers.push_back({.source = static_cast<std::uint16_t>(p.operations[1].inputs[1]), .destination = static_cast<std::uint16_t>(buffer), .bytes = 512});
  CHECK_NOTHROW(lnn::sim::require_sound_plan(p));
  p.tensors[buffer].offset = 0;
  CHECK_THROWS_WITH_AS(lnn::sim::require_sound_plan(p), doctest::Contains("the memory plan is wrong"), lnn::error);
}

TEST_CASE("a reshape may lie on its input, and in place is nothing else") {
  small::maker m(lnn::venus);
  const auto x = m.tensor("x", {1, 4, 4}, 4), r = m.tensor("r", {1, 16}, 4), y = m.tensor("y", {1, 16}, 4);
  m.operation("Reshape", {x, m.numbers("to", {1, 16})}, {r});
  m.operation("Relu", {r}, {y});
  auto p = m.done({x}, {y});
  p.tensors[r].offset = p.tensors[x].offset;
  const auto out = outputs_of<lnn::luna::kernels>(p, {1, 2, 255, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128});
  CHECK(out[0] == bytes{1, 2, 0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0});
}

TEST_CASE("shapes follow those of the inputs") {
  // [1, T, 4] -> slice of the last T - 2 steps -> relu; T is at most 8
  small::maker m(lnn::venus);
  const auto x = m.tensor("x", {1, 8, 4}, 4), s = m.tensor("s", {1, 6, 4}, 4), y = m.tensor("y", {1, 6, 4}, 4);
  m.operation("Slice", {x, m.numbers("from", {2}), m.numbers("to", {1000}), m.numbers("axes", {1}), m.numbers("steps", {1})}, {s});
  m.operation("Relu", {s}, {y});
  auto p = m.done({x}, {y});
  using code = lnn::model::shape_program::operation_code;
  p.shapes.axes = {{static_cast<std::uint16_t>(x), 1, 0}};
  p.shapes.inputs = {{"T", 0}};
  p.shapes.scalars = {0, -2, 0};
  p.shapes.steps = {{code::add, {0, 1}, 2}};
  p.shapes.outputs = {0, 2, 2};
  p.shapes.targets = {{static_cast<std::uint16_t>(x), 1}, {static_cast<std::uint16_t>(s), 1}, {static_cast<std::uint16_t>(y), 1}};
  const bytes file = lnn::model::write(p);
  p = lnn::model::read(std::span<const std::uint8_t>(file));
  CHECK(lnn::model::write(p) == file);
  lnn::pool workers(1);
  lnn::sim::engine<> e(p, workers);
  for (int t : {8, 3, 5}) {
    e.resize(0, {1, t, 4});
    e.feed(0, bytes(static_cast<std::size_t>(t) * 4, 7));
    e.run();
    CHECK(e.output(0).dims == lnn::shape{1, t - 2, 4});
    CHECK(e.output_bytes(0).size() == static_cast<std::size_t>(t - 2) * 4);
    CHECK(e.output(0).at(0) == 7);
  }
  CHECK_THROWS_WITH_AS(e.resize(0, {1, 9, 4}), doctest::Contains("input x is 1x9x4, planned is 1x8x4"), lnn::error);
  CHECK_THROWS_AS(e.resize(0, {1, 8, 3}), lnn::error);
}

TEST_CASE("four-bit weights and tables") {
  small::maker m(lnn::venusA);
  const auto i = m.tensor("i", {1, 3}, -1, lnn::dtype::int32);
  const auto table = m.weight("table", "Gather", 0, {6, 5}, lnn::dtype::int4, 4);
  const auto e1 = m.tensor("e", {1, 3, 5}, 4), y = m.tensor("y", {1, 3, 7}, 4);
  m.operation("Gather", {table, i}, {e1});
  m.operation("LinearInt", {e1, m.weight("w", "LinearInt", 0, {7, 5}, lnn::dtype::int4, 3)}, {y});
  const auto p = m.done({i}, {y, e1});
  const auto out = outputs_of<lnn::simd::kernels>(p, {2, 0, 0, 0, 5, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF});
  const auto rows = lnn::model::loaded_elements(p.constant(table), lnn::dtype::int4, {6, 5}, 4);
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(static_cast<std::int8_t>(out[1][k]) == rows.as<std::int8_t>()[10 + k]);
    CHECK(static_cast<std::int8_t>(out[1][10 + k]) == rows.as<std::int8_t>()[25 + k]);  // -1 is the last row
  }
}

TEST_CASE("operators that lnn cannot compute, and tensors that do not fit, are named") {
  lnn::pool workers(1);
  auto p = small::network(lnn::venus);
  p.operations[2].type = "LogSoftmax";
  CHECK_THROWS_WITH_AS((lnn::sim::engine<>{p, workers}), doctest::Contains("LogSoftmax that makes s is no operator that lnn can compute"), lnn::error);
  p = small::network(lnn::venus);
  p.platform = 1;
  CHECK_THROWS_WITH_AS((lnn::sim::engine<>{p, workers}), doctest::Contains("platform 1 is unknown"), lnn::error);
  p = small::network(lnn::venus);
  p.operations[0].values.set("group", 0);
  CHECK_THROWS_WITH_AS((lnn::sim::engine<>{p, workers}), doctest::Contains("Conv2dInt that makes a cannot be computed"), lnn::error);
  p = small::network(lnn::venus);
  p.operations[0].values.set("stride", 2, 1);
  CHECK_THROWS_WITH_AS((lnn::sim::engine<>{p, workers}), doctest::Contains("makes 1x8x6x3, but its tensor is 1x8x6x5"), lnn::error);
}

}  // namespace test_engine
