// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/luna/curve.hpp>

#include "../csv.hpp"
#include "../folders.hpp"

namespace test_curve {

namespace luna = lnn::luna;
using lnn::curves;

namespace {

/// FNV-1a over 16-bit numbers, low byte first.
class digest {
 public:
  void add(long long v) {
    for (const int shift : {0, 8})
      value_ = (value_ ^ static_cast<unsigned char>(v >> shift)) * 0x100000001b3ULL;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

std::filesystem::path mine(const char* file) { return folders::tests() / "golden/luna" / file; }
std::filesystem::path theirs(const char* file) { return folders::shared() / "spec/tables" / file; }

/// Columns: x, then sigmoid and tanh by turns in these widths.
void check_rows(const std::filesystem::path& file, curves unit, std::initializer_list<int> columns) {
  for (const auto& row : csv::read(file)) {
    REQUIRE(row.size() == 1 + columns.size());
    CAPTURE(row[0]);
    const auto x = static_cast<std::int32_t>(row[0]);
    std::size_t at = 1;
    for (const int bits : columns) {
      CAPTURE(at);
      const bool is_tanh = columns.size() == 2 ? at == 2 : at == 3 || at == 4 || at == 6;
      REQUIRE((is_tanh ? luna::tanh(unit, x, bits) : luna::sigmoid(unit, x, bits)) == row[at]);
      ++at;
    }
  }
}

}  // namespace

TEST_CASE("curves: recorded from the chips' libraries") {
  REQUIRE(csv::read(mine("curves_venus.csv")).size() > 100);
  check_rows(mine("curves_venus.csv"), curves::narrow, {16, 16});
  check_rows(mine("curves_arcs.csv"), curves::stepped, {32, 8, 32, 8});
  check_rows(mine("curves_venusA.csv"), curves::fused, {32, 8, 32, 8, 16, 16});
  check_rows(theirs("luna_golden_sigmoid_tanh_arcs.csv"), curves::stepped, {32, 8, 32, 8});
  check_rows(theirs("luna_golden_sigmoid_tanh_venusa.csv"), curves::fused, {32, 8, 32, 8, 16, 16});
}

TEST_CASE("curves: every 16-bit input of VENUS") {
  digest sigmoid, tanh;
  for (std::int32_t x = INT16_MIN; x <= INT16_MAX; ++x) {
    sigmoid.add(luna::sigmoid(curves::narrow, x, 16));
    tanh.add(luna::tanh(curves::narrow, x, 16));
    REQUIRE(luna::sigmoid(curves::narrow, x, 8) ==
            lnn::saturate<std::int8_t>((luna::sigmoid(curves::narrow, x, 16) + 128) >> 8));
    REQUIRE(luna::tanh(curves::narrow, x, 8) ==
            lnn::saturate<std::int8_t>((luna::tanh(curves::narrow, x, 16) + 128) >> 8));
  }
  CHECK(sigmoid.value() == 0x22b076bfbfc4f9d7ULL);  // of the tables that the chip's library gave
  CHECK(tanh.value() == 0xce51e9ace4afc3f1ULL);
  for (const auto& row : csv::read(theirs("venus_sigmoid_q4_11_to_q15.csv")))
    REQUIRE(luna::sigmoid(curves::narrow, static_cast<std::int32_t>(row.at(0)), 16) == row.at(1));
  for (const auto& row : csv::read(theirs("venus_tanh_q4_11_to_q15.csv")))
    REQUIRE(luna::tanh(curves::narrow, static_cast<std::int32_t>(row.at(0)), 16) == row.at(1));
}

TEST_CASE("curves: before rounding, as the training side has them") {
  const struct {
    const char* file;
    curves unit;
    bool is_tanh;
  } all[] = {{"venus", curves::narrow, false}, {"venus", curves::narrow, true},
             {"arcs", curves::stepped, false}, {"arcs", curves::stepped, true},
             {"venusa", curves::fused, false}, {"venusa", curves::fused, true}};
  for (const auto& c : all) {
    const std::string file =
        std::string("linger_golden_") + (c.is_tanh ? "tanh_" : "sigmoid_") + c.file + ".csv";
    CAPTURE(file);
    for (const auto& row : csv::read(theirs(file.c_str()))) {
      CAPTURE(row.at(0));
      if (c.unit == curves::narrow && (row[0] < INT16_MIN || row[0] > INT16_MAX)) continue;
      const auto x = static_cast<std::int32_t>(row[0]);
      REQUIRE((c.is_tanh ? luna::tanh_exact(c.unit, x) : luna::sigmoid_exact(c.unit, x)) == row.at(1));
    }
  }
}

TEST_CASE("curves: gelu and swish") {
  const auto check = [](const std::filesystem::path& file, const luna::curve_pieces& table) {
    for (const auto& row : csv::read(file)) {
      CAPTURE(row.at(0));
      const std::int64_t exact = luna::gate_exact(table, static_cast<std::int32_t>(row[0]));
      REQUIRE(lnn::saturate<std::int32_t>(lnn::rescale(exact, luna::gate_output, luna::gate_input)) ==
              row.at(1));
    }
  };
  check(mine("gelu_venusA.csv"), luna::gelu_q27);
  check(mine("swish_venusA.csv"), luna::swish_q27);
  check(theirs("linger_golden_gelu_venusa.csv"), luna::gelu_q27);
  check(theirs("linger_golden_swish_venusa.csv"), luna::swish_q27);
}

TEST_CASE("curves: arguments reach the tables' exponent from both sides, clamped") {
  static_assert(luna::curve_argument(curves::narrow, 5, 12) == 3);
  static_assert(luna::curve_argument(curves::narrow, -5, 12) == -2);
  static_assert(luna::curve_argument(curves::narrow, -5, 8) == -40);
  static_assert(luna::curve_argument(curves::narrow, 5000, 8) == INT16_MAX);
  static_assert(luna::curve_argument(curves::stepped, -128, 0) == INT32_MIN);
  static_assert(luna::curve_argument(curves::fused, 1, 28) == 1);
  static_assert(luna::sigmoid(curves::stepped, 0, 8) == 64 && luna::tanh(curves::fused, INT32_MAX, 8) == 127);
}

TEST_CASE("curves: close to the functions that they stand for") {
  for (const curves unit : {curves::narrow, curves::stepped, curves::fused})
    for (int step = -1000; step <= 1000; ++step) {
      const double x = step / 64.0;
      const std::int32_t argument = luna::curve_argument(unit, step, 6);
      CAPTURE(x);
      const double output = std::ldexp(1.0, -luna::curve_output(unit));
      REQUIRE(std::abs(static_cast<double>(luna::sigmoid_exact(unit, argument)) * output -
                       1 / (1 + std::exp(-x))) < 1e-3);
      REQUIRE(std::abs(static_cast<double>(luna::tanh_exact(unit, argument)) * output - std::tanh(x)) < 2e-3);
      if (unit != curves::fused) continue;
      const double gelu = static_cast<double>(luna::gate_exact(luna::gelu_q27, argument)) * 0x1p-54;
      const double swish = static_cast<double>(luna::gate_exact(luna::swish_q27, argument)) * 0x1p-54;
      REQUIRE(std::abs(gelu - 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)))) < 3e-3);
      REQUIRE(std::abs(swish - x / (1 + std::exp(-x))) < 3e-3);
    }
}

}  // namespace test_curve
