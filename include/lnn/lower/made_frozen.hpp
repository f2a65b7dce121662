// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/frozen.hpp"
#include "made.hpp"

namespace lnn::lower {

/// A frozen model as a program: its types, exponents, names and constants.  Labels view the model's strings,
/// which must outlive the program.  Parameters of one name, type and shape are one tensor.
template <class Ops>
[[nodiscard]] program made(const frozen<Ops>& m) {
  program p;
  for (std::size_t e = 0; e < m.edges.size(); ++e) {
    const auto& from = m.edges[e];
    tensor t{.dims = from.dims, .type = from.type, .edge = static_cast<int>(e)};
    if (from.type != dtype::float32 && from.type != dtype::float64) t.scale = from.exponent;
    if (from.value) t.from = origin::value;
    t.name.add(std::string_view(from.name));
    p.add(t);  // tensor e is edge e
  }
  p.inputs = m.inputs;
  p.outputs = m.outputs;
  std::vector<std::pair<std::string_view, int>> shared;  // names of parameters that files gave
  for (std::size_t i = 0; i < m.layers.size(); ++i) {
    const auto& l = m.layers[i];
    std::vector<int> outputs, parameters;
    for (int o = 0; o < l.outputs; ++o) outputs.push_back(l.output + o);
    visit_op(l.op, [&](const auto& op) {
      std::vector<limit::operand> around;
      list<shape, 16> in;
      for (int t : l.inputs) {
        around.push_back(detail::operand_of(p.at(t)));
        in.push_back(p.at(t).dims);
      }
      for (int t : outputs) around.push_back(detail::operand_of(p.at(t)));
      std::vector<std::string_view> names;
      for (const parameter& q : op.parameters(std::span<const shape>(in.data(), in.size())))
        if (trained(q.kind)) names.push_back(q.name);
      for (std::size_t k = 0; k < l.parameters.size(); ++k) {
        const integer_tensor& from = l.parameters[k];
        tensor t{.dims = from.dims(),
                 .type = from.type(),
                 .scale = limit::exponent(from.exponent()),
                 .from = origin::parameter,
                 .layer = static_cast<int>(i),
                 .parameter = static_cast<int>(k)};
        const std::string_view own =
            k < l.parameter_names.size() ? std::string_view(l.parameter_names[k]) : std::string_view{};
        if (own.empty())
          t.name.add(std::string_view(l.name)).add(".").add(k < names.size() ? names[k] : "bias");
        else
          t.name.add(own);
        int place = -1;
        for (const auto& [name, tensor] : shared)
          if (!own.empty() && name == own && p.at(tensor).dims == t.dims && p.at(tensor).type == t.type)
            place = tensor;
        if (place < 0) {
          place = p.add(t);
          if (!own.empty()) shared.emplace_back(own, place);
        }
        parameters.push_back(place);
        around.push_back(detail::operand_of(t));
      }
      const std::span<const limit::operand> all = around;
      const layer_tensors tensors{all.first(l.inputs.size()), all.subspan(l.inputs.size(), outputs.size()),
                                  all.subspan(l.inputs.size() + outputs.size())};
      const std::size_t before = p.steps.size();
      detail::add_layer(
          p, op, tensors,
          {static_cast<int>(i), label(std::string_view(l.name)), l.inputs, outputs, parameters, l.relu});
      p.steps[before].rounding_code = l.rounding_code;
    });
  }
  return p;
}

}  // namespace lnn::lower
