// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "../graph/frozen.hpp"
#include "attributes.hpp"
#include "folded.hpp"
#include "order.hpp"

namespace lnn::onnx::detail {

/// What the name of a tensor stands for while a file is read: an edge of the model, or a constant.
struct wire {
  int edge = -1;
  std::shared_ptr<const integer_tensor> constant{};
  bool scaled = false;  ///< the constant's exponent is known
  bool lost = false;    ///< made by a node that cannot be read
};

/// Memory for the elements of constants that files hold, decoded once and shared by everything that reads a file again.
class constant_store {
 public:
  constant_store(const message::GraphProto& g, std::string_view place) : place_(place) {
    for (const auto& t : g.initializer())
      if (!all_.insert({t.name(), {&t, nullptr}}).second) fail(place, ": tensor ", t.name(), " is there twice");
  }
  [[nodiscard]] bool has(std::string_view name) const { return all_.find(name) != all_.end(); }
  [[nodiscard]] std::shared_ptr<const integer_tensor> get(std::string_view name) {
    auto& held = all_.find(name)->second;
    if (!held.second) held.second = std::make_shared<const integer_tensor>(constant_of(*held.first, place_));
    return held.second;
  }

 private:
  std::map<std::string, std::pair<const message::TensorProto*, std::shared_ptr<const integer_tensor>>, std::less<>> all_;
  std::string place_;
};

/// The file that is read, and what does not depend on the values of symbols.
struct source {
  const message::GraphProto& graph;
  std::string place;
  connections net;
  std::vector<int> order;
  std::vector<bool> needed;           ///< by the graph's outputs
  std::vector<spelled_node> spelled;  ///< of every node, without tensors
  std::vector<std::string> names;     ///< of every node, each only once
  constant_store constants;

  source(const message::GraphProto& g, std::string_view where)
      : graph(g), place(where), net(g, where), order(order_of(g, net, where)), constants(g, where) {
    std::map<std::string, int, std::less<>> times;
    for (const auto& n : g.node()) ++times[n.name()];
    for (const auto& n : g.node()) {
      const bool own = !n.name().empty() && times[n.name()] == 1;
      names.push_back(own ? n.name() : sentence(n.op_type(), "_", n.output_size() > 0 ? n.output(0) : n.name()));
      spelled.push_back(attributes_of(n));
    }
    needed.resize(names.size(), false);
    for (const int k : order) needed[static_cast<std::size_t>(k)] = true;
  }
  /// True where a node that counts reads the tensor, or the network gives it out.
  [[nodiscard]] bool is_used(const std::string& tensor) const {
    for (const auto& out : graph.output())
      if (out.name() == tensor) return true;
    const auto to = net.readers.find(tensor);
    if (to == net.readers.end()) return false;
    return std::any_of(to->second.begin(), to->second.end(), [&](const connections::end& r) { return needed[static_cast<std::size_t>(r.node)]; });
  }
};

/// Operators of files whose output counts as their input does: the way from an input to the node that says its scale.
inline bool passes_scale(const spelled_node& n) {
  constexpr std::string_view names[] = {"Relu", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Split", "MaxPool", "GlobalMaxPool",
                                        "Gather", "Expand", "Tile", "Identity", "Clip", "Prelu", "PRelu", "Pad", "iqPad", "Resize", "Dropout",
                                        "ShuffleChannel", "Flip", "Concat", "Cast"};
  return std::find(std::begin(names), std::end(names), n.op) != std::end(names);
}

/// The exponent that the readers of a tensor say it has, and those behind operators that keep it.
inline std::optional<int> exponent_downstream(const source& from, const std::string& tensor, std::set<std::string>& seen) {
  if (!seen.insert(tensor).second) return {};
  const auto readers = from.net.readers.find(tensor);
  if (readers == from.net.readers.end()) return {};
  for (const auto& r : readers->second) {
    const spelled_node& n = from.spelled[static_cast<std::size_t>(r.node)];
    if (n.op == "Quant") continue;  // it reads real numbers, its scale is that of its output
    if (n.op == "Dequant" && n.number("scale_o")) return exponent_of(*n.number("scale_o"), "scale_o");
    if (const auto q = exponent_said(n, static_cast<std::size_t>(r.place))) return q;
    if (!passes_scale(n) || (r.place > 0 && n.op != "Concat")) continue;
    for (const std::string& out : from.graph.node(r.node).output())
      if (const auto q = exponent_downstream(from, out, seen)) return q;
  }
  return {};
}
inline std::optional<int> exponent_downstream(const source& from, const std::string& tensor) {
  std::set<std::string> seen;
  return exponent_downstream(from, tensor, seen);
}

/// True where a node reads a tensor as indices or lengths.
inline bool is_counted(const source& from, const std::string& tensor) {
  const auto readers = from.net.readers.find(tensor);
  if (readers == from.net.readers.end()) return false;
  return std::any_of(readers->second.begin(), readers->second.end(), [&](const connections::end& r) {
    const spelled_node& n = from.spelled[static_cast<std::size_t>(r.node)];
    return r.place == 1 && (n.op == "Gather" || n.op == "LSTMInt" || n.op == "GRUInt" || n.op == "QLSTM" || n.op == "QGRU" || n.op == "QEmbedding");
  });
}

}  // namespace lnn::onnx::detail
