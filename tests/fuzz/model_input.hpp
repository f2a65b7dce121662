// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/luna/kernels.hpp>
#include <lnn/model/findings.hpp>
#include <lnn/model/reader.hpp>
#include <lnn/model/writer.hpp>
#include <lnn/sim/engine.hpp>

namespace fuzz {

/// Rough number of products of one run: whoever damages files also makes networks that take for ever.
inline double work_of(const lnn::model::program& p) {
  double work = 0;
  for (const auto& o : p.operations) {
    double in = 0, out = 0, weights = 0;
    for (std::uint32_t id : o.inputs) (p.tensors[id].constant ? weights : in) += static_cast<double>(p.tensors[id].dims.size());
    for (std::uint32_t id : o.outputs) out += static_cast<double>(p.tensors[id].dims.size());
    double window = 1;
    if (o.values.has("kernel")) {
      window = std::max(1.0, o.values.get("kernel"));
      if (o.type != "Conv1dInt") window *= std::max(1.0, o.values.get("kernel", 1));
    }
    work += out * (in + weights + window) + in * weights;
  }
  return work;
}

/// Whatever the bytes are: read, written, judged, run.  Errors are the library's, or nothing; everything else is a fault
/// that ends the program.
inline void try_model(std::span<const std::uint8_t> file, bool check_crc) {
  try {
    const lnn::model::program p = lnn::model::read(file, {.check_crc = check_crc});
    const auto again = lnn::model::write(p);
    if (lnn::model::write(lnn::model::read(std::span<const std::uint8_t>(again))) != again) __builtin_trap();
    if (work_of(p) > 1e7) return;
    try {
      (void)lnn::model::findings(p);
    } catch (const lnn::error&) {
    }
    lnn::pool workers(1);
    lnn::sim::engine<lnn::luna::kernels> e(p, workers, {.check_plan = file.size() % 2 == 0});
    for (std::size_t i = 0; i < e.inputs(); ++i)
      e.feed(i, std::vector<std::uint8_t>(lnn::bytes_of(e.input(i).type, e.input(i).size()), std::uint8_t{0x5A}));
    e.run();
  } catch (const lnn::error& e) {
    if (std::string_view(e.what()).empty()) __builtin_trap();
  }
}

}  // namespace fuzz
