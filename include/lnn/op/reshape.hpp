// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "contract.hpp"

namespace lnn {

namespace detail {

/// Operators that only give the same elements in the same order another shape share their arithmetic.
struct same_elements {
  static constexpr grid grid_rule = grid::keep;

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  constexpr void check(const layer_tensors&, const chip&, verdict&) const {}

  template <class Call>
  void forward(const Call& c) const {
    std::copy_n(c.in[0].data, c.in[0].size(), c.out[0].data);
  }
  template <class Call>
  void backward(const Call& c) const {
    if (c.grad_in[0]) Call::kernels::accumulate(c.grad_out[0].data, c.grad_in[0].data, c.in[0].size());
  }
  template <class Call>
  void integer(const Call& c) const {
    require_type("reshape", c.out[0], c.in[0].type);
    with_element(c.in[0].type, [&](auto element) {
      std::memcpy(c.out[0].data, c.in[0].data, c.in[0].size() * sizeof(element));
    });
  }
};

}  // namespace detail

/// The same elements under other dimensions.  0 copies the input's dimension at that place, one -1 takes the rest.
struct reshape : detail::same_elements {
  int_list dims{0, -1};

  constexpr reshape() = default;
  constexpr explicit reshape(const int_list& to) : dims(to) {}

  static constexpr std::string_view name = "reshape";
  static constexpr std::string_view onnx_names[] = {"Reshape"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA; moves data only";
  static constexpr auto fields = field_list(field{"shape", &reshape::dims, "new dimensions; 0 keeps, -1 takes the rest"});
  static constexpr std::string_view constant_inputs[] = {"shape"};

  static constexpr rule size{"reshape.size", "elements of the new shape", "", "let one dimension be -1",
                             "新形状的元素数", "让一个维度为 -1"};
  static constexpr rule unknown{"reshape.unknown", "dimensions of -1", "", "leave only one open", "为 -1 的维度数",
                                "只留一个"};
  static constexpr rule copied{"reshape.copied", "dimensions copied (0) beyond the input's rank", "", "say the number",
                               "复制（0）的维度超出输入的维数", "写出具体数值"};

  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    shape out;
    int open = -1, opens = 0;
    for (std::size_t i = 0; i < dims.size(); ++i) {
      const int axis = static_cast<int>(i);
      if (dims[i] == 0 && axis >= in[0].rank()) {
        found.never(copied, true);
        return {};
      }
      if (dims[i] < 0) open = axis, ++opens;
      out.append(dims[i] == 0 ? in[0][axis] : dims[i] < 0 ? 1 : dims[i]);
    }
    found.at_most(unknown, opens, 1);
    if (opens > 1) return {};
    if (open >= 0 && out.size() > 0) out[open] = static_cast<int>(in[0].size() / out.size());
    if (out.size() == in[0].size()) return out;
    found.equal(size, static_cast<long long>(out.size()), static_cast<long long>(in[0].size()));
    return {};
  }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Reshape"); }
  static constexpr const rule* rules[] = {&size, &unknown, &copied};
};
static_assert(operator_like<reshape>);

/// All axes from `axis` on become one, those before it another: [n, c, h, w] -> [n, c * h * w] with the default.
struct flatten : detail::same_elements {
  int axis = 1;

  constexpr flatten() = default;
  constexpr explicit flatten(int from) : axis(from) {}

  static constexpr std::string_view name = "flatten";
  static constexpr std::string_view onnx_names[] = {"Flatten"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA; moves data only";
  static constexpr auto fields = field_list(field{"axis", &flatten::axis, "first axis of the second dimension"});

  static constexpr rule axis_range{"flatten.axis", "axis", "", "use an axis of the input", "轴", "使用输入具有的轴"};

  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank(), from = normal_axis(axis, rank);
    found.within(axis_range, axis, -rank, rank);
    if (from < 0 || from > rank) return {};
    return {static_cast<int>(in[0].span(0, from)), static_cast<int>(in[0].span(from, rank))};
  }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Flatten"); }
  static constexpr const rule* rules[] = {&axis_range};
};
static_assert(operator_like<flatten>);

}  // namespace lnn
