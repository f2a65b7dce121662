// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <lnn/core/random.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace peers {

/// CPU seconds of this thread: waiting for the processor does not count.
inline double seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

template <class T>
std::vector<T> numbers(std::size_t n, int low = -128, int high = 127) {
  lnn::random draw(n + 1);
  std::vector<T> v(n);
  for (T& x : v) x = static_cast<T>(low + static_cast<int>(draw.below(static_cast<std::uint32_t>(high - low + 1))));
  return v;
}

/// Words and numbers as one name.
template <class... Parts>
std::string text(const Parts&... parts) {
  char name[96];
  int end = 0;
  const auto add = [&](const auto& part) {
    const auto room = sizeof name - static_cast<std::size_t>(end);
    if constexpr (std::is_same_v<std::decay_t<decltype(part)>, int>) end += std::snprintf(name + end, room, "%d", part);
    else end += std::snprintf(name + end, room, "%s", part);
  };
  (add(parts), ...);
  return name;
}

/// Two workloads in turn, slice by slice, so that both meet the same disturbances.
struct contest {
  double ratio, low, high;  ///< time of the peer / time of lnn: median, and the bounds of the middle 80 % of slices
  double ours, theirs;      ///< median seconds of one run
};

template <class Ours, class Theirs>
contest compete(const Ours& ours, const Theirs& theirs, int slices = 41, double slice = 3e-4) {
  const auto repeats = [&](const auto& run) {
    run();
    for (int n = 1;; n *= 2) {
      const double begin = seconds();
      for (int i = 0; i < n; ++i) run();
      const double took = seconds() - begin;
      if (took > slice / 4) return std::max(1, static_cast<int>(std::lround(slice * n / took)));
    }
  };
  const auto timed = [](const auto& run, int n) {
    const double begin = seconds();
    for (int i = 0; i < n; ++i) run();
    return (seconds() - begin) / n;
  };
  const int a = repeats(ours), b = repeats(theirs);
  std::vector<double> ratio, x, y;
  for (int i = 0; i < slices; ++i) {
    x.push_back(timed(ours, a));
    y.push_back(timed(theirs, b));
    ratio.push_back(y.back() / x.back());
  }
  const auto part = [](std::vector<double>& v, double at) {
    std::sort(v.begin(), v.end());
    return v[static_cast<std::size_t>(at * static_cast<double>(v.size() - 1) + 0.5)];
  };
  return {part(ratio, 0.5), part(ratio, 0.1), part(ratio, 0.9), part(x, 0.5), part(y, 0.5)};
}

/// A table of contests with the goal that each kind of workload has.
class table {
 public:
  explicit table(const char* peer) { std::printf("%-34s %10s %10s  %-20s %s\n", "", "lnn us", peer, "ratio (80 %)", "goal"); }
  void row(const std::string& name, const contest& c, double goal) {
    std::printf("%-34s %10.2f %10.2f  %.2f (%.2f-%.2f)     >= %.2f%s\n", name.c_str(), c.ours * 1e6, c.theirs * 1e6, c.ratio,
                c.low, c.high, goal, c.ratio >= goal ? "" : "  below");
    std::fflush(stdout);
    logs_ += std::log(c.ratio);
    least_ = std::min(least_, c.ratio);
    ++rows_;
  }
  /// Geometric mean and least ratio of the rows since the last summary.
  void summary(const char* name, double mean_goal) {
    if (rows_ > 0) {
      const double mean = std::exp(logs_ / rows_);
      std::printf("%-34s geometric mean %.2f, least %.2f; goal %.2f%s\n\n", name, mean, least_, mean_goal, mean >= mean_goal ? "" : "  below");
    }
    logs_ = 0, least_ = 1e9, rows_ = 0;
  }

 private:
  double logs_ = 0, least_ = 1e9;
  int rows_ = 0;
};

}  // namespace peers
