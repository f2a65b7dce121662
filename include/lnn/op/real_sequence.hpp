// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "pointwise.hpp"
#include "recurrence.hpp"

namespace lnn::detail {

/// A recurrent layer in real numbers.  A Cell knows one step of one sequence; p and u are the sums of both
/// sides, W_i x + b_i and W_h h + b_h, h and c the state (c is not touched where there is none):
///   forward<K>(hidden, p, u, h, c): h and c become those behind the step; u is lost
///   activate<K>(hidden, p, u, c_before, c): sums become gates, in place, and c is made
///   backward<K>(hidden, p, u, h_before, c_before, c, dh, dc): gates become gradients of the sums; dh and dc,
///   gradients of the state behind the step, become those of the state before it, but for what W_h passes on
template <class Cell, class Call>
class real_sequence {
  using T = typename Call::scalar;
  using K = typename Call::kernels;
  using course = recurrence::course;

 public:
  real_sequence(const recurrence& form, const Call& call)
      : form_(form), c_(call), width_(at(form.rows())), units_(at(form.hidden)) {}

  void forward() const {
    for (int d = 0; d < form_.directions(); ++d) {
      const course way = form_.along(d, c_.in[0].dims);
      T* p = K::template scratch<T>(0, (way.rows() + units_) * width_);
      T* turned = p + way.rows() * width_;
      sums(way, 0, way.rows(), c_.in[0].data, p);
      turn(c_.in[way.weight + 1].data, turned);
      pieces(way, [&](int first, int last) { walk(way, first, last, p, turned); });
    }
  }

  /// Backward through time.  The sums of every step are formed again from x and y, in two products for all
  /// steps: so nothing is kept, and in quantization-aware training they are those of the states that the chip
  /// computed.
  void backward() const {
    for (int d = 0; d < form_.directions(); ++d) {
      const course way = form_.along(d, c_.in[0].dims);
      const std::size_t rows = way.rows();
      // the h that each step begins with, and behind it c and the sums
      T* before = K::template scratch<T>(0, rows * 2 * (units_ + width_));
      T *cells = before + rows * units_, *p = cells + rows * units_, *u = p + rows * width_;
      collect(way, before);
      sums(way, 0, rows, c_.in[0].data, p);
      sums(way, 1, rows, before, u);
      pieces(way, [&](int first, int last) { unroll(way, first, last, before, cells, p, u); });
      if (c_.grad_in[0])
        c_.workers.shares(rows, [&](std::size_t first, std::size_t last) {
          const std::size_t in = at(way.features);
          K::gemm(false, false, static_cast<int>(last - first), way.features, form_.rows(),
                  p + first * width_, form_.rows(), c_.in[way.weight].data, way.features, true,
                  c_.grad_in[0].data + first * in, way.features);
        });
      weight_gradients(way, 0, p, c_.in[0].data, way.features);
      weight_gradients(way, 1, u, before, form_.hidden);
    }
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

  /// work(first, last) for some of the sequences; none depends on another.
  template <class Work>
  void pieces(const course& way, const Work& work) const {
    c_.workers.shares(at(way.batch), [&](std::size_t first, std::size_t last) { work(static_cast<int>(first), static_cast<int>(last)); });
  }
  /// What n rows of one side's sums begin with, where there is a bias.
  void put_bias(const course& way, std::size_t side, std::size_t n, T* y) const {
    for (std::size_t i = 0; form_.bias && i < n; ++i) std::copy_n(c_.in[way.weight + 2 + side].data, width_, y + i * width_);
  }
  /// n rows of one side's sums.
  void sums(const course& way, std::size_t side, std::size_t n, const T* x, T* y) const {
    const int in = side == 0 ? way.features : form_.hidden;
    c_.workers.shares(n, [&](std::size_t first, std::size_t last) {
      T* to = y + first * width_;
      put_bias(way, side, last - first, to);
      K::gemm(false, true, static_cast<int>(last - first), form_.rows(), in, x + first * at(in), in, c_.in[way.weight + side].data, in,
              form_.bias, to, form_.rows());
    });
  }
  /// W_h transposed, in blocks of so many of its rows: every step of forward multiplies by it, and a product reads such a block
  /// where it lies.
  static constexpr std::size_t block = 64;
  void turn(const T* weight, T* turned) const {
    c_.workers.run(static_cast<int>((width_ + block - 1) / block), [&](int piece) {
      const std::size_t first = at(piece) * block, wide = std::min(block, width_ - first);
      const T* from = weight + first * units_;
      T* to = turned + first * units_;
      for (std::size_t k = 0; k < units_; ++k, to += wide)
        for (std::size_t o = 0; o < wide; ++o) to[o] = from[o * units_ + k];
    });
  }
  /// n rows of W_h h + b_h, in the calling thread.
  void product(const course& way, std::size_t n, const T* turned, const T* h, T* u) const {
    put_bias(way, 1, n, u);
    for (std::size_t first = 0; first < width_; first += block) {
      const int wide = static_cast<int>(std::min(block, width_ - first));
      K::gemm(false, false, static_cast<int>(n), wide, form_.hidden, h, form_.hidden, turned + first * units_, wide, form_.bias, u + first,
              form_.rows());
    }
  }

  /// Copies a state; zeros where there is none.
  void put(const T* from, T* to) const {
    if (from) std::copy_n(from, units_, to);
    else std::fill_n(to, units_, T{});
  }
  /// Initial state m of sequence b, or null.
  [[nodiscard]] const T* initial(const course& way, int m, int b) const {
    return form_.initial_state && m < form_.memory ? c_.in[form_.state_input(m)].data + way.state(b)
                                                   : nullptr;
  }

  /// Sequences [first, last) forward; p holds the sums of their inputs, `turned` W_h.
  void walk(const course& way, int first, int last, const T* p, const T* turned) const {
    const std::size_t n = at(last - first);
    T* h = K::template scratch<T>(1, n * (2 * units_ + width_));
    T *cell = h + n * units_, *u = cell + n * units_;
    for (int m = 0; m < 2; ++m)
      for (int b = first; b < last; ++b)
        put(initial(way, m, b), (m == 0 ? h : cell) + at(b - first) * units_);
    for (int s = 0; s < way.time; ++s) {
      product(way, n, turned, h, u);
      for (std::size_t i = 0; i < n; ++i) {
        const int b = first + static_cast<int>(i), length = form_.length(c_, b, way.time);
        const std::size_t row = way.row(b, way.when(s, length));
        T* y = c_.out[0].data + way.result(row);
        if (s < length) {
          Cell::template forward<K>(units_, p + row * width_, u + i * width_, h + i * units_,
                                    cell + i * units_);
          std::copy_n(h + i * units_, units_, y);
        } else {
          std::fill_n(y, units_, T{});
        }
      }
    }
    for (int m = 0; form_.final_state && m < form_.memory; ++m)
      for (int b = first; b < last; ++b)
        put((m == 0 ? h : cell) + at(b - first) * units_, c_.out[at(1 + m)].data + way.state(b));
  }

  /// The state that each step begins with, in the row of that step; 0 where no step is.
  void collect(const course& way, T* before) const {
    for (int b = 0; b < way.batch; ++b) {
      const int length = form_.length(c_, b, way.time);
      for (int s = 0; s < way.time; ++s) {
        T* to = before + way.row(b, way.when(s, length)) * units_;
        const T* from = nullptr;
        if (s > 0 && s < length) from = c_.out[0].data + way.result(way.row(b, way.when(s - 1, length)));
        if (s == 0 && length > 0) from = initial(way, 0, b);
        put(from, to);
      }
    }
  }

  /// Sequences [first, last): gates and cells forward, then gradients backward, in place of the sums p and u.
  void unroll(const course& way, int first, int last, const T* before, T* cells, T* p, T* u) const {
    const std::size_t n = at(last - first);
    T* dh = K::template scratch<T>(1, n * (2 * units_ + width_) + units_);
    T *dc = dh + n * units_, *du = dc + n * units_, *zero = du + n * width_;
    std::fill_n(zero, units_, T{});
    const auto cell_before = [&](int b, int s, int length) -> const T* {
      if (s > 0) return cells + way.row(b, way.when(s - 1, length)) * units_;
      const T* given = initial(way, 1, b);
      return given ? given : zero;
    };
    for (int b = first; b < last; ++b)
      for (int s = 0, length = form_.length(c_, b, way.time); s < length; ++s) {
        const std::size_t row = way.row(b, way.when(s, length));
        Cell::template activate<K>(units_, p + row * width_, u + row * width_, cell_before(b, s, length),
                       cells + row * units_);
      }
    for (int m = 0; m < 2; ++m) {
      const bool given = form_.final_state && m < form_.memory && c_.grad_out[at(m + 1)];
      for (int b = first; b < last; ++b)
        put(given ? c_.grad_out[at(m + 1)].data + way.state(b) : nullptr,
            (m == 0 ? dh : dc) + at(b - first) * units_);
    }
    for (int s = way.time; s-- > 0;) {
      for (std::size_t i = 0; i < n; ++i) {
        const int b = first + static_cast<int>(i), length = form_.length(c_, b, way.time);
        const std::size_t row = way.row(b, way.when(s, length));
        T *gates = p + row * width_, *others = u + row * width_, *g = dh + i * units_;
        if (s < length) {
          if (c_.grad_out[0]) K::accumulate(c_.grad_out[0].data + way.result(row), g, units_);
          Cell::template backward<K>(units_, gates, others, before + row * units_, cell_before(b, s, length),
                         cells + row * units_, g, dc + i * units_);
        } else {
          std::fill_n(gates, width_, T{});
          std::fill_n(others, width_, T{});
        }
        std::copy_n(others, width_, du + i * width_);
      }
      K::gemm(false, false, static_cast<int>(n), form_.hidden, form_.rows(), du, form_.rows(),
              c_.in[way.weight + 1].data, form_.hidden, true, dh, form_.hidden);
    }
    for (int m = 0; form_.initial_state && m < form_.memory; ++m)
      if (const auto& to = c_.grad_in[form_.state_input(m)])
        for (int b = first; b < last; ++b)
          K::accumulate((m == 0 ? dh : dc) + at(b - first) * units_, to.data + way.state(b), units_);
  }

  /// Adds g^T * x to the gradient of one side's weight, and the sum of g to its bias'.
  void weight_gradients(const course& way, std::size_t side, const T* g, const T* x, int in) const {
    const auto& dw = c_.grad_in[way.weight + side];
    T* db = form_.bias ? c_.grad_in[way.weight + 2 + side].data : nullptr;
    const int n = static_cast<int>(way.rows());
    c_.workers.shares(width_, [&](std::size_t first, std::size_t last) {
      if (dw)
        K::gemm(true, false, static_cast<int>(last - first), in, n, g + first, form_.rows(), x, in, true,
                dw.data + first * at(in), in);
      for (std::size_t i = 0; db && i < way.rows(); ++i) K::accumulate(g + i * width_ + first, db + first, last - first);
    });
  }

  recurrence form_;
  const Call& c_;
  std::size_t width_, units_;  ///< of a row of sums, and of a state
};

}  // namespace lnn::detail
