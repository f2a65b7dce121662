// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../fixed/saturate.hpp"
#include "layout.hpp"
#include "program.hpp"

namespace lnn::model {

/// What of an operator decides how its constants lie in a file.
struct constant_facts {
  std::string_view op;     ///< the packer's name
  std::size_t parameter = 0;  ///< which of the operator's parameters: weights come first
  int group = 1;           ///< of a convolution
  bool turned = false;     ///< it works on images with height and width exchanged
};

namespace detail {

/// Whether a weight [out, in] lies as [in, out].
inline bool lies_transposed(const constant_facts& f, const chip& on) {
  if (f.op == "LinearInt") return f.parameter == 0 && on.linear.sum == accumulator::clamp_before_bias;
  if (f.op == "GRUInt") return f.parameter < 2;
  return f.op == "LSTMInt" && f.parameter < 2 && on.unit == curves::narrow;
}
inline bool is_convolution(std::string_view op) { return op == "Conv2dInt" || op == "Conv1dInt" || op == "ConvTranspose2dInt"; }

/// How a file of this shape holds the weight: blocks are as large as the file says, so files of packers that choose other
/// ones are understood.
inline weight_map stored_map(const constant_facts& f, const shape& weight, const integer_tensor& there, layout order, const chip& on) {
  const bool line = f.op == "Conv1dInt", flipped = f.op == "ConvTranspose2dInt";
  weight_map m{.dims = there.dims(), .order = order, .out = weight[flipped ? 1 : 0], .deep = weight[flipped ? 0 : 1],
               .rows = line ? 1 : weight[2], .columns_ = line ? weight[2] : weight[3], .flipped = flipped};
  const shape& d = m.dims;
  const int rank = d.rank();
  const long long taps = static_cast<long long>(m.rows) * m.columns_;
  long long need = taps * m.deep * m.out;
  if (order == layout::whcn) {
    m.how = weight_map::form::columns;
  } else if (order == layout::nchw || order == layout::ncwh) {
    m.how = weight_map::form::plain;
  } else if (!flipped && f.group > 1 && f.group == m.out && m.deep == 1) {
    m.block = on.conv.depthwise_align;
    if (on.conv.depthwise_rows == 2 && rank == 5) {
      m.how = weight_map::form::pairs;
      m.width = d[2];
      need = m.width * 4LL < m.out ? -1 : align_up(m.rows, 2) * m.columns_ * m.width * 4LL;
    } else {
      m.how = weight_map::form::planes;
      need = align_up(m.out, m.block) * taps;
    }
  } else {
    m.block = rank == 4 ? on.conv.output_align : rank >= 5 ? d[rank - 2] : 0;
    m.depth = rank == 4 ? d[3] / 8 : rank >= 5 ? d[rank - 3] : 0;
    const bool fits = m.block > 0 && m.depth * 8LL >= m.deep && (rank == 4 || d[rank - 1] == 8);
    need = fits ? align_up(m.out, m.block) * taps * m.depth * 8LL : -1;
  }
  if (need < 0 || static_cast<unsigned long long>(need) > there.size())
    fail("layout: a weight ", weight, " of ", f.op, " does not fit a constant ", d, " with layout ", name_of(order),
         "; the file is damaged, or its packer lost the weights");
  return m;
}

}  // namespace detail

/// Integers of another width, clamped.
[[nodiscard]] inline integer_tensor as_type(const integer_view& from, dtype type) {
  integer_tensor to(type, from.dims, from.exponent);
  with_element(type, [&](auto element) {
    using T = decltype(element);
    for (std::size_t i = 0; i < from.size(); ++i) to.as<T>()[i] = saturate<T>(from.at(i));
  });
  return to;
}

/// A parameter of an operator as a file for this chip holds it.
[[nodiscard]] inline packed_constant pack_constant(const constant_facts& f, const integer_view& v, const chip& on) {
  // gamma, where the engine reads it as 16 bits, whatever the file says (defect D36)
  if (f.parameter == 0 && f.op == "LayerNormInt" && on.engine.normal_bits == 16 && v.type == dtype::int8)
    return pack(as_type(v, dtype::int16).access());
  if (f.parameter == 0 && f.op == "Conv2dInt") return pack(v, conv2d_map(v.dims, f.group, v.type, on, f.turned));
  if (f.parameter == 0 && f.op == "Conv1dInt") return pack(v, conv1d_map(v.dims, f.group, on));
  if (f.parameter == 0 && f.op == "ConvTranspose2dInt") return pack(v, conv_transpose2d_map(v.dims, on, f.turned), true);
  if (detail::lies_transposed(f, on)) return pack_transposed(v, f.op == "LinearInt" ? layout::ncwh : layout::nchw);
  return pack(v);
}

/// The inverse: a parameter of the shape `wanted` from the constant that a file holds.  Fails when they do not fit.
[[nodiscard]] inline integer_tensor load_constant(const constant_facts& f, const shape& wanted, const tensor& t,
                                                  std::span<const std::uint8_t> bytes, const chip& on) {
  const auto type = t.type();
  if (!type || *type > dtype::int32) fail("layout: constant ", t.name, " has the element type ", t.code, ", expected integers of up to 32 bits");
  const int q = t.scale >= -62 && t.scale <= 62 ? static_cast<int>(t.scale) : 0;
  integer_tensor there = loaded_elements(bytes, *type, t.dims, q);
  if (f.parameter == 0 && detail::is_convolution(f.op))
    return unpack(there, detail::stored_map(f, wanted, there, t.order, on), wanted, f.op == "ConvTranspose2dInt");
  const auto as_wanted = [&](const integer_tensor& from) {
    if (from.dims().size() != wanted.size()) fail("layout: constant ", t.name, " is ", from.dims(), ", expected ", wanted);
    integer_tensor to(*type, wanted, q);
    std::copy_n(from.as<unsigned char>(), to.byte_count(), to.as<unsigned char>());
    return to;
  };
  if (!detail::lies_transposed(f, on) || there.dims().rank() != 2) return as_wanted(there);
  if (there.dims()[0] != wanted[1] || there.dims()[1] != wanted[0])
    fail("layout: constant ", t.name, " is ", there.dims(), ", expected ", shape{wanted[1], wanted[0]});
  return as_wanted(transposed(there.access()));
}

/// A bias: whatever its width in the file, the kernels take 32 bits.
[[nodiscard]] inline integer_tensor widened(integer_tensor from) {
  return from.type() == dtype::int32 ? std::move(from) : as_type(from.access(), dtype::int32);
}

}  // namespace lnn::model
