// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/pack/option_text.hpp>

namespace test_option_text {

namespace {
lnn::pack_options with(std::string_view key, std::string_view text) {
  lnn::pack_options o;
  lnn::set_option(o, key, text);
  return o;
}
}  // namespace

TEST_CASE("options start as the reference packer's") {
  const lnn::pack_options o;
  for (const char* size : {"ramsize", "threshold1", "threshold2", "threshold3", "threshold4"}) CHECK(lnn::option_text(o, size) == "655360");
  CHECK(lnn::option_text(o, "psramsize") == "8388608");
  CHECK(lnn::option_text(o, "dma_prefetch") == "true");
  for (const char* empty : {"inputs", "outputs", "dynamic_shape", "strategy", "isstream", "memory"}) CHECK(lnn::option_text(o, empty).empty());
}

TEST_CASE("an option's text sets what it was made from") {
  const std::pair<const char*, const char*> texts[] = {
      {"ramsize", "393216"}, {"threshold4", "0"}, {"dma_prefetch", "false"}, {"inputs", "a,b"}, {"outputs", "y"},
      {"dynamic_shape", "T=16:64:16,B=1:3:1"}, {"strategy", "Remove_QuantDequant"}, {"isstream", "split_w"},
      {"memory", "params:share-mem,x:1:psram"}};
  for (const auto& [key, text] : texts) CHECK(lnn::option_text(with(key, text), key) == text);
}

TEST_CASE("memory: names, kinds in any case, and a kind alone for all constants") {
  const lnn::pack_options o = with("memory", "SHARE-MEM, x:PSRAM");
  CHECK(o.limits.parameters == lnn::limit::memory::share);
  REQUIRE(o.memory.size() == 1);
  CHECK(o.memory[0] == lnn::placement{"x", lnn::limit::memory::psram});
}

TEST_CASE("dynamic shapes: one number is the greatest, two are a range") {
  CHECK(with("dynamic_shape", "T=8").dynamic_shape[0] == lnn::symbol{"T", 1, 8, 1});
  CHECK(with("dynamic_shape", "T=2:8").dynamic_shape[0] == lnn::symbol{"T", 2, 8, 1});
}

TEST_CASE("wrong options are told in one sentence") {
  CHECK_THROWS_WITH(with("ramsize", "12k"), "option ramsize: '12k', expected a number from 1 on");
  CHECK_THROWS_WITH(with("dma_prefetch", "maybe"), "option dma_prefetch: 'maybe', expected true or false");
  CHECK_THROWS_WITH(with("memory", "x:sram"), "option memory: 'sram', expected psram, share-mem or flash");
  CHECK_THROWS_WITH(with("dynamic_shape", "T=9:8:1"), "option dynamic_shape: T from 9 to 8 is empty; exchange the two");
  CHECK_THROWS_WITH(with("dynamic_shape", "T=15:64:16"), "option dynamic_shape: T from 15 to 64 in steps of 16 does not come out even");
  CHECK_THROWS_WITH(with("dynamic_shape", "T=1:2:3:4"), "option dynamic_shape: 'T=1:2:3:4', expected name=min:max:factor");
  CHECK_THROWS_WITH(with("strategy", "fast"), "option strategy: 'fast', expected Remove_QuantDequant");
  CHECK_THROWS_WITH(with("ram", "1"), "option 'ram' is unknown; see lnn pack --help");
}

}  // namespace test_option_text
