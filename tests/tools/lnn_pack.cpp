// SPDX-License-Identifier: Apache-2.0
// Packs recorded networks and compares the files with those of the reference packer:
//
//   lnn_pack [--verbose] DIR|networks.jsonl ...
//
// Every folder with a case.json and an ONNX file is packed.  Where a model.bin of the reference packer lies beside it, the
// two are compared field by field; differences that a documented defect explains are counted by its name.  The own file is
// run from memory filled with noise, its outputs must be the recorded ones, and its plan must not need more than the
// reference's, corrected for its defects.  Of networks.jsonl the verdicts count, and the memory.  Ends with "N passed, M failed".
#include <algorithm>
#include <cstdio>
#include <lnn/model/reader.hpp>
#include <lnn/pack/option_text.hpp>
#include <lnn/report/model_difference.hpp>
#include <lnn/train/file.hpp>
#include <set>

#include "golden_case.hpp"
#include "known_defects.hpp"
#include "lnn_pack/parts.hpp"

namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;
using lnn::report::model_difference;

/// The defect of the reference packer that explains a difference (engine_defects.md, packer.md section 10), or nothing.
std::string defect_behind(const model_difference& d, const std::string& chip) {
  const bool weight = d.what.starts_with("input 1 ");
  if (d.type == "iqPad" && d.what == "attribute mode[0]") return "D32 pad modes swapped";
  if (d.type == "LayerNormInt" && chip == "venus" && weight) return "D36 int8 gamma on VENUS";
  if (d.type == "Conv1dInt" && chip == "venusA" && weight) return "D25 conv1d weights in pairs";
  if ((d.type == "Conv2dInt" || d.type == "ConvTranspose2dInt" || d.type == "GluInt" || d.type == "iqCat") && d.what.ends_with("type")) return "D26 wide outputs typed int8";
  if (d.type == "Conv1dInt" && d.what == "attribute act_type[0]") return "relu behind conv1d never fused";
  if (d.what == "operator" && d.right == "Relu") return "relu behind conv1d never fused";
  if (d.type == "topN" && (d.what == "input 1 type" || d.what == "input 1 bytes")) return "offset of topN is int64";
  if (d.what.ends_with(" layout") && !weight) return "name of an activation's layout";
  if (d.type == "GRUInt" && d.what == "attribute direction[0]") return "D28 direction of GRU not written";
  if (d.type == "LSTMInt" && d.what == "output 0 dims") return "D38 steps of an LSTM taken from its features";
  if (d.type == "LSTMInt" && d.what == "output 1 scale") return "scale of an LSTM's h is that of y";
  if (d.type == "Reshape" && d.what == "input 1 scale") return "scale of a constant shape";
  if (d.type == "Unsqueeze" && d.what.starts_with("attribute ")) return "Unsqueeze without axes";
  return {};
}

struct tally {
  int passed = 0, failed = 0, refused = 0, defective = 0, fits = 0, compared = 0, smaller = 0;
  std::map<std::string, int> documented;
};

lnn::pack_options options_of(const json& given) {
  lnn::pack_options o;
  for (const auto& [key, value] : given.items())
    if (key != "dump" && key != "platform") lnn::set_option(o, key, value.is_string() ? value.get<std::string>() : value.dump());
  return o;
}

/// Field by field; returns the first difference that nothing explains.
std::string compare_structure(const std::vector<std::uint8_t>& ours, const fs::path& theirs, tally& t, bool verbose) {
  const auto file = lnn::read_file(theirs.string());
  const lnn::model::program a = lnn::model::read(std::span<const std::uint8_t>(ours)), b = lnn::model::read(std::span<const std::uint8_t>(file));
  std::string first;
  std::set<std::string> seen;
  for (const model_difference& d : lnn::report::differences(a, b)) {
    const std::string known = defect_behind(d, std::string(a.target()->name));
    if (known.empty()) {
      if (first.empty()) first = d.text();
      if (verbose) std::printf("    %s\n", d.text().c_str());
    } else if (seen.insert(known).second) ++t.documented[known];
  }
  ++t.compared;
  return first;
}

std::string differing(const std::vector<std::uint8_t>& made, const std::vector<std::uint8_t>& expected, std::size_t output) {
  if (made == expected) return {};
  const auto same = std::min(made.size(), expected.size());
  const auto first = static_cast<std::size_t>(std::mismatch(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(same), expected.begin()).first - made.begin());
  return lnn::sentence("output ", output, " differs from byte ", first, " on (", made.size(), " bytes, expected ", expected.size(), ")");
}

/// A golden case or a recorded network: outputs `out*.bin` for inputs `in*.bin`.
std::string check_case(const fs::path& folder, tally& t, bool verbose) {
  std::ifstream in(folder / "case.json");
  const json about = json::parse(in);
  fs::path onnx = folder / "model.onnx";
  if (about.contains("onnx") && !fs::exists(onnx)) onnx = folder / "../../constraints" / about.at("onnx").get<std::string>();
  const lnn::pack_options options = options_of(about.contains("pack_options") ? about.at("pack_options") : about.value("opts", json::object()));
  parts::made own;
  bool agrees = true;  // the public engine with the intended arithmetic, as far as rules know
  try {
    own = parts::pack(onnx.string(), options);
  } catch (const lnn::refusal& refused) {
    agrees = false;
    lnn::pack_options more = options;
    more.allow_defects = true;
    try {
      own = parts::pack(onnx.string(), more);
      ++t.defective;
    } catch (const lnn::refusal& e) {  // no chip computes it
      ++t.refused;
      if (about.value("class", "") == "agree" || fs::exists(folder / "model.bin")) return lnn::sentence("refused: ", e.what());
      return {};
    }
  }
  if (own.plan.run_time.share > own.plan.reference.share || own.plan.run_time.psram > own.plan.reference.psram)
    return lnn::sentence("memory: ", own.plan.run_time.share, " + ", own.plan.run_time.psram, " bytes, the reference plans ", own.plan.reference.share, " + ", own.plan.reference.psram);
  t.smaller += own.plan.run_time.share < own.plan.reference.share;
  std::string problem;
  if (fs::exists(folder / "model.bin")) problem = compare_structure(own.bytes, folder / "model.bin", t, verbose);
  const auto load = [&](const fs::path& p) { return lnn::read_file(p.string()); };
  std::vector<std::vector<std::vector<std::uint8_t>>> inputs, outputs;
  if (about.contains("op")) {
    inputs.resize(1), outputs.resize(1);
    for (const auto& one : about.at("tensors")) {
      const auto role = one.at("role").get<std::string>();
      if (role == "input") inputs[0].push_back(load(folder / one.at("file").get<std::string>()));
      if (role == "output") outputs[0].push_back(load(folder / one.at("file").get<std::string>()));
    }
  } else {
    const auto all = [&](const std::string& begin) {
      std::vector<std::vector<std::uint8_t>> files;
      for (int i = 0; fs::exists(folder / (begin + std::to_string(i) + ".bin")); ++i) files.push_back(load(folder / (begin + std::to_string(i) + ".bin")));
      return files;
    };
    for (int k = 0; k < about.value("cases", 0); ++k) {
      inputs.push_back(all("in" + std::to_string(k) + "_"));
      outputs.push_back(all("out" + std::to_string(k) + "_"));
    }
  }
  // Of one-operator cases the intended outputs are recorded, of networks what the engine gave, defects and all: where it
  // meets one, the recorded file counts as lnn runs it.
  if (const fs::path recorded = folder / "model.bin"; !about.contains("op") && fs::exists(recorded)) {
    if (!known_defects(recorded).empty())
      for (std::size_t k = 0; k < inputs.size(); ++k) outputs[k] = parts::run(load(recorded), inputs[k]);
  } else if (!agrees && !about.contains("op")) {
    return problem;
  }
  for (std::size_t k = 0; k < inputs.size() && problem.empty(); ++k) {
    const auto made = parts::run(own.bytes, inputs[k]);
    for (std::size_t i = 0; i < outputs[k].size() && problem.empty(); ++i)
      problem = i < made.size() ? differing(made[i], outputs[k][i], i) : "an output is missing";
  }
  return problem;
}

void check_folder(const fs::path& root, tally& t, bool verbose) {
  std::vector<fs::path> folders;
  for (const auto& e : fs::recursive_directory_iterator(root))
    if (e.path().filename() == "case.json") folders.push_back(e.path().parent_path());
  std::sort(folders.begin(), folders.end());
  for (const fs::path& folder : folders) {
    std::string problem;
    try {
      problem = check_case(folder, t, verbose);
    } catch (const std::exception& e) {
      problem = e.what();
    }
    ++(problem.empty() ? t.passed : t.failed);
    if (!problem.empty()) std::printf("%s: %s\n", folder.string().c_str(), problem.c_str());
  }
}

/// A line of networks.jsonl: the packer's verdict and what it plans.  Known defects of the engine are no reason of the
/// packer to refuse.
std::string check_line(const json& about, const fs::path& root, tally& t) {
  lnn::pack_options options = options_of(about.value("opts", json::object()));
  options.allow_defects = true;
  const bool accepted = about.at("verdict") == "accepted";
  try {
    const parts::made own = parts::pack((root / about.at("onnx").get<std::string>()).string(), options);
    const auto& plan = own.plan;
    const std::string message = about.value("message", "");
    if (!accepted && message.find("to be allocated was") == std::string::npos) return "accepted, the reference packer says: " + message;
    t.fits += !accepted;  // the reference's plan does not
    t.smaller += plan.run_time.share < about.value("runtime_share_mem", 0LL);
    if (plan.run_time.share > plan.reference.share || plan.run_time.psram > plan.reference.psram)
      return lnn::sentence("memory: ", plan.run_time.share, " + ", plan.run_time.psram, " bytes, the reference corrected ", plan.reference.share, " + ", plan.reference.psram);
    return {};
  } catch (const lnn::error& e) {
    return accepted ? lnn::sentence("refused: ", e.what()) : std::string{};
  }
}

void check_lines(const fs::path& file, tally& t) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const json about = json::parse(line);
    const std::string problem = check_line(about, file.parent_path(), t);
    ++(problem.empty() ? t.passed : t.failed);
    if (!problem.empty()) std::printf("%s: %s\n", about.value("id", "").c_str(), problem.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  tally t;
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--verbose") verbose = true;
    else if (std::string_view(argv[i]).ends_with(".jsonl")) check_lines(argv[i], t);
    else check_folder(argv[i], t, verbose);
  }
  for (const auto& [name, n] : t.documented) std::printf("%4d networks differ by %s\n", n, name.c_str());
  std::printf("%d compared with the reference packer's file, %d planned smaller; %d meet a known defect of the engine, %d refused\n", t.compared, t.smaller,
              t.defective, t.refused);
  if (t.fits > 0) std::printf("%d fit the chip that the reference packer refuses for their memory\n", t.fits);
  std::printf("%d passed, %d failed\n", t.passed, t.failed);
  return t.failed == 0 ? 0 : 1;
}
