// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>

#include "command.hpp"
#include "dump_folder.hpp"
#include "input_values.hpp"
#include "tensor_file.hpp"
#include "trace.hpp"
#include <lnn/pack/option_text.hpp>

namespace tool {
namespace {

struct command_settings {
  std::string file, dump, dynamic;
  std::vector<std::string> outputs;
  run_settings how;
};

int run(command_settings set) {
  lnn::pack_options symbols;
  lnn::set_option(symbols, "dynamic_shape", set.dynamic);
  set.how.symbols = symbols.dynamic_shape;
  set.how.keep_all = !set.dump.empty();
  const trace t = run_file(set.file, set.how);
  if (!set.outputs.empty() && set.outputs.size() != t.outputs.size())
    lnn::fail(set.file, ": ", counted(set.outputs.size(), "output file"), ", the network has ", counted(t.outputs.size(), "output"));
  if (!set.dump.empty()) write_dump(set.dump, t.all);
  for (std::size_t i = 0; i < t.outputs.size(); ++i) {
    const value& v = t.outputs[i];
    if (i < set.outputs.size()) write_tensor(set.outputs[i], v.type, v.dims, v.bytes);
    std::printf("%s\n", lnn::sentence(v.name, ": ", v.dims, " of ", name_of(v.type), v.type == lnn::dtype::float32 ? "" : lnn::sentence(" at 2^-", v.exponent),
                                      i < set.outputs.size() ? " -> " + set.outputs[i] : "").c_str());
  }
  return ok;
}

}  // namespace

void add_run(CLI::App& app, int& code) {
  const auto set = std::make_shared<command_settings>();
  CLI::App* sub = add_command(app, "run", "Runs a model.bin from its own memory plan, or an ONNX file, on raw or .npy tensors.",
                              "  lnn run model.bin --input in.bin --output out.bin\n  lnn run net.onnx -i left.npy -i right.npy -o sum.npy\n"
                              "  lnn run model.bin -i in.bin --dump tensors\n", code, [set] { return run(*set); });
  sub->add_option("file", set->file, "model.bin, ONNX file or frozen model of lnn")->required();
  sub->add_option("-i,--input", set->how.inputs, "a tensor for every input, in their order: raw little-endian or .npy; real numbers are quantized; of a streaming model any number of pieces, one behind the other")
      ->allow_extra_args(false);
  sub->add_option("-o,--output", set->outputs, "a file for every output: raw, or .npy")->allow_extra_args(false);
  sub->add_option("--dump", set->dump, "write every tensor that is computed to this folder, as .npy");
  sub->add_option("-c,--dynamic-shape", set->dynamic, "name=min:max:factor of symbolic dimensions of an ONNX file; without it they have the sizes of the inputs");
  sub->add_option("--threads", set->how.threads, "0: one per core")->capture_default_str()->check(CLI::Range(0, 256));
  sub->add_flag("--reference", set->how.reference, "use the readable kernels instead of the fast ones");
}

}  // namespace tool
