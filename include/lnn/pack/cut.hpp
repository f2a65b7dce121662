// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "../core/error.hpp"
#include "../lower/wiring.hpp"

namespace lnn::packing {

/// The part of a program between the named tensors: it begins with `inputs` and ends with `outputs`; an empty list leaves
/// that end as it is.  Steps that nothing needs any more go in the pass that orders the steps.
[[nodiscard]] inline lower::program cut(lower::program p, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  if (inputs.empty() && outputs.empty()) return p;
  const auto find = [&](const std::string& name) {
    bool constant = false;
    for (std::size_t i = 0; i < p.tensors.size(); ++i)
      if (p.tensors[i].name.text() == name) {
        if (!p.tensors[i].constant()) return static_cast<int>(i);
        constant = true;
      }
    if (constant)
      fail("pack: ", name, " is a constant, which nothing can be cut at; name a tensor that a layer computes, as lnn info lists them");
    fail("pack: there is no tensor ", name, " to cut at; lnn info lists the names");
  };
  const auto among = [](const std::vector<int>& all, int t) { return std::find(all.begin(), all.end(), t) != all.end(); };
  if (!outputs.empty()) p.outputs.clear();
  for (const std::string& name : outputs) p.outputs.push_back(find(name));
  if (!inputs.empty()) {
    const std::vector<int> before = p.inputs;
    p.inputs.clear();
    for (const std::string& name : inputs) p.inputs.push_back(find(name));
    std::vector<char> gone(p.steps.size(), 0);
    for (std::size_t s = 0; s < p.steps.size(); ++s)
      for (int t : p.steps[s].outputs)
        if (among(p.inputs, t)) gone[s] = 1;
    lower::drop(p, gone);
    // an input that is left out must not be needed any more
    std::vector<int> open = p.outputs;
    const lower::wiring w(p);
    std::vector<char> seen(p.tensors.size(), 0);
    for (std::size_t i = 0; i < open.size(); ++i) {
      const int t = open[i];
      if (seen[static_cast<std::size_t>(t)] || p.at(t).constant() || among(p.inputs, t)) continue;
      seen[static_cast<std::size_t>(t)] = 1;
      const int maker = w.maker[static_cast<std::size_t>(t)];
      if (maker < 0)
        fail("pack: ", p.at(t).name.text(), " is needed but not among the inputs to cut at; name it as well",
             among(before, t) ? "" : ", or another output of its operator");
      for (int in : p.steps[static_cast<std::size_t>(maker)].inputs) open.push_back(in);
    }
  }
  return p;
}

}  // namespace lnn::packing
