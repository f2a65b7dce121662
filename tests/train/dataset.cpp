// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/dataset.hpp>

#include "scratch.hpp"

#include <cmath>

namespace test_dataset {

using scratch::message;

namespace {
lnn::dataset two_samples() { return {{0, 255, 51, 204, 0, 0, 255, 255}, {2, 1, 2}, {0, 1}, {"cat", "dog"}}; }
}  // namespace

TEST_CASE("dataset: size, classes and images") {
  lnn::dataset d = two_samples();
  d.validate();
  CHECK(d.size() == 2);
  CHECK(d.classes() == 2);
  CHECK(d.image(1).size() == 4);
  CHECK(d.image(1)[3] == 255);
  d.class_names.clear();
  d.labels = {0, 6};
  d.validate();
  CHECK(d.classes() == 7);
  CHECK(lnn::dataset{}.classes() == 0);
}

TEST_CASE("dataset: the first samples") {
  const lnn::dataset d = two_samples().first(1);
  d.validate();
  CHECK(d.size() == 1);
  CHECK(d.pixels == std::vector<std::uint8_t>{0, 255, 51, 204});
  CHECK(two_samples().first(9).size() == 2);
}

TEST_CASE("dataset: targets in place of labels, or neither") {
  lnn::dataset d = two_samples();
  d.labels.clear();
  d.validate();
  CHECK(d.size() == 2);
  CHECK(d.first(1).pixels.size() == 4);
  CHECK(d.first(1).labels.empty());
  d.target = {3};
  d.targets = {1, 2, 3, 4, 5, 6};
  d.validate();
  CHECK(d.first(1).targets == std::vector<float>{1, 2, 3});
  d.first(1).validate();
  d.targets.pop_back();
  CHECK(message([&] { d.validate(); }) ==
        "dataset: 5 numbers wanted, expected 6 for 2 targets of 3; give every sample one target or none at all");
  d.targets.clear();
  d.pixels.pop_back();
  CHECK(scratch::has(message([&] { d.validate(); }), "7 pixels, expected 4 for 1 samples"));
}

TEST_CASE("dataset: contradictions are named") {
  lnn::dataset d = two_samples();
  d.labels[1] = 2;
  CHECK(message([&] { d.validate("a.gz"); }) ==
        "a.gz: label of sample 1 is 2, expected 0 to 1; name all classes or use the labels that belong to "
        "them");
  d.labels[1] = -1;
  CHECK(message([&] { d.validate(); }) ==
        "dataset: label of sample 1 is -1, expected 0 or more; count classes from 0");
  d = two_samples();
  d.pixels.pop_back();
  CHECK(
      message([&] { d.validate(); }) ==
      "dataset: 7 pixels, expected 8 for 2 samples of 2x1x2; give every sample one label and all its pixels");
  d.sample = {2, 2};
  CHECK(message([&] { d.validate(); }) ==
        "dataset: samples have shape 2x2, expected channels x height x width, all at least 1");
  d.sample = {1, 0, 2};
  CHECK(scratch::has(message([&] { d.validate(); }), "1x0x2"));
  CHECK(message([] {
          (void)lnn::statistics_of({{}, {1, 1, 1}, {}, {}});
        }) == "dataset: 0 samples have no mean; load at least one");
}

TEST_CASE("dataset: mean and deviation per channel") {
  const lnn::channel_statistics s = lnn::statistics_of(two_samples());
  REQUIRE(s.mean.size() == 2);
  CHECK(s.mean[0] == doctest::Approx(0.25));
  CHECK(s.mean[1] == doctest::Approx((0.2 + 0.8 + 1 + 1) / 4));
  CHECK(s.deviation[0] == doctest::Approx(std::sqrt(3.0) / 4));
  CHECK(s.deviation[1] == doctest::Approx(std::sqrt((0.04 + 0.64 + 2) / 4 - 0.75 * 0.75)));
  const lnn::channel_statistics flat = lnn::statistics_of({{9, 9}, {1, 1, 2}, {0}, {}});
  CHECK(flat.deviation[0] == 0.0F);
}

}  // namespace test_dataset
