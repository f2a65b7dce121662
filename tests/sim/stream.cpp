// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/model/reader.hpp>
#include <lnn/pack/pack.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/sim/stream.hpp>
#include <lnn/train/freeze.hpp>

namespace test_stream {

namespace {

using bytes = std::vector<std::uint8_t>;

/// Two convolutions and a residual sum over images of so many rows.
lnn::frozen<> make(int rows, const lnn::chip& on) {
  lnn::graph<> net;
  auto x = net.input("x", {1, 2, rows, 8});
  x = net("relu", lnn::relu{}, net("first", lnn::conv2d{.out = 8, .kernel = {3, 3}, .pad = 1}, x));
  net("sum", lnn::add{}, net("second", lnn::conv2d{.out = 8, .kernel = {3, 3}, .pad = 1}, x), x);
  net.finish();
  const lnn::params p = lnn::init(net.view(), 3);
  const auto fused = lnn::fuse(net.view());
  lnn::scales s = lnn::scales_for(fused.view(), {});
  for (auto& e : s.entries()) e.set(e.name.find("weight") == std::string::npos ? 2.0F : 1.0F);
  (void)lnn::grids_of(fused.view(), s, true);
  return lnn::freeze(net.view(), p, s, on);
}

}  // namespace

TEST_CASE("stream: a packed model that is fed piece by piece makes the rows of the whole, on every chip") {
  for (const lnn::chip* on : lnn::chips) {
    constexpr int piece = 4, pieces = 6, late = 2;
    const lnn::frozen<> whole = make(piece * pieces, *on), small = make(piece, *on);
    lnn::pack_options options;
    options.stream = lnn::streaming::height;
    const lnn::packed made = lnn::pack(small, *on, options);
    lnn::pool workers(1);
    lnn::sim::engine<> engine(lnn::model::read(std::span<const std::uint8_t>(made.bytes)), workers, {.poison = true});
    lnn::sim::stream<> stream(engine);
    REQUIRE(stream.inputs().size() == 1);

    lnn::tensor<float> x({1, 2, piece * pieces, 8});
    lnn::random draw(4);
    for (float& v : x) v = draw.uniform(-2, 2);
    lnn::sim::machine machine(whole, workers);
    machine.run(x.flatten());
    const lnn::integer_view in = machine.edge(0).access(), out = machine.output().access();
    const auto row = [](const lnn::integer_view& v, int channel, int r) {
      const auto rows = static_cast<std::size_t>(v.dims[2]);
      return v.as<const std::uint8_t>() + (static_cast<std::size_t>(channel) * rows + static_cast<std::size_t>(r)) * 8;
    };
    const auto signal = [&] {
      bytes all;
      const std::size_t last = engine.outputs() - 1;
      for (int p = 0; p < pieces; ++p) {
        bytes now;
        for (int c = 0; c < 2; ++c) now.insert(now.end(), row(in, c, p * piece), row(in, c, p * piece) + piece * 8);
        stream.run(now);
        const auto got = engine.output_bytes(last);
        all.insert(all.end(), got.begin(), got.end());
      }
      return all;
    };
    const bytes first = signal();
    int compared = 0;
    for (int r = 2; r < piece * pieces - late; ++r)  // the whole has zeros in front of every layer, a stream in front of the first
      for (int c = 0; c < 8; ++c) {
        const int at = r + late;
        const std::uint8_t* got = first.data() + (static_cast<std::size_t>(at / piece) * 8 * piece + static_cast<std::size_t>(c * piece + at % piece)) * 8;
        CHECK(std::equal(got, got + 8, row(out, c, r)));
        ++compared;
      }
    CHECK(compared == 20 * 8);
    CHECK(signal() != first);  // goes on
    stream.restart();
    CHECK(signal() == first);
    const bytes few(3);
    CHECK_THROWS_WITH_AS(stream.run(few), "model: input x is given 3 bytes, its shape 1x2x4x8 needs 64", lnn::error);

    const lnn::packed plain = lnn::pack(small, *on);
    lnn::sim::engine<> other(lnn::model::read(std::span<const std::uint8_t>(plain.bytes)), workers);
    CHECK_THROWS_WITH_AS(lnn::sim::stream<>(other), "stream: the model keeps no past; pack it with isstream", lnn::error);
  }
}

}  // namespace test_stream
