// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The functions of <cmath> that the library needs, of float and double alike.  libstdc++'s <cmath> brings Bessel
/// functions and their kin along, which cost a compiler more than all headers of a room.  (std::abs is in <cstdlib>.)
namespace lnn::maths {

[[nodiscard]] inline float ceil(float x) { return __builtin_ceilf(x); }
[[nodiscard]] inline double ceil(double x) { return __builtin_ceil(x); }
[[nodiscard]] inline float cos(float x) { return __builtin_cosf(x); }
[[nodiscard]] inline double cos(double x) { return __builtin_cos(x); }
[[nodiscard]] inline float erf(float x) { return __builtin_erff(x); }
[[nodiscard]] inline double erf(double x) { return __builtin_erf(x); }
[[nodiscard]] inline float exp(float x) { return __builtin_expf(x); }
[[nodiscard]] inline double exp(double x) { return __builtin_exp(x); }
[[nodiscard]] inline float exp2(float x) { return __builtin_exp2f(x); }
[[nodiscard]] inline double exp2(double x) { return __builtin_exp2(x); }
[[nodiscard]] inline float floor(float x) { return __builtin_floorf(x); }
[[nodiscard]] inline double floor(double x) { return __builtin_floor(x); }
[[nodiscard]] inline float log(float x) { return __builtin_logf(x); }
[[nodiscard]] inline double log(double x) { return __builtin_log(x); }
[[nodiscard]] inline float log10(float x) { return __builtin_log10f(x); }
[[nodiscard]] inline double log10(double x) { return __builtin_log10(x); }
[[nodiscard]] inline float log2(float x) { return __builtin_log2f(x); }
[[nodiscard]] inline double log2(double x) { return __builtin_log2(x); }
[[nodiscard]] inline float round(float x) { return __builtin_roundf(x); }
[[nodiscard]] inline double round(double x) { return __builtin_round(x); }
[[nodiscard]] inline float sqrt(float x) { return __builtin_sqrtf(x); }
[[nodiscard]] inline double sqrt(double x) { return __builtin_sqrt(x); }
[[nodiscard]] inline float tanh(float x) { return __builtin_tanhf(x); }
[[nodiscard]] inline double tanh(double x) { return __builtin_tanh(x); }
[[nodiscard]] inline float trunc(float x) { return __builtin_truncf(x); }
[[nodiscard]] inline double trunc(double x) { return __builtin_trunc(x); }

[[nodiscard]] inline float copysign(float a, float b) { return __builtin_copysignf(a, b); }
[[nodiscard]] inline double copysign(double a, double b) { return __builtin_copysign(a, b); }
[[nodiscard]] inline float fmod(float a, float b) { return __builtin_fmodf(a, b); }
[[nodiscard]] inline double fmod(double a, double b) { return __builtin_fmod(a, b); }
[[nodiscard]] inline float nextafter(float x, float to) { return __builtin_nextafterf(x, to); }
[[nodiscard]] inline double nextafter(double x, double to) { return __builtin_nextafter(x, to); }
[[nodiscard]] inline float pow(float a, float b) { return __builtin_powf(a, b); }
[[nodiscard]] inline double pow(double a, double b) { return __builtin_pow(a, b); }

[[nodiscard]] inline double frexp(double x, int* exponent) { return __builtin_frexp(x, exponent); }
[[nodiscard]] inline double ldexp(double x, int exponent) { return __builtin_ldexp(x, exponent); }
[[nodiscard]] inline int ilogb(double x) { return __builtin_ilogb(x); }
[[nodiscard]] inline long long llround(double x) { return __builtin_llround(x); }
[[nodiscard]] inline bool isfinite(double x) { return __builtin_isfinite(x); }
[[nodiscard]] inline bool isnan(double x) { return __builtin_isnan(x); }

}  // namespace lnn::maths
