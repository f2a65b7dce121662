// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../model/program.hpp"

namespace lnn::report {

/// Multiplications of one run of a model, each with its addition: those of the arithmetic, without padding and without
/// element-wise operators.
struct operation_count {
  long long convolutions = 0, matrices = 0, recurrent = 0;
  [[nodiscard]] long long all() const { return convolutions + matrices + recurrent; }
};

[[nodiscard]] inline operation_count count_operations(const model::program& p) {
  operation_count n;
  for (const model::operation& o : p.operations) {
    if (o.inputs.empty() || o.outputs.empty()) continue;
    const shape &x = p.tensors[o.inputs[0]].dims, &y = p.tensors[o.outputs[0]].dims;
    const auto made = static_cast<long long>(y.size()), read = static_cast<long long>(x.size());
    const auto groups = [&] { return std::max(o.values.integer("group"), 1); };
    const auto taps = [&] { return static_cast<long long>(o.values.integer("kernel", 0)) * o.values.integer("kernel", 1); };
    if (o.type == "Conv2dInt" && x.rank() == 4) n.convolutions += made * taps() * (x[1] / groups());
    else if (o.type == "Conv1dInt" && x.rank() == 3) n.convolutions += made * o.values.integer("kernel") * (x[1] / groups());
    else if (o.type == "ConvTranspose2dInt" && y.rank() == 4) n.convolutions += read * taps() * (y[1] / groups());
    else if ((o.type == "LinearInt" || o.type == "BmmInt") && x.rank() > 0) n.matrices += made * x[x.rank() - 1];
    else if ((o.type == "LSTMInt" || o.type == "GRUInt") && x.rank() == 3) {
      const long long gates = o.type == "LSTMInt" ? 4 : 3, hidden = o.values.integer("hidden_size"), steps = static_cast<long long>(x[0]) * x[1];
      n.recurrent += steps * gates * hidden * (hidden + x[2]);
    }
  }
  return n;
}

}  // namespace lnn::report
