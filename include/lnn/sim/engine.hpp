// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "../core/callback.hpp"
#include "../core/parallel.hpp"
#include "../model/operators.hpp"
#include "../model/shape_section.hpp"
#include "../model/true_offsets.hpp"
#include "../model/verify.hpp"
#include "../simd/kernels.hpp"
#include "plan_check.hpp"
#include "program_memory.hpp"
#include "step.hpp"

namespace lnn::sim {

struct engine_options {
  std::string_view place = "model";  ///< begins every message
  bool check_plan = true;            ///< refuse programs that read what they have overwritten
  bool poison = false;               ///< fill the memory with noise before every run
};

/// Runs a model.bin as the chip's engine does: one memory of every kind, every tensor where the file's plan has it, the
/// operators in the file's order; weights are unpacked once.  Arithmetic is the intended one (engine_defects.md): known
/// defects of the public engine are not repeated.  Nothing is kept between runs but what the inputs hold: a stream's state
/// are inputs and outputs.
template <class Kernels = simd::kernels>
class engine {
 public:
  engine(model::program program, pool& workers, const engine_options& how = {})
      : program_(std::move(program)), how_(how), workers_(&workers), memory_(program_, chip_of(program_, how.place), how.place) {
    if (how_.check_plan) require_sound_plan(program_, how_.place);
    for (const model::tensor& t : program_.tensors) planned_.push_back(t.dims);
    dims_ = planned_;
    known_.resize(planned_.size());
    for (const model::operation& o : program_.operations) steps_.push_back(load(o));
    arrange();
  }
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  [[nodiscard]] const model::program& program() const { return program_; }
  [[nodiscard]] std::size_t inputs() const { return program_.inputs.size(); }
  [[nodiscard]] std::size_t outputs() const { return program_.outputs.size(); }
  [[nodiscard]] std::size_t input_named(std::string_view name) const { return named(program_.inputs, "input", name); }
  [[nodiscard]] std::size_t output_named(std::string_view name) const { return named(program_.outputs, "output", name); }

  /// The elements of a tensor, little-endian in C order, with its shape of this run: to be read, until the next call.
  [[nodiscard]] integer_view tensor(std::uint32_t id) const {
    integer_view v = view(id);
    if (lies_[id] == layout::channels_first) return v;
    ordered_.resize(extent_of(v));
    rearrange(v, layout::channels_first, ordered_.data());
    v.data = ordered_.data();
    return v;
  }
  [[nodiscard]] integer_view input(std::size_t i) const { return view(port(program_.inputs, i)); }
  [[nodiscard]] integer_view output(std::size_t i) const { return view(port(program_.outputs, i)); }
  [[nodiscard]] std::span<const std::uint8_t> output_bytes(std::size_t i) const { return bytes(port(program_.outputs, i)); }

  /// Gives an input its shape; only the axes that the shape section names may differ from the plan.
  void resize(std::size_t i, const shape& wanted) {
    const std::uint32_t id = port(program_.inputs, i);
    const shape& most = planned_[id];
    bool fits = wanted.rank() == most.rank();
    for (int a = 0; fits && a < most.rank(); ++a) fits = wanted[a] == most[a] || (varies(id, a) && wanted[a] >= 1 && wanted[a] <= most[a]);
    if (!fits) fail(how_.place, ": input ", program_.inputs[i].name, " is ", wanted, ", planned is ", most);
    dims_[id] = wanted;
  }
  /// Copies raw little-endian elements, as many as the input's shape has.
  void feed(std::size_t i, std::span<const std::uint8_t> elements) {
    const std::uint32_t id = port(program_.inputs, i);
    const std::span<std::uint8_t> to = bytes(id);
    if (elements.size() != to.size())
      fail(how_.place, ": input ", program_.inputs[i].name, " is given ", elements.size(), " bytes, its shape ", dims_[id], " needs ", to.size());
    inputs_.resize(inputs());
    inputs_[i].assign(elements.begin(), elements.end());
  }

  /// Runs all operators; `each(place of the operation)` is called behind every one.
  void run(const callback<std::size_t>& each = {}) {
    infer();
    if (how_.poison) memory_.poison();
    if (inputs_.size() != inputs()) fail(how_.place, ": ", inputs_.size(), " of ", inputs(), " inputs were fed");
    for (std::size_t i = 0; i < inputs(); ++i) {
      const std::span<std::uint8_t> to = bytes(port(program_.inputs, i));
      if (inputs_[i].size() != to.size()) fail(how_.place, ": input ", program_.inputs[i].name, " was not fed");
      std::copy(inputs_[i].begin(), inputs_[i].end(), to.begin());
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      compute(i);
      if (each) each(i);
    }
  }

 private:
  /// Operators that carry bits, whatever they mean.
  template <class Op>
  static constexpr bool only_moves = operators<reshape, transpose, slice, split, gather, tile, expand, pad, shuffle_channel>::has<Op>;

  struct operation {
    model::bound op;
    shape_list made{};  ///< shapes of the outputs as the operator makes them; files add and drop axes of 1
    std::vector<integer_tensor> parameters{};
    std::vector<std::pair<std::uint32_t, integer_tensor>> spread{};  ///< inputs of 4 bits, one in a byte
    std::optional<step<Kernels, builtin>> runs{};
  };

  [[nodiscard]] std::size_t named(const std::vector<model::port>& ports, std::string_view what, std::string_view name) const {
    for (std::size_t i = 0; i < ports.size(); ++i)
      if (ports[i].name == name) return i;
    fail(how_.place, ": there is no ", what, " ", name, "; there are ", ports.size());
  }
  [[nodiscard]] std::uint32_t port(const std::vector<model::port>& ports, std::size_t i) const {
    if (i >= ports.size()) fail(how_.place, ": there is no input or output ", i, "; there are ", ports.size());
    return ports[i].tensor;
  }
  [[nodiscard]] bool varies(std::uint32_t id, int axis) const {
    for (const auto& a : program_.shapes.axes)
      if (a.tensor == id && a.dim == axis) return true;
    return false;
  }

  [[nodiscard]] std::span<std::uint8_t> bytes(std::uint32_t id) const { return memory_.bytes(id, dims_[id]); }
  [[nodiscard]] integer_view view(std::uint32_t id) const { return memory_.view(id, dims_[id]); }
  [[nodiscard]] static const chip& chip_of(model::program& p, std::string_view place) {
    model::correct_offsets(p);
    model::verify(p, place);
    if (!p.target()) fail(place, ": header: platform ", p.platform, " is unknown, expected 0 venus, 2 arcs or 3 venusA");
    return *p.target();
  }

  // --- shapes
  void infer() {
    if (program_.shapes.empty()) return;
    std::vector<shape> now = planned_;
    for (const model::port& in : program_.inputs) now[in.tensor] = dims_[in.tensor];
    model::infer_shapes(program_.shapes, now, how_.place);
    if (now == dims_ && inferred_) return;
    dims_ = now;
    inferred_ = true;
    for (std::size_t i = 0; i < steps_.size(); ++i) translate(program_.operations[i], steps_[i], false);
    arrange();
  }

  // --- operators
  [[nodiscard]] model::operands operands_of(const model::operation& o, bool running) {
    for (std::uint32_t id : o.inputs) known_[id] = program_.tensors[id].constant || running ? bytes(id) : std::span<const std::uint8_t>{};
    return {program_, o, dims_, known_, how_.place};
  }
  /// `running`: the numbers of all tensors are there.
  void translate(const model::operation& o, operation& s, bool running) {
    const model::operands around = operands_of(o, running);
    s.op = model::bind(around);
    if (s.op.depends && !running) return;
    const shape_list& made = s.made = model::results(around, s.op);
    if (made.size() != o.outputs.size()) around.complain("has ", o.outputs.size(), " outputs, expected ", made.size());
    for (std::size_t i = 0; i < made.size(); ++i)
      if (!(without_ones(made[i]) == without_ones(dims_[o.outputs[i]])))
        around.complain("makes ", made[i], ", but its tensor is ", dims_[o.outputs[i]], hint(o));
  }
  static shape without_ones(const shape& s) {
    shape out;
    for (int d : s)
      if (d != 1) out.append(d);
    return out;
  }
  static std::string_view hint(const model::operation& o) {
    return o.type == "LSTMInt" ? "; the reference packer takes the features for the steps (defect D38): pack the network again"
                               : "; the file is damaged";
  }
  operation load(const model::operation& o) {
    operation s;
    translate(o, s, false);
    if (!s.op.weights.empty()) s.parameters = model::load_parameters(operands_of(o, false), s.op);
    return s;
  }

  /// Gives every tensor its layout and makes the steps ready.  Results, and what operators depend on, lie as files have them.
  void arrange() {
    lies_.assign(planned_.size(), layout::channels_first);
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (!steps_[i].op.depends) arrange(i);
  }
  void arrange(std::size_t place) {
    const model::operation& o = program_.operations[place];
    operation& s = steps_[place];
    visit_op(s.op.op, [&](const auto& op) {
      step_parts<builtin> parts = parts_of(op, o, s);
      const layout wanted = step<Kernels, builtin>::works_in(parts);
      for (std::size_t i = 0; i < o.outputs.size(); ++i)
        if (parts.out[i].at.dims == dims_[o.outputs[i]] && !same_either_way(dims_[o.outputs[i]]) && !s.op.depends && !is_output(o.outputs[i]))
          lies_[o.outputs[i]] = parts.out[i].lies = wanted;
      s.runs.emplace(parts);
    });
  }
  [[nodiscard]] bool is_output(std::uint32_t id) const {
    return std::any_of(program_.outputs.begin(), program_.outputs.end(), [&](const model::port& p) { return p.tensor == id; });
  }

  void compute(std::size_t place) {
    const model::operation& o = program_.operations[place];
    operation& s = steps_[place];
    if (s.op.depends) {
      translate(o, s, true);
      arrange(place);
    }
    for (auto& [id, elements] : s.spread) {
      const integer_tensor now = model::loaded_elements(bytes(id), dtype::int4, dims_[id], elements.exponent());
      std::copy_n(now.template as<std::uint8_t>(), now.byte_count(), elements.template as<std::uint8_t>());
    }
    s.runs->run(*workers_);
  }

  /// Arithmetic is for integers of up to 32 bits; others are counted with, looked up, carried or converted.
  template <class Op>
  static constexpr bool takes(std::size_t input, dtype type) {
    if (type <= dtype::int32) return true;
    if (only_moves<Op> || std::is_same_v<Op, cast> || std::is_same_v<Op, shape_of>) return type <= dtype::float32;
    if (std::is_same_v<Op, quant>) return type == dtype::float32;
    if (input == 1 && (std::is_same_v<Op, add> || std::is_same_v<Op, mul>)) return type == dtype::float32;
    return false;
  }
  template <class Op>
  static constexpr bool makes(dtype type) {
    if (type == dtype::int4) return false;  // kernels write one in a byte
    if (type <= dtype::int32) return !std::is_same_v<Op, dequant>;
    if (only_moves<Op> || std::is_same_v<Op, cast> || std::is_same_v<Op, shape_of>) return type <= dtype::float32;
    return std::is_same_v<Op, dequant> && type == dtype::float32;
  }
  template <class Op>
  void require_types(const Op& op, const model::operation& o, std::span<const integer_view> in, std::span<const integer_view> out) const {
    const unsigned indices = index_inputs_in(op);
    for (std::size_t i = 0; i < in.size(); ++i)
      if (!takes<Op>(i, in[i].type) && !(indices >> i & 1U && in[i].type == dtype::int64))
        fail(how_.place, ": ", o.type, " that makes ", program_.tensors[o.outputs[0]].name, " reads ", name_of(in[i].type),
             " as operand ", i, ", expected integers of up to 32 bits");
    for (std::size_t i = 0; i < out.size(); ++i) {
      const model::tensor& t = program_.tensors[o.outputs[i]];
      if (!makes<Op>(out[i].type)) fail(how_.place, ": ", o.type, " makes ", t.name, " of ", name_of(out[i].type), ", which it cannot");
      if (bytes_of(out[i].type, out[i].size()) > memory_.room(o.outputs[i]))
        fail(how_.place, ": ", o.type, " makes ", out[i].dims, " of ", name_of(out[i].type), ", planned for ", t.name, " are ",
             memory_.room(o.outputs[i]), " bytes");
    }
  }

  /// The operands of a step: tensors in their places, with the types that the arithmetic gives them.
  template <class Op>
  [[nodiscard]] step_parts<builtin> parts_of(const Op& op, const model::operation& o, operation& s) {
    const chip& on = *program_.target();
    std::vector<integer_view> in, out;
    s.spread.clear();
    s.spread.reserve(s.op.reads.size());
    for (std::uint32_t id : s.op.reads) {
      in.push_back(view(id));
      if (in.back().type != dtype::int4) continue;
      s.spread.emplace_back(id, integer_tensor(dtype::int4, dims_[id], in.back().exponent));
      in.back() = s.spread.back().second.access();
    }
    for (std::size_t i = 0; i < o.outputs.size(); ++i) out.push_back(memory_.view(o.outputs[i], s.made[i]));
    if constexpr (requires { op.output_grid(std::size_t{}, on); })
      for (std::size_t i = 1; i < out.size(); ++i)
        if (const auto g = op.output_grid(i, on)) out[i].type = integer_of(g->bits), out[i].exponent = g->exponent;
    if constexpr (requires { op.state_exponent; })
      if (out.size() > 1) out[1].type = dtype::int8, out[1].exponent = op.state_exponent;  // files say float32 here
    if constexpr (only_moves<Op>)
      for (auto* views : {&in, &out})
        for (integer_view& v : *views)
          if (v.type == dtype::float32) v.type = dtype::int32;
    std::vector<integer_view> all = in;
    for (const integer_tensor& p : s.parameters) all.push_back(p.access());
    require_types(op, o, all, out);
    step_parts<builtin> parts{s.op.op, {}, s.parameters, {}, s.op.relu, on};
    for (std::size_t i = 0; i < in.size(); ++i) parts.in.push_back({in[i], lies_[s.op.reads[i]], in[i].type != dtype::int4 && program_.tensors[s.op.reads[i]].constant});
    for (const integer_view& y : out) parts.out.push_back({y});
    return parts;
  }

  model::program program_;
  engine_options how_;
  pool* workers_;
  program_memory memory_;
  std::vector<std::span<const std::uint8_t>> known_;  // elements of inputs that are attributes
  std::vector<shape> planned_, dims_;
  std::vector<std::vector<std::uint8_t>> inputs_;
  std::vector<operation> steps_;
  std::vector<layout> lies_;                        // of every tensor
  mutable std::vector<std::uint8_t> ordered_;       // the tensor that was asked for
  bool inferred_ = false;
};

template <class... Arguments>
engine(Arguments&&...) -> engine<simd::kernels>;

}  // namespace lnn::sim
