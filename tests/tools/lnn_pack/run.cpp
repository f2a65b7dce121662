// SPDX-License-Identifier: Apache-2.0
#include <lnn/model/reader.hpp>
#include <lnn/sim/engine.hpp>

#include "parts.hpp"

std::vector<std::vector<std::uint8_t>> parts::run(const std::vector<std::uint8_t>& file, const std::vector<std::vector<std::uint8_t>>& inputs) {
  lnn::pool workers(1);
  lnn::sim::engine<> engine(lnn::model::read(std::span<const std::uint8_t>(file)), workers, {.poison = true});
  if (engine.inputs() != inputs.size()) lnn::fail("the model has ", engine.inputs(), " inputs, the case ", inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) engine.feed(i, inputs[i]);
  engine.run();
  std::vector<std::vector<std::uint8_t>> out;
  for (std::size_t i = 0; i < engine.outputs(); ++i) {
    const auto bytes = engine.output_bytes(i);
    out.emplace_back(bytes.begin(), bytes.end());
  }
  return out;
}
