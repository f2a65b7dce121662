// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "requantize.hpp"
#include "scratch.hpp"
#include "task.hpp"

namespace lnn::luna {

/// The same elements from place `first` on, as one axis.
[[nodiscard]] inline integer_view from(const integer_view& v, std::size_t first) {
  integer_view rest = v;
  with_element(v.type, [&](auto element) { rest.data = v.as<decltype(element)>() + first; });
  return rest;
}

/// One product y = a * b of two activations: a [rows, depth], b [depth, columns], both row by row.
struct plain_product {
  int rows = 1, depth = 1, columns = 1;
  integer_view a{}, b{};
};

/// b [depth, columns] turned into [columns, depth], in this thread's scratch.
[[nodiscard]] inline integer_view turned(const plain_product& p) {
  const auto depth = static_cast<std::size_t>(p.depth), columns = static_cast<std::size_t>(p.columns);
  integer_view out = p.b;
  with_element(p.b.type, [&](auto element) {
    using T = decltype(element);
    T* to = scratch<T>(3, depth * columns);
    const T* b = p.b.as<const T>();
    for (std::size_t k = 0; k < depth; ++k)
      for (std::size_t j = 0; j < columns; ++j) to[j * depth + k] = b[k * columns + j];
    out.data = to;
  });
  return out;
}

/// One product of several that fill an output: `to` speaks of the whole output, of which this one makes the
/// elements from `first` on.
template <class Kernels, class Pool>
void multiply_part(const product& p, const requantizer& to, std::size_t first, Pool& workers) {
  requantizer part = to;
  part.out = from(to.out, first);
  tap seen;
  if (to.watch) {
    seen = *to.watch;
    seen.reset();
    if (seen.pass) seen.pass += first;
    if (seen.exact) seen.exact += first;
    part.watch = &seen;
  }
  Kernels::multiply(p, part, workers);
  if (to.watch) to.watch->extremes(seen.lowest, seen.highest);
}

/// y = S_out(R(sum a * b, shift)) (luna_ops.md 3.5): a linear layer whose weight is b's transpose.
template <class Kernels, class Pool>
void multiply_plain(const plain_product& p, const requantizer& to, std::size_t first, Pool& workers) {
  multiply_part<Kernels>(
      product{.rows = p.rows, .in = p.depth, .out = p.columns, .x = p.a, .weight = turned(p)}, to, first,
      workers);
}

}  // namespace lnn::luna
