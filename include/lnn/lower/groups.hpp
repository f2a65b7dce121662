// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "pieces.hpp"

namespace lnn::lower {

namespace detail {

[[nodiscard]] constexpr bool convolves(std::string_view op) {
  return is(op, "Conv2dInt") || is(op, "Conv1dInt") || is(op, "ConvTranspose2dInt");
}

/// One convolution for each group, between a Split and a concat.
constexpr void split_group(program& p, const step& s, std::vector<step>& out) {
  const int groups = s.as.group;
  const std::size_t since = p.tensors.size();
  step cut{.op = "Split", .inputs = {s.inputs[0]}};
  cut.name.add(s.name).add("_split");
  cut.as.op = cut.op;
  cut.as.axis = 1;
  cut.as.count = groups;
  std::vector<step> convolutions;
  std::vector<int> parts;
  for (int g = 0; g < groups; ++g) {
    const auto part_of = [&](int whole, const label& before, int axis) {
      const int count = p.at(whole).dims[axis] / groups;
      label name = before;
      name.add("_").add(g);
      if (p.at(whole).constant()) return add_part(p, since, whole, axis, g * count, count, name);
      tensor t = p.at(whole);
      t.name = name;
      t.dims[axis] = count;
      t.like = t.edge >= 0 ? t.edge : t.like;
      t.edge = -1;
      return p.add(t);
    };
    step one = s;
    one.name.add("_g").add(g);
    one.as.group = 1;
    one.inputs.clear();
    one.inputs.push_back(part_of(s.inputs[0], p.at(s.inputs[0]).name, 1));
    cut.outputs.push_back(one.inputs[0]);
    for (std::size_t i = 1; i < s.inputs.size(); ++i)
      one.inputs.push_back(part_of(s.inputs[i], p.at(s.inputs[i]).name, 0));
    label made = p.at(s.outputs[0]).name;
    made.add("_").add(s.name);
    one.outputs = {part_of(s.outputs[0], made, 1)};
    parts.push_back(one.outputs[0]);
    convolutions.push_back(one);
  }
  out.push_back(cut);
  for (step& one : convolutions) out.push_back(static_cast<step&&>(one));
  out.push_back(join(s, parts, 1));
}

}  // namespace detail

/// Convolutions in groups, unless every channel is one, become convolutions of their own between a Split and
/// a concat (packer.md section 5).  Groups that do not divide the channels are left alone: a rule refuses
/// them.
[[nodiscard]] constexpr program split_groups(program p) {
  bool any = false;
  for (const step& s : p.steps) any = any || (detail::convolves(s.op) && s.as.group > 1);
  if (!any) return p;
  std::vector<step> all = static_cast<std::vector<step>&&>(p.steps), out;
  for (step& s : all) {
    const int g = s.as.group;
    const bool grouped = detail::convolves(s.op) && g > 1 && g != p.at(s.outputs[0]).dims[1] &&
                         p.at(s.outputs[0]).dims[1] % g == 0 && p.at(s.inputs[0]).dims[1] % g == 0;
    if (grouped)
      detail::split_group(p, s, out);
    else
      out.push_back(static_cast<step&&>(s));
  }
  p.steps = static_cast<std::vector<step>&&>(out);
  return p;
}

}  // namespace lnn::lower
