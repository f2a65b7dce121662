// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../grad/tape.hpp"
#include "grids.hpp"

namespace lnn::detail {

/// An edge of a network in quantization-aware training: integers, and the same values as real numbers for the gradient.
struct integer_edge {
  integer_tensor values;
  variable<float>* real = nullptr;
  edge_grid grid;
  bool shares = false;  ///< the real numbers are in shared memory while they are needed; otherwise they have a place of their own

  // Templates of the memory, so that nobody compiles it who does not train.

  /// There are new integers.
  template <class Kernels>
  void renew(auto& memory) {
    if (shares) return let_go(memory);
    if (grid.type != dtype::float32) Kernels::dequantize(access(), real->value.data);
  }
  /// Sees to it that the real numbers are there.
  template <class Kernels>
  void realize(auto& memory) {
    if (!shares || pass_ == memory.pass()) return;
    real->value.data = memory.data(room_ = memory.take(real->dims().size(), room_));
    pass_ = memory.pass();
    Kernels::dequantize(access(), real->value.data);
  }
  /// Nobody needs them any more.
  void let_go(auto& memory) {
    if (!shares || pass_ != memory.pass()) return;
    memory.give(room_);
    pass_ = 0;
  }
  [[nodiscard]] integer_view access() {
    if (grid.type == dtype::float32) return {real->value.data, dtype::float32, real->dims(), 0};
    integer_view v = values.access();
    v.exponent = grid.exponent;
    return v;
  }

 private:
  int room_ = no_room;
  std::size_t pass_ = 0;  ///< in which they are there
};

/// What all steps of the quantized program share.
struct integer_setting {
  pool* workers;
  const chip* target;
  scales* grids;
  gradient_memory<float>* shared;  ///< of the backward pass

  [[nodiscard]] scale* entry(int i) const { return i < 0 ? nullptr : &grids->entries()[static_cast<std::size_t>(i)]; }
  [[nodiscard]] bool learned() const { return grids->policy.method == range_method::tqt; }

  /// Gradient of an edge's learned range (quantization.md 3.2): the sum of g * d output / d learned, where exact(i) is
  /// what was quantized, or 0.
  template <class Exact>
  [[nodiscard]] float slope_sum(const integer_edge& e, const Exact& exact) const {
    const scale& s = *entry(e.grid.entry);
    double sum = 0;
    if (!std::get<tqt>(s.range).learns(s.bits)) return 0;
    for (std::size_t i = 0; i < e.real->grad.size(); ++i) {
      const float x = exact(i), fq = static_cast<float>(quantize(x, e.grid.exponent, s.bits, rounding::half_up)) *
                                     power_of_two(-e.grid.exponent);
      sum += static_cast<double>(e.real->grad[i] * tqt::slope(x, fq, passes(x, e.grid.exponent, s.bits, rounding::half_up)));
    }
    return static_cast<float>(sum);
  }
};

/// A learned range is a parameter of one number with a gradient.
struct learned_range {
  float gradient = 0;
};

/// A parameter of a layer: integers, and in the backward pass the real numbers that they stand for with the gradient with
/// respect to those.
struct quantized_part {
  int entry = -1;                      ///< among the scales; -1: 32 bits at an exponent that follows from others
  variable<float>* target = nullptr;   ///< the parameter's own gradient; null when only a batch norm gives the part
  integer_tensor values;
  flat<float> real, grad;
  int real_room = no_room, grad_room = no_room;
  learned_range range;

  void begin(auto& memory) {
    const shape dims = values.dims();
    real = {memory.data(real_room = memory.take(dims.size(), real_room)), dims};
    grad = {memory.data(grad_room = memory.take(dims.size(), grad_room)), dims};
  }
  void end(auto& memory) const {
    memory.give(real_room);
    memory.give(grad_room);
  }
};

}  // namespace lnn::detail
