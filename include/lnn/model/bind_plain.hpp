// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "operands.hpp"

namespace lnn::model::detail {

/// Operators without weights.  `activations`: how many inputs they take; the rest are attributes.
template <class Op>
bound plain(const operands& o, const Op& op, std::size_t activations = 1) {
  bound b{.op = op, .facts = {.op = o.type()}};
  for (std::size_t i = 0; i < activations; ++i) b.reads.push_back(o.input(i));
  for (std::size_t i = activations; i < o.inputs(); ++i) b.depends = b.depends || !o.at(o.input(i)).constant;
  return b;
}
template <class Op>
bound bind_unary(const operands& o) { return plain(o, Op{}); }
template <class Op>
bound bind_pair(const operands& o) { return plain(o, Op{}, 2); }

inline bound bind_max_pool(const operands& o) {
  if (o.x().rank() == 3)
    return plain(o, max_pool1d{o.attribute("kernel", 0), o.attribute("stride", 0), {o.attribute("pad", 0), o.attribute("pad", 2)}, false});
  return plain(o, max_pool2d{{o.attribute("kernel", 0), o.attribute("kernel", 1)},
                             {o.attribute("stride", 0), o.attribute("stride", 1)},
                             {o.attribute("pad", 0), o.attribute("pad", 1), o.attribute("pad", 2), o.attribute("pad", 3)},
                             o.attribute("ceil") != 0});
}
inline bound bind_avg_pool(const operands& o) {
  return plain(o, avg_pool2d{.kernel = {o.attribute("kernel", 0), o.attribute("kernel", 1)},
                             .stride = {o.attribute("stride", 0), o.attribute("stride", 1)},
                             .pad = {o.attribute("pad", 0), o.attribute("pad", 1), o.attribute("pad", 2), o.attribute("pad", 3)},
                             .ceil_mode = o.attribute("ceil") != 0});
}
inline bound bind_product(const operands& o) {
  return o.x().rank() <= 3 ? plain(o, bmm{}, 2) : plain(o, matmul{}, 2);
}
inline bound bind_concat(const operands& o) { return plain(o, concat{.axis = o.attribute("axis")}, o.inputs()); }
inline bound bind_gather(const operands& o) { return plain(o, gather{.indices = {}, .axis = o.attribute("axis")}, 2); }
inline bound bind_glu(const operands& o) { return plain(o, glu{.dim = o.attribute("axis")}); }
inline bound bind_softmax(const operands& o) { return plain(o, softmax{.axis = o.attribute("axis")}); }
inline bound bind_log_softmax(const operands& o) { return plain(o, log_softmax{.axis = o.attribute("axis")}); }
inline bound bind_arg_max(const operands& o) { return plain(o, arg_max{o.attribute("axis")}); }
inline bound bind_top_n(const operands& o) {
  top_n op{o.attribute("max_num"), o.attribute("dim")};
  if (o.inputs() > 1 && o.knows(1))
    if (const int_list from = o.integers(1); !from.empty()) op.offset = from[0];
  return plain(o, op);
}
inline bound bind_sum(const operands& o) { return plain(o, sum{.axis = o.attribute("axis")}); }
/// The file does not say the axis; the shapes do.
inline bound bind_variance(const operands& o) {
  int axis = -1;
  for (int a = 0; a < std::min(o.x().rank(), o.y().rank()); ++a)
    if (o.x()[a] != o.y()[a]) axis = a;
  return plain(o, variance{.axis = axis});
}
/// Bounds are compared with the integers as they are (luna_ops.md 3.17).
inline bound bind_clip(const operands& o) {
  const float unit = power_of_two(-o.exponent(o.output(0)));
  clip op{static_cast<float>(o.real("min")) * unit, static_cast<float>(o.real("max")) * unit};
  for (std::size_t i = 1; i < std::min<std::size_t>(o.inputs(), 3); ++i)
    if (o.knows(i))
      if (const number_list v = o.numbers(i); !v.empty()) (i == 1 ? op.low : op.high) = static_cast<float>(v[0]) * unit;
  if (!(op.low <= op.high)) o.complain("clips between ", static_cast<double>(op.low), " and ", static_cast<double>(op.high));
  return plain(o, op);
}
inline bound bind_prelu(const operands& o) {
  const int slope = o.attribute("slope");
  if (slope < 0 || slope > 31) o.complain("has a slope of ", slope, ", expected 0 to 31");
  return plain(o, prelu{.slope = slope});
}
/// Modes as the engine computes them: 1 repeats the edge, 2 mirrors (the reference packer has the names the other way
/// round, defect D32).
inline bound bind_pad(const operands& o) {
  const int mode = o.attribute("mode");
  if (mode < 0 || mode > 2) o.complain("pads in mode ", mode, ", expected 0 constant, 1 replicate or 2 reflect");
  constexpr border modes[] = {border::constant, border::replicate, border::reflect};
  pad op{.mode = modes[mode]};
  if (o.inputs() > 1 && o.knows(1)) op.pads = o.integers(1);
  if (o.inputs() > 2 && o.knows(2))
    if (const number_list v = o.numbers(2); !v.empty()) op.value = static_cast<float>(v[0]) * power_of_two(-o.exponent(o.input(0)));
  return plain(o, op);
}
inline bound bind_reshape(const operands& o) {
  reshape op{int_list{}};
  for (int d : o.y()) op.dims.push_back(d);
  bound b = plain(o, op);
  b.depends = false;  // what the shape section says is enough
  return b;
}
inline bound bind_transpose(const operands& o) {
  transpose op;
  for (int a = 0; a < std::min(o.attribute("ndim"), 8); ++a) op.perm.push_back(o.attribute("axes", static_cast<std::size_t>(a)));
  return plain(o, op);
}
inline bound bind_slice(const operands& o) {
  slice op;
  int_list* const lists[] = {&op.starts, &op.ends, &op.axes, &op.steps};
  for (std::size_t i = 1; i < std::min<std::size_t>(o.inputs(), 5); ++i)
    if (o.knows(i)) *lists[i - 1] = o.integers(i);
  // engines go from the start as far as the output reaches; a file of symbolic shapes has the end at their greatest
  const int rank = std::min(o.x().rank(), o.y().rank());
  for (std::size_t i = 0; o.symbolic() && i < std::min(op.starts.size(), op.ends.size()); ++i) {
    int axis = i < op.axes.size() ? op.axes[i] : static_cast<int>(i);
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank || (i < op.steps.size() && op.steps[i] != 1)) continue;
    const long long first = op.starts[i] + (op.starts[i] < 0 ? o.x()[axis] : 0LL), behind = first + o.y()[axis];
    if (first >= 0 && behind <= o.x()[axis]) op.ends[i] = static_cast<int>(behind);
  }
  return plain(o, op);
}
inline bound bind_split(const operands& o) {
  const int count = o.attribute("dims");
  if (count < 1 || count > 8) o.complain("cuts into ", count, " pieces, expected 1 to 8");
  split op{.axis = o.attribute("axis"), .sizes = {}, .parts = count};
  for (int i = 0; i < count; ++i) op.sizes.push_back(o.attribute("split", static_cast<std::size_t>(i)));
  return plain(o, op);
}
inline bound bind_tile(const operands& o) {
  return plain(o, tile{.repeats = o.inputs() > 1 && o.knows(1) ? o.integers(1) : int_list{}});
}
inline bound bind_expand(const operands& o) {
  expand op;
  for (int d : o.y()) op.dims.push_back(d);
  bound b = plain(o, op);
  b.depends = false;
  return b;
}
inline bound bind_resize(const operands& o) {
  const int mode = o.attribute("mode"), where = o.attribute("coord_trans_mode"), near = o.attribute("nearest_mode");
  if (mode < 0 || mode > 2 || where < 0 || where > 3 || near < 0 || near > 3)
    o.complain("has mode ", mode, ", coordinates ", where, ", rounding ", near, ", of which one is unknown");
  resize op{.mode = static_cast<sampling>(mode),
            .transformation = static_cast<coordinates>(where),
            .rounding = static_cast<nearest>(near),
            .cubic_a = static_cast<float>(o.real("cubic_coeff_a"))};
  if (o.inputs() > 2 && o.knows(2))
    for (double v : o.numbers(2)) op.scales.push_back(static_cast<float>(v));
  if (op.scales.empty())
    for (int d : o.y()) op.sizes.push_back(d);
  return plain(o, op);
}
inline bound bind_shuffle(const operands& o) {
  return plain(o, shuffle_channel{.groups = o.attribute("num_group"), .axis = o.attribute("axis")});
}

}  // namespace lnn::model::detail
