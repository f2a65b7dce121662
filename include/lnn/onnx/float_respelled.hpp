// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <set>

#include "../core/maths.hpp"
#include "fold.hpp"
#include "float_layer.hpp"

namespace lnn::onnx::detail {

/// The mean over an image is a global pooling; other means have no operator.
template <class Ops>
void add_mean(float_state<Ops>& s, const std::string& name, const message::NodeProto& n, const spelled_node& spelled, const std::vector<const wire*>& in) {
  std::vector<double> axes = spelled.find("axes") ? *spelled.find("axes") : std::vector<double>{};
  if (in.size() > 1 && in[1] && in[1]->constant) axes = folded::from(*in[1]->constant).v;
  if (in.empty() || !in[0] || in[0]->edge < 0) fail("the input must be computed by the network");
  const shape& x = s.dims(in[0]->edge);
  std::set<int> over;
  for (double a : axes) over.insert(axis_within(a, x.rank()));
  if (x.rank() != 4 || over != std::set<int>{2, 3}) fail("attribute axes: only the mean over height and width of an image can be read");
  int edge = s.add(name, avg_pool2d::global(), {in[0]->edge});
  if (number_or(spelled, "keepdims", 1) == 0) edge = s.add(name + "/flat", flatten{}, {edge});
  s.wires[n.output(0)].edge = edge;
}

/// Slopes of negative numbers: the chips shift, so they are powers of two.
template <class Ops>
void add_slope(float_state<Ops>& s, const std::string& name, const message::NodeProto& n, const spelled_node& spelled, const std::vector<const wire*>& in) {
  std::vector<double> slopes{number_or(spelled, "alpha", 0.01)};
  if (in.empty() || !in[0] || in[0]->edge < 0) fail("the input must be computed by the network");
  if (n.op_type() == "PRelu") {
    if (in.size() < 2 || !in[1] || !in[1]->constant) fail("the slope must be a constant");
    slopes = folded::from(*in[1]->constant).v;
  }
  if (slopes.empty()) fail("the slope has no elements");
  for (double slope : slopes)
    if (slope != slopes[0] || !(slope > 0) || slope > 1 || maths::exp2(maths::round(maths::log2(slope))) != slope) fail("slope ", slope, "; the chips shift, so it must be one power of two up to 1");
  s.wires[n.output(0)].edge = s.add(name, prelu{.slope = -maths::ilogb(slopes[0])}, {in[0]->edge});
}

}  // namespace lnn::onnx::detail
