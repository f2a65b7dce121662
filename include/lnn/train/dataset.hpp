// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "../core/algorithm.hpp"
#include "../core/error.hpp"
#include "../core/maths.hpp"

namespace lnn {

/// Images as they lie in files, one byte per pixel, samples one after the other, each of shape `sample`; and what is
/// wanted of a network that sees them: a class, or numbers, or (reconstruction) nothing but the image.
struct dataset {
  std::vector<std::uint8_t> pixels;
  shape sample{0, 0, 0};                 ///< {channels, height, width}
  std::vector<std::int32_t> labels;      ///< one class number per sample, counted from 0; or none at all
  std::vector<std::string> class_names;  ///< may be empty
  std::vector<float> targets{};          ///< for regression: one tensor of shape `target` per sample; or none at all
  shape target{};                        ///< without the samples' axis

  [[nodiscard]] std::size_t size() const {
    if (!labels.empty()) return labels.size();
    const std::size_t each = sample.size();
    return each > 0 ? pixels.size() / each : 0;
  }

  /// Number of class names, or one more than the greatest label where there are none.
  [[nodiscard]] int classes() const {
    if (!class_names.empty()) return static_cast<int>(class_names.size());
    return labels.empty() ? 0 : *std::max_element(labels.begin(), labels.end()) + 1;
  }
  [[nodiscard]] std::span<const std::uint8_t> image(std::size_t i) const {
    return {pixels.data() + i * sample.size(), sample.size()};
  }

  /// Fails where pixels, labels and class names contradict each other; `place` (a file) begins the sentence.
  void validate(std::string_view place = "dataset") const {
    if (sample.rank() != 3 || *std::min_element(sample.begin(), sample.end()) < 1)
      fail(place, ": samples have shape ", sample, ", expected channels x height x width, all at least 1");
    if (pixels.size() != size() * sample.size())
      fail(place, ": ", pixels.size(), " pixels, expected ", size() * sample.size(), " for ", size(),
           " samples of ", sample, "; give every sample one label and all its pixels");
    if (targets.size() != (targets.empty() ? 0 : size() * target.size()))
      fail(place, ": ", targets.size(), " numbers wanted, expected ", size() * target.size(), " for ", size(),
           " targets of ", target, "; give every sample one target or none at all");
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] < 0)
        fail(place, ": label of sample ", i, " is ", labels[i], ", expected 0 or more; count classes from 0");
      if (!class_names.empty() && static_cast<std::size_t>(labels[i]) >= class_names.size())
        fail(place, ": label of sample ", i, " is ", labels[i], ", expected 0 to ", class_names.size() - 1,
             "; name all classes or use the labels that belong to them");
    }
  }

  /// The first n samples (all when there are fewer).
  [[nodiscard]] dataset first(std::size_t n) const {
    n = std::min(n, size());
    const auto cut = [n](const auto& from, std::size_t each) {
      return std::remove_cvref_t<decltype(from)>(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(n * each));
    };
    return {cut(pixels, sample.size()), sample, cut(labels, labels.empty() ? 0 : 1), class_names,
            cut(targets, targets.empty() ? 0 : target.size()), target};
  }
};

/// What to fit to and what to judge by.
struct train_test {
  dataset train, test;
};

/// Per channel, of pixels divided by 255.
struct channel_statistics {
  std::vector<float> mean, deviation;
};

/// Mean and (population) standard deviation of every channel.  Sums are exact integers, so the result is the
/// same on every platform.  A constant channel has deviation 0; the loader takes 1 in its place.
[[nodiscard]] inline channel_statistics statistics_of(const dataset& data) {
  data.validate();
  if (data.size() == 0) fail("dataset: 0 samples have no mean; load at least one");
  const std::size_t plane = data.sample.span(1, 3), channels = data.sample.span(0, 1);
  channel_statistics out;
  for (std::size_t c = 0; c < channels; ++c) {
    std::uint64_t sum = 0, squares = 0;
    for (std::size_t i = 0; i < data.size(); ++i)
      for (const std::uint8_t p : data.image(i).subspan(c * plane, plane)) {
        sum += p;
        squares += static_cast<std::uint64_t>(p) * p;
      }
    const double n = static_cast<double>(data.size() * plane), mean = static_cast<double>(sum) / n;
    const double variance = std::max(static_cast<double>(squares) / n - mean * mean, 0.0);
    out.mean.push_back(static_cast<float>(mean / 255));
    out.deviation.push_back(static_cast<float>(maths::sqrt(variance) / 255));
  }
  return out;
}

}  // namespace lnn
