// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <span>

#include "../grad/loss.hpp"
#include "../simd/kernels.hpp"
#include "figure.hpp"
#include "loader.hpp"
#include "metric.hpp"
#include "squared_error.hpp"

namespace lnn {

/// What a network is trained for.  Two functions make a goal:
///
///   * loss(tape, output, batch) puts the loss of the output on the tape and returns it, a scalar.  What it takes from the
///     batch (labels, targets, or the input itself) is looked at again with every batch, in the same memory;
///   * measure() returns something that is given all outputs, add(output, batch), and then knows a figure(), for progress
///     lines, logs and the choice of the best epoch.
///
/// A goal of one's own, here with the measure of a goal that exists:
///
///     struct absolute_error : lnn::regression {
///       template <class Tape>
///       auto& loss(Tape& t, typename Tape::var& y, const lnn::mini_batch& b) const {
///         return lnn::pointwise_loss(t, "absolute_error", y, b.target.flatten(), [](auto is, auto wanted) {
///           return is < wanted ? lnn::sloped{wanted - is, decltype(is)(-1)} : lnn::sloped{is - wanted, decltype(is)(1)};
///         });
///       }
///     };
template <class Goal>
concept goal_like = requires(const Goal& goal, basic_tape<float, simd::kernels>& t, variable<float>& y, const mini_batch& b,
                             decltype(goal.measure())& found) {
  { goal.loss(t, y, b) } -> std::same_as<variable<float>&>;
  found.add(flat<const float>(y.value), b);
  { found.figure() } -> std::same_as<lnn::figure>;
};

/// One class per sample: cross entropy, judged by accuracy.
struct classification {
  float label_smoothing = 0;

  template <class Tape>
  auto& loss(Tape& t, typename Tape::var& y, const mini_batch& b) const {
    return cross_entropy(t, y, std::span<const int>(b.labels.data(), b.labels.size()), label_smoothing);
  }

  struct measured {
    std::size_t right = 0, seen = 0;
    void add(flat<const float> scores, const mini_batch& b) {
      right += count_correct(scores, std::span<const int>(b.labels.data(), b.labels.size()));
      seen += b.labels.size();
    }
    [[nodiscard]] lnn::figure figure() const {
      return figures::accuracy.of(static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(seen, 1)));
    }
  };
  [[nodiscard]] measured measure() const { return {}; }
};

/// How outputs are judged that should come near to numbers.
enum class judged { explained, mean_squared_error, psnr };

/// Numbers of the output's shape: mean squared error, judged as said.
template <tensor<float> mini_batch::*Wanted>
struct nearness {
  judged by = judged::explained;
  double peak = 1;  ///< of what is wanted, for psnr

  template <class Tape>
  auto& loss(Tape& t, typename Tape::var& y, const mini_batch& b) const {
    const flat<const float> wanted = (b.*Wanted).flatten();
    if (wanted.size() == 0)
      fail("fit: the data set has no targets where the goal wants ", y.dims(), "; fill in dataset::targets");
    return mean_squared_error(t, y, wanted);
  }

  struct measured : squared_error {
    nearness goal;
    explicit measured(const nearness& g) : goal(g) {}
    void add(flat<const float> y, const mini_batch& b) { squared_error::add(y, (b.*Wanted).flatten()); }
    [[nodiscard]] lnn::figure figure() const {
      switch (goal.by) {
        case judged::psnr: return figures::psnr.of(psnr(goal.peak));
        case judged::mean_squared_error: return figures::mean_squared_error.of(mean());
        case judged::explained: break;
      }
      return figures::explained.of(explained());
    }
  };
  [[nodiscard]] measured measure() const { return measured(*this); }
};

/// The targets of the data set (dataset::targets).
using regression = nearness<&mini_batch::target>;
/// The input itself, as the loader normalizes it.
using reconstruction = nearness<&mini_batch::input>;

}  // namespace lnn
