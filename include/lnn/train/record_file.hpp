// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "crc32.hpp"
#include "record.hpp"

namespace lnn {

/// Version of the file that holds an archive.
inline constexpr std::uint32_t archive_version = 1;

namespace detail {

inline constexpr std::size_t longest_name = 4096;

/// Length of the name u32, name, kind u8, dtype u8, rank u8, 0 u8, exponent i32, dims u32 each, number of
/// bytes u64, bytes.
template <class Record>
  requires std::same_as<Record, record>  // a template, as its sisters, so that it is compiled only when called
void append(std::vector<std::uint8_t>& out, const Record& r) {
  append(out, static_cast<std::uint32_t>(r.name.size()));
  append(out, std::string_view{r.name});
  append(out, static_cast<std::uint8_t>(r.kind));
  append(out, static_cast<std::uint8_t>(r.type));
  append(out, static_cast<std::uint8_t>(r.dims.rank()));
  append(out, std::uint8_t{0});
  append(out, static_cast<std::int32_t>(r.exponent));
  for (const int d : r.dims) append(out, static_cast<std::uint32_t>(d));
  append(out, static_cast<std::uint64_t>(r.bytes.size()));
  append(out, r.bytes.data(), r.bytes.size());
}

/// The inverse; fails on everything that `append` would not have written.
template <class Record>
[[nodiscard]] Record take_record(byte_reader& in, std::string_view place, std::size_t index) {
  Record r;
  const auto length = in.number<std::uint32_t>("the length of a record's name");
  if (length < 1 || length > longest_name)
    fail(place, ": name of record ", index, " has ", length, " characters, expected 1 to ", longest_name,
         "; the file is damaged, use another copy");
  const auto chars = in.take(length, "a record's name");
  r.name.assign(reinterpret_cast<const char*>(chars.data()), chars.size());
  const std::string what = sentence("record '", r.name, "'");
  const auto fields = in.take(4, what);
  const auto damaged = [&](std::string_view fault, std::uint64_t actual, std::string_view expected) {
    fail(place, ": ", what, " has ", fault, " ", actual, ", expected ", expected,
         "; the file is damaged, use another copy");
  };
  if (fields[0] > 3) damaged("kind", fields[0], "0 to 3");
  if (fields[1] > 6) damaged("element type", fields[1], "0 to 6");
  if (fields[2] > shape::max_rank) damaged("rank", fields[2], "0 to 8");
  if (fields[3] != 0) damaged("filling byte", fields[3], "0");
  r.kind = static_cast<record_kind>(fields[0]);
  r.type = static_cast<dtype>(fields[1]);
  r.exponent = in.number<std::int32_t>(what);
  std::uint64_t elements = 1;
  const std::uint64_t most = 8 * static_cast<std::uint64_t>(in.left());
  for (int i = 0; i < fields[2]; ++i) {
    const auto d = in.number<std::uint32_t>(what);
    if (d > 0x7FFFFFFFU) damaged("a dimension of", d, "at most 2147483647");
    if (d != 0 && elements > most / d)
      damaged("more elements than the file has bits: a dimension of", d, "less");
    elements *= d;
    r.dims.append(static_cast<int>(d));
  }
  const auto count = in.number<std::uint64_t>(what);
  const bool whole = r.kind == record_kind::tensor || r.kind == record_kind::quantized;
  const bool integers = r.type != dtype::float32 && r.type != dtype::float64;
  if (whole && count != bytes_of(r.type, static_cast<std::size_t>(elements)))
    damaged("byte count", count,
            sentence(bytes_of(r.type, static_cast<std::size_t>(elements)), " for ", r.dims));
  if (r.kind == record_kind::integer && count != 8) damaged("byte count", count, "8");
  if ((!whole && fields[2] != 0) || (r.kind == record_kind::quantized && !integers) ||
      (r.kind == record_kind::tensor && r.type == dtype::int4) ||
      (r.kind != record_kind::quantized && r.exponent != 0) ||
      (r.kind == record_kind::integer && r.type != dtype::int64) ||
      (r.kind == record_kind::text && r.type != dtype::int8))
    damaged("fields that contradict its kind", fields[0], "a combination that lnn writes");
  const auto bytes = in.take(count, what);
  append(r.bytes, bytes.data(), bytes.size());
  if (r.type == dtype::int4 && elements % 2 == 1 && r.bytes.back() > 0xF)
    damaged("a filling nibble of", r.bytes.back() >> 4U, "0");
  return r;
}

inline constexpr std::string_view archive_magic = "lnn-arch";

/// The file of an archive, little-endian: magic, version u32, number of records u32, number of bytes of the
/// whole file u64, the records, CRC-32 of all bytes before it u32.
template <class Record>
[[nodiscard]] std::vector<std::uint8_t> to_file(const std::vector<Record>& records) {
  std::vector<std::uint8_t> out;
  append(out, archive_magic);
  append(out, archive_version);
  append(out, static_cast<std::uint32_t>(records.size()));
  append(out, std::uint64_t{0});
  for (const Record& r : records) append(out, r);
  const auto total = static_cast<std::uint64_t>(out.size() + sizeof(std::uint32_t));
  copy_little(out.data() + 16, &total, 1, sizeof total);
  append(out, crc32({out.data(), out.size()}));
  return out;
}

/// The inverse.  All bytes are taken for hostile: sizes are compared with what is there before memory is
/// asked for.
template <class Record>
[[nodiscard]] std::vector<Record> from_file(std::span<const std::uint8_t> bytes, std::string_view place) {
  const std::string_view magic = archive_magic;
  if (bytes.size() < magic.size() || std::memcmp(magic.data(), bytes.data(), magic.size()) != 0)
    fail(place, ": no lnn archive (", bytes.size(), " bytes), expected '", magic,
         "' at its start; name a checkpoint or a frozen model");
  if (bytes.size() < 28)
    fail(place, ": ", bytes.size(), " bytes, expected at least 28; the file is truncated, use another copy");
  byte_reader in(bytes.subspan(magic.size()), place);
  const auto version = in.number<std::uint32_t>("the version");
  if (version != archive_version)
    fail(place, ": archive version ", version, ", expected ", archive_version,
         "; read it with the lnn that wrote it");
  const auto count = in.number<std::uint32_t>("the number of records");
  const auto total = in.number<std::uint64_t>("the size");
  if (total != bytes.size())
    fail(place, ": ", bytes.size(), " bytes, expected ", total, "; the file is ",
         bytes.size() < total ? "truncated" : "damaged", ", use another copy");
  byte_reader tail(bytes.last(4), place);
  if (tail.number<std::uint32_t>("the checksum") != crc32(bytes.first(bytes.size() - 4)))
    fail(place, ": the checksum of ", bytes.size(),
         " bytes does not match; the file is damaged, use another copy");
  in = byte_reader(bytes.subspan(24, bytes.size() - 28), place);
  std::vector<Record> records;
  for (std::uint32_t i = 0; i < count; ++i) records.push_back(take_record<Record>(in, place, i));
  if (in.left() != 0)
    fail(place, ": ", in.left(), " bytes after ", count,
         " records, expected 0; the file is damaged, use another copy");
  return records;
}

}  // namespace detail
}  // namespace lnn
