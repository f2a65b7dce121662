// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <lnn/pack/option_text.hpp>
#include <lnn/report/memory_plan.hpp>
#include <lnn/report/memory_svg.hpp>
#include <lnn/report/memory_json.hpp>
#include <lnn/report/memory_text.hpp>
#include <lnn/train/file.hpp>
#include <map>

#include "command.hpp"
#include "config_file.hpp"
#include "dump_folder.hpp"
#include "network_file.hpp"
#include "pack_network.hpp"

namespace tool {
namespace {

struct pack_settings {
  std::string graph, output = "model.bin", chip, config, export_config, report, json, svg, dump;
  bool quiet = false, allow_defects = false;
  std::map<std::string, std::string> options;  ///< of the packer, as given on the command line
};

/// Command line first; what it leaves open comes from the configuration file.
lnn::pack_options options_of(pack_settings& set) {
  lnn::pack_options o;
  if (!set.config.empty())
    read_config(set.config, [&](const std::string& key, const std::string& text) {
      if (key == "graph_path") return void(set.graph = set.graph.empty() ? text : set.graph);
      if (key == "output_path") return void(set.output = set.output == "model.bin" && !text.empty() ? text : set.output);
      if (key == "platform") return void(set.chip = set.chip.empty() ? text : set.chip);
      if (key == "dump") return;  // yes or no there; here a folder is named
      lnn::set_option(o, key, text);
    });
  for (const auto& [key, text] : set.options)
    if (!text.empty()) lnn::set_option(o, key, text);
  o.allow_defects = set.allow_defects;
  o.dump = !set.dump.empty();
  return o;
}

/// Chips in any spelling that the reference packer takes.
std::string chip_name(const std::string& given) {
  std::string small = given;
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (small.empty() || small == "venus" || small == "arcs") return small;
  if (small == "venusa") return "venusA";
  lnn::fail("chip '", given, "' is not known; expected venus, arcs or venusA");
}

void say(const pack_settings& set, const std::string& words) {
  if (!set.quiet) std::printf("%s\n", words.c_str());
}

int run(pack_settings set) {
  const lnn::pack_options options = options_of(set);
  if (!set.export_config.empty()) {
    write_config(set.export_config, options, set.graph, set.output, set.chip);
    say(set, "written to " + set.export_config);
    if (set.graph.empty()) return ok;
  }
  if (set.graph.empty()) lnn::fail("there is no network to pack; name an ONNX file, or a configuration file that names one");
  const lnn::frozen<> m = load_network(set.graph, options.dynamic_shape, chip_name(set.chip));
  say(set, lnn::sentence("read     ", set.graph, ": ", m.layers.size(), " layers for ", m.target->name));
  lnn::packed p;
  try {
    p = pack_network(m, *m.target, options);
  } catch (const lnn::refusal& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return refused;
  }
  for (const std::string& a : p.advice) say(set, "note     " + a);
  for (const lnn::pass_change& c : p.passes)
    if (c.changed > 0 || c.steps_before != c.steps_after)
      say(set, lnn::sentence("pass     ", c.name, ": ", c.steps_before, " -> ", c.steps_after, " operators, ", c.changed, " new or changed"));
  if (!set.dump.empty())
    for (std::size_t i = 0; i < p.passes.size(); ++i) write_text(dump_path(set.dump, i + 1, std::string(p.passes[i].name), ".txt"), p.passes[i].after);
  lnn::write_file(set.output, p.bytes);
  const lnn::report::memory_map map = lnn::report::memory_of(p, file_name(set.graph));
  for (const lnn::report::memory_part& part : map.parts) {
    std::string line = lnn::sentence("memory   ", name_of(part.kind), part.constants ? ", constants: " : ": ", part.bytes, " of ", lnn::report::capacity(*map.target, part.kind), " bytes");
    if (part.reference_bytes >= 0) line += lnn::sentence(", reference packer ", part.reference_bytes, ", lower bound ", part.lower_bound);
    say(set, line);
  }
  if (!set.report.empty()) write_text(set.report, lnn::report::memory_text(map));
  if (!set.json.empty()) write_text(set.json, lnn::report::memory_json(map));
  if (!set.svg.empty()) write_text(set.svg, lnn::report::memory_svg(map));
  say(set, lnn::sentence("written  ", set.output, ": ", p.bytes.size(), " bytes, ", p.program.operations.size(), " operators, ", p.program.transfers.size(), " transfers ahead"));
  return ok;
}

}  // namespace

void add_pack(CLI::App& app, int& code) {
  const auto set = std::make_shared<pack_settings>();
  CLI::App* sub = add_command(app, "pack", "Packs a network into the file that the chip's engine loads.",
                              "  lnn pack net.onnx -o model.bin --chip venus\n  lnn pack net.onnx --memory params:share-mem --dma-prefetch false\n"
                              "  lnn pack net.onnx --dynamic-shape T=16:128:16 --svg memory.svg\n  lnn pack --config-file pack.json\n", code,
                              [set] { return run(*set); });
  sub->add_option("graph,-g,--graph-path,--graph_path", set->graph, "ONNX file or frozen model of lnn");
  sub->add_option("-o,--output,--output-path,--output_path", set->output, "file to write")->capture_default_str();
  sub->add_option("-p,--chip,--platform", set->chip, "venus, arcs or venusA; without it the one that the file names");
  sub->add_option("--config-file,--config_file", set->config, "JSON file with options; the command line goes first");
  sub->add_option("--export-config,--export_config", set->export_config, "write the options to a JSON file");
  sub->add_option("--report", set->report, "write the memory report to this file, in the reference packer's columns");
  sub->add_option("--json", set->json, "write the memory report as JSON");
  sub->add_option("--svg", set->svg, "write a picture of the memory plan");
  sub->add_option("--dump", set->dump, "write the network behind every pass to this folder, as text");
  sub->add_flag("--allow-defects", set->allow_defects, "pack what only a known defect of the public engine stands against; every such rule is noted");
  sub->add_flag("-q,--quiet", set->quiet, "print errors only");
  for (const lnn::option_name& o : lnn::option_names) {
    std::string name = "--" + std::string(o.key), other = name;
    std::replace(other.begin() + 2, other.end(), '_', '-');
    if (other != name) name = other + "," + name;
    if (o.key == "memory") name = "-m," + name;
    if (o.key == "ramsize") name = "-r," + name;
    if (o.key == "strategy") name = "-s," + name;
    if (o.key == "dynamic_shape") name = "-c," + name;
    sub->add_option(name, set->options[std::string(o.key)], std::string(o.says));
  }
}

}  // namespace tool
