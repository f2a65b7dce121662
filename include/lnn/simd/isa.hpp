// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "../core/config.hpp"
#include "../core/error.hpp"

namespace lnn::simd {

/// The instruction sets that kernels exist for.  A plain -O2 build holds all of them; one is chosen at run
/// time.
enum class isa : std::uint8_t {
  portable,  ///< what the translation unit itself is compiled for
  avx2,      ///< AVX2 and FMA
  avx512,    ///< AVX-512 F, BW, VL, DQ and VNNI
};

/// Every instruction set, slowest first: what tests and benchmarks walk through.
inline constexpr isa all_isas[] = {isa::portable, isa::avx2, isa::avx512};

[[nodiscard]] constexpr std::string_view name_of(isa path) {
  constexpr std::string_view names[] = {"portable", "avx2", "avx512"};
  return names[static_cast<int>(path)];
}

/// True when this processor and this build can run the kernels of `path`.
[[nodiscard]] inline bool supported(isa path) noexcept {
#if LNN_X86
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  switch (path) {
    case isa::portable: return true;
    case isa::avx2: return avx2;
    case isa::avx512:
      return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vnni");
  }
  return false;
#else
  return path == isa::portable;
#endif
}

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
