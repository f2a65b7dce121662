// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

#include "../core/config.hpp"
#include "../core/parallel.hpp"
#include "../graph/batched.hpp"
#include "../graph/frozen.hpp"
#include "../simd/kernels.hpp"
#include "step.hpp"

namespace lnn::sim {

/// Runs a frozen model on a kernel path (luna::kernels or simd::kernels), any number of samples at once, and keeps
/// every layer's output to be looked at.
template <class Kernels, class Ops>
class machine {
 public:
  machine(const frozen<Ops>& model, pool& workers) : model_(&model), workers_(&workers) {}

  /// Runs one batch of a model with one input: `input` [samples, ...] as real numbers, brought to the input's grid as
  /// the chip's Quant does.
  void run(flat<const float> input) {
    const integer_view one{const_cast<float*>(input.data), dtype::float32, input.dims, 0};
    run({&one, 1});
  }
  /// Runs one batch of a model with any number of inputs, in the order of the model's: real numbers, which are brought to
  /// the input's grid, or integers, which must be on it already; indices may be integers of any width.
  void run(std::span<const integer_view> inputs);

  /// A tensor of the last run; images that lie with their channels innermost are brought in order when they are asked for.
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
    integer_tensor values;
    tensor<float> real;  ///< in place of integers where the model has real numbers
    bool is_real = false;
    layout lies = layout::channels_first;
    integer_tensor ordered{};  ///< with channels first, once somebody has asked
    bool in_order = false;

    void data(flat<const float> x, pool& workers) {
      if (is_real) {
        std::copy(x.begin(), x.end(), real.begin());
        return;
      }
      const integer_view in{const_cast<float*>(x.data), dtype::float32, x.dims, 0}, out = values.access();
      quant{}.integer(integer_call<Kernels>{{&in, 1}, {&out, 1}, venus, false, nullptr, workers});
    }
    void integers(const integer_view& in, std::string_view name) {
      if (is_real || in.type > dtype::int64) fail("machine: input ", name, " is ", is_real ? "float32" : "integers", ", ", name_of(in.type), " is given");
      const integer_view out = values.access();
      with_element(out.type, [&](auto element) {
        using T = decltype(element);
        for (std::size_t i = 0; i < out.size(); ++i) {
          const std::int64_t v = in.at(i);
          if (v < std::numeric_limits<T>::min() || v > std::numeric_limits<T>::max())
            fail("machine: element ", i, " of input ", name, " is ", v, ", which ", name_of(out.type), " does not hold");
          out.template as<T>()[i] = static_cast<T>(v);
        }
      });
    }
    [[nodiscard]] integer_view access() {
      return is_real ? integer_view{real.data(), dtype::float32, real.dims(), 0} : values.access();
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
    steps_.clear();
    edges_.clear();
    std::vector<shape> dims;
    if (described)
      for (const auto& e : model_->edges) dims.push_back(e.dims);
    else
      dims = batched_dims(model_->layers, model_->edges, model_->inputs, samples);
    for (const auto& e : model_->edges) {
      slot& s = edges_.emplace_back();
      s.is_real = e.type == dtype::float32;
      if (e.value) s.values = *e.value;
      else if (s.is_real) s.real = tensor<float>(dims[edges_.size() - 1]);
      else s.values = integer_tensor(e.type, dims[edges_.size() - 1], e.exponent);
    }
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
    slot& s = edges_[static_cast<std::size_t>(e)];
    return {s.access(), s.lies, model_->edges[static_cast<std::size_t>(e)].value.has_value()};
  }
  [[nodiscard]] const auto& info(std::size_t input) const { return model_->edges[static_cast<std::size_t>(model_->inputs[input])]; }
  void compute() {
    for (slot& s : edges_) s.in_order = false;
    for (auto& s : steps_) s.run(*workers_);
  }

  const frozen<Ops>* model_;
  pool* workers_;
  mutable std::vector<slot> edges_;  // asked for, they are brought in order
  std::vector<step<Kernels, Ops>> steps_;
  int samples_ = -1;
};

template <class Kernels, class Ops>
void machine<Kernels, Ops>::run(std::span<const integer_view> inputs) {
  if (inputs.size() != model_->inputs.size())
    fail("machine: the model has ", model_->inputs.size(), " inputs, ", inputs.size(), " are given");
  prepare(inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto at = static_cast<std::size_t>(model_->inputs[i]);
    if (inputs[i].type == dtype::float32) edges_[at].data({inputs[i].as<const float>(), inputs[i].dims}, *workers_);
    else edges_[at].integers(inputs[i], model_->edges[at].name);
  }
  compute();
}

template <class Kernels, class Ops>
const integer_tensor& machine<Kernels, Ops>::edge(std::size_t i) const {
  slot& s = edges_[i];
  if (s.lies == layout::channels_last && !s.in_order) {
    integer_tensor first(s.values.type(), s.values.dims(), s.values.exponent());
    rearrange(s.values.access(), layout::channels_first, first.access().data);
    s.ordered = std::move(first);
    s.in_order = true;
  }
  return s.lies == layout::channels_last ? s.ordered : s.values;
}

template <class Kernels, class Ops>
tensor<float> machine<Kernels, Ops>::real(std::size_t i) const {
  const slot& s = edges_[i];
  if (s.is_real) return s.real;
  tensor<float> out(s.values.dims());
  const float unit = power_of_two(-s.values.exponent());
  const integer_view from = edge(i).access();
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(from.at(k)) * unit;
  return out;
}

/// machine(model, workers) runs on the fast kernels.
template <class Ops>
machine(const frozen<Ops>&, pool&) -> machine<simd::kernels, Ops>;

#if LNN_COMPILED
LNN_RUN_INSTANCE class machine<simd::kernels, builtin>;
#endif

}  // namespace lnn::sim
