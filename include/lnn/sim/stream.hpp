// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/streamed.hpp"
#include "engine.hpp"

namespace lnn::sim {

/// Runs a model that takes a signal piece by piece and keeps its past between the pieces: what output `x_history_next` makes
/// is what input `x_history` reads next.  A signal begins with zeros.
template <class Kernels = simd::kernels>
class stream {
 public:
  /// `model` must stay, and be run by nobody else.
  explicit stream(engine<Kernels>& model) : model_(&model) {
    const auto& p = model.program();
    for (std::size_t i = 0; i < p.inputs.size(); ++i) {
      const std::string next = p.inputs[i].name + "_next";
      if (!p.inputs[i].name.ends_with(history_in)) {
        signals_.push_back(i);
        continue;
      }
      pasts_.push_back({i, model.output_named(next), {}});
    }
    if (pasts_.empty()) fail("stream: the model keeps no past; pack it with isstream");
    restart();
  }
  /// Forgets the past.
  void restart() {
    for (past& p : pasts_) {
      const integer_view in = model_->input(p.input);
      p.elements.assign(bytes_of(in.type, in.size()), 0);
    }
  }
  /// The inputs and outputs of the model that are not its past.
  [[nodiscard]] std::span<const std::size_t> inputs() const { return signals_; }

  /// One piece: raw elements for every input of inputs(), in that order.  Results are the model's outputs.
  void run(std::span<const std::span<const std::uint8_t>> pieces) {
    if (pieces.size() != signals_.size()) fail("stream: ", pieces.size(), " inputs are given, the model has ", signals_.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) model_->feed(signals_[i], pieces[i]);
    for (const past& p : pasts_) model_->feed(p.input, p.elements);
    model_->run();
    for (past& p : pasts_) {
      const auto now = model_->output_bytes(p.output);
      if (now.size() != p.elements.size())
        fail("stream: ", model_->program().outputs[p.output].name, " makes ", now.size(), " bytes, its input takes ", p.elements.size());
      p.elements.assign(now.begin(), now.end());
    }
  }
  void run(std::span<const std::uint8_t> piece) { run({&piece, 1}); }

 private:
  struct past {
    std::size_t input, output;
    std::vector<std::uint8_t> elements;
  };
  engine<Kernels>* model_;
  std::vector<std::size_t> signals_;
  std::vector<past> pasts_;
};

}  // namespace lnn::sim
