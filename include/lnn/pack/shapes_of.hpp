// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/frozen.hpp"
#include "../model/program.hpp"

namespace lnn::packing {

/// Builds the shape section: every dimension that varies as a number computed from the model's symbols.  Equal
/// expressions are computed once.
class shape_builder {
 public:
  using code = model::shape_program::operation_code;

  explicit shape_builder(const std::vector<symbol>& symbols) : symbols_(&symbols), scalar_of_(symbols.size(), -1) {}

  /// Axis `dim` of an input of the model is a symbol, as it is.
  void input_axis(std::uint16_t tensor, std::uint8_t dim, const extent& e) {
    out_.axes.push_back({tensor, dim, static_cast<std::uint8_t>(input_of(e.first))});
  }
  /// Axis `dim` of a tensor follows from the symbols.
  void target(std::uint16_t tensor, std::uint8_t dim, const extent& e) {
    out_.targets.push_back({tensor, dim});
    out_.outputs.push_back(scalar(e));
  }
  [[nodiscard]] static bool is_symbol(const extent& e) {
    return e.first >= 0 && e.second < 0 && e.scale == 1 && e.add == 0 && e.divisor == 1 && e.offset == 0;
  }
  [[nodiscard]] model::shape_program done() {
    if (out_.inputs.size() > most_inputs) fail("pack: ", out_.inputs.size(), " symbolic dimensions, the engine takes at most ", most_inputs, "; fix some of them");
    return static_cast<model::shape_program&&>(out_);
  }

 private:
  static constexpr std::size_t most_inputs = 8;

  /// The place of a symbol among the graph's inputs.
  std::size_t input_of(int which) {
    const symbol& s = (*symbols_)[static_cast<std::size_t>(which)];
    for (std::size_t i = 0; i < out_.inputs.size(); ++i)
      if (out_.inputs[i].name == s.name) return i;
    out_.inputs.push_back({s.name, number(0)});
    return out_.inputs.size() - 1;
  }
  /// A symbol's value, rounded down to what it may be.
  std::int32_t value_of(int which) {
    std::int32_t& known = scalar_of_[static_cast<std::size_t>(which)];
    if (known >= 0) return known;
    const symbol& s = (*symbols_)[static_cast<std::size_t>(which)];
    known = out_.inputs[input_of(which)].scalar;
    if (s.factor > 1) known = apply(code::mul, {constant(s.factor), apply(code::floor, {apply(code::mul, {known, constant(1.0 / s.factor)})})});
    return known;
  }
  std::int32_t scalar(const extent& e) {
    if (e.is_fixed()) return constant(e.offset);
    std::int32_t v = value_of(e.first);
    if (e.second >= 0) v = apply(code::mul, {v, value_of(e.second)});
    if (e.add != 0) v = apply(code::add, {v, constant(e.add)});
    if (e.divisor != 1) v = apply(code::floor, {apply(code::mul, {v, constant(1.0 / e.divisor)})});
    if (e.scale != 1) v = apply(code::mul, {v, constant(e.scale)});
    return e.offset != 0 ? apply(code::add, {v, constant(e.offset)}) : v;
  }
  std::int32_t number(double v) {
    out_.scalars.push_back(v);
    return static_cast<std::int32_t>(out_.scalars.size()) - 1;
  }
  std::int32_t constant(double v) {
    for (const auto& [value, place] : constants_)
      if (value == v) return place;
    constants_.push_back({v, number(v)});
    return constants_.back().second;
  }
  std::int32_t apply(code what, std::vector<std::int32_t> of) {
    for (const auto& s : out_.steps)
      if (s.code == what && s.inputs == of) return s.output;
    const std::int32_t to = number(0);
    out_.steps.push_back({what, static_cast<std::vector<std::int32_t>&&>(of), to});
    return to;
  }

  const std::vector<symbol>* symbols_;
  std::vector<std::int32_t> scalar_of_;
  std::vector<std::pair<double, std::int32_t>> constants_;
  model::shape_program out_;
};

}  // namespace lnn::packing
