// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "../core/algorithm.hpp"
#include "../core/parallel.hpp"
#include "../core/random.hpp"
#include "../tensor/tensor.hpp"
#include "dataset.hpp"

namespace lnn {

/// Random changes of training images that keep their class.
struct augmentation {
  bool flip = false;            ///< mirrors left and right, one time in two
  int shift = 0;                ///< pixels: moves by -shift to shift in either axis
  float erase = 0;              ///< probability of a grey rectangle (the mean), up to half of each side
  std::uint8_t background = 0;  ///< pixel value where a shift uncovers nothing
};

struct loader_options {
  int batch = 64;
  std::uint64_t seed = 1;
  channel_statistics normal{};  ///< (pixel / 255 - mean) / deviation per channel; empty: pixel / 255
  augmentation augment{};
  /// Shuffled, augmented, the last partial batch dropped; false: in order, unchanged, all samples.
  bool training = true;
};

/// Some samples: what a network sees and what is wanted of it.  Filled again and again it stays where it is in memory.
struct mini_batch {
  tensor<float> input;      ///< [B, C, H, W]
  std::vector<int> labels;  ///< B classes; empty when the data set has none
  tensor<float> target;     ///< [B, ...]; empty when the data set has none

  [[nodiscard]] int samples() const { return input.dims()[0]; }
};

/// Cuts a data set into mini-batches of floats.  The order is a pure function of (seed, epoch) and the random
/// changes of one sample of (seed, epoch, sample), so batches depend neither on threads nor on where a run
/// resumed.  Keeps a reference to the data set.
class loader {
 public:
  loader(const dataset& data, loader_options options) : data_(&data), options_(std::move(options)) {
    data.validate();
    const std::size_t n = data.size(), channels = data.sample.span(0, 1);
    if (n == 0 || n >= 0xFFFFFFFFU) fail("loader: ", n, " samples, expected 1 to 4294967294; load some data");
    if (options_.batch < 1) fail("loader: batch of ", options_.batch, ", expected at least 1 sample");
    if (options_.training && static_cast<std::size_t>(options_.batch) > n)
      fail("loader: batch of ", options_.batch, ", expected at most the ", n,
           " samples of the set; choose a smaller batch");
    const augmentation& a = options_.augment;
    if (a.shift < 0 || a.shift >= std::min(data.sample[1], data.sample[2]))
      fail("loader: shift by ", a.shift, " pixels, expected 0 or more and less than the sides of ",
           data.sample);
    if (!(a.erase >= 0 && a.erase <= 1))
      fail("loader: erase probability ", static_cast<double>(a.erase), ", expected 0 to 1");
    fill_table(channels);
    order_.resize(n);
    epoch(0);
  }
  loader(const dataset&&, loader_options) = delete;

  /// Starts an epoch: afterwards batch 0 to batches() - 1 can be filled, in any order.
  void epoch(int e) {
    epoch_ = e;
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint32_t>(i);
    if (options_.training)
      random(options_.seed, stream(order_stream)).shuffle(std::span<std::uint32_t>(order_.data(), order_.size()));
  }

  [[nodiscard]] int epoch() const { return epoch_; }
  [[nodiscard]] int batches() const {
    const auto batch = static_cast<std::size_t>(options_.batch);
    return static_cast<int>(options_.training ? order_.size() / batch : (order_.size() + batch - 1) / batch);
  }
  /// Samples that one epoch visits.
  [[nodiscard]] std::size_t samples() const {
    return options_.training ? static_cast<std::size_t>(batches()) * static_cast<std::size_t>(options_.batch)
                             : order_.size();
  }
  /// The numbers of a batch's samples in the data set.
  [[nodiscard]] std::span<const std::uint32_t> samples_of(int batch) const {
    if (batch < 0 || batch >= batches()) fail("loader: batch ", batch, ", expected 0 to ", batches() - 1);
    const auto size = static_cast<std::size_t>(options_.batch),
               first = static_cast<std::size_t>(batch) * size;
    return {order_.data() + first, std::min(size, order_.size() - first)};
  }

  /// Writes a batch.  Its tensors are resized where needed; filling the same one epoch after epoch allocates nothing.
  template <class Pool>
  void fill(int batch, mini_batch& to, Pool& threads) {
    fill(batch, to.input, to.labels, threads);
    if (data_->targets.empty()) return;
    const std::span<const std::uint32_t> chosen = samples_of(batch);
    shape dims{static_cast<int>(chosen.size())};
    for (const int d : data_->target) dims.append(d);
    if (!(to.target.dims() == dims)) to.target = tensor<float>(dims);
    const std::size_t each = data_->target.size();
    for (std::size_t i = 0; i < chosen.size(); ++i)
      std::copy_n(data_->targets.data() + chosen[i] * each, each, to.target.data() + i * each);
  }
  /// Only the input x [B, C, H, W] and its labels.
  template <class Pool>
  void fill(int batch, tensor<float>& x, std::vector<int>& labels, Pool& threads) {
    const std::span<const std::uint32_t> chosen = samples_of(batch);
    const shape& s = data_->sample;
    const shape dims{static_cast<int>(chosen.size()), s[0], s[1], s[2]};
    if (!(x.dims() == dims)) {
      std::swap(x, spare_);  // full and partial batches alternate: keep the tensor of the other size
      if (!(x.dims() == dims)) x = tensor<float>(dims);
    }
    labels.resize(data_->labels.empty() ? 0 : chosen.size());
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = data_->labels[chosen[i]];
    threads.ranges(chosen.size(), std::min(static_cast<int>(chosen.size()), 16),
                   [&](int, std::size_t first, std::size_t last) {
                     for (std::size_t i = first; i < last; ++i) write(chosen[i], x.data() + i * s.size());
                   });
  }

 private:
  static constexpr std::uint32_t order_stream = 0xFFFFFFFFU;  // no sample has this number

  [[nodiscard]] std::uint64_t stream(std::uint32_t sample) const {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(epoch_)) << 32 | sample;
  }

  void fill_table(std::size_t channels) {
    channel_statistics& normal = options_.normal;
    if (normal.mean.empty() && normal.deviation.empty())
      normal = {std::vector<float>(channels, 0.0F), std::vector<float>(channels, 1.0F)};
    if (normal.mean.size() != channels || normal.deviation.size() != channels)
      fail("loader: ", normal.mean.size(), " means and ", normal.deviation.size(), " deviations, expected ",
           channels, " each for samples of ", data_->sample, "; take statistics_of the training set");
    for (std::size_t c = 0; c < channels; ++c)
      for (int p = 0; p < 256; ++p)
        table_.push_back((static_cast<float>(p) / 255.0F - normal.mean[c]) /
                         (normal.deviation[c] > 0 ? normal.deviation[c] : 1.0F));
  }

  void write(std::uint32_t sample, float* to) const {
    const int height = data_->sample[1], width = data_->sample[2];
    const augmentation a = options_.training ? options_.augment : augmentation{};
    random draw(options_.seed, stream(sample));
    const auto below = [&](int n) { return static_cast<int>(draw.below(static_cast<std::uint32_t>(n))); };
    // every change draws its numbers, used or not: switching one on leaves the others as they are
    const bool flip = below(2) == 1 && a.flip;
    const int down = below(2 * a.shift + 1) - a.shift, right = below(2 * a.shift + 1) - a.shift;
    const bool erase = draw.uniform() < a.erase;
    const int tall = 1 + below(std::max(height / 2, 1)), wide = 1 + below(std::max(width / 2, 1));
    const int top = below(height - tall + 1), left = below(width - wide + 1);
    const std::uint8_t* from = data_->image(sample).data();
    for (int c = 0; c < data_->sample[0]; ++c, from += height * width) {
      const float* value = table_.data() + c * 256;
      for (int y = 0; y < height; ++y, to += width) {
        const bool inside = y - down >= 0 && y - down < height;
        const std::uint8_t* row = inside ? from + (y - down) * width : from;
        for (int x = 0; x < width; ++x) {
          const int source = flip ? width - 1 - (x - right) : x - right;
          to[x] = value[inside && source >= 0 && source < width ? row[source] : a.background];
        }
        if (erase && y >= top && y < top + tall) std::fill_n(to + left, wide, 0.0F);
      }
    }
  }

  const dataset* data_;
  loader_options options_;
  int epoch_ = 0;
  std::vector<std::uint32_t> order_;
  std::vector<float> table_;  // [C][256]: the float of every pixel value
  tensor<float> spare_;
};

}  // namespace lnn
