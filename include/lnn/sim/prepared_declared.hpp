// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../chip/chip.hpp"
#include "../core/owner.hpp"
#include "../core/parallel.hpp"
#include "../luna/requantize.hpp"
#include "../luna/task.hpp"

namespace lnn::sim {

/// A layer of bytes arranged once for this machine: what its operator's integer kernel computes, bit for bit, several times
/// faster.  Images lie with their channels innermost.
struct prepared {
  virtual ~prepared() = default;
  virtual void run(const std::int8_t* x, void* y, pool& workers) const = 0;
};

/// Weights that many rows meet, as those of a recurrent layer do at every step.
struct prepared_rows {
  virtual ~prepared_rows() = default;
  /// The sums y [rows, outputs] of x [rows, depth] with the weights, their bias added.
  virtual void run(int rows, const std::int8_t* x, std::int32_t* y) const = 0;
};

/// A matrix of weights: that of output o for input i is first[o * output + i * input], four bits wide or eight.
struct weight_matrix {
  const std::int8_t* first;
  int outputs, depth;
  std::ptrdiff_t output, input;
  bool four_bits = false;
};

/// A pool over images of so many channels.
struct pooling {
  window2 window;
  int images, channels;
  int area = 1;          ///< of averages: what each sum is divided by,
  int sum_bits = 32;     ///< the width at which the chip keeps it
  int q_x = 0, q_o = 0;  ///< exponents of x and of y
};

// Weights are not needed afterwards, biases are.  A null pointer means that there is no such form: the operator's own kernel
// has to do.
owner<prepared> prepare_convolution(const luna::convolution& c, const luna::requantizer& to, bool transposed);
owner<prepared> prepare_product(int rows, const weight_matrix& weight, const std::int32_t* bias, const luna::requantizer& to);
owner<prepared_rows> prepare_rows(const weight_matrix& weight, const std::int32_t* bias);
/// y = values[x + 128] for every element.
owner<prepared> prepare_table(std::size_t elements, const std::int8_t (&values)[256]);
owner<prepared> prepare_greatest(const pooling& p);
owner<prepared> prepare_average(const pooling& p);
/// Rows of `row` elements at exponent q_x.
owner<prepared> prepare_softmax(std::size_t elements, std::size_t row, curves unit, int q_x, int q_o);

}  // namespace lnn::sim
