// SPDX-License-Identifier: Apache-2.0
// Reads the include lines of the headers and fails when the house does not hold:
//
//   house INCLUDE_DIR TESTS_DIR    checks INCLUDE_DIR/lnn and that TESTS_DIR mirrors its rooms
//   house --self-test SCRATCH_DIR  breaks every rule once in a small tree and fails unless each break is found
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;

// A header may include headers of rooms that lie lower, and of rooms on its own level where no circle of rooms
// arises.  A new room is entered here and in docs/architecture.md.
const std::map<std::string, int, std::less<>> levels{
    {"core", 0},                                              //
    {"fixed", 1}, {"tensor", 1},  {"rule", 1},  {"chip", 1},  //
    {"quant", 2}, {"luna", 2},    {"grad", 2},  {"limit", 2}, //
    {"simd", 3},                                              //
    {"op", 4},                                                //
    {"graph", 5},                                             //
    {"lower", 6},                                             //
    {"plan", 7},                                              //
    {"check", 8},                                             //
    {"train", 9}, {"onnx", 9},    {"model", 9},               //
    {"pack", 10},                                             //
    {"sim", 11},  {"report", 11},                             //
};
constexpr int umbrella_level = 12;  // lnn.hpp itself, and what stands beside it
const std::string umbrella = "lnn.hpp";

// Folders of tests/ that are no rooms.
const std::set<std::string, std::less<>> other_tests{"aarch64", "compile_fail", "consume", "fuzz",
                                                     "golden",  "structure",    "tools",   "data"};

// Headers that hold nothing but tables may be longer than the limit.
constexpr std::size_t line_limit = 400;
const std::set<std::string, std::less<>> tables{};

struct include_line {
  std::string file, target;  // both relative to include/lnn
  int line = 0;
};

struct house {
  std::map<std::string, std::size_t> lines;  // header -> number of lines
  std::vector<include_line> includes;
  std::vector<std::string> faults;
};

using edges = std::map<std::string, std::set<std::string>>;

std::string room_of(const std::string& file) {
  const auto slash = file.find('/');
  return slash == std::string::npos ? std::string{} : file.substr(0, slash);
}

int level_of(const std::string& file) {
  if (room_of(file).empty()) return umbrella_level;
  const auto found = levels.find(room_of(file));
  return found == levels.end() ? -1 : found->second;
}

std::string place(const include_line& i) { return "include/lnn/" + i.file + ":" + std::to_string(i.line); }

/// The name between quotes or angle brackets of an #include line; quoted says which of the two.
bool parse_include(std::string_view text, std::string& name, bool& quoted) {
  const auto skip = [&text] { text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size())); };
  skip();
  if (!text.starts_with('#')) return false;
  text.remove_prefix(1);
  skip();
  if (!text.starts_with("include")) return false;
  text.remove_prefix(7);
  skip();
  if (text.empty() || (text.front() != '"' && text.front() != '<')) return false;
  quoted = text.front() == '"';
  const auto end = text.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return false;
  name = text.substr(1, end - 1);
  return true;
}

void read(house& h, const fs::path& root, const fs::path& path) {
  const std::string file = fs::relative(path, root).generic_string();
  std::ifstream in(path);
  std::string line, name;
  bool quoted = false, once = false;
  std::size_t count = 0;
  while (std::getline(in, line)) {
    ++count;
    once = once || line.starts_with("#pragma once");
    if (!parse_include(line, name, quoted)) continue;
    const include_line at{file, name, static_cast<int>(count)};
    if (quoted) {
      const fs::path target = (path.parent_path() / name).lexically_normal();
      const std::string relative = target.lexically_relative(root).generic_string();
      if (relative.starts_with("..") || !fs::exists(target))
        h.faults.push_back(place(at) + ": \"" + name + "\" is no header of lnn; write other headers in <>");
      else
        h.includes.push_back({file, relative, at.line});
    } else if (name.starts_with("lnn/")) {
      h.faults.push_back(place(at) + ": <" + name + "> must be included by its relative path, in quotes");
    }
  }
  if (!once) h.faults.push_back("include/lnn/" + file + ":1: #pragma once is missing");
  h.lines[file] = count;
}

void check_levels(house& h) {
  for (const auto& [file, lines] : h.lines)
    if (level_of(file) < 0)
      h.faults.push_back("include/lnn/" + file + ":1: room '" + room_of(file) + "' has no level");
  for (const include_line& i : h.includes) {
    const int from = level_of(i.file), to = level_of(i.target);
    if (from >= 0 && to > from)
      h.faults.push_back(place(i) + ": includes " + i.target + " upwards, from level " +
                         std::to_string(from) + " to level " + std::to_string(to));
  }
}

/// Depth first; on success path is the circle, its first name again at the end.
bool find_circle(const edges& graph, const std::string& at, std::set<std::string>& done,
                 std::vector<std::string>& path) {
  if (const auto first = std::find(path.begin(), path.end(), at); first != path.end()) {
    path.erase(path.begin(), first);
    path.push_back(at);
    return true;
  }
  if (done.contains(at)) return false;
  path.push_back(at);
  if (const auto next = graph.find(at); next != graph.end())
    for (const std::string& to : next->second)
      if (find_circle(graph, to, done, path)) return true;
  done.insert(at);
  path.pop_back();
  return false;
}

std::vector<std::string> circle_in(const edges& graph) {
  std::set<std::string> done;
  std::vector<std::string> path;
  for (const auto& [at, next] : graph)
    if (find_circle(graph, at, done, path)) return path;
  return {};
}

void check_circles(house& h) {
  edges files, rooms;
  for (const include_line& i : h.includes) {
    files[i.file].insert(i.target);
    if (room_of(i.file) != room_of(i.target) && level_of(i.file) >= level_of(i.target))
      rooms[room_of(i.file)].insert(room_of(i.target));
  }
  const auto report = [&h](const char* what, const std::vector<std::string>& circle, auto&& part_of) {
    for (std::size_t k = 0; k + 1 < circle.size(); ++k)
      for (const include_line& i : h.includes)
        if (part_of(i.file) == circle[k] && part_of(i.target) == circle[k + 1])
          h.faults.push_back(place(i) + ": includes " + i.target + ", part of a circle of " + what);
  };
  report("headers", circle_in(files), [](const std::string& file) { return file; });
  report("rooms", circle_in(rooms), room_of);
}

void check_lengths(house& h) {
  for (const auto& [file, lines] : h.lines)
    if (lines > line_limit && !tables.contains(file))
      h.faults.push_back("include/lnn/" + file + ":" + std::to_string(lines) + ": longer than " +
                         std::to_string(line_limit) + " lines; split it");
}

void check_mirror(house& h, const fs::path& tests) {
  std::set<std::string> rooms;
  for (const auto& [file, lines] : h.lines)
    if (const std::string room = room_of(file); !room.empty()) rooms.insert(room);
  for (const std::string& room : rooms) {
    const bool tested =
        fs::is_directory(tests / room) &&
        std::any_of(fs::directory_iterator(tests / room), fs::directory_iterator{},
                    [](const fs::directory_entry& e) { return e.path().extension() == ".cpp"; });
    if (!tested) h.faults.push_back("include/lnn/" + room + " has no tests in tests/" + room);
  }
  for (const fs::directory_entry& e : fs::directory_iterator(tests)) {
    const std::string name = e.path().filename().string();
    if (e.is_directory() && !rooms.contains(name) && !other_tests.contains(name))
      h.faults.push_back("tests/" + name + " is neither a room of include/lnn nor another kind of test");
  }
}

house inspect(const fs::path& include, const fs::path& tests) {
  house h;
  const fs::path root = include / "lnn";
  for (const fs::directory_entry& e : fs::recursive_directory_iterator(root))
    if (e.is_regular_file() && e.path().extension() == ".hpp") read(h, root, e.path());
  if (h.lines.empty()) h.faults.push_back("include/lnn holds no headers");
  check_levels(h);
  check_circles(h);
  check_lengths(h);
  check_mirror(h, tests);
  return h;
}

/// What lnn.hpp does not reach: the headers of optional rooms, or a forgotten one.
std::set<std::string> unreached(const house& h) {
  edges files;
  for (const include_line& i : h.includes) files[i.file].insert(i.target);
  std::vector<std::string> open{umbrella};
  std::set<std::string> seen;
  while (!open.empty()) {
    const std::string at = open.back();
    open.pop_back();
    if (seen.insert(at).second) open.insert(open.end(), files[at].begin(), files[at].end());
  }
  std::set<std::string> rest;
  for (const auto& [file, lines] : h.lines)
    if (!seen.contains(file)) rest.insert(file);
  return rest;
}

int check(const fs::path& include, const fs::path& tests) {
  const house h = inspect(fs::canonical(include), fs::canonical(tests));
  std::vector<std::pair<std::size_t, std::string>> longest;
  for (const auto& [file, lines] : h.lines) longest.emplace_back(lines, file);
  std::sort(longest.rbegin(), longest.rend());
  std::printf("%zu headers, %zu includes between them; the longest:\n", h.lines.size(), h.includes.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(longest.size(), 10); ++i)
    std::printf("%6zu lines  %s\n", longest[i].first, longest[i].second.c_str());
  if (h.lines.contains(umbrella))
    for (const std::string& file : unreached(h)) std::printf("not part of lnn.hpp: %s\n", file.c_str());
  for (const std::string& fault : h.faults) std::fprintf(stderr, "%s\n", fault.c_str());
  return h.faults.empty() ? 0 : 1;
}

/// A small house below `scratch`: header -> what stands below its #pragma once.
house build(const fs::path& scratch, const std::map<std::string, std::string>& headers,
            const std::vector<std::string>& tests) {
  fs::remove_all(scratch);
  for (const auto& [file, text] : headers) {
    fs::create_directories((scratch / "include/lnn" / file).parent_path());
    std::ofstream(scratch / "include/lnn" / file) << "#pragma once\n" << text;
  }
  for (const std::string& file : tests) {
    fs::create_directories((scratch / "tests" / file).parent_path());
    std::ofstream(scratch / "tests" / file) << "\n";
  }
  return inspect(fs::canonical(scratch / "include"), fs::canonical(scratch / "tests"));
}

int self_test(const fs::path& scratch) {
  int wrong = 0;
  const auto expect = [&](const char* what, const house& h, const std::vector<std::string>& sentences) {
    bool good = sentences.empty() ? h.faults.empty() : !h.faults.empty();
    for (const std::string& s : sentences)
      good = good && std::any_of(h.faults.begin(), h.faults.end(),
                                 [&](const std::string& f) { return f.find(s) != std::string::npos; });
    std::printf("%s  %s\n", good ? "ok   " : "WRONG", what);
    if (good) return;
    ++wrong;
    for (const std::string& f : h.faults) std::printf("       found: %s\n", f.c_str());
  };
  const std::vector<std::string> mirrored{"core/a.cpp", "op/b.cpp", "tools/x.cpp"};
  expect("a good house",
         build(scratch,
               {{"core/a.hpp", "#include <vector>\n"},
                {"op/b.hpp", "#include \"../core/a.hpp\"\n"},
                {"lnn.hpp", "#include \"op/b.hpp\"\n"}},
               mirrored),
         {});
  expect("an upward include",
         build(scratch, {{"core/a.hpp", "\n#  include \"../op/b.hpp\"\n"}, {"op/b.hpp", ""}}, mirrored),
         {"include/lnn/core/a.hpp:3: includes op/b.hpp upwards, from level 0 to level 4"});
  expect("an include of the umbrella",
         build(scratch, {{"core/a.hpp", "#include \"../lnn.hpp\"\n"}, {"op/b.hpp", ""}, {"lnn.hpp", ""}},
               mirrored),
         {"include/lnn/core/a.hpp:2: includes lnn.hpp upwards"});
  expect("a sideways include without a circle",
         build(scratch, {{"luna/a.hpp", "#include \"../quant/b.hpp\"\n"}, {"quant/b.hpp", ""}},
               {"luna/a.cpp", "quant/b.cpp"}),
         {});
  expect("a circle of rooms",
         build(scratch,
               {{"luna/a.hpp", "#include \"../quant/b.hpp\"\n"},
                {"luna/c.hpp", ""},
                {"quant/b.hpp", ""},
                {"quant/d.hpp", "#include \"../luna/c.hpp\"\n"}},
               {"luna/a.cpp", "quant/b.cpp"}),
         {"include/lnn/luna/a.hpp:2: includes quant/b.hpp, part of a circle of rooms",
          "include/lnn/quant/d.hpp:2: includes luna/c.hpp, part of a circle of rooms"});
  expect("a circle of headers",
         build(scratch, {{"core/a.hpp", "#include \"b.hpp\"\n"}, {"core/b.hpp", "#include \"a.hpp\"\n"}},
               {"core/a.cpp"}),
         {"include/lnn/core/b.hpp:2: includes core/a.hpp, part of a circle of headers"});
  expect("a room without a level", build(scratch, {{"attic/a.hpp", ""}}, {"attic/a.cpp"}),
         {"include/lnn/attic/a.hpp:1: room 'attic' has no level"});
  expect("a header that does not exist",
         build(scratch, {{"core/a.hpp", "#include \"b.hpp\"\n"}}, {"core/a.cpp"}),
         {"include/lnn/core/a.hpp:2: \"b.hpp\" is no header of lnn"});
  expect("an own header in angle brackets",
         build(scratch, {{"core/a.hpp", "#include <lnn/op/b.hpp>\n"}, {"op/b.hpp", ""}}, mirrored),
         {"include/lnn/core/a.hpp:2: <lnn/op/b.hpp> must be included by its relative path"});
  expect("a header that is too long",
         build(scratch, {{"core/a.hpp", std::string(400, '\n')}}, {"core/a.cpp"}),
         {"include/lnn/core/a.hpp:401: longer than 400 lines"});
  expect("a room without tests", build(scratch, {{"core/a.hpp", ""}, {"op/b.hpp", ""}}, {"core/a.cpp"}),
         {"include/lnn/op has no tests in tests/op"});
  expect("tests without a room", build(scratch, {{"core/a.hpp", ""}}, {"core/a.cpp", "cellar/b.cpp"}),
         {"tests/cellar is neither a room"});
  expect("an empty house", build(scratch, {{"core/a.txt", ""}}, {"tools/a.cpp"}), {"holds no headers"});
  fs::remove_all(scratch);
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() == 2 && args[0] == "--self-test") return self_test(args[1]);
    if (args.size() == 2) return check(args[0], args[1]);
    std::fprintf(stderr, "usage: house INCLUDE_DIR TESTS_DIR | house --self-test SCRATCH_DIR\n");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "house: %s\n", e.what());
  }
  return 2;
}
