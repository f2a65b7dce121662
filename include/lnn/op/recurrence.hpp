// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "contract.hpp"

namespace lnn {

/// What lstm and gru share: their tensors and the way through time.
///   inputs      x, then as the attributes say lengths, h, c
///   outputs     y, then as the attributes say h, c
///   x           [batch, time, features], or [time, batch, features]
///   y           the same with directions * hidden features
///   h, c        [batch, directions, hidden], where only an lstm has a c
///   lengths     [batch]
///   parameters  of each direction: weight_ih [gates * hidden, features], weight_hh [gates * hidden, hidden],
///               bias_ih and bias_hh [gates * hidden]
/// in the order of the packer's LSTMInt and GRUInt.  A sequence shorter than the tensor gives 0 behind its
/// end, and its state stays what it was at its end; backward in time, it begins there.
///
/// A stream in pieces: with `initial_state` and `final_state` the states that a call gives are those that the
/// next one takes, and y comes out integer for integer as if the whole sequence had been there at once.
struct recurrence {
  int gates, memory;  ///< rows of a weight per hidden unit, and tensors of state: 4 and 2, or 3 and 1
  int hidden;
  bool bias, bidirectional, go_forward, batch_first, lengths, initial_state, final_state;

  static constexpr rule hidden_size{
      "recurrent.hidden_size", "hidden size", "", "use values of 1 and above", "隐藏单元数", "取不小于 1 的值"};
  static constexpr rule first_direction{
      "recurrent.direction", "both directions, of which the first runs backward", "",
      "leave go_forward as it is in layers of both directions", "双向层的第一个方向不能为反向",
      "双向层保持 go_forward 的默认值"};
  static constexpr rule lengths_shape{
      "recurrent.lengths_shape", "lengths and one per sequence:", "", "give it [batch]",
      "序列长度与每个序列一个：", "使用 [batch]"};
  static constexpr rule state_shape{
      "recurrent.state_shape", "initial state and [batch, directions, hidden]:", "",
      "give it [batch, directions, hidden]", "初始状态与 [batch, directions, hidden]：",
      "使用 [batch, directions, hidden]"};
  static constexpr const rule* rules[] = {&hidden_size, &first_direction, &lengths_shape, &state_shape};

  // --- tensors
  [[nodiscard]] constexpr int directions() const { return bidirectional ? 2 : 1; }
  [[nodiscard]] constexpr int rows() const { return gates * hidden; }
  [[nodiscard]] constexpr int inputs() const { return 1 + (lengths ? 1 : 0) + (initial_state ? memory : 0); }
  [[nodiscard]] constexpr int outputs() const { return 1 + (final_state ? memory : 0); }
  /// Place of state m (0: h, 1: c) among the inputs.
  [[nodiscard]] constexpr std::size_t state_input(int m) const { return at(lengths ? 2 : 1) + at(m); }
  [[nodiscard]] constexpr bool is_state_input(std::size_t i, int m) const {
    return initial_state && i == state_input(m);
  }
  [[nodiscard]] constexpr unsigned index_bits() const { return lengths ? 2U : 0U; }

  [[nodiscard]] constexpr shape state_dims(const shape& x) const { return {batch(x), directions(), hidden}; }
  [[nodiscard]] constexpr int batch(const shape& x) const { return x[batch_first ? 0 : 1]; }
  [[nodiscard]] constexpr int time(const shape& x) const { return x[batch_first ? 1 : 0]; }

  /// `rank` is the operator's own rule.
  [[nodiscard]] constexpr shape_list results(std::span<const shape> in, const rule& rank,
                                             verdict& found) const {
    const std::size_t before = found.refused().size();
    found.equal(rank, in[0].rank(), 3);
    found.at_least(hidden_size, hidden, 1);
    found.never(first_direction, bidirectional && !go_forward);
    if (found.refused().size() > before) return {};
    if (lengths) found.same(lengths_shape, in[1], {batch(in[0])});
    for (int m = 0; initial_state && m < memory; ++m)
      found.same(state_shape, in[state_input(m)], state_dims(in[0]));
    if (found.refused().size() > before) return {};
    shape y = in[0];
    y[2] = directions() * hidden;
    shape_list out{y};
    for (int m = 0; final_state && m < memory; ++m) out.push_back(state_dims(in[0]));
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(const shape& x) const {
    parameter_list all{{"weight_ih", role::weight, {rows(), x[2]}},
                       {"weight_hh", role::weight, {rows(), hidden}}};
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
  [[nodiscard]] constexpr int bias_exponent(std::size_t parameter, const exponents& q,
                                            int state_exponent) const {
    return (parameter % 2 == 0 ? q.in[0] : state_exponent) + q.parameters[parameter - 2];
  }
  /// What the packer sees of it: one direction.
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t, std::string_view op,
                                             int state_exponent) const {
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
    f.reverse = bidirectional || !go_forward;
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
    /// Time of step s when a sequence of that length is walked; steps behind its end are themselves.
    [[nodiscard]] int when(int s, int length) const { return forward || s >= length ? s : length - 1 - s; }
    [[nodiscard]] std::size_t rows() const { return at(batch) * at(time); }
    /// First element of y in that row, and of sequence b's state.
    [[nodiscard]] std::size_t result(std::size_t row) const {
      return row * at(width) + at(direction) * at(hidden);
    }
    [[nodiscard]] std::size_t state(int b) const { return at(b) * at(width) + at(direction) * at(hidden); }
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
    const auto place = at(b);
    if constexpr (requires { typename Call::scalar; })
      return std::clamp(static_cast<int>(c.in[1][place]), 0, longest);
    else
      return static_cast<int>(std::clamp<std::int64_t>(c.in[1].at(place), 0, longest));
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
};

}  // namespace lnn
