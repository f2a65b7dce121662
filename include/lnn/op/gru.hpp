// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/recurrent.hpp"
#include "../luna/gru.hpp"
#include "integer_sequence.hpp"
#include "real_sequence.hpp"

namespace lnn {

/// Gated recurrent unit over a sequence: x [batch, time, features] -> y [batch, time, hidden], gates in the
/// order r, z, n, with p = W_i x + b_i and u = W_h h + b_h:
///   r, z = sigmoid(p + u), n = tanh(p + r * u); h' = z * h + (1 - z) * n; y = h'
/// Both directions give y [batch, time, 2 * hidden], forward first.  With `final_state` the last h is an
/// output too, with `initial_state` it is an input: a stream is computed piece by piece by handing it
/// on.  Tensors and sequences of unequal length: recurrence.hpp.  VENUS halves h before the blend, so lnn does
/// it there too (decision 1 of engine_defects.md).
struct gru {
  int hidden = 1;
  bool bias = true, bidirectional = false, go_forward = true, batch_first = true;
  bool lengths = false, initial_state = false, final_state = false;
  int state_exponent = 7;

  [[nodiscard]] constexpr bool operator==(const gru&) const = default;
  static constexpr std::string_view name = "gru";
  static constexpr std::string_view onnx_names[] = {"QGRU", "GRUInt"};
  static constexpr std::string_view arithmetic =
      "p = S32(W_i x + b_i), u = S32(W_h h + b_h) at Q11 on venus, Q27 elsewhere; r, z = sigmoid8(S(p + u)), "
      "n = tanh8(S(p_n + R(r * u_n, 7))) with S = S16 on venus, S32 elsewhere; "
      "h = S8(R(z * h + (128 - z) * n, 14 - q_h)), on venus with S8(R(h, 1)) in place of the old h; "
      "y = S_out(R(h, q_h - q_o))";
  static constexpr std::string_view evidence =
      "recorded simulator cases on venus; formula only on arcs, venusA, where the engine's gates are "
      "constant";
  static constexpr grid grid_rule = grid::unit;
  static constexpr auto fields = field_list(
      field{"hidden_size", &gru::hidden, "units, each with a state"},
      field{"bias", &gru::bias, "has biases", true},
      field{"bidirectional", &gru::bidirectional, "both directions; files hold two nodes and a concat"},
      field{"go_forward", &gru::go_forward, "0: walks backward in time"},
      field{"batch_first", &gru::batch_first, "x is [batch, time, features], else [time, batch, features]"},
      field{"lengths", &gru::lengths, "second input: steps of each sequence"},
      field{"initial_state", &gru::initial_state, "last input: h before the first step"},
      field{"final_state", &gru::final_state, "further output: h behind the last step"},
      field{"state_exponent", &gru::state_exponent, "exponent of h"});

  // --- shapes
  [[nodiscard]] constexpr recurrence form() const {
    return {3, 1, hidden, bias, bidirectional, go_forward, batch_first, lengths, initial_state, final_state};
  }
  [[nodiscard]] constexpr int inputs() const { return form().inputs(); }
  [[nodiscard]] constexpr int outputs() const { return form().outputs(); }
  [[nodiscard]] constexpr shape_list results(std::span<const shape> in, verdict& found) const {
    return form().results(in, limit::gru::rank, found);
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    return form().parameters(in[0]);
  }
  [[nodiscard]] constexpr int bias_exponent(std::size_t parameter, const exponents& q) const {
    return form().bias_exponent(parameter, q, state_exponent);
  }
  [[nodiscard]] constexpr unsigned indices() const { return form().index_bits(); }
  [[nodiscard]] constexpr int index_limit(std::span<const shape> in) const { return form().time(in[0]) + 1; }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    return form().facts(t, "GRUInt", state_exponent);
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    const limit::facts f = facts(t);
    limit::gru::check(f, on, found);
    limit::gru::advise(f, on, found);
  }
  static constexpr auto rules = joined(recurrence::rules, limit::gru::rules);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    detail::real_sequence<cell, Call>(form(), c).forward();
  }
  template <class Call>
  void backward(const Call& c) const {
    detail::real_sequence<cell, Call>(form(), c).backward();
  }
  /// luna::gru_step over time.
  template <class Call>
  void integer(const Call& c) const {
    const auto step = [&](const luna::gate_sums& sums, std::int32_t*, std::int8_t* h) {
      Call::kernels::gru_step(c.on.unit, sums, static_cast<std::size_t>(hidden), state_exponent, h);
    };
    detail::integer_sequence<Call>(form(), c, state_exponent).run(step);
  }

 private:
  /// One step in real numbers; see real_sequence.  There is no second state.
  struct cell {
    template <class K, class T>
    static void forward(std::size_t n, const T* p, T* u, T* h, T*) {
      K::accumulate(p, u, 2 * n);
      K::logistic(u, 2 * n, u);
      T* fresh = u + 2 * n;
      for (std::size_t k = 0; k < n; ++k) fresh[k] = p[2 * n + k] + u[k] * fresh[k];
      K::bounded(fresh, n, fresh);
      for (std::size_t k = 0; k < n; ++k) h[k] = fresh[k] + u[n + k] * (h[k] - fresh[k]);
    }
    template <class K, class T>
    static void activate(std::size_t n, T* p, const T* u, const T*, T*) {
      K::accumulate(u, p, 2 * n);
      K::logistic(p, 2 * n, p);
      for (std::size_t i = 2 * n; i < 3 * n; ++i) p[i] += p[i - 2 * n] * u[i];
      K::bounded(p + 2 * n, n, p + 2 * n);
    }
    template <class K, class T>
    static void backward(std::size_t n, T* p, T* u, const T* before, const T*, const T*, T* dh, T*) {
      for (std::size_t k = 0; k < n; ++k) {
        const T r = p[k], z = p[n + k], fresh = p[2 * n + k];
        const T dn = dh[k] * (1 - z) * (1 - fresh * fresh);
        p[k] = u[k] = dn * u[2 * n + k] * r * (1 - r);
        p[n + k] = u[n + k] = dh[k] * (before[k] - fresh) * z * (1 - z);
        p[2 * n + k] = dn;
        u[2 * n + k] = dn * r;
        dh[k] *= z;
      }
    }
  };
};
static_assert(operator_like<gru>);

}  // namespace lnn
