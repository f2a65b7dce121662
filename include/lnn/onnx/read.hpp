// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "symbolic.hpp"
#include "version_skew.hpp"

namespace lnn::onnx {

struct read_options {
  /// Ranges of the dimensions that the file only names; one with min = max is fixed.  The model's dimensions are those at
  /// the greatest values; how they follow from others is fitted on up to twenty values of each, and verified there.
  std::vector<symbol> symbols{};
  std::vector<std::string>* notes = nullptr;  ///< receives what is worth to know of a file that can be read: version_skew
};

namespace detail {

/// The chip that the nodes name; venus where none does.
inline const chip& target_of(const source& from) {
  std::string_view said;
  for (std::size_t k = 0; k < from.spelled.size(); ++k) {
    const auto at = from.spelled[k].texts.find("platform");
    if (at == from.spelled[k].texts.end()) continue;
    if (!said.empty() && said != at->second)
      fail(from.place, ": node ", from.names[k], " is made for ", at->second, ", other nodes for ", said, "; export the network for one chip");
    said = at->second;
  }
  if (said.empty()) return venus;
  const chip* known = find_chip(said);
  if (!known) fail(from.place, ": platform ", said, " is not known; expected venus, arcs or venusA");
  return *known;
}

}  // namespace detail

/// The quantized network of an ONNX file of linger 1.x (domain thinker) or 3.x (domain linger), or of the packer's
/// relatives of both.  Names of tensors, nodes and parameters are kept.  `place` begins every message; what cannot be
/// read is told at once, with node, operator and attribute.
template <class Ops = builtin>
[[nodiscard]] frozen<Ops> read(std::span<const std::uint8_t> bytes, std::string_view place, const read_options& options = {}) {
  const message::ModelProto model = parse(bytes, place);
  detail::source from(model.graph(), place);
  const chip& target = detail::target_of(from);
  pool workers(1);
  frozen<Ops> made = detail::symbolic_reader<Ops>(from, target, options.symbols, workers).run();
  require_consistent(made, place);
  if (options.notes)
    for (const auto& n : model.graph().node())
      if (std::string skew = version_skew(n); !skew.empty()) options.notes->push_back(std::move(skew));
  return made;
}
template <class Ops = builtin>
[[nodiscard]] frozen<Ops> read(const std::string& path, const read_options& options = {}) {
  return read<Ops>(read_file(path), path, options);
}

}  // namespace lnn::onnx
