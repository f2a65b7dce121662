// SPDX-License-Identifier: Apache-2.0
//
// All rules of the operators and of whole networks:
//
//   lnn_rules                   a line each: id, wording in English and in Chinese
//   lnn_rules --check FILE      FILE (docs/errors.md) has a heading "## id" with a paragraph for every rule, and no other
//   lnn_rules --check-chinese   every rule is worded in Chinese as well
#include <cstdio>
#include <fstream>
#include <lnn/check/check.hpp>
#include <map>
#include <set>
#include <string>
#if __has_include(<lnn/limit/operators.hpp>)
#include <lnn/limit/operators.hpp>
#define HAS_LIMITS 1
#else
#define HAS_LIMITS 0
#endif

namespace {

std::map<std::string, const lnn::rule*> all_rules() {
  std::map<std::string, const lnn::rule*> all;
  const auto add = [&](const lnn::rule& r) { all.emplace(std::string(r.id), &r); };
  lnn::builtin::for_each([&](const auto& op) {
    for (const lnn::rule* r : lnn::rule_list(op.rules)) add(*r);
  });
  for (const lnn::rule* r : lnn::network_rules::rules) add(*r);
#if HAS_LIMITS
  lnn::limit::for_each_rule(add);
#endif
  return all;
}

int wrong = 0;
void fault(const std::string& text) {
  ++wrong;
  std::fprintf(stderr, "%s\n", text.c_str());
}

void check_document(const char* path) {
  std::ifstream in(path);
  if (!in) return fault(std::string(path) + " cannot be read");
  std::set<std::string> headings;
  std::string line, id;
  bool told = true;
  const auto close = [&] {
    if (!told) fault(id + ": the heading has no paragraph");
  };
  while (std::getline(in, line)) {
    if (line.starts_with("## ")) {
      close();
      id = line.substr(3);
      told = false;
      if (!headings.insert(id).second) fault(id + ": two headings");
    } else if (line.size() > 20) {
      told = true;
    }
  }
  close();
  const auto all = all_rules();
  for (const auto& [name, r] : all)
    if (!headings.contains(name)) fault(name + " has no heading in " + path);
  for (const std::string& heading : headings)
    if (!all.contains(heading)) fault(heading + " is a heading in " + path + " but no rule");
}

void check_chinese() {
  for (const auto& [name, r] : all_rules()) {
    if (r->says_zh.empty()) fault(name + " has no Chinese wording");
    if (!r->remedy.empty() && r->remedy_zh.empty()) fault(name + " has no Chinese remedy");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "--check" && argc == 3) check_document(argv[2]);
  else if (what == "--check-chinese") check_chinese();
  else
    for (const auto& [name, r] : all_rules())
      std::printf("%s | %.*s | %.*s\n", name.c_str(), static_cast<int>(r->says.size()), r->says.data(),
                  static_cast<int>(r->says_zh.size()), r->says_zh.data());
  return wrong == 0 ? 0 : 1;
}
