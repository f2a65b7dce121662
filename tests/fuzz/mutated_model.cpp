// SPDX-License-Identifier: Apache-2.0
// Damages model.bin files in many ways, always the same ones, and lets the library read, judge and run what comes out:
//   mutated_model COUNT SEED-FOLDER...
// Half of the files get a checksum that is right again.  Built with sanitizers; ends with the number of files.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <lnn/train/file.hpp>

#include "../model/small_program.hpp"
#include "model_input.hpp"
#include "mutate.hpp"

int main(int count, char** words) {
  if (count < 2) return std::fprintf(stderr, "mutated_model COUNT SEED-FOLDER...\n"), 2;
  std::vector<fuzz::bytes> seeds;
  for (const lnn::chip* on : lnn::chips) seeds.push_back(lnn::model::write(small::network(*on)));
  std::vector<std::filesystem::path> files;
  for (int i = 2; i < count; ++i)
    for (const auto& at : std::filesystem::recursive_directory_iterator(words[i]))
      if (at.path().filename() == "model.bin" && at.file_size() < 4096) files.push_back(at.path());
  std::sort(files.begin(), files.end());
  for (const auto& f : files) seeds.push_back(lnn::read_file(f.string()));
  for (const auto& s : seeds) fuzz::try_model(s, true);
  const int wanted = std::atoi(words[1]);
  fuzz::mutator mutate(20261);
  for (int i = 0; i < wanted; ++i) {
    fuzz::bytes file = mutate(seeds);
    if (i % 2 == 0 && file.size() >= 80) {  // what it says of itself is right again: its size and its checksum
      const std::uint64_t total = file.size();
      for (std::size_t k = 0; k < 8; ++k) file[64 + k] = static_cast<std::uint8_t>(total >> (8 * k));
      const std::uint32_t crc = lnn::model::crc24(std::span<const std::uint8_t>(file).subspan(80));
      for (std::size_t k = 0; k < 4; ++k) file[16 + k] = static_cast<std::uint8_t>(crc >> (8 * k));
    }
    fuzz::try_model(file, true);
  }
  std::printf("%d damaged files of %zu seeds\n", wanted, seeds.size());
  return 0;
}
