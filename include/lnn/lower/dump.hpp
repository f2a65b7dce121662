// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "../core/error.hpp"
#include "program.hpp"

namespace lnn::lower {

namespace detail {

inline void put(std::string& out, const tensor& t) {
  out += t.name.text();
  out += sentence(" ", name_of(t.type), " ", t.dims);
  if (t.scale.whole()) out += sentence(" q", t.scale.value);
  if (t.laid == order::ncwh) out += " ncwh";
  if (t.from == origin::value) out += " constant";
  if (t.from == origin::parameter) out += " parameter";
  for (const piece& p : t.pieces)
    out += sentence(" [", p.first, ", ", p.first + p.count, ") of axis ", p.axis);
  if (t.turned) out += " turned";
  if (t.from != origin::numbers) return;
  out += " =";
  for (long long n : t.numbers) out += sentence(" ", n);
}

}  // namespace detail

/// The program as text: a step in each paragraph, its tensors below it.  For people and for comparing two
/// passes.
[[nodiscard]] inline std::string dump(const program& p) {
  std::string out;
  const auto list = [&](const char* what, const auto& all) {
    for (int t : all) {
      out += what;
      detail::put(out, p.at(t));
      out += '\n';
    }
  };
  list("input  ", p.inputs);
  for (const step& s : p.steps) {
    out += sentence("\n", s.op, " ", s.name.text(), s.relu ? " + relu" : "");
    const auto numbers = [&](const char* name, const limit::numbers& all) {
      if (all.empty()) return;
      out += sentence(", ", name);
      for (int n : all) out += sentence(" ", n);
    };
    numbers("kernel", s.as.kernel);
    numbers("stride", s.as.stride);
    numbers("pad", s.as.pad);
    numbers("dilation", s.as.dilation);
    numbers("perm", s.as.perm);
    if (s.as.group != 1) out += sentence(", group ", s.as.group);
    if (s.as.axis != 0) out += sentence(", axis ", s.as.axis);
    if (s.as.count != 0) out += sentence(", count ", s.as.count);
    out += '\n';
    list("  reads  ", s.inputs);
    list("  makes  ", s.outputs);
  }
  out += '\n';
  list("output ", p.outputs);
  return out;
}

}  // namespace lnn::lower
