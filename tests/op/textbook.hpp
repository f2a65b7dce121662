// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <lnn/core/random.hpp>
#include <lnn/luna/kernels.hpp>
#include <lnn/op/registry.hpp>
#include <lnn/tensor/quantized.hpp>
#include <string>
#include <vector>

#include "../wide.hpp"

/// What the tests of all operators share: random tensors, one call, and what the rules say.
namespace textbook {

using lnn::dtype;
using lnn::integer_tensor;
using lnn::shape;

inline int pick(lnn::random& draw, int least, int most) {
  return least + static_cast<int>(draw.below(static_cast<std::uint32_t>(most - least + 1)));
}

inline std::int64_t get(const integer_tensor& t, std::size_t i) { return t.access().at(i); }

inline void set(integer_tensor& t, std::size_t i, std::int64_t v) {
  lnn::with_element(t.type(), [&](auto e) { t.as<decltype(e)>()[i] = static_cast<decltype(e)>(v); });
}

/// Values over the full range of the type, the extremes among them more often than by chance.
inline integer_tensor noise(lnn::random& draw, dtype type, const shape& dims, int exponent = 0) {
  integer_tensor t(type, dims, exponent);
  const auto range = lnn::integer_range::of(lnn::bits_of(type));
  for (std::size_t i = 0; i < t.size(); ++i) {
    const std::uint32_t dice = draw.below(16);
    const auto any = static_cast<std::int32_t>(draw.next()) >> (32 - lnn::bits_of(type));
    set(t, i, dice == 0 ? range.low : dice == 1 ? range.high : any);
  }
  return t;
}

/// One call on a kernel path, with one and with three threads.
template <class Kernels, class Op>
integer_tensor run_on(const Op& op, const std::vector<integer_tensor>& in, const shape& dims, dtype type,
                      int exponent, const lnn::chip& on, bool relu) {
  std::vector<lnn::integer_view> views;
  for (const integer_tensor& t : in) views.push_back(t.access());
  const auto once = [&](int threads) {
    integer_tensor out(type, dims, exponent);
    const lnn::integer_view to[] = {out.access()};
    lnn::pool workers(threads);
    op.integer(lnn::integer_call<Kernels>{views, to, on, relu, nullptr, workers});
    return out;
  };
  const integer_tensor out = once(1);
  REQUIRE(out == once(3));
  return out;
}
/// On the reference path.
template <class Op>
integer_tensor run(const Op& op, const std::vector<integer_tensor>& in, const shape& dims, dtype type,
                   int exponent, const lnn::chip& on = lnn::venus, bool relu = false) {
  return run_on<lnn::luna::kernels>(op, in, dims, type, exponent, on, relu);
}

/// The output's shape; the operator must not complain.
template <class Op>
shape result(const Op& op, const std::vector<shape>& in) {
  lnn::verdict found;
  found.layer = "it";
  const shape out = lnn::result_of(op, std::span<const shape>(in), found);
  if (!found.clean()) FAIL_CHECK(std::string(found.refused().front().sentence().view()));
  return out;
}

/// What the shape rules say: the first sentence, or nothing.
template <class Op>
std::string refusal(const Op& op, const std::vector<shape>& in) {
  lnn::verdict found;
  found.layer = "it";
  const shape out = lnn::result_of(op, std::span<const shape>(in), found);
  if (found.clean()) return "";
  CHECK(out.rank() == 0);
  return std::string(found.refused().front().sentence().view());
}

/// True when the chip's rule `r` refuses the operator.
template <class Op>
bool breaks(const Op& op, const std::vector<shape>& in, const lnn::chip& on, const lnn::rule& r) {
  lnn::verdict found;
  const shape out[] = {lnn::result_of(op, std::span<const shape>(in), found)};
  const lnn::layer_shapes tensors(op, in, out);
  op.check(tensors.view(), on, found);
  return std::any_of(found.refused().begin(), found.refused().end(),
                     [&](const lnn::finding& f) { return f.what == &r; });
}
template <class Op>
bool advises(const Op& op, const std::vector<shape>& in, const lnn::chip& on, const lnn::rule& r) {
  lnn::verdict found;
  const shape out[] = {lnn::result_of(op, std::span<const shape>(in), found)};
  const lnn::layer_shapes tensors(op, in, out);
  op.check(tensors.view(), on, found);
  return std::any_of(found.advice().begin(), found.advice().end(),
                     [&](const lnn::finding& f) { return f.what == &r; });
}

inline int bits(dtype t) { return lnn::bits_of(t); }

/// S_out(R(acc, shift)), below zero 0 with a fused relu and shifted by `slope` more without.
inline wide::number finish(wide::number acc, int shift, dtype type, bool relu, int slope = 0) {
  return relu && acc < 0 ? 0 : wide::clamp(wide::half_up(acc, acc < 0 ? shift + slope : shift), bits(type));
}

}  // namespace textbook
