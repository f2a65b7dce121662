// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/model/reader.hpp>
#include <lnn/report/memory_json.hpp>
#include <lnn/report/memory_of.hpp>
#include <lnn/report/memory_svg.hpp>
#include <lnn/report/memory_text.hpp>
#include <lnn/train/file.hpp>

#include "../folders.hpp"

namespace test_memory {

namespace {

using lnn::model::memory_kind;

/// x -> conv (w, workspace, fetched) -> t -> reshape -> y, with t and y in one place.
lnn::model::program small() {
  lnn::model::program p;
  p.tensors = {{.name = "x", .dims = {1, 32}, .offset = 0},
               {.name = "w", .kind = memory_kind::psram, .constant = true, .dims = {20}},
               {.name = "t", .dims = {1, 64}, .offset = 48},
               {.name = "y", .dims = {64}, .offset = 48},
               {.name = "workspace", .dims = {16}, .offset = 32},
               {.name = "dma_buffer1", .dims = {32}, .offset = 112}};
  lnn::model::operation conv, reshape;
  conv.type = "Conv2dInt";
  conv.inputs = {0, 1};
  conv.outputs = {2};
  conv.temps = {4, 5};
  reshape.type = "Reshape";
  reshape.inputs = {2};
  reshape.outputs = {3};
  p.operations = {conv, reshape};
  p.inputs = {{"x", 0}};
  p.outputs = {{"y", 3}};
  p.own(std::vector<std::uint8_t>(20), memory_kind::psram);
  p.memory = {{144, memory_kind::share}};
  p.transfers = {{.source = 1, .destination = 5, .bytes = 32}};
  return p;
}

}  // namespace

TEST_CASE("life times and contents follow from the operators") {
  const auto map = lnn::report::memory_of(small(), "small");
  REQUIRE(map.parts.size() == 2);
  CHECK(map.parts[0].constants);
  CHECK(map.parts[0].bytes == 32);
  const auto& rows = map.parts[1].rows;
  REQUIRE(rows.size() == 5);
  const auto row = [&](std::size_t i) { return std::tuple(rows[i].name, rows[i].what, rows[i].begin, rows[i].end, rows[i].bytes); };
  using lnn::report::content;
  CHECK(row(0) == std::tuple("x", content::input, 0, 0, 32));
  CHECK(row(1) == std::tuple("t", content::activation, 0, 1, 64));
  CHECK(row(2) == std::tuple("y", content::output, 0, 1, 64));
  CHECK(row(3) == std::tuple("workspace", content::workspace, 0, 0, 16));
  CHECK(row(4) == std::tuple("dma_buffer1", content::prefetch, 0, 1, 32));
}

TEST_CASE("the text has the reference packer's columns, and the comparison where there is one") {
  auto map = lnn::report::memory_of(small(), "small");
  map.parts[1].reference_bytes = 160;
  map.parts[1].lower_bound = 128;
  const std::string text = lnn::report::memory_text(map);
  CHECK(text.find("32 (0) | 16 (1) | 64 (2) | 32 (3) |\n") != std::string::npos);
  CHECK(text.find("|t                                                  2               0               1                    64                  |\n") != std::string::npos);
  CHECK(text.find("|w                                                  -1              0               INF                  32                  |\n") != std::string::npos);
  CHECK(text.find("|planned 144, reference packer 160, lower bound 128, limit of venus 655360\n") != std::string::npos);
}

TEST_CASE("names cannot break the picture or the document") {
  auto map = lnn::report::memory_of(small(), "a<b>&\"c\"\n");
  map.parts[1].rows[0].name = "<script>";
  const std::string svg = lnn::report::memory_svg(map), json = lnn::report::memory_json(map);
  CHECK(svg.find("<script>") == std::string::npos);
  CHECK(svg.find("a&lt;b&gt;&amp;") != std::string::npos);
  CHECK(json.find("\"a<b>&\\\"c\\\"\\u000a\"") != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
}

TEST_CASE("texts equal those that the reference packer printed, but for names that files cut") {
  int compared = 0;
  for (const auto& [folder, file] : {std::pair{"resnet18", "model.bin"}, std::pair{"resnet50_fashion", "model_int8.bin"}}) {
    const auto at = folders::shared() / "models" / folder;
    if (!std::filesystem::exists(at / "memory_report.txt")) continue;
    const auto bytes = lnn::read_file((at / file).string()), report = lnn::read_file((at / "memory_report.txt").string());
    const std::string ours = lnn::report::memory_text(lnn::report::memory_of(lnn::model::read(bytes), folder));
    std::string theirs(report.begin(), report.end());
    theirs.erase(0, theirs.find('\n') + 1);  // who and when
    for (std::size_t a = 0, b = 0; a < ours.size() || b < theirs.size(); ++compared) {
      const std::string left = ours.substr(a, ours.find('\n', a) - a), right = theirs.substr(b, theirs.find('\n', b) - b);
      a += left.size() + 1;
      b += right.size() + 1;
      if (const std::size_t end = right.find(" -1 "); end != std::string::npos && end > 61) {  // files keep 60 characters of a name
        const std::size_t cut = end - 61;
        CHECK(left == "|" + right.substr(1 + cut));
      } else CHECK(left == right);
    }
  }
  if (!folders::shared().empty() && std::filesystem::exists(folders::shared() / "models")) CHECK(compared > 300);
}

}  // namespace test_memory
