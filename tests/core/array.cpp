// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <lnn/core/array.hpp>
#include <new>
#include <vector>

namespace {

constexpr std::size_t page = lnn::detail::huge_page;

TEST_CASE("array: huge pages hold what fills them") {
  using lnn::detail::huge_bytes;
  CHECK(huge_bytes(0) == 0);
  CHECK(huge_bytes(page / 8 * 3 - 1) == 0);
  CHECK(huge_bytes(page / 8 * 3) == page);
  CHECK(huge_bytes(page) == page);
  CHECK(huge_bytes(page + page / 2) == page);
  CHECK(huge_bytes(5 * page + page / 4 * 3 - 1) == 5 * page);
  CHECK(huge_bytes(5 * page + page / 4 * 3) == 6 * page);
}

TEST_CASE("array: starts at a cache line, and all of it is there") {
  std::vector<lnn::array_owner<std::uint8_t>> kept;
  std::vector<std::size_t> sizes{0, 1, 63, 64, 65, 4096, page / 8 * 3 - 64, page / 8 * 3 - 63, page - 64, page - 63, page, page + 1, 3 * page - 64, 3 * page + 5};
  for (std::size_t n : sizes) {
    auto& a = kept.emplace_back(lnn::new_array<std::uint8_t>(n));
    REQUIRE(a);
    CHECK(reinterpret_cast<std::uintptr_t>(a.get()) % 64 == 0);
    for (std::size_t i = 0; i < n; ++i) a.get()[i] = static_cast<std::uint8_t>(i + n);
  }
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    bool same = true;
    for (std::size_t i = 0; i < sizes[k]; ++i) same = same && kept[k].get()[i] == static_cast<std::uint8_t>(i + sizes[k]);
    CHECK(same);
  }
}

TEST_CASE("array: more than there can be is refused, not wrapped around") {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  CHECK_THROWS_AS((void)lnn::new_array<std::uint8_t>(most), std::bad_alloc);
  CHECK_THROWS_AS((void)lnn::new_array<double>(most / 8 + 1), std::bad_alloc);
  CHECK_THROWS_AS((void)lnn::new_array<double>(most / 8), std::bad_alloc);
}

}  // namespace
