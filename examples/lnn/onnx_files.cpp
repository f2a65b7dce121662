// SPDX-License-Identifier: Apache-2.0
#include <lnn/onnx/read.hpp>
#include <lnn/onnx/write.hpp>

#include "network_file.hpp"

namespace tool {

lnn::frozen<> parse_onnx(const std::string& path, std::span<const std::uint8_t> bytes, const std::vector<lnn::symbol>& symbols,
                         const std::string& chip) {
  std::vector<std::string> notes;
  lnn::frozen<> m = lnn::onnx::read<>(bytes, path, {.symbols = symbols, .notes = &notes});
  for (const std::string& note : notes) std::fprintf(stderr, "note     %s: %s\n", path.c_str(), note.c_str());
  if (!chip.empty() && chip != m.target->name) {
    std::fprintf(stderr, "lnn: %s says %s, taken for %s\n", path.c_str(), std::string(m.target->name).c_str(), chip.c_str());
    m.target = lnn::find_chip(chip);
  }
  return m;
}

std::vector<declared_input> declared_inputs(const std::string& path, std::span<const std::uint8_t> bytes) {
  const auto graph = lnn::onnx::parse(bytes, path).graph();
  std::vector<declared_input> all;
  for (const auto& in : graph.input()) {
    if (std::any_of(graph.initializer().begin(), graph.initializer().end(), [&](const auto& c) { return c.name() == in.name(); })) continue;
    declared_input made{in.name(), lnn::onnx::type_of(in.type().tensor_type().elem_type()).value_or(lnn::dtype::float32), {}};
    for (const auto& d : in.type().tensor_type().shape().dim()) made.dims.push_back({d.dim_param(), d.dim_value()});
    all.push_back(std::move(made));
  }
  return all;
}

bool onnx_is_built_in() { return true; }
void write_onnx(const std::string& path, const lnn::frozen<>& network, bool dialect_1x) {
  lnn::write_file(path, lnn::onnx::to_bytes(network, dialect_1x ? lnn::onnx::dialect::thinker : lnn::onnx::dialect::linger));
}

}  // namespace tool
