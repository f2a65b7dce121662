// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "../core/algorithm.hpp"
#include "../core/error.hpp"
#include "../core/maths.hpp"

namespace lnn {

/// Where training stands: optimizer steps done, steps in all, steps of one epoch.
struct training_time {
  std::int64_t step = 0, steps = 1, steps_per_epoch = 1;
};

/// The learning rate as a pure function of time: a value that is copied, compared and resumed at will.
///
///     lnn::schedule::constant(0.01)
///     lnn::schedule::stepped(0.1, 0.2, 3)            // times 0.2 after every third epoch
///     lnn::schedule::cosine(0.05, 0.1, 0.01)         // a tenth linear up, then half a cosine to 0.0005
class schedule {
 public:
  enum class form : std::uint8_t { constant, stepped, cosine };

  [[nodiscard]] static constexpr schedule constant(double rate) { return {form::constant, rate, 1, 1, 0}; }

  /// rate * factor^(epochs done / every), the quotient cut to an integer.
  [[nodiscard]] static constexpr schedule stepped(double rate, double factor, int every_epochs) {
    if (every_epochs < 1) fail("schedule: a step every ", every_epochs, " epochs, expected at least 1");
    return {form::stepped, rate, factor, every_epochs, 0};
  }

  /// Rises linearly to `rate` over the first `warmup` (a share of all steps, 0 to 1), then falls along half a
  /// cosine to rate * final_factor at the last step.
  [[nodiscard]] static constexpr schedule cosine(double rate, double warmup = 0, double final_factor = 0) {
    if (!(warmup >= 0 && warmup <= 1))
      fail("schedule: warm-up ", warmup, ", expected a share of 0 to 1 of all steps");
    return {form::cosine, rate, final_factor, 1, warmup};
  }

  /// The rate of a step; steps past the last one count as the last.
  [[nodiscard]] double at(const training_time& now) const {
    const std::int64_t last = std::max<std::int64_t>(now.steps, 1) - 1,
                       step = std::clamp<std::int64_t>(now.step, 0, last);
    if (form_ == form::constant) return rate_;
    if (form_ == form::stepped) {
      const std::int64_t epoch = step / std::max<std::int64_t>(now.steps_per_epoch, 1);
      return rate_ * maths::pow(factor_, static_cast<double>(epoch / every_));
    }
    const auto warm = static_cast<std::int64_t>(maths::llround(warmup_ * static_cast<double>(last + 1)));
    if (step < warm) return rate_ * static_cast<double>(step + 1) / static_cast<double>(warm);
    const double way = last > warm ? static_cast<double>(step - warm) / static_cast<double>(last - warm) : 1;
    constexpr double pi = 3.14159265358979323846;
    return rate_ * (factor_ + (1 - factor_) * 0.5 * (1 + maths::cos(pi * way)));
  }

  [[nodiscard]] constexpr form kind() const { return form_; }
  [[nodiscard]] constexpr double rate() const { return rate_; }
  friend constexpr bool operator==(const schedule&, const schedule&) = default;

 private:
  constexpr schedule(form f, double rate, double factor, int every, double warmup)
      : form_(f), rate_(rate), factor_(factor), every_(every), warmup_(warmup) {
    if (!(rate >= 0) || rate > 1e6) fail("schedule: learning rate ", rate, ", expected 0 to 1e6");
    if (!(factor >= 0) || factor > 1e6) fail("schedule: factor ", factor, ", expected 0 to 1e6");
  }

  form form_;
  double rate_, factor_;
  int every_;
  double warmup_;
};

}  // namespace lnn
