// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "depthwise_f32.hpp"
#include "depthwise_s8.hpp"
