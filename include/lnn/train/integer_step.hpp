// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "integer_layer.hpp"

namespace lnn::detail {

/// Operators that keep something of forward for backward.
template <class Op>
concept keeps_something = requires(const Op& op, std::span<const shape> s) { op.saved(s); };

/// The layer of one type of operator.
template <class Op, class Kernels>
struct integer_step final : integer_layer<Kernels> {
  integer_step(integer_setting with, const Op& what, bool fused_relu, std::vector<integer_edge*> from,
               std::vector<integer_edge*> to)
      : integer_layer<Kernels>(with, fused_relu, std::move(from), std::move(to)), op(what) {
    if constexpr (std::is_same_v<Op, batch_norm>) this->alone = &op;
    else this->overwrites = requires { Op::overwrites_gradients; };
  }

  void integer(const integer_call<Kernels>& c) const override { op.integer(c); }
  int derived_exponent(std::size_t part, const exponents& q) const override { return bias_exponent_of(op, part, q); }
  void real_backward(const backward_call<float, Kernels>& c, [[maybe_unused]] std::size_t part_count) override {
    if constexpr (std::is_same_v<Op, batch_norm>) {
      // integer_layer does it: in integers the layer is a factor and an offset
    } else if constexpr (folds_batch_norm<Op>) {
      auto whole = op;
      whole.bias = part_count > 1;
      whole.backward(c);
    } else if constexpr (keeps_something<Op>) {
      auto known = c;
      known.saved = repeat(c);
      op.backward(known);
    } else {
      op.backward(c);
    }
  }

 private:
  /// What the float operator would have kept for backward, had it run on the values that the integers stand for.
  std::span<const float> repeat(const backward_call<float, Kernels>& c) requires keeps_something<Op> {
    std::vector<shape> shapes;
    for (const auto& x : c.in) shapes.push_back(x.dims);
    std::vector<flat<float>> room;
    results.resize(c.out.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].size() != c.out[i].size()) results[i] = tensor<float>(c.out[i].dims);
      room.push_back(results[i].flatten());
    }
    const std::size_t numbers = op.saved(std::span<const shape>(shapes));
    if (kept.size() != numbers) kept = tensor<float>({static_cast<int>(numbers)});
    op.forward(forward_call<float, Kernels>{c.in, room, {}, {kept.data(), kept.size()}, true, c.workers});
    return {kept.data(), kept.size()};
  }

  Op op;
  std::vector<tensor<float>> results;
  tensor<float> kept;
};

/// The network's input onto its grid, as the chip's Quant does.
template <class Kernels>
struct input_step final : tape_step {
  input_step(integer_setting with, variable<float>& from, integer_edge& to) : set(with), x(from), out(to) {}
  void forward(bool training) override {
    const integer_view from{x.value.data, dtype::float32, x.dims(), 0}, to = out.access();
    watch.reset();
    quant{}.integer(integer_call<Kernels>{{&from, 1}, {&to, 1}, *set.target, false, training ? &watch : nullptr, *set.workers});
    out.template renew<Kernels>(*set.shared);
    if (training && out.grid.entry >= 0) set.entry(out.grid.entry)->observe(std::max(watch.highest, -watch.lowest));
  }
  void backward(bool) override {
    if (set.learned() && out.grid.entry >= 0 && out.real->touched) range.gradient = set.slope_sum(out, [&](std::size_t i) { return x.value[i]; });
    out.real->end();
    out.let_go(*set.shared);
  }

  learned_range range;

 private:
  integer_setting set;
  variable<float>& x;
  integer_edge& out;
  tap watch;
};

}  // namespace lnn::detail
