// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/norm_step.hpp>

#include <cmath>
#include <functional>

#include "rig.hpp"

namespace test_norm_step {

using namespace rig;

namespace {

using numbers = std::vector<double>;

/// One layer with its batch norm, fused or alone, and all that quantization.md 7 says about them, slowly and in double.
struct layer {
  network net;
  lnn::params p;
  tensor<float> x;
  lnn::clamps limits{};

  [[nodiscard]] bool alone() const { return std::holds_alternative<lnn::batch_norm>(net.view().nodes[0].op); }
  [[nodiscard]] bool relu() const { return net.view().nodes.size() > (alone() ? 1U : 2U); }
  [[nodiscard]] bool biased() const { return p.find("layer.bias") != nullptr; }
};

struct values {
  numbers x, w, b, gamma, beta;
};
struct outcome {
  numbers y, mean, var;
  bool cut = false;
  double top = 0;  ///< greatest folded weight before the clamp
};

numbers wide(const tensor<float>& t) { return {t.begin(), t.end()}; }
values values_of(const layer& l) {
  const std::string norm = l.alone() ? "layer" : "norm";
  return {wide(l.x), l.alone() ? numbers{} : wide(l.p.of("layer", "weight").value),
          l.biased() ? wide(l.p.of("layer", "bias").value) : numbers{}, wide(l.p.of(norm, "gamma").value),
          wide(l.p.of(norm, "beta").value)};
}

/// The product of the layer, element by element.
numbers product(const layer& l, const numbers& x, const numbers& w, const numbers& b) {
  const auto& n = l.net.view().nodes[0];
  const shape in = l.x.dims(), out = l.net.view().edges[1].dims.with_batch(in[0]);
  numbers y(out.size());
  if (const auto* dense = std::get_if<lnn::linear>(&n.op)) {
    const auto deep = static_cast<std::size_t>(in[1]), wide_out = static_cast<std::size_t>(dense->out);
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = b.empty() ? 0 : b[i % wide_out];
      for (std::size_t k = 0; k < deep; ++k) y[i] += x[i / wide_out * deep + k] * w[i % wide_out * deep + k];
    }
    return y;
  }
  const auto& op = std::get<lnn::conv2d>(n.op);
  const int deep = in[1] / op.group, each = op.out / op.group;
  std::size_t at = 0;
  for (int s = 0; s < in[0]; ++s)
    for (int o = 0; o < op.out; ++o)
      for (int h = 0; h < out[2]; ++h)
        for (int v = 0; v < out[3]; ++v, ++at) {
          y[at] = b.empty() ? 0 : b[static_cast<std::size_t>(o)];
          for (int k = 0; k < deep; ++k)
            for (int i = 0; i < op.kernel.h; ++i)
              for (int j = 0; j < op.kernel.w; ++j) {
                const int row = h * op.stride.h + i - op.pad.top, column = v * op.stride.w + j - op.pad.left;
                if (row < 0 || column < 0 || row >= in[2] || column >= in[3]) continue;
                const int channel = o / each * deep + k;
                y[at] += x[static_cast<std::size_t>(((s * in[1] + channel) * in[2] + row) * in[3] + column)] *
                         w[static_cast<std::size_t>(((o * deep + k) * op.kernel.h + i) * op.kernel.w + j)];
              }
        }
  return y;
}

/// Limits that carry no gradient, as they stand at the point where differences are taken.
struct fixed_limits {
  double weight = INFINITY, bias = INFINITY;
};
double clamp(double v, double limit) { return std::min(std::max(v, -limit), limit); }

outcome textbook(const layer& l, const values& v, bool training, fixed_limits* found, const fixed_limits* given) {
  const numbers y0 = l.alone() ? v.x : product(l, v.x, v.w, v.b);
  const shape out = l.net.view().edges[1].dims.with_batch(l.x.dims()[0]);
  const std::size_t plane = out.span(2, out.rank()), channels = v.gamma.size();
  const double count = static_cast<double>(y0.size() / channels);
  numbers mean(channels), spread(channels), factor(channels), offset(channels);
  outcome r;
  const std::string norm = l.alone() ? "layer" : "norm";
  const double eps = 1e-5F, m = 0.1F;
  for (std::size_t i = 0; i < y0.size(); ++i) mean[i / plane % channels] += y0[i] / count;
  for (std::size_t i = 0; i < y0.size(); ++i) spread[i / plane % channels] += std::pow(y0[i] - mean[i / plane % channels], 2);
  for (std::size_t c = 0; c < channels; ++c) {
    const double old_mean = static_cast<double>(l.p.of(norm, "mean").value[c]);
    const double old_var = static_cast<double>(l.p.of(norm, "var").value[c]);
    const double var = spread[c] / (l.alone() ? count : count - 1);  // alone: biased; folded: unbiased
    r.mean.push_back((1 - m) * old_mean + m * mean[c]);
    r.var.push_back((1 - m) * old_var + m * var);
    factor[c] = v.gamma[c] / std::sqrt((training ? var : old_var) + eps);
    const double b = v.b.empty() ? 0 : v.b[c];
    offset[c] = (b - (training ? mean[c] : old_mean)) * factor[c] + v.beta[c];
  }
  numbers w = l.alone() ? factor : v.w;
  if (!l.alone())
    for (std::size_t i = 0; i < w.size(); ++i) w[i] *= factor[i / (w.size() / channels)];
  fixed_limits now;
  double sum = 0;  // the other bound, max |w|, never cuts
  for (const double e : w) sum += std::abs(e) / static_cast<double>(w.size());
  if (l.limits.weight) now.weight = static_cast<double>(*l.limits.weight);
  else if (l.limits.weight_factor) now.weight = static_cast<double>(*l.limits.weight_factor) * sum;
  if (l.limits.bias) now.bias = static_cast<double>(*l.limits.bias);
  for (const double e : w) r.top = std::max(r.top, std::abs(e));
  if (found) *found = now;
  if (given) now = *given;
  numbers clamped_w = w, clamped_b = offset;
  for (double& e : clamped_w) r.cut = r.cut || std::abs(e) > now.weight, e = clamp(e, now.weight);
  for (double& e : clamped_b) r.cut = r.cut || std::abs(e) > now.bias, e = clamp(e, now.bias);
  if (l.alone()) {
    for (std::size_t i = 0; i < y0.size(); ++i) r.y.push_back(clamped_w[i / plane % channels] * v.x[i] + clamped_b[i / plane % channels]);
  } else {
    r.y = product(l, v.x, clamped_w, clamped_b);
    if (training)
      for (std::size_t i = 0; i < y0.size(); ++i) {
        const std::size_t c = i / plane % channels;
        const double bn = (y0[i] - mean[c]) / std::sqrt(spread[c] / count + eps) * v.gamma[c] + v.beta[c];
        r.y[i] = 0.1 * bn + 0.9 * r.y[i];
      }
  }
  for (double& e : r.y) {
    if (l.limits.activation) e = clamp(e, static_cast<double>(*l.limits.activation));
    if (l.relu()) e = std::max(e, 0.0);
  }
  return r;
}

void check(layer& l, bool expect_cut) {
  // an operator without parameters in front, so that the gradient of x is there to look at
  const network fused = lnn::fuse(l.net.view());
  lnn::pool workers(2);
  const values start = values_of(l);
  fixed_limits limits;
  const outcome training = textbook(l, start, true, &limits, nullptr), evaluation = textbook(l, start, false, nullptr, nullptr);
  CHECK(training.cut == expect_cut);

  const auto p = constrained_program(fused.view(), l.p, l.x.flatten(), workers, l.limits);
  const auto near = [&](const numbers& expected) {
    for (std::size_t i = 0; i < expected.size(); ++i)
      CHECK(static_cast<double>(p->output().value[i]) == doctest::Approx(expected[i]).epsilon(2e-5).scale(1));
  };
  near(evaluation.y);
  const std::string norm = l.alone() ? "layer" : "norm";
  const tensor<float> mean_before = l.p.of(norm, "mean").value;
  CHECK(mean_before == l.p.of(norm, "mean").value);  // laying out moved nothing
  p->tape.training = true;
  p->tape.forward();
  near(training.y);
  for (std::size_t c = 0; c < training.mean.size(); ++c) {
    CHECK(static_cast<double>(l.p.of(norm, "mean").value[c]) == doctest::Approx(training.mean[c]).epsilon(1e-5).scale(1));
    CHECK(static_cast<double>(l.p.of(norm, "var").value[c]) == doctest::Approx(training.var[c]).epsilon(1e-5).scale(1));
  }
  // gradients of sum(r * y), by differences of the textbook with the limits held fixed
  lnn::random draw(8);
  numbers r(training.y.size());
  for (double& e : r) e = static_cast<double>(draw.uniform(-1, 1));
  struct seed_step final : lnn::tape_step {
    seed_step(lnn::variable<float>& v, const numbers& w) : out(v), weights(w) {}
    void forward(bool) override {}
    void backward(bool) override {
      for (std::size_t i = 0; i < weights.size(); ++i) out.grad[i] = static_cast<float>(weights[i]);
    }
    lnn::variable<float>& out;
    const numbers& weights;
  };
  p->tape.record(lnn::make_owner<seed_step>(p->output(), r));
  for (int round = 0; round < 2; ++round) p->tape.backward(p->output());  // the second one starts from zero again
  const auto loss = [&](const values& v) {
    const outcome o = textbook(l, v, true, nullptr, &limits);
    double sum = 0;
    for (std::size_t i = 0; i < r.size(); ++i) sum += r[i] * o.y[i];
    return sum;
  };
  const auto compare = [&](numbers values::*which, const lnn::flat<float>& got, const char* name) {
    CAPTURE(std::string(name));
    REQUIRE(got.size() == (start.*which).size());
    double top = 0.1;
    for (const float g : got) top = std::max(top, std::abs(static_cast<double>(g)));
    for (std::size_t i = 0; i < got.size(); ++i) {
      values up = start, down = start;
      (up.*which)[i] += 1e-5;
      (down.*which)[i] -= 1e-5;
      const double numeric = (loss(up) - loss(down)) / 2e-5;
      CAPTURE(i);
      CHECK(std::abs(static_cast<double>(got[i]) - numeric) / top < 3e-4);
    }
  };
  for (const auto& b : p->parameters) {
    if (b.entry->name == "layer.weight") compare(&values::w, b.var->grad, "weight");
    if (b.entry->name == "layer.bias") compare(&values::b, b.var->grad, "bias");
    if (b.entry->name == norm + ".gamma") compare(&values::gamma, b.var->grad, "gamma");
    if (b.entry->name == norm + ".beta") compare(&values::beta, b.var->grad, "beta");
  }
}

template <class Op>
layer make(const Op& op, const shape& x, std::uint64_t seed, bool relu = false) {
  layer l{lnn::describe([&](auto& n) {
            auto at = n("layer", op, n.input(x.with_batch(1)));
            if constexpr (!std::is_same_v<Op, lnn::batch_norm>) at = n("norm", lnn::batch_norm{}, at);
            if (relu) at = n("relu", lnn::relu{}, at);
          }),
          {}, tensor<float>(x)};
  l.p = lively(l.net.view(), seed);
  lnn::random draw(seed, 3);
  for (float& v : l.x) v = draw.uniform(-1, 1);
  return l;
}

const lnn::conv2d plain{.out = 3, .kernel = {3, 2}, .stride = {1, 2}, .pad = {1, 0, 0, 1}, .bias = false};
const lnn::conv2d grouped{.out = 4, .kernel = {2, 2}, .group = 2};
const lnn::conv2d depthwise{.out = 3, .kernel = {3, 3}, .pad = 1, .group = 3};

}  // namespace

TEST_CASE("norm_step: forward, statistics and all gradients, no clamp in force") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    auto l = make(plain, {3, 2, 4, 4}, seed);
    check(l, false);
    l = make(grouped, {2, 4, 4, 3}, seed);
    check(l, false);
    l = make(depthwise, {2, 3, 4, 4}, seed);
    check(l, false);
    l = make(lnn::linear{.out = 4}, {6, 5}, seed);
    check(l, false);
  }
}

TEST_CASE("norm_step: the same where the weight or the bias is clamped") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    auto l = make(plain, {3, 2, 4, 4}, seed);
    l.limits.weight_factor = 1.3F;
    check(l, true);
    l = make(grouped, {2, 4, 4, 3}, seed);
    l.limits.weight = 0.4F;  // a fixed limit comes first
    check(l, true);
    l = make(depthwise, {2, 3, 4, 4}, seed);
    l.limits.bias = 0.1F;
    check(l, true);
    l = make(lnn::linear{.out = 4, .bias = false}, {6, 5}, seed);
    l.limits.weight_factor = 1.5F;
    l.limits.bias = 0.2F;
    check(l, true);
  }
}

TEST_CASE("norm_step: activation clamp and relu within") {
  for (const bool relu : {false, true})
    for (const float factor : {7.0F, 1.2F}) {
      auto l = make(grouped, {2, 4, 4, 3}, 5, relu);
      l.limits.activation = 1.0F;
      l.limits.weight_factor = factor;
      check(l, factor < 2);
      l = make(plain, {3, 2, 4, 4}, 6, relu);
      l.limits.activation.reset();
      l.limits.weight_factor = factor;
      check(l, factor < 2);
    }
}

TEST_CASE("norm_step: the branches with and without the second product agree where nothing is cut") {
  auto a = make(grouped, {2, 4, 4, 3}, 9), b = make(grouped, {2, 4, 4, 3}, 9);
  // cuts the greatest weight by less than matters, and so takes the other branch
  const double top = textbook(a, values_of(a), true, nullptr, nullptr).top;
  b.limits.weight = static_cast<float>(top * (1 - 2e-6));
  CHECK(textbook(b, values_of(b), true, nullptr, nullptr).cut);
  lnn::pool workers(1);
  const network net = lnn::fuse(a.net.view());
  const auto p = constrained_program(net.view(), a.p, a.x.flatten(), workers, a.limits);
  const auto q = constrained_program(net.view(), b.p, b.x.flatten(), workers, b.limits);
  for (const auto& each : {&p, &q}) {
    (*each)->tape.training = true;
    (*each)->tape.forward();
    (*each)->tape.backward((*each)->output());
  }
  const auto near = [](const auto& x, const auto& y) {
    for (std::size_t i = 0; i < x.size(); ++i)
      CHECK(static_cast<double>(x[i]) == doctest::Approx(static_cast<double>(y[i])).epsilon(1e-4).scale(1));
  };
  near(p->output().value, q->output().value);
  for (std::size_t i = 0; i < p->parameters.size(); ++i)
    if (p->parameters[i].entry->name != "layer.weight" && p->parameters[i].entry->name != "norm.gamma")
      near(p->parameters[i].var->grad, q->parameters[i].var->grad);  // the cut weight itself gets no gradient
}

TEST_CASE("batch_norm_step: factor and offset of the batch, clamped") {
  for (const shape& x : {shape{3, 2, 3, 3}, shape{6, 4}}) {
    auto l = make(lnn::batch_norm{}, x, 2);
    l.limits.weight_factor.reset();
    check(l, false);
    l = make(lnn::batch_norm{}, x, 3);
    l.limits.weight = 1.0F;
    check(l, true);
    l = make(lnn::batch_norm{}, x, 4, true);
    l.limits.weight_factor = 1.1F;
    l.limits.bias = 0.05F;
    l.limits.activation = 0.7F;
    check(l, true);
  }
}

}  // namespace test_norm_step
