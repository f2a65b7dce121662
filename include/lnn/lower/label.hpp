// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "../core/list.hpp"

namespace lnn::lower {

/// A name as the pieces that it is made of, so that constant expressions can carry it: "conv1" "_" 3.  Pieces
/// are views: of literals, of a network's names, of a frozen model, which all must outlive the label.
class label {
 public:
  constexpr label() = default;
  constexpr label(std::string_view words) { add(words); }

  constexpr label& add(std::string_view words) {
    if (!words.empty()) pieces_.push_back({words, -1});
    return *this;
  }
  constexpr label& add(int number) {
    pieces_.push_back({{}, number});
    return *this;
  }
  constexpr label& add(const label& other) {
    for (const piece& p : other.pieces_) pieces_.push_back(p);
    return *this;
  }
  [[nodiscard]] constexpr bool empty() const { return pieces_.empty(); }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const piece& p : pieces_) {
      if (p.number >= 0)
        out.append(std::to_string(p.number));
      else
        out.append(p.words);
    }
    return out;
  }

 private:
  struct piece {
    std::string_view words{};
    int number = -1;
    friend constexpr bool operator==(const piece&, const piece&) = default;
  };
  list<piece, 12> pieces_{};

 public:
  /// Piece by piece: equal labels have equal texts.
  friend constexpr bool operator==(const label& a, const label& b) { return a.pieces_ == b.pieces_; }
};

}  // namespace lnn::lower
