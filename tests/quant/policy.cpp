// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/quant/policy.hpp>

namespace test_policy {

TEST_CASE("policy: exceptions name a layer or all below a prefix, the first wins") {
  lnn::quantization q;
  CHECK(q.bits_of("anything").activation == 8);
  CHECK(q.bits_of("").weight == 8);
  q.bits = {8, 4};
  q.exceptions = {{"block1", {16, 8}}, {"block1.conv", {32, 4}}, {"head", {32, 8}}, {"head", {8, 8}}};
  CHECK(q.bits_of("block1").activation == 16);
  CHECK(q.bits_of("block1.conv").activation == 16);
  CHECK(q.bits_of("block1.a.b").weight == 8);
  CHECK(q.bits_of("block10").activation == 8);
  CHECK(q.bits_of("block10").weight == 4);
  CHECK(q.bits_of("bloc").activation == 8);
  CHECK(q.bits_of("head").activation == 32);
  CHECK(q.bits_of("my.head").weight == 4);
}

}  // namespace test_policy
