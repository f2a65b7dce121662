// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The algorithms of the standard library, without those on ranges: libstdc++'s <algorithm> brings std::ranges and the
/// declarations of parallel ones along, which cost a compiler as much as all the limits of the chips.
#if __has_include(<bits/stl_algo.h>)
#include <bits/stl_algo.h>
#include <bits/stl_algobase.h>
#else
#include <algorithm>
#endif
