// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/graph/streamed.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/train/freeze.hpp>

namespace test_streamed {

namespace {

using lnn::integer_tensor;
using lnn::shape;
using lnn::stream_axis;
using model = lnn::frozen<lnn::builtin>;

template <class Describe>
model freeze(const Describe& describe) {
  lnn::graph<> net;
  describe(net);
  net.finish();
  lnn::params p = lnn::init(net.view(), 5);
  lnn::random draw(6);
  for (auto& e : p.entries())
    if (e.kind == lnn::role::bias)
      for (float& v : e.value) v = draw.uniform(-1, 1);
  const auto fused = lnn::fuse(net.view());
  lnn::scales s = lnn::scales_for(fused.view(), {});
  for (auto& e : s.entries()) e.set(e.name.find("weight") == std::string::npos ? 2.0F : 1.0F);
  (void)lnn::grids_of(fused.view(), s, true);
  return lnn::freeze(net.view(), p, s, lnn::arcs, lnn::hardware_rules::ignored);
}

integer_tensor part(const integer_tensor& x, int axis, int first, int count) {
  shape dims = x.dims();
  dims[axis] = count;
  integer_tensor out(x.type(), dims, x.exponent());
  const std::size_t outer = x.dims().span(0, axis), inner = x.dims().span(axis + 1, x.dims().rank()), n = static_cast<std::size_t>(x.dims()[axis]);
  for (std::size_t o = 0; o < outer; ++o)
    std::copy_n(x.as<std::int8_t>() + (o * n + static_cast<std::size_t>(first)) * inner, static_cast<std::size_t>(count) * inner,
                out.as<std::int8_t>() + o * static_cast<std::size_t>(count) * inner);
  return out;
}

integer_tensor noise(const shape& dims, int exponent) {
  integer_tensor x(lnn::dtype::int8, dims, exponent);
  lnn::random draw(9);
  for (std::size_t i = 0; i < x.size(); ++i) x.as<std::int8_t>()[i] = static_cast<std::int8_t>(static_cast<int>(draw.below(256)) - 128);
  return x;
}

/// Runs `whole` on one long signal and `small`, streamed, on its pieces; every row behind the first `skip` and before the
/// last `skip` must be that of the whole, `late` rows later.
template <class Describe>
void compare(const Describe& describe, stream_axis along, int piece, int pieces, int skip, int late) {
  const int axis = along == stream_axis::rows ? 2 : -1;
  const model whole = freeze([&](auto& n) { describe(n, piece * pieces); });
  const model small = lnn::streamed(freeze([&](auto& n) { describe(n, piece); }), along);
  REQUIRE(small.inputs.size() > 1);
  REQUIRE(small.inputs.size() == small.outputs.size());
  lnn::pool workers(1);
  lnn::sim::machine all(whole, workers), each(small, workers);
  const auto& in = whole.edges[static_cast<std::size_t>(whole.inputs[0])];
  const integer_tensor x = noise(in.dims, in.exponent);
  const lnn::integer_view given = x.access();
  all.run({&given, 1});
  const integer_tensor wanted = all.output();
  const int a = axis < 0 ? wanted.dims().rank() - 1 : axis, a_in = axis < 0 ? in.dims.rank() - 1 : axis;
  std::vector<integer_tensor> past;
  for (std::size_t i = 1; i < small.inputs.size(); ++i) {
    const auto& e = small.edges[static_cast<std::size_t>(small.inputs[i])];
    past.emplace_back(e.type, e.dims, e.exponent);
  }
  const int rows = wanted.dims()[a] / pieces;
  int compared = 0;
  for (int p = 0; p < pieces; ++p) {
    const integer_tensor now = part(x, a_in, p * piece, piece);
    std::vector<lnn::integer_view> inputs{now.access()};
    for (const auto& t : past) inputs.push_back(t.access());
    each.run(inputs);
    for (std::size_t i = 0; i < past.size(); ++i) {
      CHECK(small.edges[static_cast<std::size_t>(small.outputs[i])].name ==
            small.edges[static_cast<std::size_t>(small.inputs[i + 1])].name + "_next");
      past[i] = each.output(i);
    }
    const integer_tensor got = each.output(small.outputs.size() - 1);
    for (int r = 0; r < rows; ++r) {
      const int place = p * rows + r - late;
      if (place < skip || place >= wanted.dims()[a] - skip) continue;
      CAPTURE(place);
      CHECK(part(got, a, r, 1) == part(wanted, a, place, 1));
      ++compared;
    }
  }
  CHECK(compared > 0);
}

}  // namespace

TEST_CASE("streamed: convolutions, strides, residuals and pools give the rows of the whole") {
  const auto net = [](auto& n, int rows) {
    auto x = n.input("x", {1, 3, rows, 6});
    x = n("relu1", lnn::relu{}, n("conv1", lnn::conv2d{.out = 4, .kernel = {3, 3}, .pad = 1}, x));
    auto y = n("conv2", lnn::conv2d{.out = 4, .kernel = {5, 3}, .pad = {2, 1, 2, 1}}, x);
    x = n("sum", lnn::add{}, n("conv3", lnn::conv2d{.out = 4, .kernel = {3, 1}, .pad = {1, 0, 1, 0}}, y), x);
    n("max", lnn::max_pool2d{.kernel = {2, 2}, .stride = {2, 2}}, x);
  };
  compare(net, stream_axis::rows, 4, 8, 6, 2);
  compare(net, stream_axis::rows, 8, 4, 6, 2);
}

TEST_CASE("streamed: stride and dilation") {
  const auto net = [](auto& n, int rows) {
    auto x = n.input("x", {1, 2, rows, 5});
    x = n("down", lnn::conv2d{.out = 4, .kernel = {3, 3}, .stride = {2, 1}, .pad = 1}, x);
    n("wide", lnn::conv2d{.out = 3, .kernel = {3, 1}, .pad = {2, 0, 2, 0}, .dilation = {2, 1}}, x);
  };
  compare(net, stream_axis::rows, 4, 9, 6, 2);
}

TEST_CASE("streamed: signals along their columns, causal layers are not late") {
  const auto net = [](auto& n, int columns) {
    auto x = n.input("x", {1, 2, columns});
    x = n("first", lnn::conv1d{.out = 4, .kernel = 5, .pad = {4, 0}}, x);
    n("second", lnn::conv1d{.out = 3, .kernel = 3, .pad = {2, 0}}, n("relu", lnn::relu{}, x));
  };
  compare(net, stream_axis::columns, 1, 30, 8, 0);
  compare(net, stream_axis::columns, 7, 5, 8, 0);
}

TEST_CASE("streamed: transposed convolutions") {
  const auto net = [](auto& n, int rows) {
    auto x = n.input("x", {1, 2, rows, 4});
    x = n("up", lnn::conv_transpose2d{.out = 3, .kernel = {4, 3}, .stride = {2, 1}, .pad = {1, 1, 1, 1}}, x);
    n("smooth", lnn::conv2d{.out = 2, .kernel = {3, 3}, .pad = 1}, x);
  };
  compare(net, stream_axis::rows, 3, 8, 8, 2);
}

TEST_CASE("streamed: real numbers at the ends, the past in integers") {
  const model m = lnn::streamed(freeze([](auto& n) {
                                  const auto x = n("in", lnn::quant{}, n.input("x", {1, 2, 6, 5}));
                                  n("out", lnn::dequant{}, n("c", lnn::conv2d{.out = 3, .kernel = {3, 3}, .pad = 1}, x));
                                }),
                                stream_axis::rows);
  REQUIRE(m.inputs.size() == 2);
  REQUIRE(m.outputs.size() == 2);
  const auto& past = m.edges[static_cast<std::size_t>(m.inputs[1])];
  CHECK(past.name == "c_history");
  CHECK(past.type == lnn::dtype::int8);
  CHECK(past.dims == shape{1, 2, 2, 5});
}

TEST_CASE("streamed: what cannot arrive in pieces is refused") {
  const auto refused = [](const auto& describe, stream_axis along) {
    try {
      static_cast<void>(lnn::streamed(freeze(describe), along));
    } catch (const lnn::error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(refused([](auto& n) { n("c", lnn::conv2d{.out = 2, .kernel = {3, 3}, .stride = {2, 2}, .pad = 1}, n.input("x", {1, 1, 5, 6})); }, stream_axis::rows) ==
        "c: 5 rows of a piece become 3 with stride 2, which leaves gaps between pieces; pad by 1 in all and make pieces of a multiple of 2");
  CHECK(refused([](auto& n) { n("c", lnn::conv2d{.out = 2, .kernel = {1, 1}}, n.input("x", {1, 1, 4, 6})); }, stream_axis::rows)
            .find("no layer looks beyond a piece along the rows") != std::string::npos);
  CHECK(refused([](auto& n) {
          auto x = n("c", lnn::conv2d{.out = 2, .kernel = {3, 3}, .pad = 1}, n.input("x", {1, 1, 8, 6}));
          n("p", lnn::max_pool2d{.kernel = {3, 3}, .stride = {2, 2}, .pad = 1}, x);
        }, stream_axis::rows).find("p: windows of 3 rows with stride 2 and padding 2 reach beyond a piece of 8") == 0);
  CHECK(refused([](auto& n) {
          auto x = n("c", lnn::conv2d{.out = 2, .kernel = {3, 3}, .pad = 1}, n.input("x", {1, 1, 8, 6}));
          n("d", lnn::conv2d{.out = 2, .kernel = {2, 2}, .stride = {2, 2}}, x);
        }, stream_axis::rows).find("d: its input is late by 1 rows, which stride 2 cannot follow") == 0);
}

}  // namespace test_streamed
