// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/check/explain.hpp>

namespace test_explain {

namespace {

constexpr auto net = lnn::describe([](auto& n) {
  auto x = n.input({1, 64, 20, 20});
  x = n("conv", lnn::conv2d{.out = 64, .kernel = {7, 3}}, x);
  n("sum", lnn::add{}, x, n("other", lnn::conv2d{.out = 32}, x));
});

/// The line of a layer that starts with the words and has the others too.
std::string line_of(const std::string& table, std::string_view layer, std::string_view words, std::string_view others = "") {
  std::size_t at = table.find("\n" + std::string(layer) + " (");
  REQUIRE(at != std::string::npos);
  while ((at = table.find("\n  " + std::string(words), at + 1)) != std::string::npos) {
    const std::string line = table.substr(at + 1, table.find('\n', at + 1) - at - 1);
    if (line.find(others) != std::string::npos) return line;
  }
  return {};
}

}  // namespace

TEST_CASE("explain: every comparison with value, limit and margin; what broke with its remedy; advice") {
  const std::string table = lnn::explain(net, lnn::venus, lnn::language::en);
  CAPTURE(table);
  CHECK(table.starts_with("venus: 3 layers, 2 rules broken\n"));
  const std::string height = line_of(table, "conv", "kernel height", "at most");
  const std::string width = line_of(table, "conv", "kernel width", "at most");
  CHECK(height.find("at most 5") != std::string::npos);
  CHECK(height.find(" -2 ") != std::string::npos);
  CHECK(height.find("BROKEN; use kernel height 5") != std::string::npos);
  CHECK(width.find(" 2 ") != std::string::npos);
  CHECK(width.find("holds") != std::string::npos);
  CHECK(line_of(table, "conv", "stride height").find("1, 2 or 4") != std::string::npos);
  CHECK(line_of(table, "conv", "advice: ").find("split") != std::string::npos);
  CHECK(line_of(table, "sum", "input shapes").find("BROKEN") != std::string::npos);
  CHECK(table.find("parameters in flash") != std::string::npos);
}

TEST_CASE("explain: in Chinese") {
  const std::string table = lnn::explain(net, lnn::venus, lnn::language::zh);
  CAPTURE(table);
  CHECK(table.starts_with("venus：3 层，2 条规则不通过\n"));
  CHECK(table.find("至多 5") != std::string::npos);
  CHECK(table.find("不通过") != std::string::npos);
}

}  // namespace test_explain
