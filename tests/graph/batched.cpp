// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/graph/batched.hpp>
#include <lnn/graph/graph.hpp>

namespace test_batched {

using lnn::shape;

namespace {

std::vector<shape> dims(const lnn::graph<>& net, int samples) {
  const auto v = net.view();
  return lnn::batched_dims(v.nodes, v.edges, v.inputs, samples);
}

}  // namespace

TEST_CASE("most operators keep samples in axis 0, also where they name its extent") {
  lnn::graph<> net;
  auto x = net.input({1, 4, 6});
  x = net("lines", lnn::reshape{{1, 24}}, x);
  x = net("fc", lnn::linear{.out = 3}, x);
  net("repeated", lnn::expand{{1, 2, 3}}, net("up", lnn::unsqueeze{{1}}, x));
  CHECK(dims(net, 1) == std::vector<shape>{{1, 4, 6}, {1, 24}, {1, 3}, {1, 1, 3}, {1, 2, 3}});
  CHECK(dims(net, 5) == std::vector<shape>{{5, 4, 6}, {5, 24}, {5, 3}, {5, 1, 3}, {5, 2, 3}});
}

TEST_CASE("operators that mix samples are asked for their shape") {
  lnn::graph<> net;
  auto x = net.input({1, 10});
  net("best", lnn::arg_max(), x);
  net("turned", lnn::transpose{{1, 0}}, x);
  net("size", lnn::shape_of{}, x);
  net("halves", lnn::split{.axis = 1, .parts = 2}, x);
  CHECK(dims(net, 1) == std::vector<shape>{{1, 10}, {2, 1}, {10, 1}, {2}, {1, 5}, {1, 5}});
  CHECK(dims(net, 3) == std::vector<shape>{{3, 10}, {6, 1}, {10, 3}, {2}, {3, 5}, {3, 5}});
}

TEST_CASE("a layer for one sample only says so") {
  lnn::graph<> net;
  net("flat", lnn::squeeze{{0}}, net.input({1, 10}));
  CHECK(dims(net, 1).back() == shape{10});
  CHECK_THROWS_WITH_AS((void)dims(net, 3),
                       "flat: makes 10 of one sample, which cannot be done for 3 at once; use batches of 1",
                       lnn::error);
}

}  // namespace test_batched
