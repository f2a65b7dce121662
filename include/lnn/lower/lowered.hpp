// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "ends.hpp"
#include "groups.hpp"
#include "layout.hpp"
#include "movement.hpp"
#include "relu_fusion.hpp"
#include "splits.hpp"

namespace lnn::lower {

/// What the passes are told besides the chip.
struct lowering {
  limit::packing limits{};
  bool keep_quant = false;  ///< leaves Quant and Dequant at the ends: --strategy Remove_QuantDequant
  limit::figures which = limit::figures::corrected;
};

/// Wider types where engines read wider ones: VENUS takes the gain of a layer norm as int16 (decision 3 of
/// engine_defects.md; whoever writes the constant widens its numbers), and inputs that only say where to look
/// things up come as 64 bits, as files everywhere have them.
[[nodiscard]] constexpr program fit_types(program p, const chip& on) {
  for (const step& s : p.steps)
    if (on.engine.normal_bits == 16 && is(s.op, "LayerNormInt") && s.inputs.size() > 1 &&
        p.at(s.inputs[1]).type == dtype::int8)
      p.at(s.inputs[1]).type = dtype::int16;
  for (const int t : p.inputs) {
    bool looks = p.at(t).type == dtype::int32;
    if (!looks) continue;
    for (const step& s : p.steps)
      for (std::size_t k = 0; k < s.inputs.size(); ++k)
        looks = looks && (s.inputs[k] != t || (is(s.op, "Gather") && k == 1));
    if (!looks) continue;
    p.at(t).type = dtype::int64;
    p.at(t).scale = {};
  }
  return p;
}

/// A pass with its name, for those who tell what it changed.
struct pass {
  std::string_view name;
  void (*run)(program&, const chip&, const lowering&);
};

/// All passes in their order.
inline constexpr pass passes[] = {
    {"relu fusion",
     [](program& p, const chip&, const lowering& how) {
       p = fuse_relu(static_cast<program&&>(p), how.which == limit::figures::corrected);
     }},
    {"ends",
     [](program& p, const chip&, const lowering& how) {
       if (!how.keep_quant) p = remove_ends(static_cast<program&&>(p));
     }},
    {"slices",
     [](program& p, const chip&, const lowering&) { p = remove_slices(static_cast<program&&>(p)); }},
    {"transposes to reshapes",
     [](program& p, const chip&, const lowering&) { p = transpose_to_reshape(static_cast<program&&>(p)); }},
    {"reshapes",
     [](program& p, const chip&, const lowering&) { p = merge_reshapes(static_cast<program&&>(p)); }},
    {"groups", [](program& p, const chip&, const lowering&) { p = split_groups(static_cast<program&&>(p)); }},
    {"layout",
     [](program& p, const chip& on, const lowering&) { p = choose_layout(static_cast<program&&>(p), on); }},
    {"transposes of few axes",
     [](program& p, const chip& on, const lowering& how) {
       if (how.which == limit::figures::corrected) p = reshape_transposes(static_cast<program&&>(p), on, how.limits);
     }},
    {"order", [](program& p, const chip&, const lowering&) { p = sorted(static_cast<program&&>(p)); }},
    {"splits",
     [](program& p, const chip& on, const lowering& how) {
       p = split_sizes(static_cast<program&&>(p), on, how.limits, how.which);
     }},
    {"concats",
     [](program& p, const chip&, const lowering&) { p = merge_concats(static_cast<program&&>(p)); }},
    {"types",
     [](program& p, const chip& on, const lowering& how) {
       if (how.which == limit::figures::corrected) p = fit_types(static_cast<program&&>(p), on);
     }},
    {"unused tensors",
     [](program& p, const chip&, const lowering&) { p = swept(static_cast<program&&>(p)); }},
};

/// The program that the engine runs: all passes, one after the other.
[[nodiscard]] constexpr program lowered(program p, const chip& on, const lowering& how = {}) {
  for (const pass& one : passes) one.run(p, on, how);
  return p;
}

}  // namespace lnn::lower
