// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Every macro of the library lives here.  Users need none of them and no compiler flag.

#define LNN_VERSION_MAJOR 0
#define LNN_VERSION_MINOR 1
#define LNN_VERSION_PATCH 0

/// 1 where functions may be compiled for wider x86 instruction sets than the translation unit's own.
#if defined(__x86_64__) && defined(__GNUC__)
#define LNN_X86 1
#else
#define LNN_X86 0
#endif

/// 1 where the dot products of ARMv8.2 may be used when the processor has them.
#if defined(__AARCH64EL__) && defined(__GNUC__)
#define LNN_ARM 1
#else
#define LNN_ARM 0
#endif

/// Compiles one function for an instruction set that is chosen at run time.
#define LNN_TARGET(isa) __attribute__((target(isa)))

/// The two wider instruction sets that kernels are written for (simd/isa.hpp chooses one at run time).
#define LNN_AVX2 LNN_TARGET("avx2,fma")
#define LNN_AVX512 LNN_TARGET("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
/// The dot products of ARM, unless the translation unit has them anyway.
#if defined(__ARM_FEATURE_DOTPROD)
#define LNN_NEON
#else
#define LNN_NEON LNN_TARGET("arch=armv8.2-a+dotprod")
#endif

/// Inlines even at -O0, so that helpers of a targeted function inherit its instruction set.
#define LNN_INLINE inline __attribute__((always_inline))

/// 1 in programs that compile once what many source files share (lnn/compiled.hpp; in CMake: target lnn::compiled); 0, the
/// default, where every source file brings what it calls.
#ifndef LNN_COMPILED
#define LNN_COMPILED 0
#endif
/// Marks the bodies that only lnn/compiled.hpp has.
#if LNN_COMPILED
#define LNN_BODY
#else
#define LNN_BODY inline
#endif
/// Stand before the templates that a part of lnn/compiled.hpp makes, and all other files only name.
#ifndef LNN_CHECK_INSTANCE
#define LNN_CHECK_INSTANCE extern template
#endif
#ifndef LNN_STEP_INSTANCE
#define LNN_STEP_INSTANCE extern template
#endif
#ifndef LNN_TRAIN_INSTANCE
#define LNN_TRAIN_INSTANCE extern template
#endif
#ifndef LNN_RUN_INSTANCE
#define LNN_RUN_INSTANCE extern template
#endif
