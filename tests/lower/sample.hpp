// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/graph/describe.hpp>
#include <lnn/lower/made.hpp>
#include <string>

/// Small programs for the tests of passes.
namespace sample {

template <class Build>
[[nodiscard]] lnn::lower::program made(const Build& build, const lnn::chip& on = lnn::venus) {
  lnn::graph<> net;
  build(net);
  net.finish();
  return lnn::lower::made(net.view(), on);
}

/// "Conv2dInt+relu iqAdd": the operators in their order.
[[nodiscard]] inline std::string operators(const lnn::lower::program& p) {
  std::string all;
  for (const lnn::lower::step& s : p.steps) {
    if (!all.empty()) all += ' ';
    all.append(s.op).append(s.relu ? "+relu" : "");
  }
  return all;
}

/// Every tensor that is read is there before it is read, and nothing is made twice.
[[nodiscard]] inline bool is_sound(const lnn::lower::program& p) {
  std::vector<char> there(p.tensors.size(), 0);
  for (std::size_t t = 0; t < p.tensors.size(); ++t) there[t] = p.tensors[t].constant() ? 1 : 0;
  const auto at = [](int t) { return static_cast<std::size_t>(t); };
  for (int t : p.inputs) there[at(t)] = 1;
  for (const lnn::lower::step& s : p.steps) {
    for (int t : s.inputs)
      if (!there[at(t)]) return false;
    for (int t : s.outputs) {
      if (there[at(t)]) return false;
      there[at(t)] = 1;
    }
  }
  for (int t : p.outputs)
    if (!there[at(t)]) return false;
  return true;
}

}  // namespace sample
