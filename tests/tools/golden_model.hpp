// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/model/reader.hpp>
#include <lnn/sim/engine.hpp>
#include <lnn/train/file.hpp>

#include "golden_run.hpp"
#include "network_case.hpp"

/// Recorded cases whose network lies beside them as a model.bin of the reference packer.
namespace golden {

namespace detail {

/// An output of the engine as a tensor like the expected one.
inline tensor made_by(const lnn::integer_view& v, std::span<const std::uint8_t> bytes, const tensor& expected) {
  tensor t = expected;
  t.type = v.type;
  t.dims = v.dims;
  t.bytes.assign(bytes.begin(), bytes.end());
  if (v.size() != expected.dims.size())
    lnn::fail(expected.file, ": the model makes ", v.dims, ", the case says ", expected.dims);
  return t;
}

}  // namespace detail

/// A one-operator case: its inputs through its model.bin, every output compared.
template <class Kernels>
void run_model(const test_case& c, lnn::pool& workers) {
  lnn::sim::engine<Kernels> engine(lnn::model::read(lnn::read_file((c.folder / "model.bin").string())), workers);
  std::size_t fed = 0, compared = 0;
  for (const tensor& t : c.tensors)
    if (t.role == "input") engine.feed(fed++, std::span(t.bytes).first(detail::file_size(t)));
  engine.run();
  for (const tensor& t : c.tensors)
    if (t.role == "output") {
      detail::compare(detail::made_by(engine.output(compared), engine.output_bytes(compared), t), t);
      ++compared;
    }
  if (compared == 0) lnn::fail("the case has no output");
}

/// A whole network of the forms of networks/ and networks_linger/: every recorded input through its model.bin.
template <class Kernels>
void run_network(const network_case& c, lnn::pool& workers) {
  lnn::sim::engine<Kernels> engine(lnn::model::read(lnn::read_file((c.folder / "model.bin").string())), workers);
  for (const network_case::sample& s : c.samples) {
    for (std::size_t i = 0; i < s.inputs.size(); ++i) engine.feed(i, lnn::read_file((c.folder / s.inputs[i]).string()));
    engine.run();
    for (std::size_t i = 0; i < s.outputs.size(); ++i) {
      const auto expected = lnn::read_file((c.folder / s.outputs[i]).string());
      const auto made = engine.output_bytes(i);
      if (made.size() != expected.size())
        lnn::fail(s.outputs[i], ": the model makes ", made.size(), " bytes, the file has ", expected.size());
      std::size_t differ = 0, first = expected.size();
      for (std::size_t k = expected.size(); k-- > 0;)
        if (made[k] != expected[k]) ++differ, first = k;
      if (differ != 0)
        lnn::fail(s.outputs[i], ": ", differ, " of ", expected.size(), " bytes differ, the first at ", first, ": expected ",
                  int{static_cast<std::int8_t>(expected[first])}, ", actual ", int{static_cast<std::int8_t>(made[first])});
    }
  }
}

}  // namespace golden
