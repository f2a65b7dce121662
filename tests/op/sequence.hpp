// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/grad/tape.hpp>
#include <lnn/op/gru.hpp>
#include <lnn/op/lstm.hpp>
#include <lnn/simd/kernels.hpp>

#include "../luna/cells.hpp"
#include "textbook.hpp"

#include <cmath>

/// Sequences through lstm and gru: random layers, calls with several outputs, and the definition in plain loops.
namespace sequence {

using namespace textbook;
using lnn::chip;

template <class Op>
inline constexpr int memory = std::is_same_v<Op, lnn::lstm> ? 2 : 1;
template <class Op>
inline constexpr int gates = std::is_same_v<Op, lnn::lstm> ? 4 : 3;

/// The grid of state m (0: h, 1: c).
inline integer_tensor state_tensor(const chip& on, int m, const shape& dims, int q_h = 7) {
  if (m == 0) return {dtype::int8, dims, q_h};
  return {on.unit == lnn::curves::narrow ? dtype::int16 : dtype::int32, dims, on.unit == lnn::curves::narrow ? 7 : 15};
}

template <class Op>
Op any(lnn::random& draw) {
  Op op{.hidden = pick(draw, 1, 6), .bias = pick(draw, 0, 3) != 0, .bidirectional = pick(draw, 0, 2) == 0};
  op.go_forward = op.bidirectional || pick(draw, 0, 1) == 0;
  op.batch_first = pick(draw, 0, 1) == 0;
  op.lengths = pick(draw, 0, 1) == 0;
  op.initial_state = pick(draw, 0, 1) == 0;
  op.final_state = pick(draw, 0, 1) == 0;
  op.state_exponent = pick(draw, 0, 3) == 0 ? pick(draw, 4, 8) : 7;
  return op;
}

/// Random weights and biases at their derived exponents.
template <class Op>
std::vector<integer_tensor> parameters(lnn::random& draw, const Op& op, const shape& x, int q_x, int q_w) {
  std::vector<integer_tensor> out;
  const int q_in[] = {q_x};
  const std::vector<int> q(8, q_w);
  for (const lnn::parameter& p : op.parameters(std::span(&x, 1))) {
    if (p.kind == lnn::role::weight) {
      out.push_back(noise(draw, dtype::int8, p.dims, q_w));
      continue;
    }
    out.emplace_back(dtype::int32, p.dims, op.bias_exponent(out.size(), {q_in, q}));
    for (std::size_t i = 0; i < out.back().size(); ++i)
      set(out.back(), i, draw.below(30) == 0 ? INT32_MAX : static_cast<std::int32_t>(draw.next()) >> pick(draw, 14, 24));
  }
  return out;
}

/// A whole call: x, lengths, states and parameters, as the operator wants them.
template <class Op>
std::vector<integer_tensor> arguments(lnn::random& draw, const Op& op, const chip& on, const shape& x, dtype type = dtype::int8) {
  const int q_x = pick(draw, 3, 7), q_w = pick(draw, 4, 9), batch = op.form().batch(x);
  std::vector<integer_tensor> in{noise(draw, type, x, q_x)};
  if (op.lengths) {
    in.emplace_back(dtype::int32, shape{batch}, 0);
    for (std::size_t i = 0; i < in.back().size(); ++i) set(in.back(), i, pick(draw, 0, op.form().time(x)));
  }
  for (int m = 0; op.initial_state && m < memory<Op>; ++m) {
    in.push_back(state_tensor(on, m, op.form().state_dims(x), op.state_exponent));
    for (std::size_t i = 0; i < in.back().size(); ++i)
      set(in.back(), i, static_cast<std::int32_t>(draw.next()) >> (m == 0 ? 24 : on.unit == lnn::curves::narrow ? 19 : 12));
  }
  for (integer_tensor& p : parameters(draw, op, x, q_x, q_w)) in.push_back(std::move(p));
  return in;
}

/// One call; the output counts at q_o in `type`, the states as the chip keeps them.
template <class Kernels = lnn::luna::kernels, class Op>
std::vector<integer_tensor> call(const Op& op, const std::vector<integer_tensor>& in, const chip& on, int threads = 1,
                                 int q_o = 7, dtype type = dtype::int8) {
  const shape& x = in[0].dims();
  lnn::verdict found;
  std::vector<shape> shapes;
  for (int i = 0; i < op.inputs(); ++i) shapes.push_back(in[static_cast<std::size_t>(i)].dims());
  const lnn::shape_list dims = op.results(shapes, found);
  if (!found.clean()) FAIL(std::string(found.refused().front().sentence().view()));
  std::vector<integer_tensor> out{{type, dims[0], q_o}};
  for (int m = 0; op.final_state && m < memory<Op>; ++m)
    out.push_back(state_tensor(on, m, op.form().state_dims(x), op.state_exponent));
  std::vector<lnn::integer_view> from, to;
  for (const integer_tensor& t : in) from.push_back(t.access());
  for (const integer_tensor& t : out) to.push_back(t.access());
  lnn::pool workers(threads);
  op.integer(lnn::integer_call<Kernels>{from, to, on, false, nullptr, workers});
  return out;
}

/// The definition: every sequence alone, one unit after the other, in exact arithmetic.
template <class Op>
std::vector<integer_tensor> define(const Op& op, const std::vector<integer_tensor>& in, const chip& on, int q_o, dtype type) {
  const shape x = in[0].dims();
  const auto form = op.form();
  const int B = form.batch(x), T = form.time(x), F = x[2], H = op.hidden, D = op.bidirectional ? 2 : 1;
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  shape y_dims = x;
  y_dims[2] = D * H;
  std::vector<integer_tensor> out{{type, y_dims, q_o}};
  for (int m = 0; op.final_state && m < memory<Op>; ++m) out.push_back(state_tensor(on, m, {B, D, H}, op.state_exponent));
  const auto row = [&](int b, int t) { return at(op.batch_first ? b * T + t : t * B + b); };
  for (int d = 0; d < D; ++d) {
    const std::size_t w = at(op.inputs() + d * (op.bias ? 4 : 2));
    const auto sum = [&](std::size_t side, int o, const std::vector<wide::number>& v) {
      wide::number s = 0;
      for (std::size_t k = 0; k < v.size(); ++k) s += v[k] * get(in[w + side], at(o) * v.size() + k);
      const wide::number bias = op.bias ? get(in[w + 2 + side], at(o)) : 0;
      return wide::clamp(on.unit == lnn::curves::narrow && op.bias ? wide::clamp(s, 32) + bias : s + bias, 32);
    };
    for (int b = 0; b < B; ++b) {
      const int length = op.lengths ? static_cast<int>(get(in[1], at(b))) : T;
      std::vector<wide::number> h(at(H)), c(at(H));
      const std::size_t first = at((b * D + d) * H), place = op.lengths ? 2 : 1;
      for (std::size_t k = 0; op.initial_state && k < at(H); ++k) {
        h[k] = get(in[place], first + k);
        if (memory<Op> > 1) c[k] = get(in[place + 1], first + k);
      }
      for (int s = 0; s < T; ++s) {
        const int t = s >= length ? s : d == 0 && op.go_forward ? s : length - 1 - s;
        std::vector<wide::number> now(at(F)), after = h;
        for (int k = 0; k < F; ++k) now[at(k)] = get(in[0], row(b, t) * at(F) + at(k));
        for (int k = 0; k < H; ++k) {
          const std::size_t to = row(b, t) * at(D * H) + at(d * H + k);
          if (s >= length) {
            set(out[0], to, 0);
            continue;
          }
          wide::number p[gates<Op>], u[gates<Op>];
          for (int g = 0; g < gates<Op>; ++g) p[g] = sum(0, g * H + k, now), u[g] = sum(1, g * H + k, h);
          const int q_p = in[0].exponent() + in[w].exponent(), q_u = op.state_exponent + in[w + 1].exponent();
          if constexpr (memory<Op> == 2) {
            const auto next = cells::lstm(on.unit, p, q_p, u, q_u, {c[at(k)], h[at(k)]}, op.state_exponent);
            c[at(k)] = next.c;
            after[at(k)] = next.h;
          } else {
            after[at(k)] = cells::gru(on.unit, p, q_p, u, q_u, h[at(k)], op.state_exponent);
          }
          set(out[0], to, static_cast<std::int64_t>(wide::clamp(wide::half_up(after[at(k)], op.state_exponent - q_o), bits(type))));
        }
        h = after;
      }
      for (std::size_t k = 0; op.final_state && k < at(H); ++k) {
        set(out[1], first + k, static_cast<std::int64_t>(h[k]));
        if (memory<Op> > 1) set(out[2], first + k, static_cast<std::int64_t>(c[k]));
      }
    }
  }
  return out;
}

/// Random layers on every chip against the definition, on both kernel paths, with one thread and three.
template <class Op>
void check_definition(std::uint64_t seed) {
  lnn::random draw(seed);
  for (const chip* on : lnn::chips)
    for (int round = 0; round < 60; ++round) {
      const auto op = any<Op>(draw);
      const int batch = pick(draw, 1, 9), time = pick(draw, 1, 5), features = pick(draw, 1, 6);
      const shape x = op.batch_first ? shape{batch, time, features} : shape{time, batch, features};
      const dtype in_type = round % 10 == 0 ? dtype::int16 : round % 10 == 1 ? dtype::int32 : dtype::int8;
      const dtype out_type = round % 7 == 0 ? dtype::int16 : round % 7 == 1 ? dtype::int32 : dtype::int8;
      const int q_o = round % 7 < 2 ? 15 : pick(draw, 5, 8);
      const auto in = arguments(draw, op, *on, x, in_type);
      const auto wanted = define(op, in, *on, q_o, out_type);
      REQUIRE(call(op, in, *on, 1, q_o, out_type) == wanted);
      REQUIRE(call(op, in, *on, 3, q_o, out_type) == wanted);
      REQUIRE(call<lnn::simd::kernels>(op, in, *on, 3, q_o, out_type) == wanted);
    }
}

/// Steps [first, last) of a tensor [batch, time, n] or [time, batch, n].
inline integer_tensor cut(const integer_tensor& x, bool batch_first, int first, int last) {
  const shape& d = x.dims();
  const int axis = batch_first ? 1 : 0;
  shape dims = d;
  dims[axis] = last - first;
  integer_tensor out(x.type(), dims, x.exponent());
  const std::size_t outer = d.span(0, axis), inner = d.span(axis + 1, 3), n = static_cast<std::size_t>(last - first) * inner;
  for (std::size_t o = 0; o < outer; ++o)
    for (std::size_t i = 0; i < n; ++i)
      set(out, o * n + i, get(x, o * d.span(axis, 3) + static_cast<std::size_t>(first) * inner + i));
  return out;
}

/// A whole sequence equals the same in pieces of random lengths whose states are handed on, integer for integer.
template <class Op>
void check_streaming(std::uint64_t seed) {
  lnn::random draw(seed);
  for (const chip* on : lnn::chips)
    for (int round = 0; round < 40; ++round) {
      Op op{.hidden = pick(draw, 1, 9), .batch_first = round % 2 == 0, .lengths = round % 4 > 1, .initial_state = true, .final_state = true};
      const int batch = pick(draw, 1, 5), time = pick(draw, 1, 24), features = pick(draw, 1, 7);
      const shape x = op.batch_first ? shape{batch, time, features} : shape{time, batch, features};
      const auto in = arguments(draw, op, *on, x);
      const auto whole = call<lnn::simd::kernels>(op, in, *on);
      std::vector<integer_tensor> piece = in;
      for (int first = 0, last; first < time; first = last) {
        last = std::min(time, first + pick(draw, 1, 5));
        piece[0] = cut(in[0], op.batch_first, first, last);
        for (std::size_t b = 0; op.lengths && b < in[1].size(); ++b)
          set(piece[1], b, std::clamp<std::int64_t>(get(in[1], b) - first, 0, last - first));
        const auto out = call<lnn::simd::kernels>(op, piece, *on);
        REQUIRE(out[0] == cut(whole[0], op.batch_first, first, last));
        for (std::size_t m = 0; m < memory<Op>; ++m) piece[(op.lengths ? 2U : 1U) + m] = out[1 + m];
      }
      for (std::size_t m = 0; m < memory<Op>; ++m) REQUIRE(piece[(op.lengths ? 2U : 1U) + m] == whole[1 + m]);
    }
}

/// Backward in time is forward on the sequence turned round, each one at its own length; both directions side by side are
/// what the two give alone.
template <class Op>
void check_directions(std::uint64_t seed) {
  lnn::random draw(seed);
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  for (const chip* on : lnn::chips)
    for (int round = 0; round < 20; ++round) {
      Op both{.hidden = pick(draw, 1, 5), .bidirectional = true, .lengths = true};
      const int batch = pick(draw, 1, 4), time = pick(draw, 1, 7), features = pick(draw, 1, 5), H = both.hidden;
      const auto in = arguments(draw, both, *on, {batch, time, features});
      const auto turned = [&](const integer_tensor& v) {
        integer_tensor out = v;
        const int n = v.dims()[2];
        for (int b = 0; b < batch; ++b)
          for (int t = 0, length = static_cast<int>(get(in[1], at(b))); t < length; ++t)
            for (int k = 0; k < n; ++k) set(out, at((b * time + t) * n + k), get(v, at((b * time + length - 1 - t) * n + k)));
        return out;
      };
      Op ahead = both, back = both;
      ahead.bidirectional = back.bidirectional = back.go_forward = false;
      const std::vector<integer_tensor> first{in[0], in[1], in[2], in[3], in[4], in[5]}, second{in[0], in[1], in[6], in[7], in[8], in[9]};
      const integer_tensor y = call(both, in, *on)[0], one = call(ahead, first, *on)[0], two = call(back, second, *on)[0];
      for (int r = 0; r < batch * time; ++r)
        for (int k = 0; k < H; ++k) {
          REQUIRE(get(y, at(r * 2 * H + k)) == get(one, at(r * H + k)));
          REQUIRE(get(y, at(r * 2 * H + H + k)) == get(two, at(r * H + k)));
        }
      auto mirrored = second;
      mirrored[0] = turned(in[0]);
      REQUIRE(turned(call(ahead, mirrored, *on)[0]) == two);
    }
}

/// The float operator on the numbers that integers stand for.
template <class Op>
std::vector<float> in_real_numbers(const Op& op, const std::vector<integer_tensor>& in) {
  lnn::pool workers(2);
  lnn::basic_tape<float, lnn::simd::kernels> tape(workers);
  std::vector<lnn::variable<float>*> from;
  for (const integer_tensor& t : in) {
    from.push_back(&tape.make(t.dims(), false));
    for (std::size_t i = 0; i < t.size(); ++i)
      from.back()->value[i] = static_cast<float>(std::ldexp(static_cast<double>(get(t, i)), -t.exponent()));
  }
  const auto y = tape.apply_list(op, from).front()->value;
  return {y.begin(), y.end()};
}

/// Greatest distance between the chip's y and that of the float operator, on numbers of ordinary size.
template <class Op>
double distance_to_real(const chip& on, std::uint64_t seed) {
  lnn::random draw(seed);
  const Op op{.hidden = 12};
  const shape x{3, 10, 8};
  std::vector<integer_tensor> in{noise(draw, dtype::int8, x, 6)};
  for (integer_tensor& p : parameters(draw, op, x, 6, 8)) {
    if (p.type() == dtype::int32)
      for (std::size_t i = 0; i < p.size(); ++i) set(p, i, static_cast<std::int32_t>(draw.below(4096)) - 2048);
    in.push_back(std::move(p));
  }
  const auto y = call(op, in, on)[0];
  const auto real = in_real_numbers(op, in);
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(get(y, i)) / 128 - static_cast<double>(real[i])));
  return worst;
}

/// y of the float operator in plain loops, in double; forward in time, without lengths and states.
template <class Op>
std::vector<double> plain(const Op& op, const std::vector<integer_tensor>& in) {
  const shape x = in[0].dims();
  const int B = x[0], T = x[1], F = x[2], H = op.hidden;
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  const auto real = [&](std::size_t t, int i) { return std::ldexp(static_cast<double>(get(in[t], at(i))), -in[t].exponent()); };
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  std::vector<double> y(at(B * T * H));
  for (int b = 0; b < B; ++b) {
    std::vector<double> h(at(H)), c(at(H));
    for (int t = 0; t < T; ++t) {
      std::vector<double> after(at(H));
      for (int k = 0; k < H; ++k) {
        double p[gates<Op>], u[gates<Op>];
        for (int g = 0; g < gates<Op>; ++g) {
          p[g] = real(3, g * H + k);
          u[g] = real(4, g * H + k);
          for (int i = 0; i < F; ++i) p[g] += real(1, (g * H + k) * F + i) * real(0, (b * T + t) * F + i);
          for (int i = 0; i < H; ++i) u[g] += real(2, (g * H + k) * H + i) * h[at(i)];
        }
        if constexpr (memory<Op> == 2) {
          c[at(k)] = sigmoid(p[1] + u[1]) * c[at(k)] + sigmoid(p[0] + u[0]) * std::tanh(p[2] + u[2]);
          after[at(k)] = sigmoid(p[3] + u[3]) * std::tanh(c[at(k)]);
        } else {
          const double z = sigmoid(p[1] + u[1]);
          after[at(k)] = z * h[at(k)] + (1 - z) * std::tanh(p[2] + sigmoid(p[0] + u[0]) * u[2]);
        }
        y[at((b * T + t) * H + k)] = after[at(k)];
      }
      h = after;
    }
  }
  return y;
}

template <class Op>
void check_plain(std::uint64_t seed) {
  lnn::random draw(seed);
  for (int round = 0; round < 20; ++round) {
    const Op op{.hidden = pick(draw, 1, 20)};
    const shape x{pick(draw, 1, 12), pick(draw, 1, 9), pick(draw, 1, 10)};
    std::vector<integer_tensor> in = arguments(draw, op, lnn::arcs, x);
    const auto wanted = plain(op, in);
    const auto made = in_real_numbers(op, in);
    for (std::size_t i = 0; i < wanted.size(); ++i) REQUIRE(std::abs(wanted[i] - static_cast<double>(made[i])) < 1e-4);
  }
}

}  // namespace sequence
