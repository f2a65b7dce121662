// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "../graph/extent.hpp"
#include "../limit/facts.hpp"

namespace lnn {

/// Which axis a streaming network is fed along, a piece at a time (packer.md section 5).
enum class streaming : unsigned char { none, height, width };

/// A tensor, by name, and where it shall lie.
struct placement {
  std::string tensor;
  limit::memory where = limit::memory::any;
  friend bool operator==(const placement&, const placement&) = default;
};

/// What the packer is told; meaning and defaults are those of the reference packer's options (packer.md section 1).
struct pack_options {
  limit::packing limits{};            ///< thresholds 1 to 4, prefetching, memory of all constants
  long long ram = 655360;             ///< bytes of share memory; more than the chip has counts as what it has
  long long psram = 8388608;          ///< bytes of PSRAM; likewise
  std::vector<placement> memory{};    ///< of named tensors; constants all lie in limits.parameters
  std::vector<std::string> inputs{};  ///< names of tensors: cut the network so that it begins there; empty: its own inputs
  std::vector<std::string> outputs{}; ///< likewise where it ends
  std::vector<symbol> dynamic_shape{};///< ranges of the symbols in the network's shapes
  bool keep_quant = false;            ///< leaves Quant and Dequant at the ends in place: real numbers in and out
  streaming stream = streaming::none;
  bool dump = false;                  ///< keeps the network as it is after every pass, as text: pass_change::after
  bool allow_defects = false;         ///< packs what only breaks rules about known defects of the public engine, for engines without
};

}  // namespace lnn
