// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/program.hpp>

#include "rig.hpp"

namespace test_movement {

using namespace rig;

TEST_CASE("program: operators that move, split and reduce train, freeze and run in the same integers") {
  network net;
  auto x = net.input({1, 4, 8, 8});
  x = net("conv", lnn::conv2d{.out = 8, .kernel = {3, 3}}, x);      // 8x6x6
  x = net("pad", lnn::pad{.mode = lnn::border::reflect, .pads = {1, 1, 1, 1}}, x);  // 8x8x8
  auto p = net("split", lnn::split{.axis = 1, .parts = 2}, x);
  auto a = net("sub", lnn::sub{}, p[0], p[1]);                       // 4x8x8
  auto v = net("var", lnn::variance{2}, a);                          // 4x1x8
  auto s = net("sum", lnn::sum{3}, a);                               // 4x8x1
  s = net("t", lnn::transpose{{0, 1, 3, 2}}, s);                     // 4x1x8
  s = net("rq", lnn::requant{}, s);
  auto y = net("mul", lnn::mul{}, v, s);
  y = net("flip", lnn::flip{.axes = {3}}, y);
  y = net("tile", lnn::tile{{1, 1, 2, 1}}, y);                       // 4x2x8
  y = net("slice", lnn::slice{.starts = {7}, .ends = {-9}, .axes = {3}, .steps = {-2}}, y);  // 4x2x4
  y = net("shuffle", lnn::shuffle_channel{}, y);
  y = net("resize", lnn::resize{.scales = {1, 1, 2, 1}}, y);
  y = net("flat", lnn::flatten{}, y);
  y = net("fc", lnn::linear{.out = 4}, y);
  net.finish();
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const network fused = lnn::fuse(net.view());
    const auto data = noise(30, {4, 8, 8}, 4, seed);
    lnn::loader loader(data, {.batch = 6, .seed = seed});
    lnn::training t;
    t.parameters = lively(net.view(), seed);
    lnn::quantization q;
    q.method = seed % 2 ? lnn::range_method::tqt : lnn::range_method::mom;
    if (seed > 2) q.exceptions.push_back({"rq", {16, 8}});
    q.exceptions.push_back({"var", {seed > 2 ? 16 : 8, 8}});
    t.grids = calibrate(net.view(), t, loader, 2, q);
    t.rule = lnn::optimizer(lnn::sgd{.momentum = 0.9F});
    fit(stage::integer, net.view(), t, loader, {.epochs = 1, .rate = lnn::schedule::constant(0.001)});
    lnn::pool workers(1);
    tensor<float> batch;
    std::vector<int> labels;
    loader.fill(1, batch, labels, workers);
    const auto fast = integer_program(fused.view(), t.parameters, t.grids, batch.flatten(), workers);
    const model m = lnn::freeze(net.view(), t.parameters, t.grids, lnn::venus, lnn::hardware_rules::ignored);
    const auto on_simd = run(m, batch.flatten(), false), on_luna = run(m, batch.flatten(), true);
    REQUIRE(on_simd.size() == fast->integers.size());
    for (std::size_t e = 0; e < on_simd.size(); ++e) {
      CAPTURE(m.edges[e].name);
      CHECK(on_simd[e] == on_luna[e]);
      CHECK(fast->integers[e].values == on_simd[e]);
    }
    lnn::require_consistent(m, "memory");
  }
}

}  // namespace test_movement
