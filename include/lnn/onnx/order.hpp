// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <set>

#include "message.hpp"

namespace lnn::onnx {

/// Which node makes a tensor, and in which place; the nodes that read it, and as which operand.
struct connections {
  struct end {
    int node, place;
  };
  std::map<std::string, end, std::less<>> maker;
  std::map<std::string, std::vector<end>, std::less<>> readers;

  /// Fails where a tensor is made twice.
  connections(const message::GraphProto& g, std::string_view place) {
    for (int k = 0; k < g.node_size(); ++k) {
      const message::NodeProto& n = g.node(k);
      for (int i = 0; i < n.output_size(); ++i) {
        if (n.output(i).empty()) continue;
        const auto [at, fresh] = maker.insert({n.output(i), {k, i}});
        if (!fresh) fail(place, ": node ", name_of(n), " makes ", n.output(i), ", which node ", name_of(g.node(at->second.node)), " makes as well");
      }
      for (int i = 0; i < n.input_size(); ++i)
        if (!n.input(i).empty()) readers[n.input(i)].push_back({k, i});
    }
  }
};

/// The nodes that the graph's outputs need, in the file's order, or where that uses a tensor before it is made, moved
/// behind what they need.  Fails, naming a node, where nodes wait for each other.
[[nodiscard]] inline std::vector<int> order_of(const message::GraphProto& g, const connections& net, std::string_view place) {
  std::vector<bool> needed(static_cast<std::size_t>(g.node_size()), false);
  std::vector<int> open;
  const auto need = [&](const std::string& tensor) {
    const auto at = net.maker.find(tensor);
    if (at == net.maker.end() || needed[static_cast<std::size_t>(at->second.node)]) return;
    needed[static_cast<std::size_t>(at->second.node)] = true;
    open.push_back(at->second.node);
  };
  for (const auto& out : g.output()) need(out.name());
  while (!open.empty()) {
    const int k = open.back();
    open.pop_back();
    for (const std::string& in : g.node(k).input()) need(in);
  }

  // Kahn's way; among nodes that are ready the first of the file comes first
  std::vector<int> waits(needed.size(), 0), order;
  std::set<int> ready;
  for (int k = 0; k < g.node_size(); ++k) {
    if (!needed[static_cast<std::size_t>(k)]) continue;
    for (const std::string& in : g.node(k).input()) waits[static_cast<std::size_t>(k)] += net.maker.count(in) ? 1 : 0;
    if (waits[static_cast<std::size_t>(k)] == 0) ready.insert(k);
  }
  while (!ready.empty()) {
    const int k = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(k);
    for (const std::string& out : g.node(k).output()) {
      const auto to = net.readers.find(out);
      if (out.empty() || to == net.readers.end()) continue;
      for (const auto& reader : to->second)
        if (needed[static_cast<std::size_t>(reader.node)] && --waits[static_cast<std::size_t>(reader.node)] == 0) ready.insert(reader.node);
    }
  }
  for (int k = 0; k < g.node_size(); ++k)
    if (needed[static_cast<std::size_t>(k)] && waits[static_cast<std::size_t>(k)] > 0)
      fail(place, ": node ", name_of(g.node(k)), " (", g.node(k).op_type(), ") waits for itself: its inputs come from a circle of nodes");
  return order;
}

}  // namespace lnn::onnx
