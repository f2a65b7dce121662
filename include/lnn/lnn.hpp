// SPDX-License-Identifier: Apache-2.0
#pragma once
/// The whole library.  Rooms with further dependencies (onnx, the readers of compressed data) are included by hand.

#include "core/config.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/random.hpp"
#include "core/shape.hpp"
#include "core/text.hpp"
#include "core/window.hpp"
#include "fixed/round.hpp"
#include "fixed/saturate.hpp"
#include "rule/rule.hpp"
#include "rule/verdict.hpp"
#include "tensor/dtype.hpp"
#include "tensor/eigen.hpp"
#include "tensor/flat.hpp"
#include "tensor/int4.hpp"
#include "tensor/quantized.hpp"
#include "tensor/tensor.hpp"
#include "tensor/view.hpp"
