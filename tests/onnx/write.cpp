// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <lnn/core/random.hpp>
#include <lnn/train/file.hpp>
#include <lnn/train/freeze.hpp>

#include "../folders.hpp"
#include "difference.hpp"
#include "file.hpp"
#include "reader.hpp"

namespace test_write {

namespace {

/// A network of many operators, frozen with scales that nobody calibrated; relus are fused.
template <class Describe>
lnn::frozen<> frozen_of(const lnn::chip& on, Describe describe) {
  lnn::graph<> net;
  describe(net);
  net.finish();
  const lnn::params p = lnn::init(net.view(), 5);
  const auto fused = lnn::fuse(net.view());
  lnn::scales s = lnn::scales_for(fused.view(), {});
  for (auto& e : s.entries()) e.set(2.0F);
  (void)lnn::grids_of(fused.view(), s, true);
  return lnn::freeze(net, p, s, on, lnn::hardware_rules::ignored);
}
lnn::frozen<> image(const lnn::chip& on) {
  return frozen_of(on, [](auto& n) {
    auto x = n("in", lnn::quant{}, n.input("image", {1, 3, 9, 7}));
    x = n("conv1", lnn::conv2d{.out = 8, .stride = {2, 1}, .pad = 1}, x);
    x = n("norm1", lnn::batch_norm{}, x);
    x = n("relu1", lnn::relu{}, x);
    auto y = n("deep", lnn::conv2d{.out = 8, .pad = 1, .group = 8, .bias = false}, x);
    x = n("sum", lnn::add{}, x, y);
    y = n("excite", lnn::conv2d{.out = 8, .kernel = {1, 1}}, n("squeeze", lnn::avg_pool2d::global(), x));
    x = n("scaled", lnn::mul{}, x, n("gate", lnn::clip{0, 1}, y));
    x = n("cut", lnn::slice{.starts = {0}, .ends = {1 << 28}, .axes = {2}, .steps = {2}}, x);
    x = n("join", lnn::concat{}, x, n("alone", lnn::batch_norm{}, x));
    x = n("flat", lnn::flatten{}, n("max", lnn::max_pool2d{}, x));
    x = n("head", lnn::linear{.out = 10}, x);
    n.output(n("out", lnn::dequant{}, n("odds", lnn::softmax{}, x)));
    n.output(n("best", lnn::arg_max{}, x));
  });
}
lnn::frozen<> sequence(const lnn::chip& on) {
  return frozen_of(on, [](auto& n) {
    auto x = n("words", lnn::embedding{.count = 20, .dim = 8}, n.input("indices", {1, 5}));
    x = n("norm", lnn::layer_norm{}, x);
    x = n("memory", lnn::lstm{.hidden = 6}, x);
    x = n("backward", lnn::gru{.hidden = 4, .go_forward = false}, x);
    n("turned", lnn::transpose{{0, 2, 1}}, n("flat", lnn::reshape{{1, 4, 5}}, x));
  });
}

}  // namespace

TEST_CASE("writing and reading is the identity, in both dialects") {
  for (const lnn::chip* on : {&lnn::venus, &lnn::arcs, &lnn::venusA})
    for (const auto& m : {image(*on), sequence(*on)}) {
      CAPTURE(on->name);
      auto named = m;
      named.name = "net";
      for (auto& l : named.layers)
        for (std::size_t i = 0; i < l.parameters.size(); ++i) l.parameter_names.push_back(l.name + "." + std::to_string(i));
      const auto back = read_bytes(bytes_of_model(named));
      CHECK(difference(named, back) == "");
      CHECK(bytes_of_model(back) == bytes_of_model(named));
      if (on == &lnn::venus) CHECK(difference(named, read_bytes(bytes_of_model(named, lnn::onnx::dialect::thinker))) == "");
      else CHECK_THROWS_WITH_AS(bytes_of_model(named, lnn::onnx::dialect::thinker), doctest::Contains("linger 1.x writes for venus"), lnn::error);
    }
}

TEST_CASE("recorded files are written and read back the same") {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"golden", "networks_linger"}) {
    const auto root = folders::shared() / folder;
    if (folders::shared().empty() || !std::filesystem::exists(root)) continue;
    for (const auto& at : std::filesystem::recursive_directory_iterator(root))
      if (at.path().extension() == ".onnx") files.push_back(at.path());
  }
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i < files.size(); i += 7) {  // lnn_golden reads them all
    CAPTURE(files[i].string());
    const auto m = read_bytes(lnn::read_file(files[i].string()));
    CHECK(difference(m, read_bytes(bytes_of_model(m))) == "");
  }
}

}  // namespace test_write
