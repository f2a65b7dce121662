// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/program.hpp>

#include "networks.hpp"

namespace test_program {

using namespace rig;

namespace {

/// 4-bit weights, 16-bit outputs, either method, by turns.
lnn::quantization policy_of(const view& net, maker& dice) {
  lnn::quantization q;
  q.method = dice.one_in(2) ? lnn::range_method::tqt : lnn::range_method::mom;
  if (dice.one_in(3)) q.activations = lnn::statistic::top_10;
  if (dice.one_in(3)) q.weights = lnn::statistic::w_like;
  if (dice.one_in(3)) q.limits.activation.reset();
  if (dice.one_in(3)) q.bits.weight = 4;
  if (dice.one_in(3)) {
    const auto& n = net.nodes[static_cast<std::size_t>(dice.pick(0, static_cast<int>(net.nodes.size()) - 1))];
    q.exceptions.push_back({std::string(n.name), {16, 8}});
  }
  if (dice.one_in(4)) q.exceptions.push_back({std::string(net.nodes.back().name), {32, 8}});
  return q;
}

/// Every tensor of a program against those of a frozen model that ran the same batch.
template <class Program>
std::size_t differences(Program& p, const model& m, const std::vector<lnn::integer_tensor>& ran) {
  std::size_t wrong = 0;
  p.realize();
  REQUIRE(p.integers.size() == ran.size());
  for (std::size_t e = 0; e < ran.size(); ++e) {
    CHECK(p.integers[e].grid.type == m.edges[e].type);
    if (m.edges[e].type == lnn::dtype::float32) continue;
    CHECK(p.integers[e].grid.exponent == m.edges[e].exponent);
    CAPTURE(m.edges[e].name);
    CHECK(p.integers[e].values == ran[e]);
    wrong += p.integers[e].values == ran[e] ? 0U : 1U;
    const float unit = lnn::power_of_two(-m.edges[e].exponent);
    for (std::size_t i = 0; i < ran[e].size(); ++i)  // the real values are the same numbers
      if (p.edges[e]->value[i] != static_cast<float>(ran[e].access().at(i)) * unit) ++wrong;
  }
  return wrong;
}

/// The shifts of the chip's arithmetic are never negative, biases count in q_x + q_w.
void check_exponents(const model& m) {
  for (const auto& l : m.layers) {
    const auto q = [&](int e) { return m.edges[static_cast<std::size_t>(e)].exponent; };
    int sum = 0, least = 99;
    for (const int e : l.inputs) {
      sum += q(e);
      least = std::min(least, q(e));
    }
    CAPTURE(l.name);
    if (!l.parameters.empty()) sum += l.parameters[0].exponent();
    if (l.parameters.size() == 2 && l.parameters[1].type() == lnn::dtype::int32) CHECK(l.parameters[1].exponent() == sum);
    const lnn::grid rule = lnn::visit_op(l.op, [](const auto& op) { return std::remove_cvref_t<decltype(op)>::grid_rule; });
    if (rule == lnn::grid::at_most_sum) CHECK(q(l.output) <= sum);
    if (rule == lnn::grid::at_most_min) CHECK(q(l.output) <= least);
    if (rule == lnn::grid::keep) CHECK(q(l.output) == q(l.inputs[0]));
    CHECK(q(l.output) >= 0);
    CHECK(q(l.output) <= 23);
  }
  lnn::require_consistent(m, "memory");
}

}  // namespace

TEST_CASE("program: training in integers, evaluation and frozen execution are the same integers") {
  int learned = 0, half = 0, wide = 0, relus = 0, alone = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    maker make(seed);
    const network net = make();
    const network fused = lnn::fuse(net.view());
    const shape sample = net.view().edges[0].dims;
    const auto data = noise(30, {sample[1], sample[2], sample[3]}, 4, seed);
    lnn::loader loader(data, {.batch = 6, .seed = seed});
    lnn::training t;
    t.parameters = lively(net.view(), seed);
    const lnn::quantization policy = policy_of(fused.view(), make);
    t.grids = calibrate(net.view(), t, loader, 2, policy);
    t.rule = lnn::optimizer(lnn::sgd{.momentum = 0.9F});
    fit(stage::integer, net.view(), t, loader, {.epochs = make.pick(1, 2), .rate = lnn::schedule::constant(0.01)});

    lnn::pool workers(1);
    tensor<float> batch;
    std::vector<int> labels;
    loader.fill(1, batch, labels, workers);
    const auto fast = integer_program(fused.view(), t.parameters, t.grids, batch.flatten(), workers);
    const auto slow = reference_program(fused.view(), t.parameters, t.grids, batch.flatten(), workers);
    const model m = lnn::freeze(net.view(), t.parameters, t.grids, lnn::venus, lnn::hardware_rules::ignored);
    check_exponents(m);
    const auto on_simd = run(m, batch.flatten(), false), on_luna = run(m, batch.flatten(), true);
    CHECK(differences(*fast, m, on_simd) == 0);
    CHECK(differences(*slow, m, on_luna) == 0);
    for (std::size_t e = 0; e < on_simd.size(); ++e) CHECK(on_simd[e] == on_luna[e]);

    bool norm = false;
    for (const auto& l : m.layers) {
      norm = norm || std::holds_alternative<lnn::batch_norm>(l.op);
      relus += l.relu;
      half += !l.parameters.empty() && l.parameters[0].type() == lnn::dtype::int4;
      wide += m.edges[static_cast<std::size_t>(l.output)].type == lnn::dtype::int16;
    }
    alone += norm;
    learned += policy.method == lnn::range_method::tqt;
    // a training step computes what a model frozen with the step's scales computes
    fast->settle();
    const model start = lnn::freeze(net.view(), t.parameters, t.grids, lnn::venus, lnn::hardware_rules::ignored);
    check_exponents(start);
    std::vector<int> exponents;
    for (const auto& s : t.grids.entries()) exponents.push_back(s.exponent);
    fast->tape.training = true;
    fast->tape.forward();
    for (std::size_t i = 0; i < exponents.size(); ++i) CHECK(t.grids.entries()[i].exponent == exponents[i]);
    if (!norm) CHECK(differences(*fast, start, run(start, batch.flatten(), false)) == 0);
    // and with the reference kernels it sees and masks the same
    if (seed % 3 != 0) continue;
    lnn::training a = t, b = t;
    const auto one = integer_program(fused.view(), a.parameters, a.grids, batch.flatten(), workers);
    const auto two = reference_program(fused.view(), b.parameters, b.grids, batch.flatten(), workers);
    const auto step = [&](auto& p) {
      p.tape.training = true;
      p.settle();
      p.tape.forward();
      p.tape.backward(p.output());
    };
    step(*one);
    step(*two);
    CHECK(bytes_of(net.view(), a) == bytes_of(net.view(), b));
    for (std::size_t i = 0; i < one->parameters.size(); ++i) {
      const auto &g = one->parameters[i].var->grad, &h = two->parameters[i].var->grad;
      CHECK(std::equal(g.begin(), g.end(), h.begin(), h.end()));
    }
  }
  CHECK(std::min({learned, half, wide, relus, alone}) > 3);
}

}  // namespace test_program
