// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "../graph/frozen.hpp"
#include "../graph/note.hpp"
#include "archive.hpp"

namespace lnn {

namespace detail {

inline constexpr std::string_view frozen_format = "lnn frozen 2";

inline std::string words_of(const std::vector<int>& numbers) {
  std::string out;
  for (int n : numbers) out.append(out.empty() ? "" : " ").append(std::to_string(n));
  return out;
}
/// Reads numbers of [0, limit) divided by blanks.
inline std::vector<int> numbers_of(const std::string& path, std::string_view words, std::size_t limit) {
  std::vector<int> out;
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    const std::string one(words.substr(at, end - at));
    char* rest = nullptr;
    const long n = std::strtol(one.c_str(), &rest, 10);
    if (one.empty() || *rest != '\0' || n < 0 || static_cast<std::size_t>(n) >= limit)
      fail(path, ": '", one, "' is no tensor of this model (it has ", limit, "); the file is damaged");
    out.push_back(static_cast<int>(n));
    at = end + 1;
  }
  return out;
}

}  // namespace detail

/// Writes a frozen model; the file appears whole or not at all.
template <class Ops>
void write_frozen(const std::string& path, const frozen<Ops>& m) {
  archive a;
  a.put("format", detail::frozen_format);
  a.put("name", std::string_view(m.name));
  a.put("chip", m.target->name);
  a.put("tensors", m.edges.size());
  for (std::size_t i = 0; i < m.edges.size(); ++i) {
    const std::string at = "tensor/" + std::to_string(i);
    a.put(at + "/name", std::string_view(m.edges[i].name));
    a.put(at + "/type", static_cast<int>(m.edges[i].type));
    a.put(at + "/exponent", m.edges[i].exponent);
    tensor<std::int32_t> dims({m.edges[i].dims.rank()});
    std::copy(m.edges[i].dims.begin(), m.edges[i].dims.end(), dims.begin());
    a.put(at + "/dims", dims);
    if (m.edges[i].value) a.put(at + "/value", *m.edges[i].value);
    if (m.edges[i].form.empty()) continue;
    tensor<std::int32_t> form({static_cast<int>(m.edges[i].form.size()), 6});
    std::int32_t* to = form.data();
    for (const extent& x : m.edges[i].form)
      for (const int n : {x.first, x.second, x.scale, x.add, x.divisor, x.offset}) *to++ = n;
    a.put(at + "/form", form);
  }
  a.put("symbols", m.symbols.size());
  for (std::size_t i = 0; i < m.symbols.size(); ++i) {
    const symbol& s = m.symbols[i];
    a.put("symbol/" + std::to_string(i) + "/name", std::string_view(s.name));
    a.put("symbol/" + std::to_string(i) + "/range", tensor<std::int32_t>({3}, {s.min, s.max, s.factor}));
  }
  a.put("inputs", std::string_view(detail::words_of(m.inputs)));
  a.put("outputs", std::string_view(detail::words_of(m.outputs)));
  a.put("layers", m.layers.size());
  for (std::size_t i = 0; i < m.layers.size(); ++i) {
    const auto& l = m.layers[i];
    const std::string at = "layer/" + std::to_string(i);
    a.put(at + "/name", std::string_view(l.name));
    a.put(at + "/operator", std::string_view(visit_op(l.op, [](const auto& op) { return note_of(op); })));
    a.put(at + "/relu", int{l.relu});
    a.put(at + "/inputs", std::string_view(detail::words_of(l.inputs)));
    std::vector<int> made;
    for (int e = l.output; e < l.output + l.outputs; ++e) made.push_back(e);
    a.put(at + "/output", std::string_view(detail::words_of(made)));
    a.put(at + "/parameters", l.parameters.size());
    for (std::size_t k = 0; k < l.parameters.size(); ++k) a.put(at + "/parameter/" + std::to_string(k), l.parameters[k]);
    for (std::size_t k = 0; k < l.parameter_names.size(); ++k)
      a.put(at + "/parameter_name/" + std::to_string(k), std::string_view(l.parameter_names[k]));
    a.put(at + "/rounding_code", l.rounding_code);
  }
  a.write(path);
}

/// Reads what write_frozen wrote.
template <class Ops = builtin>
[[nodiscard]] frozen<Ops> read_frozen(const std::string& path) {
  const archive a = archive::read(path);
  if (!a.contains("format") || a.template get<std::string>("format") != detail::frozen_format)
    fail(path, ": this is no frozen model of this version of lnn; freeze the network again");
  const auto number = [&](const std::string& name) { return a.template get<std::int64_t>(name); };
  const auto words = [&](const std::string& name) { return a.template get<std::string>(name); };
  frozen<Ops> m;
  m.name = words("name");
  m.target = find_chip(words("chip"));
  if (!m.target) fail(path, ": chip '", words("chip"), "' is unknown; expected venus, arcs or venusA");
  for (std::int64_t i = 0; i < number("tensors"); ++i) {
    const std::string at = "tensor/" + std::to_string(i);
    const auto type = number(at + "/type");
    if (type < 0 || type > static_cast<std::int64_t>(dtype::float64)) fail(path, ": ", at, " has the unknown type ", type);
    typename frozen<Ops>::tensor_info info{words(at + "/name"), {}, static_cast<dtype>(type),
                                             a.template get<int>(at + "/exponent")};
    const auto dims = a.template get<tensor<std::int32_t>>(at + "/dims");
    for (std::int32_t d : dims) info.dims.append(d);
    if (a.contains(at + "/value")) info.value = a.template get<integer_tensor>(at + "/value");
    if (a.contains(at + "/form")) {
      const auto form = a.template get<tensor<std::int32_t>>(at + "/form", {info.dims.rank(), 6});
      for (const std::int32_t* n = form.begin(); n != form.end(); n += 6) info.form.push_back({n[0], n[1], n[2], n[3], n[4], n[5]});
    }
    m.edges.push_back(std::move(info));
  }
  for (std::int64_t i = 0; i < number("symbols"); ++i) {
    const std::string at = "symbol/" + std::to_string(i);
    const auto range = a.template get<tensor<std::int32_t>>(at + "/range", {3});
    m.symbols.push_back({words(at + "/name"), range[0], range[1], range[2]});
  }
  m.inputs = detail::numbers_of(path, words("inputs"), m.edges.size());
  m.outputs = detail::numbers_of(path, words("outputs"), m.edges.size());
  for (std::int64_t i = 0; i < number("layers"); ++i) {
    const std::string at = "layer/" + std::to_string(i);
    typename frozen<Ops>::layer l;
    l.name = words(at + "/name");
    l.op = read_note<Ops>(words(at + "/operator"));
    l.relu = number(at + "/relu") != 0;
    l.inputs = detail::numbers_of(path, words(at + "/inputs"), m.edges.size());
    const auto out = detail::numbers_of(path, words(at + "/output"), m.edges.size());
    if (out.empty()) fail(path, ": ", at, " has no output; the file is damaged");
    for (std::size_t k = 0; k < out.size(); ++k)
      if (out[k] != out[0] + static_cast<int>(k)) fail(path, ": ", at, " has scattered outputs; the file is damaged");
    l.output = out[0];
    l.outputs = static_cast<int>(out.size());
    for (std::int64_t k = 0; k < number(at + "/parameters"); ++k)
      l.parameters.push_back(a.template get<integer_tensor>(at + "/parameter/" + std::to_string(k)));
    for (std::int64_t k = 0; k < number(at + "/parameters") && a.contains(at + "/parameter_name/" + std::to_string(k)); ++k)
      l.parameter_names.push_back(words(at + "/parameter_name/" + std::to_string(k)));
    l.rounding_code = a.template get<int>(at + "/rounding_code");
    m.layers.push_back(std::move(l));
  }
  require_consistent(m, path);
  return m;
}

}  // namespace lnn
