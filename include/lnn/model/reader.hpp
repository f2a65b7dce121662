// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "crc24.hpp"
#include "little.hpp"
#include "program.hpp"
#include "shape_section.hpp"
#include "verify.hpp"

namespace lnn::model {

/// What a reader may let pass.
struct read_options {
  std::string_view place = "model.bin";  ///< begins every message
  bool check_crc = true;                 ///< a checksum of 0 is never compared, as in the engine
};

namespace detail {

/// Offsets of the sections, as the header says them.
struct file_header {
  std::uint32_t crc = 0, memory = 0, tensors = 0, operations = 0, io = 0, names = 0, shapes = 0, parameters = 0, transfers = 0,
                platform = 0;
  std::uint64_t total = 0;
};

class file_reader {
 public:
  file_reader(std::span<const std::uint8_t> file, const read_options& how) : file_(file), how_(how) {}

  program read() {
    read_header();
    read_memory();
    read_tensors();
    read_operations();
    read_io();
    read_parameters();
    if (!out_.dated && head_.shapes < head_.names) {
      little_reader r = section("shape", head_.shapes, head_.names);
      out_.shapes = read_shapes(r);
    }
    read_names();
    read_transfers();
    verify(out_, how_.place);
    return std::move(out_);
  }

 private:
  [[nodiscard]] little_reader section(std::string_view name, std::uint64_t from, std::uint64_t to) const {
    return {how_.place, name, file_.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)), from};
  }

  void read_header() {
    little_reader r = section("header", 0, file_.size());
    const std::string label = r.name(16, "the label");
    if (label != file_label)
      fail(how_.place, ": header, offset 0: the label is '", printable(label), "', expected '", file_label,
           "'; this is no model of the LUNA engine");
    head_.crc = r.u32("the checksum");
    head_.memory = r.u32("the memory offset");
    head_.tensors = r.u32("the tensor offset");
    (void)r.u32("the scalar offset");
    head_.operations = r.u32("the operator offset");
    head_.io = r.u32("the io offset");
    (void)r.u32("the state offset");
    head_.names = r.u32("the names offset");
    head_.shapes = r.u32("the shape offset");
    head_.parameters = r.u32("the parameter offset");
    head_.transfers = r.u32("the dma offset");
    head_.platform = r.u32("the platform");
    head_.total = r.u64("the size of the file");
    if (head_.total != file_.size())
      fail(how_.place, ": header, offset 64: the file is said to have ", head_.total, " bytes, it has ", file_.size(),
           head_.total > file_.size() ? "; it is cut off, use a whole copy" : "; it is damaged, use another copy");
    out_.dated = head_.shapes == 0;
    out_.platform = head_.platform;
    require_order();
    const std::uint32_t there = crc24(file_.subspan(aligned(size::header)));
    if (how_.check_crc && head_.crc != 0 && head_.crc != there)
      fail(how_.place, ": header, offset 16: the checksum is ", head_.crc, ", that of the content is ", there,
           "; the file is damaged, use another copy");
  }
  void require_order() const {
    const std::uint64_t shapes = out_.dated ? head_.names : head_.shapes;
    const std::uint64_t places[] = {aligned(size::header), head_.memory, head_.tensors, head_.operations, head_.io,
                                    head_.parameters,      shapes,       head_.names,   head_.transfers,  head_.total};
    constexpr std::string_view names[] = {"header", "memory", "tensor", "operator", "io", "parameter", "shape", "names", "dma", "end"};
    for (std::size_t i = 1; i < std::size(places); ++i)
      if (places[i] < places[i - 1])
        fail(how_.place, ": header: the ", names[i], " section begins at ", places[i], ", inside the ", names[i - 1],
             " section at ", places[i - 1], "; the file is damaged");
  }

  memory_kind kind_of(const little_reader& r, std::uint8_t number) const {
    if (number >= memory_kinds) r.complain("memory kind ", number, " is unknown, expected 0 flash, 1 psram or 2 share-mem");
    return static_cast<memory_kind>(number);
  }

  void read_memory() {
    little_reader r = section("memory", head_.memory, head_.tensors);
    const std::size_t shared = r.u16("the number of constant memories"), count = r.u16("the number of memories");
    r.require(r.u32("the size of an entry"), size::memory, "the size of an entry");
    r.require(r.u32("the size of the list"), size::list_header, "the size of the list");
    r.go_to(r.u32("the place of the entries"), "the first entry");
    r.require_room(count, size::memory, "memories");
    if (shared > count) r.complain(shared, " of ", count, " memories are constant; the file is damaged");
    for (std::size_t i = 0; i < count; ++i) {
      memory_block m;
      m.bytes = r.u32("the size of a memory");
      m.kind = kind_of(r, r.u8("the kind of a memory"));
      (void)r.take(11, "a memory");
      (i < shared ? out_.constant_memory : out_.memory).push_back(m);
    }
  }

  void read_tensors() {
    little_reader r = section("tensor", head_.tensors, head_.operations);
    const std::uint32_t count = r.u32("the number of tensors");
    r.require(r.u32("the size of an entry"), size::tensor, "the size of an entry");
    r.require(r.u32("the size of the list"), size::list_header, "the size of the list");
    r.go_to(r.u32("the place of the entries"), "the first entry");
    r.require_room(count, size::tensor, "tensors");
    if (count > most_tensors) r.complain("there are ", count, " tensors, expected at most ", most_tensors);
    out_.tensors.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) out_.tensors.push_back(read_tensor(r, i));
  }
  tensor read_tensor(little_reader& r, std::uint32_t i) const {
    tensor t;
    t.kind = kind_of(r, r.u8("a memory kind"));
    (void)r.u8("a memory type");
    t.code = r.u16("an element type");
    const std::int32_t memory = r.i32("a memory id");
    if (memory != 0 && memory != 1) r.complain("tensor ", i, " has memory id ", memory, ", expected 0 or 1");
    t.constant = memory == 0;
    t.scale = r.f32("a scale");
    if (!(t.scale - t.scale == 0)) r.complain("tensor ", i, " has a scale that is no number; the file is damaged");
    t.zero = r.i32("a zero point");
    const std::uint32_t rank = r.u32("a rank");
    if (rank > greatest_rank) r.complain("tensor ", i, " has ", rank, " axes, expected at most ", greatest_rank);
    std::uint64_t room = std::uint64_t{1} << 31;  // elements
    for (std::uint32_t k = 0; k < greatest_rank; ++k) {
      const std::uint32_t dim = r.u32("a dimension");
      if (k >= rank) continue;
      if (dim > room) r.complain("tensor ", i, " has more than 2^31 elements (axis ", k, " is ", dim, "); the file is damaged");
      if (dim > 1) room /= dim;
      t.dims.append(static_cast<int>(dim));
    }
    t.offset = r.u64("an offset");
    const std::uint8_t order = r.u8("a layout");
    if (order > static_cast<std::uint8_t>(layout::whcn)) r.complain("tensor ", i, " has layout ", order, ", expected 0 to 6");
    t.order = static_cast<layout>(order);
    (void)r.take(7, "a tensor");
    return t;
  }

  void read_operations() {
    little_reader r = section("operator", head_.operations, head_.io);
    const std::size_t count = r.u16("the number of operators"), types = r.u16("the number of operator names");
    const std::size_t width = r.u8("the width of a name");
    r.require(r.u8("the size of the list"), size::list_header, "the size of the list");
    const std::size_t names_at = r.u16("the place of the names");
    const std::uint32_t records_at = r.u32("the place of the operators"), bytes = r.u32("the bytes of the operators");
    r.go_to(names_at, "the first name");
    r.require_room(types, std::max<std::size_t>(width, 1), "operator names");
    std::vector<std::string> names;
    for (std::size_t i = 0; i < types; ++i) names.push_back(printable(r.name(width, "an operator name")));
    r.go_to(records_at, "the first operator");
    r.require_room(bytes, 1, "bytes of operators");
    r.require_room(count, size::operation, "operators");
    for (std::size_t i = 0; i < count; ++i) out_.operations.push_back(read_operation(r, names));
  }
  operation read_operation(little_reader& list, std::span<const std::string> names) const {
    little_reader sizes = list;
    (void)sizes.take(8, "an operator");
    const std::uint64_t start = list.offset(), total = sizes.u16("the size of an operator");
    if (total < size::operation) list.complain("an operator of ", total, " bytes, expected at least 16; the file is damaged");
    little_reader r(how_.place, "operator", list.take(total, "an operator"), start);
    const std::size_t type = r.u16("a type");
    if (type >= names.size()) r.complain("operator type ", type, " of ", names.size(), "; the file is damaged");
    const std::size_t attributes_at = r.u16("the place of the attributes"), ids_at = r.u16("the place of the operands");
    (void)r.u32("the place of the scalars and the size");
    const std::size_t inputs = r.u16("the number of inputs"), outputs = r.u16("the number of outputs"), temps = r.u8("the number of temps");
    operation o;
    o.type = names[type];
    o.scalars = r.u8("the number of scalars");
    if (attributes_at < size::operation || attributes_at > ids_at)
      r.complain(o.type, ": the attributes lie at ", attributes_at, ", the operands at ", ids_at, "; the file is damaged");
    r.go_to(attributes_at, "the attributes");
    o.values = attributes(o.type, r.take(ids_at - attributes_at, "the attributes"));
    if (o.values.table() && o.values.bytes().size() < o.values.table()->bytes)
      r.complain(o.type, ": the attributes have ", o.values.bytes().size(), " bytes, expected ", o.values.table()->bytes);
    if (inputs + outputs + temps > most_operands)
      r.complain(o.type, " has ", inputs + outputs + temps, " operands, expected at most ", most_operands);
    for (std::size_t k = 0; k < inputs + outputs + temps; ++k)
      (k < inputs ? o.inputs : k < inputs + outputs ? o.outputs : o.temps).push_back(r.u32("an operand"));
    return o;
  }

  void read_io() {
    little_reader r = section("io", head_.io, head_.parameters);
    const std::size_t inputs = r.u16("the number of inputs"), outputs = r.u16("the number of outputs"), states = r.u16("the number of states");
    const std::size_t width = r.u16("the width of a name");
    const std::uint32_t ids_at = r.u32("the place of the ids"), names_at = r.u32("the place of the names");
    if (states != 0) r.complain("there are ", states, " states, expected 0: no packer writes any");
    little_reader names = r;
    r.go_to(ids_at, "the ids");
    r.require_room(inputs + outputs, 4, "inputs and outputs");
    names.go_to(names_at, "the names");
    names.require_room(inputs + outputs, std::max<std::size_t>(width, 1), "names");
    for (std::size_t i = 0; i < inputs + outputs; ++i) {
      port p{printable(names.name(width, "a name")), r.u32("a tensor")};
      (i < inputs ? out_.inputs : out_.outputs).push_back(std::move(p));
    }
  }

  void read_parameters() {
    little_reader r = section("parameter", head_.parameters, out_.dated ? head_.names : head_.shapes);
    const std::uint32_t count = r.u32("the number of blocks");
    r.require(r.u32("the size of an entry"), size::parameter, "the size of an entry");
    r.require(r.u32("the size of the list"), size::list_header, "the size of the list");
    r.go_to(r.u32("the place of the entries"), "the first entry");
    r.require_room(count, size::parameter, "blocks");
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint64_t start = r.offset();
      constant_block c;
      c.kind = kind_of(r, r.u8("a memory kind"));
      (void)r.take(3, "a block");
      const std::uint32_t place = r.u32("the place of the bytes");
      const std::uint64_t bytes = r.u64("the size of a block");
      if (place < size::parameter || start + place < r.offset()) r.complain("the bytes of a block lie at ", place, ", expected 16");
      (void)r.take(start + place - r.offset(), "a block");
      c.bytes = r.take(bytes, "a block of constants");
      out_.constants.push_back(c);
    }
  }

  void read_names() {
    little_reader r = section("names", head_.names, head_.transfers);
    const std::uint32_t count = r.u32("the number of names");
    (void)r.take(12, "the list");
    r.go_to(r.u32("the place of the names"), "the first name");
    r.require_room(count, size::name, "names");
    if (count != out_.tensors.size()) r.complain(count, " names for ", out_.tensors.size(), " tensors; the file is damaged");
    for (tensor& t : out_.tensors) t.name = printable(r.name(size::name, "a name"));
  }

  void read_transfers() {
    little_reader r = section("dma", head_.transfers, head_.total);
    const std::uint32_t count = r.u32("the number of transfers");
    r.require(r.u32("the size of an entry"), size::dma, "the size of an entry");
    r.require(r.u32("the size of the list"), size::list_header, "the size of the list");
    r.go_to(r.u32("the place of the entries"), "the first entry");
    r.require_room(count, size::dma, "transfers");
    for (std::uint32_t i = 0; i < count; ++i) {
      transfer t;
      t.from = kind_of(r, r.u8("a memory kind"));
      (void)r.u8("a transfer");
      t.to = kind_of(r, r.u8("a memory kind"));
      (void)r.u8("a transfer");
      t.source = r.u16("a source");
      t.destination = r.u16("a destination");
      t.bytes = r.u64("a size");
      out_.transfers.push_back(t);
    }
  }

  /// What may stand in a message or a report, whatever the file says.
  static std::string printable(std::string text) {
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
    return text;
  }

  std::span<const std::uint8_t> file_;
  read_options how_;
  file_header head_;
  program out_;
};

}  // namespace detail

/// Reads a model.bin of any version.  Constants are views into `file`, which must outlive the program.  Whatever is
/// wrong with the file is one sentence with section and offset; no more memory is taken than a small multiple of the file.
[[nodiscard]] inline program read(std::span<const std::uint8_t> file, const read_options& how = {}) {
  return detail::file_reader(file, how).read();
}
/// The same for bytes that the program may keep.
[[nodiscard]] inline program read(std::vector<std::uint8_t>&& file, const read_options& how = {}) {
  const auto kept = std::make_shared<const std::vector<std::uint8_t>>(std::move(file));
  program p = read(std::span<const std::uint8_t>(*kept), how);
  p.storage = kept;
  return p;
}

}  // namespace lnn::model
