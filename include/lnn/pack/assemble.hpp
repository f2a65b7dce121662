// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../plan/memory_plan.hpp"
#include "attributes_of.hpp"
#include "constants.hpp"
#include "shapes_of.hpp"

namespace lnn::packing {

namespace detail {

[[nodiscard]] constexpr model::memory_kind kind_of(plan::kind k) { return static_cast<model::memory_kind>(k); }

/// Puts a planned program together as a model.bin's value.
template <class Ops>
class assembler {
 public:
  assembler(const frozen<Ops>& m, const lower::program& p, const plan::memory_plan& plan, const chip& on)
      : model_(&m), program_(&p), plan_(&plan), on_(&on), done_(p.tensors.size(), false) {
    out_.platform = static_cast<std::uint32_t>(on.id);
  }

  [[nodiscard]] model::program build() {
    for (std::size_t i = 0; i < program_->tensors.size(); ++i) add_tensor(program_->tensors[i], plan_->entries[i]);
    for (std::size_t i = 0; i < program_->steps.size(); ++i) add_step(i);
    out_.own(static_cast<std::vector<std::uint8_t>&&>(bytes_), kind_of(plan_->parameters));
    for (int t : program_->inputs) out_.inputs.push_back({out_.tensors[u(t)].name, static_cast<std::uint32_t>(t)});
    for (int t : program_->outputs) out_.outputs.push_back({out_.tensors[u(t)].name, static_cast<std::uint32_t>(t)});
    add_memory();
    if (!model_->symbols.empty()) add_shapes();
    return static_cast<model::program&&>(out_);
  }

 private:
  static constexpr std::size_t u(int i) { return static_cast<std::size_t>(i); }

  void add_tensor(const lower::tensor& t, const plan::entry& e) {
    model::tensor to{.name = t.name.text(), .kind = kind_of(e.lies), .constant = t.constant(), .code = model::code_of(t.type), .dims = t.dims};
    if (t.scale.whole()) to.scale = static_cast<float>(t.scale.value);
    to.order = static_cast<model::layout>(t.laid);
    if (!t.constant()) to.offset = static_cast<std::uint64_t>(plan_offset(e));
    out_.tensors.push_back(static_cast<model::tensor&&>(to));
  }
  /// Of an operator in place, that of the tensor whose bytes it takes over.
  [[nodiscard]] long long plan_offset(const plan::entry& e) const {
    const plan::entry* at = &e;
    while (at->shares >= 0) at = &plan_->entries[u(at->shares)];
    if (at->offset < 0) fail("pack: a tensor has no place; the plan is incomplete");
    return at->offset;
  }

  /// Brings a constant into the order that its step wants; one that several steps read lies there once.
  void add_constant(const lower::step& s, int id) {
    if (done_[u(id)]) return;
    done_[u(id)] = true;
    const lower::tensor& t = program_->at(id);
    const plan::entry& e = plan_->entries[u(id)];
    model::tensor& to = out_.tensors[u(id)];
    const model::packed_constant c = packed_for(s, t, elements_of(*model_, t), *on_);
    if (static_cast<long long>(model::aligned(c.bytes.size())) > e.bytes || e.offset < 0)
      fail("pack: constant ", to.name, " takes ", c.bytes.size(), " bytes but ", e.bytes, " are planned at ", e.offset);
    to.scale = scale_of(s, t);
    to.dims = c.dims;
    to.order = c.order;
    to.code = model::code_of(c.type);
    to.offset = static_cast<std::uint64_t>(e.offset);
    const auto first = static_cast<std::size_t>(e.offset);
    if (bytes_.size() < first + static_cast<std::size_t>(e.bytes)) bytes_.resize(first + static_cast<std::size_t>(e.bytes));
    std::copy(c.bytes.begin(), c.bytes.end(), bytes_.begin() + e.offset);
  }

  /// Places count nothing; files give them the exponent of the tensor that was searched.
  [[nodiscard]] static bool finds_places(std::string_view op) { return op == "ArgMax" || op == "topN" || op == "topN2"; }

  /// What a file says of a constant's exponent: nothing of biases, whose exponent follows from those of input and weight,
  /// but where the engine reads it.
  [[nodiscard]] float scale_of(const lower::step& s, const lower::tensor& t) const {
    if (t.from == lower::origin::parameter && is_bias(s, t)) {
      if (s.op != "LayerNormInt" && s.op != "BatchNorm2dInt") return -1.0F;
      const lower::tensor &x = program_->at(s.inputs[0]), &w = program_->at(s.inputs[1]);
      return static_cast<float>(x.scale.value + w.scale.value);
    }
    if (s.op == "Gather") return -1.0F;  // its result has one
    return t.scale.whole() && t.from != lower::origin::numbers ? static_cast<float>(t.scale.value) : -1.0F;
  }
  [[nodiscard]] static bool is_bias(const lower::step& s, const lower::tensor& t) {
    return t.parameter >= (s.op == "LSTMInt" || s.op == "GRUInt" ? 2 : 1);
  }

  void add_step(std::size_t i) {
    const lower::step& s = program_->steps[i];
    model::operation op;
    op.type = s.op;
    op.values = attributes_of(*model_, *program_, s, *on_);
    for (std::size_t k = 0; k < s.inputs.size(); ++k) {
      if (program_->at(s.inputs[k]).constant()) add_constant(s, s.inputs[k]);
      op.inputs.push_back(static_cast<std::uint32_t>(s.inputs[k]));
    }
    for (int o : s.outputs) op.outputs.push_back(static_cast<std::uint32_t>(o));
    if (s.op == "Dequant") out_.tensors[op.outputs[0]].scale = 1;
    if (finds_places(s.op)) out_.tensors[op.outputs[0]].scale = out_.tensors[op.inputs[0]].scale;
    if (plan_->workspace[i] >= 0) op.temps.push_back(buffer("workspace", plan_->entries[u(plan_->workspace[i])]));
    if (plan_->dma[i] >= 0) {
      const plan::entry& e = plan_->entries[u(plan_->dma[i])];
      op.temps.push_back(buffer(out_.transfers.size() % 2 == 0 ? "dma_buffer1" : "dma_buffer2", e));
      add_transfer(s, op.temps.back(), e);
    }
    out_.operations.push_back(static_cast<model::operation&&>(op));
  }

  void add_transfer(const lower::step& s, std::uint32_t buffer, const plan::entry& e) {
    for (int id : s.inputs) {
      if (!program_->at(id).constant()) continue;
      out_.transfers.push_back({.from = kind_of(plan_->parameters), .to = kind_of(e.lies), .source = static_cast<std::uint16_t>(id),
                                .destination = static_cast<std::uint16_t>(buffer), .bytes = static_cast<std::uint64_t>(e.bytes)});
      return;
    }
    fail("pack: ", s.name.text(), " has no constants to fetch");
  }

  /// Scratch memory as a tensor of bytes; the same place is the same tensor.
  std::uint32_t buffer(std::string_view name, const plan::entry& e) {
    const auto offset = static_cast<std::uint64_t>(plan_offset(e));
    for (std::size_t i = program_->tensors.size(); i < out_.tensors.size(); ++i) {
      const model::tensor& t = out_.tensors[i];
      if (t.name == name && t.kind == kind_of(e.lies) && t.offset == offset && t.dims[0] == e.bytes) return static_cast<std::uint32_t>(i);
    }
    out_.tensors.push_back({.name = std::string(name), .kind = kind_of(e.lies), .dims = {static_cast<int>(e.bytes)}, .offset = offset});
    return static_cast<std::uint32_t>(out_.tensors.size() - 1);
  }

  /// Run-time memory of every kind in use, in the order in which the tensors name them.
  void add_memory() {
    for (const model::tensor& t : out_.tensors) {
      if (t.constant || std::any_of(out_.memory.begin(), out_.memory.end(), [&](const auto& b) { return b.kind == t.kind; })) continue;
      out_.memory.push_back({static_cast<std::uint32_t>(plan_->run_time.of(static_cast<plan::kind>(t.kind))), t.kind});
    }
    for (const lower::step& s : program_->steps)  // constants that nobody reads do not exist
      for (int id : s.inputs)
        if (program_->at(id).constant() && !done_[u(id)]) fail("pack: constant ", out_.tensors[u(id)].name, " was not packed");
  }

  void add_shapes() {
    shape_builder shapes(model_->symbols);
    for (std::size_t i = 0; i < program_->tensors.size(); ++i) {
      const lower::tensor& t = program_->tensors[i];
      const int edge = t.edge >= 0 ? t.edge : t.like;
      if (edge < 0 || t.constant()) continue;
      const shape_form& form = model_->edges[u(edge)].form;
      const int rank = static_cast<int>(form.size());
      for (int a = 0; a < rank; ++a) {
        const int from = t.laid == lower::order::ncwh && a >= rank - 2 ? 2 * rank - 3 - a : a;
        const extent& e = form[u(from)];
        if (e.is_fixed() || t.dims[a] != model_->edges[u(edge)].dims[from]) continue;  // a part along this axis
        const auto id = static_cast<std::uint16_t>(i);
        const auto dim = static_cast<std::uint8_t>(a);
        const bool given = std::find(program_->inputs.begin(), program_->inputs.end(), static_cast<int>(i)) != program_->inputs.end();
        if (given && shape_builder::is_symbol(e)) shapes.input_axis(id, dim, e);
        shapes.target(id, dim, e);
      }
    }
    out_.shapes = shapes.done();
  }

  const frozen<Ops>* model_;
  const lower::program* program_;
  const plan::memory_plan* plan_;
  const chip* on_;
  std::vector<bool> done_;
  std::vector<std::uint8_t> bytes_;
  model::program out_;
};

}  // namespace detail

/// The value of a model.bin: a program that was made from `m`, with its places.
template <class Ops>
[[nodiscard]] model::program assemble(const frozen<Ops>& m, const lower::program& p, const plan::memory_plan& plan, const chip& on) {
  return detail::assembler<Ops>(m, p, plan, on).build();
}

}  // namespace lnn::packing
