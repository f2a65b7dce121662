// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "frozen.hpp"

namespace lnn {

/// Along which axis a stream arrives, a piece at a time: rows of images, or columns (of signals [n, c, columns], too).
enum class stream_axis : unsigned char { rows, columns };

/// What the inputs and outputs are called that carry a stream's past from piece to piece.
inline constexpr std::string_view history_in = "_history", history_out = "_history_next";

namespace detail {

/// Rewrites a model layer by layer.  A tensor that carries the stream is late by some rows against the whole signal.
template <class Ops>
class stream_rewrite {
 public:
  stream_rewrite(const frozen<Ops>& m, stream_axis along) : to_(m), along_(along), late_(m.edges.size(), not_a_stream) {
    if (!m.symbols.empty()) fail(m.name, ": a model with dynamic shapes has no pieces of one size; give its dimensions fixed values");
    to_.layers.clear();
    for (int e : m.inputs) late_[at(e)] = axis_of(e) >= 0 ? 0 : not_a_stream;
    for (const auto& l : m.layers) visit_op(l.op, [&](const auto& op) { add(l, op); });
    if (states_.empty()) fail(m.name, ": no layer looks beyond a piece along the ", words(), "; pack without isstream");
    to_.outputs.insert(to_.outputs.end() - 1, states_.begin(), states_.end());
  }
  [[nodiscard]] frozen<Ops> result() { return std::move(to_); }

 private:
  using layer = typename frozen<Ops>::layer;
  static constexpr int not_a_stream = -1;
  static std::size_t at(int e) { return static_cast<std::size_t>(e); }
  [[nodiscard]] const char* words() const { return along_ == stream_axis::rows ? "rows" : "columns"; }
  [[nodiscard]] int axis_of(int edge) const {
    const int rank = to_.edges[at(edge)].dims.rank();
    return rank == 4 ? (along_ == stream_axis::rows ? 2 : 3) : rank == 3 && along_ == stream_axis::columns ? 2 : -1;
  }
  [[nodiscard]] int rows_of(int edge) const {
    const int axis = axis_of(edge);
    return axis < 0 ? 1 : to_.edges[at(edge)].dims[axis];
  }

  /// A window along the axis of the stream: taps from first to last, step, padding.
  struct reach {
    int taps, step, before, behind;
  };
  [[nodiscard]] reach reach_of(const extent2& kernel, const extent2& stride, const extent2& dilation, const padding2& pad) const {
    if (along_ == stream_axis::rows) return {(kernel.h - 1) * dilation.h + 1, stride.h, pad.top, pad.bottom};
    return {(kernel.w - 1) * dilation.w + 1, stride.w, pad.left, pad.right};
  }
  [[nodiscard]] padding2 padded(padding2 pad, int before, int behind) const {
    if (along_ == stream_axis::rows) pad.top = before, pad.bottom = behind;
    else pad.left = before, pad.right = behind;
    return pad;
  }

  // --- layers
  template <class Op>
  void add(const layer& l, const Op& op) {
    layer now = l;
    int late = late_[at(l.inputs[0])];
    if constexpr (std::is_same_v<Op, conv2d> || std::is_same_v<Op, conv1d>) {
      late = convolution(now, op);
    } else if constexpr (std::is_same_v<Op, conv_transpose2d>) {
      late = transposed(now, op);
    } else if constexpr (std::is_same_v<Op, max_pool2d> || std::is_same_v<Op, avg_pool2d>) {
      late = pool(now, op);
    } else if constexpr (row_by_row<Op>) {
      late = level(now);
    } else {
      late = not_a_stream;  // every piece by itself
    }
    for (int e = l.output; e < l.output + l.outputs; ++e) late_[at(e)] = late;
    to_.layers.push_back(std::move(now));
  }
  /// Operators that make a row of every row.
  template <class Op>
  static constexpr bool row_by_row =
      operators<quant, dequant, requant, relu, clip, prelu, sigmoid, tanh, gelu, swish, batch_norm, lnn::add, sub, mul, concat>::template has<Op>;

  /// A padded convolution reads the rows before its piece where the padding was; those behind it come with the next piece.
  template <class Op>
  int convolution(layer& l, const Op& op) {
    const int x = l.inputs[0], late = late_[at(x)];
    if (late == not_a_stream) return not_a_stream;
    reach w{};
    if constexpr (std::is_same_v<Op, conv2d>) w = reach_of(op.kernel, op.stride, op.dilation, op.pad);
    else w = {(op.kernel.n - 1) * op.dilation.n + 1, op.stride.n, op.pad.before, op.pad.behind};
    if (w.before + w.behind == 0) return w.taps <= w.step ? strided(l, late, w.step) : not_a_stream;
    const int rows = rows_of(x), made = rows_of(l.output);
    const int unused = (rows + w.before + w.behind - w.taps) % w.step;
    if (made * w.step != rows)
      fail(l.name, ": ", rows, " ", words(), " of a piece become ", made, " with stride ", w.step, ", which leaves gaps between pieces; pad by ",
           std::max(0, w.taps - w.step), " in all and make pieces of a multiple of ", w.step);
    Op streamed = op;
    if constexpr (std::is_same_v<Op, conv2d>) streamed.pad = padded(op.pad, 0, 0);
    else streamed.pad = {};
    l.op = typename Ops::any(std::in_place_type<Op>, streamed);
    l.inputs[0] = with_past(x, w.before + w.behind - unused, l.name);
    return strided(l, late + w.behind - unused, w.step);
  }
  /// A transposed convolution adds what the rows before its piece spread into it.
  int transposed(layer& l, const conv_transpose2d& op) {
    const int x = l.inputs[0], late = late_[at(x)];
    if (late == not_a_stream) return not_a_stream;
    const reach w = reach_of(op.kernel, op.stride, op.dilation, op.pad);
    const int rows = rows_of(x), made = rows_of(l.output);
    if (made != rows * w.step)
      fail(l.name, ": ", rows, " ", words(), " of a piece become ", made, " with stride ", w.step, "; crop them to ", rows * w.step, " with pad");
    if (w.taps <= w.step) return late * w.step + w.before;
    const int before = (w.taps - 1) / w.step;
    conv_transpose2d streamed = op;
    streamed.pad = padded(op.pad, before * w.step, w.taps - w.step);
    streamed.output_padding = {along_ == stream_axis::rows ? 0 : op.output_padding.h, along_ == stream_axis::rows ? op.output_padding.w : 0};
    l.op = typename Ops::any(std::in_place_type<conv_transpose2d>, streamed);
    l.inputs[0] = with_past(x, before, l.name);
    return late * w.step + w.before;
  }
  /// Pools whose windows stay within a piece.
  template <class Op>
  int pool(const layer& l, const Op& op) {
    const int x = l.inputs[0], late = late_[at(x)];
    if (late == not_a_stream) return not_a_stream;
    const window2 over = op.window(to_.edges[at(x)].dims);
    const reach w = reach_of(over.kernel, over.stride, over.dilation, over.pad);
    if (w.taps == rows_of(x)) return not_a_stream;  // a whole piece
    if (w.taps > w.step || w.before + w.behind > 0 || rows_of(x) % w.step != 0)
      fail(l.name, ": windows of ", w.taps, " ", words(), " with stride ", w.step, " and padding ", w.before + w.behind,
           " reach beyond a piece of ", rows_of(x), "; pool without overlap and padding");
    return strided(l, late, w.step);
  }
  /// What meets must be late by as much: the earlier tensors wait.
  int level(layer& l) {
    int latest = not_a_stream;
    for (int e : l.inputs) latest = std::max(latest, late_[at(e)]);
    for (int& e : l.inputs) {
      if (late_[at(e)] == not_a_stream || late_[at(e)] == latest) continue;
      const int rows = rows_of(e), axis = axis_of(e), wait = latest - late_[at(e)];
      const std::string name = l.name + (e == l.inputs[0] ? "" : "_other");
      e = cut(with_past(e, wait, name), axis, 0, rows, name + "_waiting");
    }
    return latest;
  }
  [[nodiscard]] int strided(const layer& l, int late, int step) const {
    if (late % step != 0)
      fail(l.name, ": its input is late by ", late, " ", words(), ", which stride ", step, " cannot follow; pad ", words(),
           " before the first one only in the layers before it");
    return late / step;
  }

  // --- what is added
  /// Tensor `x` with so many rows of the piece before in front; an input and an output carry them on.
  int with_past(int x, int rows, const std::string& name) {
    if (rows == 0) return x;
    for (const past& p : pasts_)
      if (p.of == x && p.rows == rows) return p.joined;
    const auto like = to_.edges[at(x)];
    const int axis = axis_of(x), piece = like.dims[axis];
    auto before = like;
    before.name = name + std::string(history_in);
    before.dims[axis] = rows;
    const int history = new_edge(before);
    to_.inputs.push_back(history);
    auto joined = like;
    joined.name = name + "_with_history";
    joined.dims[axis] = rows + piece;
    const int both = new_edge(joined);
    new_layer(joined.name, concat{.axis = axis}, {history, x}, both);
    states_.push_back(cut(both, axis, piece, piece + rows, name + std::string(history_out)));
    pasts_.push_back({x, rows, both});
    return both;
  }
  int cut(int x, int axis, int first, int last, const std::string& name) {
    auto part = to_.edges[at(x)];
    part.name = name;
    part.dims[axis] = last - first;
    const int made = new_edge(part);
    new_layer(name, slice{.starts = {first}, .ends = {last}, .axes = {axis}, .steps = {1}}, {x}, made);
    return made;
  }
  template <class Op>
  void new_layer(const std::string& name, const Op& op, const std::vector<int>& in, int out) {
    layer& l = to_.layers.emplace_back();
    l.name = name, l.op = typename Ops::any(std::in_place_type<Op>, op), l.inputs = in, l.output = out;
  }
  int new_edge(const typename frozen<Ops>::tensor_info& e) {
    to_.edges.push_back(e);
    to_.edges.back().value.reset();
    late_.push_back(not_a_stream);
    return static_cast<int>(to_.edges.size()) - 1;
  }

  struct past {
    int of, rows, joined;
  };
  frozen<Ops> to_;
  stream_axis along_;
  std::vector<int> late_;  // rows, of every tensor
  std::vector<int> states_;
  std::vector<past> pasts_;
};

}  // namespace detail

/// The model for a signal that arrives piece by piece, each of the extent that the input has (packer.md section 5): where
/// a convolution was padded along that axis, it reads the end of the piece before, which comes in as input
/// `<layer>_history` and goes out as `<layer>_history_next`.  Over a long signal the pieces make what the whole makes at
/// once, some rows later: a layer gives a row when the last one that it looks at has come, and where branches meet, the
/// earlier one waits.  In front of a signal stand zeros at the input, not in every layer.  Layers that mix a whole piece
/// (flatten, a global pool, a recurrence) see every piece by itself.
template <class Ops>
[[nodiscard]] frozen<Ops> streamed(const frozen<Ops>& m, stream_axis along) {
  frozen<Ops> out = detail::stream_rewrite<Ops>(m, along).result();
  require_consistent(out, m.name.empty() ? "stream" : m.name);
  return out;
}

}  // namespace lnn
