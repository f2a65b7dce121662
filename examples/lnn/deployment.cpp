// SPDX-License-Identifier: Apache-2.0
#include "deployment.hpp"

#include <cstdio>
#include <cstring>
#include <lnn/model/reader.hpp>
#include <lnn/report/memory_plan.hpp>
#include <lnn/report/memory_svg.hpp>
#include <lnn/report/memory_text.hpp>
#include <lnn/sim/engine.hpp>
#include <lnn/train/file.hpp>

#include "network_file.hpp"
#include "pack_network.hpp"

namespace tool {

struct deployment::parts {
  lnn::packed made;
  lnn::report::memory_map memory;
  lnn::sim::engine<> engine;
  std::string export_said;

  parts(const lnn::frozen<>& m, lnn::pool& workers)
      : made(pack_network(m, *m.target, {})), memory(lnn::report::memory_of(made, "model.bin")),
        engine(lnn::model::read(std::span<const std::uint8_t>(made.bytes)), workers, {.place = "model.bin", .poison = true}) {}
};

deployment::deployment(const lnn::frozen<>& m, const std::string& folder, lnn::pool& workers) : parts_(std::make_unique<parts>(m, workers)) {
  parts& p = *parts_;
  if (onnx_is_built_in()) {
    write_onnx(folder + "/model.onnx", m, false);
    const lnn::frozen<> again = load_network(folder + "/model.onnx");
    if (pack_network(again, *again.target, {}).bytes != p.made.bytes) lnn::fail("model.onnx packs to another model.bin than the frozen model");
    p.export_said = "model.onnx, which packs to the same bytes";
  } else p.export_said = "skipped: built without the onnx library";
  lnn::write_file(folder + "/model.bin", p.made.bytes);
  write_text(folder + "/memory.txt", lnn::report::memory_text(p.memory));
  write_text(folder + "/memory.svg", lnn::report::memory_svg(p.memory));
}
deployment::~deployment() = default;

std::size_t deployment::differing(const lnn::integer_tensor& inputs, const lnn::integer_tensor& outputs) {
  const auto samples = static_cast<std::size_t>(inputs.dims()[0]);
  const std::size_t in = inputs.byte_count() / samples, out = outputs.byte_count() / samples;
  std::size_t n = 0;
  for (std::size_t s = 0; s < samples; ++s) {
    parts_->engine.feed(0, {inputs.as<std::uint8_t>() + s * in, in});
    parts_->engine.run();
    const auto made = parts_->engine.output_bytes(0);
    if (made.size() != out) lnn::fail("model.bin makes ", made.size(), " bytes, the frozen model ", out);
    for (std::size_t i = 0; i < out; ++i) n += made[i] != outputs.as<std::uint8_t>()[s * out + i];
  }
  return n;
}

void deployment::print() const {
  const parts& p = *parts_;
  std::printf("export                             %s\n", p.export_said.c_str());
  std::printf("model.bin                          %zu bytes, %zu operators, %zu weights fetched ahead\n", p.made.bytes.size(), p.made.program.operations.size(), p.made.program.transfers.size());
  for (const lnn::report::memory_part& part : p.memory.parts) {
    const std::string what = std::string(name_of(part.kind)) + (part.constants ? ", constants" : "");
    std::printf("memory: %-26s %lld of %lld bytes", what.c_str(), part.bytes, lnn::report::capacity(*p.memory.target, part.kind));
    if (part.reference_bytes >= 0) std::printf("; reference packer %lld, lower bound %lld", part.reference_bytes, part.lower_bound);
    std::printf("\n");
  }
}

}  // namespace tool
