// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <lnn/limit/operators.hpp>
#include <vector>

/// What the tests of the limits share: a layer that owns its inputs, and questions about it.
namespace asked {

using lnn::arcs;
using lnn::shape;
using lnn::venus;
using lnn::venusA;
using lnn::limit::exponent;
using lnn::limit::operand;
using kind = lnn::limit::memory;

struct layer {
  std::vector<operand> in;
  lnn::limit::facts f;

  layer(std::string_view op, std::vector<operand> inputs) : in(std::move(inputs)) { f.op = op; }
  [[nodiscard]] lnn::verdict on(const lnn::chip& c) const {
    lnn::limit::facts all = f;
    all.in = in;
    lnn::verdict found;
    found.layer = "it";
    lnn::limit::check(all, c, found);
    return found;
  }
  [[nodiscard]] bool clean(const lnn::chip& c) const { return on(c).clean(); }
  [[nodiscard]] bool clean() const { return clean(venus) && clean(arcs) && clean(venusA); }
  [[nodiscard]] bool breaks(const lnn::chip& c, const lnn::rule& r) const {
    const lnn::verdict v = on(c);
    return std::any_of(v.refused().begin(), v.refused().end(), [&](const auto& found) { return found.what == &r; });
  }
  /// On every chip, or on none of them.
  [[nodiscard]] bool breaks(const lnn::rule& r) const {
    return breaks(venus, r) && breaks(arcs, r) && breaks(venusA, r);
  }
  [[nodiscard]] bool spares(const lnn::rule& r) const {
    return !breaks(venus, r) && !breaks(arcs, r) && !breaks(venusA, r);
  }
  [[nodiscard]] bool advises(const lnn::chip& c, const lnn::rule& r) const {
    const lnn::verdict v = on(c);
    return std::any_of(v.advice().begin(), v.advice().end(), [&](const auto& found) { return found.what == &r; });
  }
};

inline operand data(shape dims, int bits = 8, exponent q = 4) {
  operand t;
  t.dims = dims;
  t.bits = bits;
  t.scale = q;
  return t;
}

}  // namespace asked
