// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The whole library, but for what is included by hand: lnn/sim/machine.hpp (runs frozen models), lnn/pack/pack.hpp and
/// lnn/sim/engine.hpp (model.bin, written and run), lnn/plan/peak_memory.hpp (memory as a constant), lnn/onnx/read.hpp and its neighbours (they need onnx and
/// protobuf), the reports, lnn/train/idx.hpp and lnn/train/cifar10.hpp (they need zlib), and lnn/tensor/eigen.hpp (it
/// needs Eigen).

#include "check/check.hpp"
#include "check/explain.hpp"
#include "check/frozen.hpp"
#include "check/instances.hpp"
#include "check/runs_on.hpp"
#include "chip/chip.hpp"
#include "core/config.hpp"
#include "core/parallel.hpp"
#include "core/random.hpp"
#include "fixed/round.hpp"
#include "fixed/saturate.hpp"
#include "grad/gradcheck.hpp"
#include "grad/loss.hpp"
#include "grad/tape.hpp"
#include "graph/describe.hpp"
#include "graph/frozen.hpp"
#include "graph/note.hpp"
#include "graph/params.hpp"
#include "graph/scales.hpp"
#include "lower/fuse.hpp"
#include "luna/kernels.hpp"
#include "op/registry.hpp"
#include "quant/policy.hpp"
#include "quant/quantizer.hpp"
#include "rule/verdict.hpp"
#include "simd/kernels.hpp"
#include "tensor/int4.hpp"
#include "tensor/quantized.hpp"
#include "train/calibrate.hpp"
#include "train/checkpoint.hpp"
#include "train/evaluate.hpp"
#include "train/fit.hpp"
#include "train/freeze.hpp"
#include "train/frozen_file.hpp"
#include "train/instances.hpp"
#include "train/log.hpp"
#include "train/optimizer.hpp"

namespace lnn {

/// The eager tape on the fast kernels.
using tape = basic_tape<float, simd::kernels>;

}  // namespace lnn
