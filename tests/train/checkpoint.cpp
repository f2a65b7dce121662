// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/checkpoint.hpp>

#include <lnn/train/synthetic.hpp>

#include "rig.hpp"
#include "scratch.hpp"

namespace test_checkpoint {

using namespace rig;
using scratch::has;
using scratch::message;

namespace {

network small(int channels = 4, bool clipped = false) {
  return lnn::describe([=](auto& n) {
    auto x = n("conv1", lnn::conv2d{.out = channels, .kernel = {5, 5}, .stride = {4, 4}}, n.input({1, 1, 28, 28}));
    x = n("norm1", lnn::batch_norm{}, x);
    x = n("relu1", lnn::relu{}, x);
    x = n("norm2", lnn::batch_norm{}, x);  // stands alone
    if (clipped) x = n("six", lnn::relu6, x);
    x = n("head", lnn::linear{.out = 10}, n("flat", lnn::flatten{}, x));
  });
}

struct course {
  network net = small();
  lnn::dataset data = lnn::synthetic_images(60, 3);
  lnn::training t;
  lnn::quantization policy{};
  double rate;

  course(bool adam, bool learned) : rate(adam ? 0.003 : 0.02) {
    t.parameters = lnn::init(net.view(), 1);
    t.seed = 0xFEDCBA9876543210U;
    if (adam) t.rule = lnn::optimizer(lnn::adam{.weight_decay = 0.01F});
    else t.rule = lnn::optimizer(lnn::sgd{.momentum = 0.9F, .weight_decay = 1e-3F});
    policy.method = learned ? lnn::range_method::tqt : lnn::range_method::mom;
    t.grids = lnn::scales(policy);
  }
  /// Four epochs; after every epoch of `kept` the checkpoint is written.
  void epochs(stage s, const std::string& file = {}, int kept = 0) {
    lnn::loader loader(data, {.batch = 10, .seed = t.seed, .augment = {.flip = true, .shift = 2, .erase = 0.3F}});
    if (s == stage::integer && t.grids.entries().empty()) t.grids = calibrate(net.view(), t, loader, 2, policy);
    fit(s, net.view(), t, loader,
        {.epochs = 4, .rate = lnn::schedule::cosine(rate), .show = nullptr,
         .after_epoch = [&](const lnn::epoch_result& r) {
           if (r.epoch == kept) lnn::save_checkpoint(file, net.view(), t);
         }},
        1, {.label_smoothing = 0.1F});
  }
};

}  // namespace

TEST_CASE("checkpoint: a resumed run equals an uninterrupted one byte for byte, in every stage") {
  const scratch::folder here;
  for (const bool adam : {false, true})
    for (const stage s : stages)
      for (const int kept : {1, 3}) {
        CAPTURE(adam);
        CAPTURE(static_cast<int>(s));
        course whole(adam, adam);
        if (s == stage::integer) whole.epochs(stage::constrained);
        whole.epochs(s, here.path("half"), kept);
        lnn::save_checkpoint(here.path("whole"), whole.net.view(), whole.t);

        course resumed(adam, adam);
        lnn::load_checkpoint(here.path("half"), resumed.net.view(), resumed.t);
        CHECK(resumed.t.epoch == kept);
        CHECK(resumed.t.stage == whole.t.stage);
        CHECK(resumed.t.seed == whole.t.seed);
        lnn::save_checkpoint(here.path("again"), resumed.net.view(), resumed.t);
        CHECK(scratch::load(here.path("again")) == scratch::load(here.path("half")));
        lnn::dataset test = lnn::synthetic_images(20, 9);  // looking at the state between changes nothing
        lnn::loader looked(test, {.batch = 8, .training = false});
        (void)outputs(s, resumed.net.view(), resumed.t, looked);
        resumed.epochs(s);
        lnn::save_checkpoint(here.path("resumed"), resumed.net.view(), resumed.t);
        CHECK(scratch::load(here.path("resumed")) == scratch::load(here.path("whole")));
      }
  CHECK(here.files() == 4);  // nothing half-written stays behind
}

TEST_CASE("checkpoint: of another network, naming the first difference") {
  const scratch::folder here;
  const std::string file = here.path("one");
  course a(false, false);
  lnn::save_checkpoint(file, a.net.view(), a.t);
  const std::string before = bytes_of(a.net.view(), a.t);
  const auto load = [&](const network& net) { return message([&] { lnn::load_checkpoint(file, net.view(), a.t); }); };
  CHECK(has(load(small(5)), "line 2 is 'conv1 = conv2d kernel_shape=5,5"));
  CHECK(has(load(small(5)), "out=5"));
  CHECK(has(load(small(4, true)), "line 6 is 'flat = "));
  CHECK(has(load(small(4, true)), "'six = clip min=0 max=6 (norm2)' here"));
  CHECK(bytes_of(a.net.view(), a.t) == before);
  CHECK(load(small()).empty());
  CHECK(bytes_of(a.net.view(), a.t) == before);
}

TEST_CASE("checkpoint: of another optimizer or another method of ranges") {
  const scratch::folder here;
  const std::string file = here.path("one");
  course a(false, false), b(true, false), c(false, true);
  a.epochs(stage::integer);
  lnn::save_checkpoint(file, a.net.view(), a.t);
  CHECK(message([&] { lnn::load_checkpoint(file, b.net.view(), b.t); }) ==
        file + ": the checkpoint's optimizer is sgd but this run uses adam; choose the same one");
  CHECK(has(message([&] { lnn::load_checkpoint(file, c.net.view(), c.t); }), "moving maxima but this run's policy learns them"));
  c.epochs(stage::integer);
  lnn::save_checkpoint(file, c.net.view(), c.t);
  CHECK(has(message([&] { lnn::load_checkpoint(file, a.net.view(), a.t); }), "learned but this run's policy is moving maxima"));
}

TEST_CASE("checkpoint: damaged, cut or missing files are one sentence and change nothing") {
  const scratch::folder here;
  const std::string file = here.path("one"), bad = here.path("bad");
  course a(true, true);
  a.epochs(stage::integer);
  lnn::save_checkpoint(file, a.net.view(), a.t);
  const std::string good = scratch::load(file), before = bytes_of(a.net.view(), a.t);
  lnn::random draw(2);
  for (int i = 0; i < 150; ++i) {
    std::string bytes = good;
    const auto place = draw.below(static_cast<std::uint32_t>(bytes.size()));
    if (i % 3 == 0) bytes.resize(place);
    else bytes[place] = static_cast<char>(bytes[place] ^ (1 << draw.below(8)));
    scratch::store(bad, bytes);
    CHECK(has(message([&] { lnn::load_checkpoint(bad, a.net.view(), a.t); }), bad));
  }
  CHECK(has(message([&] { lnn::load_checkpoint(here.path("none"), a.net.view(), a.t); }), "none"));
  lnn::archive other;
  other.put("format", "something else");
  other.write(bad);
  CHECK(has(message([&] { lnn::load_checkpoint(bad, a.net.view(), a.t); }), "this is no checkpoint of this version of lnn"));
  CHECK(bytes_of(a.net.view(), a.t) == before);
}

TEST_CASE("checkpoint: a file that cannot be written leaves the old one whole") {
  const scratch::folder here;
  course a(false, false);
  CHECK_FALSE(message([&] { lnn::save_checkpoint(here.path("no/such/folder"), a.net.view(), a.t); }).empty());
  CHECK(here.files() == 0);
}

}  // namespace test_checkpoint
