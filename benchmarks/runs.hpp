// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/core/random.hpp>
#include <lnn/lnn.hpp>
#include <lnn/model/reader.hpp>
#include <lnn/sim/engine.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/simd/quantize.hpp>

#include "nets.hpp"

/// What is measured of the networks, ready to run again and again.
namespace runs {

inline lnn::tensor<float> noise(const lnn::shape& dims) {
  lnn::tensor<float> t(dims);
  lnn::random draw(1);
  for (float& v : t) v = draw.uniform(-1, 1);
  return t;
}

/// Scales that nobody calibrated: time does not depend on them.
inline lnn::scales any_scales(const lnn::graph<>& fused) {
  lnn::scales s = lnn::scales_for(fused.view(), {});
  for (auto& e : s.entries()) e.set(e.name.find("weight") == std::string::npos ? 2.0F : 1.0F);
  (void)lnn::grids_of(fused.view(), s, true);
  return s;
}

/// One inference after the other of a frozen network.
class inference {
 public:
  inference(const nets::network& which, int samples, int threads)
      : net_(which.make()), model_(lnn::freeze(net_.view(), lnn::init(net_.view(), 1), any_scales(lnn::fuse(net_.view())), lnn::arcs, lnn::hardware_rules::ignored)),
        workers_(threads), machine_(model_, workers_, lnn::sim::keeps::outputs), x_(noise(net_.view().edges[0].dims.with_batch(samples))) {
    run();  // memory is touched, weights are arranged
  }
  void run() { machine_.run(x_.flatten()); }
  [[nodiscard]] const void* output() const { return machine_.output().access().data; }

 private:
  nets::graph net_;
  lnn::frozen<lnn::builtin> model_;
  lnn::pool workers_;
  lnn::sim::machine<lnn::simd::kernels, lnn::builtin> machine_;
  lnn::tensor<float> x_;
};

/// A batch of noise and one step of training with it after the other.
class training {
 public:
  training(const nets::network& which, int samples, int threads, bool integers)
      : net_(which.make()), fused_(lnn::fuse(net_.view())), x_(noise(net_.view().edges[0].dims.with_batch(samples))), workers_(threads) {
    t_.parameters = lnn::init(net_.view(), 1);
    t_.rule = lnn::optimizer(lnn::sgd{.momentum = 0.9F});
    for (int i = 0; i < samples; ++i) labels_.push_back(i % 10);
    if (integers) t_.grids = any_scales(fused_);
    p_ = integers ? lnn::integer_program<lnn::simd::kernels>(fused_.view(), t_.parameters, t_.grids, x_.flatten(), workers_, lnn::arcs,
                                                             lnn::hardware_rules::ignored)
                  : lnn::float_program<lnn::simd::kernels>(net_.view(), t_.parameters, x_.flatten(), workers_);
    loss_ = &lnn::cross_entropy(p_->tape, p_->output(), std::span<const int>(labels_));
    p_->tape.training = true;
  }
  void step() {
    if (p_->settle) p_->settle();
    p_->tape.forward();
    p_->tape.backward(*loss_);
    lnn::detail::update(*p_, t_, 1e-4F);
  }
  [[nodiscard]] float loss() const { return loss_->value[0]; }

 private:
  nets::graph net_, fused_;
  lnn::training t_;
  lnn::tensor<float> x_;
  std::vector<int> labels_;
  lnn::pool workers_;
  lnn::owner<lnn::program<lnn::simd::kernels>> p_;
  lnn::variable<float>* loss_ = nullptr;
};

/// The batch that steps of training are measured with.
inline int batch_of(std::string_view net) { return net == "ResNet18" || net == "LSTM" ? 32 : 64; }

/// Forward and backward through forty additions of sixteen numbers: an operation of the tape and little else.
class additions {
 public:
  static constexpr int steps = 40;
  additions() {
    auto& start = tape_.make({16});
    last_ = &start;
    for (int i = 0; i < steps; ++i) last_ = &tape_.apply(lnn::add{}, *last_, start);
  }
  void run() {
    tape_.forward();
    tape_.backward(*last_);
  }

 private:
  lnn::pool workers_{1};
  lnn::basic_tape<float, lnn::simd::kernels> tape_{workers_};
  lnn::variable<float>* last_;
};

/// What a layer's grid costs beside its arithmetic: range, integers and mask of a million numbers, the numbers that the
/// integers stand for, and the gradient through the mask.
class fake_quantization {
 public:
  void run() {
    const lnn::simd::isa path = lnn::simd::best();
    float low = 1, high = -1;
    for (std::size_t i = 0; i < n; i += piece) {
      lnn::simd::quantize_half_up(path, piece, x_.data() + i, 6, q_.data() + i);
      lnn::simd::watch_quantized(path, piece, x_.data() + i, 6, -128, 127, pass_.data() + i, low, high);
      lnn::simd::dequantize(path, piece, q_.data() + i, 6, y_.data() + i);
    }
    lnn::simd::masked(path, n, pass_.data(), g_.data(), g_.data());  // in place, as in a step of training
    asm volatile("" : : "r"(y_.data()), "r"(g_.data()) : "memory");
  }

 private:
  static constexpr std::size_t n = std::size_t{1} << 20, piece = 4096;
  lnn::tensor<float> x_ = noise({static_cast<int>(n)});
  std::vector<std::int8_t> q_ = std::vector<std::int8_t>(n);
  std::vector<std::uint8_t> pass_ = std::vector<std::uint8_t>(n);
  std::vector<float> y_ = std::vector<float>(n), g_ = std::vector<float>(n, 1.0F);
};

/// A packed model with its input.
class simulation {
 public:
  simulation(const char* file, const char* input)
      : bytes_(lnn::read_file(file)), engine_(lnn::model::read(std::span<const std::uint8_t>(bytes_)), workers_) {
    engine_.feed(0, lnn::read_file(input));
  }
  void run() { engine_.run(); }

 private:
  lnn::pool workers_{1};
  std::vector<std::uint8_t> bytes_;
  lnn::sim::engine<> engine_;
};

}  // namespace runs
