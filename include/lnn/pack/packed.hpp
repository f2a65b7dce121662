// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "../model/program.hpp"
#include "../plan/memory_plan.hpp"
#include "options.hpp"

namespace lnn {

/// Thrown when a chip refuses a network: every broken rule, a sentence a line.
class refusal : public error {
 public:
  using error::error;
};

/// What one pass of the packer did to the network.
struct pass_change {
  std::string_view name;
  std::size_t steps_before = 0, steps_after = 0;
  std::size_t changed = 0;  ///< steps that are new or other than before
  std::string after;        ///< the network behind the pass, as text (option dump)
};

/// A network as the chip's engine loads it, and how it came about.
struct packed {
  std::vector<std::uint8_t> bytes;   ///< the file model.bin
  model::program program;            ///< what it says
  plan::memory_plan plan;
  std::vector<pass_change> passes;
  std::vector<std::string> advice;   ///< legal things that cost time or memory
};

}  // namespace lnn
