// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "../core/maths.hpp"
#include "../core/random.hpp"
#include "../tensor/tensor.hpp"
#include "describe.hpp"

namespace lnn {

/// The real-valued parameters of a network, by name ("conv1.weight").  They keep their names and their memory through
/// all stages, so optimizers and checkpoints never notice a change of stage.
class params {
 public:
  struct entry {
    std::string name;
    role kind;
    tensor<float> value;
  };

  [[nodiscard]] const std::vector<entry>& entries() const { return entries_; }
  [[nodiscard]] std::vector<entry>& entries() { return entries_; }
  void add(std::string name, role kind, tensor<float> value) {
    if (find(name)) fail("params: ", name, " exists twice; layer names must differ");
    entries_.push_back({std::move(name), kind, std::move(value)});
  }

  [[nodiscard]] entry* find(std::string_view name) {
    for (entry& e : entries_)
      if (e.name == name) return &e;
    return nullptr;
  }
  [[nodiscard]] const entry* find(std::string_view name) const { return const_cast<params*>(this)->find(name); }

  /// The parameter `part` of a layer; throws when it does not exist.
  [[nodiscard]] entry& of(std::string_view layer, std::string_view part) {
    const std::string name = sentence(layer, ".", part);
    if (entry* e = find(name)) return *e;
    fail("params: ", name, " is missing; these parameters belong to another network");
  }
  [[nodiscard]] const entry& of(std::string_view layer, std::string_view part) const {
    return const_cast<params*>(this)->of(layer, part);
  }

  /// Number of trained values.
  [[nodiscard]] std::size_t count() const {
    std::size_t n = 0;
    for (const entry& e : entries_)
      if (trained(e.kind)) n += e.value.size();
    return n;
  }

 private:
  std::vector<entry> entries_;
};

/// Fresh parameters: weights uniform in +-sqrt(6 / fan_in) (He et al. 2015), gains and variances 1, all else 0.
/// A pure function of the network and the seed.
template <class Ops>
[[nodiscard]] params init(const graph_view<Ops>& net, std::uint64_t seed) {
  params made;
  std::uint64_t stream = 0;
  for (const node<Ops>& n : net.nodes) {
    const auto in = net.input_shapes(n);
    const parameter_list wanted = visit_op(n.op, [&](const auto& op) {
      return op.parameters(std::span<const shape>(in.data(), in.size()));
    });
    for (const parameter& p : wanted) {
      tensor<float> value(p.dims);
      if (p.kind == role::gain || p.kind == role::variance) value.fill(1);
      if (p.kind == role::weight) {
        random draw(seed, stream);
        const float bound = maths::sqrt(6.0F / static_cast<float>(std::max<std::size_t>(p.dims.span(1, p.dims.rank()), 1)));
        for (float& v : value) v = draw.uniform(-bound, bound);
      }
      ++stream;
      made.add(sentence(n.name, ".", p.name), p.kind, std::move(value));
    }
  }
  return made;
}
template <network_like Net>
[[nodiscard]] params init(const Net& net, std::uint64_t seed) {
  return init(net.view(), seed);
}

}  // namespace lnn
