// SPDX-License-Identifier: Apache-2.0
//
// lnn_verdicts FILE...: asks the rules of include/lnn/limit about recorded one-operator networks, plans their memory as
// the packer does, and compares with what the packer said.  Every line of a file is one case, a JSON object; see
// verdict_case.hpp.  Lines that name an ONNX file are whole networks; see verdict_network.hpp.
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "verdict_program.hpp"
#if VERDICT_ONNX
#include "verdict_network.hpp"
#endif

namespace {

struct tally {
  int passed = 0, failed = 0;
};

/// Totals of memory that were compared with recorded ones.
struct planned {
  int equal = 0, all = 0;
  std::vector<std::string> others;
};

struct outcome {
  std::map<std::string, std::map<std::string, tally>> cells;  // operator, chip
  std::map<std::string, int> defects;                         // rule -> accepted cases
  std::vector<std::string> disagreements;
  tally all;
  planned totals;
};

std::string sentence(const lnn::finding& f, const lnn::chip& on) { return std::string(f.sentence(on.name).view()); }

/// True when what the packer would plan for the network exceeds the chip; recorded totals are compared in passing.
bool exceeds(const verdicts::network& c, planned& seen) {
  const lnn::plan::totals t = lnn::plan::reference_totals(verdicts::packed_of(c), *c.on, c.rest.options);
  const auto compare = [&](const char* kind, long long found, long long recorded, bool told) {
    if (recorded < 0 || !told) return;
    ++seen.all;
    seen.equal += found == recorded ? 1 : 0;
    if (found != recorded)
      seen.others.push_back(c.id + ": " + kind + " " + std::to_string(found) + ", recorded " + std::to_string(recorded));
  };
  // of a refusal by one total only that one was recorded
  compare("share memory", t.share, c.planned_share, c.accepted || c.message.starts_with("SHARE-MEM"));
  compare("PSRAM", t.psram, c.planned_psram, c.accepted || c.message.starts_with("SPSRAM"));
  return t.share > c.ram || t.psram > c.psram;
}

void judge(const verdicts::network& c, outcome& into) {
  lnn::verdict found;
  found.layer = c.id;
  lnn::limit::check(c.facts(), *c.on, found);
  tally& cell = into.cells[c.op][std::string(c.on->name)];
  const auto count = [&](int tally::*which) {
    ++(cell.*which);
    ++(into.all.*which);
  };
  const lnn::finding* binding = nullptr;  // the first that is no known defect
  for (const lnn::finding& f : found.refused())
    if (!binding && !f.what->defect) binding = &f;
  if (!c.accepted) {
    if (binding) return count(&tally::passed);
    if (c.memory_total() && exceeds(c, into.totals)) return count(&tally::passed);
    if (!c.memory_total() && !found.clean()) return count(&tally::passed);
    into.disagreements.push_back(c.id + " (" + c.place + "): expected refused, found accepted; packer: " + c.message);
    return count(&tally::failed);
  }
  if (binding) {
    into.disagreements.push_back(c.id + " (" + c.place + "): expected accepted, found \"" + sentence(*binding, *c.on) +
                                 "\"");
    return count(&tally::failed);
  }
  if (exceeds(c, into.totals)) {
    into.disagreements.push_back(c.id + " (" + c.place + "): expected accepted, found too much memory");
    return count(&tally::failed);
  }
  if (!found.clean()) ++into.defects[std::string(found.refused().front().what->id)];
  count(&tally::passed);
}

/// A line about a whole network; false for other lines.
bool judge_network(const std::string& line, const std::string& file, const std::string& place, outcome& into) {
  const verdicts::json from = verdicts::json::parse(line, nullptr, false);
  if (from.is_discarded() || !from.is_object() || !from.contains("onnx")) return false;
#if VERDICT_ONNX
  const std::string problem = verdicts::compare_network(from, std::filesystem::path(file).parent_path());
  tally& cell = into.cells["networks"][from.value("chip", std::string())];
  ++(problem.empty() ? cell.passed : cell.failed);
  ++(problem.empty() ? into.all.passed : into.all.failed);
  if (!problem.empty()) into.disagreements.push_back(from.value("id", std::string()) + " (" + place + "): " + problem);
  return true;
#else
  static_cast<void>(into);
  throw verdicts::malformed(file + ": " + place + " names an ONNX file; this program was built without lnn::onnx");
#endif
}

void print(const outcome& o) {
  std::printf("agreement: passed/all\n%-20s", "operator");
  for (const lnn::chip* on : lnn::chips) std::printf(" %16s", std::string(on->name).c_str());
  std::printf("\n");
  for (const auto& [op, chips] : o.cells) {
    std::printf("%-20s", op.c_str());
    for (const lnn::chip* on : lnn::chips) {
      const auto at = chips.find(std::string(on->name));
      std::string text = "-";
      if (at != chips.end()) {
        const tally& t = at->second;
        text = std::to_string(t.passed) + "/" + std::to_string(t.passed + t.failed);
      }
      std::printf(" %16s", text.c_str());
    }
    std::printf("\n");
  }
  int defects = 0;
  for (const auto& [rule, n] : o.defects) defects += n;
  std::printf("\naccepted by the packer, refused by lnn as a known defect or a limit of the engine: %d\n", defects);
  for (const auto& [rule, n] : o.defects) std::printf("%6d  %s\n", n, rule.c_str());
  std::printf("\nplanned bytes equal to the packer's: %d of %d\n", o.totals.equal, o.totals.all);
  for (const std::string& line : o.totals.others) std::printf("  %s\n", line.c_str());
  std::printf("\ndisagreements: %d\n", o.all.failed);
  for (const std::string& line : o.disagreements) std::printf("  %s\n", line.c_str());
  std::printf("\n%d passed, %d failed\n", o.all.passed, o.all.failed);
}

int run(const std::vector<std::string>& files) {
  outcome all;
  for (const std::string& file : files) {
    std::ifstream in(file);
    if (!in) throw verdicts::malformed(file + ": cannot be read");
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const std::string place = file + ":" + std::to_string(number);
      if (!judge_network(line, file, place, all)) judge(verdicts::read(line, place), all);
    }
  }
  print(all);
  return all.all.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: lnn_verdicts FILE...\n");
    return 2;
  }
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "lnn_verdicts: %s\n", e.what());
    return 2;
  }
}
