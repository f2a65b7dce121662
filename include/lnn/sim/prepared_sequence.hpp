// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../luna/call.hpp"
#include "../luna/task.hpp"
#include "../op/recurrence.hpp"
#include "../simd/dense_s8.hpp"
#include "layer_call.hpp"

namespace lnn::sim {

/// The products of a recurrent layer with its weights, which meet every step of a sequence, arranged once.
class prepared_products {
 public:
  void prepare(const recurrence& form, const layer_call& c) {
    ready_.clear();
    if (c.in[0].type != dtype::int8) return;
    ready_.resize(c.in.size());
    for (int d = 0; d < form.directions(); ++d) {
      const recurrence::course way = form.along(d, c.in[0].dims);
      for (std::size_t side = 0; side < 2; ++side) {
        const integer_view& weight = c.in[way.weight + side];
        const int depth = side == 0 ? way.features : form.hidden;
        if (bits_of(weight.type) > 8 || depth >= (1 << 17)) continue;
        const auto* w = weight.as<const std::int8_t>();
        luna::requantizer to;
        to.out.type = dtype::int32;
        ready_[way.weight + side].prepare(
            simd::best(), form.rows(), 1, depth,
            [&](int o, int, int i) { return w[static_cast<std::size_t>(o) * static_cast<std::size_t>(depth) + static_cast<std::size_t>(i)]; },
            form.bias ? c.in[way.weight + 2 + side].as<const std::int32_t>() : nullptr, to);
      }
    }
  }
  /// True when the sums with the weight at place `weight` of a call's inputs are written to y.
  [[nodiscard]] bool multiply(std::size_t weight, const luna::product& p, const luna::requantizer& to) const {
    if (weight >= ready_.size() || !ready_[weight].plain() || p.x.type != dtype::int8) return false;
    simd::dense(ready_[weight], p.rows, p.x.as<const std::int8_t>(), p.in, to.out.data);
    return true;
  }

 private:
  std::vector<simd::prepared_s8> ready_;  // by the weight's place
};

/// A call of a recurrent operator's integer kernel that brings these products.
template <class Kernels>
struct sequence_call : integer_call<Kernels> {
  const prepared_products& products;
  void multiply(std::size_t weight, const luna::product& p, const luna::requantizer& to) const {
    if (!products.multiply(weight, p, to)) Kernels::multiply(p, to, this->workers);
  }
};

}  // namespace lnn::sim
