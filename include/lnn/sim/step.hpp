// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <vector>

#include "../op/registry.hpp"
#include "../tensor/quantized.hpp"
#include "layout.hpp"
#include "prepared_layer.hpp"
#include "prepared_map.hpp"
#include "prepared_sequence.hpp"

namespace lnn::sim {

/// A tensor in its place, and how it lies there.
struct placed {
  integer_view at{};
  layout lies = layout::channels_first;
  bool constant = false;  ///< its numbers are there and never change
};

/// What a step is made of.  Parameters, and what the operands point to, must stay.
template <class Ops>
struct step_parts {
  const typename Ops::any& op;
  std::vector<placed> in;
  std::span<const integer_tensor> parameters;
  std::vector<placed> out;
  bool relu;
  const chip& on;
};

/// One operator of a model, ready to run again and again: its tensors in their places, its weights arranged for the
/// machine, images in the layout in which it is fastest.
template <class Kernels, class Ops>
class step {
 public:
  /// The layout in which an operator reads its inputs and writes its outputs; that of `out` is not asked.
  [[nodiscard]] static layout works_in(const step_parts<Ops>& parts) {
    if constexpr (prepares) {
      const placed& x = parts.in[0];
      return visit_op(parts.op, [&](const auto& op) {
        using Op = std::remove_cvref_t<decltype(op)>;
        if constexpr (prepared_layer::is_convolution<Op>)
          if (const views all(parts); prepared_layer::covers(op, all.call(parts))) return layout::channels_last;
        bool either = x.lies == layout::channels_last && !same_either_way(x.at.dims) && (any_layout<Op> || element_wise<Op>);
        for (const placed& other : parts.in)
          if (element_wise<Op>) either = either && other.at.dims == parts.out[0].at.dims;
        return either ? layout::channels_last : layout::channels_first;
      });
    } else {
      return layout::channels_first;
    }
  }

  explicit step(const step_parts<Ops>& parts) : op_(parts.op), relu_(parts.relu), on_(&parts.on), works_(works_in(parts)), views_(parts) {
    for (std::size_t i = 0; i < parts.in.size(); ++i)
      if (turned(parts.in[i])) brought_.push_back({parts.in[i].at, set_aside(views_.in[i])});
    for (std::size_t i = 0; i < parts.out.size(); ++i)
      if (const placed& y = parts.out[i]; turned(y) || lies_on(y.at, parts.in)) made_.push_back({y, set_aside(views_.out[i]), turned(y)});
    if constexpr (prepares)
      visit_op(op_, [&](const auto& op) {
        using Op = std::remove_cvref_t<decltype(op)>;
        const layer_call call = views_.call(parts);
        fast_ = prepared_layer::covers(op, call) ? prepared_layer::of(op, call) : prepared_map::of(op, call, works_);
        if constexpr (operators<lstm, gru>::has<Op>) products_.prepare(op.form(), call);
      });
  }

  void run(pool& workers) {
    for (const brought& b : brought_) rearrange(b.from, works_, b.to);
    if (fast_) fast_->run(views_.in[0].template as<const std::int8_t>(), views_.out[0].data, workers);
    else visit_op(op_, [&](const auto& op) { compute(op, integer_call<Kernels>{views_.in, views_.out, *on_, relu_, nullptr, workers}); });
    for (const made& m : made_) {
      integer_view from = m.to.at;
      from.data = m.from;
      if (m.turned) rearrange(from, m.to.lies, m.to.at.data);
      else std::copy_n(from.as<const std::uint8_t>(), extent_of(from), m.to.at.template as<std::uint8_t>());
    }
  }

 private:
  static constexpr bool prepares = requires { Kernels::prepares_layers; };
  template <class Op>
  static constexpr bool any_layout = requires(const Op& op, const integer_call<Kernels>& c) { op.integer_channels_last(c); };
  /// Operators whose elements meet those of the same place, whatever the places mean.
  template <class Op>
  static constexpr bool element_wise = operators<add, sub, mul, relu, clip, requant, sigmoid, tanh, gelu, swish>::template has<Op>;

  /// The operands as kernels take them: activations, then parameters.
  struct views {
    std::vector<integer_view> in, out;
    std::uint32_t constants = 0;
    explicit views(const step_parts<Ops>& parts) {
      for (const placed& x : parts.in) add(x.at, x.constant);
      for (const integer_tensor& p : parts.parameters) add(p.access(), true);
      for (const placed& y : parts.out) out.push_back(y.at);
    }
    void add(const integer_view& operand, bool constant) {
      if (in.size() < 32) constants |= std::uint32_t{constant} << in.size();  // weights are among the first
      in.push_back(operand);
    }
    [[nodiscard]] layer_call call(const step_parts<Ops>& parts) const { return {in, out, parts.on, parts.relu, constants}; }
  };
  struct brought {
    integer_view from;
    void* to;
  };
  struct made {
    placed to;
    void* from;
    bool turned;
  };

  template <class Op>
  void compute(const Op& op, const integer_call<Kernels>& call) const {
    if constexpr (any_layout<Op>)
      if (works_ == layout::channels_last) return op.integer_channels_last(call);
    if constexpr (prepares && operators<lstm, gru>::has<Op>) op.integer(sequence_call<Kernels>{call, products_});
    else op.integer(call);
  }
  [[nodiscard]] bool turned(const placed& t) const { return t.lies != works_ && !same_either_way(t.at.dims); }
  /// Gives a view memory of its own.
  void* set_aside(integer_view& v) {
    room_.emplace_back(shape{static_cast<int>(extent_of(v))});
    return v.data = room_.back().data();
  }
  [[nodiscard]] static bool lies_on(const integer_view& y, std::span<const placed> in) {
    const auto* first = y.as<const std::uint8_t>();
    for (const placed& x : in) {
      const auto* other = x.at.as<const std::uint8_t>();
      if (other < first + extent_of(y) && first < other + extent_of(x.at)) return true;
    }
    return false;
  }

  typename Ops::any op_;
  bool relu_;
  const chip* on_;
  layout works_;
  views views_;
  std::vector<tensor<std::uint8_t>> room_;
  std::vector<brought> brought_;
  std::vector<made> made_;
  owner<prepared> fast_;
  prepared_products products_;
};

}  // namespace lnn::sim
