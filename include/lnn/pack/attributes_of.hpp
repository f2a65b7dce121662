// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/frozen.hpp"
#include "../lower/program.hpp"
#include "../model/program.hpp"

namespace lnn::packing {

namespace detail {

/// The attributes that an operator of the library declares, by their names in files.
class declared {
 public:
  template <class Op>
  explicit declared(const Op& op) {
    for_each_field(op, [&](const auto& f, const auto& value) { all_.push_back({f.name, lnn::numbers(value)}); });
  }
  declared() = default;
  /// Null when the operator has no such attribute.
  [[nodiscard]] const number_list* find(std::string_view name) const {
    for (const one& a : all_)
      if (a.name == name) return &a.values;
    return nullptr;
  }

 private:
  struct one {
    std::string_view name;
    number_list values;
  };
  std::vector<one> all_;
};

/// What files say of the rounding when nobody asked for another: luna_quant on VENUS, floor_add elsewhere; the engines
/// read neither.
[[nodiscard]] constexpr int usual_rounding(const chip& on) { return on.rounding_is_quant_mode ? 1 : 4; }

/// One step's attributes from the packer's facts about it, from its tensors, and what they do not tell from the operator.
class attribute_source {
 public:
  attribute_source(const lower::program& p, const lower::step& s, const declared& own, const chip& on)
      : program_(&p), step_(&s), own_(&own), on_(&on) {}

  /// Number `place` of the attribute; 0 behind the last one, as the engine's structs have it.
  [[nodiscard]] double operator()(std::string_view name, std::size_t place) const {
    const limit::facts& as = step_->as;
    if (name == "kernel") return nth(as.kernel, place);
    if (name == "stride") return nth(as.stride, place);
    if (name == "pad") return nth(as.pad, place);
    if (name == "dilation") return nth(as.dilation, place);
    if (name == "output_padding") return nth(as.output_padding, place);
    if (name == "group" || name == "num_group") return as.group;
    if (name == "ceil") return as.ceil_mode;
    if (name == "act_type") return step_->relu ? 1 : step_->slope != 0 ? 2 : 0;
    if (name == "quant_type") return rounding();
    if (name == "dim") return as.axis;
    if (name == "max_num") return as.count;
    if (name == "direction") return as.reverse;
    if (name == "data_bits") return step_->op == "Quant" ? bits(step_->outputs) : bits(step_->inputs);
    if (name == "o_bits") return bits(step_->outputs);
    if (name == "eps") return 1e-5;
    if (name == "keepdims") return 1;
    if (name == "axis") return step_->op == "LayerNormInt" ? 1 : as.axis;
    if (step_->op == "LSTMInt" || step_->op == "GRUInt") {
      if (name == "input_size") return limit::last(program_->at(step_->inputs[0]).dims);
      if (name == "layout") return as.axis == 0;  // samples first
    }
    if (step_->op == "iqPad" && name == "mode") return as.mode == "constant" ? 0 : as.mode == "replicate" ? 1 : 2;
    if (step_->op == "Transpose") return name == "ndim" ? static_cast<double>(as.perm.size()) : nth(as.perm, place);
    if (step_->op == "Split") return name == "dims" ? static_cast<double>(step_->outputs.size()) : extent_of_output(place);
    if (step_->op == "Squeeze" || step_->op == "Unsqueeze") return name == "ndim" ? static_cast<double>(axes().size()) : nth(axes(), place);
    if (name == "coord_trans_mode") return own("coordinate_transformation_mode", place);
    return own(name, place);
  }

 private:
  [[nodiscard]] static double nth(const limit::numbers& all, std::size_t place) { return place < all.size() ? all[place] : 0; }
  [[nodiscard]] double own(std::string_view name, std::size_t place) const {
    const number_list* values = own_->find(name);
    return values && place < values->size() ? (*values)[place] : 0;
  }
  [[nodiscard]] double bits(const lower::wires& tensors) const { return bits_of(program_->at(tensors[0]).type); }

  [[nodiscard]] double rounding() const {
    for (const std::string_view unread : {"MaxPool", "AvgPool2dInt", "GRUInt"})
      if (step_->op == unread) return 0;
    if (step_->rounding_code >= 0) return step_->rounding_code;
    return step_->op == "Quant" ? usual_rounding(venus) : usual_rounding(*on_);  // Quant has VENUS' words on every chip
  }
  [[nodiscard]] double extent_of_output(std::size_t place) const {
    if (place >= step_->outputs.size()) return 0;
    const shape& y = program_->at(step_->outputs[place]).dims;
    return y[normal_axis(step_->as.axis, y.rank())];
  }
  /// Axes of 1 that come or go; a squeeze without a list loses all of them.
  [[nodiscard]] limit::numbers axes() const {
    limit::numbers out;
    if (const number_list* listed = own_->find("axes"); listed && !listed->empty()) {
      for (double a : *listed) out.push_back(static_cast<int>(a));
      return out;
    }
    const shape& x = program_->at(step_->inputs[0]).dims;
    for (int a = 0; a < x.rank(); ++a)
      if (x[a] == 1) out.push_back(a);
    return out;
  }

  const lower::program* program_;
  const lower::step* step_;
  const declared* own_;
  const chip* on_;
};

}  // namespace detail

/// The attribute struct of a step of a program that was made from the frozen model `m`.
template <class Ops>
[[nodiscard]] model::attributes attributes_of(const frozen<Ops>& m, const lower::program& p, const lower::step& s, const chip& on) {
  model::attributes out(s.op);
  if (!out.table()) return out;
  const detail::declared own = s.layer < 0 ? detail::declared{} : visit_op(m.layers[static_cast<std::size_t>(s.layer)].op, [](const auto& op) { return detail::declared(op); });
  const detail::attribute_source value(p, s, own, on);
  for (const model::attribute& a : out.table()->fields)
    for (std::size_t i = 0; i < a.count; ++i) out.set(a.name, value(a.name, i), i);
  return out;
}

}  // namespace lnn::packing
