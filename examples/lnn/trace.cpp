// SPDX-License-Identifier: Apache-2.0
#include "trace.hpp"

#include <lnn/luna/kernels.hpp>
#include <lnn/model/reader.hpp>
#include <lnn/sim/engine.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/train/file.hpp>

#include "input_values.hpp"
#include "network_file.hpp"

namespace tool {
namespace {

void require_files(const std::string& path, std::size_t inputs, const run_settings& how) {
  if (how.inputs.size() != inputs)
    lnn::fail(path, ": ", how.inputs.size(), " input files, the network has ", inputs, " inputs; name them with --input in their order");
}

template <class Kernels>
trace run_model(const std::string& path, const run_settings& how, lnn::pool& workers) {
  lnn::sim::engine<Kernels> engine(load_model(path), workers, {.place = path, .poison = true});
  const lnn::model::program& p = engine.program();
  require_files(path, engine.inputs(), how);
  const auto scale = [&](std::uint32_t id) { return p.tensors[id].scale == -1.0F ? 0 : static_cast<int>(p.tensors[id].scale); };
  for (std::size_t i = 0; i < engine.inputs(); ++i) {
    const std::uint32_t id = p.inputs[i].tensor;
    const lnn::model::tensor& t = p.tensors[id];
    if (!t.type()) lnn::fail(path, ": input ", p.inputs[i].name, " has the element type ", int{t.code}, ", which cannot be fed");
    const bool varies = std::any_of(p.shapes.axes.begin(), p.shapes.axes.end(), [&](const auto& a) { return a.tensor == id; });
    const value v = input_value(how.inputs[i], {p.inputs[i].name, *t.type(), t.dims, scale(id), {}, varies});
    if (varies) engine.resize(i, v.dims);
    engine.feed(i, v.bytes);
  }
  trace out;
  const auto keep = [&](std::uint32_t id, std::vector<value>& to, const std::string& name) {
    const lnn::integer_view v = engine.tensor(id);
    const auto* first = v.as<const std::uint8_t>();
    to.push_back({name, v.type, v.dims, scale(id), {first, first + lnn::bytes_of(v.type, v.dims.size())}});
  };
  engine.run([&](std::size_t op) {
    if (!how.keep_all) return;
    for (const std::uint32_t id : p.operations[op].outputs) keep(id, out.all, p.tensors[id].name);
  });
  for (const lnn::model::port& o : p.outputs) keep(o.tensor, out.outputs, o.name);
  return out;
}

/// The grid of the Quant that alone reads a real input.
std::optional<int> quantized_at(const lnn::frozen<>& m, int edge) {
  for (const auto& l : m.layers)
    for (const int e : l.inputs)
      if (e == edge && m.edges[static_cast<std::size_t>(l.output)].type == lnn::dtype::int8) return m.edges[static_cast<std::size_t>(l.output)].exponent;
  return {};
}

template <class Kernels>
trace run_network(const std::string& path, const run_settings& how, lnn::pool& workers) {
  const lnn::frozen<> m = load_network(path, how.symbols);
  lnn::sim::machine<Kernels, lnn::builtin> machine(m, workers);
  require_files(path, m.inputs.size(), how);
  std::vector<value> in;
  for (std::size_t i = 0; i < m.inputs.size(); ++i) {
    const auto& t = m.edges[static_cast<std::size_t>(m.inputs[i])];
    in.push_back(input_value(how.inputs[i], {t.name, t.type, t.dims, t.exponent, t.type == lnn::dtype::float32 ? quantized_at(m, m.inputs[i]) : std::nullopt, !t.form.empty()}));
  }
  std::vector<lnn::integer_view> views;
  for (const value& v : in) views.push_back(v.view());
  machine.run(views);
  trace out;
  const auto keep = [&](int e, std::vector<value>& to) {
    const auto at = static_cast<std::size_t>(e);
    const auto& t = m.edges[at];
    if (t.type == lnn::dtype::float32) {
      const lnn::tensor<float> real = machine.real(at);
      const auto* first = reinterpret_cast<const std::uint8_t*>(real.data());
      return to.push_back({t.name, t.type, real.dims(), 0, {first, first + 4 * real.size()}});
    }
    const lnn::integer_tensor& v = machine.edge(at);
    const auto* first = v.as<std::uint8_t>();
    to.push_back({t.name, v.type(), v.dims(), v.exponent(), {first, first + v.byte_count()}});
  };
  if (how.keep_all)
    for (const auto& l : m.layers)
      for (int e = l.output; e < l.output + l.outputs; ++e) keep(e, out.all);
  for (const int e : m.outputs) keep(e, out.outputs);
  return out;
}

}  // namespace

trace run_file(const std::string& path, const run_settings& how) {
  lnn::pool workers(how.threads);
  const bool model = kind_of(lnn::read_file(path)) == file_kind::model_bin;
  if (model) return how.reference ? run_model<lnn::luna::kernels>(path, how, workers) : run_model<lnn::simd::kernels>(path, how, workers);
  return how.reference ? run_network<lnn::luna::kernels>(path, how, workers) : run_network<lnn::simd::kernels>(path, how, workers);
}

}  // namespace tool
