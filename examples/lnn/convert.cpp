// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <lnn/model/writer.hpp>
#include <lnn/train/frozen_file.hpp>
#include <lnn/pack/option_text.hpp>

#include "command.hpp"
#include "network_file.hpp"

namespace tool {
namespace {

struct convert_settings {
  std::string from, to, dialect = "3.x", chip, dynamic;
};

int run(const convert_settings& set) {
  if (kind_of(lnn::read_file(set.from)) == file_kind::model_bin) {
    if (set.to.ends_with(".onnx") || set.to.ends_with(".lnn")) lnn::fail(set.from, ": a model.bin has no network to write as ", set.to, "; convert the ONNX file it was packed from");
    lnn::model::program p = load_model(set.from);
    p.dated = false;  // the form of today's packers and engines
    lnn::write_file(set.to, lnn::model::write(p));
  } else {
    lnn::pack_options symbols;
    lnn::set_option(symbols, "dynamic_shape", set.dynamic);
    const lnn::frozen<> m = load_network(set.from, symbols.dynamic_shape, set.chip);
    if (set.to.ends_with(".lnn")) lnn::write_frozen(set.to, m);
    else if (set.to.ends_with(".onnx")) write_onnx(set.to, m, set.dialect == "1.x");
    else lnn::fail(set.to, ": the name must end in .onnx or .lnn; lnn pack makes a model.bin");
  }
  std::printf("written %s\n", set.to.c_str());
  return ok;
}

}  // namespace

void add_convert(CLI::App& app, int& code) {
  const auto set = std::make_shared<convert_settings>();
  CLI::App* sub = add_command(app, "convert", "Writes a network in another form: ONNX dialects of linger 1.x and 3.x, lnn's own; model.bin of old packers in today's form.",
                              "  lnn convert old.onnx new.onnx --dialect 3.x\n  lnn convert net.onnx net.lnn\n  lnn convert old.bin new.bin\n", code,
                              [set] { return run(*set); });
  sub->add_option("from", set->from, "ONNX file, frozen model of lnn, or model.bin")->required();
  sub->add_option("to", set->to, "file to write; its name's end says the form")->required();
  sub->add_option("--dialect", set->dialect, "of an ONNX file to write")->capture_default_str()->check(CLI::IsMember({"1.x", "3.x"}));
  sub->add_option("-c,--dynamic-shape", set->dynamic, "name=min:max:factor of symbolic dimensions of an ONNX file");
  sub->add_option("--chip", set->chip, "take the network for this chip")->check(CLI::IsMember({"venus", "arcs", "venusA"}));
}

}  // namespace tool
