// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/supported.hpp"
#include "quant.hpp"

namespace lnn {

/// The same numbers in another element type, converted as C does it: integers lose their upper bits, real
/// numbers their fraction.  Exponents play no part; what fits keeps its value.
struct cast : detail::same_numbers {
  static constexpr std::string_view name = "cast";
  static constexpr std::string_view onnx_names[] = {"Cast"};
  static constexpr std::string_view arithmetic =
      "y = (type of y) x";
  static constexpr std::string_view evidence = "formula only: a conversion of C";
  static constexpr grid grid_rule = grid::keep;
  static constexpr bool moves_grid = true;
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Cast"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::check_supported(facts(t).op, on, found);
  }

  static constexpr const rule* rules[] = {&limit::unsupported};

  template <class Call>
  void integer(const Call& c) const {
    if (c.in[0].type == dtype::float32) {
      const auto* x = c.in[0].template as<const float>();
      return to(c, [x](std::size_t i) { return x[i]; });
    }
    to(c, [&](std::size_t i) { return c.in[0].at(i); });
  }

 private:
  template <class Call, class From>
  static void to(const Call& c, const From& from) {
    const std::size_t n = c.in[0].size();
    if (c.out[0].type == dtype::float32) {
      for (std::size_t i = 0; i < n; ++i) c.out[0].template as<float>()[i] = static_cast<float>(from(i));
      return;
    }
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      for (std::size_t i = 0; i < n; ++i) c.out[0].template as<T>()[i] = static_cast<T>(whole(from(i)));
    });
  }
  [[nodiscard]] static std::int64_t whole(std::int64_t v) { return v; }
  /// Real numbers outside of 32 bits, for which C has no answer, are clamped to them.
  [[nodiscard]] static std::int64_t whole(float v) {
    return to_integer(static_cast<double>(v), INT32_MIN, INT32_MAX);
  }
};
static_assert(operator_like<cast>);

}  // namespace lnn
