// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <csignal>
#include <limits>
#include <lnn/train/archive.hpp>

#if __has_include(<sys/resource.h>)
#include <sys/resource.h>
#endif

#include "scratch.hpp"

namespace test_archive {

using lnn::archive;
using lnn::dtype;
using lnn::integer_tensor;
using lnn::tensor;
using scratch::bytes;
using scratch::has;
using scratch::message;

namespace {

integer_tensor integers(dtype type, const lnn::shape& dims, int exponent) {
  integer_tensor t(type, dims, exponent);
  lnn::with_element(type, [&](auto zero) {
    for (std::size_t i = 0; i < t.size(); ++i)
      t.as<decltype(zero)>()[i] = static_cast<decltype(zero)>(static_cast<int>(i * 5 % 16) - 8);
  });
  return t;
}

archive sample() {
  archive a;
  a.put("conv1.weight",
        tensor<float>({2, 1, 1, 2}, {0.5F, -0.0F, 1e-40F, std::numeric_limits<float>::infinity()}));
  a.put("note", "caf\xC3\xA9");
  a.put("epoch", std::int64_t{-7});
  a.put("conv1.int4", integers(dtype::int4, {3}, 5));
  a.put("conv1.int32", integers(dtype::int32, {2, 2}, -3));
  return a;
}

/// The same bytes with a checksum that fits, so that the reader must find the fault itself.
bytes resealed(bytes b) {
  const std::uint32_t sum = lnn::crc32(std::span(b).first(b.size() - 4));
  for (std::size_t i = 0; i < 4; ++i) b[b.size() - 4 + i] = static_cast<std::uint8_t>(sum >> (8 * i));
  return b;
}
std::string complaint(const bytes& b) {
  return message([&] { (void)archive::from_bytes(b, "net.lnn"); });
}

}  // namespace

TEST_CASE("archive: the checksum is that of zip") {
  const std::string s = "123456789";
  const bytes b(s.begin(), s.end());
  CHECK(lnn::crc32(b) == 0xCBF43926U);
  CHECK(lnn::crc32(std::span(b).subspan(4), lnn::crc32(std::span(b).first(4))) == 0xCBF43926U);
  CHECK(lnn::crc32({}) == 0);
}

TEST_CASE("archive: everything comes back") {
  const scratch::folder f;
  archive a = sample();
  a.put("real", 0.1);
  a.put("state", std::uint64_t{0xFFFFFFFFFFFFFFFE});
  a.put("flag", true);
  a.put("empty", tensor<double>({0, 3}));
  a.put("nothing", tensor<float>());
  a.put("bytes", tensor<std::int8_t>({2}, {-128, 127}));
  a.put("long", tensor<std::int64_t>({1}, {std::numeric_limits<std::int64_t>::min()}));
  for (const dtype t : {dtype::int4, dtype::int8, dtype::int16, dtype::int64})
    a.put(lnn::sentence("q.", lnn::name_of(t)), integers(t, {4, 5}, 7));
  a.write(f.path("a.lnn"));
  CHECK(f.files() == 1);
  const archive b = archive::read(f.path("a.lnn"));
  CHECK(a == b);
  CHECK(a.to_bytes() == b.to_bytes());
  CHECK(b.get<tensor<float>>("conv1.weight") == tensor<float>({2, 1, 1, 2}, {0.5F, -0.0F, 1e-40F, INFINITY}));
  CHECK(std::signbit(b.get<tensor<float>>("conv1.weight")[1]));
  CHECK(b.get<std::string>("note") == "caf\xC3\xA9");
  CHECK(b.get<std::int64_t>("epoch") == -7);
  CHECK(b.get<int>("epoch") == -7);
  CHECK(b.get<double>("real") == 0.1);
  CHECK(b.get<std::uint64_t>("state") == 0xFFFFFFFFFFFFFFFE);
  CHECK(b.get<bool>("flag"));
  CHECK(b.get<tensor<double>>("empty").dims() == lnn::shape{0, 3});
  CHECK(b.get<tensor<float>>("nothing").size() == 0);
  CHECK(b.get<tensor<std::int8_t>>("bytes")[0] == -128);
  CHECK(b.get<tensor<std::int64_t>>("long")[0] == std::numeric_limits<std::int64_t>::min());
  CHECK(b.get<integer_tensor>("conv1.int4", {3}) == integers(dtype::int4, {3}, 5));
  CHECK(b.get<integer_tensor>("conv1.int32") == integers(dtype::int32, {2, 2}, -3));
  for (const dtype t : {dtype::int4, dtype::int8, dtype::int16, dtype::int64})
    CHECK(b.get<integer_tensor>(lnn::sentence("q.", lnn::name_of(t))) == integers(t, {4, 5}, 7));
  tensor<float> here({2, 1, 1, 2});
  b.get_into("conv1.weight", here.flatten());
  CHECK(here[0] == 0.5F);
  std::string names;
  for (const lnn::record& r : archive::from_bytes(sample().to_bytes())) names += r.name + ' ';
  CHECK(names == "conv1.weight note epoch conv1.int4 conv1.int32 ");
}

TEST_CASE("archive: the bytes are those of the description") {
  archive a;
  a.put("n", 258);
  const bytes b = a.to_bytes();
  const bytes expected{'l', 'n', 'n', '-', 'a', 'r', 'c', 'h', 1, 0, 0,   0, 1, 0, 0, 0, 57, 0,
                       0,   0,   0,   0,   0,   0,   1,   0,   0, 0, 'n', 3, 4, 0, 0, 0, 0,  0,
                       0,   8,   0,   0,   0,   0,   0,   0,   0, 2, 1,   0, 0, 0, 0, 0, 0};
  REQUIRE(b.size() == 57);
  CHECK(bytes(b.begin(), b.end() - 4) == expected);
  CHECK(resealed(b) == b);
}

TEST_CASE("archive: misuse names record and file") {
  const scratch::folder f;
  const std::string p = f.path("net.lnn");
  sample().write(p);
  archive a = archive::read(p);
  CHECK(message([&] { (void)a.get<int>("epochs"); }) ==
        p + ": record 'epochs' is missing among 5 records; the file belongs to another network");
  CHECK(
      message([&] {
        (void)a.get<tensor<float>>("conv1.weight", {2, 1, 3, 3});
      }) ==
      p + ": record 'conv1.weight' has shape 2x1x1x2, expected 2x1x3x3; the file belongs to another network");
  tensor<float> small({2});
  CHECK(has(message([&] { a.get_into("conv1.weight", small.flatten()); }), "has shape 2x1x1x2, expected 2;"));
  CHECK(message([&] { (void)a.get<tensor<double>>("conv1.weight"); }) ==
        p + ": record 'conv1.weight' is a float32 tensor, expected a float64 tensor; the file belongs to "
            "another "
            "network");
  CHECK(has(message([&] { (void)a.get<integer_tensor>("note"); }),
            "'note' is a text, expected a quantized tensor"));
  CHECK(has(message([&] { (void)a.get<tensor<std::int32_t>>("conv1.int32"); }),
            "'conv1.int32' is a quantized int32 tensor, expected an int32 tensor"));
  CHECK(has(message([&] { (void)a.get<std::string>("epoch"); }), "'epoch' is an integer, expected a text"));
  CHECK(message([&] { (void)a.get<std::uint8_t>("epoch"); }) ==
        p + ": record 'epoch' is -7, expected 0 to 255; use a file that this program wrote");
  CHECK(message([&] { a.put("note", 1); }) ==
        p + ": record 'note' is there twice; give every record a name of its own");
  CHECK(message([&] { a.put("", 1); }) == p + ": a record's name has 0 characters, expected 1 to 4096");
  CHECK(has(message([&] { a.put(std::string(5000, 'x'), 1); }), "has 5000 characters"));
  integer_tensor wide(dtype::int4, {1}, 0);
  wide.as<std::int8_t>()[0] = 8;
  CHECK(has(message([&] { a.put("wide", wide); }), "element 0 is 8, outside -8 to 7"));
  CHECK(a == sample());
}

TEST_CASE("archive: the first difference in kind") {
  const archive a = sample();
  CHECK(a.first_difference(sample()).empty());
  archive other;
  CHECK(a.first_difference(other) == "record 'conv1.weight' is in this archive but missing in the other");
  CHECK(other.first_difference(a, "the file", "the network") ==
        "record 'conv1.weight' is missing in the file but in the network");
  other.put("conv1.weight", tensor<float>({2, 1, 3, 3}));
  CHECK(a.first_difference(other, "the file", "the network") ==
        "record 'conv1.weight' has shape 2x1x1x2 in the file but 2x1x3x3 in the network");
  archive third;
  third.put("conv1.weight", integers(dtype::int8, {2, 1, 1, 2}, 0));
  CHECK(a.first_difference(third) ==
        "record 'conv1.weight' is a float32 tensor in this archive but a quantized int8 tensor in the other");
  archive values;
  for (const lnn::record& r : a)
    if (r.name == "epoch")
      values.put("epoch", 99);
    else if (r.name == "note")
      values.put("note", "another text");
    else if (r.name == "conv1.weight")
      values.put(r.name, tensor<float>({2, 1, 1, 2}));
    else
      values.put(r.name, integer_tensor(r.type, r.dims, 0));
  CHECK(a.first_difference(values).empty());
  CHECK(!(a == values));
}

TEST_CASE("archive: truncation at every length and damage of every bit") {
  const bytes good = sample().to_bytes();
  for (std::size_t n = 0; n < good.size(); ++n) {
    INFO("length ", n);
    CHECK(has(complaint({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)}), "net.lnn: "));
  }
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    bytes bad = good;
    bad[i / 8] = static_cast<std::uint8_t>(bad[i / 8] ^ (1U << (i % 8)));
    INFO("bit ", i);
    CHECK(has(complaint(bad), "net.lnn: "));
  }
  bytes longer = good;
  longer.push_back(0);
  CHECK(has(complaint(longer), "bytes, expected"));
}

TEST_CASE("archive: hostile bytes under a fitting checksum never crash") {
  const bytes good = sample().to_bytes();
  const archive expected = sample();
  for (std::size_t i = 0; i < good.size() - 4; ++i)
    for (int value = 0; value < 256; ++value) {
      bytes bad = good;
      bad[i] = static_cast<std::uint8_t>(value);
      bad = resealed(bad);
      try {
        const archive got = archive::from_bytes(bad);
        CHECK(got.to_bytes() == bad);  // whatever is accepted is exactly what lnn would write
        for (const lnn::record& r : got) {
          if (r.kind == lnn::record_kind::quantized) (void)got.get<integer_tensor>(r.name);
          if (r.kind == lnn::record_kind::tensor && r.type == dtype::float32)
            (void)got.get<tensor<float>>(r.name);
        }
      } catch (const lnn::error&) {
        CHECK(value != good[i]);
      }
    }
  for (std::size_t n = 28; n < good.size(); ++n) {  // cut, with size and checksum that fit
    bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n));
    for (std::size_t i = 0; i < 8; ++i)
      cut[16 + i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(n) >> (8 * i));
    CHECK(has(complaint(resealed(cut)), "net.lnn: "));
  }
}

TEST_CASE("archive: each fault has its sentence") {
  archive one;
  one.put("n", 258);
  const bytes good = one.to_bytes();
  const auto with = [&](std::size_t at, std::uint8_t value) {
    bytes b = good;
    b[at] = value;
    return complaint(resealed(b));
  };
  const std::string copy = "; the file is damaged, use another copy";
  CHECK(complaint({}) ==
        "net.lnn: no lnn archive (0 bytes), expected 'lnn-arch' at its start; name a checkpoint or a "
        "frozen model");
  CHECK(has(with(0, 'L'), "no lnn archive (57 bytes)"));
  CHECK(complaint({good.begin(), good.begin() + 20}) ==
        "net.lnn: 20 bytes, expected at least 28; the file is truncated, use another copy");
  CHECK(complaint({good.begin(), good.begin() + 50}) ==
        "net.lnn: 50 bytes, expected 57; the file is truncated, use another copy");
  CHECK(with(8, 2) == "net.lnn: archive version 2, expected 1; read it with the lnn that wrote it");
  bytes flipped = good;
  flipped[45] = 3;
  CHECK(complaint(flipped) == "net.lnn: the checksum of 57 bytes does not match" + copy);
  CHECK(with(12, 0) == "net.lnn: 29 bytes after 0 records, expected 0" + copy);
  CHECK(with(12, 2) == "net.lnn: the length of a record's name needs 4 bytes, but 0 are left" + copy);
  CHECK(with(15, 255) == with(12, 2));  // four thousand million records
  CHECK(with(24, 0) == "net.lnn: name of record 0 has 0 characters, expected 1 to 4096" + copy);
  CHECK(with(27, 1) == "net.lnn: name of record 0 has 16777217 characters, expected 1 to 4096" + copy);
  CHECK(with(29, 4) == "net.lnn: record 'n' has kind 4, expected 0 to 3" + copy);
  CHECK(with(30, 7) == "net.lnn: record 'n' has element type 7, expected 0 to 6" + copy);
  CHECK(with(31, 9) == "net.lnn: record 'n' has rank 9, expected 0 to 8" + copy);
  CHECK(with(32, 1) == "net.lnn: record 'n' has filling byte 1, expected 0" + copy);
  CHECK(with(37, 9) == "net.lnn: record 'n' has byte count 9, expected 8" + copy);
  CHECK(has(with(33, 1), "fields that contradict its kind 3"));
  CHECK(has(with(30, 0), "fields that contradict its kind 3"));

  archive vast;
  vast.put("t", tensor<float>({1, 1}));
  bytes b = vast.to_bytes();  // dims at 37 and 41
  b[40] = b[44] = 0x7F;
  CHECK(has(complaint(resealed(b)),
            "record 't' has more elements than the file has bits: a dimension of 2130706433"));
  b[40] = 0x80;
  CHECK(has(complaint(resealed(b)), "a dimension of 2147483649, expected at most 2147483647"));
  b = vast.to_bytes();
  b[37] = 2;
  CHECK(complaint(resealed(b)) == "net.lnn: record 't' has byte count 4, expected 8 for 2x1" + copy);

  archive twice;
  twice.put("a", 1);
  twice.put("b", 2);
  b = twice.to_bytes();
  b[24 + 29 + 4] = 'a';
  CHECK(complaint(resealed(b)) == "net.lnn: record 'a' is there twice" + copy);
}

TEST_CASE("archive: files are replaced whole or not at all") {
  const scratch::folder f;
  const std::string p = f.path("net.lnn");
  CHECK(has(message([&] { (void)archive::read(p); }),
            p + ": cannot be opened (No such file or directory); check the path and its permissions"));
  CHECK(has(message([&] { (void)archive::read(f.path()); }), f.path() + ": cannot be read after 0 bytes"));
  CHECK(has(message([&] { sample().write(f.path("no/net.lnn")); }),
            f.path("no/net.lnn") + ": cannot be opened (No such file or directory); check that its folder exists and may be written to"));
  std::filesystem::create_directory(p);  // a folder is in the way
  CHECK(has(message([&] { sample().write(p); }), p + ": "));
  CHECK(f.files() == 1);
  std::filesystem::remove(p);
  sample().write(p);
  archive().write(p);
  CHECK(archive::read(p).size() == 0);
  CHECK(f.files() == 1);
}

#if __has_include(<sys/resource.h>)
TEST_CASE("archive: a full disk leaves the old file and no temporary one") {
  const scratch::folder f;
  const std::string p = f.path("net.lnn");
  sample().write(p);
  archive big;
  big.put("t", tensor<float>({50000}));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{65536, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string said = message([&] { big.write(p); });
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(said ==
        p + ": 200053 bytes cannot be written (File too large); nothing was changed, make room or name "
            "another path");
  CHECK(archive::read(p) == sample());
  CHECK(f.files() == 1);
}
#endif

TEST_CASE("a file that does not end is refused when it is larger than anything can be") {
  scratch::folder f;
  const std::string p = f.path("long");
  scratch::store(p, bytes(1000, 7));
  CHECK(lnn::read_file(p, 1000).size() == 1000);
  CHECK(message([&] { (void)lnn::read_file(p, 999); }) == p + ": more than 999 bytes; name a file of lnn's, or cut it");
  if (std::filesystem::exists("/dev/zero"))
    CHECK(message([&] { (void)lnn::read_file("/dev/zero", 1 << 20); }) == "/dev/zero: more than 1048576 bytes; name a file of lnn's, or cut it");
}

}  // namespace test_archive
