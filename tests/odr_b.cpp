// SPDX-License-Identifier: Apache-2.0
// The whole library once more: with odr_a.cpp and the test itself every test program defines everything three times.
#include <lnn/lnn.hpp>
