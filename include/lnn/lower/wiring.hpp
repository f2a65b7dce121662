// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "program.hpp"

namespace lnn::lower {

/// Who makes and who reads the tensors of a program.
struct wiring {
  std::vector<int> maker, reader,
      readers;              ///< of every tensor: step, one of the steps, how many steps and outputs read it
  std::vector<char> given;  ///< is an output of the program

  constexpr explicit wiring(const program& p)
      : maker(p.tensors.size(), -1),
        reader(p.tensors.size(), -1),
        readers(p.tensors.size(), 0),
        given(p.tensors.size(), 0) {
    for (std::size_t s = 0; s < p.steps.size(); ++s) {
      for (int t : p.steps[s].inputs) {
        reader[at(t)] = static_cast<int>(s);
        ++readers[at(t)];
      }
      for (int t : p.steps[s].outputs) maker[at(t)] = static_cast<int>(s);
    }
    for (int t : p.outputs) {
      given[at(t)] = 1;
      ++readers[at(t)];
    }
  }
  /// The only step that reads a tensor, or -1.
  [[nodiscard]] constexpr int only_reader(int t) const {
    return readers[at(t)] == 1 && given[at(t)] == 0 ? reader[at(t)] : -1;
  }
  [[nodiscard]] static constexpr std::size_t at(int t) { return static_cast<std::size_t>(t); }
};

/// Lets everything that reads tensor `from` read tensor `to`.
constexpr void reconnect(program& p, int from, int to) {
  for (step& s : p.steps)
    for (int& t : s.inputs)
      if (t == from) t = to;
  for (int& t : p.outputs)
    if (t == from) t = to;
}

/// Leaves out the steps that are marked.
constexpr void drop(program& p, const std::vector<char>& marked) {
  std::size_t kept = 0;
  for (std::size_t s = 0; s < p.steps.size(); ++s) {
    if (marked[s]) continue;
    if (kept != s) p.steps[kept] = static_cast<step&&>(p.steps[s]);
    ++kept;
  }
  p.steps.resize(kept);
}

/// Steps in the order in which the reference packer runs them, depth first from the outputs, without those
/// whose results nobody needs; tensors in the order inputs, constants, results, each as the steps meet them.
constexpr program sorted(program p) {
  const wiring w(p);
  std::vector<char> seen(p.steps.size(), 0);
  std::vector<step> steps;
  struct visit {
    int step;
    std::size_t next;
  };
  std::vector<visit> way;
  steps.reserve(p.steps.size());
  for (int o : p.outputs) {
    const int first = w.maker[wiring::at(o)];
    if (first < 0 || seen[wiring::at(first)]) continue;
    seen[wiring::at(first)] = 1;
    way.push_back({first, 0});
    while (!way.empty()) {
      const int here = way.back().step;
      const wires& in = p.steps[wiring::at(here)].inputs;
      if (way.back().next == in.size()) {
        steps.push_back(static_cast<step&&>(p.steps[wiring::at(here)]));
        way.pop_back();
        continue;
      }
      const int maker = w.maker[wiring::at(in[way.back().next++])];
      if (maker < 0 || seen[wiring::at(maker)]) continue;
      seen[wiring::at(maker)] = 1;
      way.push_back({maker, 0});
    }
  }
  program out;
  out.tensors.reserve(p.tensors.size());
  std::vector<int> place(p.tensors.size(), -1);
  const auto take = [&](int t) {
    if (place[wiring::at(t)] < 0) place[wiring::at(t)] = out.add(p.at(t));
  };
  for (int t : p.inputs) take(t);
  for (const step& s : steps)
    for (int t : s.inputs)
      if (p.at(t).constant()) take(t);
  for (const step& s : steps) {
    for (int t : s.inputs) take(t);
    for (int t : s.outputs) take(t);
  }
  for (int t : p.outputs) take(t);
  for (step& s : steps) {
    for (int& t : s.inputs) t = place[wiring::at(t)];
    for (int& t : s.outputs) t = place[wiring::at(t)];
  }
  for (int t : p.inputs) out.inputs.push_back(place[wiring::at(t)]);
  for (int t : p.outputs) out.outputs.push_back(place[wiring::at(t)]);
  out.steps = static_cast<std::vector<step>&&>(steps);
  return out;
}

/// Leaves out tensors that nothing makes or reads; the others keep their order.
constexpr program swept(program p) {
  std::vector<char> used(p.tensors.size(), 0);
  const auto use = [&](const auto& all) {
    for (int t : all) used[wiring::at(t)] = 1;
  };
  use(p.inputs);
  use(p.outputs);
  for (const step& s : p.steps) {
    use(s.inputs);
    use(s.outputs);
  }
  std::vector<int> place(p.tensors.size(), -1);
  std::size_t kept = 0;
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    if (!used[t]) continue;
    if (kept != t) p.tensors[kept] = p.tensors[t];
    place[t] = static_cast<int>(kept++);
  }
  if (kept == p.tensors.size()) return p;
  p.tensors.resize(kept);
  const auto move = [&](auto& all) {
    for (int& t : all) t = place[wiring::at(t)];
  };
  move(p.inputs);
  move(p.outputs);
  for (step& s : p.steps) {
    move(s.inputs);
    move(s.outputs);
  }
  return p;
}

}  // namespace lnn::lower
