// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dataset.hpp"
#include "file.hpp"
#include "gz.hpp"

namespace lnn {

/// One file of CIFAR-10's binary version (Krizhevsky 2009), plain or packed by gzip: records of one label
/// byte and 3 x 32 x 32 pixels (red, green, blue plane).  Needs zlib, so it is left out of lnn.hpp.
[[nodiscard]] inline dataset read_cifar10_batch(const std::string& path) {
  constexpr std::size_t image = 3 * 32 * 32, record = 1 + image, most = std::size_t{1} << 31;
  const std::vector<std::uint8_t> bytes = gz_file(path).read(most + 1);
  if (bytes.empty() || bytes.size() > most || bytes.size() % record != 0)
    fail(path, ": ", bytes.size(), " bytes, expected a multiple of ", record,
         " (a label and 3x32x32 pixels per image); the file is truncated or no binary CIFAR-10 batch, fetch "
         "it again");
  dataset out;
  out.sample = {3, 32, 32};
  out.class_names = {"airplane", "automobile", "bird",  "cat",  "deer",
                     "dog",      "frog",       "horse", "ship", "truck"};
  out.pixels.reserve(bytes.size() / record * image);
  for (auto at = bytes.begin(); at != bytes.end(); at += static_cast<std::ptrdiff_t>(record)) {
    out.labels.push_back(*at);
    out.pixels.insert(out.pixels.end(), at + 1, at + static_cast<std::ptrdiff_t>(record));
  }
  out.validate(path);
  return out;
}

/// CIFAR-10: data_batch_1.bin to data_batch_5.bin and test_batch.bin of one folder, each plain or as .gz.
[[nodiscard]] inline train_test cifar10(const std::string& folder) {
  const auto batch = [&](const std::string& name) {
    const std::string path = folder + "/" + name + ".bin", packed = path + ".gz";
    if (!file_exists(path) && !file_exists(packed))
      fail(path, ": cannot be opened, nor can ", packed,
           "; name the folder cifar-10-batches-bin of the binary version of CIFAR-10");
    return read_cifar10_batch(file_exists(path) ? path : packed);
  };
  train_test out{batch("data_batch_1"), batch("test_batch")};
  for (const char* name : {"data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"}) {
    const dataset more = batch(name);
    out.train.pixels.insert(out.train.pixels.end(), more.pixels.begin(), more.pixels.end());
    out.train.labels.insert(out.train.labels.end(), more.labels.begin(), more.labels.end());
  }
  return out;
}

}  // namespace lnn
