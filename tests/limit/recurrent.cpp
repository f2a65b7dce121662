// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_recurrent {

using namespace asked;
namespace lstm = lnn::limit::lstm;
namespace gru = lnn::limit::gru;

namespace {

layer cell(std::string_view op, int gates, int width = 8) {
  layer l(op, {data({1, width, width})});
  l.f.weight = data({gates * width, width}, 8, 7);
  l.f.recurrent_weight = data({gates * width, width}, 8, 7);
  l.f.inputs = 5;
  l.f.hidden.scale = 7;
  l.f.out.scale = 7;
  l.f.options.dma_prefetch = false;
  return l;
}

}  // namespace

TEST_CASE("lstm limits") {
  layer l = cell("LSTMInt", 4);
  CHECK(l.clean());
  l.f.options.dma_prefetch = true;
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, lstm::prefetch));
  layer odd = cell("LSTMInt", 4, 5);
  odd.f.options.dma_prefetch = true;
  CHECK(odd.breaks(venus, lstm::weight_bytes));
  l = cell("LSTMInt", 4);
  CHECK(l.advises(venus, lstm::workspace));
  l.in[0].dims = {1, 4, 8};
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, lstm::sequence));
  l = cell("LSTMInt", 4);
  l.f.inputs = 3;
  CHECK(l.breaks(lstm::inputs));
  l = cell("LSTMInt", 4);
  l.in[0].dims = {4, 8};
  CHECK(l.breaks(lstm::rank));
  l = cell("LSTMInt", 4);
  l.f.recurrent_weight.bits = 16;
  CHECK(l.breaks(lstm::bits));
  l = cell("LSTMInt", 4);
  l.f.out.scale = 6;
  CHECK(l.breaks(lstm::state_exponent));
  l = cell("LSTMInt", 4);
  l.f.missing = true;
  CHECK(l.breaks(lnn::limit::attribute_missing));
  l = cell("LSTMInt", 4);
  l.f.out.bits = 16;
  CHECK(l.breaks(lstm::output_bits));
  l = cell("LSTMInt", 4);
  l.in[0].bits = l.f.weight.bits = l.f.recurrent_weight.bits = 16;
  CHECK(l.breaks(lnn::limit::tensor_int16));
  CHECK(l.spares(lstm::bits));
  l = cell("LSTMInt", 4);
  l.in[0].dims = {2, 8, 8};
  CHECK(l.breaks(lstm::batch));
  l.f.axis = 1;  // [time, batch, features]: the engine takes the batch for the time
  CHECK(l.breaks(lstm::batch));
  CHECK(l.breaks(arcs, lstm::sequence));
  l.in[0].dims = {1, 1, 8};
  CHECK(l.clean());
}

TEST_CASE("what DMA prefetch would break is advice while nobody has chosen it") {
  lnn::verdict found;
  layer l = cell("LSTMInt", 4, 5);
  l.f.in = l.in;
  lstm::advise(l.f, venus, found);
  REQUIRE(found.advice().size() == 2);
  CHECK(found.advice()[0].sentence("venus").view() ==
        ": bytes by which a prefetched weight exceeds a multiple of 16: 4 on venus; use sizes that are multiples of 4, or pack "
        "with --dma_prefetch False");
  lstm::advise(l.f, arcs, found);
  gru::advise(l.f, venus, found);
  REQUIRE(found.advice().size() == 4);
  CHECK(found.advice()[2].what == &lstm::prefetch);
  CHECK(found.advice()[3].what == &gru::prefetch);
  CHECK(found.clean());
}

TEST_CASE("gru limits") {
  layer l = cell("GRUInt", 3);
  CHECK(l.clean(venus));
  CHECK(l.advises(venus, gru::halved));
  CHECK(l.breaks(arcs, gru::gates));
  l.f.options.dma_prefetch = true;
  CHECK(l.breaks(gru::prefetch));
  l = cell("GRUInt", 3);
  l.f.sequence_lengths = true;
  CHECK(l.breaks(gru::lengths));
  l.f.inputs = 3;
  CHECK(l.breaks(gru::inputs));
  l.in[0].dims = {4, 8};
  CHECK(l.breaks(gru::rank));
  l.in[0].bits = 16;
  CHECK(l.breaks(gru::bits));
  l.f.out.scale = 6;
  CHECK(l.breaks(gru::state_exponent));
  l.f.out.bits = 32;
  CHECK(l.breaks(gru::output_bits));
  l = cell("GRUInt", 3);
  l.f.hidden.present = true;
  CHECK(l.breaks(venus, gru::history));
  l = cell("GRUInt", 3, 6);
  CHECK(l.breaks(venus, gru::split));
  l = cell("GRUInt", 3);
  l.f.weight.scale = 7;
  l.f.recurrent_weight.scale = 4;
  CHECK(l.clean(venus));
  l.f.weight.scale = 6;
  CHECK(l.breaks(venus, gru::sum_exponent));
  l.f.weight.scale = 7;
  l.f.recurrent_weight.scale = 3;
  CHECK(l.breaks(venus, gru::sum_exponent));
}

TEST_CASE("gru limits: a direction that the reference packer loses is told") {
  layer l("GRUInt", {data({1, 8, 8}, 8)});
  const auto told = [&] {
    const auto v = l.on(venus);
    return std::any_of(v.advice().begin(), v.advice().end(), [](const auto& f) { return f.what == &lnn::limit::gru::direction; });
  };
  CHECK_FALSE(told());
  l.f.reverse = true;
  CHECK(told());
}

}  // namespace test_recurrent
