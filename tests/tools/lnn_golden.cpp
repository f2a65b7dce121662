// SPDX-License-Identifier: Apache-2.0
// Runs recorded calls of operators and of the chips' library functions (folders with a case.json) through the integer
// kernels and compares every integer.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <lnn/luna/kernels.hpp>
#include <map>

#include "golden_model.hpp"
#include "golden_primitive.hpp"
#include "known_defects.hpp"
#if GOLDEN_ONNX
#include "golden_onnx.hpp"
#endif
#if __has_include(<lnn/simd/kernels.hpp>)
#include <lnn/simd/kernels.hpp>
#define GOLDEN_FAST 1
#else
#define GOLDEN_FAST 0
#endif

namespace fs = std::filesystem;

namespace {

struct options {
  std::vector<std::string> chips, ops, folders;
  std::string path = "luna", from = "case.json";
  bool summary = false;
};

/// Folders below `root` (or `root` itself) that hold a case.json, in the order of their names.
std::vector<fs::path> cases_below(const fs::path& root) {
  std::vector<fs::path> found;
  std::error_code problem;
  if (root.filename() == "case.json" && fs::is_regular_file(root, problem)) return {root.parent_path()};
  if (fs::exists(root / "case.json", problem)) found.push_back(root);
  auto at = fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied, problem);
  for (; !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    std::error_code unreadable;
    if (at->is_directory(unreadable) && fs::exists(at->path() / "case.json", unreadable))
      found.push_back(at->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool wanted(const std::vector<std::string>& names, std::initializer_list<std::string> is) {
  if (names.empty()) return true;
  return std::any_of(is.begin(), is.end(), [&](const std::string& s) {
    return std::find(names.begin(), names.end(), s) != names.end();
  });
}

/// For a case that cannot be read only its folder tells what it was.
bool wanted_by_path(const options& o, const fs::path& folder) {
  const std::string chip = folder.parent_path().filename().string();
  const std::string op = folder.parent_path().parent_path().filename().string();
  return wanted(o.chips, {chip}) && wanted(o.ops, {op});
}

/// A case through what was asked for: the operator alone, or a file with the network.
template <class Kernels>
void run_with(const options& o, golden::test_case& c, lnn::pool& workers) {
  if (o.from == "model.bin") return golden::run_model<Kernels>(c, workers);
#if GOLDEN_ONNX
  if (o.from == "onnx") return golden::run_onnx<Kernels>(c, workers);
#endif
  if (o.from != "case.json") lnn::fail("reading from ", o.from, " is not built in");
  golden::run<Kernels>(c, workers);
}
template <class Kernels>
void run_with(const options& o, const golden::network_case& c, lnn::pool& workers) {
  if (o.from == "model.bin") return golden::run_network<Kernels>(c, workers);
  lnn::fail("the case is a whole network; say --from model.bin");
}

template <class Case>
void run_on(const options& o, Case& c, lnn::pool& workers) {
#if GOLDEN_FAST
  if (o.path == "simd") return run_with<lnn::simd::kernels>(o, c, workers);
#endif
  if (o.path != "luna") lnn::fail("kernel path ", o.path, " is not built in");
  run_with<lnn::luna::kernels>(o, c, workers);
}

/// Where a reference tool wrote no file, for its defects, there is nothing to run.
bool lacks_file(const options& o, const fs::path& folder) {
  return o.from == "model.bin" && !fs::exists(folder / "model.bin");
}

/// What the public engine is known to get wrong in a recorded whole network: its outputs cannot be expected then.
std::string defects_of(const options& o, const fs::path& folder) {
  if (o.from != "model.bin" || !golden::is_network(folder)) return {};
  try {
    return known_defects(folder / "model.bin");
  } catch (const std::exception&) {
    return {};
  }
}

struct count {
  int passed = 0, failed = 0, traced = 0;
};

count run_all(const options& o, const std::vector<fs::path>& cases) {
  count all;
  std::map<std::string, count> by_kind;
  lnn::pool workers(1);
  for (const fs::path& folder : cases) {
    std::string kind = "unreadable", reason;
    try {
      if (lacks_file(o, folder)) continue;
      if (golden::is_network(folder)) {
        const golden::network_case c = golden::read_network(folder);
        if (!wanted(o.chips, {c.chip}) || !wanted(o.ops, {"network"}) || c.samples.empty()) continue;
        kind = "network " + c.chip;
        run_on(o, c, workers);
      } else {
        golden::test_case c = golden::read(folder);
        if (!wanted(o.chips, {c.chip}) || !wanted(o.ops, {c.op, c.onnx_op})) continue;
        kind = c.op + " " + c.chip;
        if (golden::is_primitive(c)) golden::run_primitive(c);
        else run_on(o, c, workers);
      }
    } catch (const std::exception& e) {
      if (kind == "unreadable" && !wanted_by_path(o, folder)) continue;
      reason = e.what();
    }
    if (const std::string why = reason.empty() ? std::string{} : defects_of(o, folder); !why.empty()) {
      std::printf("%s: %s\n  known of the engine that recorded it: %s\n", folder.string().c_str(), reason.c_str(), why.c_str());
      reason.clear();
      ++all.traced;
    }
    ++(reason.empty() ? all.passed : all.failed);
    ++(reason.empty() ? by_kind[kind].passed : by_kind[kind].failed);
    if (!reason.empty()) std::printf("%s: %s\n", folder.string().c_str(), reason.c_str());
  }
  if (o.summary)
    for (const auto& [kind, n] : by_kind)
      std::printf("%-24s %5d passed, %d failed\n", kind.c_str(), n.passed, n.failed);
  return all;
}

int run_golden(const options& o) {
  std::vector<fs::path> cases;
  for (const std::string& folder : o.folders) {
    if (!fs::exists(folder)) lnn::fail("there is no folder ", folder);
    const auto more = cases_below(folder);
    cases.insert(cases.end(), more.begin(), more.end());
  }
  const count n = run_all(o, cases);
  if (n.passed + n.failed == 0) {
    std::fprintf(stderr,
                 "lnn_golden: none of the folders holds a %scase.json; give folders with golden cases\n",
                 cases.empty() ? "" : "matching ");
    return 2;
  }
  if (n.traced > 0) std::printf("of those that passed %d differ where the engine that recorded them is known to be wrong\n", n.traced);
  std::printf("%d passed, %d failed\n", n.passed, n.failed);
  return n.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app{"Compares the integer kernels with recorded golden cases"};
  app.add_option("--chip", o.chips, "only cases of this chip: venus, arcs, venusA")->allow_extra_args(false);
  app.add_option("--op", o.ops, "only cases of this operator: a folder's name or an ONNX name")
      ->allow_extra_args(false);
  app.add_option("--path", o.path, "kernel path")->check(CLI::IsMember({"luna", "simd"}));
  app.add_option("--from", o.from, "what is run: the operator that case.json tells of, or the network of a file beside it; cases without the file are left out")
      ->check(CLI::IsMember({"case.json", "onnx", "model.bin"}));
  app.add_flag("--summary", o.summary, "counts per operator and chip");
  app.add_option("DIR", o.folders, "folders, searched with all below them")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    return run_golden(o);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "lnn_golden: %s\n", e.what());
    return 2;
  }
}
