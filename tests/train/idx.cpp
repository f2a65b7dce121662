// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/idx.hpp>

#include "scratch.hpp"

namespace test_idx {

using scratch::bytes;
using scratch::has;
using scratch::message;

namespace {

bytes idx(std::uint8_t axes, std::vector<std::uint32_t> sizes, const bytes& content) {
  bytes out{0, 0, 8, axes};
  for (const std::uint32_t n : sizes)
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(n >> shift));
  out.insert(out.end(), content.begin(), content.end());
  return out;
}
const bytes images = idx(3, {2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
const bytes labels = idx(1, {2}, {7, 0});

void store_packed(const std::string& path, const bytes& content) {
  gzFile f = gzopen(path.c_str(), "wb");
  REQUIRE(f != nullptr);
  REQUIRE(gzwrite(f, content.data(), static_cast<unsigned>(content.size())) ==
          static_cast<int>(content.size()));
  REQUIRE(gzclose(f) == Z_OK);
}

/// Every shorter file must fail; every changed byte must fail or leave the content as it is.
void attack(const std::string& path, const bytes& good, int axes) {
  scratch::store(path, good);
  const lnn::idx_array expected = lnn::read_idx_array(path, axes);
  for (std::size_t n = 0; n < good.size(); ++n) {
    scratch::store(path, std::span(good).first(n));
    INFO("length ", n);
    CHECK(has(message([&] { (void)lnn::read_idx_array(path, axes); }), path + ": "));
  }
  const std::size_t header = 4 + 4 * static_cast<std::size_t>(axes);
  const bool plain = good[0] == 0;
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const int mask : {0x01, 0x80, 0xFF}) {
      bytes bad = good;
      bad[i] = static_cast<std::uint8_t>(bad[i] ^ mask);
      scratch::store(path, bad);
      INFO("byte ", i, " mask ", mask);
      try {
        const lnn::idx_array got = lnn::read_idx_array(path, axes);
        CHECK(got.dims == expected.dims);
        if (plain)
          CHECK(i >= header);  // the idx format has no checksum of its own
        else
          CHECK(got.bytes == expected.bytes);
      } catch (const lnn::error& e) {
        CHECK(has(e.what(), path + ": "));
      }
    }
}

}  // namespace

TEST_CASE("idx: plain and packed files hold the same") {
  const scratch::folder f;
  scratch::store(f.path("i"), images);
  scratch::store(f.path("l"), labels);
  store_packed(f.path("i.gz"), images);
  store_packed(f.path("l.gz"), labels);
  for (const char* end : {"", ".gz"}) {
    const lnn::dataset d = lnn::read_idx(f.path("i") + end, f.path("l") + end);
    CHECK(d.size() == 2);
    CHECK(d.sample == lnn::shape{1, 2, 3});
    CHECK(d.pixels == bytes(images.begin() + 16, images.end()));
    CHECK(d.labels == std::vector<std::int32_t>{7, 0});
  }
}

TEST_CASE("idx: wrong files give one clear sentence") {
  const scratch::folder f;
  const std::string i = f.path("i"), l = f.path("l");
  const auto read_images = [&] { return message([&] { (void)lnn::read_idx_array(i, 3); }); };
  CHECK(read_images() == i + ": cannot be opened (No such file or directory); check the path to the data");
  scratch::store(i, labels);
  CHECK(read_images() == i + ": 10 bytes are no idx file of 3 axes, expected a header of 16 bytes; the file "
                             "is truncated, fetch it again");
  scratch::store(i, images);
  CHECK(message([&] { (void)lnn::read_idx_array(i, 1); }) ==
        i + ": magic number 0x00000803, expected 0x00000801 (unsigned bytes, 1 axes); see whether images and "
            "labels "
            "are exchanged");
  scratch::store(i, std::span(images).first(20));
  CHECK(read_images() ==
        i + ": 4 bytes after the header, expected 12 for 2x2x3; the file is truncated, fetch it again");
  bytes longer = images;
  longer.push_back(0);
  scratch::store(i, longer);
  CHECK(read_images() == i + ": more bytes after the header than the expected 12 for 2x2x3; the file is "
                             "damaged, fetch it again");
  scratch::store(i, idx(3, {2, 0x7FFFFFFF, 3}, {}));
  CHECK(
      read_images() ==
      i + ": size of axis 1 is 2147483647, expected 1 to 16384; the header is damaged, fetch the file again");
  scratch::store(i, idx(3, {0, 2, 3}, {}));
  CHECK(has(read_images(), "size of axis 0 is 0, expected 1 to 1073741824"));
  scratch::store(i, idx(3, {1U << 30, 1U << 14, 1U << 14}, {1, 2, 3}));  // no memory is asked for
  CHECK(has(read_images(),
            ": 3 bytes after the header, expected 288230376151711744 for 1073741824x16384x16384"));
  scratch::store(i, images);
  scratch::store(l, idx(1, {3}, {0, 1, 2}));
  CHECK(message([&] { (void)lnn::read_idx(i, l); }) ==
        i + ": 2 images, but " + l + " holds 3 labels; use two files of the same part");
  scratch::store(l, labels);
  CHECK(message([&] {
          (void)lnn::read_idx(i, l, {"a", "b"});
        }) == l + ": label of sample 0 is 7, expected 0 to 1; name all classes or use the labels that belong "
                  "to them");
  CHECK(has(message([&] { (void)lnn::read_idx_array(f.path(), 3); }), f.path() + ": damaged or truncated"));
}

TEST_CASE("idx: truncation at every length and damage of every byte") {
  const scratch::folder f;
  attack(f.path("images"), images, 3);
  attack(f.path("labels"), labels, 1);
  store_packed(f.path("packed"), images);
  const std::string packed = scratch::load(f.path("packed"));
  attack(f.path("images.gz"), bytes(packed.begin(), packed.end()), 3);
}

TEST_CASE("idx: Fashion-MNIST, plain and packed mixed") {
  const scratch::folder f;
  CHECK(!lnn::has_fashion_mnist(f.path()));
  const std::string missing = f.path("train-images-idx3-ubyte");
  CHECK(message([&] { (void)lnn::fashion_mnist(f.path()); }) ==
        missing + ": cannot be opened, nor can " + missing +
            ".gz; install the Debian package dataset-fashion-mnist or name the folder of the four idx files");
  scratch::store(missing, images);
  store_packed(f.path("train-labels-idx1-ubyte.gz"), labels);
  store_packed(f.path("t10k-images-idx3-ubyte.gz"), idx(3, {1, 2, 3}, {0, 0, 0, 0, 0, 9}));
  scratch::store(f.path("t10k-labels-idx1-ubyte"), idx(1, {1}, {9}));
  CHECK(lnn::has_fashion_mnist(f.path()));
  const lnn::train_test d = lnn::fashion_mnist(f.path());
  CHECK(d.train.size() == 2);
  CHECK(d.test.size() == 1);
  CHECK(d.test.pixels[5] == 9);
  CHECK(d.test.class_names[9] == "Ankle boot");
  scratch::store(f.path("t10k-images-idx3-ubyte"), idx(3, {1, 3, 2}, {0, 0, 0, 0, 0, 9}));
  CHECK(has(message([&] { (void)lnn::fashion_mnist(f.path()); }),
            ": training images have shape 1x2x3, test images 1x3x2; use files of the same data set"));
}

TEST_CASE("idx: Fashion-MNIST as installed" * doctest::skip(!lnn::has_fashion_mnist())) {
  const lnn::train_test d = lnn::fashion_mnist();
  CHECK(d.train.size() == 60000);
  CHECK(d.test.size() == 10000);
  CHECK(d.train.sample == lnn::shape{1, 28, 28});
  const lnn::channel_statistics s = lnn::statistics_of(d.train);
  CHECK(s.mean[0] == doctest::Approx(0.2860).epsilon(0.001));
  CHECK(s.deviation[0] == doctest::Approx(0.3530).epsilon(0.001));
  std::vector<int> count(10);
  for (const std::int32_t label : d.test.labels) ++count[static_cast<std::size_t>(label)];
  CHECK(count == std::vector<int>(10, 1000));
}

}  // namespace test_idx
