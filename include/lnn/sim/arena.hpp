// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <vector>

#include "../graph/frozen.hpp"
#include "../plan/offsets.hpp"

namespace lnn::sim {

/// Which tensors can be looked at after a run: all of them, or the model's outputs alone.  What is not kept shares its bytes
/// with tensors that live at another time, so that fewer of them have to stay in a processor's cache.
enum class keeps : unsigned char { everything, outputs };

/// Where the tensors of a model lie in one block of memory: each at the start of a cache line.
struct arena_plan {
  std::vector<std::size_t> offsets;  ///< by edge of the model; of constants, which lie elsewhere, without meaning
  std::size_t bytes = 0;

  /// `sizes`: bytes of every edge.
  template <class Ops>
  arena_plan(const frozen<Ops>& model, std::span<const std::size_t> sizes, keeps what) : offsets(sizes.size()) {
    const int last = static_cast<int>(model.layers.size()) + 1;
    std::vector<plan::entry> lives(sizes.size());
    std::vector<int> there;
    for (std::size_t e = 0; e < sizes.size(); ++e) {
      lives[e] = {.end = 0, .bytes = static_cast<long long>((sizes[e] + 63) / 64 * 64)};
      if (!model.edges[e].value) there.push_back(static_cast<int>(e));
    }
    if (what == keeps::everything) {
      for (const int e : there) {
        offsets[static_cast<std::size_t>(e)] = bytes;
        bytes += static_cast<std::size_t>(lives[static_cast<std::size_t>(e)].bytes);
      }
      return;
    }
    for (int step = 1; step < last; ++step) {
      const auto& l = model.layers[static_cast<std::size_t>(step - 1)];
      for (const int e : l.inputs) lives[static_cast<std::size_t>(e)].end = step;
      for (int e = l.output; e < l.output + l.outputs; ++e) lives[static_cast<std::size_t>(e)].begin = lives[static_cast<std::size_t>(e)].end = step;
    }
    for (const int e : model.outputs) lives[static_cast<std::size_t>(e)].end = last;
    const plan::placed found = plan::place_best(lives, there, plan::detail::greatest_live(lives, there, last + 1));
    for (const int e : there) offsets[static_cast<std::size_t>(e)] = static_cast<std::size_t>(found.offsets[static_cast<std::size_t>(e)]);
    bytes = static_cast<std::size_t>(found.bytes);
  }
};

}  // namespace lnn::sim
