// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_convert {

using namespace asked;
using namespace lnn::limit;

TEST_CASE("quant, dequant and requant limits") {
  layer q("Quant", {data({4}, 0)});
  q.f.out.bits = 8;
  CHECK(q.clean());
  q.f.out.bits = 16;
  CHECK(q.breaks(quant::engine_bits));
  q.f.out.bits = 4;
  CHECK(q.breaks(quant::bits));

  layer d("Dequant", {data({4})});
  d.f.out.scale = 4;
  CHECK(d.clean());
  d.f.out.scale = 5;
  CHECK(d.breaks(dequant::exponent));
  d.in[0].bits = 32;
  CHECK(d.breaks(dequant::bits));

  layer r("Requant", {data({4})});
  r.f.out.bits = 16;
  CHECK(r.clean());
  r.f.out = data({4}, 8, 10);
  CHECK(r.clean());  // from 4: a shift by 6
  r.f.out.scale = 11;
  CHECK(r.breaks(requant::factor));
  r.f.out.bits = 16;
  CHECK(r.clean());
  r.in[0].bits = 32;
  CHECK(r.breaks(requant::narrowing));
  CHECK(r.breaks(venus, requant::engine_bits));
  r.in[0].bits = 4;
  CHECK(r.breaks(requant::bits));
}

}  // namespace test_convert
