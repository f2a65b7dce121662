// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/model/reader.hpp>
#include <lnn/model/writer.hpp>
#include <lnn/train/file.hpp>

#include "../folders.hpp"
#include "small_program.hpp"

#include <algorithm>

namespace test_reader {

namespace {

using bytes = std::vector<std::uint8_t>;

std::string complaint(const bytes& file) {
  try {
    (void)lnn::model::read(std::span<const std::uint8_t>(file));
  } catch (const lnn::error& e) {
    return e.what();
  }
  return "";
}
bool complains(const bytes& file, std::string_view words) { return complaint(file).find(words) != std::string::npos; }

void put(bytes& file, std::size_t at, std::uint32_t v) {
  for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<std::uint8_t>(v >> (8 * i));
}
std::size_t get(const bytes& file, std::size_t at) {
  std::uint32_t v = 0;
  for (std::size_t i = 0; i < 4; ++i) v |= std::uint32_t{file[at + i]} << (8 * i);
  return v;
}
/// A number of a section changed and the checksum made right again, so that what is behind it is looked at.
bytes with(bytes file, std::size_t header_place, std::size_t offset, std::uint32_t v) {
  put(file, get(file, header_place) + offset, v);
  put(file, 16, lnn::model::crc24(std::span<const std::uint8_t>(file).subspan(80)));
  return file;
}
constexpr std::size_t memory = 20, tensors = 24, operators = 32, io = 36, names = 44, parameters = 52, transfers = 56;

}  // namespace

TEST_CASE("programs come back from the bytes that were written") {
  for (const lnn::chip* on : lnn::chips) {
    const auto p = small::network(*on);
    const bytes file = lnn::model::write(p);
    CHECK(file.size() % 16 == 0);
    const auto back = lnn::model::read(std::span<const std::uint8_t>(file));
    CHECK(back.target()->name == on->name);
    CHECK(back.tensors == p.tensors);
    REQUIRE(back.operations.size() == p.operations.size());
    CHECK(back.operations[0].values.integer("kernel", 1) == 3);
    CHECK(back.inputs == p.inputs);
    CHECK(back.outputs == p.outputs);
    CHECK(back.memory == p.memory);
    CHECK(std::ranges::equal(back.constants.at(0).bytes, p.constants.at(0).bytes));
    CHECK(lnn::model::write(back) == file);
    const auto c = back.constant(back.operations[0].inputs[1]);
    CHECK(c.data() > file.data());  // a view, no copy
    CHECK(c.data() < file.data() + file.size());
  }
}

TEST_CASE("a program may keep its bytes") {
  bytes file = lnn::model::write(small::network(lnn::venus));
  const bytes same = file;
  const auto p = lnn::model::read(std::move(file));
  const auto copy = p;  // copies share them
  CHECK(lnn::model::write(copy) == same);
}

TEST_CASE("names stay on one line, whatever a file says") {
  bytes file = lnn::model::write(small::network(lnn::venus));
  for (const std::string& name : {std::string("Conv2dInt"), lnn::model::read(std::span<const std::uint8_t>(file)).outputs[0].name}) {
    const auto at = std::search(file.begin(), file.end(), name.begin(), name.end());
    REQUIRE(at != file.end());
    *at = '\n';
  }
  put(file, 16, 0);  // no checksum
  const auto p = lnn::model::read(std::span<const std::uint8_t>(file));
  CHECK(p.operations[0].type == "?onv2dInt");
  CHECK(p.outputs[0].name.starts_with("?"));
}

TEST_CASE("every defect of a file is a sentence with section and offset") {
  const bytes good = lnn::model::write(small::network(lnn::arcs));
  CHECK(complaint(good).empty());
  CHECK(complaint({}) == "model.bin: header section, offset 0: the label needs 16 bytes, 0 are left; the file is damaged");
  bytes f = good;
  f[0] = 'T';
  CHECK(complaint(f) == "model.bin: header, offset 0: the label is 'Thinker10', expected 'thinker10'; this is no model of the LUNA engine");
  f = good;
  f[200] ^= 1;
  CHECK(complaint(f).starts_with("model.bin: header, offset 16: the checksum is "));
  put(f, 16, 0);  // a checksum of 0 is none
  CHECK(!complains(f, "checksum"));
  f = good;
  f.resize(f.size() - 16);
  CHECK(complains(f, "it is cut off, use a whole copy"));
  f = good;
  put(f, 24, 16);
  CHECK(complains(f, "header: the tensor section begins at 16, inside the memory section at 80"));

  CHECK(complains(with(good, memory, 0, 0xFFFFFFFF), "memory section, offset "));
  CHECK(complains(with(good, memory, 16 + 4, 9), "memory kind 9 is unknown"));
  CHECK(complains(with(good, tensors, 0, 0xFFFFFFFF), "tensor section, offset "));
  CHECK(complains(with(good, tensors, 0, 0xFFFFFFFF), "4294967295 tensors of 64 bytes do not fit"));
  CHECK(complains(with(good, tensors, 4, 48), "the size of an entry is 48, expected 64"));
  CHECK(complains(with(good, tensors, 16 + 4, 5), "tensor 0 has memory id 5, expected 0 or 1"));
  CHECK(complains(with(good, tensors, 16 + 8, 0x7FC00000), "tensor 0 has a scale that is no number"));
  CHECK(complains(with(good, tensors, 16 + 16, 9), "tensor 0 has 9 axes, expected at most 7"));
  CHECK(complains(with(good, tensors, 16 + 20, 0x7FFFFFFF), "tensor 0 has more than 2^31 elements"));
  CHECK(complains(with(good, tensors, 16 + 20, 64), "tensor section: tensor 0 (x) takes 5760 bytes at 0 of the "));
  CHECK(complains(with(good, tensors, 16 + 48, 1 << 20), "tensor section: tensor 0 (x) takes 90 bytes at 1048576 of the "));
  CHECK(complains(with(good, tensors, 16 + 64 + 48, 1 << 20), "parameter section: constant 1 (conv.weight)"));
  CHECK(complains(with(good, tensors, 16 + 56, 99), "tensor 0 has layout 99, expected 0 to 6"));
  CHECK(complains(with(good, operators, 8, 1 << 30), "operator section, offset "));
  CHECK(complains(with(good, operators, 0, 0xFFFF), "5 operators"));
  CHECK(complains(with(good, io, 0, 0xFFFF), "io section, offset "));
  CHECK(complains(with(good, io, 16, 4711), "io section: x is tensor 4711 of "));
  CHECK(complains(with(good, parameters, 0, 0xFFFFFFF), "parameter section, offset "));
  CHECK(complains(with(good, parameters, 16 + 8, 0xFFFFFFF), "a block of constants needs 268435455 bytes"));
  CHECK(complains(with(good, names, 0, 3), "3 names for "));
  CHECK(complains(with(good, transfers, 0, 0xFFFFFFF), "dma section, offset "));
}

TEST_CASE("a file that is cut anywhere is refused") {
  const bytes good = lnn::model::write(small::network(lnn::venusA));
  for (std::size_t n = 0; n < good.size(); ++n) CHECK_MESSAGE(!complaint({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)}).empty(), n);
}

TEST_CASE("writers refuse programs that no engine could load") {
  auto p = small::network(lnn::venus);
  p.operations[0].inputs[0] = 99;
  CHECK_THROWS_WITH_AS((void)lnn::model::write(p), doctest::Contains("operator 0 (Conv2dInt) names tensor 99 of"), lnn::error);
  p = small::network(lnn::venus);
  p.operations[0].outputs[0] = p.operations[0].inputs[1];
  CHECK_THROWS_WITH_AS((void)lnn::model::write(p), doctest::Contains("writes to the constant conv.weight"), lnn::error);
  p = small::network(lnn::venus);
  p.memory[0].bytes = 16;
  CHECK_THROWS_WITH_AS((void)lnn::model::write(p), doctest::Contains("of the 16 of share-mem"), lnn::error);
}

TEST_CASE("long names lose their path, then their head") {
  CHECK(lnn::model::name_in_file("short/name") == "short/name");
  const std::string long_path = std::string(70, 'a') + "/conv.weight";
  CHECK(lnn::model::name_in_file(long_path) == "conv.weight");
  const std::string long_name = "x" + std::string(60, 'b');
  CHECK(lnn::model::name_in_file(long_name) == std::string(60, 'b'));
}

TEST_CASE("files of the reference packer come back byte by byte") {
  std::vector<std::filesystem::path> roots{folders::tests() / "golden"};
  for (const char* more : {"golden", "networks", "networks_linger", "models"})
    if (!folders::shared().empty()) roots.push_back(folders::shared() / more);
  int same = 0;
  for (const auto& root : roots) {
    if (!std::filesystem::exists(root)) continue;
    for (const auto& at : std::filesystem::recursive_directory_iterator(root)) {
      const std::string name = at.path().filename().string();
      if ((!name.starts_with("model") && name != "decoder.bin") || at.path().extension() != ".bin") continue;
      if (at.path().parent_path().filename() == "kws1d_venusA") continue;  // its packer lost the weights of a layer
      const bytes file = lnn::read_file(at.path().string());
      std::string reason;
      try {
        if (lnn::model::write(lnn::model::read(std::span<const std::uint8_t>(file))) == file) ++same;
        else reason = "other bytes";
      } catch (const lnn::error& e) {
        reason = e.what();
      }
      CHECK_MESSAGE(reason.empty(), at.path().string() << ": " << reason);
    }
  }
  CHECK(same > 100);
}

}  // namespace test_reader
