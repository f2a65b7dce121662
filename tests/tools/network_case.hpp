// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden_case.hpp"

namespace golden {

/// A recorded whole network: the files of its inputs and outputs, sample by sample.
struct network_case {
  struct sample {
    std::vector<std::string> inputs, outputs;
  };
  std::filesystem::path folder;
  std::string chip;
  std::vector<sample> samples;
};

/// True for the case.json of a network; one-operator cases name their operator.
inline bool is_network(const std::filesystem::path& folder) {
  std::ifstream in(folder / "case.json");
  const auto json = nlohmann::json::parse(in, nullptr, false);
  return json.is_object() && !json.contains("op") && (json.contains("cases") || json.contains("net"));
}

/// Outputs called `out<case>_<i>.bin` or, of networks that a training tool exported, `<prefix>out<i>.bin` (the engine's, or
/// those of the training).  Samples without an output are left out.
inline network_case read_network(const std::filesystem::path& folder, const std::string& prefix = "engine_") {
  network_case c;
  c.folder = folder;
  try {
    std::ifstream in(folder / "case.json");
    const auto json = nlohmann::json::parse(in);
    c.chip = json.at("chip").get<std::string>();
    const auto number = [](std::size_t n) { return std::to_string(n); };
    const auto list = [&](auto name) {
      std::vector<std::string> files;
      for (std::size_t i = 0; std::filesystem::exists(folder / name(i)); ++i) files.push_back(name(i));
      return files;
    };
    const bool many = json.contains("cases");
    if (many && !json.at("cases").is_number_unsigned()) lnn::fail("case.json: cases is ", std::string_view(json.at("cases").dump()), ", expected a count");
    const std::size_t cases = many ? json.at("cases").get<std::size_t>() : 1;
    for (std::size_t k = 0; k < std::min<std::size_t>(cases, 1000); ++k) {
      network_case::sample s;
      s.inputs = list([&](std::size_t i) { return many ? "in" + number(k) + "_" + number(i) + ".bin" : "in" + number(i) + ".bin"; });
      s.outputs = list([&](std::size_t i) { return many ? "out" + number(k) + "_" + number(i) + ".bin" : prefix + "out" + number(i) + ".bin"; });
      if (!s.outputs.empty()) c.samples.push_back(std::move(s));
    }
  } catch (const nlohmann::json::exception& e) {
    lnn::fail("case.json is malformed: ", std::string_view(e.what()));
  }
  return c;
}

}  // namespace golden
