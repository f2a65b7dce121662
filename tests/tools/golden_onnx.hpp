// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/graph/cut.hpp>
#include <lnn/onnx/read.hpp>
#include <lnn/sim/machine.hpp>

#include "golden_run.hpp"

namespace golden {

/// Reads the case's model.onnx, runs it between the case's tensors and compares every output; a difference is thrown as
/// one sentence.
template <class Kernels>
void run_onnx(test_case& c, lnn::pool& workers) {
  std::vector<std::string> from, to;
  std::vector<lnn::integer_view> inputs;
  for (tensor& t : c.tensors) {
    if (t.role == "output") to.push_back(t.name);
    if (t.role != "input") continue;
    from.push_back(t.name);
    inputs.push_back(t.view());
  }
  const lnn::frozen<> whole = lnn::onnx::read((c.folder / "model.onnx").string());
  if (whole.target->name != c.chip) lnn::fail("model.onnx is made for ", whole.target->name, ", the case for ", c.chip);
  const lnn::frozen<> part = lnn::cut(whole, from, to);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& e = part.edges[static_cast<std::size_t>(part.inputs[i])];
    if (inputs[i].type < lnn::dtype::int64 && e.exponent != inputs[i].exponent)
      lnn::fail("input ", e.name, " counts in 2^", e.exponent, ", the case says 2^", inputs[i].exponent);
  }
  lnn::sim::machine<Kernels, lnn::builtin> machine(part, workers);
  machine.run(inputs);
  std::size_t i = 0;
  for (const tensor& t : c.tensors) {
    if (t.role != "output") continue;
    tensor made = detail::like(t);
    const auto edge = static_cast<std::size_t>(part.outputs[i++]);
    const lnn::tensor<float> real = machine.real(edge);
    const lnn::integer_tensor& integers = machine.edge(edge);
    made.type = part.edges[edge].type;
    made.dims = part.edges[edge].dims;
    if (!(made.dims == t.dims)) lnn::fail("output ", t.name, " is ", made.dims, ", the case says ", t.dims);
    if (made.type == lnn::dtype::float32) made.bytes.assign(reinterpret_cast<const unsigned char*>(real.data()), reinterpret_cast<const unsigned char*>(real.data() + real.size()));
    else made.bytes.assign(integers.as<unsigned char>(), integers.as<unsigned char>() + integers.byte_count());
    detail::compare(made, t);
  }
}

}  // namespace golden
