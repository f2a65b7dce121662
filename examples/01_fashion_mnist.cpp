// SPDX-License-Identifier: Apache-2.0
//
// The main job, end to end: a residual network of depthwise and pointwise convolutions is trained on Fashion-MNIST in
// real numbers, constrained, calibrated, trained with the chip's integers in its forward pass, and frozen into a program
// of integers, which is exported, packed into the file that the chip loads, and simulated from that file.  At the end every
// layer's output of the trained and of the frozen network, and the results of the file, are compared on all test images.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <lnn/lnn.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/train/idx.hpp>
#include <lnn/train/synthetic.hpp>
#include <optional>
#include <string>

#include "lnn/deployment.hpp"

namespace {

/// One depthwise-separable unit: a 3x3 filter per channel, then a mix of channels, each with batch norm and relu.
/// The names are literals, so that the whole description can be a constant.
struct unit_names {
  const char *depthwise, *norm1, *relu1, *pointwise, *norm2, *relu2, *join;
};
constexpr unit_names units[] = {
    {"dw1", "dw1.norm", "dw1.relu", "pw1", "pw1.norm", "pw1.relu", "join1"},
    {"dw2", "dw2.norm", "dw2.relu", "pw2", "pw2.norm", "pw2.relu", "join2"},
    {"dw3", "dw3.norm", "dw3.relu", "pw3", "pw3.norm", "pw3.relu", "join3"},
};
template <class Net, class Wire>
constexpr Wire separable(Net& net, const unit_names& name, Wire x, int out, int stride) {
  const int channels = net.dims(x)[1];
  x = net(name.depthwise, lnn::conv2d{.out = channels, .stride = {stride, stride}, .pad = 1, .group = channels, .bias = false}, x);
  x = net(name.norm1, lnn::batch_norm{}, x);
  x = net(name.relu1, lnn::relu{}, x);
  x = net(name.pointwise, lnn::conv2d{.out = out, .kernel = {1, 1}, .bias = false}, x);
  x = net(name.norm2, lnn::batch_norm{}, x);
  return net(name.relu2, lnn::relu{}, x);
}

constexpr auto network = lnn::describe([](auto& net) {
  auto x = net.input("image", {1, 1, 28, 28});
  x = net("stem", lnn::conv2d{.out = 32, .stride = {2, 2}, .pad = 1, .bias = false}, x);
  x = net("stem.norm", lnn::batch_norm{}, x);
  x = net("stem.relu", lnn::relu{}, x);
  x = net("body", lnn::conv2d{.out = 64, .stride = {2, 2}, .pad = 1, .bias = false}, x);
  x = net("body.norm", lnn::batch_norm{}, x);
  x = net("body.relu", lnn::relu{}, x);
  for (const unit_names& name : units) x = net(name.join, lnn::add{}, x, separable(net, name, x, 64, 1));
  x = net("pool", lnn::avg_pool2d{}, x);
  x = net("flat", lnn::flatten{}, x);
  net("classes", lnn::linear{.out = 10}, x);
});
static_assert(lnn::check(network, lnn::venus).clean());

struct settings {
  std::string data = "/usr/share/datasets/fashion-mnist";
  std::string out = ".";
  int epochs = 6, constrained_epochs = 1, integer_epochs = 1, threads = 0, batch = 48, images = 60000;
  std::uint64_t seed = 1;
  bool resume = false;
};

/// Fashion-MNIST, or a generated set, saying so loudly.
lnn::train_test load(const settings& set, bool data_given) {
  const auto most = static_cast<std::size_t>(set.images);
  if (data_given || lnn::has_fashion_mnist(set.data)) {
    const lnn::train_test all = lnn::fashion_mnist(set.data);
    return {all.train.first(most), all.test.first(most)};
  }
  std::printf("********************************************************************************\n"
              "** No Fashion-MNIST in %s.\n"
              "** Training on GENERATED images instead; the accuracies below mean nothing.\n"
              "** Install the package dataset-fashion-mnist, or name a folder with --data.\n"
              "********************************************************************************\n", set.data.c_str());
  return lnn::synthetic(std::min<std::size_t>(most, 12000), std::min<std::size_t>(most, 2000), set.seed);
}

/// Makes the folder for the results.
void make_folder(const std::string& folder) {
  std::error_code why;
  std::filesystem::create_directories(folder, why);
  if (why) lnn::fail("'", folder, "' cannot be made a folder (", why.message(), "); name another one with --out");
}

/// Not what the parser of options takes for a number: signs, and more digits than fit.
std::string natural(const std::string& text) {
  const bool digits = !text.empty() && text.size() < 20 && text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? "" : "'" + text + "' is no seed; use up to 19 digits";
}

class main_job {
 public:
  explicit main_job(const settings& with, bool data_given)
      : set_(with), workers_(set_.threads), data_(load(set_, data_given)),
        normal_(lnn::statistics_of(data_.train)),
        train_(data_.train, {.batch = set_.batch, .seed = set_.seed, .normal = normal_}),
        few_(data_.train.first(20000)), some_(few_, {.batch = set_.batch, .seed = set_.seed, .normal = normal_}),
        plain_(data_.train, {.batch = 250, .seed = set_.seed, .normal = normal_}),
        test_(data_.test, {.batch = 250, .normal = normal_, .training = false}) {}

  void run() {
    const double start = lnn::monotonic_seconds();
    std::printf("data         %zu training and %zu test images, %d threads, seed %llu\n", data_.train.size(),
                data_.test.size(), workers_.threads(), static_cast<unsigned long long>(set_.seed));
    now_.parameters = lnn::init(network, set_.seed);
    now_.rule = lnn::sgd{.momentum = 0.9F, .weight_decay = 5e-4F};
    now_.seed = set_.seed;
    open_log();
    std::printf("network      %zu layers, %zu parameters; legal on venus, said the compiler\n", network.nodes.size(),
                now_.parameters.count());
    if (set_.resume) std::printf("resumed      stage %s, %d epochs done\n", now_.stage.c_str(), now_.epoch);

    lnn::training after_float = now_;
    if (now_.stage == lnn::float_stage::name) {
      stage(lnn::float_stage{}, set_.epochs, lnn::schedule::cosine(0.08, 0.15, 0.01), train_);
      after_float = now_;
      lnn::save_checkpoint(path("float.lnn"), network, now_);
    } else {
      lnn::load_checkpoint(path("float.lnn"), network, after_float);
      note("float", lnn::evaluate(network, after_float, test_, lnn::float_stage{}, classes(), workers_).accuracy(), 0);
    }
    if (now_.stage != lnn::integer_stage::name) {
      stage(lnn::constrained_stage{}, set_.constrained_epochs, lnn::schedule::cosine(0.005, 0, 0.2), some_);
      const double start_of_calibration = lnn::monotonic_seconds();
      now_.grids = lnn::calibrate(network, now_, plain_, 8, lnn::quantization{}, workers_);
      note("calibrate", accuracy(lnn::integer_stage{}), lnn::monotonic_seconds() - start_of_calibration);
    }
    stage(lnn::integer_stage{}, set_.integer_epochs, lnn::schedule::cosine(0.005, 0, 0.05), some_);

    double began = lnn::monotonic_seconds();
    const auto model = lnn::freeze(network, now_.parameters, now_.grids);
    lnn::write_frozen(path("model.lnn"), model);
    lnn::save_checkpoint(path("checkpoint.lnn"), network, now_);
    tool::deployment shipped(path("model.lnn"), set_.out, workers_);
    const double frozen_accuracy = compare(model, shipped);
    note("freeze", frozen_accuracy, lnn::monotonic_seconds() - began);
    post_training(after_float);
    close(model, shipped, lnn::monotonic_seconds() - start);
    if (differing_ > 0) lnn::fail("frozen model: ", differing_, " integers differ from training");
    if (simulated_differing_ > 0) lnn::fail("model.bin: ", simulated_differing_, " results differ from the frozen model");
  }

 private:
  struct line {
    std::string stage;
    double accuracy, seconds;
  };

  [[nodiscard]] std::string path(const char* name) const { return (std::filesystem::path(set_.out) / name).string(); }

  [[nodiscard]] static std::vector<std::string> columns() {
    return {"stage", "epoch", "loss", "train_accuracy", "test_accuracy", "seconds", "rate"};
  }

  /// A new one, or behind the epochs that the checkpoint knows of, which is read then.
  void open_log() {
    const std::string from = path("checkpoint.lnn"), log = path("log.csv");
    if (set_.resume) {
      if (!lnn::file_exists(from)) lnn::fail(from, ": there is no checkpoint to continue from; start without --resume");
      lnn::load_checkpoint(from, network, now_);
      if (now_.seed != set_.seed)
        lnn::fail(from, ": training began with seed ", now_.seed, " and cannot continue with ", set_.seed, "; give --seed ", now_.seed);
      int rows = now_.epoch;
      if (now_.stage != lnn::float_stage::name) rows += set_.epochs;
      if (now_.stage == lnn::integer_stage::name) rows += set_.constrained_epochs;
      log_ = lnn::csv_log::resume(log, columns(), static_cast<std::size_t>(rows));
    } else {
      log_.emplace(log, columns());
    }
  }

  template <class Stage>
  double accuracy(const Stage& stage) {
    return lnn::evaluate(network, now_, test_, stage, classes(), workers_).accuracy();
  }
  [[nodiscard]] int classes() const { return static_cast<int>(data_.train.class_names.size()); }

  template <class Stage>
  void stage(const Stage& what, int epochs, const lnn::schedule& rate, lnn::loader& data) {
    const double began = lnn::monotonic_seconds();
    lnn::progress bar(stdout);
    double reached = now_.stage == Stage::name && now_.epoch >= epochs ? accuracy(what) : 0;
    lnn::fit(network, now_, data, what,
             {.epochs = epochs, .rate = rate, .show = &bar, .after_epoch = [&](const lnn::epoch_result& e) {
                reached = accuracy(what);
                log_->row({e.stage, e.epoch, e.loss, e.figure.value, reached, e.seconds, e.rate});
                lnn::save_checkpoint(path("checkpoint.lnn"), network, now_);
              }}, workers_);
    note(std::string(Stage::name), reached, lnn::monotonic_seconds() - began);
  }
  void note(const std::string& stage, double accuracy, double seconds) {
    lines_.push_back({stage, accuracy, seconds});
    std::printf("%-12s test accuracy %.2f %%, %.1f s\n", stage.c_str(), 100 * accuracy, seconds);
    std::fflush(stdout);
  }

  /// Runs training's evaluation and the frozen model side by side over all test images and counts differing integers
  /// in every layer's output, and runs the packed file beside them; returns the frozen model's accuracy.
  template <class Model>
  double compare(const Model& model, tool::deployment& shipped) {
    lnn::confusion_matrix found(classes());
    lnn::sim::machine machine(model, workers_);
    lnn::run_over(network.view(), now_, test_, lnn::integer_stage{}, workers_, [&](auto& program, const lnn::mini_batch& batch) {
      machine.run(program.input->value);
      for (std::size_t e = 0; e < model.edges.size(); ++e) {
        const lnn::integer_tensor &trained = program.integers[e].values, &frozen = machine.edge(e);
        compared_ += frozen.size();
        if (trained == frozen) continue;
        for (std::size_t i = 0; i < frozen.size(); ++i) differing_ += trained.access().at(i) != frozen.access().at(i);
      }
      const lnn::integer_tensor& scores = machine.output();
      simulated_ += scores.size();
      simulated_differing_ += shipped.differing(machine.edge(static_cast<std::size_t>(model.inputs[0])), scores);
      lnn::tensor<float> real(scores.dims());
      lnn::simd::kernels::dequantize(scores.access(), real.data());
      found.add(lnn::flat<const float>(real.flatten()), batch.labels);
    });
    return found.accuracy();
  }

  /// What the float network gives without any further training, on the same grids: 8-bit powers of two.
  void post_training(const lnn::training& after_float) {
    lnn::training other = after_float;
    other.grids = lnn::calibrate(network, other, plain_, 8, lnn::quantization{}, workers_);
    post_training_ = lnn::evaluate(network, other, test_, lnn::integer_stage{}, classes(), workers_).accuracy();
  }

  template <class Model>
  void close(const Model& model, const tool::deployment& shipped, double seconds) const {
    const double real = lines_.front().accuracy, integer = lines_.back().accuracy;
    std::printf("\n%-34s %9s %9s\n", "stage", "accuracy", "seconds");
    for (const line& l : lines_) std::printf("%-34s %8.2f%% %9.1f\n", l.stage.c_str(), 100 * l.accuracy, l.seconds);
    std::printf("\nthe same network with 8-bit power-of-two grids\n");
    std::printf("  quantized after float training   %8.2f%%   %+.2f points against float\n", 100 * post_training_, 100 * (post_training_ - real));
    std::printf("  trained with the chip's integers %8.2f%%   %+.2f points against float\n", 100 * integer, 100 * (integer - real));
    std::printf("\nweights                            %zu bytes (float: %zu)\n", model.parameter_bytes(), 4 * now_.parameters.count());
    std::printf("integers compared, all layers      %zu\n", compared_);
    std::printf("integers that differ               %zu\n", differing_);
    shipped.print();
    std::printf("results simulated from model.bin   %zu\n", simulated_);
    std::printf("results that differ                %zu\n", simulated_differing_);
    std::printf("total time                         %.1f s\n", seconds);
    const std::string folder = std::filesystem::weakly_canonical(set_.out).string();
    std::printf("written to %s: checkpoint.lnn, model.lnn, model.bin, memory.txt, memory.svg, log.csv\n", folder.c_str());
  }

  settings set_;
  lnn::pool workers_;
  lnn::train_test data_;
  lnn::channel_statistics normal_;
  lnn::loader train_;
  lnn::dataset few_;  ///< enough to settle into clamps and grids
  lnn::loader some_, plain_, test_;
  std::optional<lnn::csv_log> log_;
  lnn::training now_;
  std::vector<line> lines_;
  std::size_t compared_ = 0, differing_ = 0, simulated_ = 0, simulated_differing_ = 0;
  double post_training_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  settings set;
  CLI::App app{"Trains, quantizes and freezes a small network on Fashion-MNIST; writes checkpoint.lnn, model.lnn, log.csv."};
  auto* data = app.add_option("--data", set.data, "folder with the four idx files, .gz or not")->capture_default_str();
  app.add_option("--out", set.out, "folder to write to")->capture_default_str();
  app.add_option("--epochs", set.epochs, "epochs of float training")->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--constrained-epochs", set.constrained_epochs, "epochs with clamped weights and activations")->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--integer-epochs", set.integer_epochs, "epochs of quantization-aware training")->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--batch", set.batch, "images in a mini-batch")->capture_default_str()->check(CLI::Range(2, 4096));
  app.add_option("--images", set.images, "learn from the first so many, at most")->capture_default_str()->check(CLI::Range(250, 60000));
  app.add_option("--seed", set.seed, "the same seed gives the same bits")->capture_default_str()->check(natural);
  app.add_flag("--resume", set.resume, "continue from checkpoint.lnn in the folder of --out");
  app.add_option("--threads", set.threads, "0: one per core")->capture_default_str()->check(CLI::Range(0, 256));
  CLI11_PARSE(app, argc, argv);
  try {
    make_folder(set.out);
    main_job(set, data->count() > 0).run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
  return 0;
}
