// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "../tensor/quantized.hpp"
#include "extent.hpp"
#include "graph.hpp"

namespace lnn {

/// A network that consists of integers only: what freezing makes, exporters write and simulators run.
template <class Ops = builtin>
struct frozen {
  using ops = Ops;

  struct tensor_info {
    std::string name;
    shape dims{};       ///< with one sample; every symbol at its greatest value
    dtype type = dtype::int8;
    int exponent = 0;   ///< real = integer * 2^-exponent
    std::optional<integer_tensor> value{};  ///< of a tensor that never changes
    shape_form form{};                      ///< how `dims` follow from the symbols; empty: they are fixed
  };
  struct layer {
    std::string name;
    typename Ops::any op{};
    bool relu = false;  ///< fused
    std::vector<int> inputs;
    int output = -1;                         ///< the first; further ones follow it
    std::vector<integer_tensor> parameters;  ///< the operator's trained parameters, quantized, in its order
    int outputs = 1;
    std::vector<std::string> parameter_names{};  ///< as files call them, the same name for shared ones; empty: layer.parameter
    int rounding_code = -1;  ///< what the file's quant_mode or platform_quant says, which no engine reads; -1: the chip's usual
  };

  std::string name{};
  std::vector<tensor_info> edges;
  std::vector<layer> layers;
  std::vector<int> inputs, outputs;
  const chip* target = &venus;
  std::vector<symbol> symbols{};  ///< dimensions that are known only when the network runs

  /// Bytes of all parameters and of tensors that never change as files keep them: of 4-bit elements two in a byte.
  [[nodiscard]] std::size_t parameter_bytes() const {
    std::size_t n = 0;
    for (const layer& l : layers)
      for (const integer_tensor& p : l.parameters) n += bytes_of(p.type(), p.size());
    for (const tensor_info& e : edges)
      if (e.value) n += bytes_of(e.value->type(), e.value->size());
    return n;
  }
  /// The edge of that name, or -1.
  [[nodiscard]] int find(std::string_view edge) const {
    for (std::size_t i = 0; i < edges.size(); ++i)
      if (edges[i].name == edge) return static_cast<int>(i);
    return -1;
  }
};

/// The exponents around a layer of a frozen model, as operators ask for them.
class layer_exponents {
 public:
  template <class Ops, class Op>
  layer_exponents(const frozen<Ops>& m, const typename frozen<Ops>::layer& l, const Op& op) {
    list<shape, 16> in;
    for (int e : l.inputs) {
      in.push_back(m.edges[static_cast<std::size_t>(e)].dims);
      in_.push_back(m.edges[static_cast<std::size_t>(e)].exponent);
    }
    const parameter_list wanted = op.parameters(std::span<const shape>(in.data(), in.size()));
    for (std::size_t i = 0; i < l.parameters.size(); ++i) {
      // folding a batch norm gives a layer a bias that its operator does not ask for
      scaled_.push_back(i < wanted.size() && lnn::scaled(wanted[i].kind));
      parameters_.push_back(scaled_.back() ? l.parameters[i].exponent() : 0);
    }
  }
  [[nodiscard]] exponents view() const { return {in_, parameters_}; }
  [[nodiscard]] bool scaled(std::size_t i) const { return scaled_[i]; }

 private:
  std::vector<int> in_, parameters_;
  std::vector<bool> scaled_;
};

namespace detail {

/// Symbols that make sense, and forms that say what the dimensions are at their greatest values.
template <class Ops>
void require_forms(const frozen<Ops>& m, std::string_view place) {
  std::vector<int> greatest;
  for (const symbol& s : m.symbols) {
    if (s.min < 1 || s.max < s.min || s.factor < 1 || s.min % s.factor != 0 || s.max % s.factor != 0)
      fail(place, ": dimension ", s.name, " goes from ", s.min, " to ", s.max, " in steps of ", s.factor, "; both ends must be positive multiples of the step");
    greatest.push_back(s.max);
  }
  const int symbols = static_cast<int>(m.symbols.size());
  for (const auto& e : m.edges) {
    if (e.form.empty()) continue;
    if (e.form.size() != static_cast<std::size_t>(e.dims.rank()))
      fail(place, ": tensor ", e.name, " has ", e.dims.rank(), " dimensions, ", e.form.size(), " are described");
    for (std::size_t i = 0; i < e.form.size(); ++i) {
      const extent& x = e.form[i];
      if (x.first >= symbols || x.second >= symbols || x.divisor < 1) fail(place, ": tensor ", e.name, " depends on a dimension that the model does not have");
      if (x.at(greatest) != e.dims[static_cast<int>(i)])
        fail(place, ": tensor ", e.name, " is ", e.dims, " but dimension ", i, " follows to be ", x.at(greatest));
    }
  }
}

/// Constants that are what their tensors say.
template <class Ops>
void require_constants(const frozen<Ops>& m, std::string_view place) {
  for (const auto& e : m.edges) {
    if (!e.value) continue;
    if (e.value->type() != e.type || e.value->exponent() != e.exponent || !(e.value->dims() == e.dims) || e.value->size() != e.dims.size())
      fail(place, ": constant ", e.name, " is ", name_of(e.value->type()), " of ", e.value->dims(), " at exponent ", e.value->exponent(),
           ", its tensor ", name_of(e.type), " of ", e.dims, " at exponent ", e.exponent);
  }
}

/// Exponents, types and sizes with which every kernel is at home.
template <class Ops>
void require_grids(const frozen<Ops>& m, std::string_view place) {
  const auto known = [&](int e, std::string_view who) {
    if (e < 0 || static_cast<std::size_t>(e) >= m.edges.size())
      fail(place, ": ", who, " names tensor ", e, " of ", m.edges.size(), "; the file is damaged");
  };
  for (const auto& e : m.edges) {
    std::size_t room = std::size_t{1} << 31;  // elements
    for (int d : e.dims) room = d < 1 ? 0 : room / static_cast<std::size_t>(d);
    if (room == 0) fail(place, ": tensor ", e.name, " is ", e.dims, "; the file is damaged");
    const bool real = e.type == dtype::float32;
    if (!real && e.type != dtype::int8 && e.type != dtype::int16 && e.type != dtype::int32)
      fail(place, ": tensor ", e.name, " is ", name_of(e.type), ", expected int8, int16, int32 or float32");
    if (!real && (e.exponent < 0 || e.exponent > 31))
      fail(place, ": tensor ", e.name, " has exponent ", e.exponent, ", expected 0 to 31");
  }
  for (int e : m.inputs) known(e, "the input list");
  for (int e : m.outputs) known(e, "the output list");
  for (const auto& l : m.layers) {
    for (int e : l.inputs) known(e, l.name);
    if (l.outputs < 1) fail(place, ": ", l.name, " has ", l.outputs, " outputs; the file is damaged");
    known(l.output, l.name);
    known(l.output + l.outputs - 1, l.name);
    if (l.inputs.empty()) fail(place, ": ", l.name, " has no input; the file is damaged");
    const auto& x = m.edges[static_cast<std::size_t>(l.inputs[0])];
    const auto& y = m.edges[static_cast<std::size_t>(l.output)];
    const grid rule = visit_op(l.op, [](const auto& op) { return std::remove_cvref_t<decltype(op)>::grid_rule; });
    const bool moves = visit_op(l.op, [](const auto& op) { return moves_grid<std::remove_cvref_t<decltype(op)>>; });
    for (int e : l.inputs)
      if ((m.edges[static_cast<std::size_t>(e)].type == dtype::float32) != (rule == grid::source))
        fail(place, ": ", l.name, " reads ", name_of(m.edges[static_cast<std::size_t>(e)].type), "; the file is damaged");
    if ((y.type == dtype::float32) != (rule == grid::real))
      fail(place, ": ", l.name, " makes ", name_of(y.type), "; the file is damaged");
    if (rule == grid::keep && !moves && (x.type != y.type || x.exponent != y.exponent))
      fail(place, ": ", l.name, " turns ", name_of(x.type), " at exponent ", x.exponent, " into ", name_of(y.type), " at ",
           y.exponent, ", expected the same");
    visit_op(l.op, [&](const auto& op) {
      const layer_exponents q(m, l, op);
      for (std::size_t i = 0; i < l.parameters.size(); ++i) {
        const int there = l.parameters[i].exponent();
        if (q.scaled(i) && (there < 0 || there > 31))
          fail(place, ": ", l.name, " has a weight at exponent ", there, ", expected 0 to 31");
      }
    });
  }
}

}  // namespace detail

/// Throws unless every layer fits its tensors: inputs made before they are read, shapes as the operator computes them,
/// grids that its arithmetic takes, parameters of the shapes and types that it wants.  For models that come from files.
template <class Ops>
void require_consistent(const frozen<Ops>& m, std::string_view place) {
  if (m.inputs.empty() || m.outputs.empty()) fail(place, ": the model has no input or no output; the file is damaged");
  detail::require_grids(m, place);
  detail::require_constants(m, place);
  detail::require_forms(m, place);
  std::vector<bool> made(m.edges.size(), false);
  for (std::size_t e = 0; e < made.size(); ++e) made[e] = m.edges[e].value.has_value();
  for (int e : m.inputs) {
    const auto at = static_cast<std::size_t>(e);
    if (made[at]) fail(place, ": input ", m.edges[at].name, m.edges[at].value ? " never changes" : " is there twice");
    made[at] = true;
  }
  for (const auto& l : m.layers) {
    list<shape, 16> in;
    for (int e : l.inputs) {
      if (!made[static_cast<std::size_t>(e)]) fail(place, ": ", l.name, " reads ", m.edges[static_cast<std::size_t>(e)].name, " before it is made");
      in.push_back(m.edges[static_cast<std::size_t>(e)].dims);
    }
    if (in.overflow()) fail(place, ": ", l.name, " has ", l.inputs.size(), " inputs, expected at most 16");
    const std::span<const shape> shapes(in.data(), in.size());
    for (int e = l.output; e < l.output + l.outputs; ++e) {
      const auto at = static_cast<std::size_t>(e);
      if (made[at]) fail(place, ": ", l.name, " makes ", m.edges[at].name, ", which exists already");
      made[at] = true;
    }
    verdict found;
    found.layer = l.name;
    visit_op(l.op, [&](const auto& op) {
      const shape_list out = results_of(op, shapes, found);
      if (!found.clean()) fail(place, ": ", spoken(found.refused().front()));
      if (out.size() != static_cast<std::size_t>(l.outputs))
        fail(place, ": ", l.name, " has ", l.outputs, " outputs, expected ", out.size());
      for (std::size_t i = 0; i < out.size(); ++i) {
        const shape& to = m.edges[static_cast<std::size_t>(l.output) + i].dims;
        if (!(out[i] == to)) fail(place, ": ", l.name, " makes ", out[i], " but its tensor is ", to);
      }
      parameter_list wanted;
      if constexpr (folds_batch_norm<std::remove_cvref_t<decltype(op)>>) {
        auto whole = op;  // folding a batch norm gives a layer a bias
        whole.bias = l.parameters.size() > 1;
        wanted = whole.parameters(shapes);
      } else {
        for (const parameter& p : op.parameters(shapes))
          if (trained(p.kind)) wanted.push_back(p);
      }
      if (l.parameters.size() != wanted.size())
        fail(place, ": ", l.name, " has ", l.parameters.size(), " parameters, expected ", wanted.size());
      if (!l.parameter_names.empty() && l.parameter_names.size() != wanted.size())
        fail(place, ": ", l.name, " has ", l.parameter_names.size(), " names for ", wanted.size(), " parameters");
      const layer_exponents q(m, l, op);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const int follows = scaled(wanted[i].kind) ? l.parameters[i].exponent() : bias_exponent_of(op, i, q.view());
        if (l.parameters[i].exponent() != follows)
          fail(place, ": ", l.name, " has a bias at exponent ", l.parameters[i].exponent(), ", expected ", follows,
               ", which follows from those of input and weight");
        const integer_tensor& p = l.parameters[i];
        if (!(p.dims() == wanted[i].dims)) fail(place, ": ", l.name, ".", wanted[i].name, " is ", p.dims(), ", expected ", wanted[i].dims);
        const int most = wanted[i].kind == role::gain ? 16 : 8;  // the gain of a layer norm may be wider
        if (scaled(wanted[i].kind) ? bits_of(p.type()) > most : p.type() != dtype::int32)
          fail(place, ": ", l.name, ".", wanted[i].name, " is ", name_of(p.type()), ", expected ",
               scaled(wanted[i].kind) ? "int8" : "int32");
      }
    });
  }
  for (int e : m.outputs)
    if (!made[static_cast<std::size_t>(e)]) fail(place, ": output ", m.edges[static_cast<std::size_t>(e)].name, " is never made");
}

}  // namespace lnn
