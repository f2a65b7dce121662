// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../core/algorithm.hpp"
#include "../graph/graph.hpp"

/// A plan of memory costs a compiler a second for sixty layers.  Most networks need none to be told that they fit: this
/// file bounds what plan::make needs by three numbers of a network, the same for every chip.
namespace lnn {

/// Bytes with which a network surely gets along; -1: only a plan can tell.
struct ample_memory {
  long long share = -1, psram = -1;
};

/// Bytes of a parameter as the chips keep it: a byte for a weight, four for a bias; none for a statistic.
[[nodiscard]] constexpr long long stored_bytes(const parameter& p) {
  return trained(p.kind) ? static_cast<long long>(p.dims.size()) * (scaled(p.kind) ? 1 : 4) : 0;
}

namespace detail {

/// Scratch memory of an operator with 8-bit tensors in share memory, on any chip (room limit, workspace_*.hpp): `in` bytes
/// for each byte of its inputs, `out` for each of its output, and some more.  Not `plain`: the packer turns the operator
/// into other or more tensors than a described network has.
struct scratch_bound {
  bool plain = false;
  int in = 0, out = 0;
  long long more = 256;
};
template <class Op>
inline constexpr scratch_bound scratch_of{};
template <>
inline constexpr scratch_bound scratch_of<conv2d>{true, 2, 2};
template <>
inline constexpr scratch_bound scratch_of<linear>{true, 1, 4};
template <>
inline constexpr scratch_bound scratch_of<add>{true, 2, 0};
template <>
inline constexpr scratch_bound scratch_of<mul>{true, 2, 0};
template <>
inline constexpr scratch_bound scratch_of<max_pool2d>{true, 0, 1, 61440};
template <>
inline constexpr scratch_bound scratch_of<avg_pool2d>{true, 1, 8};
template <>
inline constexpr scratch_bound scratch_of<batch_norm>{true, 4, 0};
template <>
inline constexpr scratch_bound scratch_of<relu>{true, 0, 0};
template <>
inline constexpr scratch_bound scratch_of<flatten>{true, 0, 0};
template <>
inline constexpr scratch_bound scratch_of<reshape>{true, 0, 0};

/// No chip rounds the axes of a weight up to more than these.
constexpr long long most_packed(const parameter& p) {
  if (!trained(p.kind)) return 0;
  long long n = scaled(p.kind) ? 1 : 4;
  for (int a = 0; a < p.dims.rank(); ++a) n *= align_up(p.dims[a], a == 0 ? 16 : a == 1 ? 8 : a == 2 ? 2 : 1);
  return n + 16;
}

/// Gathers the numbers of the bound, layer by layer.
class ample_sums {
 public:
  template <class Ops>
  constexpr void add(const graph_view<Ops>& net, const node<Ops>& n, const scratch_bound& scratch, const parameter_list& own) {
    plain_ = plain_ && scratch.plain && n.outputs == 1;
    if (!plain_) return;
    long long in = 0, fetched = 0;
    const edge* const edges = net.edges.data();
    for (int e : n.inputs) in += limit::elements(edges[e].dims);
    for (const parameter& p : own) fetched += most_packed(p);
    if (own.size() == 1) fetched += 4LL * own[0].dims[0] + 16;  // folding gives it a bias
    packed_ += fetched;
    fetched_ = std::max(fetched_, fetched);
    scratch_ = std::max(scratch_, scratch.more + scratch.in * in + scratch.out * limit::elements(edges[n.output].dims));
  }

  /// As many slots as tensors live at once, each as large as the largest, with the largest workspace and two buffers: what
  /// plan::place_in_slots needs.  Described networks have 8-bit tensors.
  template <class Ops>
  [[nodiscard]] constexpr ample_memory memory(const graph_view<Ops>& net) const {
    if (!plain_ || !net.problems.empty() || !runs_in_order(net)) return {};
    const edge* const edges = net.edges.data();
    const int nodes = static_cast<int>(net.nodes.size());
    std::vector<int> readers(net.edges.size(), -1);
    int* const last = readers.data();
    long long slot = 0;
    for (const edge *e = edges, *end = e + net.edges.size(); e != end; ++e) slot = std::max(slot, limit::elements(e->dims));
    for (int i = 0; i < nodes; ++i)
      for (int e : net.nodes.data()[i].inputs) last[e] = i;
    for (int e : net.outputs) last[e] = nodes;
    long long living = static_cast<long long>(net.inputs.size()), most = living;
    for (int i = 0; i < nodes; ++i) {
      const node<Ops>& n = net.nodes.data()[i];
      most = std::max(most, ++living);
      for (int e : n.inputs)
        if (last[e] == i) {
          --living;
          last[e] = nodes;  // read twice by the same layer it still dies once
        }
    }
    return {most * align_up(slot, 16) + align_up(scratch_, 16) + 2 * fetched_, packed_};
  }

 private:
  /// Whether the packer, who goes depth first from the outputs, runs the layers in the order of the description.
  template <class Ops>
  [[nodiscard]] static constexpr bool runs_in_order(const graph_view<Ops>& net) {
    const edge* const edges = net.edges.data();
    const node<Ops>* const nodes = net.nodes.data();
    int next = 0;  // the layer that must come now: all before it have run
    std::vector<int> room(net.nodes.size() + 1, 0);
    int* const way = room.data();
    for (int o : net.outputs) {
      int depth = 0;
      way[0] = edges[o].node;
      while (depth >= 0) {
        const int here = way[depth];
        int wanted = -1;  // the first input that has not run
        if (here >= next)
          for (int e : nodes[here].inputs)
            if (edges[e].node >= next) {
              wanted = edges[e].node;
              break;
            }
        if (wanted >= 0) {
          way[++depth] = wanted;
          continue;
        }
        if (here >= next && here != next++) return false;
        --depth;
      }
    }
    return next == static_cast<int>(net.nodes.size());
  }

  bool plain_ = true;
  long long packed_ = 0, fetched_ = 0, scratch_ = 0;
};

/// Rules that tell of tensors that only the packer makes.
constexpr bool makes_tensors(const rule* r) {
  return r == &limit::conv2d::weight_split || r == &limit::conv2d::group_split || r == &limit::conv2d::turned ||
         r == &limit::max_pool2d::turned || r == &limit::avg_pool2d::turned || r == &limit::linear::right_split;
}

}  // namespace detail

/// True when a network whose rules hold, `found` with their advice, fits the memory of a chip whatever the plan.
constexpr bool is_ample(const ample_memory& needed, const chip& on, const verdict& found) {
  if (found.keep_passed || needed.share < 0 || needed.share > on.memory.share || needed.psram > on.memory.psram) return false;
  for (const finding& f : found.advice())
    if (detail::makes_tensors(f.what)) return false;
  return true;
}

}  // namespace lnn
