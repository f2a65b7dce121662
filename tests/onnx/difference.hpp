// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/graph/frozen.hpp>
#include <lnn/graph/note.hpp>

/// The first thing in which two frozen models differ; empty where they are the same.
template <class Ops>
std::string difference(const lnn::frozen<Ops>& a, const lnn::frozen<Ops>& b) {
  using lnn::sentence;
  if (a.name != b.name) return sentence("name ", a.name, " and ", b.name);
  if (a.target != b.target) return "chip";
  if (a.inputs != b.inputs || a.outputs != b.outputs) return "inputs or outputs";
  if (!(a.symbols == b.symbols)) return "symbols";
  if (a.edges.size() != b.edges.size()) return sentence(a.edges.size(), " and ", b.edges.size(), " tensors");
  if (a.layers.size() != b.layers.size()) return sentence(a.layers.size(), " and ", b.layers.size(), " layers");
  for (std::size_t i = 0; i < a.edges.size(); ++i) {
    const auto &x = a.edges[i], &y = b.edges[i];
    if (x.name != y.name) return sentence("tensor ", x.name, " and ", y.name);
    if (!(x.dims == y.dims) || x.type != y.type || x.exponent != y.exponent)
      return sentence("tensor ", x.name, " ", x.dims, " ", name_of(x.type), " ", x.exponent, " and ", y.dims, " ", name_of(y.type), " ", y.exponent);
    if (!(x.value == y.value)) return sentence("constant ", x.name);
    if (!(x.form == y.form)) return sentence("form of ", x.name);
  }
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    const auto &x = a.layers[i], &y = b.layers[i];
    if (x.name != y.name) return sentence("layer ", x.name, " and ", y.name);
    const auto note = [](const auto& l) { return lnn::visit_op(l.op, [](const auto& op) { return note_of(op); }); };
    if (note(x) != note(y)) return sentence(x.name, ": ", note(x), " and ", note(y));
    if (x.inputs != y.inputs || x.output != y.output || x.outputs != y.outputs) return sentence(x.name, ": tensors");
    if (x.relu != y.relu) return sentence(x.name, ": relu");
    if (x.rounding_code != y.rounding_code) return sentence(x.name, ": rounding code ", x.rounding_code, " and ", y.rounding_code);
    if (x.parameter_names != y.parameter_names) return sentence(x.name, ": names of parameters");
    if (!(x.parameters == y.parameters)) return sentence(x.name, ": parameters");
  }
  return {};
}
