// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/metric.hpp>

#include "scratch.hpp"

namespace test_metric {

using scratch::message;

TEST_CASE("metric: running mean weighs its numbers") {
  lnn::running_mean m;
  CHECK(m.value() == 0);
  m.add(2);
  m.add(5, 3);
  CHECK(m.value() == doctest::Approx(4.25));
  CHECK(m.weight() == 4);
}

TEST_CASE("metric: accuracy of scores") {
  const std::vector<float> scores{1, 3, 2, 5, 5, 0, -3, -2, -1, 0, 0, 0};
  const std::vector<int> labels{1, 1, 2, 0};
  const lnn::flat<const float> all(scores.data(), {4, 3});
  CHECK(lnn::argmax(std::span(scores).subspan(3, 3)) == 0);  // the first of equals
  CHECK(lnn::count_correct(all, labels) == 3);
  CHECK(lnn::accuracy(all, labels) == 0.75);
  CHECK(lnn::accuracy(lnn::flat<const float>(scores.data(), {4, 3, 1, 1}), labels) == 0.75);
  const std::vector<std::int8_t> integers{1, 2, -1, -2};
  CHECK(lnn::accuracy(lnn::flat<const std::int8_t>(integers.data(), {2, 2}), std::vector<int>{1, 1}) == 0.5);
  CHECK(lnn::accuracy(lnn::flat<const float>(scores.data(), {0, 3}), {}) == 0);
  CHECK(message([&] { (void)lnn::count_correct(all, std::span(labels).first(3)); }) ==
        "metric: scores of shape 4x3 for 3 labels, expected 3 x classes; pass the output and the labels of "
        "one batch");
  CHECK(
      scratch::has(message([&] { (void)lnn::accuracy(lnn::flat<const float>(scores.data(), {4}), labels); }),
                   "scores of shape 4 for 4 labels"));
}

TEST_CASE("metric: confusion matrix") {
  lnn::confusion_matrix m(std::vector<std::string>{"cat", "dog", "fox"}), other(3);
  const std::vector<float> scores{9, 0, 0, 0, 9, 0};
  m.add(lnn::flat<const float>(scores.data(), {2, 3}), std::vector<int>{0, 0});
  other.add(1, 1);
  other.add(1, 1);
  m.merge(other);
  CHECK(m.total() == 4);
  CHECK(m.count(0, 1) == 1);
  CHECK(m.accuracy() == 0.75);
  CHECK(m.recall(0) == 0.5);
  CHECK(m.recall(1) == 1);
  CHECK(m.precision(1) == doctest::Approx(2.0 / 3));
  CHECK(m.recall(2) == 0);
  CHECK(m.precision(2) == 0);
  CHECK(m.table() ==
        "label\\predicted      0     1     2  recall\n"
        "0 cat                1     1     0    50.0\n"
        "1 dog                0     2     0   100.0\n"
        "2 fox                0     0     0     0.0\n"
        "precision        100.0  66.7   0.0    75.0\n");
  CHECK(scratch::has(other.table(), "\n1                    0     2     0   100.0\n"));
  CHECK(message([&] { m.add(3, 0); }) ==
        "confusion matrix: label 3, predicted 0, expected 0 to 2; make it for all classes");
  CHECK(message([&] { m.merge(lnn::confusion_matrix(2)); }) ==
        "confusion matrix: 2 classes cannot be merged into 3; use the same classes");
  CHECK(message([] { (void)lnn::confusion_matrix(0); }) ==
        "confusion matrix: 0 classes, expected at least 1");
}

}  // namespace test_metric
