// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "frozen.hpp"

namespace lnn {

/// The part of a frozen model between some of its tensors, which become its inputs and outputs: only the layers and
/// tensors that the outputs need.  Empty lists keep the model's own.  Fails where a tensor is unknown, or an output needs
/// an input that is not among the named ones.
template <class Ops>
[[nodiscard]] frozen<Ops> cut(const frozen<Ops>& m, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  const auto places = [&](const std::vector<std::string>& names, const std::vector<int>& own) {
    if (names.empty()) return own;
    std::vector<int> all;
    for (const std::string& name : names) {
      all.push_back(m.find(name));
      if (all.back() < 0) fail("cut: the model has no tensor ", name, "; use the name of one of its ", m.edges.size(), " tensors");
    }
    return all;
  };
  const std::vector<int> from = places(inputs, m.inputs), to = places(outputs, m.outputs);
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  std::vector<bool> given(m.edges.size(), false), needed(m.edges.size(), false), runs(m.layers.size(), false);
  for (int e : from) given[at(e)] = needed[at(e)] = true;
  for (int e : to) needed[at(e)] = true;
  for (std::size_t k = m.layers.size(); k-- > 0;) {
    const auto& l = m.layers[k];
    for (int e = l.output; e < l.output + l.outputs; ++e) runs[k] = runs[k] || (needed[at(e)] && !given[at(e)]);
    if (!runs[k]) continue;
    for (int e : l.inputs) needed[at(e)] = true;
    for (int e = l.output; e < l.output + l.outputs; ++e) {
      if (given[at(e)]) fail("cut: ", m.edges[at(e)].name, " cannot be an input while another output of ", l.name, " is needed");
      needed[at(e)] = true;
    }
  }
  std::vector<int> moved(m.edges.size(), -1);
  frozen<Ops> part = m;
  part.edges.clear();
  part.layers.clear();
  for (std::size_t e = 0; e < m.edges.size(); ++e)
    if (needed[e]) {
      moved[e] = static_cast<int>(part.edges.size());
      part.edges.push_back(m.edges[e]);
    }
  for (int e : m.inputs)
    if (needed[at(e)] && !given[at(e)]) fail("cut: input ", m.edges[at(e)].name, " is needed too; name it among the inputs");
  for (int& e : part.inputs = from) e = moved[at(e)];
  for (int& e : part.outputs = to) e = moved[at(e)];
  for (std::size_t k = 0; k < m.layers.size(); ++k) {
    if (!runs[k]) continue;
    part.layers.push_back(m.layers[k]);
    for (int& e : part.layers.back().inputs) e = moved[at(e)];
    part.layers.back().output = moved[at(m.layers[k].output)];
  }
  return part;
}

}  // namespace lnn
