// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/integer_step.hpp>

#include <cmath>
#include <map>

#include "networks.hpp"

namespace test_integer_step {

using namespace rig;

namespace {

using numbers = std::vector<double>;
using lnn::flat;

numbers wide(const flat<const float>& x) { return {x.begin(), x.end()}; }
double unit_of(int exponent) { return std::ldexp(1.0, -exponent); }
constexpr double ln2 = 0.6931471805599453;

/// Rounding, masks and slopes of quantization.md 3.2 in double.
struct grid_in_words {
  int exponent, bits;
  bool even = false;  ///< weights: half to even

  [[nodiscard]] double rounded(double x) const {
    const double v = x / unit_of(exponent);
    return even ? std::nearbyint(v) : std::floor(v + 0.5);
  }
  [[nodiscard]] double low() const { return -std::ldexp(1.0, bits - 1); }
  [[nodiscard]] double high() const { return -low() - 1; }
  [[nodiscard]] bool passes(double x) const { return rounded(x) >= low() && rounded(x) <= high(); }
  [[nodiscard]] double quantized(double x) const { return std::min(std::max(rounded(x), low()), high()) * unit_of(exponent); }
  [[nodiscard]] double slope(double x) const { return passes(x) ? -ln2 * (x - quantized(x)) : ln2 * quantized(x); }
};

/// The gradients of one training step, computed once more in double from the integers of the forward pass: the float
/// operators on dequantized operands, chained with the masks (quantization.md 5).  The loss is the sum of all outputs.
struct textbook {
  const view& net;
  program& p;
  lnn::training& t;     ///< as it was at the forward pass
  const model& start;   ///< frozen with the exponents of the step
  std::map<std::string, numbers> parameter;  ///< gradients by name; of ranges: "conv1.range"
  std::vector<numbers> edge;

  void run() {
    p.realize();
    for (const auto& e : p.edges) edge.emplace_back(e->value.size(), 0.0);
    edge[static_cast<std::size_t>(net.outputs[0])].assign(p.output().value.size(), 1.0);
    for (std::size_t i = net.nodes.size(); i-- > 0;) back(i);
    const auto in = static_cast<std::size_t>(net.inputs[0]);
    if (learned() && start.edges[in].type != lnn::dtype::float32)
      range(start.edges[in].name, in, wide(p.input->value), INFINITY, false);
  }

 private:
  [[nodiscard]] bool learned() const { return t.grids.policy.method == lnn::range_method::tqt; }
  [[nodiscard]] grid_in_words grid(std::size_t e) const { return {start.edges[e].exponent, lnn::bits_of(start.edges[e].type)}; }

  void range(const std::string& name, std::size_t e, const numbers& exact, double limit, bool relu) {
    const grid_in_words g = grid(e);
    double sum = 0;
    const double wish = g.bits - 1 - static_cast<double>(std::get<lnn::tqt>(t.grids.of(name).range).learned);
    for (std::size_t i = 0; i < exact.size(); ++i)
      if (!relu || p.edges[e]->value[i] > 0) sum += edge[e][i] * g.slope(std::clamp(exact[i], -limit, limit));
    parameter[name + ".range"] = {std::nearbyint(wish) < 0 || std::nearbyint(wish) > 23 ? 0 : sum};
  }

  void back(std::size_t place) {
    const auto& n = net.nodes[place];
    const auto& layer = start.layers[place];
    const auto out = static_cast<std::size_t>(n.output);
    std::vector<numbers> in, grad;
    std::vector<shape> dims;
    for (const int e : n.inputs) {
      in.push_back(wide(p.edges[static_cast<std::size_t>(e)]->value));
      dims.push_back(p.edges[static_cast<std::size_t>(e)]->dims());
    }
    const bool alone = std::holds_alternative<lnn::batch_norm>(n.op), weighted = !layer.parameters.empty();
    lnn::layer_weights w;
    numbers mean, inverse;  // of the batch
    if (weighted) {
      w = lnn::weights_of(net, n, t.parameters);
      w.fold();
      if (alone) batch(in[0], dims[0], w, mean, inverse);
      const int q_w = layer.parameters[0].exponent();
      const grid_in_words grid_w{q_w, lnn::bits_of(layer.parameters[0].type()), true};
      const grid_in_words grid_b{start.edges[static_cast<std::size_t>(n.inputs[0])].exponent + q_w, 32, true};
      in.push_back(wide(w.used_weight()));
      for (double& v : in.back()) v = grid_w.quantized(v);
      dims.push_back(layer.parameters[0].dims());
      if (w.used_bias()) {
        in.push_back(wide(w.used_bias()));
        for (double& v : in.back()) v = grid_b.quantized(v);
        dims.push_back(layer.parameters[1].dims());
      }
      if (!alone)
        for (std::size_t k = 0; k < layer.parameters.size(); ++k)
          for (std::size_t i = 0; i < layer.parameters[k].size(); ++i)
            REQUIRE(in[n.inputs.size() + k][i] ==
                    static_cast<double>(layer.parameters[k].access().at(i)) * unit_of(layer.parameters[k].exponent()));
    }
    for (const numbers& x : in) grad.emplace_back(x.size(), 0.0);
    numbers exact(edge[out].size()), dy = edge[out];
    compute(n, dims, in, exact, nullptr, grad);

    // the output's quantizer, the activation clamp and the relu
    const lnn::grid rule = lnn::visit_op(n.op, [](const auto& op) { return std::remove_cvref_t<decltype(op)>::grid_rule; });
    if (lnn::is_free(rule)) {
      const grid_in_words g = grid(out);
      const auto& limits = t.grids.policy.limits;
      const double limit = weighted && limits.activation ? static_cast<double>(*limits.activation) : INFINITY;
      if (learned()) range(std::string(n.name), out, exact, limit, n.fused.relu);
      for (std::size_t i = 0; i < dy.size(); ++i) {
        const bool open = g.passes(exact[i]) && std::abs(g.rounded(exact[i]) * unit_of(g.exponent)) <= limit;
        if (!open || (n.fused.relu && !(p.edges[out]->value[i] > 0))) dy[i] = 0;
      }
    }
    compute(n, dims, in, exact, &dy, grad);
    for (std::size_t k = 0; k < n.inputs.size(); ++k) {
      numbers& to = edge[static_cast<std::size_t>(n.inputs[k])];
      for (std::size_t i = 0; i < to.size(); ++i) to[i] += grad[k][i];
    }
    if (weighted) weights(n, layer, w, grad, in[0], dims[0], mean, inverse);
  }

  /// Forward when dy is null, else backward; a batch norm alone is a factor and an offset per channel here.
  void compute(const lnn::node<lnn::builtin>& n, const std::vector<shape>& dims, const std::vector<numbers>& in,
               numbers& exact, const numbers* dy, std::vector<numbers>& grad) {
    if (std::holds_alternative<lnn::batch_norm>(n.op)) {
      const std::size_t plane = dims[0].span(2, dims[0].rank()), channels = in[1].size();
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const std::size_t c = i / plane % channels;
        exact[i] = in[0][i] * in[1][c] + in[2][c];
        if (!dy) continue;
        grad[0][i] += (*dy)[i] * in[1][c];
        grad[1][c] += (*dy)[i] * in[0][i];
        grad[2][c] += (*dy)[i];
      }
      return;
    }
    lnn::pool workers(1);
    const shape to_dims = p.edges[static_cast<std::size_t>(n.output)]->dims();
    std::vector<flat<const double>> x;
    std::vector<flat<double>> dx;
    for (std::size_t k = 0; k < in.size(); ++k) {
      x.push_back({in[k].data(), dims[k]});
      dx.push_back({grad[k].data(), dims[k]});
    }
    lnn::visit_op(n.op, [&](const auto& described) {
      auto op = described;
      if constexpr (requires { op.bias; }) op.bias = in.size() > 2;
      const flat<double> y{exact.data(), to_dims};
      if (!dy) {
        op.forward(lnn::forward_call<double, lnn::simd::kernels>{
            .in = x, .out = {&y, 1}, .state = {}, .saved = {}, .training = true, .workers = workers});
        return;
      }
      const flat<const double> value = y, g{dy->data(), to_dims};
      op.backward(lnn::backward_call<double, lnn::simd::kernels>{
          .in = x, .out = {&value, 1}, .grad_out = {&g, 1}, .grad_in = dx, .saved = {}, .training = true, .workers = workers});
    });
  }

  /// quantization.md 5.2: statistics of the batch, variance at least 1e-5; factor and offset in their place.
  static void batch(const numbers& x, const shape& dims, lnn::layer_weights& w, numbers& mean, numbers& inverse) {
    const std::size_t plane = dims.span(2, dims.rank()), channels = w.gamma.size();
    const double count = static_cast<double>(x.size() / channels);
    numbers square(channels);
    mean.assign(channels, 0);
    for (std::size_t i = 0; i < x.size(); ++i) mean[i / plane % channels] += x[i] / count;
    for (std::size_t i = 0; i < x.size(); ++i) square[i / plane % channels] += std::pow(x[i] - mean[i / plane % channels], 2) / count;
    for (std::size_t c = 0; c < channels; ++c) {
      inverse.push_back(1 / std::sqrt(std::max(square[c], 1e-5) + static_cast<double>(w.eps)));
      const double factor = static_cast<double>(w.gamma[c]) * inverse[c];
      w.folded_weight[c] = static_cast<float>(factor);
      w.folded_bias[c] = static_cast<float>(static_cast<double>(w.beta[c]) - mean[c] * factor);
    }
  }

  /// From quantized weight and bias to the parameters.
  void weights(const lnn::node<lnn::builtin>& n, const model::layer& layer, const lnn::layer_weights& w,
               std::vector<numbers>& grad, const numbers& x, const shape& x_dims, const numbers& mean, const numbers& inverse) {
    const std::string name(n.name), norm(w.folded() && inverse.empty() ? std::string(n.fused.batch_norm) : name);
    numbers& dw = grad[n.inputs.size()];
    const lnn::scale& s = t.grids.of(name + ".weight");
    const grid_in_words g{s.exponent, s.bits, true};
    double sum = 0;
    for (std::size_t i = 0; i < dw.size(); ++i) {
      const double v = static_cast<double>(w.used_weight()[i]);
      sum += dw[i] * g.slope(v);
      if (!g.passes(v)) dw[i] = 0;
    }
    if (learned()) {
      const double wish = std::nearbyint(s.bits - 1 - static_cast<double>(std::get<lnn::tqt>(s.range).learned));
      parameter[name + ".weight.range"] = {wish < 0 || wish > 23 ? 0 : sum};
    }
    numbers db = layer.parameters.size() > 1 ? grad[n.inputs.size() + 1] : numbers{};
    if (!w.folded()) {
      parameter[name + ".weight"] = dw;
      if (!db.empty()) parameter[name + ".bias"] = db;
      return;
    }
    const std::size_t channels = w.gamma.size(), each = dw.size() / channels;
    numbers dgamma(channels), own(dw.size()), own_bias(channels);
    for (std::size_t c = 0; c < channels; ++c) {
      const double gamma = static_cast<double>(w.gamma[c]);
      if (!inverse.empty()) {  // alone
        const double df = dw[c] - mean[c] * db[c];
        dgamma[c] = df * inverse[c];
        continue;
      }
      const double root = 1 / std::sqrt(static_cast<double>(w.var[c]) + static_cast<double>(w.eps));
      const double b = w.bias ? static_cast<double>(w.bias[c]) : 0.0;
      dgamma[c] = db[c] * (b - static_cast<double>(w.mean[c])) * root;
      for (std::size_t i = c * each; i < (c + 1) * each; ++i) {
        dgamma[c] += dw[i] * static_cast<double>(w.weight[i]) * root;
        own[i] = dw[i] * gamma * root;
      }
      own_bias[c] = db[c] * gamma * root;
    }
    parameter[norm + ".gamma"] = dgamma;
    parameter[norm + ".beta"] = db;
    if (inverse.empty()) {
      parameter[name + ".weight"] = own;
      if (w.bias) parameter[name + ".bias"] = own_bias;
      return;
    }
    // through the statistics to the input
    const std::size_t plane = x_dims.span(2, x_dims.rank());
    const double count = static_cast<double>(x.size() / channels);
    numbers spread(channels);
    for (std::size_t i = 0; i < x.size(); ++i) spread[i / plane % channels] += std::pow(x[i] - mean[i / plane % channels], 2) / count;
    numbers& to = edge[static_cast<std::size_t>(n.inputs[0])];
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t c = i / plane % channels;
      const double gamma = static_cast<double>(w.gamma[c]), df = dw[c] - mean[c] * db[c];
      const double dvar = spread[c] > 1e-5 ? -0.5 * gamma * std::pow(inverse[c], 3) * df : 0;
      to[i] += -gamma * inverse[c] * db[c] / count + 2 * dvar / count * (x[i] - mean[c]);
    }
  }
};

/// Largest difference relative to the greatest value.
double distance(const numbers& expected, const flat<float>& got) {
  REQUIRE(expected.size() == got.size());
  double top = 1e-3, far = 0;
  for (const double v : expected) top = std::max(top, std::abs(v));
  for (std::size_t i = 0; i < expected.size(); ++i) far = std::max(far, std::abs(expected[i] - static_cast<double>(got[i])));
  return far / top;
}

}  // namespace

TEST_CASE("integer_step: straight-through gradients are those of the specification's masks") {
  int compared = 0, ranges = 0, alone = 0;
  for (std::uint64_t seed = 100; seed < 160; ++seed) {
    CAPTURE(seed);
    maker make(seed, true, false);  // the words above know one weight and one bias a layer
    const network net = make();
    const network fused = lnn::fuse(net.view());
    const view seen = fused.view();
    const shape sample = seen.edges[0].dims;
    const auto data = noise(12, {sample[1], sample[2], sample[3]}, 4, seed);
    lnn::loader loader(data, {.batch = 4, .seed = seed});
    lnn::training t;
    t.parameters = lively(net.view(), seed);
    lnn::quantization policy;
    policy.method = make.one_in(2) ? lnn::range_method::tqt : lnn::range_method::mom;
    if (make.one_in(3)) policy.bits.weight = 4;
    if (make.one_in(3)) policy.limits.activation.reset();
    if (make.one_in(3)) policy.limits.activation = 1.0F;
    t.grids = calibrate(net.view(), t, loader, 1, policy);
    // narrower grids than the data ask for, so that much is clipped
    for (auto& s : t.grids.entries())
      if (make.one_in(2)) std::visit([](auto& r) { r.set(std::exp2(r.log2_reach() - 1.1F)); }, s.range);

    lnn::pool workers(1);
    tensor<float> batch;
    std::vector<int> labels;
    loader.fill(1, batch, labels, workers);
    const auto p = integer_program(seen, t.parameters, t.grids, batch.flatten(), workers);
    p->tape.training = true;
    p->settle();
    const model start = lnn::freeze(net.view(), t.parameters, t.grids, lnn::venus, lnn::hardware_rules::ignored);
    p->tape.forward();
    p->tape.backward(p->output());

    textbook book{seen, *p, t, start, {}, {}};
    book.run();
    for (const auto& b : p->parameters) {
      if (!b.var->grad) continue;
      CAPTURE(b.entry->name);
      REQUIRE(book.parameter.count(b.entry->name) == 1);
      CHECK(distance(book.parameter[b.entry->name], b.var->grad) < 2e-4);
      ++compared;
    }
    for (const auto& r : p->ranges) {
      CAPTURE(r.range->name);
      REQUIRE(book.parameter.count(r.range->name + ".range") == 1);
      float got = *r.gradient;
      CHECK(distance(book.parameter[r.range->name + ".range"], flat<float>(&got, {1})) < 2e-3);
      ++ranges;
    }
    if (policy.method == lnn::range_method::tqt) {
      std::size_t scales = 0;
      for (const auto& s : t.grids.entries()) scales += book.parameter.count(s.name + ".range");
      CHECK(scales == t.grids.entries().size());  // every range learns
      CHECK(p->ranges.size() == scales);
    }
    for (const auto& l : start.layers) alone += std::holds_alternative<lnn::batch_norm>(l.op);
  }
  CHECK(compared > 300);
  CHECK(ranges > 200);
  CHECK(alone > 10);
}

}  // namespace test_integer_step
