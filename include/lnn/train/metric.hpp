// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../core/algorithm.hpp"
#include "../core/error.hpp"
#include "../tensor/flat.hpp"

namespace lnn {

/// The mean of numbers that come one by one, each with a weight (a batch's loss with its number of samples).
class running_mean {
 public:
  void add(double value, double weight = 1) {
    sum_ += value * weight;
    weight_ += weight;
  }
  [[nodiscard]] double value() const { return weight_ > 0 ? sum_ / weight_ : 0; }
  [[nodiscard]] double weight() const { return weight_; }

 private:
  double sum_ = 0, weight_ = 0;
};

/// Index of the greatest element, the first of equals.
template <class T>
[[nodiscard]] constexpr int argmax(std::span<const T> scores) {
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

/// Calls use(label, predicted class) for every sample of scores [N, K] (further axes of size 1 allowed).
template <class T, class Use>
void for_each_prediction(flat<const T> scores, std::span<const int> labels, Use use) {
  const auto classes = scores.dims.rank() > 1 ? scores.dims.span(1, scores.dims.rank()) : 0;
  if (classes == 0 || static_cast<std::size_t>(scores.dims[0]) != labels.size())
    fail("metric: scores of shape ", scores.dims, " for ", labels.size(), " labels, expected ", labels.size(),
         " x classes; pass the output and the labels of one batch");
  for (std::size_t i = 0; i < labels.size(); ++i)
    use(labels[i], argmax(std::span<const T>(scores.data + i * classes, classes)));
}

/// How many samples of scores [N, K] have their label's score as the greatest.
template <class T>
[[nodiscard]] std::size_t count_correct(flat<const T> scores, std::span<const int> labels) {
  std::size_t n = 0;
  for_each_prediction(scores, labels, [&](int label, int predicted) { n += label == predicted ? 1U : 0U; });
  return n;
}

/// The share of correct samples, 0 to 1; 0 for no samples.
template <class T>
[[nodiscard]] double accuracy(flat<const T> scores, std::span<const int> labels) {
  const auto n = static_cast<double>(labels.size());
  return labels.empty() ? 0 : static_cast<double>(count_correct(scores, labels)) / n;
}

/// Counts how often each class was taken for each.
class confusion_matrix {
 public:
  explicit confusion_matrix(int classes) : classes_(classes) {
    if (classes < 1) fail("confusion matrix: ", classes, " classes, expected at least 1");
    counts_.resize(static_cast<std::size_t>(classes) * static_cast<std::size_t>(classes));
  }
  explicit confusion_matrix(std::vector<std::string> class_names)
      : confusion_matrix(static_cast<int>(class_names.size())) {
    names_ = std::move(class_names);
  }

  void add(int label, int predicted) { ++counts_[at(label, predicted)]; }
  template <class T>
  void add(flat<const T> scores, std::span<const int> labels) {
    for_each_prediction(scores, labels, [&](int label, int predicted) { add(label, predicted); });
  }
  void merge(const confusion_matrix& other) {
    if (other.classes_ != classes_)
      fail("confusion matrix: ", other.classes_, " classes cannot be merged into ", classes_,
           "; use the same classes");
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }

  [[nodiscard]] int classes() const { return classes_; }
  [[nodiscard]] std::int64_t count(int label, int predicted) const { return counts_[at(label, predicted)]; }
  [[nodiscard]] std::int64_t total() const {
    return sum([](int, int) { return true; });
  }
  [[nodiscard]] double accuracy() const {
    return ratio(sum([](int l, int p) { return l == p; }), total());
  }
  /// Of the samples of a class, the share that was recognized; 0 when there are none.
  [[nodiscard]] double recall(int k) const {
    return ratio(count(k, k), sum([k](int l, int) { return l == k; }));
  }
  /// Of the samples taken for a class, the share that belongs to it; 0 when there are none.
  [[nodiscard]] double precision(int k) const {
    return ratio(count(k, k), sum([k](int, int p) { return p == k; }));
  }

  /// One line per class (label), one column per predicted class, then recall; last line precision; in per
  /// cent.
  [[nodiscard]] std::string table() const {
    const auto title = [&](int k) {
      const std::string number = std::to_string(k);
      return names_.empty() ? number : sentence(number, " ", names_[static_cast<std::size_t>(k)]);
    };
    std::string out;
    std::size_t wide = 16;
    for (int k = 0; k < classes_; ++k) wide = std::max(wide, title(k).size());
    const auto left = [&](std::string_view s) { out.append(s).append(wide - s.size(), ' '); };
    const auto right = [&](std::string_view s, std::size_t width) {
      out.append(width - std::min(width, s.size()), ' ').append(s);
    };
    const auto percent = [&](double part, std::size_t width) {
      char digits[16];
      std::snprintf(digits, sizeof digits, "%.1f", part * 100);
      right(digits, width);
    };
    const std::size_t column = std::max<std::size_t>(std::to_string(total()).size() + 1, 6);
    left("label\\predicted");
    for (int k = 0; k < classes_; ++k) right(std::to_string(k), column);
    right("recall", 8);
    for (int l = 0; l < classes_; ++l) {
      out += '\n';
      left(title(l));
      for (int p = 0; p < classes_; ++p) right(std::to_string(count(l, p)), column);
      percent(recall(l), 8);
    }
    out += '\n';
    left("precision");
    for (int k = 0; k < classes_; ++k) percent(precision(k), column);
    percent(accuracy(), 8);
    return out + '\n';
  }

 private:
  [[nodiscard]] std::size_t at(int label, int predicted) const {
    if (label < 0 || label >= classes_ || predicted < 0 || predicted >= classes_)
      fail("confusion matrix: label ", label, ", predicted ", predicted, ", expected 0 to ", classes_ - 1,
           "; make it for all classes");
    return static_cast<std::size_t>(label) * static_cast<std::size_t>(classes_) +
           static_cast<std::size_t>(predicted);
  }
  template <class Which>
  [[nodiscard]] std::int64_t sum(Which which) const {
    std::int64_t n = 0;
    for (int l = 0; l < classes_; ++l)
      for (int p = 0; p < classes_; ++p) n += which(l, p) ? count(l, p) : 0;
    return n;
  }
  [[nodiscard]] static double ratio(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
  }

  int classes_;
  std::vector<std::int64_t> counts_;  // [label][predicted]
  std::vector<std::string> names_;
};

}  // namespace lnn
