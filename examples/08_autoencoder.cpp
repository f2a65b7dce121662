// SPDX-License-Identifier: Apache-2.0
//
// An auto-encoder for ARCS: convolutions narrow an image of 256 numbers down to 48, transposed convolutions widen them to
// an image again.  The goal is the input itself, so there are no labels.  Training goes through all stages, and the share
// of the images' variance that is reconstructed tells how good it is; the integers may lose a point of it.
#include <cstdio>
#include <lnn/lnn.hpp>
#include <lnn/sim/machine.hpp>

namespace {

constexpr const lnn::chip& target = lnn::arcs;
constexpr int side = 16;

constexpr auto network = lnn::describe([](auto& net) {
  auto x = net.input("image", {1, 1, side, side});
  x = net("down1", lnn::conv2d{.out = 12, .stride = {2, 2}, .pad = 1}, x);
  x = net("relu1", lnn::relu{}, net("norm1", lnn::batch_norm{}, x));
  x = net("down2", lnn::conv2d{.out = 24, .stride = {2, 2}, .pad = 1}, x);
  x = net("relu2", lnn::relu{}, net("norm2", lnn::batch_norm{}, x));
  x = net("code", lnn::conv2d{.out = 3, .kernel = {1, 1}}, x);
  x = net("relu3", lnn::relu{}, net("up1", lnn::conv_transpose2d{.out = 24, .kernel = {4, 4}, .pad = 1}, x));
  x = net("relu4", lnn::relu{}, net("up2", lnn::conv_transpose2d{.out = 12, .kernel = {4, 4}, .pad = 1}, x));
  net("smooth", lnn::conv2d{.out = 1, .pad = 1}, x);
});
static_assert(lnn::runs_on<network, target>);

/// A bright oval on a dark ground, anywhere, of any size and brightness; a pure function of (seed, i).
lnn::dataset ovals(std::size_t samples, std::uint64_t seed) {
  lnn::dataset out;
  out.sample = {1, side, side};
  for (std::size_t i = 0; i < samples; ++i) {
    lnn::random draw(seed, i);
    const float x = draw.uniform(3, 12), y = draw.uniform(3, 12), wide = draw.uniform(1.5F, 5), tall = draw.uniform(1.5F, 5);
    const float level = draw.uniform(100, 250);
    for (int row = 0; row < side; ++row)
      for (int column = 0; column < side; ++column) {
        const float across = (static_cast<float>(column) - x) / wide, down = (static_cast<float>(row) - y) / tall;
        const float edge = std::clamp(2 - across * across - down * down, 0.0F, 1.0F);
        out.pixels.push_back(static_cast<std::uint8_t>(level * edge));
      }
  }
  return out;
}

}  // namespace

int main() {
  try {
    lnn::pool workers(0);
    const lnn::dataset images = ovals(4000, 1), others = ovals(1000, 2);
    const lnn::channel_statistics normal = lnn::statistics_of(images);
    lnn::loader train(images, {.batch = 50, .normal = normal}), test(others, {.batch = 100, .normal = normal, .training = false});
    const lnn::reconstruction goal;
    const lnn::integer_stage integers{.target = &target};
    lnn::progress bar(stdout);
    lnn::training now;
    now.parameters = lnn::init(network, 3);
    now.rule = lnn::adam{};
    const auto judge = [&](const char* when, const auto& stage) {
      const auto found = lnn::evaluate(network, now, test, stage, goal, workers);
      const double peak = 1 / static_cast<double>(normal.deviation[0]);  // the brightest pixel, on the loader's scale
      std::printf("%-24s %.2f %% of the variance reconstructed, %.1f dB\n", when, 100 * found.explained(), found.psnr(peak));
      return found.explained();
    };

    std::printf("generated images of ovals, %zu to learn from, %zu to judge by; %s\n", images.size(), others.size(),
                std::string(target.name).c_str());
    lnn::fit(network, now, train, lnn::float_stage{}, goal, {.epochs = 8, .rate = lnn::schedule::cosine(0.005), .show = &bar}, workers);
    const double real = judge("float", lnn::float_stage{});
    lnn::fit(network, now, train, lnn::constrained_stage{}, goal, {.epochs = 1, .rate = lnn::schedule::cosine(0.001), .show = &bar}, workers);
    judge("constrained", lnn::constrained_stage{});
    now.grids = lnn::calibrate(network, now, train, 8, lnn::quantization{}, workers);
    judge("rounded to integers", integers);
    lnn::fit(network, now, train, integers, goal, {.epochs = 3, .rate = lnn::schedule::cosine(0.001), .show = &bar}, workers);
    const double trained = judge("trained with integers", integers);

    const auto model = lnn::freeze(network, now.parameters, now.grids, target);
    lnn::sim::machine machine(model, workers);
    std::size_t differ = 0, compared = 0;
    lnn::run_over(network.view(), now, test, integers, workers, [&](auto& program, auto&) {
      machine.run(program.input->value);
      for (std::size_t e = 0; e < model.edges.size(); ++e, ++compared)
        differ += !(program.integers[e].values == machine.edge(e));
    });
    std::printf("frozen: %zu of %zu layer outputs differ from training\n", differ, compared);
    return differ == 0 && trained > real - 0.01 ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
