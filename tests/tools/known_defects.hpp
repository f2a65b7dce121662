// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <lnn/model/findings.hpp>
#include <lnn/model/reader.hpp>
#include <lnn/train/file.hpp>
#include <string>

/// The known defects of the public engine that a file's network meets, as one sentence; empty when there is none.
inline std::string known_defects(const std::filesystem::path& file) {
  const lnn::model::program p = lnn::model::read(lnn::read_file(file.string()));
  const lnn::verdict found = lnn::model::findings(p);
  std::string all;
  for (const lnn::finding& f : found.refused())
    if (f.what->defect) all.append(all.empty() ? "" : "; ").append(f.sentence().view());
  return all;
}
