// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../lower/lowered.hpp"
#include "../lower/made.hpp"
#include "make.hpp"

namespace lnn {

/// Bytes of each kind of memory that `pack` allocates for a described network on a chip, constants included,
/// with the packer's default options or others.  Where exponents decide about a workspace (add, sub, concat),
/// the greater one is taken: they are not known yet.
template <class Ops>
[[nodiscard]] constexpr plan::totals memory_of(const graph_view<Ops>& net, const chip& on,
                                               const limit::packing& options = {}) {
  lower::program p = lower::lowered(lower::made(net, on), on, {.limits = options});
  p = plan::bound(static_cast<lower::program&&>(p), options);
  return plan::make(p, on, options).all();
}

/// The same as a constant: `static_assert(lnn::peak_memory<net, lnn::venus>.share <= 300'000)`.
template <const auto& Net, const chip& On>
inline constexpr plan::totals peak_memory = memory_of(Net.view(), On);

}  // namespace lnn
