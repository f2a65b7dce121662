// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "../tensor/quantized.hpp"
#include "graph.hpp"

namespace lnn {

/// A network that consists of integers only: what freezing makes, exporters write and simulators run.
template <class Ops = builtin>
struct frozen {
  using ops = Ops;

  struct tensor_info {
    std::string name;
    shape dims{};       ///< with one sample
    dtype type = dtype::int8;
    int exponent = 0;   ///< real = integer * 2^-exponent
  };
  struct layer {
    std::string name;
    typename Ops::any op{};
    bool relu = false;  ///< fused
    std::vector<int> inputs;
    int output = -1;
    std::vector<integer_tensor> parameters;  ///< quantized weight, bias
  };

  std::vector<tensor_info> edges;
  std::vector<layer> layers;
  std::vector<int> inputs, outputs;
  const chip* target = &venus;

  /// Bytes of all parameters.
  [[nodiscard]] std::size_t parameter_bytes() const {
    std::size_t n = 0;
    for (const layer& l : layers)
      for (const integer_tensor& p : l.parameters) n += p.byte_count();
    return n;
  }
};

/// Throws unless every layer fits its tensors: inputs made before they are read, shapes as the operator computes them,
/// parameters of the shapes and types that it takes.  For models that come from files.
template <class Ops>
void require_consistent(const frozen<Ops>& m, std::string_view place) {
  std::vector<bool> made(m.edges.size(), false);
  for (int e : m.inputs) made[static_cast<std::size_t>(e)] = true;
  if (m.inputs.empty() || m.outputs.empty()) fail(place, ": the model has no input or no output; the file is damaged");
  for (const auto& l : m.layers) {
    list<shape, 16> in;
    for (int e : l.inputs) {
      if (!made[static_cast<std::size_t>(e)]) fail(place, ": ", l.name, " reads ", m.edges[static_cast<std::size_t>(e)].name, " before it is made");
      in.push_back(m.edges[static_cast<std::size_t>(e)].dims);
    }
    if (in.overflow()) fail(place, ": ", l.name, " has ", l.inputs.size(), " inputs, expected at most 16");
    const std::span<const shape> shapes(in.data(), in.size());
    const auto& to = m.edges[static_cast<std::size_t>(l.output)];
    if (made[static_cast<std::size_t>(l.output)]) fail(place, ": ", l.name, " makes ", to.name, ", which exists already");
    made[static_cast<std::size_t>(l.output)] = true;
    verdict found;
    found.layer = l.name;
    visit_op(l.op, [&](const auto& op) {
      const shape out = result_of(op, shapes, found);
      if (!found.clean()) fail(place, ": ", found.refused().front().sentence());
      if (!(out == to.dims)) fail(place, ": ", l.name, " makes ", out, " but its tensor is ", to.dims);
      parameter_list wanted = op.parameters(shapes);
      if constexpr (requires { op.bias; }) {
        auto whole = op;  // folding a batch norm gives a layer a bias
        whole.bias = l.parameters.size() > 1;
        wanted = whole.parameters(shapes);
      }
      const std::size_t kept = std::min<std::size_t>(wanted.size(), 2);  // of a batch norm: factor and offset
      if (l.parameters.size() != kept) fail(place, ": ", l.name, " has ", l.parameters.size(), " parameters, expected ", kept);
      for (std::size_t i = 0; i < kept; ++i) {
        const integer_tensor& p = l.parameters[i];
        if (!(p.dims() == wanted[i].dims)) fail(place, ": ", l.name, ".", wanted[i].name, " is ", p.dims(), ", expected ", wanted[i].dims);
        if (i == 0 ? bits_of(p.type()) > 8 : p.type() != dtype::int32)
          fail(place, ": ", l.name, ".", wanted[i].name, " is ", name_of(p.type()), ", expected ", i == 0 ? "int8" : "int32");
      }
    });
  }
  for (int e : m.outputs)
    if (!made[static_cast<std::size_t>(e)]) fail(place, ": output ", m.edges[static_cast<std::size_t>(e)].name, " is never made");
}

}  // namespace lnn
