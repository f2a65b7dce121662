// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "../core/config.hpp"
#include "../core/error.hpp"

#if LNN_ARM && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace lnn::simd {

/// The instruction sets that kernels exist for.  A plain -O2 build holds all of them; one is chosen at run
/// time.
enum class isa : std::uint8_t {
  portable,  ///< what the translation unit itself is compiled for
  neon,      ///< Advanced SIMD with the dot products of ARMv8.2
  avx2,      ///< AVX2 and FMA
  avx512,    ///< AVX-512 F, BW, VL, DQ and VNNI
};

/// Every instruction set, slowest first: what tests and benchmarks walk through.
inline constexpr isa all_isas[] = {isa::portable, isa::neon, isa::avx2, isa::avx512};

[[nodiscard]] constexpr std::string_view name_of(isa path) {
  constexpr std::string_view names[] = {"portable", "neon", "avx2", "avx512"};
  return names[static_cast<int>(path)];
}

/// True when this processor and this build can run the kernels of `path`.
[[nodiscard]] inline bool supported(isa path) noexcept {
#if LNN_X86
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  switch (path) {
    case isa::portable: return true;
    case isa::neon: return false;
    case isa::avx2: return avx2;
    case isa::avx512:
      return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vnni");
  }
  return false;
#elif LNN_ARM && defined(__linux__)
  return path == isa::portable || (path == isa::neon && (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0);
#elif LNN_ARM && (defined(__APPLE__) || defined(__ARM_FEATURE_DOTPROD))
  return path == isa::portable || path == isa::neon;
#else
  return path == isa::portable;
#endif
}

/// How integer products lie in 32-bit lanes: four bytes, or two numbers of 16 bits; and the lanes of a vector of columns.
[[nodiscard]] constexpr int group_of(isa path) noexcept { return path == isa::avx512 || path == isa::neon ? 4 : 2; }
[[nodiscard]] constexpr int lanes_of(isa path) noexcept { return path == isa::avx512 ? 16 : 8; }

/// The fastest supported instruction set, or the one that `wanted` names.  Throws lnn::error when there is no
/// such name, or when this processor cannot run it.
[[nodiscard]] inline isa choose(const char* wanted) {
  isa chosen = isa::portable;
  bool found = wanted == nullptr || *wanted == '\0';
  std::string legal;
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    (legal += legal.empty() ? "" : ", ") += name_of(path);
    if (wanted == nullptr || *wanted == '\0')
      chosen = path;
    else if (name_of(path) == wanted)
      chosen = path, found = true;
  }
  if (!found)
    fail("LNN_PATH: \"", std::string_view(wanted),
         "\" is no instruction set that this processor supports; use one of ", std::string_view(legal));
  return chosen;
}

/// The instruction set to use: the fastest one, unless the environment variable LNN_PATH names another.  The
/// variable is read once.
[[nodiscard]] inline isa best() {
  static const isa chosen = choose(std::getenv("LNN_PATH"));
  return chosen;
}

}  // namespace lnn::simd
