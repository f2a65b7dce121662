// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <utility>

#include "program.hpp"

namespace lnn::model {

/// The reference packer counts 4-bit constants in a way of its own when it says where the constants behind them lie: 8
/// bytes too early where their elements are no multiple of 32.  The bytes themselves lie one behind the other, each
/// constant on a multiple of 16.  Puts the offsets right where the file shows this mistake; true if it did.
inline bool correct_offsets(program& p) {
  bool packed = false, torn = false;
  std::uint64_t sum = 0;
  for (const tensor& t : p.tensors) {
    if (!t.constant) continue;
    packed = packed || t.type() == dtype::int4;
    torn = torn || t.offset % size::alignment != 0;
    sum += aligned(t.bytes());
  }
  if (!packed || !torn || p.constants.size() != 1 || sum != p.constants[0].bytes.size()) return false;
  std::uint64_t next = 0;
  for (tensor& t : p.tensors)
    if (t.constant) t.offset = std::exchange(next, next + aligned(t.bytes()));
  return true;
}

}  // namespace lnn::model
