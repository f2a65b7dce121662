// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "wiring.hpp"

namespace lnn::lower {

/// Puts a relu that alone reads a convolution into it; the convolution takes over the relu's result
/// (packer.md 4.1). `lines` says whether 1-D convolutions take part: the reference packer forgets them.
[[nodiscard]] constexpr program fuse_relu(program p, bool lines = true) {
  if (!p.has("Relu")) return p;
  const wiring w(p);
  std::vector<char> gone(p.steps.size(), 0);
  for (step& s : p.steps) {
    const bool can =
        is(s.op, "Conv2dInt") || is(s.op, "ConvTranspose2dInt") || (lines && is(s.op, "Conv1dInt"));
    if (!can || s.relu || s.slope != 0) continue;
    const int next = w.only_reader(s.outputs[0]);
    if (next < 0 || !is(p.steps[wiring::at(next)].op, "Relu")) continue;
    s.relu = true;
    s.outputs = p.steps[wiring::at(next)].outputs;
    gone[wiring::at(next)] = 1;
  }
  drop(p, gone);
  return p;
}

}  // namespace lnn::lower
