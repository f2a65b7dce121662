// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>

#include "../core/list.hpp"
#include "../core/shape.hpp"

namespace lnn::limit {

/// A scale as its logarithm to base 2.  Rules about an unknown one are silent.
struct exponent {
  enum class kind : signed char { unknown, whole, broken };
  kind is = kind::unknown;  ///< broken: the scale is not a power of two
  int value = 0;

  constexpr exponent() = default;
  constexpr exponent(int q) : is(kind::whole), value(q) {}
  [[nodiscard]] static constexpr exponent not_a_power() {
    exponent e;
    e.is = kind::broken;
    return e;
  }
  [[nodiscard]] constexpr bool whole() const { return is == kind::whole; }
  [[nodiscard]] constexpr bool known() const { return is != kind::unknown; }
};

/// Where a tensor was asked to lie.
enum class memory : signed char { any, share, psram, flash };

/// A tensor of the layer as the packer sees it.  Zero bits: unknown.
struct operand {
  shape dims{};
  int bits = 0;
  exponent scale{};
  exponent named_scale{};  ///< the layer's attribute for the scale, where it differs from the tensor's own
  int named_bits = 0;      ///< the same for the width
  memory asked = memory::any;
  bool present = true, constant = false;

  [[nodiscard]] constexpr exponent attribute() const { return named_scale.known() ? named_scale : scale; }
  [[nodiscard]] constexpr int attribute_bits() const { return named_bits ? named_bits : bits; }
};

/// Options of the packer that move its limits; the values are its defaults.
struct packing {
  long long weight_threshold = 655360;  ///< --threshold1: weights above are split
  long long output_threshold = 655360;  ///< --threshold2: outputs above are split
  long long right_threshold = 655360;   ///< --threshold3: right matrices above are split
  long long memory_threshold = 655360;  ///< --threshold4: tensors above go to PSRAM
  bool dma_prefetch = true;
  memory parameters = memory::psram;  ///< where constants lie
  bool anything_in_share = false;     ///< some tensor is known to lie in share memory: the reference packer plans nothing without
  bool symbolic = false;              ///< extents are the greatest ones of symbols: no pass may count on them
};

using numbers = list<int, 12>;

/// One layer as the packer sees it: everything its rules ask for.  The inputs are the caller's and must outlive it.
struct facts {
  std::string_view op;            ///< the packer's name: "Conv2dInt"
  std::span<const operand> in{};  ///< activations, in order
  operand out{};
  operand weight{.present = false}, bias{.present = false};
  operand recurrent_weight{.present = false}, recurrent_bias{.present = false};
  operand hidden{.present = false};  ///< the state of a recurrent layer

  numbers kernel{}, stride{}, pad{}, dilation{}, perm{}, output_shape{}, output_padding{};
  int group = 1, axis = 0, second_axis = 0;
  int count = 0;       ///< axes of a squeeze, parts of a split, step of a slice, length of a top-n
  int inputs = 0;      ///< all inputs of a recurrent layer or of a pad, constants included
  int fill = 0;        ///< value that a pad writes
  int index_bits = 0;  ///< of a gather's indices
  bool ceil_mode = false;
  bool has_perm = true;
  bool sequence_lengths = false;  ///< a recurrent layer with a further input for the lengths
  bool reverse = false;           ///< a recurrent layer that walks backward in time
  bool missing = false;           ///< a required attribute is not there
  std::string_view mode{}, auto_pad{}, platform_quant{}, quant_mode{};
  packing options{};

  /// True when the tensor of that many bytes lies in share memory: as asked, else by its size.
  [[nodiscard]] constexpr bool in_share(const operand& t, long long bytes) const {
    return t.asked == memory::any ? bytes <= options.memory_threshold : t.asked == memory::share;
  }
};

[[nodiscard]] constexpr long long elements(const shape& dims) { return static_cast<long long>(dims.size()); }
[[nodiscard]] constexpr int last(const shape& dims) { return dims[dims.rank() - 1]; }

/// Greatest whole number up to a / b, for b > 0.
[[nodiscard]] constexpr long long floor_div(long long a, long long b) { return a / b - (a % b < 0 ? 1 : 0); }

/// How two shapes meet element by element, aligned at the last axis.
struct meeting {
  bool fits = true;
  int repeated = 0;  ///< axes along which one of them is repeated

  constexpr meeting(const shape& a, const shape& b) {
    const int rank = a.rank() > b.rank() ? a.rank() : b.rank();
    for (int i = 1; i <= rank; ++i) {
      const int left = i > a.rank() ? 1 : a[a.rank() - i], right = i > b.rank() ? 1 : b[b.rank() - i];
      if (left == right) continue;
      ++repeated;
      if (left != 1 && right != 1) fits = false;
    }
  }
};

}  // namespace lnn::limit
