// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/schedule.hpp>

#include "scratch.hpp"

namespace test_schedule {

using lnn::schedule;
using scratch::message;

TEST_CASE("schedule: constant and stepped") {
  constexpr schedule c = schedule::constant(0.01);
  CHECK(c.at({0, 10, 5}) == 0.01);
  CHECK(c.at({9, 10, 5}) == 0.01);
  constexpr schedule s = schedule::stepped(1, 0.5, 2);  // 4 steps an epoch
  CHECK(s.at({0, 24, 4}) == 1);
  CHECK(s.at({7, 24, 4}) == 1);
  CHECK(s.at({8, 24, 4}) == 0.5);
  CHECK(s.at({15, 24, 4}) == 0.5);
  CHECK(s.at({16, 24, 4}) == 0.25);
  CHECK(s.at({99, 24, 4}) == s.at({23, 24, 4}));
  CHECK(s == schedule::stepped(1, 0.5, 2));
  CHECK(!(s == c));
}

TEST_CASE("schedule: cosine with warm-up") {
  const schedule s = schedule::cosine(0.8, 0.25, 0.1);
  CHECK(s.at({0, 40}) == doctest::Approx(0.08));
  CHECK(s.at({4, 40}) == doctest::Approx(0.4));
  CHECK(s.at({9, 40}) == doctest::Approx(0.8));
  CHECK(s.at({10, 40}) == doctest::Approx(0.8));
  CHECK(s.at({39, 40}) == doctest::Approx(0.08));
  for (int i = 11; i < 40; ++i) CHECK(s.at({i, 40}) < s.at({i - 1, 40}));
  const schedule plain = schedule::cosine(1);
  CHECK(plain.at({0, 101}) == 1);
  CHECK(plain.at({50, 101}) == doctest::Approx(0.5));
  CHECK(plain.at({100, 101}) == doctest::Approx(0));
  CHECK(plain.at({-5, 101}) == 1);
  CHECK(schedule::cosine(1, 1).at({9, 10}) == doctest::Approx(1));  // warm-up to the very end
  CHECK(plain.at({0, 1}) == doctest::Approx(0));
  CHECK(plain.at({0, 0}) == doctest::Approx(0));
}

TEST_CASE("schedule: wrong numbers") {
  CHECK(message([] { (void)schedule::constant(-1); }) == "schedule: learning rate -1, expected 0 to 1e6");
  CHECK(message([] { (void)schedule::stepped(1, -0.5, 1); }) == "schedule: factor -0.5, expected 0 to 1e6");
  CHECK(message([] { (void)schedule::stepped(1, 0.5, 0); }) ==
        "schedule: a step every 0 epochs, expected at least 1");
  CHECK(message([] { (void)schedule::cosine(1, 1.5); }) ==
        "schedule: warm-up 1.5, expected a share of 0 to 1 of all steps");
}

}  // namespace test_schedule
