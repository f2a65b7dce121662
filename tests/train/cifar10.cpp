// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/cifar10.hpp>

#include "scratch.hpp"

namespace test_cifar10 {

using scratch::bytes;
using scratch::has;
using scratch::message;

namespace {
/// Records of label k, k + 1, ... whose pixels all say their label times 10 plus their plane.
bytes batch(std::size_t samples, std::size_t k) {
  bytes out;
  for (std::size_t i = 0; i < samples; ++i) {
    out.push_back(static_cast<std::uint8_t>((k + i) % 10));
    for (std::size_t p = 0; p < 3072; ++p)
      out.push_back(static_cast<std::uint8_t>((k + i) % 10 * 10 + p / 1024));
  }
  return out;
}
}  // namespace

TEST_CASE("cifar10: one batch") {
  const scratch::folder f;
  scratch::store(f.path("b.bin"), batch(3, 4));
  const lnn::dataset d = lnn::read_cifar10_batch(f.path("b.bin"));
  CHECK(d.sample == lnn::shape{3, 32, 32});
  CHECK(d.labels == std::vector<std::int32_t>{4, 5, 6});
  CHECK(d.image(2)[0] == 60);
  CHECK(d.image(2)[3071] == 62);
  CHECK(d.class_names[6] == "frog");
}

TEST_CASE("cifar10: the folder, plain and packed mixed") {
  const scratch::folder f;
  for (std::size_t i = 1; i <= 4; ++i)
    scratch::store(f.path("data_batch_" + std::to_string(i) + ".bin"), batch(2, i));
  const bytes test = batch(1, 0), fifth = batch(2, 5);
  scratch::store(f.path("test_batch.bin"), test);
  CHECK(message([&] { (void)lnn::cifar10(f.path()); }) ==
        f.path("data_batch_5.bin") + ": cannot be opened, nor can " + f.path("data_batch_5.bin.gz") +
            "; name the folder cifar-10-batches-bin of the binary version of CIFAR-10");
  gzFile packed = gzopen(f.path("data_batch_5.bin.gz").c_str(), "wb");
  REQUIRE(gzwrite(packed, fifth.data(), static_cast<unsigned>(fifth.size())) ==
          static_cast<int>(fifth.size()));
  REQUIRE(gzclose(packed) == Z_OK);
  const lnn::train_test d = lnn::cifar10(f.path());
  CHECK(d.train.labels == std::vector<std::int32_t>{1, 2, 2, 3, 3, 4, 4, 5, 5, 6});
  d.train.validate();
  CHECK(d.train.image(9)[1024] == 61);
  CHECK(d.test.size() == 1);
}

TEST_CASE("cifar10: wrong files give one clear sentence") {
  const scratch::folder f;
  const std::string p = f.path("b.bin");
  const auto read = [&] { return message([&] { (void)lnn::read_cifar10_batch(p); }); };
  CHECK(has(read(), p + ": cannot be opened (No such file or directory)"));
  const bytes good = batch(2, 0);
  for (const std::size_t n : {0U, 1U, 3072U, 3074U, 6145U}) {
    scratch::store(p, std::span(good).first(n));
    CHECK(read() ==
          p + ": " + std::to_string(n) +
              " bytes, expected a multiple of 3073 (a label and 3x32x32 pixels per image); the file is "
              "truncated or no binary CIFAR-10 batch, fetch it again");
  }
  bytes bad = good;
  bad[3073] = 10;
  scratch::store(p, bad);
  CHECK(has(read(), p + ": label of sample 1 is 10, expected 0 to 9"));
}

}  // namespace test_cifar10
