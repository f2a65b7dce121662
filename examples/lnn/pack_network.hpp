// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/graph/frozen.hpp>
#include <lnn/pack/packed.hpp>

namespace tool {

/// lnn::pack, compiled once for all subcommands.
[[nodiscard]] lnn::packed pack_network(const lnn::frozen<>& m, const lnn::chip& on, const lnn::pack_options& options);

}  // namespace tool
