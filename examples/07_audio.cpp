// SPDX-License-Identifier: Apache-2.0
//
// Sounds with convolutions along time, for ARCS: bands of a spectrum are the channels of conv1d layers with folded batch
// norms, and the mean over time goes to the classifier.  It tells generated chirps apart.
#include "chirps.hpp"

namespace {

constexpr const lnn::chip& target = lnn::arcs;

constexpr auto network = lnn::describe([](auto& net) {
  auto x = net.input("spectra", {1, 1, chirps::steps, chirps::bands});
  x = net("frames", lnn::reshape{{0, chirps::steps, chirps::bands}}, x);
  x = net("bands", lnn::transpose{{0, 2, 1}}, x);
  x = net("conv1", lnn::conv1d{.out = 16, .kernel = 5, .pad = 2}, x);
  x = net("relu1", lnn::relu{}, net("norm1", lnn::batch_norm{}, x));
  x = net("conv2", lnn::conv1d{.out = 24, .kernel = 3, .stride = 2, .pad = 1}, x);
  x = net("relu2", lnn::relu{}, net("norm2", lnn::batch_norm{}, x));
  x = net("conv3", lnn::conv1d{.out = 32, .kernel = 3, .pad = 1}, x);
  x = net("relu3", lnn::relu{}, net("norm3", lnn::batch_norm{}, x));
  x = net("image", lnn::reshape{{0, 32, 1, -1}}, x);
  x = net("mean", lnn::avg_pool2d::global(), x);
  net("classes", lnn::linear{.out = chirps::classes}, net("flat", lnn::flatten{}, x));
});
static_assert(lnn::runs_on<network, target>);

}  // namespace

int main() { return chirps::learn(network, target); }
