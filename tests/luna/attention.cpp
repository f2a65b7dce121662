// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/luna/attention.hpp>
#include <vector>

#include "../wide.hpp"

namespace test_attention {

using lnn::dtype;
using lnn::integer_view;

namespace {

constexpr lnn::curves units[] = {lnn::venus.unit, lnn::arcs.unit, lnn::venusA.unit};

wide::number to8(wide::number x, int from, int to) { return wide::clamp(wide::half_up(x, from - to), 8); }

struct rows {
  int n, width;
  std::vector<std::int8_t> v;
  rows(lnn::random& draw, int count, int each, int reach)
      : n(count), width(each), v(static_cast<std::size_t>(count * each)) {
    for (auto& x : v)
      x = static_cast<std::int8_t>(static_cast<int>(draw.below(static_cast<std::uint32_t>(2 * reach))) -
                                   reach);
  }
  [[nodiscard]] int at(int i, int d) const { return v[static_cast<std::size_t>(i * width + d)]; }
};

}  // namespace

TEST_CASE("attention equals luna_ops.md 3.24, step by step in wide integers") {
  lnn::random draw(95);
  for (int i = 0; i < 120; ++i) {
    const int n = 1 + static_cast<int>(draw.below(9)), width = 1 + static_cast<int>(draw.below(8)),
              reach = static_cast<int>(draw.below(5));
    const int size = i % 3 == 0 ? 128 : 24;
    const rows q(draw, n, width, size), k(draw, n, width, size), v(draw, n, width, size),
        keys(draw, 2 * reach + 1, width, size), values(draw, 2 * reach + 1, width, size);
    const auto near = [&](int least, int most) {
      return least + static_cast<int>(draw.below(static_cast<std::uint32_t>(most - least + 1)));
    };
    const lnn::luna::attention_grid g{.query = near(2, 6),
                                      .key = near(2, 6),
                                      .value = near(3, 7),
                                      .score = near(0, 5),
                                      .key_offset = near(0, 5),
                                      .joined = near(0, 6),
                                      .mixed = near(2, 7),
                                      .value_offset = near(2, 7),
                                      .result = near(2, 8)};
    const int q_keys = near(2, 7), q_values = near(2, 7);
    auto table_k = keys.v, table_v = values.v;
    const lnn::luna::attention a{
        .count = n,
        .width = width,
        .stride = width,
        .reach = reach,
        .query = q.v.data(),
        .key = k.v.data(),
        .value = v.v.data(),
        .key_table = {table_k.data(), dtype::int8, {2 * reach + 1, width}, q_keys},
        .value_table = {table_v.data(), dtype::int8, {2 * reach + 1, width}, q_values},
        .grid = g};
    const lnn::curves unit = units[i % 3];
    std::vector<std::int8_t> y(static_cast<std::size_t>(n * width));
    lnn::luna::attend(unit, a, y.data());
    for (int from = 0; from < n; ++from) {
      std::vector<std::int32_t> s;
      const auto distance = [&](int to) {
        return (to - from < -reach ? -reach : to - from > reach ? reach : to - from) + reach;
      };
      for (int to = 0; to < n; ++to) {
        wide::number dot = 0, offset = 0;
        for (int d = 0; d < width; ++d)
          dot += q.at(from, d) * k.at(to, d), offset += q.at(from, d) * keys.at(distance(to), d);
        const wide::number left = to8(to8(dot, g.query + g.key, g.score), g.score, g.joined),
                           right = to8(to8(offset, g.query + q_keys, g.key_offset), g.key_offset, g.joined);
        s.push_back(static_cast<std::int32_t>(
            wide::clamp(wide::clamp(left + right, 8) * wide::power(25 - g.joined), 32)));
      }
      lnn::luna::softmax(unit, s.data(), s.size(), s.data());
      for (int d = 0; d < width; ++d) {
        wide::number mix = 0, offset = 0;
        for (int to = 0; to < n; ++to) {
          const wide::number p = to8(s[static_cast<std::size_t>(to)], 15, 7);
          mix += p * v.at(to, d);
          offset += p * values.at(distance(to), d);
        }
        const wide::number wanted =
            wide::clamp(to8(to8(mix, 7 + g.value, g.mixed), g.mixed, g.result) +
                            to8(to8(offset, 7 + q_values, g.value_offset), g.value_offset, g.result),
                        8);
        REQUIRE(y[static_cast<std::size_t>(from * width + d)] == wanted);
      }
    }
  }
}

TEST_CASE("values meet on one grid, each rounded and clamped by itself") {
  CHECK(lnn::luna::join(3, 1, 3, 1, 0) == 4);       // R(3, 1) = 2, twice
  CHECK(lnn::luna::join(-3, 1, 1, 0, 0) == 0);      // R(-3, 1) = -1
  CHECK(lnn::luna::join(100, 2, 5, 3, 3) == 127);   // 200 is clamped to 127, the sum again
  CHECK(lnn::luna::join(100, 2, -5, 3, 3) == 122);  // to a finer grid too
  CHECK(lnn::luna::join(-100, 0, -100, 0, 0) == -128);
}

}  // namespace test_attention
