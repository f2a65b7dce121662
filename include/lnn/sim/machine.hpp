// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/parallel.hpp"
#include "../graph/batched.hpp"
#include "../graph/frozen.hpp"
#include "../simd/kernels.hpp"

namespace lnn::sim {

/// Runs a frozen model on a kernel path (luna::kernels or simd::kernels), any number of samples at once, and keeps
/// every layer's output to be looked at.
template <class Kernels, class Ops>
class machine {
 public:
  machine(const frozen<Ops>& model, pool& workers) : model_(&model), workers_(&workers) {}

  /// Runs one batch: `input` [samples, ...] as real numbers, brought to the input's grid as the chip's Quant does.
  void run(flat<const float> input) {
    if (model_->inputs.size() != 1)
      fail("machine: the model has ", model_->inputs.size(), " inputs; only models with one can be run");
    const std::size_t first = static_cast<std::size_t>(model_->inputs.front());
    require_shape(input.dims, first);
    prepare(input.dims[0]);
    const flat<const float> x = input;
    edges_[first].data(x, *workers_);
    compute();
  }

  [[nodiscard]] const integer_tensor& edge(std::size_t i) const { return edges_[i].values; }
  [[nodiscard]] const integer_tensor& output(std::size_t i = 0) const {
    return edge(static_cast<std::size_t>(model_->outputs[i]));
  }
  /// A tensor as real numbers, also where the model itself has them (in front of a quant and behind a dequant).
  [[nodiscard]] tensor<float> real(std::size_t i) const {
    const slot& s = edges_[i];
    if (s.is_real) return s.real;
    tensor<float> out(s.values.dims());
    const float unit = power_of_two(-s.values.exponent());
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(s.values.access().at(k)) * unit;
    return out;
  }
  [[nodiscard]] tensor<float> real_output(std::size_t i = 0) const {
    return real(static_cast<std::size_t>(model_->outputs[i]));
  }

 private:
  struct slot {
    integer_tensor values;
    tensor<float> real;  ///< in place of integers where the model has real numbers
    bool is_real = false;

    void data(flat<const float> x, pool& workers) {
      if (is_real) {
        std::copy(x.begin(), x.end(), real.begin());
        return;
      }
      const integer_view in{const_cast<float*>(x.data), dtype::float32, x.dims, 0}, out = values.access();
      quant{}.integer(integer_call<Kernels>{{&in, 1}, {&out, 1}, venus, false, nullptr, workers});
    }
    [[nodiscard]] integer_view access() {
      return is_real ? integer_view{real.data(), dtype::float32, real.dims(), 0} : values.access();
    }
  };

  void require_shape(const shape& got, std::size_t edge) const {
    const auto& info = model_->edges[edge];
    if (got.rank() == 0 || !(got == info.dims.with_batch(got[0])))
      fail("machine: input ", info.name, " is ", got, " but the model takes ",
           got.rank() == 0 ? info.dims : info.dims.with_batch(got[0]));
  }
  void prepare(int samples) {
    if (samples == samples_) return;
    samples_ = samples;
    edges_.clear();
    const std::vector<shape> dims = batched_dims(model_->layers, model_->edges, model_->inputs, samples);
    for (const auto& e : model_->edges) {
      slot& s = edges_.emplace_back();
      s.is_real = e.type == dtype::float32;
      if (s.is_real) s.real = tensor<float>(dims[edges_.size() - 1]);
      else s.values = integer_tensor(e.type, dims[edges_.size() - 1], e.exponent);
    }
  }
  void compute() {
    for (const auto& l : model_->layers) {
      std::vector<integer_view> in;
      for (int e : l.inputs) in.push_back(edges_[static_cast<std::size_t>(e)].access());
      for (const integer_tensor& p : l.parameters) in.push_back(p.access());
      std::vector<integer_view> out;
      for (int e = l.output; e < l.output + l.outputs; ++e) out.push_back(edges_[static_cast<std::size_t>(e)].access());
      visit_op(l.op, [&](const auto& op) {
        op.integer(integer_call<Kernels>{in, out, *model_->target, l.relu, nullptr, *workers_});
      });
    }
  }

  const frozen<Ops>* model_;
  pool* workers_;
  std::vector<slot> edges_;
  int samples_ = -1;
};

/// machine(model, workers) runs on the fast kernels.
template <class Ops>
machine(const frozen<Ops>&, pool&) -> machine<simd::kernels, Ops>;

}  // namespace lnn::sim
