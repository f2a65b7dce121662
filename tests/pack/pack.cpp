// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <lnn/core/random.hpp>
#include <lnn/graph/describe.hpp>
#include <lnn/model/reader.hpp>
#include <lnn/pack/pack.hpp>
#include <lnn/sim/engine.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/train/freeze.hpp>

namespace test_pack {

namespace {

using network = lnn::frozen<>;

/// Convolutions with fused relus, a residual sum, a concat, pooling, a linear layer: scales that nobody calibrated.
network make(const lnn::chip& on, int kernel = 3) {
  const auto net = lnn::describe([=](auto& n) {
    auto x = n.input("image", {1, 3, 9, 7});
    x = n("conv1", lnn::conv2d{.out = 8, .kernel = {kernel, kernel}, .stride = {2, 1}, .pad = kernel / 2}, x);
    x = n("relu1", lnn::relu{}, x);
    auto y = n("deep", lnn::conv2d{.out = 8, .pad = 1, .group = 8}, x);
    x = n("sum", lnn::add{}, x, y);
    x = n("join", lnn::concat{}, x, n("pairs", lnn::conv2d{.out = 8, .pad = 1, .group = 4}, y));
    x = n("max", lnn::max_pool2d{}, x);
    x = n("flat", lnn::flatten{}, x);
    n("head", lnn::linear{.out = 10}, x);
  });
  const lnn::params p = lnn::init(net.view(), 5);
  const auto fused = lnn::fuse(net.view());
  lnn::scales s = lnn::scales_for(fused.view(), {});
  for (auto& e : s.entries()) e.set(e.name.find("weight") == std::string::npos ? 2.0F : 1.0F);
  (void)lnn::grids_of(fused.view(), s, true);
  const auto small = lnn::freeze(net, p, s, on, lnn::hardware_rules::ignored);
  return small;
}

/// Outputs of the frozen model and of the file, which runs from memory filled with noise.
void check_same(const network& m, const lnn::packed& k) {
  lnn::pool workers(1);
  lnn::tensor<float> x({1, 3, 9, 7});
  lnn::random draw(7);
  for (float& v : x) v = draw.uniform(-2, 2);
  lnn::sim::machine<lnn::simd::kernels, lnn::builtin> machine(m, workers);
  machine.run(x.flatten());
  lnn::sim::engine<> engine(lnn::model::read(std::span<const std::uint8_t>(k.bytes)), workers, {.poison = true});
  const lnn::integer_tensor& in = machine.edge(static_cast<std::size_t>(m.inputs[0]));
  engine.feed(0, {in.as<std::uint8_t>(), in.byte_count()});
  engine.run();
  const auto made = engine.output_bytes(0);
  REQUIRE(made.size() == machine.output().byte_count());
  CHECK(std::memcmp(made.data(), machine.output().as<std::uint8_t>(), made.size()) == 0);
}

}  // namespace

TEST_CASE("what is packed computes what was frozen, on every chip and with every option") {
  for (const lnn::chip* on : lnn::chips) {
    const network m = make(*on);
    const lnn::packed plain = lnn::pack(m, *on);
    check_same(m, plain);
    CHECK(plain.program.operations.size() > m.layers.size());  // groups became convolutions
    CHECK(plain.program.transfers.size() > 0);
    CHECK(plain.passes.front().after.empty());
    CHECK(plain.plan.run_time.share <= plain.plan.reference.share);
    CHECK(plain.plan.run_time.share >= plain.plan.lowest.share);
    lnn::pack_options options;
    options.limits.dma_prefetch = false;
    const lnn::packed still = lnn::pack(m, *on, options);
    check_same(m, still);
    CHECK(still.program.transfers.empty());
    options.limits.parameters = lnn::limit::memory::share;
    const lnn::packed near = lnn::pack(m, *on, options);
    check_same(m, near);
    CHECK(near.plan.all().share > still.plan.all().share);
    CHECK(near.plan.all().psram == 0);
  }
}

TEST_CASE("tensors lie where they are asked to") {
  const network m = make(lnn::venus);
  lnn::pack_options options;
  options.memory = {{"sum", lnn::limit::memory::psram}};
  const lnn::packed k = lnn::pack(m, lnn::venus, options);
  check_same(m, k);
  for (const lnn::model::tensor& t : k.program.tensors)
    if (t.name == "sum") CHECK(t.kind == lnn::model::memory_kind::psram);
  options.memory = {{"nobody", lnn::limit::memory::psram}};
  CHECK_THROWS_WITH(lnn::pack(m, lnn::venus, options),
                    "pack: option memory names nobody, which is no tensor of the packed network; lnn info lists them");
}

TEST_CASE("rules of a layer know the options of the packer") {
  const auto one = [](const lnn::chip& on, lnn::shape input, auto op) {
    const auto net = lnn::describe([&](auto& n) { n("it", op, n.input("x", input)); });
    return lnn::freeze(net, lnn::init(net.view(), 5), lnn::scales_for(net.view(), {}), on, lnn::hardware_rules::ignored);
  };
  const auto refuses = [](const network& m, const lnn::chip& on, const lnn::pack_options& options, std::string_view words) {
    try {
      (void)lnn::pack(m, on, options);
    } catch (const lnn::refusal& e) {
      return std::string_view(e.what()).find(words) != std::string_view::npos;
    }
    return false;
  };
  const network up = one(lnn::venus, {1, 8, 6, 6}, lnn::conv_transpose2d{.out = 8, .kernel = {2, 2}, .stride = {2, 2}});
  lnn::pack_options options;
  CHECK(refuses(up, lnn::venus, options, "the weights do not lie in share memory"));
  options.limits.parameters = lnn::limit::memory::share;
  CHECK(lnn::pack(up, lnn::venus, options).bytes.size() > 0);
  const network line = one(lnn::arcs, {1, 8, 32}, lnn::conv1d{.out = 8, .kernel = 3});
  options = {};
  CHECK(lnn::pack(line, lnn::arcs, options).bytes.size() > 0);
  options.limits.memory_threshold = 100;
  CHECK(refuses(line, lnn::arcs, options, "share memory"));
  options = {};
  options.memory = {{"x", lnn::limit::memory::psram}};
  CHECK(refuses(line, lnn::arcs, options, "share memory"));
  const auto pooled = [](int features) {
    const auto net = lnn::describe([&](auto& n) { n("head", lnn::linear{.out = features}, n("flat", lnn::flatten{}, n("mean", lnn::avg_pool2d{}, n.input("x", {1, 8, 6, 6})))); });
    return lnn::freeze(net, lnn::init(net.view(), 5), lnn::scales_for(net.view(), {}), lnn::venus, lnn::hardware_rules::ignored);
  };
  options = {};
  options.limits.memory_threshold = 16;
  CHECK_FALSE(refuses(pooled(10), lnn::venus, options, "neither input nor output lies in share memory"));
  CHECK(refuses(pooled(40), lnn::venus, options, "neither input nor output lies in share memory"));  // nor does anything else
}

TEST_CASE("a part of a network is packed from and to named tensors") {
  const network m = make(lnn::venus);
  lnn::pack_options options;
  options.inputs = {"sum", "deep"};
  options.outputs = {"max"};
  const lnn::packed k = lnn::pack(m, lnn::venus, options);
  REQUIRE(k.program.inputs.size() == 2);
  CHECK(k.program.inputs[0].name == "sum");
  CHECK(k.program.outputs[0].name == "max");
  options.inputs = {"sum"};
  CHECK_THROWS_WITH(lnn::pack(m, lnn::venus, options), doctest::Contains("is needed but not among the inputs to cut at"));
  options.inputs = {"nobody"};
  CHECK_THROWS_WITH(lnn::pack(m, lnn::venus, options), "pack: there is no tensor nobody to cut at; lnn info lists the names");
  const lnn::lower::program made = lnn::lower::made(m);
  const auto weight = std::find_if(made.tensors.begin(), made.tensors.end(), [](const auto& t) { return t.constant(); });
  REQUIRE(weight != made.tensors.end());
  options.inputs = {weight->name.text()};
  CHECK_THROWS_WITH(lnn::pack(m, lnn::venus, options), doctest::Contains("is a constant, which nothing can be cut at"));
}

TEST_CASE("a chip refuses with every broken rule, and memory by the sizes that are given") {
  CHECK_THROWS_AS(lnn::pack(make(lnn::venus, 7), lnn::venus), lnn::refusal);
  try {
    (void)lnn::pack(make(lnn::venus, 7), lnn::venus);
  } catch (const lnn::refusal& e) {
    const std::string said = e.what();
    CHECK(said.find("conv1: kernel height 7 is above the limit of 5 on venus") != std::string::npos);
    CHECK(said.find("conv1: kernel width 7 is above the limit of 5 on venus") != std::string::npos);
  }
  lnn::pack_options options;
  options.ram = 1000;
  CHECK_THROWS_WITH_AS(lnn::pack(make(lnn::venus), lnn::venus, options), doctest::Contains("above the limit of 1000 bytes"), lnn::refusal);
}

}  // namespace test_pack
