// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <lnn/core/random.hpp>
#include <span>
#include <vector>

/// Damage that a file can take, by a number: the same number, the same damage on every machine.
namespace fuzz {

using bytes = std::vector<std::uint8_t>;

class mutator {
 public:
  explicit mutator(std::uint64_t seed) : draw_(seed) {}

  /// One of the seeds with one to four kinds of damage.
  bytes operator()(std::span<const bytes> seeds) {
    bytes file = seeds[below(seeds.size())];
    for (std::size_t n = 1 + below(4); n > 0; --n) damage(file, seeds[below(seeds.size())]);
    return file;
  }
  [[nodiscard]] std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(draw_.below(static_cast<std::uint32_t>(n))); }

 private:
  void damage(bytes& file, const bytes& other) {
    if (file.empty()) return file.push_back(static_cast<std::uint8_t>(below(256)));
    const std::size_t at = below(file.size());
    switch (below(7)) {
      case 0: file[at] ^= static_cast<std::uint8_t>(1U << below(8)); return;
      case 1: {
        constexpr std::uint8_t edges[] = {0, 1, 0x7F, 0x80, 0xFE, 0xFF};
        file[at] = edges[below(std::size(edges))];
        return;
      }
      case 2: {  // a count or an offset
        constexpr std::uint32_t huge[] = {0, 1, 16, 0x7F, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF};
        const std::uint32_t v = huge[below(std::size(huge))];
        for (std::size_t i = 0; i < 4 && (at & ~std::size_t{3}) + i < file.size(); ++i)
          file[(at & ~std::size_t{3}) + i] = static_cast<std::uint8_t>(v >> (8 * i));
        return;
      }
      case 3: file[at] = static_cast<std::uint8_t>(file[at] + below(9)) ; return;
      case 4: {  // another file's bytes at the same place
        const std::size_t n = std::min({below(64) + 1, file.size() - at, other.size() - std::min(at, other.size())});
        std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(std::min(at, other.size())), n, file.begin() + static_cast<std::ptrdiff_t>(at));
        return;
      }
      case 5: {  // the file's own bytes at another place
        const std::size_t n = std::min(below(64) + 1, file.size() - at), from = below(file.size() - n + 1);
        const bytes piece(file.begin() + static_cast<std::ptrdiff_t>(from), file.begin() + static_cast<std::ptrdiff_t>(from + n));
        std::copy(piece.begin(), piece.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
        return;
      }
      default:
        if (below(8) == 0) file.resize(at);
        else if (below(2) == 0) file.insert(file.begin() + static_cast<std::ptrdiff_t>(at), 16, static_cast<std::uint8_t>(below(256)));
        else file.erase(file.begin() + static_cast<std::ptrdiff_t>(at), file.begin() + static_cast<std::ptrdiff_t>(std::min(at + 16, file.size())));
    }
  }

  lnn::random draw_;
};

}  // namespace fuzz
