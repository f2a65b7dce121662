// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What many programs share, compiled once: the fast kernels and, for networks of the operators in lnn::builtin, checks,
/// training, simulation and packing.  A program of several source files, or one that is compiled often, defines LNN_COMPILED=1
/// for all of them and includes this header in one file of its own.  The others then take a fraction of the time to compile.
/// In CMake, linking to lnn::compiled does both.  Results are the same bit for bit.
///
/// One file takes two minutes and 2 GB; LNN_PART=1 to 5 makes a part each, in files that are compiled side by side.
#ifndef LNN_PART
#define LNN_PART 0
#endif
#if LNN_PART < 0 || LNN_PART > 5
#error "LNN_PART is 0 for everything or 1 to 5 for a part of it"
#endif

#ifdef LNN_BODY
#error "lnn/compiled.hpp comes before every other header of lnn; give it a source file of its own"
#endif
#define LNN_MAKES(part) (LNN_PART == 0 || LNN_PART == (part))
#if LNN_MAKES(2)
#define LNN_CHECK_INSTANCE template
#endif
#if LNN_MAKES(3)
#define LNN_STEP_INSTANCE template
#endif
#if LNN_MAKES(4)
#define LNN_TRAIN_INSTANCE template
#endif
#if LNN_MAKES(5)
#define LNN_RUN_INSTANCE template
#endif
#include "core/config.hpp"
#if !LNN_COMPILED
#error "lnn/compiled.hpp belongs to programs that define LNN_COMPILED=1 for every source file; with CMake, link to lnn::compiled"
#endif

#if LNN_MAKES(2)
#include "check/instances.hpp"
#include "pack/pack.hpp"
#endif
#if LNN_MAKES(3) || LNN_MAKES(4)
#include "train/instances.hpp"
#endif
#if LNN_MAKES(5)
#include "sim/machine.hpp"
#endif

#if LNN_MAKES(1)
#include "core/parallel.hpp"
#include "luna/gates.hpp"
#include "sim/prepared_defined.hpp"
#include "simd/defined.hpp"

namespace lnn::simd {

#define LNN_FOR(type, name) template decltype(real_kernels::name<type>) real_kernels::name<type>;
#define LNN_FOR_REALS(name) LNN_FOR(float, name) LNN_FOR(double, name)
LNN_FOR_REALS(gemm)
LNN_FOR_REALS(im2col)
LNN_FOR_REALS(col2im)
LNN_FOR_REALS(depthwise_forward)
LNN_FOR_REALS(depthwise_backward_weight)
LNN_FOR_REALS(depthwise_backward_input)
LNN_FOR_REALS(sum)
LNN_FOR_REALS(dot)
LNN_FOR_REALS(moments)
LNN_FOR_REALS(clipped_affine)
LNN_FOR_REALS(gated_sums)
LNN_FOR_REALS(gated_combination)
LNN_FOR_REALS(affine)
LNN_FOR_REALS(add_combination)
LNN_FOR_REALS(relu)
LNN_FOR_REALS(relu_backward)
LNN_FOR_REALS(sum_of)
LNN_FOR_REALS(accumulate)
LNN_FOR_REALS(max_run)
LNN_FOR(std::int8_t, max_run)
LNN_FOR_REALS(max_run_backward)
LNN_FOR_REALS(max_square)
LNN_FOR_REALS(max_square_backward)
LNN_FOR_REALS(softmax)
LNN_FOR_REALS(logistic)
LNN_FOR_REALS(bounded)
LNN_FOR_REALS(lstm_gradient)
LNN_FOR_REALS(sgd)
LNN_FOR_REALS(adam)
#undef LNN_FOR_REALS
#undef LNN_FOR

template void kernels::convolve(const luna::convolution&, const luna::requantizer&, pool&);
template void kernels::multiply(const luna::product&, const luna::requantizer&, pool&);
template decltype(kernels::add_s8<tap>) kernels::add_s8<tap>;
template decltype(kernels::quantize_narrow<std::int8_t, tap>) kernels::quantize_narrow<std::int8_t, tap>;
template decltype(kernels::quantize_narrow<std::int16_t, tap>) kernels::quantize_narrow<std::int16_t, tap>;
template decltype(kernels::add_bytes<std::int32_t>) kernels::add_bytes<std::int32_t>;
template decltype(kernels::larger_bytes<std::int8_t>) kernels::larger_bytes<std::int8_t>;
template decltype(kernels::lstm_step<luna::gate_sums>) kernels::lstm_step<luna::gate_sums>;
template decltype(kernels::gru_step<luna::gate_sums>) kernels::gru_step<luna::gate_sums>;

}  // namespace lnn::simd

#endif
