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

}  // namespace lnn
