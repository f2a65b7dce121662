// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <lnn/train/crc32.hpp>
#include <lnn/train/synthetic.hpp>

#include "scratch.hpp"

namespace test_synthetic {

namespace {

/// The class of the most similar of some known images, by squared distance at the best of a few shifts.  A
/// weak method; that it succeeds shows that the classes can be told apart.
int nearest(const lnn::dataset& known, std::span<const std::uint8_t> image) {
  int best_label = -1;
  long best = std::numeric_limits<long>::max();
  for (std::size_t i = 0; i < known.size(); ++i) {
    const auto other = known.image(i);
    for (int down = -2; down <= 2; ++down)
      for (int right = -2; right <= 2; ++right) {
        long sum = 0;
        for (int y = 3; y < 25 && sum < best; ++y)
          for (int x = 3; x < 25; ++x) {
            const long d = long{image[static_cast<std::size_t>(y * 28 + x)]} -
                           long{other[static_cast<std::size_t>((y + down) * 28 + x + right)]};
            sum += d * d;
          }
        if (sum < best) best = sum, best_label = known.labels[i];
      }
  }
  return best_label;
}

}  // namespace

TEST_CASE("synthetic: balanced classes, the same bytes everywhere") {
  const lnn::dataset d = lnn::synthetic_images(200, 1);
  d.validate();
  CHECK(d.sample == lnn::shape{1, 28, 28});
  CHECK(d.classes() == 10);
  for (std::size_t i = 0; i < 200; ++i) CHECK(d.labels[i] == static_cast<int>(i % 10));
  CHECK(d.pixels == lnn::synthetic_images(200, 1).pixels);
  CHECK(d.pixels != lnn::synthetic_images(200, 2).pixels);
  CHECK(lnn::crc32(d.pixels) == 2244985346U);
  const lnn::dataset tail = lnn::synthetic_images(50, 1, 150);
  CHECK(std::equal(tail.pixels.begin(), tail.pixels.end(), d.pixels.begin() + 150 * 784));
  CHECK(std::equal(tail.labels.begin(), tail.labels.end(), d.labels.begin() + 150));
}

TEST_CASE("synthetic: training and test share no sample") {
  const lnn::train_test d = lnn::synthetic(25, 10);
  CHECK(d.train.size() == 25);
  CHECK(d.test.labels[0] == 0);
  for (std::size_t i = 0; i < 25; ++i)
    for (std::size_t k = 0; k < 10; ++k)
      CHECK(!std::equal(d.train.image(i).begin(), d.train.image(i).end(), d.test.image(k).begin()));
}

TEST_CASE("synthetic: the classes can be learned but are no gift") {
  const lnn::train_test d = lnn::synthetic(600, 60);
  int right = 0;
  for (std::size_t i = 0; i < d.test.size(); ++i)
    right += nearest(d.train, d.test.image(i)) == d.test.labels[i] ? 1 : 0;
  CHECK(right >= 36);  // 6 would be chance
  CHECK(right < 60);
}

}  // namespace test_synthetic
