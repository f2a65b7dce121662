// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/lower/layer_step.hpp>
#include <lnn/lower/lowered.hpp>
#include <lnn/plan/make.hpp>

#include "verdict_case.hpp"

/// A recorded one-operator network as a program, and what the reference packer would plan for it.
namespace verdicts {

/// The shape of the result as the packer infers it, its oddities included (packer.md 3.2).
inline lnn::shape result_of(const network& c, const lnn::limit::facts& f) {
  using lnn::shape;
  const shape &x = f.in[0].dims, &w = f.weight.dims;
  const auto positions = [&](int axis, std::size_t at, int pads, int dilation) {
    return static_cast<int>(lnn::limit::positions(x[axis], f.kernel[at], f.stride[at], pads, dilation));
  };
  const auto pad = [&](std::size_t a, std::size_t b) { return f.pad[a] + f.pad[b]; };
  if (c.op == "Conv2dInt")
    return {x[0], w[0] / f.group * f.group, positions(2, 0, pad(0, 2), f.dilation[0]), positions(3, 1, pad(1, 3), f.dilation[1])};
  if (c.op == "Conv1dInt") return {x[0], w[0] / f.group * f.group, positions(2, 0, pad(0, 1), 1)};
  if (c.op == "MaxPool" || c.op == "AvgPool2dInt")
    return {x[0], x[1], positions(2, 0, pad(0, 2), 1), positions(3, 1, pad(1, 3), 1)};
  if (c.op == "ConvTranspose2dInt") {
    const auto grown = [&](int axis, std::size_t at, int pads) {
      const int more = f.output_padding.size() == 2 ? f.output_padding[at] : 0;
      return (x[axis] - 1) * f.stride[at] + more + f.kernel[at] - pads;
    };
    return {x[0], w[1], grown(2, 0, pad(0, 2)), grown(3, 1, pad(1, 3))};
  }
  shape y = x;
  const auto along = lnn::normal_axis(f.axis, x.rank());
  if (c.op == "LinearInt") y[x.rank() - 1] = x.rank() == 4 ? w[1] : w[0];
  else if (c.op == "BmmInt") y[x.rank() - 1] = lnn::limit::last(f.in[1].dims);
  else if (c.op == "LSTMInt") y = {1, x[f.axis == 0 ? 2 : 1], f.recurrent_weight.dims[1]};
  else if (c.op == "GRUInt") y[2] = f.recurrent_weight.dims[1];
  else if (c.op == "iqCat")
    for (std::size_t i = 1; i < f.in.size(); ++i) y[along] += f.in[i].dims[along];
  else if (c.op == "Transpose")
    for (int a = 0; a < x.rank(); ++a) y[a] = x[lnn::normal_axis(f.perm[static_cast<std::size_t>(a)], x.rank())];
  else if (c.op == "iqMul" || c.op == "iqSub") {
    const shape& b = f.in[1].dims;
    if (b.rank() > y.rank()) y = b;
    for (int i = 1; i <= y.rank(); ++i) {
      const int p = i > x.rank() ? 1 : x[x.rank() - i], q = i > b.rank() ? 1 : b[b.rank() - i];
      y[y.rank() - i] = p > q ? p : q;
    }
  } else if (c.op == "iqPad") {
    // two numbers pad both sides of both axes of an image; an odd number is passed over
    const bool both = f.pad.size() == 2;
    const int half = both ? 2 : f.pad.size() % 2 ? 0 : static_cast<int>(f.pad.size()) / 2;
    for (int a = half > x.rank() ? half - x.rank() : 0; a < half; ++a)
      y[x.rank() - half + a] += f.pad[both ? 0 : static_cast<std::size_t>(a)] + f.pad[both ? 1 : static_cast<std::size_t>(a + half)];
  }
  return y;
}

/// Reads only; the program's labels are literals.
inline lnn::lower::program program_of(const network& c) {
  namespace lower = lnn::lower;
  lower::program p;
  lower::step s{.op = c.op, .layer = 0};
  s.name.add("layer");
  const lnn::limit::facts f = c.facts();
  s.as = lower::detail::attributes_of(f);
  int parameter = 0;
  const auto add = [&](std::string_view name, const lnn::limit::operand& o, int bits, bool constant, lower::origin from) {
    lower::tensor t{.dims = o.dims, .type = lnn::integer_of(bits), .scale = o.attribute(), .from = constant ? from : lower::origin::computed};
    t.asked = o.asked;
    t.name.add(name);
    if (from == lower::origin::parameter) t.layer = 0, t.parameter = parameter++;
    return p.add(t);
  };
  for (const lnn::limit::operand& o : f.in) {
    s.inputs.push_back(add("x", o, o.bits ? o.bits : 8, o.constant, lower::origin::value));
    if (!o.constant) p.inputs.push_back(s.inputs.back());
  }
  if (f.sequence_lengths) {
    s.inputs.push_back(add("len", {.dims = {1}}, 32, true, lower::origin::numbers));
    s.as.sequence_lengths = true;
  }
  for (const lnn::limit::operand* o : {&f.weight, &f.recurrent_weight, &f.bias, &f.recurrent_bias}) {
    const bool weight = o == &f.weight || o == &f.recurrent_weight;
    if (!o->present) continue;
    // weights of 4 bits stay in bytes where the packer does not know them
    const bool bytes = o->bits == 4 && (!c.on->conv.int4_weights || c.op == "ConvTranspose2dInt");
    const int bits = bytes ? 8 : o->bits ? o->bits : weight ? 8 : 32;
    s.inputs.push_back(add(weight ? "w" : "b", *o, bits, true, lower::origin::parameter));
  }
  if (c.op == "iqPad") {
    s.inputs.push_back(add("pads", {.dims = {static_cast<int>(f.pad.size())}}, 64, true, lower::origin::numbers));
    s.inputs.push_back(add("value", {.dims = {1}}, 8, true, lower::origin::numbers));
  }
  lnn::limit::operand out = f.out;
  out.dims = result_of(c, f);
  out.scale = f.out.attribute();
  // some operators' results are typed as their input, whatever the attribute says
  const bool wide = c.op.starts_with("Conv") || c.op == "LinearInt" || c.op == "BmmInt" || c.op == "iqSigmoid" || c.op == "iqTanh";
  const int own = f.in[0].bits ? f.in[0].bits : 8;
  s.outputs.push_back(add("z", out, wide && f.out.bits ? f.out.bits : own, false, lower::origin::computed));
  const int hidden = f.recurrent_weight.present ? f.recurrent_weight.dims[1] : 0, batch = f.in[0].dims[c.op == "GRUInt" && f.axis == 0 ? 0 : 1];
  if (hidden) lower::detail::add_states(p, s, hidden, batch);
  p.outputs.assign(s.outputs.begin(), s.outputs.end());
  p.steps.push_back(s);
  if (c.relu) {
    lower::step r{.op = "Relu", .inputs = {s.outputs[0]}};
    r.as.op = r.op;
    lower::tensor bent = p.at(s.outputs[0]);
    bent.name.add("r");
    bent.asked = c.relu_asked;
    r.outputs = {p.add(bent)};
    p.outputs.assign(r.outputs.begin(), r.outputs.end());
    p.steps.push_back(r);
  }
  return p;
}

/// An average pooling on its side keeps its upright window in the reference packer, and so has another result.
inline void keep_window(lnn::lower::program& p) {
  for (lnn::lower::step& s : p.steps) {
    const lnn::lower::tensor& x = p.at(s.inputs[0]);
    if (s.op != "AvgPool2dInt" || x.laid != lnn::lower::order::ncwh) continue;
    lnn::lower::detail::turn_window(p, s);
    const auto places = [&](int axis, std::size_t at) {
      return static_cast<int>(lnn::limit::positions(x.dims[axis], s.as.kernel[at], s.as.stride[at], s.as.pad[at] + s.as.pad[at + 2]));
    };
    const int h = places(2, 0), w = places(3, 1);
    p.at(s.outputs[0]).dims = {x.dims[0], x.dims[1], h, w};
    for (const lnn::lower::step& t : p.steps)
      if (t.op == "Transpose" && t.inputs[0] == s.outputs[0]) p.at(t.outputs[0]).dims = {x.dims[0], x.dims[1], w, h};
  }
}

/// Lowered and bound with the reference packer's own figures.
inline lnn::lower::program packed_of(const network& c) {
  const lnn::limit::packing& options = c.rest.options;
  lnn::lower::program p =
      lnn::lower::lowered(program_of(c), *c.on, {.limits = options, .keep_quant = true, .which = lnn::limit::figures::reference});
  keep_window(p);
  return lnn::plan::bound(std::move(p), options, lnn::limit::figures::reference);
}

}  // namespace verdicts
