// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "crc24.hpp"
#include "little.hpp"
#include "shape_section.hpp"
#include "verify.hpp"

namespace lnn::model {

/// The name of a tensor as files keep it: one of more than 60 characters loses its path, then its head.
[[nodiscard]] inline std::string_view name_in_file(std::string_view name) {
  constexpr std::size_t longest = 60;
  if (name.size() <= longest) return name;
  const std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  if (name.size() > longest) name.remove_prefix(name.size() - longest);
  return name;
}

namespace detail {

class file_writer {
 public:
  explicit file_writer(const program& p) : p_(p) {}

  std::vector<std::uint8_t> write() {
    w_.name(file_label, 16);
    for (int i = 0; i < 12; ++i) w_.u32(0);  // crc, offsets and platform follow when they are known
    w_.u64(0).pad();
    section(20), write_memory();
    section(24), write_tensors();
    section(32), write_operations();
    section(36), write_io();
    section(52), write_parameters();
    if (!p_.dated) section(48);
    if (!p_.shapes.empty()) w_.put(write_shapes(p_.shapes)).pad();
    section(44), write_names();
    section(56), write_transfers();
    w_.overwrite_u32(60, p_.platform);
    w_.overwrite_u32(64, w_.size());
    w_.overwrite_u32(16, crc24(w_.bytes().subspan(static_cast<std::size_t>(aligned(size::header)))));
    return w_.release();
  }

 private:
  void section(std::size_t header_place) { w_.overwrite_u32(header_place, w_.size()); }

  void list(std::size_t count, std::size_t entry) { w_.u32(count).u32(entry).u32(size::list_header).u32(size::list_header); }

  void write_memory() {
    w_.u16(p_.constant_memory.size()).u16(p_.constant_memory.size() + p_.memory.size());
    w_.u32(size::memory).u32(size::list_header).u32(size::list_header);
    for (const auto* blocks : {&p_.constant_memory, &p_.memory})
      for (const memory_block& m : *blocks) w_.u32(m.bytes).u8(static_cast<std::uint8_t>(m.kind)).u8(0).u16(0).u64(0);
    w_.pad();
  }

  void write_tensors() {
    list(p_.tensors.size(), size::tensor);
    for (const tensor& t : p_.tensors) {
      w_.u8(static_cast<std::uint8_t>(t.kind)).u8(0).u16(t.code).i32(t.constant ? 0 : 1).f32(t.scale).i32(t.zero);
      w_.u32(static_cast<std::uint64_t>(t.dims.rank()));
      for (std::size_t k = 0; k < greatest_rank; ++k)
        w_.u32(k < static_cast<std::size_t>(t.dims.rank()) ? static_cast<std::uint64_t>(t.dims[static_cast<int>(k)]) : 0);
      w_.u64(t.offset).u8(static_cast<std::uint8_t>(t.order)).u8(0).u16(0).u32(0);
    }
    w_.pad();
  }

  void write_operations() {
    std::vector<std::string_view> types;
    std::size_t longest = 0;
    little_writer records;
    for (const operation& o : p_.operations) {
      const auto at = std::find(types.begin(), types.end(), o.type);
      const auto type = static_cast<std::size_t>(at - types.begin());
      if (at == types.end()) types.push_back(o.type);
      longest = std::max(longest, o.type.size());
      write_operation(records, o, type);
    }
    const auto width = static_cast<std::size_t>(aligned(longest + 1));
    if (p_.operations.size() > 65535 || width > 255)
      fail("model: ", p_.operations.size(), " operators with names of ", longest, " characters do not fit a file, expected at most 65535 of 239");
    w_.u16(p_.operations.size()).u16(types.size()).u8(width).u8(size::list_header).u16(size::list_header);
    w_.u32(size::list_header + width * types.size()).u32(records.size());
    for (std::string_view t : types) w_.name(t, width);
    w_.put(records.bytes()).pad();
  }
  static void write_operation(little_writer& w, const operation& o, std::size_t type) {
    const std::size_t ids_at = static_cast<std::size_t>(aligned(size::operation + o.values.bytes().size()));
    const std::size_t ids = o.inputs.size() + o.outputs.size() + o.temps.size();
    const std::size_t total = static_cast<std::size_t>(aligned(ids_at + 4 * ids));
    if (total > 65535) fail("model: operator ", o.type, " takes ", total, " bytes, expected at most 65535");
    w.u16(type).u16(size::operation).u16(ids_at).u16(total).u16(total);
    w.u16(o.inputs.size()).u16(o.outputs.size()).u8(o.temps.size()).u8(o.scalars);
    w.put(o.values.bytes()).pad();
    for (const auto* list : {&o.inputs, &o.outputs, &o.temps})
      for (std::uint32_t id : *list) w.u32(id);
    w.pad();
  }

  void write_io() {
    std::size_t longest = 0;
    for (const auto* ports : {&p_.inputs, &p_.outputs})
      for (const port& one : *ports) longest = std::max(longest, one.name.size());
    const auto width = static_cast<std::size_t>(aligned(longest + 1));
    if (width > 65535) fail("model: the name of an input or output has ", longest, " characters, expected at most 65519");
    const std::size_t count = p_.inputs.size() + p_.outputs.size();
    w_.u16(p_.inputs.size()).u16(p_.outputs.size()).u16(0).u16(width).u32(size::io).u32(size::io + 4 * count);
    for (const auto* ports : {&p_.inputs, &p_.outputs})
      for (const port& one : *ports) w_.u32(one.tensor);
    for (const auto* ports : {&p_.inputs, &p_.outputs})
      for (const port& one : *ports) w_.name(one.name, width);
    w_.pad();
  }

  void write_parameters() {
    list(p_.constants.size(), size::parameter);
    for (const constant_block& c : p_.constants) {
      w_.u8(static_cast<std::uint8_t>(c.kind)).u8(0).u16(0).u32(size::parameter).u64(aligned(c.bytes.size()));
      w_.put(c.bytes).pad();
    }
    w_.pad();
  }

  void write_names() {
    w_.u32(p_.tensors.size()).u32(0).u64(0).u32(size::names_header).u32(0);
    for (const tensor& t : p_.tensors) w_.name(name_in_file(t.name), size::name);
    w_.pad();
  }

  void write_transfers() {
    list(p_.transfers.size(), size::dma);
    for (const transfer& t : p_.transfers)
      w_.u8(static_cast<std::uint8_t>(t.from)).u8(0).u8(static_cast<std::uint8_t>(t.to)).u8(0).u16(t.source).u16(t.destination).u64(t.bytes);
    w_.pad();
  }

  const program& p_;
  little_writer w_;
};

}  // namespace detail

/// The bytes of a model.bin.  read(write(p)) == p; files of the reference packer come back byte by byte.
[[nodiscard]] inline std::vector<std::uint8_t> write(const program& p) {
  verify(p);
  return detail::file_writer(p).write();
}

}  // namespace lnn::model
