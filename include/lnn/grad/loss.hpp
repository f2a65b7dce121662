// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>
#include <utility>

#include "tape.hpp"

namespace lnn {

/// What one element adds to a loss, and the derivative of that with respect to the element.
template <class T>
struct sloped {
  T value, slope;
};
template <class T>
sloped(T, T) -> sloped<T>;

namespace detail {

/// Mean over the rows of -log softmax(x)[label]; with smoothing s the target is (1 - s) at the label plus s / classes
/// everywhere.  x [rows, classes].
template <class T, class Kernels>
struct cross_entropy_step final : tape_step {
  cross_entropy_step(variable<T>& logits, std::span<const int> wanted, T smooth, variable<T>& loss)
      : x(logits), labels(wanted), smoothing(smooth), y(loss), probability(logits.dims()) {}

  void forward(bool) override {
    const std::size_t classes = static_cast<std::size_t>(x.dims()[1]), rows = x.value.size() / classes;
    double total = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      const T* in = x.value.data + r * classes;
      T* p = probability.data() + r * classes;
      T top = in[0], distance = 0;
      for (std::size_t k = 1; k < classes; ++k) top = std::max(top, in[k]);
      for (std::size_t k = 0; k < classes; ++k) distance += top - in[k];
      const T log_sum = Kernels::softmax(in, classes, p);
      const auto label = static_cast<std::size_t>(labels[r]);
      if (label >= classes)
        fail("cross_entropy: label ", labels[r], " in row ", r, ", expected 0 to ", classes - 1, "; the network has ",
             classes, " outputs");
      total += static_cast<double>((1 - smoothing) * (top - in[label] + log_sum) +
                                   smoothing * (distance / static_cast<T>(classes) + log_sum));
    }
    y.value[0] = static_cast<T>(total / static_cast<double>(rows));
  }
  void backward(bool) override {
    if (!x.grad || !y.touched) return;
    x.claim();
    const std::size_t classes = static_cast<std::size_t>(x.dims()[1]), rows = x.value.size() / classes;
    const T g = y.grad[0] / static_cast<T>(rows);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t k = 0; k < classes; ++k) {
        const T target = smoothing / static_cast<T>(classes) + (static_cast<int>(k) == labels[r] ? 1 - smoothing : T{});
        x.grad[r * classes + k] += g * (probability[r * classes + k] - target);
      }
  }

  variable<T>& x;
  std::span<const int> labels;
  T smoothing;
  variable<T>& y;
  tensor<T> probability;
};

/// Mean over all elements of f(x, target).
template <class T, class Function>
struct pointwise_step final : tape_step {
  pointwise_step(variable<T>& from, flat<const T> to, Function at, variable<T>& loss)
      : x(from), target(to), f(std::move(at)), y(loss) {}
  void forward(bool) override {
    double total = 0;
    for (std::size_t i = 0; i < x.value.size(); ++i) total += static_cast<double>(f(x.value[i], target[i]).value);
    y.value[0] = static_cast<T>(total / static_cast<double>(x.value.size()));
  }
  void backward(bool) override {
    if (!x.grad || !y.touched) return;
    x.claim();
    const T g = y.grad[0] / static_cast<T>(x.value.size());
    for (std::size_t i = 0; i < x.value.size(); ++i) x.grad[i] += g * f(x.value[i], target[i]).slope;
  }

  variable<T>& x;
  flat<const T> target;
  Function f;
  variable<T>& y;
};

}  // namespace detail

/// Cross entropy of logits [rows, classes] against labels in [0, classes); both are looked at again when the tape is
/// repeated.  Returns the mean over rows as a scalar.
template <class Tape>
typename Tape::var& cross_entropy(Tape& t, typename Tape::var& logits, std::span<const int> labels,
                                  typename Tape::scalar smoothing = 0) {
  const shape& dims = logits.dims();
  if (dims.rank() != 2 || labels.size() != static_cast<std::size_t>(dims[0]))
    fail("cross_entropy: logits ", dims, " and ", labels.size(), " labels; expected one label per row of [rows, classes]");
  auto& loss = t.make({1});
  t.record(make_owner<detail::cross_entropy_step<typename Tape::scalar, typename Tape::kernels>>(logits, labels, smoothing, loss));
  return loss;
}

/// Mean over all elements of f(x, target), which answers sloped{value, slope}, against a target of the same shape that is
/// looked at again when the tape is repeated.  Returns a scalar.  `name` begins the sentence about shapes that differ.
template <class Tape, class Function>
typename Tape::var& pointwise_loss(Tape& t, std::string_view name, typename Tape::var& x,
                                   flat<const typename Tape::scalar> target, Function f) {
  if (!(x.dims() == target.dims))
    fail(name, ": prediction ", x.dims(), " and target ", target.dims, " must have the same shape");
  auto& loss = t.make({1});
  t.record(make_owner<detail::pointwise_step<typename Tape::scalar, Function>>(x, target, std::move(f), loss));
  return loss;
}

/// Mean of (x - target)^2.
template <class Tape>
typename Tape::var& mean_squared_error(Tape& t, typename Tape::var& x, flat<const typename Tape::scalar> target) {
  return pointwise_loss(t, "mean_squared_error", x, target, [](auto is, auto wanted) {
    const auto d = is - wanted;
    return sloped{d * d, 2 * d};
  });
}

}  // namespace lnn
