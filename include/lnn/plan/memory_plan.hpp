// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <vector>

#include "../limit/facts.hpp"
#include "../lower/label.hpp"

namespace lnn::plan {

/// Where tensors lie; the numbers are those of model.bin (model_bin.md section 2).
enum class kind : unsigned char { flash = 0, psram = 1, share = 2 };
inline constexpr kind kinds[] = {kind::flash, kind::psram, kind::share};

/// Bytes in each kind of memory.
struct totals {
  long long flash = 0, psram = 0, share = 0;
  [[nodiscard]] constexpr long long& of(kind k) {
    return k == kind::share ? share : k == kind::psram ? psram : flash;
  }
  [[nodiscard]] constexpr long long of(kind k) const {
    return k == kind::share ? share : k == kind::psram ? psram : flash;
  }
  friend constexpr bool operator==(const totals&, const totals&) = default;
};

/// What an entry holds.
enum class holds : unsigned char {
  tensor,     ///< a tensor of the program; entry i < number of tensors is tensor i
  workspace,  ///< scratch of a step
  dma,        ///< constants of a step, fetched ahead
};

/// One piece of memory of a plan.  Steps are counted from 0; an entry lives from the start of step `begin` to
/// the end of step `end`.
struct entry {
  holds what = holds::tensor;
  kind lies = kind::share;
  bool constant =
      false;      ///< in the parameters: lives always, `offset` counts from the start of the parameters
  int step = -1;  ///< workspace, dma: whose
  int begin = 0, end = -1;
  int shares = -1;        ///< the entry whose bytes it takes over: an operator in place; -1: bytes of its own
  long long bytes = 0;    ///< a multiple of 16
  long long offset = -1;  ///< in its kind's run-time memory, a multiple of 16
};

/// Where everything lies.  Made by plan::make (make.hpp).
struct memory_plan {
  std::vector<entry> entries;       ///< those of the tensors first, in the program's order
  std::vector<int> workspace, dma;  ///< for every step: its entry, or -1
  kind parameters = kind::psram;    ///< where all constants lie
  totals constants, run_time;       ///< bytes of each kind
  totals lowest;                    ///< greatest live set of each kind: no plan needs less at run time
  totals reference;                 ///< what the best reference planner needs; zeros in constant expressions

  [[nodiscard]] constexpr totals all() const {
    return {constants.flash + run_time.flash, constants.psram + run_time.psram,
            constants.share + run_time.share};
  }
};

}  // namespace lnn::plan
