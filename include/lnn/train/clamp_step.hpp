// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <optional>
#include <vector>

#include "../core/algorithm.hpp"
#include "../grad/tape.hpp"

namespace lnn::detail {

/// Clamps every value to +-limit; `cut` says which were outside.  True when there were any.
inline bool clamp_values(tensor<float>& values, std::optional<float> limit, std::vector<unsigned char>& cut) {
  bool any = false;
  cut.assign(values.size(), 0);
  if (!limit) return any;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::abs(values[i]) > *limit) {
      values[i] = std::clamp(values[i], -*limit, *limit);
      cut[i] = any = true;
    }
  return any;
}

/// y = clamp(x, +-limit); the gradient is 1 inside, bounds included, and 0 outside (quantization.md 7).
/// The limit is asked at every pass and carries no gradient.
template <class Limit>
struct clamp_step final : tape_step {
  clamp_step(variable<float>& from, variable<float>& to, pool& w, Limit how) : x(from), y(to), workers(w), limit_of(how) {}

  void forward(bool) override {
    limit = limit_of(flat<const float>(x.value));
    for (std::size_t i = 0; i < x.value.size(); ++i)
      y.value[i] = limit ? std::clamp(x.value[i], -*limit, *limit) : x.value[i];
  }
  void backward(bool) override {
    if (!x.grad || !y.touched) return;
    x.claim();
    for (std::size_t i = 0; i < x.value.size(); ++i)
      if (!limit || (x.value[i] >= -*limit && x.value[i] <= *limit)) x.grad[i] += y.grad[i];
    y.end();
  }

  variable<float>&x, &y;
  pool& workers;
  Limit limit_of;
  std::optional<float> limit;
};

/// Remembers a clamp on the tape and returns its result.
template <class Tape, class Limit>
variable<float>& clamp_on(Tape& t, variable<float>& x, Limit limit) {
  variable<float>& y = t.result(x.dims(), static_cast<bool>(x.grad));
  t.record(make_owner<clamp_step<Limit>>(x, y, t.workers(), limit));
  return y;
}

}  // namespace lnn::detail
