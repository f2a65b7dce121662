// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/frozen_file.hpp>

#include "networks.hpp"
#include "scratch.hpp"

namespace test_frozen_file {

using namespace rig;
using scratch::has;
using scratch::message;

namespace {

struct made {
  network net;
  model frozen;
  tensor<float> batch;
};

/// Calibrated, not trained: what matters here is what the file holds.
made make(std::uint64_t seed) {
  maker dice(seed);
  made m{dice(), {}, {}};
  const shape sample = m.net.view().edges[0].dims;
  const auto data = noise(8, {sample[1], sample[2], sample[3]}, 4, seed);
  lnn::loader loader(data, {.batch = 4, .seed = seed});
  lnn::training t;
  t.parameters = lively(m.net.view(), seed);
  lnn::quantization policy;
  if (seed % 2 == 0) policy.bits.weight = 4;
  m.frozen = lnn::freeze(m.net.view(), t.parameters, calibrate(m.net.view(), t, loader, 1, policy),
                         lnn::venus, lnn::hardware_rules::ignored);
  std::vector<int> labels;
  lnn::pool workers(1);
  loader.fill(0, m.batch, labels, workers);
  return m;
}

}  // namespace

TEST_CASE("frozen_file: reading gives what was written, and computes the same") {
  const scratch::folder here;
  for (std::uint64_t seed = 200; seed < 220; ++seed) {
    CAPTURE(seed);
    const made m = make(seed);
    lnn::write_frozen(here.path("a"), m.frozen);
    const model back = lnn::read_frozen(here.path("a"));
    lnn::write_frozen(here.path("b"), back);
    CHECK(scratch::load(here.path("a")) == scratch::load(here.path("b")));
    CHECK(back.target == m.frozen.target);
    CHECK(back.inputs == m.frozen.inputs);
    CHECK(back.outputs == m.frozen.outputs);
    REQUIRE(back.layers.size() == m.frozen.layers.size());
    for (std::size_t i = 0; i < back.layers.size(); ++i) {
      CHECK(back.layers[i].parameters == m.frozen.layers[i].parameters);
      CHECK(back.layers[i].relu == m.frozen.layers[i].relu);
    }
    CHECK(run(back, m.batch.flatten(), false) == run(m.frozen, m.batch.flatten(), true));
  }
}

TEST_CASE("frozen_file: flipped and missing bytes never crash") {
  const scratch::folder here;
  const made m = make(203);
  lnn::write_frozen(here.path("a"), m.frozen);
  const std::string good = scratch::load(here.path("a"));
  lnn::random draw(2);
  for (int i = 0; i < 200; ++i) {
    std::string bytes = good;
    const auto place = draw.below(static_cast<std::uint32_t>(bytes.size()));
    if (i % 3 == 0) bytes.resize(place);
    else bytes[place] = static_cast<char>(bytes[place] ^ (1 << draw.below(8)));
    scratch::store(here.path("b"), bytes);
    CHECK(has(message([&] { (void)lnn::read_frozen(here.path("b")); }), here.path("b")));
  }
}

TEST_CASE("frozen_file: records that do not belong together are refused, whatever they hold") {
  const scratch::folder here;
  const made m = make(203);
  lnn::write_frozen(here.path("a"), m.frozen);
  const lnn::archive good = lnn::archive::read(here.path("a"));
  lnn::random draw(4);
  const std::int64_t numbers[] = {-1, 0, 1, 5, 7, 40, 1000, INT64_MAX, INT64_MIN, INT32_MAX};
  const char* texts[] = {"", "0", "1 2", "999", "-3", "relu", "conv2d out=0", "conv2d out=99999999999 kernel_shape=1,1",
                         "avg_pool2d kernel_shape=0,1", "nothing", "concat axis=7", "clip min=nan max=1", "linear out=1e300"};
  int refused = 0, read = 0;
  for (int i = 0; i < 600; ++i) {
    // one record in another's place, or with another value; sealed again, so that only the contents are wrong
    lnn::archive a;
    const std::uint32_t victim = draw.below(static_cast<std::uint32_t>(good.size()));
    std::uint32_t k = 0;
    for (const lnn::record& r : good) {
      const bool hit = k++ == victim;
      const bool gone = hit && draw.below(6) == 0;
      if (gone) continue;
      if (r.kind == lnn::record_kind::integer)
        a.put(r.name, hit ? numbers[draw.below(10)] : good.get<std::int64_t>(r.name));
      else if (r.kind == lnn::record_kind::text)
        a.put(r.name, std::string_view(hit ? std::string(texts[draw.below(13)]) : good.get<std::string>(r.name)));
      else if (r.kind == lnn::record_kind::quantized) {
        lnn::integer_tensor t = good.get<lnn::integer_tensor>(r.name);
        if (hit) t = lnn::integer_tensor(draw.below(2) ? lnn::dtype::int16 : t.type(), draw.below(2) ? shape{3} : t.dims(), static_cast<int>(draw.below(60)));
        a.put(r.name, t);
      } else {
        auto t = good.get<tensor<std::int32_t>>(r.name);
        if (hit && t.size() > 0) t[draw.below(static_cast<std::uint32_t>(t.size()))] = static_cast<std::int32_t>(numbers[draw.below(10)]);
        a.put(r.name, t);
      }
    }
    a.write(here.path("b"));
    const std::string said = message([&] {
      const model back = lnn::read_frozen(here.path("b"));
      ++read;
      (void)run(back, m.batch.flatten(), false);  // whatever is accepted can be run, or says why not
    });
    if (!said.empty()) ++refused;
  }
  CHECK(refused > 300);
  CHECK(read + refused >= 600);
}

}  // namespace test_frozen_file
