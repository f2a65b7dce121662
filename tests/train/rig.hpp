// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <doctest/doctest.h>

#include <lnn/graph/describe.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/simd/reference_kernels.hpp>
#include <lnn/train/calibrate.hpp>
#include <lnn/train/fit.hpp>
#include <lnn/train/freeze.hpp>
#include <string>
#include <vector>

/// What the tests of training share.  The heavy templates are compiled once, in rig.cpp.
namespace rig {

using view = lnn::graph_view<lnn::builtin>;
using network = lnn::graph<lnn::builtin>;
using wire = network::wire;
using program = lnn::program<lnn::simd::kernels>;
using reference = lnn::program<lnn::simd::reference_kernels>;
using model = lnn::frozen<lnn::builtin>;
using lnn::shape;
using lnn::tensor;

enum class stage { real, constrained, integer };
inline constexpr stage stages[] = {stage::real, stage::constrained, stage::integer};

void fit(stage s, const view& net, lnn::training& t, lnn::loader& data, const lnn::fit_options& options, int threads = 1,
         const lnn::classification& goal = {});
/// Learns to give back its input.
void reconstruct(stage s, const view& net, lnn::training& t, lnn::loader& data, const lnn::fit_options& options,
                 const lnn::reconstruction& goal = {});
lnn::scales calibrate(const view& net, lnn::training& t, lnn::loader& data, int batches, const lnn::quantization& policy);
lnn::confusion_matrix evaluate(stage s, const view& net, lnn::training& t, lnn::loader& data, int classes);
/// Outputs of all batches in evaluation mode, one after the other.
std::vector<float> outputs(stage s, const view& net, lnn::training& t, lnn::loader& data);

// `fused` and the rest must live as long as the program
lnn::owner<program> real_program(const view& net, lnn::params& p, lnn::flat<float> batch, lnn::pool& workers);
lnn::owner<program> constrained_program(const view& fused, lnn::params& p, lnn::flat<float> batch, lnn::pool& workers,
                                             const lnn::clamps& limits);
lnn::owner<program> integer_program(const view& fused, lnn::params& p, lnn::scales& s, lnn::flat<float> batch,
                                         lnn::pool& workers);
lnn::owner<reference> reference_program(const view& fused, lnn::params& p, lnn::scales& s, lnn::flat<float> batch,
                                             lnn::pool& workers);

/// Every tensor of a frozen model for one batch, on the simd path or on the reference path.
std::vector<lnn::integer_tensor> run(const model& m, lnn::flat<const float> batch, bool on_luna);

/// Random images with labels.
lnn::dataset noise(std::size_t samples, const shape& sample, int classes, std::uint64_t seed);
/// Fresh parameters in which nothing is 0 or 1 by chance: biases, batch norms and their statistics are random as well.
lnn::params lively(const view& net, std::uint64_t seed);
/// Everything that a training value holds, byte for byte.
std::string bytes_of(const view& net, const lnn::training& t);

}  // namespace rig
