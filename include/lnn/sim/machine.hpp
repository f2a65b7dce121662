// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

#include "../core/config.hpp"
#include "../core/parallel.hpp"
#include "../graph/batched.hpp"
#include "../graph/frozen.hpp"
#include "../simd/kernels.hpp"
#include "arena.hpp"
#include "step.hpp"

namespace lnn::sim {

/// Runs a frozen model on a kernel path (luna::kernels or simd::kernels), any number of samples at once.  All tensors lie in one
/// block of memory, which is asked for when the number of samples changes, weights are arranged for the processor once; a run
/// asks for no memory.
template <class Kernels, class Ops>
class machine {
 public:
  machine(const frozen<Ops>& model, pool& workers, keeps what = keeps::everything) : model_(&model), workers_(&workers), keeps_(what) {}

  /// Runs one batch of a model with one input: `input` [samples, ...] as real numbers, brought to the input's grid as
  /// the chip's Quant does.
  void run(flat<const float> input) {
    const integer_view one{const_cast<float*>(input.data), dtype::float32, input.dims, 0};
    run({&one, 1});
  }
  /// Runs one batch of a model with any number of inputs, in the order of the model's: real numbers, which are brought to
  /// the input's grid, or integers, which must be on it already; indices may be integers of any width.
  void run(std::span<const integer_view> inputs);

  /// A tensor of the last run, copied when it is asked for: images may lie with their channels innermost.
  [[nodiscard]] const integer_tensor& edge(std::size_t i) const;
  [[nodiscard]] const integer_tensor& output(std::size_t i = 0) const {
    return edge(static_cast<std::size_t>(model_->outputs[i]));
  }
  /// A tensor as real numbers, also where the model itself has them (in front of a quant and behind a dequant).
  [[nodiscard]] tensor<float> real(std::size_t i) const;
  [[nodiscard]] tensor<float> real_output(std::size_t i = 0) const {
    return real(static_cast<std::size_t>(model_->outputs[i]));
  }

 private:
  struct slot {
    integer_view at;  ///< in the block, or the constant of the model
    layout lies = layout::channels_first;
    bool kept = true;
    integer_tensor seen{};  ///< what was asked for, with channels first
    bool is_seen = false;

    [[nodiscard]] bool is_real() const { return at.type == dtype::float32; }
    void data(flat<const float> x, pool& workers) {
      if (is_real()) {
        std::copy(x.begin(), x.end(), at.template as<float>());
        return;
      }
      const integer_view in{const_cast<float*>(x.data), dtype::float32, x.dims, 0};
      quant{}.integer(integer_call<Kernels>{{&in, 1}, {&at, 1}, venus, false, nullptr, workers});
    }
    void integers(const integer_view& in, std::string_view name) {
      if (is_real() || in.type > dtype::int64) fail("machine: input ", name, " is ", is_real() ? "float32" : "integers", ", ", name_of(in.type), " is given");
      with_element(at.type, [&](auto element) {
        using T = decltype(element);
        for (std::size_t i = 0; i < at.size(); ++i) {
          const std::int64_t v = in.at(i);
          if (v < std::numeric_limits<T>::min() || v > std::numeric_limits<T>::max())
            fail("machine: element ", i, " of input ", name, " is ", v, ", which ", name_of(at.type), " does not hold");
          at.template as<T>()[i] = static_cast<T>(v);
        }
      });
    }
  };

  /// The model as it is described, when the inputs have its shapes; else as many samples as the first input has.
  void prepare(std::span<const integer_view> inputs) {
    bool described = true;
    for (std::size_t i = 0; i < inputs.size(); ++i) described = described && inputs[i].dims == info(i).dims;
    const int samples = described ? 0 : inputs[0].dims.rank() > 0 ? inputs[0].dims[0] : 1;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const shape wanted = described ? info(i).dims : info(i).dims.with_batch(samples);
      if (!(inputs[i].dims == wanted))
        fail("machine: input ", info(i).name, " is ", inputs[i].dims, " but the model takes ", wanted);
    }
    if (samples == samples_) return;
    samples_ = -1;  // until everything is ready
    ran_ = false;
    steps_.clear();
    edges_.clear();
    std::vector<shape> dims;
    if (described)
      for (const auto& e : model_->edges) dims.push_back(e.dims);
    else
      dims = batched_dims(model_->layers, model_->edges, model_->inputs, samples);
    std::vector<std::size_t> sizes;
    for (std::size_t e = 0; e < dims.size(); ++e) {
      const auto& info = model_->edges[e];
      edges_.push_back({info.value ? info.value->access() : integer_view{nullptr, info.type, dims[e], info.exponent}});
      edges_[e].kept = keeps_ == keeps::everything || std::count(model_->outputs.begin(), model_->outputs.end(), static_cast<int>(e)) > 0;
      sizes.push_back(info.type == dtype::int4 ? dims[e].size() : bytes_of(info.type, dims[e].size()));  // as integer_tensor has it
    }
    const arena_plan where(*model_, sizes, keeps_);
    arena_ = zeros<std::uint8_t>(where.bytes);
    for (std::size_t e = 0; e < edges_.size(); ++e)
      if (!model_->edges[e].value) edges_[e].at.data = arena_.get() + where.offsets[e];
    for (const auto& l : model_->layers) {
      step_parts<Ops> parts{l.op, {}, l.parameters, {}, l.relu, *model_->target};
      for (int e : l.inputs) parts.in.push_back(placed_at(e));
      for (int e = l.output; e < l.output + l.outputs; ++e) parts.out.push_back(placed_at(e));
      const layout lies = step<Kernels, Ops>::works_in(parts);
      for (int e = l.output; e < l.output + l.outputs; ++e)
        if (!same_either_way(parts.out[0].at.dims)) edges_[static_cast<std::size_t>(e)].lies = parts.out[static_cast<std::size_t>(e - l.output)].lies = lies;
      steps_.emplace_back(parts);
    }
    samples_ = samples;
  }
  [[nodiscard]] placed placed_at(int e) {
    const slot& s = edges_[static_cast<std::size_t>(e)];
    return {s.at, s.lies, model_->edges[static_cast<std::size_t>(e)].value.has_value()};
  }
  [[nodiscard]] const auto& info(std::size_t input) const { return model_->edges[static_cast<std::size_t>(model_->inputs[input])]; }
  void compute() {
    for (slot& s : edges_) s.is_seen = false;
    for (auto& s : steps_) s.run(*workers_);
  }

  /// A tensor that was kept.
  [[nodiscard]] slot& kept(std::size_t i) const {
    if (!ran_) fail("machine: there is nothing to look at before a run");
    if (!edges_[i].kept) fail("machine: tensor ", model_->edges[i].name, " is not kept; make the machine with sim::keeps::everything");
    return edges_[i];
  }

  const frozen<Ops>* model_;
  pool* workers_;
  keeps keeps_;
  array_owner<std::uint8_t> arena_;
  mutable std::vector<slot> edges_;  // what is asked for is copied
  std::vector<step<Kernels, Ops>> steps_;
  int samples_ = -1;
  bool ran_ = false;
};

template <class Kernels, class Ops>
void machine<Kernels, Ops>::run(std::span<const integer_view> inputs) {
  if (inputs.size() != model_->inputs.size())
    fail("machine: the model has ", model_->inputs.size(), " inputs, ", inputs.size(), " are given");
  prepare(inputs);
  ran_ = false;  // what fails from here on leaves nothing to look at: inputs may share bytes with outputs
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto at = static_cast<std::size_t>(model_->inputs[i]);
    if (inputs[i].type == dtype::float32) edges_[at].data({inputs[i].as<const float>(), inputs[i].dims}, *workers_);
    else edges_[at].integers(inputs[i], model_->edges[at].name);
  }
  compute();
  ran_ = true;
}

template <class Kernels, class Ops>
const integer_tensor& machine<Kernels, Ops>::edge(std::size_t i) const {
  slot& s = kept(i);
  if (s.is_seen || s.is_real()) return s.seen;
  if (s.seen.empty()) s.seen = integer_tensor(s.at.type, s.at.dims, s.at.exponent);
  if (s.lies == layout::channels_last) rearrange(s.at, layout::channels_first, s.seen.access().data);
  else std::copy_n(s.at.template as<const std::uint8_t>(), extent_of(s.at), s.seen.template as<std::uint8_t>());
  s.is_seen = true;
  return s.seen;
}

template <class Kernels, class Ops>
tensor<float> machine<Kernels, Ops>::real(std::size_t i) const {
  const slot& s = kept(i);
  tensor<float> out(s.at.dims);
  if (s.is_real()) {
    std::copy_n(s.at.template as<const float>(), out.size(), out.data());
    return out;
  }
  const float unit = power_of_two(-s.at.exponent);
  const integer_view from = edge(i).access();
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(from.at(k)) * unit;
  return out;
}

/// machine(model, workers) runs on the fast kernels.
template <class Ops>
machine(const frozen<Ops>&, pool&, keeps = keeps::everything) -> machine<simd::kernels, Ops>;

#if LNN_COMPILED
LNN_RUN_INSTANCE class machine<simd::kernels, builtin>;
#endif

}  // namespace lnn::sim
