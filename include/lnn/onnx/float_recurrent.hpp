// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "float_layer.hpp"
#include "float_nodes.hpp"

namespace lnn::onnx::detail {

/// Gates of one recurrent direction from ONNX's order to the library's, or with `back` the other way: blocks of `rows` rows.
inline tensor<float> gates_in_order(std::span<const float> x, const shape& dims, std::span<const int> order, bool back) {
  tensor<float> y(dims);
  const std::size_t block = y.size() / order.size();
  for (std::size_t g = 0; g < order.size(); ++g) {
    const auto other = static_cast<std::size_t>(order[g]);
    std::copy_n(x.data() + (back ? g : other) * block, block, y.data() + (back ? other : g) * block);
  }
  return y;
}
/// ONNX has the gates of an LSTM in the order i, o, f, c, of a GRU z, r, h; the library i, f, c, o and r, z, h.
inline constexpr int lstm_gates[] = {0, 2, 3, 1}, gru_gates[] = {1, 0, 2};

/// ONNX's LSTM and GRU: x [time, batch, features] -> y [time, directions, batch, hidden].
template <class Ops, class Op>
void add_recurrent(float_state<Ops>& s, const std::string& name, const message::NodeProto& n, const spelled_node& spelled, const std::vector<const wire*>& in,
                   std::span<const int> order) {
  const auto constant = [&](std::size_t i) -> const integer_tensor* { return i < in.size() && in[i] && in[i]->constant ? in[i]->constant.get() : nullptr; };
  const auto text = [&](std::string_view attribute, std::string_view otherwise) {
    const auto at = spelled.texts.find(attribute);
    return at == spelled.texts.end() ? std::string(otherwise) : at->second;
  };
  if (in.size() < 3 || !in[0] || in[0]->edge < 0 || !constant(1) || !constant(2)) fail("the weights must be constants");
  for (std::size_t i = 4; i < in.size(); ++i)
    if (in[i]) fail("input ", n.input(static_cast<int>(i)), " is not supported: only sequences of one length that start with a state of 0 can be trained");
  for (const auto& a : n.attribute())
    for (const std::string_view no : {"activations", "activation_alpha", "activation_beta", "clip", "input_forget", "layout"})
      if (a.name() == no && (a.type() != a.INT || a.i() != 0)) fail("attribute ", no, " is not supported");
  const double* before = spelled.number("linear_before_reset");
  if (Op::name == "gru" && (!before || *before != 1)) fail("attribute linear_before_reset is not 1; the chips' cell resets behind the product");
  const std::string direction = text("direction", "forward");
  const shape w = constant(1)->dims(), r = constant(2)->dims();
  const int gates = static_cast<int>(order.size());
  if (w.rank() != 3 || r.rank() != 3 || w[1] % gates != 0 || r[1] != w[1] || r[2] != w[1] / gates || r[0] != w[0] || w[0] != (direction == "bidirectional" ? 2 : 1))
    fail("weights of ", w, " and ", r, " do not belong together");
  Op op;
  op.hidden = r[2];
  op.batch_first = false;
  op.bidirectional = direction == "bidirectional";
  op.go_forward = direction != "reverse";
  op.bias = constant(3) != nullptr;
  for (int i = 1; i < n.output_size(); ++i) op.final_state = op.final_state || (!n.output(i).empty() && s.from.is_used(n.output(i)));
  const int edge = s.add(name, op, {in[0]->edge});
  const tensor<float> wi = real_tensor(*constant(1), w, "W"), wh = real_tensor(*constant(2), r, "R");
  const tensor<float> b = op.bias ? real_tensor(*constant(3), {w[0], 2 * w[1]}, "B") : tensor<float>();
  for (int d = 0; d < w[0]; ++d) {
    const std::string_view tail = d == 0 ? "" : "_reverse";
    const auto at = static_cast<std::size_t>(d), rows = static_cast<std::size_t>(w[1]);
    const auto part = [&](const tensor<float>& t, std::size_t from, std::size_t count) { return std::span<const float>(t.data() + from, count); };
    s.put(name, sentence("weight_ih", tail), role::weight, gates_in_order(part(wi, at * rows * static_cast<std::size_t>(w[2]), rows * static_cast<std::size_t>(w[2])), {w[1], w[2]}, order, false));
    s.put(name, sentence("weight_hh", tail), role::weight, gates_in_order(part(wh, at * rows * static_cast<std::size_t>(r[2]), rows * static_cast<std::size_t>(r[2])), {r[1], r[2]}, order, false));
    if (!op.bias) continue;
    s.put(name, sentence("bias_ih", tail), role::bias, gates_in_order(part(b, at * 2 * rows, rows), {w[1]}, order, false));
    s.put(name, sentence("bias_hh", tail), role::bias, gates_in_order(part(b, (at * 2 + 1) * rows, rows), {w[1]}, order, false));
  }
  // y [time, batch, directions * hidden] as ONNX has it
  if (n.output_size() > 0 && s.from.is_used(n.output(0))) {
    const int apart = s.add(name + "/apart", reshape{{0, 0, w[0], op.hidden}}, {edge});
    s.wires[n.output(0)].edge = s.add(name + "/y", transpose{{0, 2, 1, 3}}, {apart});
  }
  for (int i = 1; op.final_state && i < n.output_size(); ++i)
    if (!n.output(i).empty()) s.wires[n.output(i)].edge = s.add(sentence(name, "/state", i), transpose{{1, 0, 2}}, {edge + i});
}

/// The same from the library, behind transposes between its order of axes and ONNX's.
template <class Ops, class Op>
void put_recurrent(float_nodes<Ops>& to, const node<Ops>& n, const Op& op, const std::vector<std::string>& in, const std::string& out) {
  constexpr bool long_memory = Op::name == "lstm";
  const std::span<const int> order = long_memory ? std::span<const int>(lstm_gates) : std::span<const int>(gru_gates);
  if (op.lengths || op.initial_state) fail("lengths and initial states cannot be written");
  const std::string own(n.name);
  const int directions = op.bidirectional ? 2 : 1, gates = static_cast<int>(order.size()), rows = gates * op.hidden;
  const shape x = to.dims(n.inputs[0]);
  std::string from = in[0];
  if (op.batch_first) {
    from = to.fresh(own + "/x");
    attribute_writer(to.node("Transpose", own + "/time_first", {in[0]}, from)).wholes("perm", std::array{1, 0, 2});
  }
  tensor<float> w({directions, rows, x[2]}), r({directions, rows, op.hidden}), b({directions, 2 * rows});
  for (int d = 0; d < directions; ++d) {
    const std::string_view tail = d == 0 ? "" : "_reverse";
    const auto copy = [&](std::string_view part, tensor<float>& all, std::size_t at) {
      const tensor<float>& own_part = to.weights().of(n.name, sentence(part, tail)).value;
      const tensor<float> turned = gates_in_order({own_part.data(), own_part.size()}, own_part.dims(), order, true);
      std::copy_n(turned.data(), turned.size(), all.data() + at * turned.size());
    };
    copy("weight_ih", w, static_cast<std::size_t>(d));
    copy("weight_hh", r, static_cast<std::size_t>(d));
    if (op.bias) copy("bias_ih", b, static_cast<std::size_t>(2 * d)), copy("bias_hh", b, static_cast<std::size_t>(2 * d + 1));
  }
  std::vector<std::string> operands{from, to.put(own + ".W", w), to.put(own + ".R", r)};
  if (op.bias) operands.push_back(to.put(own + ".B", b));
  const std::string y = to.fresh(own + "/y"), apart = to.fresh(own + "/apart");
  auto& cell = to.node(long_memory ? "LSTM" : "GRU", n.name, operands, y);
  attribute_writer a(cell);
  a.whole("hidden_size", op.hidden);
  a.text("direction", op.bidirectional ? "bidirectional" : op.go_forward ? "forward" : "reverse");
  if (!long_memory) a.whole("linear_before_reset", 1);
  for (int i = 1; i < n.outputs; ++i) {
    const std::string state = to.fresh(sentence(own, "/state", i));
    cell.add_output(state);
    attribute_writer(to.node("Transpose", sentence(own, "/state_first", i), {state}, to.name(n.output + i))).wholes("perm", std::array{1, 0, 2});
  }
  const auto perm = op.batch_first ? std::array{2, 0, 1, 3} : std::array{0, 2, 1, 3};
  attribute_writer(to.node("Transpose", own + "/batch", {y}, apart)).wholes("perm", perm);
  to.node("Reshape", own + "/joined", {apart, to.whole(own + ".joined", {0, 0, double(directions * op.hidden)})}, out);
}

}  // namespace lnn::onnx::detail
