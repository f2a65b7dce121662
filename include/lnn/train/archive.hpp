// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>
#include <utility>

#include "../tensor/int4.hpp"
#include "../tensor/quantized.hpp"
#include "../tensor/tensor.hpp"
#include "file.hpp"
#include "record_file.hpp"

namespace lnn {

/// The container of checkpoints and frozen models: an ordered list of named records.  The same records give
/// the same bytes on every platform; record_file.hpp describes the file.  A template on its record only so that
/// programs that touch no file do not pay for compiling it.
template <class Record>
class basic_archive {
 public:
  /// Adds a record at the end.  Fails when the name is empty, too long or taken.
  template <stored_like T>
  void put(std::string_view name, flat<const T> values) {
    Record r{
        std::string(name), record_kind::tensor, dtype_of<T>, values.data ? values.dims : shape{0}, 0, {}};
    r.bytes.resize(values.size() * sizeof(T));
    detail::copy_little(r.bytes.data(), values.data, values.size(), sizeof(T));
    add(std::move(r));
  }
  template <stored_like T>
  void put(std::string_view name, const tensor<T>& values) {
    put(name, values.flatten());
  }
  void put(std::string_view name, const integer_tensor& values) {
    Record r{std::string(name), record_kind::quantized, values.type(), values.dims(), values.exponent(), {}};
    if (values.type() == dtype::int4) {
      r.bytes = pack_int4({values.as<std::int8_t>(), values.size()});
    } else {
      r.bytes.resize(values.byte_count());
      detail::copy_little(r.bytes.data(), values.as<unsigned char>(), values.size(),
                          bytes_of(values.type(), 1));
    }
    add(std::move(r));
  }
  void put(std::string_view name, std::string_view chars) {
    add({std::string(name), record_kind::text, dtype::int8, {}, 0, {chars.begin(), chars.end()}});
  }
  void put(std::string_view name, const char* chars) { put(name, std::string_view{chars}); }
  /// Integers are kept as 64 bits; std::uint64_t keeps its bits.
  template <std::integral N>
  void put(std::string_view name, N number) {
    Record r{std::string(name), record_kind::integer, dtype::int64, {}, 0, {}};
    detail::append(r.bytes, static_cast<std::int64_t>(number));
    add(std::move(r));
  }
  /// A real number becomes a scalar float64 tensor.
  void put(std::string_view name, double number) { put(name, flat<const double>(&number, {})); }

  /// The record as tensor<T>, integer_tensor, std::string, double or an integer type.  Fails, naming file and
  /// record, when it is missing, of another type, or does not fit the integer type asked for.
  template <class T>
  [[nodiscard]] T get(std::string_view name) const {
    if constexpr (std::same_as<T, std::string>) {
      const Record& r = find(name, record_kind::text, dtype::int8, "a text");
      return {r.bytes.begin(), r.bytes.end()};
    } else if constexpr (std::same_as<T, double>) {
      return get<tensor<double>>(name, shape{})[0];
    } else if constexpr (std::integral<T>) {
      std::int64_t n = 0;
      detail::copy_little(&n, find(name, record_kind::integer, dtype::int64, "an integer").bytes.data(), 1,
                          sizeof n);
      if (static_cast<std::int64_t>(static_cast<T>(n)) != n)
        fail(place_, ": record '", name, "' is ", n, ", expected ", std::numeric_limits<T>::min(), " to ",
             std::numeric_limits<T>::max(), "; use a file that this program wrote");
      return static_cast<T>(n);
    } else if constexpr (std::same_as<T, integer_tensor>) {
      return get_quantized(name);
    } else {
      const Record& r = find_tensor<typename T::value_type>(name);
      T out(r.dims);
      detail::copy_little(out.data(), r.bytes.data(), out.size(), sizeof(typename T::value_type));
      return out;
    }
  }
  /// The same, and the shape must be the expected one.
  template <class T>
  [[nodiscard]] T get(std::string_view name, const shape& expected) const {
    require_shape(at(name), expected);
    return get<T>(name);
  }
  /// Copies a tensor into memory of the same shape.
  template <stored_like T>
  void get_into(std::string_view name, flat<T> to) const {
    const Record& r = find_tensor<T>(name);
    require_shape(r, to.dims);
    detail::copy_little(to.data, r.bytes.data(), to.size(), sizeof(T));
  }

  [[nodiscard]] std::size_t size() const { return records_.size(); }
  [[nodiscard]] bool contains(std::string_view name) const { return slot(name).second; }
  [[nodiscard]] const Record& at(std::string_view name) const {
    const auto [where, found] = slot(name);
    if (!found)
      fail(place_, ": record '", name, "' is missing among ", size(),
           " records; the file belongs to another network");
    return records_[sorted_[where]];
  }
  /// Records in the order in which they were put.
  [[nodiscard]] auto begin() const { return records_.begin(); }
  [[nodiscard]] auto end() const { return records_.end(); }

  /// What keeps this archive from being of the same kind as another: the first record that is missing, of
  /// another type or of another shape, as a sentence; empty when there is none.  Values are not compared.
  [[nodiscard]] std::string first_difference(const basic_archive& other, std::string_view here = "this archive",
                                             std::string_view there = "the other") const {
    for (const Record& r : records_) {
      if (!other.contains(r.name))
        return sentence("record '", r.name, "' is in ", here, " but missing in ", there);
      const Record& o = other.at(r.name);
      if (r.kind != o.kind || r.type != o.type)
        return sentence("record '", r.name, "' is ", r.type_text(), " in ", here, " but ", o.type_text(),
                        " in ", there);
      if (!(r.dims == o.dims))
        return sentence("record '", r.name, "' has shape ", r.dims, " in ", here, " but ", o.dims, " in ",
                        there);
    }
    for (const Record& o : other)
      if (!contains(o.name)) return sentence("record '", o.name, "' is missing in ", here, " but in ", there);
    return {};
  }
  friend bool operator==(const basic_archive& a, const basic_archive& b) { return a.records_ == b.records_; }

  [[nodiscard]] std::vector<std::uint8_t> to_bytes() const { return detail::to_file(records_); }

  /// Reads what to_bytes wrote; `place` (a file) begins every message.  Any other bytes fail with one
  /// sentence, and never take more memory than a small multiple of their number.
  [[nodiscard]] static basic_archive from_bytes(std::span<const std::uint8_t> bytes,
                                          std::string_view place = "archive") {
    basic_archive out;
    out.place_ = place;
    out.records_ = detail::from_file<Record>(bytes, place);
    out.sort_names();
    return out;
  }

  /// Writes the file in one step (write_file): a reader sees the old content or the new one, nothing between.
  void write(const std::string& path) const { write_file(path, to_bytes()); }
  [[nodiscard]] static basic_archive read(const std::string& path) { return from_bytes(read_file(path), path); }

 private:
  /// Place of the name in sorted_, and whether it is there.
  [[nodiscard]] std::pair<std::size_t, bool> slot(std::string_view name) const {
    const auto less = [this](std::uint32_t i, std::string_view n) { return records_[i].name < n; };
    const auto it = std::lower_bound(sorted_.begin(), sorted_.end(), name, less);
    return {static_cast<std::size_t>(it - sorted_.begin()),
            it != sorted_.end() && records_[*it].name == name};
  }
  void add(Record r) {
    if (r.name.empty() || r.name.size() > detail::longest_name)
      fail(place_, ": a record's name has ", r.name.size(), " characters, expected 1 to ",
           detail::longest_name);
    const auto [where, taken] = slot(r.name);
    if (taken) fail(place_, ": record '", r.name, "' is there twice; give every record a name of its own");
    sorted_.insert(sorted_.begin() + static_cast<std::ptrdiff_t>(where), static_cast<std::uint32_t>(size()));
    records_.push_back(std::move(r));
  }
  void sort_names() {
    sorted_.resize(size());
    for (std::uint32_t i = 0; i < sorted_.size(); ++i) sorted_[i] = i;
    std::sort(sorted_.begin(), sorted_.end(),
              [&](auto a, auto b) { return records_[a].name < records_[b].name; });
    for (std::size_t i = 1; i < sorted_.size(); ++i)
      if (records_[sorted_[i]].name == records_[sorted_[i - 1]].name)
        fail(place_, ": record '", records_[sorted_[i]].name,
             "' is there twice; the file is damaged, use another copy");
  }

  [[nodiscard]] const Record& find(std::string_view name, record_kind kind, dtype type,
                                   std::string_view what) const {
    const Record& r = at(name);
    if (r.kind != kind || r.type != type)
      fail(place_, ": record '", name, "' is ", r.type_text(), ", expected ", what,
           "; the file belongs to another network");
    return r;
  }
  template <stored_like T>
  [[nodiscard]] const Record& find_tensor(std::string_view name) const {
    return find(name, record_kind::tensor, dtype_of<T>,
                Record{{}, record_kind::tensor, dtype_of<T>, {}, 0, {}}.type_text());
  }
  void require_shape(const Record& r, const shape& expected) const {
    if (!(r.dims == expected))
      fail(place_, ": record '", r.name, "' has shape ", r.dims, ", expected ", expected,
           "; the file belongs to another network");
  }
  [[nodiscard]] integer_tensor get_quantized(std::string_view name) const {
    const Record& r = at(name);
    (void)find(name, record_kind::quantized, r.type, "a quantized tensor");
    integer_tensor out(r.type, r.dims, r.exponent);
    if (out.size() != r.dims.size())
      fail(place_, ": record '", name, "' has ", r.dims.size(),
           " elements, expected less than 2^31; split it");
    if (r.type == dtype::int4) {
      const std::vector<std::int8_t> values = unpack_int4(r.bytes, out.size());
      std::copy(values.begin(), values.end(), out.as<std::int8_t>());
    } else {
      detail::copy_little(out.as<unsigned char>(), r.bytes.data(), out.size(), bytes_of(r.type, 1));
    }
    return out;
  }

  std::vector<Record> records_;
  std::vector<std::uint32_t> sorted_;  // places in records_, by name
  std::string place_ = "archive";
};
using archive = basic_archive<record>;

}  // namespace lnn
