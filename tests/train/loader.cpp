// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <lnn/train/loader.hpp>
#include <set>

#include "scratch.hpp"

namespace test_loader {

using lnn::loader;
using lnn::loader_options;
using lnn::tensor;
using scratch::message;

namespace {

/// n grey images of 4 x 5 pixels: pixel p of image i has value (37 i + 11 p + 1) mod 256; label i mod 3.
lnn::dataset numbers(std::size_t n, int channels = 1) {
  lnn::dataset d;
  d.sample = {channels, 4, 5};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t p = 0; p < d.sample.size(); ++p)
      d.pixels.push_back(static_cast<std::uint8_t>((37 * i + 11 * p + 1) % 256));
    d.labels.push_back(static_cast<std::int32_t>(i % 3));
  }
  return d;
}

struct batch {
  tensor<float> x;
  std::vector<int> labels;
  friend bool operator==(const batch&, const batch&) = default;
};
std::vector<batch> all(loader& l, int epoch, int threads = 1) {
  lnn::pool pool(threads);
  l.epoch(epoch);
  std::vector<batch> out(static_cast<std::size_t>(l.batches()));
  for (int b = 0; b < l.batches(); ++b) {
    batch& to = out[static_cast<std::size_t>(b)];
    l.fill(b, to.x, to.labels, pool);
  }
  return out;
}
const lnn::augmentation everything{.flip = true, .shift = 2, .erase = 0.5F, .background = 3};

}  // namespace

TEST_CASE("loader: evaluation keeps order and the last partial batch") {
  const lnn::dataset d = numbers(10);
  loader l(d, {.batch = 4, .augment = everything, .training = false});
  CHECK(l.batches() == 3);
  CHECK(l.samples() == 10);
  const std::vector<batch> got = all(l, 7);
  CHECK(got[2].x.dims() == lnn::shape{2, 1, 4, 5});
  for (std::size_t i = 0; i < 10; ++i) {
    const batch& b = got[i / 4];
    CHECK(b.labels[i % 4] == d.labels[i]);
    for (std::size_t p = 0; p < 20; ++p)
      CHECK(b.x[i % 4 * 20 + p] == static_cast<float>(d.image(i)[p]) / 255.0F);
  }
}

TEST_CASE("loader: targets follow their samples") {
  lnn::dataset d = numbers(10);
  d.labels.clear();
  d.target = {2, 1};
  for (int i = 0; i < 20; ++i) d.targets.push_back(static_cast<float>(i));
  loader l(d, {.batch = 4, .seed = 5});
  lnn::pool pool(2);
  lnn::mini_batch b;
  for (int e = 0; e < 2; ++e) {
    l.epoch(e);
    l.fill(1, b, pool);
    CHECK(b.samples() == 4);
    CHECK(b.labels.empty());
    REQUIRE(b.target.dims() == lnn::shape{4, 2, 1});
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t sample = l.samples_of(1)[i];
      CHECK(b.target[2 * i] == static_cast<float>(2 * sample));
      CHECK(b.target[2 * i + 1] == static_cast<float>(2 * sample + 1));
      CHECK(b.input[20 * i] == static_cast<float>(d.image(sample)[0]) / 255.0F);
    }
  }
}

TEST_CASE("loader: training visits each sample at most once and drops the last partial batch") {
  const lnn::dataset d = numbers(10);
  loader l(d, {.batch = 4, .seed = 5});
  CHECK(l.batches() == 2);
  CHECK(l.samples() == 8);
  std::vector<std::uint32_t> before;
  for (int e = 0; e < 4; ++e) {
    l.epoch(e);
    std::set<std::uint32_t> seen;
    std::vector<std::uint32_t> order;
    for (int b = 0; b < 2; ++b)
      for (const std::uint32_t i : l.samples_of(b)) {
        seen.insert(i);
        order.push_back(i);
      }
    CHECK(seen.size() == 8);
    CHECK(order != before);
    CHECK(!std::is_sorted(order.begin(), order.end()));
    before = order;
  }
}

TEST_CASE("loader: normalisation per channel") {
  const lnn::dataset d = numbers(3, 2);
  loader l(d, {.batch = 3, .normal = {{0.25F, 0.5F}, {0.5F, 0.0F}}, .training = false});
  const batch b = all(l, 0)[0];
  CHECK(b.x[20 * 2 + 3] == (static_cast<float>(d.image(1)[3]) / 255.0F - 0.25F) / 0.5F);
  CHECK(b.x[20 * 2 + 23] == static_cast<float>(d.image(1)[23]) / 255.0F - 0.5F);  // deviation 0 counts as 1
  loader whitened(d, {.batch = 3, .normal = lnn::statistics_of(d), .training = false});
  const batch w = all(whitened, 0)[0];
  double sum = 0;
  for (const float v : w.x) sum += static_cast<double>(v);
  CHECK(sum / 120 == doctest::Approx(0).epsilon(1e-5));
}

TEST_CASE("loader: the same seed gives the same batches with any number of threads and after any history") {
  const lnn::dataset d = numbers(50);
  const loader_options o{.batch = 16, .seed = 9, .augment = everything};
  loader straight(d, o), resumed(d, o), threaded(d, o);
  for (int e = 0; e < 3; ++e) {
    const auto got = all(straight, e);
    CHECK(got == all(threaded, e, 4));
    if (e == 2) CHECK(got == all(resumed, e));
  }
  lnn::pool pool(1);
  batch again;
  resumed.fill(1, again.x, again.labels, pool);  // any batch, in any order
  CHECK(again == all(straight, 2)[1]);
  loader other(d, {.batch = 16, .seed = 10, .augment = everything});
  CHECK(!(all(other, 2) == all(straight, 2)));
  CHECK(!(all(straight, 1) == all(straight, 2)));
}

TEST_CASE("loader: each change of an image is one of those asked for") {
  const lnn::dataset d = numbers(40);
  const auto value = [](std::uint8_t p) { return static_cast<float>(p) / 255.0F; };
  loader l(d, {.batch = 40, .augment = {.flip = true, .shift = 2, .background = 3}});
  std::set<int> met;
  for (int e = 0; e < 8; ++e) {
    const batch b = all(l, e)[0];
    for (std::size_t i = 0; i < 40; ++i) {
      const std::uint32_t sample = l.samples_of(0)[i];
      CHECK(b.labels[i] == d.labels[sample]);
      int matches = 0;
      for (int flip = 0; flip < 2; ++flip)
        for (int down = -2; down <= 2; ++down)
          for (int right = -2; right <= 2; ++right) {
            bool same = true;
            for (int y = 0; y < 4; ++y)
              for (int x = 0; x < 5; ++x) {
                const int sy = y - down, sx = flip ? 4 - (x - right) : x - right;
                const bool inside = sy >= 0 && sy < 4 && sx >= 0 && sx < 5;
                const std::uint8_t p =
                    inside ? d.image(sample)[static_cast<std::size_t>(sy * 5 + sx)] : std::uint8_t{3};
                same = same && b.x[i * 20 + static_cast<std::size_t>(y * 5 + x)] == value(p);
              }
            if (same) {
              ++matches;
              met.insert(flip * 25 + (down + 2) * 5 + right + 2);
            }
          }
      CHECK(matches >= 1);
    }
  }
  CHECK(met.size() == 50);  // every combination occurs
}

TEST_CASE("loader: erasing blanks a rectangle in every channel and nothing else") {
  const lnn::dataset d = numbers(30, 2);
  const lnn::channel_statistics far{{-1, -1}, {1, 1}};  // no pixel becomes 0 by itself
  loader plain(d, {.batch = 30, .normal = far}),
      erased(d, {.batch = 30, .normal = far, .augment = {.erase = 1}});
  const batch a = all(plain, 0)[0], b = all(erased, 0)[0];
  for (std::size_t i = 0; i < 30; ++i) {
    int top = 9, bottom = -1, left = 9, right = -1, blank = 0;
    for (std::size_t p = 0; p < 40; ++p) {
      const float v = b.x[i * 40 + p];
      if (v != 0) CHECK(v == a.x[i * 40 + p]);
      if (v != 0 || p >= 20) continue;
      CHECK(b.x[i * 40 + 20 + p] == 0.0F);
      const int y = static_cast<int>(p) / 5, x = static_cast<int>(p) % 5;
      top = std::min(top, y), bottom = std::max(bottom, y), left = std::min(left, x),
      right = std::max(right, x);
      ++blank;
    }
    CHECK(blank >= 1);
    CHECK(blank == (bottom - top + 1) * (right - left + 1));
    CHECK(bottom - top < 2);
    CHECK(right - left < 2);
  }
  loader half(d, {.batch = 30, .normal = far, .augment = {.erase = 0.5F}});
  const batch c = all(half, 0)[0];
  const auto touched = std::count_if(c.x.begin(), c.x.end(), [](float v) { return v == 0; });
  CHECK(touched > 0);
  CHECK(touched < std::count_if(
                      b.x.begin(), b.x.end(), [](float v) { return v == 0; }));
}

TEST_CASE("loader: full and partial batches share their memory from the second epoch on") {
  const lnn::dataset d = numbers(10);
  loader l(d, {.batch = 4, .training = false});
  lnn::pool pool(1);
  batch b;
  std::set<const float*> places;
  for (int e = 0; e < 5; ++e)
    for (int i = 0; i < 3; ++i) {
      l.fill(i, b.x, b.labels, pool);
      places.insert(b.x.data());
      if (e > 0) CHECK(places.size() == 2);
      CHECK(b.x[0] == static_cast<float>(d.image(static_cast<std::size_t>(i) * 4)[0]) / 255.0F);
    }
}

TEST_CASE("loader: wrong options give one clear sentence") {
  const lnn::dataset d = numbers(10), none{{}, {1, 4, 5}, {}, {}};
  const auto says = [&](const lnn::dataset& data, const loader_options& o) {
    return message([&] { (void)loader(data, o); });
  };
  CHECK(says(none, {}) == "loader: 0 samples, expected 1 to 4294967294; load some data");
  CHECK(says(d, {.batch = 0}) == "loader: batch of 0, expected at least 1 sample");
  CHECK(says(d, {.batch = 11}) ==
        "loader: batch of 11, expected at most the 10 samples of the set; choose a smaller batch");
  CHECK(says(d, {.batch = 11, .training = false}).empty());
  CHECK(says(d, {.batch = 2, .augment = {.shift = 4}}) ==
        "loader: shift by 4 pixels, expected 0 or more and less than the sides of 1x4x5");
  CHECK(says(d, {.batch = 2, .augment = {.shift = -1}}).find("shift by -1") != std::string::npos);
  CHECK(says(d, {.batch = 2, .augment = {.erase = 1.5F}}) ==
        "loader: erase probability 1.5, expected 0 to 1");
  CHECK(says(d, {.batch = 2, .normal = {{0, 0}, {1, 1}}}) ==
        "loader: 2 means and 2 deviations, expected 1 each for samples of 1x4x5; take statistics_of the "
        "training set");
  loader l(d, {.batch = 5});
  CHECK(message([&] { (void)l.samples_of(2); }) == "loader: batch 2, expected 0 to 1");
}

}  // namespace test_loader
