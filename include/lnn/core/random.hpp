// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace lnn {

/// Counter-based random numbers: Philox 4x32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011).  A number is a pure function of (seed, stream, position), so the same seed gives the same
/// bits on every platform and threads can draw from streams of their own.  Copyable; its three words are its state.
class random {
 public:
  constexpr explicit random(std::uint64_t seed = 0, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  /// 32 uniform bits.
  constexpr std::uint32_t next() {
    const std::uint32_t word = block(position_ / 4)[position_ % 4];
    ++position_;
    return word;
  }

  /// A float in [0, 1) with 24 random bits.
  constexpr float uniform() { return static_cast<float>(next() >> 8) * 0x1p-24F; }
  constexpr float uniform(float low, float high) { return low + (high - low) * uniform(); }

  /// An integer in [0, n), unbiased to 2^-32 (multiply-high).
  constexpr std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(next()) * n) >> 32);
  }

  /// Fisher-Yates.
  template <class T>
  constexpr void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[below(static_cast<std::uint32_t>(i))]);
  }

  /// The whole state, for checkpoints.
  [[nodiscard]] constexpr std::array<std::uint64_t, 3> state() const { return {seed_, stream_, position_}; }
  static constexpr random from_state(const std::array<std::uint64_t, 3>& s) {
    random r(s[0], s[1]);
    r.position_ = s[2];
    return r;
  }

 private:
  [[nodiscard]] constexpr std::array<std::uint32_t, 4> block(std::uint64_t index) const {
    std::array<std::uint32_t, 4> c{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
                                   static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)};
    auto k0 = static_cast<std::uint32_t>(seed_);
    auto k1 = static_cast<std::uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = 0xD2511F53ULL * c[0];
      const std::uint64_t p1 = 0xCD9E8D57ULL * c[2];
      c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
           static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
      k0 += 0x9E3779B9U;
      k1 += 0xBB67AE85U;
    }
    return c;
  }

  std::uint64_t seed_, stream_, position_ = 0;
};

}  // namespace lnn
