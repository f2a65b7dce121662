// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../luna/call.hpp"
#include "../op/recurrence.hpp"
#include "layer_call.hpp"
#include "prepared.hpp"

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
        ready_[way.weight + side] = prepare_rows({weight.as<const std::int8_t>(), form.rows(), depth, depth, 1},
                                                 form.bias ? c.in[way.weight + 2 + side].as<const std::int32_t>() : nullptr);
      }
    }
  }
  /// True when the sums with the weight at place `weight` of a call's inputs are written to y.
  [[nodiscard]] bool multiply(std::size_t weight, const luna::product& p, const luna::requantizer& to) const {
    if (weight >= ready_.size() || !ready_[weight] || p.x.type != dtype::int8) return false;
    ready_[weight]->run(p.rows, p.x.as<const std::int8_t>(), to.out.as<std::int32_t>());
    return true;
  }

 private:
  std::vector<owner<prepared_rows>> ready_;  // by the weight's place
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
