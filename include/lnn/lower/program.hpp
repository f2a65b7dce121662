// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../core/word.hpp"
#include "../limit/workspace_common.hpp"
#include "../tensor/dtype.hpp"
#include "label.hpp"
#include "wires.hpp"

namespace lnn::lower {

/// A network as the chip's engine runs it: the packer's operators on the packer's tensors, fused, split and
/// laid out, without the numbers of its weights.  Made from a described network or from a frozen model
/// (made.hpp), changed by passes program -> program, planned by the room plan and written by the room pack.
/// A value that constant expressions can make.

/// What a tensor's elements are.
enum class origin : unsigned char {
  computed,   ///< made by a step, or an input of the network
  parameter,  ///< elements of a layer's parameter
  value,      ///< a tensor of the model that never changes: frozen::edges[edge].value
  numbers,    ///< the small integers in `numbers`: shapes, paddings, axes
};

/// In which order the axes lie in memory; the numbers are those of model.bin (model_bin.md 3.2).
enum class order : unsigned char { nchw = 0, ncwh = 2 };

/// A part of a parameter: `count` elements along `axis` from `first` on; count 0 is all of it.
struct piece {
  int axis = 0, first = 0, count = 0;
  friend constexpr bool operator==(const piece&, const piece&) = default;
};

struct tensor {
  label name{};
  shape dims{};  ///< the greatest ones, in the order in which they lie in memory
  dtype type = dtype::int8;
  limit::exponent
      scale{};  ///< real = integer * 2^-scale; unknown for counts and in networks without exponents
  order laid = order::nchw;  ///< ncwh: the last two axes of `dims` are exchanged
  origin from = origin::computed;
  limit::memory asked = limit::memory::any;

  int edge = -1;  ///< of the network or model, where the tensor is one of its own
  int like = -1;  ///< the edge whose extents these are but along the axis of parts, where a pass made the tensor
  int layer = -1,
      parameter = -1;       ///< origin::parameter: which; `parameter` counts the layer's trained parameters
  list<piece, 3> pieces{};  ///< taken from the parameter one after the other: groups first, then splits
  bool turned = false;      ///< the parameter's last two axes are exchanged, after taking the pieces
  list<long long, 16> numbers{};  ///< origin::numbers, row-major

  [[nodiscard]] constexpr bool constant() const { return from != origin::computed; }
  [[nodiscard]] constexpr long long elements() const { return limit::elements(dims); }
  /// Bytes without alignment; 4-bit elements lie two in a byte, every row rounded up.
  [[nodiscard]] constexpr long long bytes() const {
    const long long n = elements();
    if (type != dtype::int4) return n * bits_of(type) / 8;
    const long long row = dims.rank() ? dims[dims.rank() - 1] : 1;
    return row < 1 ? 0 : n / row * ((row + 1) / 2);
  }
};

/// One operator of the engine.
struct step {
  label name{};
  std::string_view op{};  ///< the packer's name of it (model_bin.md section 5)
  int layer = -1;         ///< of the network or model; -1: made by a pass
  wires inputs{};  ///< tensors in the packer's order: activations, then weight, bias and other constants
  wires outputs{};
  bool relu = false;  ///< fused, act_type 1
  int slope = 0;      ///< fused, act_type 2: negative outputs are worth 2^-slope of themselves
  /// Attributes as the engine needs them, after exchange of axes, splitting and fusing; tensors are not in
  /// here.
  limit::facts as{};
  int rounding_code = -1;  ///< what the file's rounding attribute said; -1: the chip's usual
};

struct program {
  std::vector<tensor> tensors;
  std::vector<step> steps;  ///< in the order of execution
  std::vector<int> inputs, outputs;

  [[nodiscard]] constexpr tensor& at(int t) { return tensors[static_cast<std::size_t>(t)]; }
  [[nodiscard]] constexpr const tensor& at(int t) const { return tensors[static_cast<std::size_t>(t)]; }
  /// True when some step is of that operator.
  template <std::size_t N>
  [[nodiscard]] constexpr bool has(const char (&op)[N]) const {
    for (const step& s : steps)
      if (is(s.op, op)) return true;
    return false;
  }
  constexpr int add(const tensor& t) {
    tensors.push_back(t);
    return static_cast<int>(tensors.size()) - 1;
  }
};

}  // namespace lnn::lower
