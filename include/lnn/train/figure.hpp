// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>

#include "../core/maths.hpp"

namespace lnn {

/// A number that says how good a network is, and how people read it: its short name, its unit, and which way is up.
struct figure {
  std::string_view name{};
  std::string_view unit{};
  double factor = 1;    ///< of the value, to be in that unit: 100 for shares in percent
  bool rises = true;    ///< greater is better
  double value = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] constexpr figure of(double v) const {
    figure f = *this;
    f.value = v;
    return f;
  }
  [[nodiscard]] bool known() const { return !maths::isnan(value); }
  /// For keeping the best epoch; anything is better than a figure that is not known.
  [[nodiscard]] bool better_than(const figure& other) const {
    return known() && (!other.known() || (rises ? value > other.value : value < other.value));
  }
  /// "acc 85.20%"; nothing when it is not known.
  [[nodiscard]] std::string text() const {
    if (!known()) return {};
    char digits[48];
    std::snprintf(digits, sizeof digits, unit.empty() ? " %.4g" : " %.2f", value * factor);
    return std::string(name) + digits + std::string(unit);
  }
};

namespace figures {
inline constexpr figure accuracy{.name = "acc", .unit = "%", .factor = 100};
/// The share of the targets' variance that the outputs account for: 1 is perfect, 0 what the mean of the targets does.
inline constexpr figure explained{.name = "explained", .unit = "%", .factor = 100};
inline constexpr figure mean_squared_error{.name = "mse", .rises = false};
/// Peak signal to noise ratio.
inline constexpr figure psnr{.name = "psnr", .unit = " dB"};
}  // namespace figures

}  // namespace lnn
