// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <lnn/core/random.hpp>
#include <lnn/simd/isa.hpp>
#include <lnn/simd/lane.hpp>
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
/// Seconds on the clock, for work in several threads.
inline double wall_seconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// How often another program took the processor from this thread.
inline long interruptions() {
#ifdef RUSAGE_THREAD
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  return used.ru_nivcsw;
#else
  return 0;
#endif
}

template <class T>
std::vector<T> numbers(std::size_t n, int low = -128, int high = 127) {
  lnn::random draw(n + 1);
  std::vector<T> v(n);
  for (T& x : v) x = static_cast<T>(low + static_cast<int>(draw.below(static_cast<std::uint32_t>(high - low + 1))));
  return v;
}
/// Numbers that begin at a cache line, each array at a place of its own in a page: processors take a store and a later load
/// with the same last twelve bits of address for one after the other.
template <class T>
class array {
 public:
  explicit array(const std::vector<T>& from) : array(from.size()) { std::copy(from.begin(), from.end(), data()); }
  explicit array(std::size_t n) : n_(n) {
    static int made = 0;
    start_ = static_cast<std::size_t>(made++ % 8) * 448;
    std::fill_n(reinterpret_cast<T*>(memory_.reserve(start_ + n * sizeof(T)) + start_), n, T{});
  }
  [[nodiscard]] T* data() { return reinterpret_cast<T*>(memory_.data() + start_); }
  [[nodiscard]] const T* data() const { return reinterpret_cast<const T*>(memory_.data() + start_); }
  [[nodiscard]] std::size_t size() const { return n_; }
  [[nodiscard]] std::vector<T> values() const { return {data(), data() + n_}; }

 private:
  lnn::simd::detail::buffer<std::uint8_t> memory_;
  std::size_t n_, start_ = 0;
};

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
contest compete(const Ours& ours, const Theirs& theirs, double (*clock)() = seconds, int slices = 81, double slice = 3e-4) {
  // Who was interrupted finds the caches full of others' data: such a slice is measured again, as far as that helps.
  const auto timed = [&](const auto& run, int n) {
    for (int tries = 0;; ++tries) {
      const long before = interruptions();
      const double begin = clock();
      for (int i = 0; i < n; ++i) run();
      const double took = (clock() - begin) / n;
      if (interruptions() == before || tries == 4) return took;
    }
  };
  // The least of some: a disturbance must not look like a long run, of which one would fill a slice.
  const auto repeats = [&](const auto& run) {
    run();
    for (int n = 1;; n *= 2) {
      const double took = n * std::min({timed(run, n), timed(run, n), timed(run, n)});
      if (took > slice / 4) return std::max(1, static_cast<int>(std::lround(slice * n / took)));
    }
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

/// Median seconds of one run.
template <class Run>
double median_of(const Run& run) {
  const auto twice = compete(run, run);
  return (twice.ours + twice.theirs) / 2;
}

/// A line of docs/performance.md about one number.
inline void line(const char* workload, const char* beside, double value, double most, const char* unit) {
  std::printf("= %s | %s | %.2f %s | at most %.2f %s | %s\n", workload, beside, value, unit, most, unit, value <= most ? "yes" : "no");
  std::fflush(stdout);
}

/// What a group of contests must reach: the geometric mean of its ratios, and each of them; or, where memory is the limit, the
/// mean share of it.
struct goal {
  double mean, least = 0, share = 0;
};

/// Tables of contests, one for each line of goals.  A line that begins with '=' sums up a group in the columns of
/// docs/performance.md: workload, beside what, reached, goal, whether it is met.
class table {
 public:
  explicit table(const char* peer) : peer_(peer) { std::printf("%-34s %10s %10s  %-20s %s\n", "", "lnn us", peer, "ratio (80 %)", "of the limit"); }
  /// `beside`: what the group is compared with, where it is not the table's peer.
  void group(const char* workload, const goal& g, const char* beside = nullptr) {
    workload_ = workload, goal_ = g, beside_ = beside ? beside : peer_;
    logs_ = lows_ = highs_ = shares_ = 0, least_ = 1e9, rows_ = shared_ = 0;
  }
  void row(const std::string& name, const contest& c) {
    print(name, c);
    std::printf("%s\n", c.ratio >= goal_.least ? "" : "  below");
    std::fflush(stdout);
  }
  /// Beside a peer and beside the limit of the memory.
  void row(const std::string& name, const contest& c, const contest& limit) {
    print(name, c);
    std::printf("  %.2f (%.2f-%.2f)\n", limit.ratio, limit.low, limit.high);
    std::fflush(stdout);
    shares_ += std::log(limit.ratio);
    ++shared_;
  }
  void end() {
    if (rows_ == 0) return;
    const double mean = std::exp(logs_ / rows_), share = shared_ > 0 ? std::exp(shares_ / shared_) : 0;
    const bool met = (mean >= goal_.mean && least_ >= goal_.least) || (goal_.share > 0 && share >= goal_.share);
    std::printf("= %s | %s | %.2f (%.2f-%.2f)", workload_, beside_, mean, std::exp(lows_ / rows_), std::exp(highs_ / rows_));
    if (rows_ > 1) std::printf(", least %.2f", least_);
    if (shared_ > 0) std::printf("; %.0f %% of the memory's limit", 100 * share);
    std::printf(" | %.2f", goal_.mean);
    if (goal_.least > 0 && rows_ > 1) std::printf(", least %.2f", goal_.least);
    if (goal_.share > 0) std::printf(", or %.0f %% of the limit", 100 * goal_.share);
    std::printf(" | %s\n\n", met ? "yes" : "no");
  }

 private:
  void print(const std::string& name, const contest& c) {
    std::printf("%-34s %10.2f %10.2f  %.2f (%.2f-%.2f)   ", name.c_str(), c.ours * 1e6, c.theirs * 1e6, c.ratio, c.low, c.high);
    logs_ += std::log(c.ratio), lows_ += std::log(c.low), highs_ += std::log(c.high);
    least_ = std::min(least_, c.ratio);
    ++rows_;
  }

  const char *peer_, *workload_ = "", *beside_ = "";
  goal goal_{};
  double logs_ = 0, lows_ = 0, highs_ = 0, shares_ = 0, least_ = 1e9;
  int rows_ = 0, shared_ = 0;
};

#if LNN_X86
template <int Loads>
LNN_AVX512 void stream512(std::size_t n, const std::uint8_t* x, std::uint8_t* y) {
  for (std::size_t i = 0; i + 64 <= n; i += 64, x += 64 * Loads) {
    lnn::simd::u32x16 v = lnn::simd::memory<lnn::simd::u32x16>(x).v;
#pragma GCC unroll 8
    for (int l = 1; l < Loads; ++l) {
      const lnn::simd::u32x16 next = lnn::simd::memory<lnn::simd::u32x16>(x + 64 * l).v;
      v ^= next;
    }
    lnn::simd::memory<lnn::simd::u32x16>(y + i).v = v;
  }
  asm volatile("" : : "r"(y) : "memory");  // somebody might look at them
}
#endif
/// The limit of the memory: writes n bytes and reads `per` for each, in the widest vectors, and does nothing with them.
inline void stream(std::size_t n, int per, const void* from, void* to) {
  const auto* x = static_cast<const std::uint8_t*>(from);
  auto* y = static_cast<std::uint8_t*>(to);
#if LNN_X86
  if (lnn::simd::supported(lnn::simd::isa::avx512)) return per == 1 ? stream512<1>(n, x, y) : per == 2 ? stream512<2>(n, x, y) : stream512<4>(n, x, y);
#endif
  for (std::size_t i = 0; i < n; i += 16)
    for (int l = 0; l < per; ++l) lnn::simd::memory<lnn::simd::u32x4>(y + i).v = lnn::simd::memory<lnn::simd::u32x4>(x + i * static_cast<std::size_t>(per) + 16 * static_cast<std::size_t>(l)).v;
}

}  // namespace peers
