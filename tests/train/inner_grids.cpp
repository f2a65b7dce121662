// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/inner_grids.hpp>

#include <cmath>
#include <lnn/train/checkpoint.hpp>

#include "rig.hpp"
#include "scratch.hpp"

namespace test_inner_grids {

using namespace rig;

namespace {

/// Rows of six features in, three numbers out, one of the layers between.
template <class Layer>
network around(const Layer& layer) {
  network n;
  const wire x = n("rows", lnn::reshape{{0, 5, 6}}, n.input({1, 1, 5, 6}));
  n("head", lnn::linear{.out = 3}, n("flat", lnn::flatten{}, n("it", layer, x)));
  n.finish();
  return n;
}
struct course {
  network net;
  lnn::dataset data = noise(24, {1, 5, 6}, 3, 7);
  lnn::loader loader{data, {.batch = 24, .training = false}};
  lnn::training t;

  template <class Layer>
  explicit course(const Layer& layer, float growth = 1) : net(around(layer)) {
    t.parameters = lively(net.view(), 3);
    for (auto& e : t.parameters.entries())
      if (e.name.starts_with("it."))
        for (float& v : e.value) v *= growth;
  }
  void calibrate_with(int batches = 1, lnn::statistic how = lnn::statistic::abs_max) {
    lnn::quantization policy;
    policy.activations = how;
    policy.limits.weight_factor.reset();
    policy.limits.activation.reset();
    t.grids = calibrate(net.view(), t, loader, batches, policy);
  }
  [[nodiscard]] int exponent(const char* name) { return t.grids.of(name).exponent; }
  [[nodiscard]] model frozen() const {
    return lnn::freeze(net.view(), t.parameters, t.grids, lnn::arcs, lnn::hardware_rules::ignored);
  }
  template <class Layer>
  [[nodiscard]] Layer layer() const {
    const model m = frozen();
    for (const auto& l : m.layers)
      if (l.name == "it") return std::get<Layer>(l.op);
    return {};
  }
  /// Root mean square of what the chip's integers lose, as a share of the outputs' own.
  [[nodiscard]] double loss() {
    const std::vector<float> real = outputs(stage::real, net.view(), t, loader), integer = outputs(stage::integer, net.view(), t, loader);
    double off = 0, all = 0;
    for (std::size_t i = 0; i < real.size(); ++i) {
      off += std::pow(static_cast<double>(real[i] - integer[i]), 2);
      all += std::pow(static_cast<double>(real[i]), 2);
    }
    return std::sqrt(off / all);
  }
};

}  // namespace

TEST_CASE("inner grids: the values between the layers of an ffn are reached") {
  for (const float growth : {0.25F, 1.0F, 3.0F}) {
    course c(lnn::ffn{.hidden = 8, .out = 4, .middle = 19}, growth);
    c.calibrate_with();
    const auto& w = c.t.parameters.of("it", "fc1_weight").value;
    const auto& b = c.t.parameters.of("it", "fc1_bias").value;
    float top = 0;
    for (std::size_t i = 0; i < 24; ++i)
      for (std::size_t row = 0; row < 5; ++row)
        for (std::size_t h = 0; h < 8; ++h) {
          float sum = b[h];
          for (std::size_t k = 0; k < 6; ++k) sum += w[h * 6 + k] * static_cast<float>(c.data.image(i)[row * 6 + k]) / 255;
          top = std::max(top, sum);
        }
    CHECK(c.exponent("it.middle_scale") == lnn::exponent_for(std::log2(top), 8));
    CHECK(c.layer<lnn::ffn>().middle == c.exponent("it.middle_scale"));
    const double found = c.loss();
    CHECK(found < 0.25);
    c.t.grids.of("it.middle_scale").exponent = 19;
    CHECK(c.loss() > 2 * found);
  }
}

TEST_CASE("inner grids: sparsified ffn and attention lose little whatever the size of their numbers") {
  for (const float growth : {0.5F, 1.0F, 2.0F}) {
    course sparse(lnn::sparsified_ffn{.hidden = 8, .out = 4, .groups = 2, .middle = 9, .mask = 9}, growth);
    sparse.calibrate_with();
    CHECK(sparse.layer<lnn::sparsified_ffn>().mask == sparse.exponent("it.mask_out_scale"));
    CHECK(sparse.layer<lnn::sparsified_ffn>().middle == sparse.exponent("it.fc1_out_scale"));
    CHECK(sparse.exponent("it.fc1_out_scale") < 9);
    CHECK(sparse.loss() < 0.1);

    course attention(lnn::multihead_attention{.out = 8, .heads = 2, .width = 4, .reach = 2, .q_scalar = 7}, growth);
    attention.calibrate_with();
    const auto found = attention.layer<lnn::multihead_attention>();
    CHECK(found.q_scalar == 7);  // the network's own factor, not a grid
    CHECK(found.q_score == attention.exponent("it.scale_bmm0_o"));
    CHECK(found.q_result == attention.exponent("it.scale_iqadd2_o"));
    CHECK(found.q_scaled >= found.q_query);  // half of q
    CHECK(attention.loss() < 0.15);
  }
}

TEST_CASE("inner grids: of attention as its formula says") {
  // one head of one feature and one row: p is 1 and everything is a number
  const lnn::multihead_attention op{.out = 1, .heads = 1, .width = 1, .scalar = 64, .q_scalar = 7};
  const float x[] = {2}, one[] = {1}, three[] = {3}, half[] = {0.5F}, none[] = {0}, bias[] = {0.25F};
  const lnn::flat<const float> scalar[] = {{x, {1, 1}},     {three, {1, 1}}, {none, {1}},       {half, {1, 1}},  {bias, {1}}, {one, {1, 1}},
                                           {none, {1}},     {half, {1, 1}},  {three, {1, 1}},   {one, {1, 1}},   {none, {1}}};
  float y = 0;
  std::vector<float> kept(op.saved(std::vector<shape>{{1, 1}}));
  lnn::pool workers(1);
  const lnn::flat<float> out{&y, {1, 1}};
  const lnn::forward_call<float, lnn::simd::kernels> call{scalar, {&out, 1}, {}, kept, false, workers};
  op.forward(call);
  std::vector<std::string_view> names;
  std::vector<float> seen;
  op.look_inside(call, [&](std::string_view name, lnn::flat<const float> values) {
    names.push_back(name);
    REQUIRE(values.size() == 1);
    seen.push_back(values[0]);
  });
  CHECK(std::equal(names.begin(), names.end(), std::begin(op.inner_grids), std::end(op.inner_grids)));
  // q = 6, halved 3; k = 1.25; q.k = 3.75, q.K = 1.5, their sum; v = 2; p v = 2, p V = 3, their sum
  CHECK(seen == std::vector<float>{6, 3, 1.25F, 3.75F, 1.5F, 5.25F, 2, 2, 3, 5});
  CHECK(y == 5);
}

TEST_CASE("inner grids: what is never anything but zero keeps its exponent, and checkpoints keep what was found") {
  course c(lnn::ffn{.hidden = 8, .out = 4, .middle = 6});
  c.t.parameters.of("it", "fc1_weight").value.fill(0);
  c.t.parameters.of("it", "fc1_bias").value.fill(0);
  c.calibrate_with();
  CHECK(c.exponent("it.middle_scale") == 6);
  c.t.grids.of("it.middle_scale").exponent = 2;
  const scratch::folder here;
  lnn::save_checkpoint(here.path("it"), c.net.view(), c.t);
  course again(lnn::ffn{.hidden = 8, .out = 4, .middle = 6});
  lnn::load_checkpoint(here.path("it"), again.net.view(), again.t);
  CHECK(again.layer<lnn::ffn>().middle == 2);
}

}  // namespace test_inner_grids
