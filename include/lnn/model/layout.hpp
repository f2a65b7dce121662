// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <vector>

#include "../tensor/int4.hpp"
#include "../tensor/quantized.hpp"
#include "format.hpp"

namespace lnn::model {

/// Where the chip wants every weight [o, i, h, w] of a convolution: a map between two arrays, walked in either direction.
/// `deep` counts the input channels of one group.
struct weight_map {
  enum class form : std::uint8_t {
    blocks,   ///< [o / block][tap][i / 8][o % block][i % 8]: dense
    planes,   ///< [o / block][tap][o % block]: depthwise on VENUS and ARCS
    pairs,    ///< [h / 2][w][o / 4][h % 2][o % 4]: depthwise on VENUSA
    columns,  ///< [tap][i][o]: a convolution that is computed as a matrix product
    plain,    ///< [i][h][w][o]
  };
  form how = form::blocks;
  shape dims{};                 ///< of the packed array
  layout order = layout::nhwc8;
  int out = 1, deep = 1, rows = 1, columns_ = 1;  ///< of the weight: channels and taps
  int block = 1;                ///< channels that lie together
  int depth = 1, width = 1;     ///< i / 8 and o / 4 of the packed array
  bool flipped = false;         ///< taps in reverse order: transposed convolution

  [[nodiscard]] std::size_t size() const { return dims.size(); }
  [[nodiscard]] std::size_t at(int o, int i, int h, int w) const {
    if (flipped) h = rows - 1 - h, w = columns_ - 1 - w;
    const std::size_t tap = u(h) * u(columns_) + u(w), taps = u(rows) * u(columns_);
    switch (how) {
      case form::blocks: return (((u(o / block) * taps + tap) * u(depth) + u(i / 8)) * u(block) + u(o % block)) * 8 + u(i % 8);
      case form::planes: return (u(o / block) * taps + tap) * u(block) + u(o % block);
      case form::pairs: return ((u(h / 2) * u(columns_) + u(w)) * u(width) + u(o / 4)) * 8 + u(h % 2) * 4 + u(o % 4);
      case form::columns: return (tap * u(deep) + u(i)) * u(out) + u(o);
      case form::plain: return (u(i) * taps + tap) * u(out) + u(o);
    }
    return 0;
  }

 private:
  static constexpr std::size_t u(int i) { return static_cast<std::size_t>(i); }
};

/// Calls use(place in the weight, place in the packed array) for every weight; the weight is [o, i, h, w], or [i, o, h, w]
/// where `inputs_first`.
template <class Use>
void each_weight(const weight_map& m, bool inputs_first, Use&& use) {
  for (int o = 0; o < m.out; ++o)
    for (int i = 0; i < m.deep; ++i) {
      const auto first = static_cast<std::size_t>(inputs_first ? i * m.out + o : o * m.deep + i);
      std::size_t from = first * static_cast<std::size_t>(m.rows) * static_cast<std::size_t>(m.columns_);
      for (int h = 0; h < m.rows; ++h)
        for (int w = 0; w < m.columns_; ++w) use(from++, m.at(o, i, h, w));
    }
}

/// Bytes of constants as a file has them, and how its tensor describes them.
struct packed_constant {
  std::vector<std::uint8_t> bytes;
  shape dims{};
  layout order = layout::nchw;
  dtype type = dtype::int8;
};

namespace detail {

inline int least_aligned(int n, int to) { return static_cast<int>(align_up(n, to)); }

/// Output channels of a dense convolution in the chip's weight buffer: padded to whole steps, and, where the weights do
/// not fit the buffer, to equal parts of which each does (packer.md 6).
inline int padded_outputs(int out, int deep, int taps, const chip& on, int step) {
  const long long each = align_up(deep, 8) * taps, limit = on.memory.weight_buffer;
  const int whole = least_aligned(out, step);
  if (each * whole <= limit) return whole;
  const int most = static_cast<int>(limit / each / step) * step;
  if (most == 0)
    fail("layout: one step of ", step, " output channels takes ", each * step, " bytes of weights, the limit of ", on.name, " is ", limit,
         "; use a smaller kernel or fewer input channels");
  const int parts = ceil_div(out, most);
  return least_aligned(ceil_div(out, parts), step) * parts;
}

inline weight_map dense_map(int out, int deep, int rows, int columns, int step, int padded, bool turned) {
  const int depth = least_aligned(deep, 8) / 8;
  return {.how = weight_map::form::blocks,
          .dims = {padded / step, rows * columns, depth, step, 8},
          .order = turned ? layout::nwhc8 : layout::nhwc8,
          .out = out,
          .deep = deep,
          .rows = rows,
          .columns_ = columns,
          .block = step,
          .depth = depth};
}

}  // namespace detail

/// conv2d, weight [out, in / group, h, w]; `turned`: the layer works on images with height and width exchanged, and so do
/// the weight's axes already.
[[nodiscard]] inline weight_map conv2d_map(const shape& weight, int group, dtype type, const chip& on, bool turned = false) {
  const int out = weight[0], deep = weight[1], h = weight[2], w = weight[3];
  weight_map m{.out = out, .deep = deep, .rows = h, .columns_ = w};
  if (type == dtype::int16) {  // the engine multiplies matrices
    m.how = weight_map::form::plain;
    m.dims = {deep, h, w, out};
    m.order = turned ? layout::ncwh : layout::nchw;
    return m;
  }
  if (group == 1 || group != out || deep != 1) {
    const int step = on.conv.output_align;
    return detail::dense_map(out, deep, h, w, step, detail::padded_outputs(out, deep, h * w, on, step), turned);
  }
  const int channels = detail::least_aligned(out, on.conv.depthwise_align);
  m.block = on.conv.depthwise_align;
  if (on.conv.depthwise_rows == 2) {
    m.how = weight_map::form::pairs;
    m.width = channels / 4;
    m.dims = {detail::least_aligned(h, 2) / 2, w, channels / 4, 2, 4};
  } else {
    m.how = weight_map::form::planes;
    if (m.block == 16) m.dims = {channels / 16, h, w, 16};
    else m.dims = {channels / m.block, 1, h, w, m.block};
  }
  m.order = m.block == 16 ? layout::nhwc16 : turned ? layout::nwhc8 : layout::nhwc8;
  return m;
}

/// conv1d, weight [out, in / group, length].  Dense weights lie in the chip's own blocks on VENUSA as well: the reference
/// packer writes pairs there, which the engine does not read as such (defect D25).
[[nodiscard]] inline weight_map conv1d_map(const shape& weight, int group, const chip& on) {
  const int out = weight[0], deep = weight[1], length = weight[2];
  if (on.conv.conv1d_by_matrix && length > on.conv.kernel)
    return {.how = weight_map::form::columns,
            .dims = {length, deep, out},
            .order = layout::whcn,
            .out = out,
            .deep = deep,
            .rows = 1,
            .columns_ = length};
  if (group > 1 && group == out && deep == 1) return conv2d_map({out, 1, 1, length}, group, dtype::int8, on);
  const int step = on.conv.output_align;
  return detail::dense_map(out, deep, 1, length, step, detail::least_aligned(out, step), false);
}

/// conv_transpose2d, weight [in, out / group, h, w], whose taps lie in reverse order.
[[nodiscard]] inline weight_map conv_transpose2d_map(const shape& weight, const chip& on, bool turned = false) {
  const int step = on.conv.output_align, out = weight[1], deep = weight[0];
  weight_map m = detail::dense_map(out, deep, weight[2], weight[3], step, detail::least_aligned(out, step), turned);
  m.dims = {m.dims[0], weight[2], weight[3], m.depth, step, 8};
  m.flipped = true;
  return m;
}

/// Bytes of elements in a file: 4-bit ones two in a byte, rows of the last axis filled up to whole bytes.
[[nodiscard]] inline std::vector<std::uint8_t> stored_elements(const integer_view& v) {
  if (v.type != dtype::int4) {
    const auto* from = v.as<const std::uint8_t>();
    return {from, from + bytes_of(v.type, v.size())};
  }
  int last = v.dims.rank() - 1;
  while (last > 0 && v.dims[last] == 1) --last;
  const std::size_t row = last < 0 ? 1 : static_cast<std::size_t>(v.dims[last]);
  std::vector<std::uint8_t> out;
  for (std::size_t first = 0; row != 0 && first < v.size(); first += row) {
    const auto packed = pack_int4({v.as<const std::int8_t>() + first, row});
    out.insert(out.end(), packed.begin(), packed.end());
  }
  return out;
}
/// The inverse: one element after the other, 4-bit ones one in a byte.
[[nodiscard]] inline integer_tensor loaded_elements(std::span<const std::uint8_t> bytes, dtype type, const shape& dims, int exponent) {
  integer_tensor t(type, dims, exponent);
  if (type != dtype::int4) {
    if (bytes.size() < t.byte_count()) fail("layout: ", bytes.size(), " bytes hold less than ", dims, " of ", name_of(type));
    if (t.byte_count() > 0) std::memcpy(t.as<unsigned char>(), bytes.data(), t.byte_count());
    return t;
  }
  int last = dims.rank() - 1;
  while (last > 0 && dims[last] == 1) --last;
  const std::size_t row = last < 0 ? 1 : static_cast<std::size_t>(dims[last]), stride = (row + 1) / 2;
  for (std::size_t first = 0, from = 0; row != 0 && first < t.size(); first += row, from += stride) {
    if (from + stride > bytes.size()) fail("layout: ", bytes.size(), " bytes hold less than ", dims, " of int4");
    for (std::size_t i = 0; i < row; ++i) t.as<std::int8_t>()[first + i] = int4_at(bytes.data() + from, i);
  }
  return t;
}

/// The weight of a convolution in the chip's order; what is padding is 0.
[[nodiscard]] inline packed_constant pack(const integer_view& weight, const weight_map& m, bool inputs_first = false) {
  integer_tensor packed(weight.type, m.dims, weight.exponent);
  with_element(weight.type, [&](auto element) {
    using T = decltype(element);
    const T* from = weight.as<const T>();
    T* to = packed.as<T>();
    each_weight(m, inputs_first, [&](std::size_t a, std::size_t b) { to[b] = from[a]; });
  });
  return {stored_elements(packed.access()), m.dims, m.order, weight.type};
}
/// The inverse; `dims` are those of the library's weight.
[[nodiscard]] inline integer_tensor unpack(const integer_tensor& packed, const weight_map& m, const shape& dims, bool inputs_first = false) {
  integer_tensor weight(packed.type(), dims, packed.exponent());
  with_element(weight.type(), [&](auto element) {
    using T = decltype(element);
    const T* from = packed.as<T>();
    T* to = weight.as<T>();
    each_weight(m, inputs_first, [&](std::size_t a, std::size_t b) { to[a] = from[b]; });
  });
  return weight;
}

/// A matrix with rows and columns exchanged: weights of linear on VENUS, of recurrent layers where the chip wants them so.
[[nodiscard]] inline integer_tensor transposed(const integer_view& m) {
  integer_tensor t(m.type, {m.dims[1], m.dims[0]}, m.exponent);
  const auto rows = static_cast<std::size_t>(m.dims[0]), columns = static_cast<std::size_t>(m.dims[1]);
  with_element(m.type, [&](auto element) {
    using T = decltype(element);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c) t.as<T>()[c * rows + r] = m.as<const T>()[r * columns + c];
  });
  return t;
}
/// Any constant as it is, or transposed.
[[nodiscard]] inline packed_constant pack(const integer_view& v) { return {stored_elements(v), v.dims, layout::nchw, v.type}; }
[[nodiscard]] inline packed_constant pack_transposed(const integer_view& v, layout order) {
  const integer_tensor t = transposed(v);
  return {stored_elements(t.access()), t.dims(), order, v.type};
}

}  // namespace lnn::model
