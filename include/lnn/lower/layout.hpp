// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/window.hpp"
#include "step_facts.hpp"
#include "wiring.hpp"

namespace lnn::lower {

namespace detail {

/// True for a step that only fits the chip with its image on its side (limit::lay_out, packer.md 5.1).
constexpr bool wants_turning(const program& p, const step& s, const chip& on) {
  const bool dense = is(s.op, "Conv2dInt") || is(s.op, "ConvTranspose2dInt"),
             pool = is(s.op, "MaxPool") || is(s.op, "AvgPool2dInt");
  const shape& x = p.at(s.inputs[0]).dims;
  extent2 kernel, stride;
  padding2 pad;
  if ((!dense && !pool) || x.rank() != 4 || !limit::read_window(s.as, kernel, stride, pad)) return false;
  if (kernel.h < 1 || kernel.w < 1 || stride.h < 1 || stride.w < 1) return false;
  const limit::layout upright{x[2], x[3], kernel, stride, pad};
  const bool each_plane =
      is(s.op, "Conv2dInt") && s.as.group == p.at(s.outputs[0]).dims[1] && p.at(s.inputs[1]).dims[1] == 1;
  const long long room = each_plane ? on.conv.depthwise_row : on.memory.data_buffer;
  return limit::lay_out(upright, align_up(x[1], on.conv.row_align), room).turned;
}

constexpr void exchange(limit::numbers& pair) {
  if (pair.size() != 2) return;
  const int first = pair[0];
  pair[0] = pair[1];
  pair[1] = first;
}
constexpr void exchange(shape& dims) {
  const int r = dims.rank(), last = dims[r - 1];
  dims[r - 1] = dims[r - 2];
  dims[r - 2] = last;
}

constexpr step turn(const label& name, int from, int to) {
  step t{.name = name, .op = "Transpose", .inputs = {from}, .outputs = {to}};
  t.as.op = t.op;
  t.as.perm = {0, 1, 3, 2};
  return t;
}

/// Tensors in both orders: each is transposed once, for all who read it so.
class sides {
 public:
  constexpr explicit sides(program& p) : p_(p), other_(p.tensors.size(), -1), there_(p.tensors.size(), 1) {}

  /// The tensor `t` as it lies in that order; a Transpose is added to `steps` where nobody has made it yet.
  constexpr int in_order(int t, order wanted, std::vector<step>& steps) {
    if (p_.at(t).laid == wanted) return t;
    if (other_[at(t)] < 0) add_other(t);
    const int side = other_[at(t)];
    if (there_[at(side)]) return side;
    there_[at(side)] = 1;
    label name = p_.at(side).name;
    name.add("_transpose");
    steps.push_back(turn(name, t, side));
    return side;
  }
  /// The tensor that a step makes in the other order instead of `t`.
  constexpr int instead(int t) {
    if (other_[at(t)] < 0) add_other(t);
    there_[at(t)] = 0;
    there_[at(other_[at(t)])] = 1;
    return other_[at(t)];
  }

 private:
  static constexpr std::size_t at(int t) { return static_cast<std::size_t>(t); }

  constexpr void add_other(int t) {
    tensor side = p_.at(t);
    side.laid = side.laid == order::nchw ? order::ncwh : order::nchw;
    side.like = side.edge >= 0 ? side.edge : side.like;
    side.edge = -1;
    exchange(side.dims);
    side.name.add(side.laid == order::ncwh ? "@NCWH" : "@NCHW");
    const int made = p_.add(side);
    other_.resize(p_.tensors.size(), -1);
    there_.resize(p_.tensors.size(), 0);
    other_[at(t)] = made;
    other_[at(made)] = t;
  }

  program& p_;
  std::vector<int> other_;
  std::vector<char> there_;  ///< some step makes it, or it is given
};

/// The attributes and the weight of a step whose image lies on its side.
constexpr void turn_window(program& p, step& s) {
  for (limit::numbers* pair : {&s.as.kernel, &s.as.stride, &s.as.dilation, &s.as.output_padding})
    exchange(*pair);
  const limit::numbers pad = s.as.pad;
  s.as.pad = {pad[1], pad[0], pad[3], pad[2]};
  if (s.inputs.size() < 2) return;
  tensor weight = p.at(s.inputs[1]);
  weight.turned = true;
  exchange(weight.dims);
  s.inputs[1] = p.add(weight);
}

}  // namespace detail

/// Windows whose rows do not fit the chip are computed on their side where columns fit: with Transposes in
/// front and behind, kernel, strides and paddings exchanged (packer.md 5.1).
[[nodiscard]] constexpr program choose_layout(program p, const chip& on) {
  bool any = false;
  for (const step& s : p.steps) any = any || detail::wants_turning(p, s, on);
  if (!any) return p;
  std::vector<step> all = static_cast<std::vector<step>&&>(p.steps), out;
  std::vector<int> now(p.tensors.size(), -1);  // the tensor that has taken the place of another
  detail::sides side(p);
  const auto current = [&](int t) {
    return static_cast<std::size_t>(t) < now.size() && now[static_cast<std::size_t>(t)] >= 0
               ? now[static_cast<std::size_t>(t)]
               : t;
  };
  for (step& s : all) {
    const bool turned = detail::wants_turning(p, s, on);
    for (std::size_t i = 0; i < s.inputs.size(); ++i) {
      const int t = current(s.inputs[i]);
      const bool image = !p.at(t).constant();
      s.inputs[i] = image ? side.in_order(t, turned && i == 0 ? order::ncwh : order::nchw, out) : t;
    }
    if (!turned) {
      out.push_back(static_cast<step&&>(s));
      continue;
    }
    detail::turn_window(p, s);
    const int upright = s.outputs[0];
    now[static_cast<std::size_t>(upright)] = s.outputs[0] = side.instead(upright);
    out.push_back(static_cast<step&&>(s));
    for (int o : p.outputs)
      if (o == upright)
        static_cast<void>(
            side.in_order(out.back().outputs[0], order::nchw, out));  // outputs keep their order
  }
  p.steps = static_cast<std::vector<step>&&>(out);
  return p;
}

}  // namespace lnn::lower
