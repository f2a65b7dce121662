// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "owner.hpp"

namespace lnn {

namespace detail {

inline constexpr std::size_t cache_line = 64, huge_page = std::size_t{2} << 20;

/// How much of an array's memory lies in huge pages, in bytes: the whole ones that it fills, and one that it fills in part, if
/// most of it, or three eighths when it is the only one: what is left over is memory that nobody uses.
[[nodiscard]] constexpr std::size_t huge_bytes(std::size_t bytes) {
  const std::size_t rest = bytes % huge_page, least = bytes < huge_page ? huge_page / 8 * 3 : huge_page / 4 * 3;
  return bytes - rest + (rest >= least ? huge_page : 0);
}

/// Memory that begins at a cache line.  Large memory lies in huge pages where the system has them: a system hands pages out
/// when they are first touched, and one of 2 MiB takes it as long as ten to thirty of 4 KiB.
/// The line in front of it tells how it was asked for.
[[nodiscard]] inline void* take_memory(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();
  bytes += cache_line;
  const std::size_t huge = huge_bytes(bytes), alignment = huge == 0 ? cache_line : huge_page;
  void* const whole = ::operator new[](bytes < huge ? huge : bytes, std::align_val_t{alignment});
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (huge != 0) (void)::madvise(whole, huge, MADV_HUGEPAGE);  // advice: without such pages small ones do as well
#endif
  ::new (whole) std::size_t(alignment);
  return static_cast<std::byte*>(whole) + cache_line;
}
inline void give_memory(void* memory) noexcept {
  void* const whole = static_cast<std::byte*>(memory) - cache_line;
  ::operator delete[](whole, std::align_val_t{*static_cast<std::size_t*>(whole)});
}

struct array_delete {
  void operator()(void* p) const noexcept { give_memory(p); }
};

}  // namespace detail

/// The owner of an array of numbers.
template <class T>
  requires std::is_trivially_destructible_v<T>
using array_owner = owner<T, detail::array_delete>;

/// n numbers that hold anything, from the start of a cache line on.
template <class T>
[[nodiscard]] array_owner<T> new_array(std::size_t n) {
  if (n > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_alloc();
  return array_owner<T>(static_cast<T*>(detail::take_memory(n * sizeof(T))));
}

}  // namespace lnn
