// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/simd/gru.hpp>
#include <lnn/simd/lstm.hpp>
#include <vector>

namespace test_recurrent {

namespace {

using namespace lnn::simd;
using lnn::curves;
using lnn::luna::gate_sums;

/// Sums of every size: as many bits as are drawn, and now and then the ends of 32.
std::vector<std::int32_t> sums_of(lnn::random& draw, std::size_t n) {
  std::vector<std::int32_t> s(n);
  for (auto& v : s) {
    const auto bits = static_cast<int>(draw.below(32));
    v = static_cast<std::int32_t>((std::uint64_t{draw.below(1U << 16)} << 16 | draw.below(1U << 16)) >> (31 - bits));
    if (draw.below(2) == 0) v = -v;
    if (draw.below(20) == 0) v = draw.below(2) == 0 ? INT32_MIN : INT32_MAX;
  }
  return s;
}

/// step(path or none for the law, unit, sums, hidden, q_h, cells, state) over every path, unit and many lengths and
/// exponents: both must give the same cells and states.
template <class Law, class Fast>
void compare(std::size_t gates, const Law& law, const Fast& fast) {
  lnn::random draw(7);
  for (const curves unit : {curves::narrow, curves::stepped, curves::fused})
    for (int round = 0; round < 200; ++round) {
      const std::size_t hidden = 1 + draw.below(100);
      const auto p = sums_of(draw, gates * hidden), u = sums_of(draw, gates * hidden);
      const gate_sums sums{.input = p.data(),
                           .state = u.data(),
                           .q_input = static_cast<int>(draw.below(62)) - 3,
                           .q_state = static_cast<int>(draw.below(62)) - 3};
      const int q_h = static_cast<int>(draw.below(60)) - 20;
      std::vector<std::int32_t> cells(hidden), given = cells;
      std::vector<std::int8_t> state(hidden), before = state;
      for (std::size_t i = 0; i < hidden; ++i) {
        before[i] = static_cast<std::int8_t>(static_cast<int>(draw.below(256)) - 128);
        given[i] = sums_of(draw, 1)[0];
        if (unit == curves::narrow) given[i] >>= 16;
      }
      state = before;
      cells = given;
      law(unit, sums, hidden, q_h, cells.data(), state.data());
      for (const isa path : all_isas) {
        if (!supported(path)) continue;
        CAPTURE(name_of(path));
        CAPTURE(static_cast<int>(unit));
        CAPTURE(hidden);
        CAPTURE(q_h);
        CAPTURE(sums.q_input);
        CAPTURE(sums.q_state);
        std::vector<std::int32_t> c = given;
        std::vector<std::int8_t> h = before;
        fast(path, unit, sums, hidden, q_h, c.data(), h.data());
        REQUIRE(c == cells);
        REQUIRE(h == state);
      }
    }
}

}  // namespace

TEST_CASE("lstm_step equals the law on every path, for every unit, length and exponent") {
  compare(4, [](auto... a) { lnn::luna::lstm_step(a...); }, [](auto... a) { lstm_step(a...); });
}

TEST_CASE("gru_step equals the law on every path, for every unit, length and exponent") {
  compare(
      3, [](curves unit, const gate_sums& sums, std::size_t n, int q, std::int32_t*, std::int8_t* h) { lnn::luna::gru_step(unit, sums, n, q, h); },
      [](isa path, curves unit, const gate_sums& sums, std::size_t n, int q, std::int32_t*, std::int8_t* h) {
        gru_step(path, unit, sums, n, q, h);
      });
}

template <isa At, curves Unit>
struct both_curves {
  LNN_INLINE static void run(const std::int32_t* x, std::int32_t* s, std::int32_t* t) {
    detail::ints from, to;
    detail::load(x, detail::curve_lanes, from);
    detail::curve<At, Unit, detail::sigmoid_curve, 16>(from, to);
    detail::store(to, detail::curve_lanes, s);
    detail::curve<At, Unit, detail::tanh_curve, 16>(from, to);
    detail::store(to, detail::curve_lanes, t);
  }
};

TEST_CASE("the curves equal luna's at every end of a piece, on every path and unit") {
  for (const curves unit : {curves::narrow, curves::stepped, curves::fused}) {
    std::vector<std::int32_t> all{0, INT32_MIN, INT32_MAX, INT32_MIN + 1, INT16_MIN, INT16_MAX};
    for (const auto* table : {&lnn::luna::sigmoid_q11, &lnn::luna::tanh_q11, &lnn::luna::sigmoid_q27, &lnn::luna::tanh_q27})
      for (const std::int32_t end : table->end)
        for (const int by : {-1, 0, 1}) all.insert(all.end(), {end + by, -end - by});
    if (unit == curves::narrow) std::erase_if(all, [](std::int32_t x) { return x != static_cast<std::int16_t>(x); });
    for (const isa path : all_isas) {
      if (!supported(path)) continue;
      CAPTURE(name_of(path));
      for (std::size_t first = 0; first + detail::curve_lanes <= all.size(); ++first) {
        std::int32_t s[detail::curve_lanes], t[detail::curve_lanes];
        detail::run_curves<both_curves>(path, unit, all.data() + first, s, t);
        for (std::size_t j = 0; j < detail::curve_lanes; ++j) {
          const std::int32_t x = all[first + j];
          CAPTURE(x);
          REQUIRE(s[j] == lnn::luna::sigmoid(unit, x, 16));
          REQUIRE(t[j] == lnn::luna::tanh(unit, x, 16));
        }
      }
    }
  }
}

}  // namespace test_recurrent
