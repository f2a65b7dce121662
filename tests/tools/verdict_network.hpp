// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <lnn/check/frozen.hpp>
#include <lnn/onnx/read.hpp>

#include "verdict_case.hpp"

/// Recorded verdicts of the packer on whole networks, whose ONNX files lie beside the lines:
///   id, onnx          the file, from the folder of the lines
///   opts              optional: the packer's options
///   verdict, message  as of one-operator networks
///   share_mem, psram, blocks, final_ops   what the packer planned: bytes, blocks of each kind, operators with shapes
namespace verdicts {

inline lnn::limit::packing options_of(const json& from) {
  lnn::limit::packing p;
  if (!from.contains("opts") || !from["opts"].is_object()) return p;
  const json& o = from["opts"];
  const auto number = [&](const char* name, long long& into) {
    if (!o.contains(name)) return;
    if (!o[name].is_number_integer()) throw malformed("option " + std::string(name) + " is " + o[name].dump() + ", expected a whole number");
    into = o[name].get<long long>();
  };
  number("threshold1", p.weight_threshold);
  number("threshold2", p.output_threshold);
  number("threshold3", p.right_threshold);
  number("threshold4", p.memory_threshold);
  if (o.contains("dma_prefetch")) p.dma_prefetch = o["dma_prefetch"] == true;
  const std::string memory = o.value("memory", std::string());
  if (memory == "params:share-mem") p.parameters = lnn::limit::memory::share;
  else if (!memory.empty()) throw malformed("option memory '" + memory + "' of a network is not read here");
  return p;
}

/// What is other than recorded, as one sentence; empty: nothing.
inline std::string compare_network(const json& line, const std::filesystem::path& folder) {
  namespace plan = lnn::plan;
  namespace lower = lnn::lower;
  constexpr auto reference = lnn::limit::figures::reference;
  const lnn::frozen<> m = lnn::onnx::read<>((folder / line.at("onnx").get<std::string>()).string());
  const lnn::chip& on = *m.target;
  const lnn::limit::packing options = options_of(line);
  bool refused = false;  // by a rule, not for a known defect of the engine
  for (const lnn::finding& f : check_layers(m, on).refused()) refused = refused || !f.what->defect;
  const bool accepted = line.at("verdict") == "accepted";
  if (refused) return accepted ? "expected accepted, found a broken rule" : "";
  lower::program p = lower::lowered(lower::made(m), on, {.limits = options, .which = reference});
  p = plan::bound(std::move(p), options, reference);
  const plan::totals all = plan::reference_totals(p, on, options);
  const bool exceeds = all.share > on.memory.share || all.psram > on.memory.psram;
  if (exceeds == accepted) return exceeds ? "expected accepted, found too much memory" : "expected refused, found accepted";
  if (!line.contains("blocks") || !line["blocks"].is_object()) return "";
  if (line.at("share_mem") != all.share || line.at("psram") != all.psram)
    return lnn::sentence("plans ", all.share, " and ", all.psram, " bytes, recorded ", line.at("share_mem").dump(), " and ",
                         line.at("psram").dump());
  std::string found, recorded;
  for (const lower::step& s : p.steps) {
    json dims = json::array();
    for (int d : p.at(s.outputs[0]).dims) dims.push_back(d);
    found += json::array({s.op, dims}).dump();
  }
  for (const json& op : line.at("final_ops")) recorded += op.dump();
  if (found != recorded) return "operators " + found + ", recorded " + recorded;
  const int steps = static_cast<int>(p.steps.size());
  const auto needs = plan::needs_of(p, on, options, reference);
  const auto best = plan::reference_of(plan::coarse_of(needs, p.tensors.size(), steps).entries, steps);
  for (const auto& [name, k] : {std::pair{"SHARE_MEM", plan::kind::share}, std::pair{"PSRAM", plan::kind::psram}}) {
    const json blocks = line["blocks"].value(name, json::array());
    if (json(best.of[static_cast<std::size_t>(k)].blocks) != blocks) return std::string("other blocks of ") + name;
  }
  const auto own = plan::make(p, on, options, reference);
  if (own.run_time.share > own.reference.share) return "lnn's own plan needs more than the packer's";
  return "";
}

}  // namespace verdicts
