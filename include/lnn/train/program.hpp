// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "../check/check.hpp"
#include "../core/callback.hpp"
#include "../graph/batched.hpp"
#include "batch_norm_step.hpp"
#include "clamp_step.hpp"
#include "hardware.hpp"
#include "integer_step.hpp"
#include "norm_step.hpp"
#include "optimizer.hpp"

namespace lnn {

/// A network laid out on a tape for one batch size, ready to be run again and again: what a stage trains and what
/// evaluation runs.  Parameters stay where they are; the program holds views of them.
template <class Kernels>
class program {
 public:
  using tape_type = basic_tape<float, Kernels>;

  /// The tape is in evaluation mode, so that laying out a network does not count as a batch: no running statistic, no
  /// range moves.  What trains switches it over.
  explicit program(pool& workers) : tape(workers) {
    tape.training = false;
    tape.shares_gradients = true;
  }

  tape_type tape;
  variable<float>* input = nullptr;
  std::vector<variable<float>*> edges;  ///< real values by edge of the network that was laid out; of integers: see realize()
  std::vector<std::string> edge_names;
  std::vector<int> outputs;

  struct bound {
    params::entry* entry;
    variable<float>* var;
  };
  std::vector<bound> parameters;  ///< what an optimizer moves

  // quantized programs only
  std::deque<detail::integer_edge> integers;  ///< by edge
  callback<> settle;               ///< renews the scales at the start of a training step
  struct learned {
    scale* range;
    const float* gradient;
  };
  std::vector<learned> ranges;

  /// Makes the real values of all edges readable; those that integers stand for live only while a backward pass needs them.
  void realize() {
    for (detail::integer_edge& e : integers) e.template realize<Kernels>(tape.shared());
  }
  [[nodiscard]] variable<float>& output() { return *edges[static_cast<std::size_t>(outputs.front())]; }

  /// The variable of a parameter; made at the first request.
  variable<float>& parameter(params::entry& e) {
    for (const bound& b : parameters)
      if (b.entry == &e) return *b.var;
    variable<float>& v = tape.leaf(e.value.flatten(), trained(e.kind));
    parameters.push_back({&e, &v});
    return v;
  }
  variable<float>* optional(params& p, std::string_view layer, std::string_view part) {
    auto* e = p.find(sentence(layer, ".", part));
    return e ? &parameter(*e) : nullptr;
  }
};

namespace detail {

template <class Kernels, class Ops>
void lay_input(program<Kernels>& out, const graph_view<Ops>& net, flat<float> batch) {
  require_sound(net);
  if (net.inputs.size() != 1)
    fail("fit: the network has ", net.inputs.size(), " inputs; training from a data set takes networks with one");
  const edge& e = net.edges[static_cast<std::size_t>(net.inputs.front())];
  if (!(batch.dims == e.dims.with_batch(batch.dims[0])))
    fail(e.name, ": the data are ", batch.dims, " but the network takes ", e.dims.with_batch(batch.dims[0]));
  out.input = &out.tape.leaf(batch, false);
  out.edges.assign(net.edges.size(), nullptr);
  for (const edge& each : net.edges) out.edge_names.push_back(each.label());
  out.outputs.assign(net.outputs.begin(), net.outputs.end());
}

/// Applies one operator to its inputs and its parameters.
template <class Kernels, class Ops>
std::vector<variable<float>*> lay_plain(program<Kernels>& out, const graph_view<Ops>& net, const node<Ops>& n, params& p,
                           const clamps* limits) {
  std::vector<variable<float>*> in;
  for (int e : n.inputs) in.push_back(out.edges[static_cast<std::size_t>(e)]);
  const auto shapes = net.input_shapes(n);
  const parameter_list wanted = visit_op(n.op, [&](const auto& op) {
    return op.parameters(std::span<const shape>(shapes.data(), shapes.size()));
  });
  for (const parameter& each : wanted) {
    params::entry& e = p.of(n.name, each.name);
    if (!(e.value.dims() == each.dims))
      fail("params: ", e.name, " is ", e.value.dims(), " but the layer takes ", each.dims, "; these parameters belong to another network");
    variable<float>* v = &out.parameter(e);
    if (limits && e.kind == role::weight)
      v = &clamp_on(out.tape, *v, [limits](flat<const float> w) { return limits->weight_limit(w); });
    if (limits && e.kind == role::bias && limits->bias)
      v = &clamp_on(out.tape, *v, [limits](flat<const float>) { return limits->bias; });
    in.push_back(v);
  }
  const bool relu = n.fused.relu && !limits;
  return visit_op(n.op, [&](const auto& op) { return out.tape.apply_list(op, in, relu); });
}

}  // namespace detail

/// The network in real numbers.
template <class Kernels, class Ops>
[[nodiscard]] owner<program<Kernels>> float_program(const graph_view<Ops>& described, params& p, flat<float> batch,
                                                              pool& workers) {
  auto out = make_owner<program<Kernels>>(workers);
  require_sound(described);
  const graph<Ops> joined = join_relu(described);
  const graph_view<Ops> net = joined.view();
  detail::lay_input(*out, net, batch);
  out->edges[static_cast<std::size_t>(net.inputs.front())] = out->input;
  for (const node<Ops>& n : net.nodes) {
    const auto made = detail::lay_plain(*out, net, n, p, nullptr);
    std::copy(made.begin(), made.end(), out->edges.begin() + n.output);
  }
  return out;
}

/// The network in real numbers with the limits of the constrained stage: clamped weights, clamped outputs of layers
/// with weights, and batch norms trained together with the layer that they will be folded into (quantization.md 7).
/// `net` is a fused network; `limits` must live as long as the program.
template <class Kernels, class Ops>
[[nodiscard]] owner<program<Kernels>> constrained_program(const graph_view<Ops>& net, params& p,
                                                                    flat<float> batch, pool& workers, const clamps& limits) {
  auto out = make_owner<program<Kernels>>(workers);
  detail::lay_input(*out, net, batch);
  out->edges[static_cast<std::size_t>(net.inputs.front())] = out->input;
  for (const node<Ops>& n : net.nodes) {
    std::vector<variable<float>*> made;
    if (const batch_norm* alone = op_if<batch_norm>(n.op)) {
      variable<float>& x = *out->edges[static_cast<std::size_t>(n.inputs[0])];
      made = {&out->tape.result(x.dims())};
      out->tape.record(make_owner<detail::batch_norm_step<Kernels>>(
          workers, x, *made[0], weights_of(net, n, p), alone->momentum, limits, out->parameter(p.of(n.name, "gamma")),
          out->parameter(p.of(n.name, "beta"))));
    } else if (n.fused.batch_norm.empty()) {
      made = detail::lay_plain(*out, net, n, p, &limits);
    } else {
      visit_op(n.op, [&](const auto& op) {
        using Op = std::remove_cvref_t<decltype(op)>;
        if constexpr (folds_batch_norm<Op>) {
          variable<float>& x = *out->edges[static_cast<std::size_t>(n.inputs[0])];
          const shape in[] = {x.dims()};
          verdict found;
          made = {&out->tape.result(op.result(in, found))};
          out->tape.record(make_owner<detail::norm_step<Op, Kernels>>(
              workers, op, x, *made[0], weights_of(net, n, p), n.fused.momentum, limits, n.fused.relu, out->parameter(p.of(n.name, "weight")),
              out->optional(p, n.name, "bias"), out->parameter(p.of(n.fused.batch_norm, "gamma")),
              out->parameter(p.of(n.fused.batch_norm, "beta"))));
        }
      });
    }
    variable<float>*& y = made.front();
    const bool complete = !n.fused.batch_norm.empty();  // the step clamps by itself
    if (!complete && !parts_of(net, n).empty() && limits.activation)
      y = &detail::clamp_on(out->tape, *y, [&limits](flat<const float>) { return limits.activation; });
    if (!complete && n.fused.relu) y = &out->tape.apply(relu{}, *y);
    std::copy(made.begin(), made.end(), out->edges.begin() + n.output);
  }
  return out;
}

/// The network in the chip's integers.  `net` is a fused network; it and `grids` must live as long as the program.
template <class Kernels, class Ops>
[[nodiscard]] owner<program<Kernels>> integer_program(const graph_view<Ops>& net, params& p, scales& grids,
                                                                flat<float> batch, pool& workers, const chip& target,
                                                                hardware_rules limits = hardware_rules::enforced) {
  auto out = make_owner<program<Kernels>>(workers);
  detail::lay_input(*out, net, batch);
  const detail::integer_setting set{&workers, &target, &grids, &out->tape.shared()};
  const std::vector<edge_grid> grid = grids_of(net, grids, false, target);
  if (limits == hardware_rules::enforced) require_chip(net, grids, grid, target);
  const int samples = batch.dims[0];
  const std::vector<shape> dims = batched_dims(net.nodes, net.edges, net.inputs, samples);
  for (std::size_t e = 0; e < net.edges.size(); ++e) {
    auto& i = out->integers.emplace_back();
    i.grid = grid[e];
    // a learned range of the input needs the gradient there
    const bool wanted = net.edges[e].node >= 0 || set.learned();
    if (grid[e].type == dtype::float32 || std::count(net.outputs.begin(), net.outputs.end(), static_cast<int>(e)) > 0) {
      i.real = &out->tape.result(dims[e], wanted);
    } else {
      i.real = &out->tape.shadow(dims[e], wanted);
      i.shares = true;
    }
    if (grid[e].type != dtype::float32) i.values = integer_tensor(grid[e].type, i.real->dims(), grid[e].exponent);
    out->edges[e] = i.real;
  }
  std::vector<detail::integer_layer<Kernels>*> watched;
  const auto entry = static_cast<std::size_t>(net.inputs.front());
  if (grid[entry].type == dtype::float32) {
    out->integers[entry].real = out->edges[entry] = out->input;
  } else {
    auto step = make_owner<detail::input_step<Kernels>>(set, *out->input, out->integers[entry]);
    if (set.learned() && grid[entry].entry >= 0) out->ranges.push_back({set.entry(grid[entry].entry), &step->range.gradient});
    out->tape.record(std::move(step));
  }
  for (const node<Ops>& n : net.nodes) {
    std::vector<detail::integer_edge*> in;
    for (int e : n.inputs) in.push_back(&out->integers[static_cast<std::size_t>(e)]);
    std::vector<detail::integer_edge*> to;
    for (int e = n.output; e < n.output + n.outputs; ++e) to.push_back(&out->integers[static_cast<std::size_t>(e)]);
    const edge_grid made = to.front()->grid;
    owner<detail::integer_layer<Kernels>> step;
    visit_op(n.op, [&](const auto& op) {
      using Op = std::remove_cvref_t<decltype(op)>;
      step = make_owner<detail::integer_step<Op, Kernels>>(set, op, n.fused.relu, std::move(in), std::move(to));
    });
    auto* s = step.get();
    if (const parameter_list wanted = parts_of(net, n); !wanted.empty()) {
      const bool alone = op_if<batch_norm>(n.op) != nullptr;
      const std::string_view norm = alone ? n.name : n.fused.batch_norm;
      std::vector<detail::quantized_part> parts(wanted.size());
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!alone) parts[i].target = out->optional(p, n.name, wanted[i].name);
        if (scaled(wanted[i].kind)) parts[i].entry = grids.place(sentence(n.name, ".", wanted[i].name));
      }
      s->attach(weights_of(net, n, p), std::move(parts), out->optional(p, norm, "gamma"), out->optional(p, norm, "beta"));
      watched.push_back(s);
      for (const detail::quantized_part& part : s->parts)
        if (set.learned() && part.entry >= 0) out->ranges.push_back({set.entry(part.entry), &part.range.gradient});
    }
    if (set.learned() && made.entry >= 0) out->ranges.push_back({set.entry(made.entry), &s->out_range.gradient});
    out->tape.record(std::move(step));
  }
  out->settle = [net, &grids, &target, watched, p = out.get()] {
    for (auto* layer : watched) layer->observe_weight();
    const std::vector<edge_grid> now = grids_of(net, grids, true, target);
    for (std::size_t e = 0; e < now.size(); ++e) {
      p->integers[e].grid.exponent = now[e].exponent;
      p->integers[e].values.set_exponent(now[e].exponent);
    }
  };
  return out;
}

}  // namespace lnn
