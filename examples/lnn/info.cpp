// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <lnn/report/frozen_text.hpp>
#include <lnn/report/memory_svg.hpp>
#include <lnn/report/model_text.hpp>
#include <lnn/train/file.hpp>

#include "command.hpp"
#include "network_file.hpp"

namespace tool {
namespace {

struct info_settings {
  std::string file, svg;
  bool json = false, memory = false;
};

int run(const info_settings& set) {
  const std::string name = file_name(set.file);
  std::string text;
  if (kind_of(lnn::read_file(set.file)) == file_kind::model_bin) {
    const lnn::model::program p = load_model(set.file);
    const lnn::report::memory_map map = lnn::report::memory_of(p, name);
    if (!set.svg.empty()) write_text(set.svg, lnn::report::memory_svg(map));
    if (set.memory) text = set.json ? lnn::report::memory_json(map) : lnn::report::memory_text(map);
    else text = set.json ? lnn::report::model_json(p, name) : lnn::report::model_text(p, name);
  } else {
    if (set.memory || !set.svg.empty()) lnn::fail(set.file, ": only a model.bin has a memory plan; pack the network first");
    const lnn::frozen<> m = load_network(set.file);
    text = set.json ? lnn::report::frozen_json(m, name) : lnn::report::frozen_text(m, name);
  }
  std::fputs(text.c_str(), stdout);
  return ok;
}

}  // namespace

void add_info(CLI::App& app, int& code) {
  const auto set = std::make_shared<info_settings>();
  CLI::App* sub = add_command(app, "info", "Tells what a model.bin or an ONNX file holds: tensors, operators, attributes, memory.",
                              "  lnn info model.bin\n  lnn info net.onnx --json\n  lnn info model.bin --memory --svg memory.svg\n", code,
                              [set] { return run(*set); });
  sub->add_option("file", set->file, "model.bin, ONNX file or frozen model of lnn")->required();
  sub->add_flag("--json", set->json, "as JSON");
  sub->add_flag("--memory", set->memory, "of a model.bin: where every tensor lies and when");
  sub->add_option("--svg", set->svg, "of a model.bin: write a picture of its memory to this file");
}

}  // namespace tool
