// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/fit_extent.hpp"
#include "layer.hpp"
#include "symbolic_fields.hpp"

namespace lnn::onnx {

namespace detail {

using symbol_values = std::map<std::string, int, std::less<>>;

/// Values of the symbols at which a network is looked at: every symbol at up to twenty of its values while the others are at
/// their greatest, and all pairs of symbols below them.
inline std::vector<std::vector<int>> probes(const std::vector<symbol>& symbols) {
  std::vector<int> greatest;
  for (const symbol& s : symbols) greatest.push_back(s.max);
  std::vector<std::vector<int>> all{greatest};
  const auto put = [&](std::vector<int> v) {
    if (std::find(all.begin(), all.end(), v) == all.end()) all.push_back(std::move(v));
  };
  const auto steps = [](const symbol& s) { return (s.max - s.min) / s.factor; };
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const int n = steps(symbols[i]);
    for (int k = 0; k <= n; ++k) {
      if (k > 8 && k < n - 2 && k % std::max(n / 8, 1) != 0) continue;
      std::vector<int> v = greatest;
      v[i] = symbols[i].min + k * symbols[i].factor;
      put(v);
    }
    for (std::size_t j = i + 1; j < symbols.size(); ++j)
      for (int a : {0, steps(symbols[i]) / 2})
        for (int b : {0, steps(symbols[j]) / 2}) {
          std::vector<int> v = greatest;
          v[i] = symbols[i].min + a * symbols[i].factor;
          v[j] = symbols[j].min + b * symbols[j].factor;
          put(v);
        }
  }
  return all;
}

/// A network whose dimensions follow from symbols: what the file makes of many values of them, fitted and verified.
template <class Ops>
class symbolic_reader {
 public:
  symbolic_reader(source& from, const chip& target, const std::vector<symbol>& symbols, pool& workers)
      : from_(from), target_(target), workers_(workers) {
    for (const symbol& s : symbols) {
      if (s.min < 1 || s.max < s.min || s.factor < 1 || s.min % s.factor != 0 || s.max % s.factor != 0)
        fail(from.place, ": dimension ", s.name, " goes from ", s.min, " to ", s.max, " in steps of ", s.factor, "; both ends must be positive multiples of the step");
      if (!fixed_.insert({s.name, s.max}).second) fail(from.place, ": dimension ", s.name, " is named twice among the options");
      bool known = false;
      for (const auto& in : from.graph.input())
        for (const auto& d : in.type().tensor_type().shape().dim()) known = known || d.dim_param() == s.name;
      if (!known) fail(from.place, ": no input has the dimension ", s.name, "; leave it out of the options");
      if (s.min != s.max) symbols_.push_back(s);
    }
    require_all_known();
  }

  [[nodiscard]] frozen<Ops> run() {
    const auto all = probes(symbols_);
    frozen<Ops> made = build(all[0]);
    if (symbols_.empty()) return made;
    // constants that follow from the symbols are computed when the network runs
    std::map<std::string, integer_tensor> at_greatest = std::move(evaluated_);
    for (std::size_t i = 1; i < all.size(); ++i) {
      (void)build(all[i]);
      for (const auto& [name, value] : at_greatest)
        if (const auto at = evaluated_.find(name); at == evaluated_.end() || !(at->second == value)) living_.insert(name);
    }
    if (!living_.empty()) made = build(all[0]);
    std::vector<std::vector<extent_sample>> samples;  // of every dimension, in order
    symbolic_fields<Ops> fields(made);
    for (const auto& values : all) {
      const frozen<Ops> probe = build(values);
      if (probe.edges.size() != made.edges.size()) fail(from_.place, ": at ", spoken(values), " the network has ", probe.edges.size(), " tensors, at ", spoken(all[0]), " ", made.edges.size());
      if (const auto* l = fields.compare(probe))
        fail(from_.place, ": node ", l->name, " has other attributes at ", spoken(values), " than at ", spoken(all[0]), ", and files hold one; let a slice start at a fixed place or at a fixed distance from the end, or fix the dimension (min = max)");
      std::size_t place = 0;
      for (std::size_t e = 0; e < made.edges.size(); ++e) {
        const auto &a = made.edges[e], &b = probe.edges[e];
        if (a.name != b.name || a.dims.rank() != b.dims.rank()) fail(from_.place, ": at ", spoken(values), " the network has the tensor ", b.name, " of ", b.dims, ", at ", spoken(all[0]), " ", a.name, " of ", a.dims);
        if (!(a.value == b.value)) fail(from_.place, ": constant ", a.name, " is another at ", spoken(values), " than at ", spoken(all[0]), ", which no chip computes");
        for (int d : b.dims) {
          if (place == samples.size()) samples.emplace_back();
          samples[place++].push_back({values, d});
        }
      }
    }
    fields.settle();
    std::size_t place = 0;
    for (auto& e : made.edges) {
      shape_form form;
      bool moves = false;
      for (int i = 0; i < e.dims.rank(); ++i, ++place) {
        const auto x = fit_extent(samples[place]);
        if (!x)
          fail(from_.place, ": dimension ", i, " of tensor ", e.name, " is ", samples[place].back().dim, " at ", spoken(samples[place].back().symbols), " and ", e.dims[i], " at ", spoken(all[0]),
               ", which is no multiple of one dimension or of a product of two; fix one of them (min = max)");
        moves = moves || !x->is_fixed();
        form.push_back(*x);
      }
      if (moves) e.form = std::move(form);
    }
    made.symbols = symbols_;
    return made;
  }

 private:
  /// Names all dimensions that are missing among the options at once.
  void require_all_known() const {
    std::string missing, say;
    std::set<std::string> told;
    for (const auto& in : from_.graph.input())
      for (const auto& d : in.type().tensor_type().shape().dim()) {
        const std::string& name = d.dim_param();
        if (name.empty() || from_.constants.has(in.name()) || fixed_.count(name) || !told.insert(name).second) continue;
        missing.append(missing.empty() ? "" : ", ").append(sentence(name, " of input ", in.name()));
        say.append(say.empty() ? "" : ",").append(name).append("=least:greatest:multiple");
      }
    if (!told.empty()) fail(from_.place, told.size() == 1 ? ": the size of a dimension is not known: " : ": the sizes of dimensions are not known: ", missing, "; say ", say, " among the options");
  }
  frozen<Ops> build(const std::vector<int>& values) {
    symbol_values all = fixed_;
    for (std::size_t i = 0; i < symbols_.size(); ++i) all[symbols_[i].name] = values[i];
    evaluated_.clear();
    builder<Ops> b(from_, target_, all, workers_, living_);
    frozen<Ops> made;
    try {
      made = b.run();
    } catch (const error& e) {
      if (symbols_.empty()) throw;
      fail(e.what(), " (at ", spoken(values), ")");
    }
    evaluated_ = std::move(b.evaluated());
    return made;
  }
  [[nodiscard]] std::string spoken(const std::vector<int>& values) const {
    std::string s;
    for (std::size_t i = 0; i < values.size(); ++i) s.append(s.empty() ? "" : ", ").append(sentence(symbols_[i].name, " = ", values[i]));
    return s;
  }

  source& from_;
  const chip& target_;
  pool& workers_;
  std::vector<symbol> symbols_;  ///< that have more than one value
  symbol_values fixed_;
  std::set<std::string> living_;
  std::map<std::string, integer_tensor> evaluated_;
};

}  // namespace detail

/// Ranges of dimensions from words: "time=8:64:4,batch=1" is time from 8 to 64 in steps of 4, and batch 1.
[[nodiscard]] inline std::vector<symbol> symbols_of(std::string_view words) {
  std::vector<symbol> all;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(','), words.size());
    const std::string_view one = words.substr(0, end);
    const std::size_t eq = one.find('=');
    std::vector<int> n;
    bool sane = eq != std::string_view::npos && eq > 0;
    for (std::size_t at = eq + 1; sane && at <= one.size();) {
      const std::size_t stop = std::min(one.find(':', at), one.size());
      const std::string digits(one.substr(at, stop - at));
      char* rest = nullptr;
      const long v = std::strtol(digits.c_str(), &rest, 10);
      sane = !digits.empty() && *rest == '\0' && v >= 1 && v <= (1 << 28) && n.size() < 3;
      if (sane) n.push_back(static_cast<int>(v));
      at = stop + 1;
    }
    if (!sane || n.empty()) fail("dimension '", one, "' is not understood; write name=least:greatest:multiple, name=least:greatest or name=size");
    all.push_back({std::string(one.substr(0, eq)), n[0], n.size() > 1 ? n[1] : n[0], n.size() > 2 ? n[2] : 1});
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return all;
}

}  // namespace lnn::onnx
