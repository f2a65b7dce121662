// SPDX-License-Identifier: Apache-2.0
//
// The networks of tests/compile_fail/networks.def, checked at run time:
//
//   lnn_corpus           every network is refused or accepted as its line says, by that rule, with that value and limit
//   lnn_corpus --keys    a line per refused network: its name, and what a compiler must say, but for blanks and signs
#include <cctype>
#include <cstdio>
#include <string>

#include "../compile_fail/corpus.hpp"

namespace {

using namespace corpus;

int refused = 0, accepted = 0, wrong = 0;
bool keys = false;

template <class Build>
verdict judge(Build build, const chip& on) {
  graph<> net;
  build(net);
  net.finish();
  return check(net, on);
}
void complain(const char* name, const verdict& found, const chip& on, const std::string& wanted) {
  ++wrong;
  std::fprintf(stderr, "%s: %zu refused, expected %s\n", name, found.refused().size(), wanted.c_str());
  for (const finding& f : found.refused())
    std::fprintf(stderr, "  [%s] %s\n", std::string(f.what->id).c_str(), std::string(f.sentence(on.name).view()).c_str());
}
template <class Build>
void expect_refused(const char* name, const chip& on, std::string_view id, long long actual, long long limit, Build build) {
  ++refused;
  const verdict found = judge(build, on);
  if (found.refused().size() != 1) return complain(name, found, on, "one finding of " + std::string(id));
  const finding& f = found.refused().front();
  if (f.what->id != id || f.actual != actual || f.limit != limit)
    return complain(name, found, on, sentence(id, " with ", actual, " against ", limit));
  if (!keys) return;
  std::string key;
  const auto sentence = f.sentence(on.name);
  for (const char c : sentence.view())
    if (std::isalnum(static_cast<unsigned char>(c))) key += c;
  std::printf("%s %s\n", name, key.c_str());
}
template <class Build>
void expect_accepted(const char* name, const chip& on, Build build) {
  ++accepted;
  const verdict found = judge(build, on);
  if (!found.clean()) complain(name, found, on, "none");
}

}  // namespace

int main(int argc, char** argv) {
  keys = argc == 2 && std::string_view(argv[1]) == "--keys";
#define REFUSED(name, on, id, actual, limit, ...) \
  expect_refused(#name, on, id, actual, limit, [me = #name](auto& n) { __VA_ARGS__; });
#define ACCEPTED(name, on, ...) expect_accepted(#name, on, [me = #name](auto& n) { __VA_ARGS__; });
#include "../compile_fail/networks.def"
#undef REFUSED
#undef ACCEPTED
  if (!keys) std::printf("%d refused, %d accepted, %d wrong\n", refused, accepted, wrong);
  return wrong == 0 && refused >= 150 && accepted >= 150 ? 0 : 1;
}
