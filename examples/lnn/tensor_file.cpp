// SPDX-License-Identifier: Apache-2.0
#include "tensor_file.hpp"

#include <charconv>
#include <lnn/train/file.hpp>

namespace tool {
namespace {

struct npy_type {
  std::string_view code;
  lnn::dtype type;
};
constexpr npy_type npy_types[] = {{"|i1", lnn::dtype::int8},  {"<i2", lnn::dtype::int16},   {"<i4", lnn::dtype::int32},
                                  {"<i8", lnn::dtype::int64}, {"<f4", lnn::dtype::float32}, {"<f8", lnn::dtype::float64}};
constexpr std::string_view npy_magic = "\x93NUMPY";

/// What follows `key` in the header's Python dictionary, up to a comma outside brackets.
std::string_view value_of(const std::string& path, std::string_view header, std::string_view key) {
  const std::string quoted = lnn::sentence("'", key, "'");
  const std::size_t at = header.find(quoted);
  const std::size_t colon = at == std::string_view::npos ? at : header.find(':', at + quoted.size());
  if (colon == std::string_view::npos) lnn::fail(path, ": the header lacks '", key, "'; the file is damaged");
  std::string_view rest = header.substr(colon + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::size_t end = rest.starts_with('(') ? rest.find(')') : rest.find_first_of(",}");
  if (end == std::string_view::npos) lnn::fail(path, ": the header ends inside '", key, "'; the file is damaged");
  return rest.substr(0, end);
}

lnn::shape dims_of(const std::string& path, std::string_view words) {
  lnn::shape dims;
  for (const char *at = words.data(), *end = at + words.size(); at < end;) {
    if (*at == '(' || *at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    int d = 0;
    const auto [next, bad] = std::from_chars(at, end, d);
    if (bad != std::errc{} || d < 0) lnn::fail(path, ": the shape ", words, ") has a dimension that is no count below 2^31");
    if (dims.rank() == lnn::shape::max_rank) lnn::fail(path, ": more than ", lnn::shape::max_rank, " dimensions");
    dims.append(d);
    at = next;
  }
  return dims;
}

tensor_file parse_npy(const std::string& path, std::vector<std::uint8_t> bytes) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t wide = all.size() > 6 && all[6] >= 2 ? 4 : 2, start = 8 + wide;
  if (all.size() < start || !all.starts_with(npy_magic)) lnn::fail(path, ": this is no .npy file; name raw tensors otherwise");
  std::size_t length = 0;
  for (std::size_t i = 0; i < wide; ++i) length |= std::size_t{bytes[8 + i]} << (8 * i);
  if (length > all.size() - start) lnn::fail(path, ": the header of ", length, " bytes ends behind the file");
  const std::string_view header = all.substr(start, length);
  if (value_of(path, header, "fortran_order") != "False")
    lnn::fail(path, ": the elements are in Fortran order; save numpy.ascontiguousarray of it");
  tensor_file t{.dims = dims_of(path, value_of(path, header, "shape")), .has_header = true};
  std::string_view code = value_of(path, header, "descr");
  code = code.size() > 2 ? code.substr(1, code.size() - 2) : code;
  const npy_type* known = nullptr;
  for (const npy_type& n : npy_types)
    if (n.code == code || (n.type == lnn::dtype::int8 && code.ends_with("i1"))) known = &n;
  if (!known) lnn::fail(path, ": elements of type ", code, ", expected i1, i2, i4, i8, f4 or f8, little-endian");
  t.type = known->type;
  std::size_t elements = 1;
  for (int d : t.dims) {
    if (d != 0 && elements > all.size() / static_cast<std::size_t>(d)) elements = all.size() + 1;  // more than there is
    else elements *= static_cast<std::size_t>(d);
  }
  const std::size_t wanted = elements > all.size() ? 0 : lnn::bytes_of(t.type, elements), there = all.size() - start - length;
  if (elements > all.size() || wanted != there)
    lnn::fail(path, ": ", there, " bytes of elements do not make ", t.dims, " of ", name_of(t.type));
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(start + length));
  t.bytes = std::move(bytes);
  return t;
}

}  // namespace

tensor_file read_tensor(const std::string& path) {
  std::vector<std::uint8_t> bytes = lnn::read_file(path);
  if (path.ends_with(".npy")) return parse_npy(path, std::move(bytes));
  tensor_file raw{.dims = {static_cast<int>(std::min<std::size_t>(bytes.size(), 0x7fffffff))}};
  raw.bytes = std::move(bytes);
  return raw;
}

void write_tensor(const std::string& path, lnn::dtype type, const lnn::shape& dims, std::span<const std::uint8_t> bytes) {
  if (!path.ends_with(".npy")) return lnn::write_file(path, bytes);
  std::string_view code;
  for (const npy_type& n : npy_types)
    if (n.type == type) code = n.code;
  if (code.empty()) lnn::fail(path, ": ", name_of(type), " has no .npy form; write it raw");
  std::string header = lnn::sentence("{'descr': '", code, "', 'fortran_order': False, 'shape': (");
  for (int d : dims) header += std::to_string(d) + ", ";
  if (dims.rank() > 1) header.resize(header.size() - 2);
  else if (dims.rank() == 1) header.resize(header.size() - 1);  // Python's tuple of one
  header += "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::vector<std::uint8_t> file(npy_magic.begin(), npy_magic.end());
  for (std::size_t n : {std::size_t{1}, std::size_t{0}, header.size() & 255, header.size() >> 8})
    file.push_back(static_cast<std::uint8_t>(n));
  file.insert(file.end(), header.begin(), header.end());
  file.insert(file.end(), bytes.begin(), bytes.end());
  lnn::write_file(path, file);
}

}  // namespace tool
