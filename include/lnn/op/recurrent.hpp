// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/gates.hpp"
#include "../luna/requantize.hpp"
#include "../luna/task.hpp"
#include "pointwise.hpp"

namespace lnn {

namespace detail {

// the compiler's own functions: <cmath> would be heavy for the checking half of the library
template <class T>
[[nodiscard]] T hyperbolic_tangent(T x) {
  if constexpr (sizeof(T) == 4) return __builtin_tanhf(x);
  else return __builtin_tanh(x);
}
template <class T>
[[nodiscard]] T logistic(T x) {
  if constexpr (sizeof(T) == 4) return 1 / (1 + __builtin_expf(-x));
  else return 1 / (1 + __builtin_exp(-x));
}

}  // namespace detail

/// What lstm and gru share: their tensors and the way through time.
///   inputs      x, then as the attributes say lengths, h, c;  outputs  y, then as they say h, c
///   x           [batch, time, features], or [time, batch, features];  y  the same with directions * hidden features
///   h, c        [directions, batch, hidden];  lengths  [batch]
///   parameters  of each direction: weight_ih [gates * hidden, features], weight_hh [gates * hidden, hidden],
///               bias_ih and bias_hh [gates * hidden]
/// The order of inputs and parameters is that of the packer's LSTMInt and GRUInt.  A sequence shorter than the tensor
/// gives 0 behind its end, and its state stays what it was at its end; backward in time, it begins there.
struct recurrence {
  int gates, memory;  ///< rows of a weight per hidden unit, and tensors of state: 4 and 2, or 3 and 1
  int hidden;
  bool bias, bidirectional, go_forward, batch_first, lengths, initial_state, final_state;

  static constexpr rule hidden_size{"recurrent.hidden_size", "hidden size", "", "use values of 1 and above",
                                    "隐藏单元数", "取不小于 1 的值"};
  static constexpr rule first_direction{"recurrent.direction", "both directions, of which the first runs backward", "",
                                  "leave go_forward as it is in layers of both directions", "双向层的第一个方向不能为反向",
                                  "双向层保持 go_forward 的默认值"};
  static constexpr rule lengths_shape{"recurrent.lengths_shape", "lengths and one per sequence:", "",
                                      "give it [batch]", "序列长度与每个序列一个：", "使用 [batch]"};
  static constexpr rule state_shape{"recurrent.state_shape", "initial state and [directions, batch, hidden]:", "",
                                    "give it [directions, batch, hidden]", "初始状态与 [directions, batch, hidden]：",
                                    "使用 [directions, batch, hidden]"};
  static constexpr const rule* rules[] = {&hidden_size, &first_direction, &lengths_shape, &state_shape};

  // --- tensors
  [[nodiscard]] constexpr int directions() const { return bidirectional ? 2 : 1; }
  [[nodiscard]] constexpr int rows() const { return gates * hidden; }
  [[nodiscard]] constexpr int inputs() const { return 1 + (lengths ? 1 : 0) + (initial_state ? memory : 0); }
  [[nodiscard]] constexpr int outputs() const { return 1 + (final_state ? memory : 0); }
  /// Place of state m (0: h, 1: c) among the inputs.
  [[nodiscard]] constexpr std::size_t state_input(int m) const { return at(lengths ? 2 : 1) + at(m); }
  [[nodiscard]] constexpr bool is_state_input(std::size_t i, int m) const { return initial_state && i == state_input(m); }
  [[nodiscard]] constexpr unsigned index_bits() const { return lengths ? 2U : 0U; }

  [[nodiscard]] constexpr shape state_dims(const shape& x) const { return {directions(), batch(x), hidden}; }
  [[nodiscard]] constexpr int batch(const shape& x) const { return x[batch_first ? 0 : 1]; }
  [[nodiscard]] constexpr int time(const shape& x) const { return x[batch_first ? 1 : 0]; }

  /// `rank` is the operator's own rule.
  [[nodiscard]] constexpr shape_list results(std::span<const shape> in, const rule& rank, verdict& found) const {
    const std::size_t before = found.refused().size();
    found.equal(rank, in[0].rank(), 3);
    found.at_least(hidden_size, hidden, 1);
    found.never(first_direction, bidirectional && !go_forward);
    if (found.refused().size() > before) return {};
    if (lengths) found.same(lengths_shape, in[1], {batch(in[0])});
    for (int m = 0; initial_state && m < memory; ++m) found.same(state_shape, in[state_input(m)], state_dims(in[0]));
    if (found.refused().size() > before) return {};
    shape y = in[0];
    y[2] = directions() * hidden;
    shape_list out{y};
    for (int m = 0; final_state && m < memory; ++m) out.push_back(state_dims(in[0]));
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(const shape& x) const {
    parameter_list all{{"weight_ih", role::weight, {rows(), x[2]}}, {"weight_hh", role::weight, {rows(), hidden}}};
    if (bias) {
      all.push_back({"bias_ih", role::bias, {rows()}});
      all.push_back({"bias_hh", role::bias, {rows()}});
    }
    if (!bidirectional) return all;
    all.push_back({"weight_ih_reverse", role::weight, {rows(), x[2]}});
    all.push_back({"weight_hh_reverse", role::weight, {rows(), hidden}});
    if (bias) {
      all.push_back({"bias_ih_reverse", role::bias, {rows()}});
      all.push_back({"bias_hh_reverse", role::bias, {rows()}});
    }
    return all;
  }
  /// Exponents of the biases: q_x + q_iw, and q_h + q_hw where q_h is that of the state.
  [[nodiscard]] constexpr int bias_exponent(std::size_t parameter, const exponents& q, int state_exponent) const {
    return (parameter % 2 == 0 ? q.in[0] : state_exponent) + q.parameters[parameter - 2];
  }
  /// What the packer sees of it: one direction.
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t, std::string_view op, int state_exponent) const {
    limit::facts f = t.facts(op);
    f.weight = t.parameters[0];
    f.recurrent_weight = t.parameters[1];
    if (bias) {
      f.bias = t.parameters[2];
      f.recurrent_bias = t.parameters[3];
    }
    f.hidden = {.bits = 8, .scale = state_exponent, .present = initial_state};
    f.sequence_lengths = lengths;
    f.axis = batch_first ? 0 : 1;
    f.inputs = 1 + (initial_state ? memory : 0) + (bias ? 4 : 2);
    f.options.dma_prefetch = false;  // a choice of whoever packs: told as advice
    return f;
  }

  // --- the way through time
  /// One direction of a call: where its tensors are and which step is where.
  struct course {
    int direction = 0, batch = 1, time = 1, features = 1, hidden = 1, width = 1;  ///< width of a row of y
    bool batch_first = true, forward = true;
    std::size_t weight = 0;  ///< place of weight_ih among the call's inputs; the others follow it

    /// Number of the row of x and y that holds step t of sequence b.
    [[nodiscard]] std::size_t row(int b, int t) const {
      return batch_first ? at(b) * at(time) + at(t) : at(t) * at(batch) + at(b);
    }
    /// Time of step s when a sequence of that length is walked.
    [[nodiscard]] int when(int s, int length) const { return forward ? s : length - 1 - s; }
    [[nodiscard]] std::size_t rows() const { return at(batch) * at(time); }
    /// First element of y in that row, and of sequence b's state.
    [[nodiscard]] std::size_t result(std::size_t row) const { return row * at(width) + at(direction) * at(hidden); }
    [[nodiscard]] std::size_t state(int b) const { return (at(direction) * at(batch) + at(b)) * at(hidden); }
  };
  [[nodiscard]] course along(int direction, const shape& x) const {
    return {.direction = direction,
            .batch = batch(x),
            .time = time(x),
            .features = x[2],
            .hidden = hidden,
            .width = directions() * hidden,
            .batch_first = batch_first,
            .forward = go_forward && direction == 0,
            .weight = at(inputs()) + at(direction) * (bias ? 4 : 2)};
  }
  /// Steps of sequence b, of a call in real numbers or in integers.
  template <class Call>
  [[nodiscard]] int length(const Call& c, int b, int longest) const {
    if (!lengths) return longest;
    if constexpr (requires { typename Call::scalar; }) return std::clamp(static_cast<int>(c.in[1][at(b)]), 0, longest);
    else return static_cast<int>(std::clamp<std::int64_t>(c.in[1].at(at(b)), 0, longest));
  }

  /// Cell::forward(hidden, p, u, h, c) takes one sequence a step further: p and u are the sums of both sides, h and c
  /// (null without) the state.
  template <class Cell, class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    for (int d = 0; d < directions(); ++d) {
      const course way = along(d, c.in[0].dims);
      const std::size_t width = at(rows());
      T* p = K::template scratch<T>(0, way.rows() * width);
      sums<K>(c.workers, way.rows(), c.in[0].data, way.features, c.in[way.weight], bias_of(c, way, 0), p);
      c.workers.ranges(at(way.batch), pieces(way), [&](int, std::size_t first, std::size_t last) {
        const std::size_t n = last - first, units = at(hidden);
        T* h = K::template scratch<T>(1, n * (2 * units + width));
        T *cell = h + n * units, *u = cell + n * units;
        for (int m = 0; m < memory; ++m) {
          T* to = m == 0 ? h : cell;
          if (initial_state) std::copy_n(c.in[state_input(m)].data + way.state(static_cast<int>(first)), n * units, to);
          else std::fill_n(to, n * units, T{});
        }
        for (int s = 0; s < way.time; ++s) {
          fill_rows<K>(n, units, h, c.in[way.weight + 1], bias_of(c, way, 1), u);
          for (std::size_t i = 0; i < n; ++i) {
            const int b = static_cast<int>(first + i), length = this->length(c, b, way.time);
            if (s >= length) {
              std::fill_n(c.out[0].data + way.result(way.row(b, s)), units, T{});
              continue;
            }
            const std::size_t row = way.row(b, way.when(s, length));
            Cell::forward(units, p + row * width, u + i * width, h + i * units, cell + i * units);
            std::copy_n(h + i * units, units, c.out[0].data + way.result(row));
          }
        }
        for (int m = 0; final_state && m < memory; ++m)
          std::copy_n(m == 0 ? h : cell, n * units, c.out[at(1 + m)].data + way.state(static_cast<int>(first)));
      });
    }
  }

  /// Backward through time.  The sums of every step are formed again from x and y, in two products for all steps: so
  /// nothing is kept, and in quantization-aware training they are those of the states that the chip computed.
  ///   Cell::activate(hidden, p, u, c_before, c): turns sums into gates, in place, and gives the step's c
  ///   Cell::backward(hidden, p, u, h_before, c_before, c, dh, dc): turns gates into the gradients of the sums; dh and
  ///   dc are the gradients of the state behind the step, and become what reaches the one before it beside the product
  ///   of u's gradient and weight_hh
  template <class Cell, class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    for (int d = 0; d < directions(); ++d) {
      const course way = along(d, c.in[0].dims);
      const std::size_t width = at(rows()), units = at(hidden), all = way.rows();
      T* before = K::template scratch<T>(0, all * (2 * units + 2 * width));  // the h that each step begins with
      T *cells = before + all * units, *p = cells + all * units, *u = p + all * width;
      collect(c, way, before);
      sums<K>(c.workers, all, c.in[0].data, way.features, c.in[way.weight], bias_of(c, way, 0), p);
      sums<K>(c.workers, all, before, hidden, c.in[way.weight + 1], bias_of(c, way, 1), u);
      c.workers.ranges(at(way.batch), pieces(way), [&](int, std::size_t first, std::size_t last) {
        if (first != last) unroll<Cell>(c, way, static_cast<int>(first), static_cast<int>(last), before, cells, p, u);
      });
      if (c.grad_in[0])
        c.workers.ranges(all, fixed_pieces, [&](int, std::size_t first, std::size_t last) {
          if (first == last) return;
          K::gemm(false, false, static_cast<int>(last - first), way.features, rows(), p + first * width, rows(),
                  c.in[way.weight].data, way.features, true, c.grad_in[0].data + first * at(way.features), way.features);
        });
      weight_gradients<K>(c.workers, all, p, c.in[0].data, way.features, c.grad_in[way.weight], bias_gradient(c, way, 0));
      weight_gradients<K>(c.workers, all, u, before, hidden, c.grad_in[way.weight + 1], bias_gradient(c, way, 1));
    }
  }

  /// The same in the chip's integers: step(sums, c, h) takes one sequence a step further.  `state_exponent` is that of
  /// h, `cell` tells the grid of c (bits 0: there is none).
  template <class Call, class Step>
  void integer(const Call& c, int state_exponent, fixed_grid cell, const Step& step) const {
    using K = typename Call::kernels;
    for (int d = 0; d < directions(); ++d) {
      const course way = along(d, c.in[0].dims);
      const std::size_t width = at(rows()), units = at(hidden), n = at(way.batch);
      auto* p = K::template scratch<std::int32_t>(0, way.rows() * width);
      auto* u = K::template scratch<std::int32_t>(1, n * (width + units));
      std::int32_t* cells = u + n * width;
      auto* h = K::template scratch<std::int8_t>(0, n * units);
      const integer_view state{h, dtype::int8, {way.batch, hidden}, state_exponent};
      take_state(c, 0, way, state);
      if (memory > 1) take_state(c, 1, way, {cells, dtype::int32, {way.batch, hidden}, cell.exponent}, cell.bits);
      product(c, way, 0, c.in[0], static_cast<int>(way.rows()), p);
      for (int s = 0; s < way.time; ++s) {
        product(c, way, 1, state, way.batch, u);
        c.workers.ranges(n, n * width < 4096 ? 1 : pieces(way), [&](int, std::size_t first, std::size_t last) {
          for (std::size_t i = first; i < last; ++i) {
            const int b = static_cast<int>(i), length = this->length(c, b, way.time);
            const bool runs = s < length;
            const std::size_t row = way.row(b, runs ? way.when(s, length) : s);
            if (runs)
              step(luna::gate_sums{.input = p + row * width,
                                   .state = u + i * width,
                                   .q_input = c.in[0].exponent + c.in[way.weight].exponent,
                                   .q_state = state_exponent + c.in[way.weight + 1].exponent},
                   cells + i * units, h + i * units);
            give(h + i * units, runs ? units : 0, state_exponent, c.out[0], way.result(row), units);
          }
        });
      }
      for (int b = 0; final_state && b < way.batch; ++b) {
        give(h + at(b) * units, units, state_exponent, c.out[1], way.state(b), units);
        if (memory > 1) give(cells + at(b) * units, units, cell.exponent, c.out[2], way.state(b), units);
      }
    }
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  /// A constant of the problem's size, so that results do not depend on the number of threads.
  static int pieces(const course& way) { return std::min(way.batch, fixed_pieces); }

  template <class Call>
  auto bias_of(const Call& c, const course& way, std::size_t side) const {
    return bias ? c.in[way.weight + 2 + side].data : nullptr;
  }
  template <class Call>
  auto bias_gradient(const Call& c, const course& way, std::size_t side) const {
    return bias ? c.grad_in[way.weight + 2 + side].data : nullptr;
  }

  /// y = x * weight^T + bias, n rows.
  template <class K, class T>
  static void fill_rows(std::size_t n, std::size_t in, const T* x, const flat<const T>& weight, const T* bias_row, T* y) {
    if (n == 0) return;
    const std::size_t out = at(weight.dims[0]);
    for (std::size_t i = 0; bias_row && i < n; ++i) std::copy_n(bias_row, out, y + i * out);
    K::gemm(false, true, static_cast<int>(n), weight.dims[0], static_cast<int>(in), x, static_cast<int>(in), weight.data,
            static_cast<int>(in), bias_row != nullptr, y, weight.dims[0]);
  }
  template <class K, class T, class Workers>
  static void sums(Workers& workers, std::size_t n, const T* x, int in, const flat<const T>& weight, const T* bias_row, T* y) {
    workers.ranges(n, fixed_pieces, [&](int, std::size_t first, std::size_t last) {
      fill_rows<K>(last - first, at(in), x + first * at(in), weight, bias_row, y + first * at(weight.dims[0]));
    });
  }
  /// Adds g^T * x to the weight's gradient and the sum of g to the bias'.
  template <class K, class T, class Workers>
  void weight_gradients(Workers& workers, std::size_t n, const T* g, const T* x, int in, const flat<T>& dw, T* db) const {
    const std::size_t out = at(rows());
    if (dw)
      workers.ranges(out, fixed_pieces, [&](int, std::size_t first, std::size_t last) {
        if (first == last) return;
        K::gemm(true, false, static_cast<int>(last - first), in, static_cast<int>(n), g + first, rows(), x, in, true,
                dw.data + first * at(in), in);
      });
    for (std::size_t i = 0; db && i < n; ++i)
      for (std::size_t o = 0; o < out; ++o) db[o] += g[i * out + o];
  }

  /// The state that each step begins with, in the row of that step; 0 where no step is.
  template <class Call, class T>
  void collect(const Call& c, const course& way, T* before) const {
    const std::size_t units = at(hidden);
    for (int b = 0; b < way.batch; ++b) {
      const int length = this->length(c, b, way.time);
      for (int s = 0; s < way.time; ++s) {
        T* to = before + way.row(b, s < length ? way.when(s, length) : s) * units;
        const T* from = s >= length ? nullptr
                        : s > 0     ? c.out[0].data + way.result(way.row(b, way.when(s - 1, length)))
                        : initial_state ? c.in[state_input(0)].data + way.state(b)
                                        : nullptr;
        if (from) std::copy_n(from, units, to);
        else std::fill_n(to, units, T{});
      }
    }
  }

  /// Sequences [first, last): gates and cells forward, then gradients backward, in place of the sums p and u.
  template <class Cell, class Call, class T>
  void unroll(const Call& c, const course& way, int first, int last, const T* before, T* cells, T* p, T* u) const {
    using K = typename Call::kernels;
    const std::size_t width = at(rows()), units = at(hidden), n = at(last - first);
    T* dh = K::template scratch<T>(1, n * (2 * units + width) + units);
    T *dc = dh + n * units, *du = dc + n * units, *zero = du + n * width;
    std::fill_n(zero, units, T{});
    const auto cell_before = [&](int b, int s, int length) -> const T* {
      if (s > 0) return cells + way.row(b, way.when(s - 1, length)) * units;
      return initial_state && memory > 1 ? c.in[state_input(1)].data + way.state(b) : zero;
    };
    for (int b = first; b < last; ++b)
      for (int s = 0, length = this->length(c, b, way.time); s < length; ++s) {
        const std::size_t row = way.row(b, way.when(s, length));
        Cell::activate(units, p + row * width, u + row * width, cell_before(b, s, length), cells + row * units);
      }
    for (int m = 0; m < 2; ++m) {
      const bool given = final_state && m < memory && c.grad_out[at(m + 1)];
      if (given) std::copy_n(c.grad_out[at(m + 1)].data + way.state(first), n * units, m == 0 ? dh : dc);
      else std::fill_n(m == 0 ? dh : dc, n * units, T{});
    }
    for (int s = way.time; s-- > 0;) {
      for (int b = first; b < last; ++b) {
        const std::size_t i = at(b - first);
        const int length = this->length(c, b, way.time);
        const std::size_t row = way.row(b, s < length ? way.when(s, length) : s);
        if (s < length) {
          if (c.grad_out[0]) K::accumulate(c.grad_out[0].data + way.result(row), dh + i * units, units);
          Cell::backward(units, p + row * width, u + row * width, before + row * units, cell_before(b, s, length),
                         cells + row * units, dh + i * units, dc + i * units);
        } else {
          std::fill_n(p + row * width, width, T{});
          std::fill_n(u + row * width, width, T{});
        }
        std::copy_n(u + row * width, width, du + i * width);
      }
      K::gemm(false, false, static_cast<int>(n), hidden, rows(), du, rows(), c.in[way.weight + 1].data, hidden, true, dh, hidden);
    }
    for (int m = 0; initial_state && m < memory; ++m)
      if (c.grad_in[state_input(m)])
        K::accumulate(m == 0 ? dh : dc, c.grad_in[state_input(m)].data + way.state(first), n * units);
  }

  /// One side's sums with bias, in 32 bits: p of all rows (side 0) or u of all sequences (side 1).
  template <class Call>
  void product(const Call& c, const course& way, std::size_t side, const integer_view& x, int n, std::int32_t* y) const {
    const integer_view& weight = c.in[way.weight + side];
    const luna::product task{.rows = n,
                             .in = side == 0 ? way.features : hidden,
                             .out = rows(),
                             .x = x,
                             .weight = weight,
                             .bias = bias ? c.in[way.weight + 2 + side].template as<std::int32_t>() : nullptr};
    const luna::requantizer to{.out = {y, dtype::int32, {n, rows()}, x.exponent + weight.exponent},
                               .rule = c.on.linear.sum};
    Call::kernels::multiply(task, to, c.workers);
  }
  /// The initial state m on the grid that the cell works in, 0 where none is given.
  template <class Call>
  void take_state(const Call& c, int m, const course& way, const integer_view& to, int bits = 8) const {
    const auto range = integer_range::of(bits);
    for (std::size_t i = 0; i < to.size(); ++i) {
      std::int64_t v = 0;
      if (initial_state) {
        const integer_view& from = c.in[state_input(m)];
        v = range.clamp(rescale(from.at(way.state(0) + i), from.exponent, to.exponent));
      }
      if (m == 0) to.template as<std::int8_t>()[i] = static_cast<std::int8_t>(v);
      else to.template as<std::int32_t>()[i] = static_cast<std::int32_t>(v);
    }
  }
  /// Writes n numbers onto the grid of `to`, and zeros behind them.
  template <class From>
  static void give(const From* from, std::size_t n, int exponent, const integer_view& to, std::size_t place,
                   std::size_t room) {
    with_element(to.type, [&](auto element) {
      using T = decltype(element);
      T* y = to.as<T>() + place;
      for (std::size_t k = 0; k < n; ++k) y[k] = saturate<T>(rescale(from[k], exponent, to.exponent));
      std::fill(y + n, y + room, T{});
    });
  }
};

}  // namespace lnn
