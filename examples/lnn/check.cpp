// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <lnn/check/frozen.hpp>

#include "command.hpp"
#include "network_file.hpp"
#include "pack_network.hpp"
#include <lnn/pack/option_text.hpp>

namespace tool {
namespace {

struct check_settings {
  std::string file, chip, dynamic;
};

int run(const check_settings& set) {
  lnn::pack_options options;
  lnn::set_option(options, "dynamic_shape", set.dynamic);
  const lnn::frozen<> m = load_network(set.file, options.dynamic_shape, set.chip);
  const lnn::verdict found = lnn::check(m, *m.target);
  for (const lnn::finding& f : found.refused()) std::printf("%s\n", std::string(spoken(f, m.target->name).view()).c_str());
  for (const lnn::finding& f : found.advice()) std::printf("note: %s\n", std::string(spoken(f, m.target->name).view()).c_str());
  if (!found.clean()) {
    std::printf("%s: %zu rules of %s are broken\n", set.file.c_str(), found.refused().size(), std::string(m.target->name).c_str());
    return refused;
  }
  std::printf("%s: legal on %s, %zu layers, %zu bytes of parameters\n", set.file.c_str(), std::string(m.target->name).c_str(), m.layers.size(), m.parameter_bytes());
  return ok;
}

}  // namespace

void add_check(CLI::App& app, int& code) {
  const auto set = std::make_shared<check_settings>();
  CLI::App* sub = add_command(app, "check", "Asks every rule of a chip about a network; each broken one is a sentence.",
                              "  lnn check net.onnx --chip arcs\n", code, [set] { return run(*set); });
  sub->add_option("file", set->file, "ONNX file or frozen model of lnn")->required();
  sub->add_option("--chip", set->chip, "venus, arcs or venusA; without it the one that the file names")->check(CLI::IsMember({"venus", "arcs", "venusA"}));
  sub->add_option("-c,--dynamic-shape", set->dynamic, "name=min:max:factor of symbolic dimensions");
}

}  // namespace tool
