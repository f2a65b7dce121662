// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <lnn/limit/gelu.hpp>

namespace test_gelu {

namespace rules = lnn::limit::gelu;

TEST_CASE("gelu limits: tables are on venusA alone, and no packer knows the operator") {
  const lnn::limit::operand in[] = {{.dims = {2, 8}, .bits = 8, .scale = 4}};
  for (const lnn::chip* on : lnn::chips) {
    lnn::verdict found;
    found.layer = "it";
    rules::check({.op = "QGelu", .in = in}, *on, found);
    const bool has = on == &lnn::venusA;
    CHECK(found.clean() == has);
    if (has)
      CHECK(found.advice().front().what == &rules::packer);
    else
      CHECK(found.refused().front().what == &rules::tables);
  }
}

}  // namespace test_gelu
