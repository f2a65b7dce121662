// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/config.hpp"
#include "explain.hpp"
#include "frozen.hpp"

/// Checks at run time of networks of builtin operators: made in each program, or once for all by lnn/compiled.hpp.
#if LNN_COMPILED

namespace lnn {

LNN_CHECK_INSTANCE verdict detail::check_at_run_time(const graph_view<builtin>&, const chip&, verdict);
LNN_CHECK_INSTANCE std::string explain(const graph_view<builtin>&, const chip&, language);
LNN_CHECK_INSTANCE verdict check_layers(const frozen<builtin>&, const chip&, verdict, const packing_plan&);
LNN_CHECK_INSTANCE plan::totals memory_of(const frozen<builtin>&, const chip&, limit::packing);
LNN_CHECK_INSTANCE verdict check(const frozen<builtin>&, const chip&, verdict);

}  // namespace lnn

#endif
