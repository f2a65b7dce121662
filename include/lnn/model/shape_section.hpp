// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "little.hpp"
#include "program.hpp"

namespace lnn::model {

/// Reads the section that dynamic models have; `r` stands at its start.
[[nodiscard]] inline shape_program read_shapes(little_reader& r) {
  shape_program p;
  const std::uint32_t axes_at = r.u32("the place of the axes"), graph_at = r.u32("the place of the graph"),
                      targets_at = r.u32("the place of the targets"), axes = r.u32("the number of axes");
  const std::uint32_t graph_bytes = r.u32("the bytes of the graph"), targets = r.u32("the number of targets");
  r.go_to(axes_at, "the axes");
  r.require_room(axes, 4, "axes");
  for (std::uint32_t i = 0; i < axes; ++i) {
    const std::uint16_t tensor = r.u16("a tensor");
    const std::uint8_t dim = r.u8("an axis"), input = r.u8("an input");
    p.axes.push_back({tensor, dim, input});
  }
  r.go_to(graph_at, "the graph");
  r.require_room(graph_bytes, 1, "bytes of the graph");
  const auto count = [&](std::string_view what) {
    const std::int32_t n = r.i32(what);
    if (n < 0) r.complain(what, " is ", n, "; the file is damaged");
    return static_cast<std::uint32_t>(n);
  };
  const std::uint32_t inputs = count("the number of inputs"), outputs = count("the number of outputs"),
                      steps = count("the number of steps"), scalars = count("the number of scalars");
  r.require_room(inputs, 4 + size::shape_name, "inputs");
  for (std::uint32_t i = 0; i < inputs; ++i) p.inputs.push_back({{}, r.i32("an input")});
  r.require_room(outputs, 4, "outputs");
  for (std::uint32_t i = 0; i < outputs; ++i) p.outputs.push_back(r.i32("an output"));
  for (auto& in : p.inputs) in.name = r.name(size::shape_name, "a name");
  r.require_room(scalars, 8, "scalars");
  for (std::uint32_t i = 0; i < scalars; ++i) p.scalars.push_back(r.f64("a scalar"));
  r.require_room(steps, 4, "steps");
  std::vector<std::int32_t> lengths;
  for (std::uint32_t i = 0; i < steps; ++i) lengths.push_back(r.i32("the length of a step"));
  for (std::int32_t n : lengths) {
    if (n < 3 || n > 64) r.complain("a step of ", n, " numbers, expected 3 or more");
    const std::int32_t code = r.i32("an operation");
    if (code < 1 || code > 9) r.complain("operation ", code, " is unknown, expected 1 to 9");
    shape_program::step s{static_cast<shape_program::operation_code>(code), {}, 0};
    for (std::int32_t k = 0; k < n - 2; ++k) s.inputs.push_back(r.i32("an operand"));
    s.output = r.i32("a result");
    p.steps.push_back(std::move(s));
  }
  r.go_to(targets_at, "the targets");
  r.require_room(targets, 4, "targets");
  for (std::uint32_t i = 0; i < targets; ++i) {
    const std::uint16_t tensor = r.u16("a tensor");
    const std::uint8_t dim = r.u8("an axis");
    (void)r.u8("a target");
    p.targets.push_back({tensor, dim});
  }
  if (p.targets.size() != p.outputs.size())
    r.complain(p.targets.size(), " dimensions take the values of ", p.outputs.size(), " results; the file is damaged");
  return p;
}

/// The section's bytes, padded.
[[nodiscard]] inline std::vector<std::uint8_t> write_shapes(const shape_program& p) {
  little_writer axes, graph, targets, all;
  for (const auto& a : p.axes) axes.u16(a.tensor).u8(a.dim).u8(a.input);
  axes.pad();
  graph.u32(p.inputs.size()).u32(p.outputs.size()).u32(p.steps.size()).u32(p.scalars.size());
  for (const auto& in : p.inputs) graph.i32(in.scalar);
  for (std::int32_t out : p.outputs) graph.i32(out);
  for (const auto& in : p.inputs) graph.name(in.name, size::shape_name);
  for (double s : p.scalars) graph.f64(s);
  for (const auto& s : p.steps) graph.u32(s.inputs.size() + 2);
  for (const auto& s : p.steps) {
    graph.i32(static_cast<std::int32_t>(s.code));
    for (std::int32_t i : s.inputs) graph.i32(i);
    graph.i32(s.output);
  }
  const std::size_t graph_bytes = graph.size();
  graph.pad();
  for (const auto& t : p.targets) targets.u16(t.tensor).u8(t.dim).u8(0);
  const std::size_t first = static_cast<std::size_t>(aligned(size::shape_header));
  all.u32(first).u32(first + axes.size()).u32(first + axes.size() + graph.size()).u32(p.axes.size()).u32(graph_bytes).u32(p.targets.size());
  all.pad().put(axes.bytes()).put(graph.bytes()).put(targets.bytes()).pad();
  return all.release();
}

namespace detail {
inline double combined(shape_program::operation_code code, double a, double b) {
  using enum shape_program::operation_code;
  switch (code) {
    case add: return a + b;
    case mul: return a * b;
    case div: return a / b;
    case pow: return maths::pow(a, b);
    case min: return std::min(a, b);
    case max: return std::max(a, b);
    default: return a;
  }
}
inline double applied(shape_program::operation_code code, double a) {
  using enum shape_program::operation_code;
  switch (code) {
    case floor: return maths::floor(a);
    case ceiling: return maths::ceil(a);
    case sqrt: return maths::sqrt(a);
    default: return a;
  }
}
}  // namespace detail

/// Gives every dimension that varies its size: `dims` holds the shape of every tensor, those of the model's inputs as they
/// are fed, the others at their greatest.  Fails when a size is none, or greater than the planned one.
inline void infer_shapes(const shape_program& p, std::span<shape> dims, std::string_view place = "model.bin") {
  std::vector<double> scalars = p.scalars;
  for (const auto& a : p.axes) scalars[static_cast<std::size_t>(p.inputs[a.input].scalar)] = dims[a.tensor][a.dim];
  for (const auto& s : p.steps) {
    double v = detail::applied(s.code, scalars[static_cast<std::size_t>(s.inputs[0])]);
    for (std::size_t i = 1; i < s.inputs.size(); ++i) v = detail::combined(s.code, v, scalars[static_cast<std::size_t>(s.inputs[i])]);
    scalars[static_cast<std::size_t>(s.output)] = v;
  }
  for (std::size_t i = 0; i < p.targets.size(); ++i) {
    const auto& t = p.targets[i];
    const double v = scalars[static_cast<std::size_t>(p.outputs[i])] + 0.5;
    const int planned = dims[t.tensor][t.dim];
    bool own = false;  // an axis of an input keeps what was fed
    for (const auto& a : p.axes) own = own || (a.tensor == t.tensor && a.dim == t.dim);
    if (own) continue;
    if (!(v >= 0 && v < static_cast<double>(planned) + 1))
      fail(place, ": shape section: axis ", int{t.dim}, " of tensor ", t.tensor, " becomes ", v - 0.5, ", planned are at most ", planned,
           "; feed inputs within the model's limits");
    dims[t.tensor][t.dim] = static_cast<int>(v);
  }
}

}  // namespace lnn::model
