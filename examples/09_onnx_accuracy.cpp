// SPDX-License-Identifier: Apache-2.0
//
// How good is a quantized network that somebody else trained?  Reads an ONNX file of linger's 1.x or 3.x dialect, runs the
// 10,000 test images of Fashion-MNIST through its integers, and prints the accuracy and what is taken for what.  Images
// are padded with zeros to the size of the network's input and divided by 255.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <lnn/sim/machine.hpp>
#include <lnn/train/idx.hpp>
#include <lnn/train/metric.hpp>
#include <lnn/train/terminal.hpp>

#include "lnn/network_file.hpp"

namespace {

/// `count` images from `first` on, in the middle of a batch of the network's input shape.
lnn::tensor<float> batch_of(const lnn::dataset& data, std::size_t first, std::size_t count, const lnn::shape& input) {
  const int height = data.sample[1], width = data.sample[2], top = (input[2] - height) / 2, left = (input[3] - width) / 2;
  lnn::tensor<float> out(input.with_batch(static_cast<int>(count)));
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const std::uint8_t> image = data.image(first + i);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const auto row = static_cast<std::size_t>(y + top), column = static_cast<std::size_t>(x + left);
        out[(i * static_cast<std::size_t>(input[2]) + row) * static_cast<std::size_t>(input[3]) + column] =
            static_cast<float>(image[static_cast<std::size_t>(y * width + x)]) / 255.0F;
      }
  }
  return out;
}

int run(const std::string& file, const std::string& folder, int threads) {
  const lnn::dataset data = lnn::fashion_mnist(folder).test;
  const lnn::frozen<> network = tool::load_network(file);
  if (network.inputs.size() != 1) lnn::fail(file, ": ", network.inputs.size(), " inputs, expected one image");
  const lnn::shape input = network.edges[static_cast<std::size_t>(network.inputs[0])].dims;
  if (input.rank() != 4 || input[1] != 1 || input[2] < data.sample[1] || input[3] < data.sample[2])
    lnn::fail(file, ": the input is ", input, ", expected 1x1 and at least ", data.sample[1], "x", data.sample[2], " pixels");
  lnn::pool workers(threads);
  lnn::sim::machine machine(network, workers, lnn::sim::keeps::outputs);
  lnn::confusion_matrix found(data.class_names);
  constexpr std::size_t batch = 250;
  const double start = lnn::monotonic_seconds();
  for (std::size_t first = 0; first < data.size(); first += batch) {
    const std::size_t count = std::min(batch, data.size() - first);
    const lnn::tensor<float> images = batch_of(data, first, count, input);
    machine.run(images.flatten());
    const lnn::tensor<float> scores = machine.real_output();
    found.add(lnn::flat<const float>(scores.flatten()), std::span(data.labels).subspan(first, count));
  }
  const double seconds = lnn::monotonic_seconds() - start;
  std::printf("%s: %zu layers, %zu bytes of parameters, for %s\n", file.c_str(), network.layers.size(), network.parameter_bytes(), std::string(network.target->name).c_str());
  std::printf("%zu test images, %.1f s\naccuracy %.2f %%\n", data.size(), seconds, 100 * found.accuracy());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string file, folder = lnn::fashion_mnist_folder;
  int threads = 0;
  CLI::App app{"Prints the accuracy of a quantized ONNX network on the test images of Fashion-MNIST."};
  app.add_option("network", file, "ONNX file with one grey image of at least 28 x 28 as its input")->required();
  app.add_option("--data", folder, "folder with the four idx files, .gz or not")->capture_default_str();
  app.add_option("--threads", threads, "0: one per core")->capture_default_str()->check(CLI::Range(0, 256));
  CLI11_PARSE(app, argc, argv);
  try {
    return run(file, folder, threads);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
