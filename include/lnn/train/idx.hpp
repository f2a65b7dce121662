// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "dataset.hpp"
#include "file.hpp"
#include "gz.hpp"

namespace lnn {

/// The elements of one idx file: unsigned bytes in C order.
struct idx_array {
  shape dims;
  std::vector<std::uint8_t> bytes;
};

/// Reads an idx file of unsigned bytes with `axes` axes (images: 3, labels: 1), plain or packed by gzip.
/// Format: big-endian words: magic 0x0800 + axes, one size per axis; then the bytes
/// (yann.lecun.com/exdb/mnist). Fails when the file is missing, truncated, longer than its header says, or of
/// another kind.
[[nodiscard]] inline idx_array read_idx_array(const std::string& path, int axes) {
  constexpr std::uint32_t most_samples = 1U << 30, longest_side = 1U << 14;
  gz_file file(path);
  const auto header_size = 4 + 4 * static_cast<std::size_t>(axes);
  const std::vector<std::uint8_t> header = file.read(header_size);
  const auto word = [&](std::size_t i) {
    return static_cast<std::uint32_t>(header[4 * i]) << 24 |
           static_cast<std::uint32_t>(header[4 * i + 1]) << 16 |
           static_cast<std::uint32_t>(header[4 * i + 2]) << 8 | header[4 * i + 3];
  };
  if (header.size() < header_size)
    fail(path, ": ", header.size(), " bytes are no idx file of ", axes, " axes, expected a header of ",
         header_size, " bytes; the file is truncated, fetch it again");
  const std::uint32_t magic = 0x800U + static_cast<std::uint32_t>(axes);
  if (word(0) != magic) {
    char numbers[64];
    std::snprintf(numbers, sizeof numbers, "0x%08X, expected 0x%08X", static_cast<unsigned>(word(0)),
                  static_cast<unsigned>(magic));
    fail(path, ": magic number ", std::string_view{numbers}, " (unsigned bytes, ", axes,
         " axes); see whether images and labels are exchanged");
  }
  idx_array out;
  std::uint64_t expected = 1;
  for (std::size_t i = 1; i <= static_cast<std::size_t>(axes); ++i) {
    const std::uint32_t limit = i == 1 ? most_samples : longest_side;
    if (word(i) < 1 || word(i) > limit)
      fail(path, ": size of axis ", i - 1, " is ", word(i), ", expected 1 to ", limit,
           "; the header is damaged, fetch the file again");
    expected *= word(i);
    out.dims.append(static_cast<int>(word(i)));
  }
  out.bytes = file.read(expected);
  if (out.bytes.size() < expected)
    fail(path, ": ", out.bytes.size(), " bytes after the header, expected ", expected, " for ", out.dims,
         "; the file is truncated, fetch it again");
  if (!file.read(1).empty())
    fail(path, ": more bytes after the header than the expected ", expected, " for ", out.dims,
         "; the file is damaged, fetch it again");
  return out;
}

/// Grey images and their labels from two idx files, as MNIST and its relatives come.
[[nodiscard]] inline dataset read_idx(const std::string& images, const std::string& labels,
                                      std::vector<std::string> class_names = {}) {
  idx_array pictures = read_idx_array(images, 3);
  const idx_array numbers = read_idx_array(labels, 1);
  if (pictures.dims[0] != numbers.dims[0])
    fail(images, ": ", pictures.dims[0], " images, but ", labels, " holds ", numbers.dims[0],
         " labels; use two files of the same part");
  dataset out{std::move(pictures.bytes),
              {1, pictures.dims[1], pictures.dims[2]},
              {numbers.bytes.begin(), numbers.bytes.end()},
              std::move(class_names)};
  out.validate(labels);
  return out;
}

/// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";

namespace detail {
[[nodiscard]] inline std::string plain_or_gz(const std::string& path) {
  return !file_exists(path) && file_exists(path + ".gz") ? path + ".gz" : path;
}
}  // namespace detail

/// True when all four files of Fashion-MNIST lie in the folder, plain or as .gz.
[[nodiscard]] inline bool has_fashion_mnist(const std::string& folder = fashion_mnist_folder) {
  for (const char* name : {"/train-images-idx3-ubyte", "/train-labels-idx1-ubyte", "/t10k-images-idx3-ubyte",
                           "/t10k-labels-idx1-ubyte"})
    if (!file_exists(detail::plain_or_gz(folder + name))) return false;
  return true;
}

/// Fashion-MNIST (Xiao et al. 2017): 60,000 and 10,000 grey images of 28 x 28 pixels in ten classes.
[[nodiscard]] inline train_test fashion_mnist(const std::string& folder = fashion_mnist_folder) {
  const auto part = [&](const std::string& name) {
    const std::string images = detail::plain_or_gz(folder + "/" + name + "-images-idx3-ubyte");
    const std::string labels = detail::plain_or_gz(folder + "/" + name + "-labels-idx1-ubyte");
    for (const std::string& path : {images, labels})
      if (!file_exists(path))
        fail(
            path, ": cannot be opened, nor can ", path,
            ".gz; install the Debian package dataset-fashion-mnist or name the folder of the four idx files");
    return read_idx(images, labels,
                    {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
                     "Bag", "Ankle boot"});
  };
  train_test out{part("train"), part("t10k")};
  if (!(out.train.sample == out.test.sample))
    fail(folder, ": training images have shape ", out.train.sample, ", test images ", out.test.sample,
         "; use files of the same data set");
  return out;
}

}  // namespace lnn
