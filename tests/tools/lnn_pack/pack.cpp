// SPDX-License-Identifier: Apache-2.0
#include <lnn/onnx/read.hpp>
#include <lnn/pack/pack.hpp>

#include "parts.hpp"

parts::made parts::pack(const std::string& onnx, const lnn::pack_options& options) {
  const lnn::frozen<> m = lnn::onnx::read<>(onnx, {.symbols = options.dynamic_shape});
  lnn::packed p = lnn::pack(m, *m.target, options);
  return {std::move(p.bytes), std::move(p.plan)};
}
