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
      : images_(static_cast<std::size_t>(images)), pieces_(std::min(images, pieces_for(weights))), weights_(weights), biases_(biases) {
    parts_ = K::template scratch<T>(2, own() * static_cast<std::size_t>(pieces_));
  }

  /// Calls work(first image, last, weight's sums, bias's sums) for every piece; the sums are still zero.
  template <class Pool, class Work>
  void each_piece(Pool& workers, const Work& work) const {
    workers.ranges(images_, pieces_, [&](int piece, std::size_t first, std::size_t last) {
      T* const sums = part(piece);
      std::fill_n(sums, own(), T{});
      work(first, last, sums, sums + weights_);
    });
  }

  /// Adds all pieces to the gradients, or writes them where those are fresh.
  template <class Pool>
  void join(Pool& workers, T* weight, bool weight_is_fresh, T* bias, bool bias_is_fresh) const {
    detail::each_piece(workers, weights_, [&](std::size_t first, std::size_t last) { add(weight, 0, first, last, weight_is_fresh); });
    add(bias, weights_, 0, biases_, bias_is_fresh);
  }

 private:
  /// More than there are threads, so that a late one holds the others up by little; fewer where joining them would cost more.
  [[nodiscard]] static constexpr int pieces_for(std::size_t weights) {
    return weights < 1 << 17 ? 2 * fixed_pieces : weights < 1 << 20 ? fixed_pieces : fixed_pieces / 2;
  }

  [[nodiscard]] std::size_t own() const { return weights_ + biases_; }
  [[nodiscard]] T* part(int piece) const { return parts_ + own() * static_cast<std::size_t>(piece); }
  void add(T* sum, std::size_t skip, std::size_t first, std::size_t last, bool fresh) const {
    if (fresh) std::fill(sum + first, sum + last, T{});
    for (int piece = 0; piece < pieces_; ++piece) K::accumulate(part(piece) + skip + first, sum + first, last - first);
  }

  std::size_t images_;
  int pieces_;
  std::size_t weights_, biases_;
  T* parts_ = nullptr;
};

}  // namespace lnn
