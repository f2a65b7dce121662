// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../op/registry.hpp"

namespace lnn {

namespace detail {

/// Dimensions of one output for that many samples: the description's with axis 0 replaced, unless the
/// operator, asked for inputs of that many, makes another number of elements (arg_max: twice the samples; a
/// transpose of axis 0).
inline shape batched_output(std::string_view layer, const shape& described, const shape* computed,
                            int samples) {
  const shape simple = described.with_batch(samples);
  const bool by_sample = simple.size() == described.size() * static_cast<std::size_t>(samples);
  if (computed && !(by_sample && computed->size() == simple.size())) return *computed;
  if (!by_sample)
    fail(layer, ": makes ", described, " of one sample, which cannot be done for ", samples,
         " at once; use batches of 1");
  return simple;
}

}  // namespace detail

/// Dimensions of every tensor of a network, or of a frozen model, when it computes that many samples at once.
/// A network is described for one sample; most operators leave axis 0 alone, the others are asked; constants stay as
/// they are.  Throws where a layer takes one sample only.
template <class Layers, class Edges>
[[nodiscard]] std::vector<shape> batched_dims(const Layers& layers, const Edges& edges,
                                              std::span<const int> inputs, int samples) {
  std::vector<shape> dims;
  for (const auto& e : edges) dims.push_back(e.dims);
  for (int e : inputs)
    dims[static_cast<std::size_t>(e)] = dims[static_cast<std::size_t>(e)].with_batch(samples);
  for (const auto& l : layers) {
    std::vector<shape> in;
    for (int e : l.inputs) in.push_back(dims[static_cast<std::size_t>(e)]);
    verdict found;
    found.layer = l.name;
    const shape_list out =
        visit_op(l.op, [&](const auto& op) { return results_of(op, std::span<const shape>(in), found); });
    const auto first = static_cast<std::size_t>(l.output), count = static_cast<std::size_t>(l.outputs);
    for (std::size_t i = 0; i < count; ++i)
      dims[first + i] = detail::batched_output(l.name, dims[first + i],
                                               found.clean() && i < out.size() ? &out[i] : nullptr, samples);
  }
  return dims;
}

}  // namespace lnn
