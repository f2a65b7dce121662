// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "../core/algorithm.hpp"
#include "pointwise.hpp"

namespace lnn {

/// Gradients that all images of a batch share, those of a weight and of a bias: fixed pieces of the batch
/// have sums of their own, joined in order, so that the number of threads changes nothing.  Takes scratch
/// slot 2 of its thread.
template <class K, class T>
class image_sums {
 public:
  /// A size of 0: that gradient is not wanted.
  image_sums(int images, std::size_t weights, std::size_t biases)
      : pieces_(std::min(images, weights < many ? fixed_pieces : fixed_pieces / 2)), weights_(weights), biases_(biases) {
    parts_ = K::template scratch<T>(2, own() * static_cast<std::size_t>(pieces_));
    std::fill_n(parts_, own() * static_cast<std::size_t>(pieces_), T{});
  }

  [[nodiscard]] int pieces() const { return pieces_; }
  [[nodiscard]] T* first(int piece) const { return parts_ + own() * static_cast<std::size_t>(piece); }
  [[nodiscard]] T* second(int piece) const { return first(piece) + weights_; }

  /// Adds all pieces to the gradients, or writes them where those are fresh.
  void join(T* weight, bool weight_is_fresh, T* bias, bool bias_is_fresh) const {
    add(weight, 0, weights_, weight_is_fresh);
    add(bias, weights_, biases_, bias_is_fresh);
  }

 private:
  static constexpr std::size_t many = 1 << 20;  ///< weights whose sums cost more than what more than four threads gain

  [[nodiscard]] std::size_t own() const { return weights_ + biases_; }
  void add(T* sum, std::size_t skip, std::size_t n, bool fresh) const {
    if (fresh) std::fill_n(sum, n, T{});
    for (int piece = 0; piece < pieces_; ++piece)
      K::accumulate(first(piece) + skip, sum, n);
  }

  int pieces_;
  std::size_t weights_, biases_;
  T* parts_ = nullptr;
};

}  // namespace lnn
