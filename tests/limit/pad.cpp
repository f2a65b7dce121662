// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_pad {

using namespace asked;
namespace rules = lnn::limit::pad;

namespace {
layer pad(shape x, lnn::limit::numbers pads, std::string_view mode = "constant") {
  layer l("iqPad", {data(x)});
  l.f.pad = pads;
  l.f.mode = mode;
  l.f.inputs = 3;
  return l;
}
}  // namespace

TEST_CASE("pad limits") {
  const shape x{1, 4, 5, 6};
  CHECK(pad(x, {1, 2, 1, 2}).clean(venus));
  CHECK(pad(x, {1, 2, 1, 2}).breaks(arcs, rules::torn));
  CHECK(pad(x, {0, 0, 1, 1, 0, 0, 1, 1}, "replicate").clean(venus));
  CHECK(pad(x, {1, 2, 1, 2}, "edge").breaks(rules::mode));
  CHECK(pad(x, {1, 2, 1, 2}, "reflect").breaks(rules::reflect));
  CHECK(pad(x, {5, 0, 0, 0}, "reflect").breaks(rules::reflect_size));
  CHECK(pad(x, {1, 1, 1}).breaks(rules::count));
  CHECK(pad(x, {1, 1}).breaks(rules::count));
  CHECK(pad(x, {0, 1, 0, 0, 0, 0, 0, 0}).breaks(rules::outer));
  CHECK(pad({1, 1, 4, 5, 6}, {1, 2, 1, 2}).breaks(rules::rank));
  CHECK(pad({5, 6}, {1, 1, 1, 1, 1, 1}).breaks(rules::rank));
  CHECK(pad({4, 5, 6}, {1, 1, 1, 1}).breaks(rules::engine_rank));
  layer l = pad(x, {1, 2, 1, 2});
  l.f.inputs = 2;
  CHECK(l.breaks(rules::inputs));
  l.f.inputs = 3;
  l.f.fill = 1;
  CHECK(l.breaks(rules::fill));
}

}  // namespace test_pad
