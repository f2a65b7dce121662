// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/frozen.hpp"

namespace lnn::onnx::detail {

/// Fields of operators that are others at other values of the symbols.  Files hold one number each, so they must not be: but
/// for the dims of a reshape or an expand, which follow from the shape section, the end of a slice, which follows from its
/// output, and the start of one that keeps its distance from the end of the axis, which is written as that.
template <class Ops>
class symbolic_fields {
  static constexpr bool slices = Ops::template has<slice>;
  struct place {
    std::size_t layer, which;
    bool stays = true, from_end = true;
  };

 public:
  explicit symbolic_fields(frozen<Ops>& made) : made_(&made) {
    if constexpr (slices)
      for (std::size_t k = 0; k < made.layers.size(); ++k)
        if (const auto* s = std::get_if<slice>(&made.layers[k].op))
          for (std::size_t i = 0; i < s->starts.size(); ++i) starts_.push_back({k, i});
  }

  /// The same network at other values; the first node that cannot be packed for both, or null.
  [[nodiscard]] const typename frozen<Ops>::layer* compare(const frozen<Ops>& probe) {
    for (std::size_t k = 0; k < made_->layers.size() && k < probe.layers.size(); ++k) {
      const bool same = visit_op(made_->layers[k].op, [&](const auto& op) {
        using Op = std::remove_cvref_t<decltype(op)>;
        constexpr bool follows = Op::name == "reshape" || Op::name == "expand" || Op::name == "slice";
        const auto* other = std::get_if<Op>(&probe.layers[k].op);
        if constexpr (!follows && std::equality_comparable<Op>) return other && op == *other;
        else return other != nullptr;
      });
      if (!same) return &made_->layers[k];
    }
    if constexpr (slices)
      for (place& p : starts_) {
        const auto [a, end_a] = start_of(*made_, p);
        const auto [b, end_b] = start_of(probe, p);
        p.stays = p.stays && a == b;
        p.from_end = p.from_end && a >= 0 && b >= 0 && end_a - a == end_b - b && a < end_a;
        if (!p.stays && !p.from_end) return &made_->layers[p.layer];
      }
    return nullptr;
  }

  /// Counts the starts that keep their distance from the end from there.
  void settle() {
    if constexpr (slices)
      for (const place& p : starts_)
        if (!p.stays) {
          const auto [a, end] = start_of(*made_, p);
          std::get<slice>(made_->layers[p.layer].op).starts[p.which] = a - end;
        }
  }

 private:
  /// A start, and the extent of its axis.
  [[nodiscard]] static std::pair<int, int> start_of(const frozen<Ops>& m, const place& p) {
    const auto& l = m.layers[p.layer];
    const auto* s = std::get_if<slice>(&l.op);
    if (!s || p.which >= s->starts.size()) return {0, -1};
    const shape& x = m.edges[static_cast<std::size_t>(l.inputs[0])].dims;
    int axis = s->axes.empty() ? static_cast<int>(p.which) : s->axes[p.which];
    if (axis < 0) axis += x.rank();
    return {s->starts[p.which], axis >= 0 && axis < x.rank() ? x[axis] : -1};
  }

  frozen<Ops>* made_;
  std::vector<place> starts_;
};

}  // namespace lnn::onnx::detail
