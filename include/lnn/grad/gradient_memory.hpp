// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

#include "../tensor/tensor.hpp"

namespace lnn {

/// Where nobody has been yet.
inline constexpr int no_room = -1;

/// Memory for what is needed from one step of a backward pass to a later one, gradients above all: what one gives back the
/// next takes, while the caches still hold it.  Who asks again names the room that he had before and finds it large enough,
/// so that only first passes allocate.
template <class T>
class gradient_memory {
 public:
  /// A room of at least n elements, which hold anything; `before`: the one of the last pass, or no_room.
  [[nodiscard]] int take(std::size_t n, int before = no_room) {
    int chosen = before;
    if (before == no_room || rooms_[at(before)].taken) chosen = free_room(n);
    if (chosen == no_room) {
      chosen = static_cast<int>(rooms_.size());
      rooms_.emplace_back();
    }
    room& r = rooms_[at(chosen)];
    if (r.size < n || !r.memory) {
      r.memory.reset();
      r.memory = zeros<T>(n);
      r.size = n;
    }
    r.taken = true;
    return chosen;
  }
  [[nodiscard]] T* data(int taken) { return rooms_[at(taken)].memory.get(); }
  void give(int taken) {
    rooms_[at(taken)].taken = false;
    rooms_[at(taken)].given = ++clock_;
  }
  /// Takes everything back, at the start of a backward pass.
  void clear() {
    for (room& r : rooms_) r.taken = false;
    ++passes_;
  }
  /// From 1: what was taken before the present one is gone.
  [[nodiscard]] std::size_t pass() const { return passes_; }

  /// What all rooms hold.
  [[nodiscard]] std::size_t elements() const {
    std::size_t sum = 0;
    for (const room& r : rooms_) sum += r.size;
    return sum;
  }

 private:
  struct room {
    array_owner<T> memory;
    std::size_t size = 0, given = 0;  ///< elements; when it was given back
    bool taken = false;
  };
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

  /// The free room that was in use most recently, of those that are large enough if there are any.
  [[nodiscard]] int free_room(std::size_t n) const {
    const room* best = nullptr;
    for (const room& r : rooms_) {
      if (r.taken) continue;
      const bool fits = r.size >= n, best_fits = best && best->size >= n;
      if (!best || fits > best_fits || (fits == best_fits && r.given > best->given)) best = &r;
    }
    return best ? static_cast<int>(best - rooms_.data()) : no_room;
  }

  std::vector<room> rooms_;
  std::size_t clock_ = 0, passes_ = 1;
};

}  // namespace lnn
