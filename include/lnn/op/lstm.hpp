// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/recurrent.hpp"
#include "../luna/lstm.hpp"
#include "integer_sequence.hpp"
#include "real_sequence.hpp"

namespace lnn {

/// Long short-term memory over a sequence: x [batch, time, features] -> y [batch, time, hidden], gates in the
/// order i, f, g, o:
///   i, f, o = sigmoid(W_i x + b_i + W_h h + b_h), g = tanh(the same)
///   c' = f * c + i * g, h' = o * tanh(c'), y = h'
/// Both directions give y [batch, time, 2 * hidden], forward first.  With `final_state` the last h and c are
/// outputs too, with `initial_state` they are inputs: a stream is computed piece by piece by handing them on.
/// c is int16 at Q7 on VENUS, int32 at Q15 on ARCS and VENUSA.  Tensors and sequences of unequal length:
/// recurrence.hpp.
struct lstm {
  int hidden = 1;
  bool bias = true, bidirectional = false, go_forward = true, batch_first = true;
  bool lengths = false, initial_state = false, final_state = false;
  int state_exponent = 7;

  [[nodiscard]] constexpr bool operator==(const lstm&) const = default;
  static constexpr std::string_view name = "lstm";
  static constexpr std::string_view onnx_names[] = {"QLSTM", "LSTMInt"};
  static constexpr std::string_view arithmetic =
      "p = S32(W_i x + b_i), u = S32(W_h h + b_h) at Q11 on venus, Q27 elsewhere; "
      "venus: G = S16(p + u), i, f, g, o of G at Q7, C = S32(c * f + i * g), c = S16(R(C, 7)), "
      "h = S8(R(o * tanh8(S16(R(C, 3))), 14 - q_h)); "
      "arcs, venusA: G = S32(p + u), i, f, g, o of G at Q15, C = S32(R(S32(c * f) + S32(i * g), 3)), "
      "c = R(C, 12), h = S8(R(o * R(tanh32(C), 16), 30 - q_h)); y = S_out(R(h, q_h - q_o))";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::unit;
  static constexpr auto fields = field_list(
      field{"hidden_size", &lstm::hidden, "units, each with a state"},
      field{"bias", &lstm::bias, "has biases", true},
      field{"bidirectional", &lstm::bidirectional, "both directions; files hold two nodes and a concat"},
      field{"go_forward", &lstm::go_forward, "0: walks backward in time"},
      field{"batch_first", &lstm::batch_first, "x is [batch, time, features], else [time, batch, features]"},
      field{"lengths", &lstm::lengths, "second input: steps of each sequence"},
      field{"initial_state", &lstm::initial_state, "last inputs: h and c before the first step"},
      field{"final_state", &lstm::final_state, "further outputs: h and c behind the last step"},
      field{"state_exponent", &lstm::state_exponent, "exponent of h"});

  // --- shapes
  [[nodiscard]] constexpr recurrence form() const {
    return {4, 2, hidden, bias, bidirectional, go_forward, batch_first, lengths, initial_state, final_state};
  }
  [[nodiscard]] constexpr int inputs() const { return form().inputs(); }
  [[nodiscard]] constexpr int outputs() const { return form().outputs(); }
  [[nodiscard]] constexpr shape_list results(std::span<const shape> in, verdict& found) const {
    return form().results(in, limit::lstm::rank, found);
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    return form().parameters(in[0]);
  }
  [[nodiscard]] constexpr int bias_exponent(std::size_t parameter, const exponents& q) const {
    return form().bias_exponent(parameter, q, state_exponent);
  }
  [[nodiscard]] constexpr unsigned indices() const { return form().index_bits(); }
  [[nodiscard]] constexpr int index_limit(std::span<const shape> in) const { return form().time(in[0]) + 1; }
  [[nodiscard]] static constexpr fixed_grid cell_grid(const chip& on) {
    return {luna::cell_bits(on.unit), luna::cell_exponent(on.unit)};
  }
  [[nodiscard]] constexpr std::optional<fixed_grid> output_grid(std::size_t output, const chip& on) const {
    if (output == 2) return cell_grid(on);
    return {};
  }
  [[nodiscard]] constexpr std::optional<fixed_grid> input_grid(std::size_t input, const chip& on) const {
    if (form().is_state_input(input, 1)) return cell_grid(on);
    return {};
  }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    return form().facts(t, "LSTMInt", state_exponent);
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    const limit::facts f = facts(t);
    limit::lstm::check(f, on, found);
    limit::lstm::advise(f, on, found);
  }
  static constexpr auto rules = joined(recurrence::rules, limit::lstm::rules);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    detail::real_sequence<cell, Call>(form(), c).forward();
  }
  template <class Call>
  void backward(const Call& c) const {
    detail::real_sequence<cell, Call>(form(), c).backward();
  }
  /// luna::lstm_step over time.
  template <class Call>
  void integer(const Call& c) const {
    const auto step = [&](const luna::gate_sums& sums, std::int32_t* cells, std::int8_t* h) {
      Call::kernels::lstm_step(c.on.unit, sums, static_cast<std::size_t>(hidden), state_exponent, cells, h);
    };
    detail::integer_sequence<Call>(form(), c, state_exponent, cell_grid(c.on)).run(step);
  }

 private:
  /// One step in real numbers; see real_sequence.
  struct cell {
    template <class K, class T>
    static void forward(std::size_t n, const T* p, T* u, T* h, T* c) {
      K::accumulate(p, u, 4 * n);
      activate<K>(n, u, c, c);
      K::bounded(c, n, h);
      for (std::size_t k = 0; k < n; ++k) h[k] *= u[3 * n + k];
    }
    template <class K, class T>
    static void activate(std::size_t n, T* p, const T* u, const T* before, T* c) {
      K::accumulate(u, p, 4 * n);
      activate<K>(n, p, before, c);
    }
    template <class K, class T>
    static void backward(std::size_t n, T* p, T* u, const T*, const T* before, const T* c, T* dh, T* dc) {
      K::bounded(c, n, u);
      K::lstm_gradient(n, u, before, p, dh, dc);
      std::copy_n(p, 4 * n, u);
    }

   private:
    /// Gates in place of their sums, and the state that they make.
    template <class K, class T>
    static void activate(std::size_t n, T* p, const T* before, T* c) {
      K::logistic(p, 2 * n, p);
      K::bounded(p + 2 * n, n, p + 2 * n);
      K::logistic(p + 3 * n, n, p + 3 * n);
      for (std::size_t k = 0; k < n; ++k) c[k] = p[n + k] * before[k] + p[k] * p[2 * n + k];
    }
  };
};
static_assert(operator_like<lstm>);

}  // namespace lnn
