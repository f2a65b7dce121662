// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/model/reader.hpp>
#include <lnn/op/quant.hpp>
#include <lnn/sim/engine.hpp>
#include <lnn/train/file.hpp>

#include "../folders.hpp"

#include <algorithm>

namespace test_models {

namespace {

using bytes = std::vector<std::uint8_t>;

bytes load(const std::filesystem::path& at) { return lnn::read_file(at.string()); }

}  // namespace

TEST_CASE("resnet18 of somebody else, packed by the reference packer, gives the reference outputs") {
  const auto folder = folders::shared() / "models" / "resnet18";
  if (!std::filesystem::exists(folder)) return;
  lnn::pool workers(2);
  lnn::sim::engine<> e(lnn::model::read(load(folder / "model.bin")), workers, {.poison = true});
  for (int i = 0; i < 6; ++i) {
    e.feed(0, load(folder / ("in" + std::to_string(i) + ".bin")));
    e.run();
    CHECK(std::ranges::equal(e.output_bytes(0), load(folder / ("out" + std::to_string(i) + ".bin"))));
  }
}

TEST_CASE("resnet50 for fashion images, with real numbers and with integers at its ends") {
  const auto folder = folders::shared() / "models" / "resnet50_fashion";
  if (!std::filesystem::exists(folder)) return;
  lnn::pool workers(2);
  const bytes x = load(folder / "input.bin"), y = load(folder / "output.bin");
  lnn::sim::engine<> real(lnn::model::read(load(folder / "model_float_io.bin")), workers, {.poison = true});
  real.feed(0, x);
  real.run();
  CHECK(std::ranges::equal(real.output_bytes(0), y));

  lnn::sim::engine<> whole(lnn::model::read(load(folder / "model_int8.bin")), workers);
  const lnn::integer_view in = whole.input(0);
  bytes grid(in.size());
  for (std::size_t i = 0; i < grid.size(); ++i) {
    float v = 0;
    std::memcpy(&v, x.data() + 4 * i, 4);
    grid[i] = static_cast<std::uint8_t>(static_cast<std::int8_t>(lnn::to_integer(static_cast<double>(lnn::chip_quant(v, in.exponent)), -128, 127)));
  }
  whole.feed(0, grid);
  whole.run();
  const lnn::integer_view out = whole.output(0);
  REQUIRE(out.size() * 4 == y.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    float v = 0;
    std::memcpy(&v, y.data() + 4 * i, 4);
    CHECK(static_cast<float>(out.at(i)) * lnn::power_of_two(-out.exponent) == v);
  }
}

TEST_CASE("a decoder with dimensions that vary runs at every length") {
  const auto file = folders::shared() / "models" / "translation_decoder" / "decoder.bin";
  if (!std::filesystem::exists(file)) return;
  lnn::pool workers(2);
  lnn::sim::engine<> e(lnn::model::read(load(file)), workers);
  for (int steps : {1, 7, 32}) {
    e.resize(0, {1, steps});
    e.resize(1, {1, steps, 256});
    e.feed(0, bytes(static_cast<std::size_t>(steps) * lnn::bytes_of(e.input(0).type, 1), 0));
    e.feed(1, bytes(static_cast<std::size_t>(steps) * 256, 3));
    e.run();
    CHECK(e.output(0).dims == lnn::shape{1, steps, 3440});
  }
}

}  // namespace test_models
