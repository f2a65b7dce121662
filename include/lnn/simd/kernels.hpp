// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "declared.hpp"
#if !LNN_COMPILED
#include "defined.hpp"
#endif
