// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "graph.hpp"

namespace lnn {

/// An operator in words: "conv2d kernel_shape=3,3 strides=1,1 pads=0,0,0,0 dilations=1,1 group=1 out=8 bias=1".
/// Numbers are written so that they read back the same.
template <class Op>
[[nodiscard]] std::string note_of(const Op& op) {
  std::string out(Op::name);
  for_each_field(op, [&](const auto& f, const auto& value) {
    out.append(" ").append(f.name).append("=");
    const char* between = "";
    for (const double v : numbers(value)) {
      char digits[32];
      std::snprintf(digits, sizeof digits, "%.9g", v);
      out.append(between).append(digits);
      between = ",";
    }
  });
  return out;
}

/// The operator that note_of described; throws when the name or an attribute is unknown.
template <class Ops>
[[nodiscard]] typename Ops::any read_note(std::string_view note) {
  const auto word = [&] {
    const std::size_t end = std::min(note.find(' '), note.size());
    const std::string_view w = note.substr(0, end);
    note.remove_prefix(std::min(end + 1, note.size()));
    return w;
  };
  const std::string_view name = word();
  typename Ops::any made;
  Ops::for_each([&](auto op) {
    if (op.name == name) made = op;
  });
  if (made.index() == 0) fail("operator '", name, "' is unknown; read the file with a set of operators that has it");
  while (!note.empty()) {
    const std::string_view w = word();
    const std::size_t eq = std::min(w.find('='), w.size());
    number_list values;
    bool sane = true;  // numbers that every attribute's type holds
    for (std::size_t at = eq + 1; at < w.size();) {
      const std::size_t end = std::min(w.find(',', at), w.size());
      values.push_back(std::strtod(std::string(w.substr(at, end - at)).c_str(), nullptr));
      at = end + 1;
      sane = sane && !values.overflow();
    }
    bool known = false;
    visit_op(made, [&](auto&& op) {
      for_each_field(op, [&](const auto& f, auto& value) {
        if (f.name != w.substr(0, eq)) return;
        if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(value)>, float>)
          for (const double v : values) sane = sane && std::abs(v) <= 2147483647.0;
        known = sane && assign(value, values);
      });
    });
    if (!known) fail("operator ", name, ": attribute '", w, "' is unknown or has another number of values");
  }
  return made;
}

/// A network in words, one line per input and layer, for checkpoints and for telling two networks apart.
template <class Ops>
[[nodiscard]] std::vector<std::string> notes_of(const graph_view<Ops>& net) {
  std::vector<std::string> lines;
  for (int e : net.inputs)
    lines.push_back(sentence(net.edges[static_cast<std::size_t>(e)].label(), " = input ", net.edges[static_cast<std::size_t>(e)].dims));
  for (const node<Ops>& n : net.nodes) {
    std::string line = sentence(n.name, " = ", visit_op(n.op, [](const auto& op) { return note_of(op); }), " (");
    const char* between = "";
    for (int e : n.inputs) {
      line.append(between).append(net.edges[static_cast<std::size_t>(e)].label());
      between = ", ";
    }
    lines.push_back(line + ")");
  }
  return lines;
}

}  // namespace lnn
