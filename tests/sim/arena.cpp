// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/sim/arena.hpp>
#include <vector>

namespace test_arena {

namespace {

using model = lnn::frozen<lnn::builtin>;

/// Layers one behind the other, and one that reads the first tensor again at the end; tensors without bytes of their own.
model chain(int layers) {
  model m;
  m.edges.resize(static_cast<std::size_t>(layers) + 1);
  m.inputs = {0};
  for (int i = 0; i < layers; ++i) {
    m.layers.push_back({"l", lnn::relu{}, false, {i}, i + 1, {}, 1});
    m.edges[static_cast<std::size_t>(i)].name = "t";
  }
  m.layers.back().inputs.push_back(0);
  m.outputs = {layers};
  return m;
}

}  // namespace

TEST_CASE("arena_plan: everything lies apart, in whole cache lines") {
  const model m = chain(3);
  const std::vector<std::size_t> sizes{100, 64, 0, 1};
  const lnn::sim::arena_plan where(m, sizes, lnn::sim::keeps::everything);
  CHECK(where.offsets == std::vector<std::size_t>{0, 128, 192, 192});
  CHECK(where.bytes == 256);
}

TEST_CASE("arena_plan: tensors that live together lie apart, others share bytes") {
  for (const int layers : {1, 2, 7, 40}) {
    const model m = chain(layers);
    std::vector<std::size_t> sizes;
    for (int i = 0; i <= layers; ++i) sizes.push_back(static_cast<std::size_t>(64 * (1 + i * 7 % 5)));
    const lnn::sim::arena_plan where(m, sizes, lnn::sim::keeps::outputs);
    const auto apart = [&](int a, int b) {
      const auto i = static_cast<std::size_t>(a), k = static_cast<std::size_t>(b);
      return where.offsets[i] + sizes[i] <= where.offsets[k] || where.offsets[k] + sizes[k] <= where.offsets[i];
    };
    for (int i = 0; i < layers; ++i) CHECK(apart(i, i + 1));       // what a layer reads and what it makes
    for (int i = 1; i <= layers; ++i) CHECK(apart(0, i));          // the first is read again at the end
    for (int i = 0; i <= layers; ++i) CHECK(where.offsets[static_cast<std::size_t>(i)] % 64 == 0);
    for (int i = 0; i <= layers; ++i) CHECK(where.offsets[static_cast<std::size_t>(i)] + sizes[static_cast<std::size_t>(i)] <= where.bytes);
    if (layers == 40) CHECK(where.bytes <= 64 * (1 + 5 + 5));  // the first, and two neighbours
  }
}

TEST_CASE("arena_plan: constants take no bytes") {
  model m = chain(2);
  m.edges[1].value = lnn::integer_tensor(lnn::dtype::int8, {64}, 0);
  const std::vector<std::size_t> sizes{64, 64, 64};
  CHECK(lnn::sim::arena_plan(m, sizes, lnn::sim::keeps::everything).bytes == 128);
  CHECK(lnn::sim::arena_plan(m, sizes, lnn::sim::keeps::outputs).bytes == 128);
}

}  // namespace test_arena
