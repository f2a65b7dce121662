// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "wiring.hpp"

namespace lnn::lower {

/// A part of a constant tensor along an axis, as a constant of its own; a part that is there already is
/// shared.
constexpr int add_part(program& p, std::size_t since, int whole, int axis, int first, int count,
                       const label& name) {
  tensor t = p.at(whole);
  t.name = name;
  t.dims[axis] = count;
  const int source = t.turned && axis >= t.dims.rank() - 2 ? 2 * t.dims.rank() - 3 - axis : axis;
  t.pieces.push_back({source, first, count});
  for (std::size_t i = since; i < p.tensors.size(); ++i) {
    const tensor& there = p.tensors[i];
    if (t.from == origin::parameter && there.from == t.from && there.layer == t.layer &&
        there.parameter == t.parameter && there.type == t.type && there.turned == t.turned &&
        there.dims == t.dims && there.pieces == t.pieces)
      return static_cast<int>(i);
  }
  return p.add(t);
}

/// The step that joins parts of a result along an axis, which may be counted from the end.
constexpr step join(const step& s, const std::vector<int>& parts, int axis) {
  step all{.op = "iqCat", .inputs = std::span<const int>(parts), .outputs = s.outputs};
  all.name.add(s.name).add("_concat");
  all.as.op = all.op;
  all.as.axis = axis;
  return all;
}

}  // namespace lnn::lower
