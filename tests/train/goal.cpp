// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/goal.hpp>

#include <cmath>
#include <cstdio>
#include <lnn/train/checkpoint.hpp>
#include <lnn/train/synthetic.hpp>

#include "rig.hpp"
#include "scratch.hpp"

namespace test_goal {

using namespace rig;
using scratch::has;
using scratch::message;

namespace {

network through_a_neck() {
  return lnn::describe([bias = true](auto& n) {
    auto x = n("down", lnn::conv2d{.out = 6, .kernel = {4, 4}, .stride = {4, 4}, .bias = bias}, n.input({1, 1, 28, 28}));
    x = n("relu", lnn::relu{}, x);
    n("up", lnn::conv_transpose2d{.out = 1, .kernel = {4, 4}, .stride = {4, 4}}, x);
  });
}

struct course {
  network net = through_a_neck();
  lnn::dataset data = lnn::synthetic_images(80, 3);
  lnn::training t;
  std::vector<lnn::figure> figures;

  course() {
    data.labels.clear();  // nobody needs them
    data.class_names.clear();
    t.parameters = lnn::init(net.view(), 1);
    t.rule = lnn::adam{};
  }
  void run(stage s, int epochs, const lnn::reconstruction& goal = {}, lnn::progress* show = nullptr, const std::string& file = {}) {
    lnn::loader loader(data, {.batch = 20, .seed = t.seed});
    if (s == stage::integer && t.grids.entries().empty()) t.grids = calibrate(net.view(), t, loader, 4, {});
    reconstruct(s, net.view(), t, loader,
                {.epochs = epochs, .rate = lnn::schedule::constant(0.02), .show = show,
                 .after_epoch = [&](const lnn::epoch_result& r) {
                   figures.push_back(r.figure);
                   if (!file.empty() && r.epoch == 1) lnn::save_checkpoint(file, net.view(), t);
                 }},
                goal);
  }
};

/// As written in goal.hpp.
struct absolute_error : lnn::regression {
  template <class Tape>
  auto& loss(Tape& t, typename Tape::var& y, const lnn::mini_batch& b) const {
    return lnn::pointwise_loss(t, "absolute_error", y, b.target.flatten(), [](auto is, auto wanted) {
      return is < wanted ? lnn::sloped{wanted - is, decltype(is)(-1)} : lnn::sloped{is - wanted, decltype(is)(1)};
    });
  }
};
struct nothing {};
static_assert(lnn::goal_like<lnn::classification> && lnn::goal_like<lnn::regression> && lnn::goal_like<lnn::reconstruction>);
static_assert(lnn::goal_like<absolute_error> && !lnn::goal_like<nothing>);

/// Images of one grey level; wanted are the level and its negative.
lnn::dataset levels() {
  lnn::dataset d;
  d.sample = {1, 2, 2};
  d.target = {2};
  for (int i = 0; i < 64; ++i) {
    d.pixels.insert(d.pixels.end(), 4, static_cast<std::uint8_t>(4 * i));
    d.targets.push_back(static_cast<float>(4 * i) / 255);
    d.targets.push_back(static_cast<float>(-4 * i) / 255);
  }
  return d;
}

template <class Goal>
lnn::figure learn(const Goal& goal, const lnn::dataset& data) {
  constexpr auto net = lnn::describe([](auto& n) {
    n("head", lnn::linear{.out = 2}, n("flat", lnn::flatten{}, n.input({1, 1, 2, 2})));
  });
  lnn::pool workers(1);
  lnn::loader train(data, {.batch = 16});
  lnn::training t;
  t.parameters = lnn::init(net, 2);
  t.rule = lnn::adam{};
  lnn::fit(net, t, train, lnn::float_stage{}, goal, {.epochs = 150, .rate = lnn::schedule::cosine(0.02)}, workers);
  return lnn::evaluate(net, t, train, lnn::float_stage{}, goal, workers).figure();
}

}  // namespace

TEST_CASE("goal: reconstruction learns in every stage, without labels, and says so") {
  course c;
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  lnn::progress show(file, {});
  c.run(stage::real, 60, {}, &show);
  std::rewind(file);
  char line[200];
  REQUIRE(std::fgets(line, sizeof line, file) != nullptr);
  CHECK(has(line, "float 1/60  loss "));
  CHECK(has(line, c.figures.front().text()));
  CHECK(has(line, "  explained "));
  std::fclose(file);
  CHECK(c.figures.back().better_than(c.figures.front()));
  CHECK(c.figures.back().value > 0.5);
  const double real = c.figures.back().value;
  c.run(stage::constrained, 1);
  c.run(stage::integer, 2);
  CHECK(c.figures.back().value > real - 0.05);
}

TEST_CASE("goal: the figure is the one asked for") {
  std::vector<lnn::figure> seen;
  for (const auto by : {lnn::judged::explained, lnn::judged::mean_squared_error, lnn::judged::psnr}) {
    course c;
    c.run(stage::real, 2, {.by = by, .peak = 2});
    CHECK(c.figures[1].better_than(c.figures[0]));
    seen.push_back(c.figures[1]);
  }
  CHECK(seen[0].name == "explained");
  CHECK(seen[1].name == "mse");
  CHECK(seen[2].name == "psnr");
  CHECK(seen[2].value == doctest::Approx(10 * std::log10(4 / seen[1].value)));
}

TEST_CASE("goal: a resumed reconstruction equals an uninterrupted one byte for byte") {
  const scratch::folder here;
  for (const stage s : stages) {
    course whole;
    whole.run(s, 3, {}, nullptr, here.path("half"));
    course resumed;
    lnn::load_checkpoint(here.path("half"), resumed.net.view(), resumed.t);
    resumed.run(s, 3);
    CHECK(resumed.figures.size() == 2);
    CHECK(bytes_of(resumed.net.view(), resumed.t) == bytes_of(whole.net.view(), whole.t));
  }
}

TEST_CASE("goal: regression towards targets, and a loss of one's own") {
  const lnn::dataset data = levels();
  CHECK(learn(lnn::regression{}, data).value > 0.999);
  CHECK(learn(lnn::regression{.by = lnn::judged::mean_squared_error}, data).value < 1e-3);
  CHECK(learn(absolute_error{}, data).value > 0.99);
  lnn::dataset none = data;
  none.targets.clear();
  CHECK(message([&] { (void)learn(lnn::regression{}, none); }) ==
        "fit: the data set has no targets where the goal wants 16x2; fill in dataset::targets");
  CHECK(message([&] { (void)learn(lnn::reconstruction{}, data); }) ==
        "mean_squared_error: prediction 16x2 and target 16x1x2x2 must have the same shape");
  CHECK(has(message([&] { (void)learn(lnn::classification{}, data); }), "cross_entropy: logits 16x2 and 0 labels"));
}

}  // namespace test_goal
