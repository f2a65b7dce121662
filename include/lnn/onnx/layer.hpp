// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "build.hpp"

namespace lnn::onnx::detail {

/// What files leave unsaid because ONNX says it: kernels as large as the weight, steps of one, bounds without end.
inline void say_defaults(spelled_node& n) {
  const auto operand = [&](std::size_t i) -> const integer_view* { return i < n.tensors.size() ? &n.tensors[i].data : nullptr; };
  if (!n.find("kernel_shape") && n.op.find("Conv") != std::string::npos && operand(1))
    for (int i = 2; i < operand(1)->dims.rank(); ++i) n.numbers["kernel_shape"].push_back(operand(1)->dims[i]);
  if (n.op == "MaxPool" && !n.find("strides") && n.find("kernel_shape")) n.numbers["strides"].assign(n.find("kernel_shape")->size(), 1);
  if (n.op == "Clip") {
    const auto absent = [&](std::size_t i) { return !operand(i) || !operand(i)->data; };
    if (!n.find("min") && absent(1)) n.numbers["min"] = {static_cast<double>(std::numeric_limits<float>::lowest())};
    if (!n.find("max") && absent(2)) n.numbers["max"] = {static_cast<double>(std::numeric_limits<float>::max())};
  }
  if (n.op == "Clip" || n.op == "Pad" || n.op == "iqPad")  // integers there count as the input does
    for (std::size_t i = 1; i < n.tensors.size(); ++i)
      if (n.tensors[i].data.type == dtype::int8 || n.tensors[i].data.type == dtype::int16) n.tensors[i].data.exponent = n.tensors[0].data.exponent;
}

/// Which code a file gives the rounding, where it is not the chip's usual one (model_bin.md): -1 is.
inline int rounding_code_of(const spelled_node& n, const chip& on) {
  constexpr std::string_view venus_words[] = {"qshift_quant", "qmax_quant", "tf_quant", "normal_quant", "luna_quant"};
  constexpr std::string_view words[] = {"floor", "floor_add", "round", "ceil"};
  const auto look = [&](std::string_view attribute, std::span<const std::string_view> all, int usual) {
    const auto at = n.texts.find(attribute);
    if (at == n.texts.end()) return -1;
    const auto word = std::find(all.begin(), all.end(), at->second);
    const int code = word == all.end() ? usual : static_cast<int>(word - all.begin());
    return code == usual ? -1 : code;
  };
  // of Quant packers read platform_quant on every chip, and take qmax_quant where it is missing
  if (n.op == "Quant" && n.texts.find("platform_quant") == n.texts.end()) return 1;
  return &on == &venus || n.op == "Quant" ? look("platform_quant", venus_words, 4) : look("quant_mode", words, 1);
}

template <class Ops>
void builder<Ops>::add_layer(int k, const message::NodeProto& n, spelled_node spelled, const std::vector<const wire*>& in) {
  using use = spelled_tensor::use;
  for (std::size_t i = 0; i < in.size(); ++i) {
    spelled_tensor t{n.input(static_cast<int>(i)), use::constant, {}};
    if (in[i] && in[i]->constant) t.data = in[i]->constant->access();
    if (in[i] && !in[i]->constant) t.as = use::input, t.data = {nullptr, edge(in[i]->edge).type, edge(in[i]->edge).dims, edge(in[i]->edge).exponent};
    spelled.tensors.push_back(std::move(t));
  }
  spelled.outputs = 1;
  for (int i = 1; i < n.output_size(); ++i)
    if (!n.output(i).empty() && from_.is_used(n.output(i))) spelled.outputs = static_cast<std::size_t>(i) + 1;
  if (spelled.op == "Split") spelled.outputs = static_cast<std::size_t>(std::max(n.output_size(), 1));
  if (spelled.op == "Concat") {  // of integers that count alike: no arithmetic
    spelled.op = "QCat";
    for (const auto* w : in)
      if (w && !spelled.number("scale_o") && w->edge >= 0) spelled.numbers["scale_o"] = {maths::ldexp(1.0, edge(w->edge).exponent)};
    for (const auto* w : in)
      if (w && w->edge >= 0 && spelled.number("scale_o") && exponent_of(*spelled.number("scale_o"), "scale_o") != edge(w->edge).exponent)
        fail("the inputs have different scales; use QCat, which has a scale for each");
  }
  if (spelled.op == "QCat" || spelled.op == "iqCat")  // packers look for dim first
    if (const auto dim = spelled.numbers.find("dim"); dim != spelled.numbers.end()) spelled.numbers["axis"] = dim->second;
  say_defaults(spelled);
  bool named = false;
  auto op = kind_of<Ops>(spelled, named);
  if (!named) fail("the operator is not known");
  if (op.index() == 0) fail("the operator does not take these attributes");
  add_operator(k, n, spelled, std::move(op));
}

/// A constant operand where it counts: as it is known, as the node says, or, for integers that are only moved, unknown.
template <class Ops>
integer_tensor builder<Ops>::operand(const spelled_node& spelled, const std::string& name, const integer_tensor& value, bool scaled,
                                     std::size_t place, bool keeps) {
  const auto said = exponent_said(spelled, place);
  const auto with_dims = [&](dtype type, int exponent) { return integer_tensor(type, value.dims().rank() == 0 ? shape{1} : value.dims(), exponent); };
  if (value.type() == dtype::float32) {
    if (spelled.op == "Quant") return value;
    if (!said) fail("constant input ", name, " is float and attribute scale_", place == 0 ? "x" : "y", " is missing");
    integer_tensor out = with_dims(integer_of(operand_bits_said(spelled, place).value_or(8)), *said);
    const integer_view x = value.access(), y = out.access();
    quant{}.integer(integer_call<luna::kernels>{{&x, 1}, {&y, 1}, *made_.target, false, nullptr, workers_});
    return out;
  }
  if (value.type() == dtype::int64 || value.type() == dtype::float64) {
    if (value.type() == dtype::float64) fail("constant input ", name, " is float64; use float or integers");
    integer_tensor out = with_dims(dtype::int32, 0);
    for (std::size_t i = 0; i < out.size(); ++i)
      out.template as<std::int32_t>()[i] = static_cast<std::int32_t>(std::clamp<std::int64_t>(value.access().at(i), -2147483647 - 1, 2147483647));
    return out;
  }
  if (!scaled && !said && !keeps && value.type() != dtype::int32)
    fail("constant input ", name, " is ", lnn::name_of(value.type()), " and no attribute says its scale");
  if (scaled && said && *said != value.exponent())
    fail("attribute of operand ", place, " says 2^", *said, ", its tensor ", name, " counts in 2^", value.exponent());
  integer_tensor out = with_dims(value.type(), scaled ? value.exponent() : said.value_or(0));
  std::memcpy(out.access().data, value.access().data, value.byte_count());
  return out;
}

/// Sets the attributes of the operator, and tells what of it the rest needs to know.
struct traits {
  int inputs = 1;
  grid rule = grid::keep;
};
template <class Op>
traits set_attributes(Op& op, spelled_node& spelled) {
  if constexpr (!requires { Op::constant_inputs; })
    std::erase_if(spelled.tensors, [](const spelled_tensor& t) { return t.name.empty(); });
  if (const double* act = spelled.number("act_type"); act && *act != 0 && !(*act == 1 && fuses_relu<Op>)) fail("attribute act_type is ", *act, ", expected 0 or 1");
  shape x{1, 1, 1, 1};
  for (const spelled_tensor& t : spelled.tensors)
    if (t.as == spelled_tensor::use::input) x = t.data.dims;
  if (!Op{}.parameters(std::span(&x, 1)).empty())  // then constants are parameters, not attributes
    for (spelled_tensor& t : spelled.tensors)
      if (t.as == spelled_tensor::use::constant) t.as = spelled_tensor::use::parameter;
  set_fields(op, spelled);
  if (const std::string left = attribute_left(op, spelled); !left.empty()) fail("attribute ", left, " is not supported");
  return {op.inputs(), Op::grid_rule};
}

template <class Ops>
void builder<Ops>::add_operator(int k, const message::NodeProto& n, spelled_node& spelled, typename Ops::any op) {
  using use = spelled_tensor::use;
  const traits is = visit_op(op, [&](auto& o) { return set_attributes(o, spelled); });

  std::vector<std::pair<spelled_tensor, std::size_t>> given;  // and their places among the node's inputs
  for (std::size_t i = 0; i < spelled.tensors.size(); ++i)
    if (spelled.tensors[i].as != use::attribute) given.push_back({spelled.tensors[i], i});
  const auto is_input = [](const auto& t) { return t.first.as == use::input; };
  if (std::count_if(given.begin(), given.end(), is_input) == is.inputs) std::stable_partition(given.begin(), given.end(), is_input);
  const std::size_t activations = is.inputs < 0 ? given.size() : static_cast<std::size_t>(is.inputs);
  if (given.size() < activations || given.empty()) fail("the operator takes ", activations, " inputs, the node has ", given.size());

  layer l;
  l.name = from_.names[static_cast<std::size_t>(k)];
  l.relu = spelled.number("act_type") && *spelled.number("act_type") == 1;
  l.rounding_code = rounding_code_of(spelled, *made_.target);
  const bool keeps = is.rule == grid::keep;
  std::vector<integer_tensor> constants;
  std::vector<shape> shapes, parameter_shapes;
  std::vector<std::string> parameter_names;
  bool constant = true, scaled = !keeps;
  for (std::size_t i = 0; i < activations; ++i) constant = constant && given[i].first.as != use::input;
  constant = constant && !living_.count(n.output(0));
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto& [t, place] = given[i];
    if (t.name.empty()) fail("an input is left out that the operator needs");
    const wire& w = *find(t.name);
    if (i >= activations) {
      if (!w.constant) fail("parameter ", t.name, " must be a constant");
      const bool statistic = parameter_names.size() >= 2 && w.constant->type() == dtype::float32 && spelled.op.find("BatchNorm") != std::string::npos;
      if (statistic) continue;  // linger 1.x writes the running mean and variance too
      parameter_names.push_back(t.name);
      parameter_shapes.push_back(w.constant->dims());
      continue;
    }
    if (!w.constant) {
      const auto& e = edge(w.edge);
      const auto said = is.rule == grid::source ? std::nullopt : is.rule == grid::real && spelled.number("scale_o")
                                                            ? std::optional(exponent_of(*spelled.number("scale_o"), "scale_o")) : exponent_said(spelled, place);
      const auto bits = is.rule == grid::source ? std::nullopt : operand_bits_said(spelled, place);
      if (said && *said != e.exponent) fail("the attributes say that ", e.name, " counts in 2^", *said, ", it counts in 2^", e.exponent);
      if (bits && *bits != bits_of(e.type)) fail("the attributes say that ", e.name, " has ", *bits, " bits, it is ", lnn::name_of(e.type));
      l.inputs.push_back(w.edge);
      shapes.push_back(e.dims);
      continue;
    }
    constants.push_back(operand(spelled, t.name, *w.constant, w.scaled, place, keeps));
    scaled = scaled || w.scaled;
    shapes.push_back(constants.back().dims());
    if (!constant) l.inputs.push_back(constant_edge(t.name, constants.back()));
  }
  const shape_list dims = visit_op(op, [&](auto& o) {
    set_from_shapes(o, std::span<const shape>(shapes), std::span<const shape>(parameter_shapes));
    verdict found;
    return results_of(o, std::span<const shape>(shapes), found);
  });
  l.op = op;
  if (spelled.outputs > dims.size()) fail("the node has ", spelled.outputs, " outputs, the operator ", dims.size());
  for (const shape& d : dims) {
    std::uint64_t size = 1;
    for (int extent : d) size = std::min<std::uint64_t>(size * static_cast<std::uint64_t>(std::max(extent, 0)), std::uint64_t{1} << 40);
    if (size == 0 || size > std::uint64_t{1} << 30 || (constant && size > folded::room)) fail("the output of ", d, " is empty or too large");
  }
  const auto x = constant ? grid_of{constants[0].type(), constants[0].exponent()} : grid_of{edge(l.inputs[0]).type, edge(l.inputs[0]).exponent};
  if (constant && !parameter_names.empty()) fail("all inputs are constants; nothing is left to be computed when the network runs");
  if (!constant) put_parameters(n, spelled, parameter_names, l, shapes);
  const grid_of weight = l.parameters.empty() ? grid_of{} : grid_of{l.parameters[0].type(), l.parameters[0].exponent()};
  std::vector<integer_tensor> results;
  l.output = static_cast<int>(made_.edges.size());
  l.outputs = static_cast<int>(dims.size());
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const grid_of g = visit_op(op, [&](const auto& o) { return output_grid(o, spelled, i, x, weight, *made_.target); });
    const int at = static_cast<int>(i);
    const std::string name = at < n.output_size() && !n.output(at).empty() ? n.output(at) : sentence(l.name, ":", at);
    if (constant) {
      results.push_back(integer_tensor(g.type, dims[i], g.exponent));
      continue;
    }
    if (wires_.count(name)) fail("output ", name, " exists already");
    wires_[name].edge = add_edge(name, dims[i], g);
  }
  if (!constant) {
    made_.layers.push_back(std::move(l));
    return;
  }
  std::vector<integer_view> in, out;
  for (const integer_tensor& c : constants) in.push_back(c.access());
  for (integer_tensor& r : results) out.push_back(r.access());
  visit_op(op, [&](const auto& o) { o.integer(integer_call<luna::kernels>{in, out, *made_.target, false, nullptr, workers_}); });
  for (std::size_t i = 0; i < results.size() && static_cast<int>(i) < n.output_size(); ++i) {
    evaluated_[n.output(static_cast<int>(i))] = results[i];
    wires_[n.output(static_cast<int>(i))] = {-1, std::make_shared<const integer_tensor>(std::move(results[i])), scaled, false};
  }
}

template <class Ops>
void builder<Ops>::put_parameters(const message::NodeProto& n, const spelled_node& spelled, const std::vector<std::string>& names,
                                  layer& l, std::span<const shape> shapes) {
  const parameter_list wanted = visit_op(l.op, [&](const auto& op) { return frozen_parameters(op, shapes); });
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const integer_tensor& stored = *find(names[i])->constant;
    if (stored.type() >= dtype::int64) fail(wanted[i].name, " (", names[i], ") is ", lnn::name_of(stored.type()), ", expected quantized integers");
    const bool weight = scaled(wanted[i].kind);
    const grid_of g = weight ? weight_grid(spelled, wanted[i].name, stored.type()) : grid_of{dtype::int32, 0};
    if (weight && bits_of(g.type) > (wanted[i].kind == role::gain ? 16 : 8))
      fail(wanted[i].name, " (", names[i], ") is ", lnn::name_of(g.type), ", which no chip takes; quantize it to 8 bits");
    integer_tensor p(g.type, wanted[i].dims, g.exponent);
    const integer_view from = stored.access(), to = p.access();
    if (weight) std::memcpy(to.data, from.data, stored.byte_count());
    for (std::size_t e = 0; g.type == dtype::int4 && e < p.size(); ++e)
      if (from.at(e) < -8 || from.at(e) > 7) fail(wanted[i].name, " (", names[i], ") holds ", from.at(e), ", 4 bits hold -8 to 7");
    for (std::size_t e = 0; !weight && e < p.size(); ++e) to.as<std::int32_t>()[e] = static_cast<std::int32_t>(from.at(e));
    l.parameters.push_back(std::move(p));
    if (!weight) {
      l.parameters.back().set_exponent(visit_op(l.op, [&](const auto& op) { return bias_exponent_of(op, i, layer_exponents(made_, l, op).view()); }));
    }
    // linger 3.x keeps normalized values at exponent 15 and so its offset; the chips at 10 (engine_defects.md, decision 2)
    if (!weight && n.op_type().substr(0, 10) == "QLayerNorm") {
      const double* normal = spelled.number("scale_y_normal");
      const int finer = (normal ? exponent_of(*normal, "scale_y_normal") : 15) - 10;
      std::int32_t* beta = l.parameters.back().template as<std::int32_t>();
      for (std::size_t e = 0; e < l.parameters.back().size(); ++e) beta[e] = saturate<std::int32_t>(rescale(std::int64_t{beta[e]}, finer, 0));
    }
    l.parameter_names.push_back(names[i]);
  }
}

}  // namespace lnn::onnx::detail
