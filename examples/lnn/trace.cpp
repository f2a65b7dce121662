// SPDX-License-Identifier: Apache-2.0
#include "trace.hpp"

#include <lnn/luna/kernels.hpp>
#include <lnn/model/reader.hpp>
#include <lnn/sim/engine.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/sim/stream.hpp>
#include <lnn/train/file.hpp>

#include "input_values.hpp"
#include "network_file.hpp"
#include "sizes_found.hpp"
#include "status_line.hpp"
#include "tensor_file.hpp"

namespace tool {
namespace {

/// The exponent of a tensor; 0 where the file has none, or none that makes sense.
[[nodiscard]] int scale_of(const lnn::model::tensor& t) { return t.scale != -1.0F && t.scale >= -62.0F && t.scale <= 62.0F ? static_cast<int>(t.scale) : 0; }

/// A model that keeps a past: the files hold any number of pieces, one behind the other, and so do the results.
template <class Kernels>
trace run_stream(const std::string& path, const run_settings& how, lnn::sim::engine<Kernels>& engine) {
  if (how.keep_all) lnn::fail(path, ": the tensors of a stream change from piece to piece; name a file for every history to run one piece");
  const lnn::model::program& p = engine.program();
  lnn::sim::stream<Kernels> stream(engine);
  require_files(path, how.inputs, stream.inputs().size());
  std::vector<value> in;
  const auto tensor_of = [&](std::size_t i) -> const lnn::model::tensor& { return p.tensors[p.inputs[stream.inputs()[i]].tensor]; };
  const auto pieces_of = [&](std::size_t i) { return in[i].dims[0] / tensor_of(i).dims[0]; };
  for (std::size_t i = 0; i < how.inputs.size(); ++i) {
    const lnn::model::port& port = p.inputs[stream.inputs()[i]];
    const lnn::model::tensor& t = tensor_of(i);
    if (!t.type()) lnn::fail(path, ": input ", port.name, " has the element type ", int{t.code}, ", which cannot be fed");
    const tensor_file file = read_tensor(how.inputs[i]);
    const std::size_t elements = file.has_header ? file.dims.size() : file.bytes.size() / lnn::bytes_of(*t.type(), 1);
    const auto pieces = static_cast<int>(std::max<std::size_t>(1, elements / t.dims.size()));
    in.push_back(input_value(how.inputs[i], {port.name, *t.type(), t.dims.with_batch(t.dims[0] * pieces), scale_of(t), {}, false}));
    if (pieces != pieces_of(0)) lnn::fail(how.inputs[i], ": ", pieces, " pieces, ", how.inputs[0], " has ", pieces_of(0));
  }
  trace out;
  std::vector<std::span<const std::uint8_t>> piece(in.size());
  status_line status;
  for (int k = 0; k < pieces_of(0); ++k) {
    status.show(path, ": piece ", k + 1, " of ", pieces_of(0));
    for (std::size_t i = 0; i < in.size(); ++i) {
      const std::size_t n = lnn::bytes_of(in[i].type, tensor_of(i).dims.size());
      piece[i] = std::span<const std::uint8_t>(in[i].bytes).subspan(static_cast<std::size_t>(k) * n, n);
    }
    stream.run(piece);
    std::size_t next = 0;
    for (std::size_t o = 0; o < p.outputs.size(); ++o) {
      if (p.outputs[o].name.ends_with(lnn::history_out)) continue;
      const lnn::integer_view v = engine.output(o);
      if (k == 0) out.outputs.push_back({p.outputs[o].name, v.type, v.dims.with_batch(0), scale_of(p.tensors[p.outputs[o].tensor]), {}});
      value& to = out.outputs[next++];
      to.dims[0] += v.dims[0];
      to.bytes.insert(to.bytes.end(), v.as<const std::uint8_t>(), v.as<const std::uint8_t>() + lnn::bytes_of(v.type, v.dims.size()));
    }
  }
  return out;
}

template <class Kernels>
trace run_model(const std::string& path, const run_settings& how, lnn::pool& workers) {
  lnn::sim::engine<Kernels> engine(load_model(path), workers, {.place = path, .poison = true});
  const lnn::model::program& p = engine.program();
  const bool keeps_past = std::any_of(p.inputs.begin(), p.inputs.end(), [](const auto& in) { return in.name.ends_with(lnn::history_in); });
  if (keeps_past && how.inputs.size() < engine.inputs()) return run_stream(path, how, engine);
  require_files(path, how.inputs, engine.inputs());
  for (std::size_t i = 0; i < engine.inputs(); ++i) {
    const std::uint32_t id = p.inputs[i].tensor;
    const lnn::model::tensor& t = p.tensors[id];
    if (!t.type()) lnn::fail(path, ": input ", p.inputs[i].name, " has the element type ", int{t.code}, ", which cannot be fed");
    const bool varies = std::any_of(p.shapes.axes.begin(), p.shapes.axes.end(), [&](const auto& a) { return a.tensor == id; });
    const value v = input_value(how.inputs[i], {p.inputs[i].name, *t.type(), t.dims, scale_of(p.tensors[id]), {}, varies});
    if (varies) engine.resize(i, v.dims);
    engine.feed(i, v.bytes);
  }
  trace out;
  const auto keep = [&](std::uint32_t id, std::vector<value>& to, const std::string& name) {
    const lnn::integer_view v = engine.tensor(id);
    const auto* first = v.as<const std::uint8_t>();
    to.push_back({name, v.type, v.dims, scale_of(p.tensors[id]), {first, first + lnn::bytes_of(v.type, v.dims.size())}});
  };
  status_line status;
  engine.run([&](std::size_t op) {
    status.show(path, ": operator ", op + 1, " of ", p.operations.size());
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
  const lnn::frozen<> m = load_network(path, with_sizes_found(path, how.inputs, how.symbols));
  lnn::sim::machine<Kernels, lnn::builtin> machine(m, workers);
  require_files(path, how.inputs, m.inputs.size());
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
