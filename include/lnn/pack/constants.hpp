// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "../graph/frozen.hpp"
#include "../lower/program.hpp"
#include "../model/constant.hpp"

/// From the packer's program to model.bin: elements, attributes, places.
namespace lnn::packing {

namespace detail {

/// `count` elements along `axis` from `first` on.
[[nodiscard]] inline integer_tensor cut(const integer_tensor& from, const lower::piece& p) {
  shape dims = from.dims();
  const auto extent = static_cast<std::size_t>(dims[p.axis]), first = static_cast<std::size_t>(p.first), count = static_cast<std::size_t>(p.count);
  if (p.first < 0 || first + count > extent) fail("pack: elements ", first, " to ", first + count, " of an axis of ", extent);
  dims[p.axis] = p.count;
  integer_tensor out(from.type(), dims, from.exponent());
  const std::size_t width = from.size() == 0 ? 0 : from.byte_count() / from.size();
  const std::size_t inner = from.dims().span(p.axis + 1, dims.rank()) * width, outer = from.dims().span(0, p.axis);
  for (std::size_t o = 0; o < outer; ++o)
    std::memcpy(out.as<unsigned char>() + o * count * inner, from.as<unsigned char>() + (o * extent + first) * inner, count * inner);
  return out;
}

/// The last two axes exchanged.
[[nodiscard]] inline integer_tensor turn(const integer_tensor& from) {
  shape dims = from.dims();
  const int rank = dims.rank();
  if (rank < 2) return from;
  std::swap(dims[rank - 1], dims[rank - 2]);
  integer_tensor out(from.type(), dims, from.exponent());
  const std::size_t rows = from.dims().span(rank - 2, rank - 1), columns = from.dims().span(rank - 1, rank), planes = from.dims().span(0, rank - 2);
  with_element(from.type(), [&](auto element) {
    using T = decltype(element);
    for (std::size_t p = 0; p < planes; ++p)
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < columns; ++c) out.as<T>()[(p * columns + c) * rows + r] = from.as<T>()[(p * rows + r) * columns + c];
  });
  return out;
}

/// The same integers in another width; 4-bit elements are held one in a byte.
[[nodiscard]] inline integer_tensor converted(const integer_tensor& from, dtype type, const lower::tensor& t) {
  integer_tensor out(type, from.dims(), from.exponent());
  const integer_view in = from.access();
  with_element(type, [&](auto element) {
    using T = decltype(element);
    for (std::size_t i = 0; i < from.size(); ++i) {
      const std::int64_t v = in.at(i);
      if (static_cast<T>(v) != v) fail("pack: element ", i, " of ", t.name.text(), " is ", v, ", outside ", lnn::name_of(type));
      out.as<T>()[i] = static_cast<T>(v);
    }
  });
  return out;
}

}  // namespace detail

/// The elements of a constant of the program, in the order of its dims, before the chip's re-layout.
template <class Ops>
[[nodiscard]] integer_tensor elements_of(const frozen<Ops>& m, const lower::tensor& t) {
  if (t.from == lower::origin::numbers) {
    integer_tensor out(t.type, t.dims, 0);
    if (out.size() != t.numbers.size()) fail("pack: ", t.name.text(), " is ", t.dims, " but has ", t.numbers.size(), " numbers");
    with_element(t.type, [&](auto element) {
      using T = decltype(element);
      for (std::size_t i = 0; i < out.size(); ++i) out.as<T>()[i] = static_cast<T>(t.numbers[i]);
    });
    return out;
  }
  if (t.from == lower::origin::value) {
    const auto& value = m.edges[static_cast<std::size_t>(t.edge)].value;
    if (!value) fail("pack: ", t.name.text(), " is a constant without elements");
    return *value;
  }
  integer_tensor out = m.layers[static_cast<std::size_t>(t.layer)].parameters[static_cast<std::size_t>(t.parameter)];
  for (const lower::piece& p : t.pieces)
    if (p.count > 0) out = detail::cut(out, p);
  if (t.turned) out = detail::turn(out);
  return out.type() == t.type ? out : detail::converted(out, t.type, t);
}

/// A constant as the engine wants it for the step that reads it.
[[nodiscard]] inline model::packed_constant packed_for(const lower::step& s, const lower::tensor& t, const integer_tensor& elements, const chip& on) {
  if (t.from != lower::origin::parameter) return model::pack(elements.access());
  // what the program turned is packed as it is, and then called turned
  model::packed_constant out = model::pack_constant({.op = s.op, .parameter = static_cast<std::size_t>(t.parameter), .group = s.as.group}, elements.access(), on);
  if (t.turned && out.order == model::layout::nhwc8) out.order = model::layout::nwhc8;
  if (t.turned && out.order == model::layout::nchw) out.order = model::layout::ncwh;
  return out;
}

}  // namespace lnn::packing
