// SPDX-License-Identifier: Apache-2.0
#include "pack_network.hpp"

#include <lnn/pack/pack.hpp>

namespace tool {

lnn::packed pack_network(const lnn::frozen<>& m, const lnn::chip& on, const lnn::pack_options& options) { return lnn::pack(m, on, options); }

}  // namespace tool
