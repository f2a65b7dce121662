// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

namespace lnn::luna {

/// Room for n numbers that belongs to the calling thread: it grows, is never given back before the thread ends, and
/// holds whatever was left in it.  Valid until the thread asks for the same slot and type again; a piece of work that
/// needs two at once takes two slots of [0, 4).
template <class T>
[[nodiscard]] T* scratch(int slot, std::size_t n) {
  static thread_local std::vector<T> rooms[4];
  std::vector<T>& room = rooms[slot];
  if (room.size() < n) room.resize(n);
  return room.data();
}

}  // namespace lnn::luna
