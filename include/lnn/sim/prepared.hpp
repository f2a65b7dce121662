// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "prepared_declared.hpp"
#if !LNN_COMPILED
#include "prepared_defined.hpp"
#endif
