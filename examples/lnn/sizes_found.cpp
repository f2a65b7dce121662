// SPDX-License-Identifier: Apache-2.0
#include "sizes_found.hpp"

#include <lnn/core/algorithm.hpp>
#include <lnn/core/error.hpp>
#include <lnn/train/file.hpp>
#include <map>

#include "input_values.hpp"
#include "network_file.hpp"
#include "tensor_file.hpp"

namespace tool {
namespace {

using dimension = declared_input::dimension;

/// A size, and which file says so.
struct found {
  long long size;
  std::string file;
};

class sizes {
 public:
  explicit sizes(const std::vector<lnn::symbol>& known) : known_(known) {}

  [[nodiscard]] bool missing(const dimension& d) const {
    return !d.name.empty() && !found_.count(d.name) && std::none_of(known_.begin(), known_.end(), [&](const lnn::symbol& s) { return s.name == d.name; });
  }
  [[nodiscard]] bool missing_of(const declared_input& in) const {
    return std::any_of(in.dims.begin(), in.dims.end(), [&](const dimension& d) { return missing(d); });
  }
  /// What the header of a .npy says.
  void take(const declared_input& in, const std::string& path, const lnn::shape& dims) {
    if (static_cast<std::size_t>(dims.rank()) != in.dims.size()) lnn::fail(path, ": ", dims, ", but input ", in.name, " takes ", spoken(in));
    for (int i = 0; i < dims.rank(); ++i) {
      const dimension& d = in.dims[static_cast<std::size_t>(i)];
      if (missing(d)) found_.insert({d.name, {dims[i], path}});
      else if (const auto at = found_.find(d.name); at != found_.end() && at->second.size != dims[i])
        lnn::fail("dimension ", d.name, " is ", at->second.size, " in ", at->second.file, " and ", dims[i], " in ", path);
    }
  }
  /// What the bytes of a raw tensor leave for the one dimension that is missing.
  void divide(const declared_input& in, const std::string& path, std::size_t bytes) {
    if (!missing_of(in)) return;
    const dimension* open = nullptr;
    auto rest = static_cast<long long>(bytes / lnn::bytes_of(in.type, 1));
    for (const dimension& d : in.dims) {
      if (missing(d) && !open) open = &d;
      else if (missing(d)) return;
      else {
        const long long n = size_of(d);
        if (n < 1 || rest % n != 0) lnn::fail(path, ": ", bytes, " bytes are no ", spoken(in), " of ", name_of(in.type), ", which input ", in.name, " takes");
        rest /= n;
      }
    }
    if (rest > 0) found_.insert({open->name, {rest, path}});
  }
  [[nodiscard]] std::vector<lnn::symbol> all() const {
    std::vector<lnn::symbol> made = known_;
    for (const auto& [name, f] : found_) made.push_back({name, static_cast<int>(std::min(f.size, 1LL << 30)), static_cast<int>(std::min(f.size, 1LL << 30)), 1});
    return made;
  }

 private:
  [[nodiscard]] long long size_of(const dimension& d) const {
    for (const lnn::symbol& s : known_)
      if (s.name == d.name) return s.max;
    const auto at = found_.find(d.name);
    return at == found_.end() ? d.size : at->second.size;
  }
  [[nodiscard]] static std::string spoken(const declared_input& in) {
    std::string s;
    for (const dimension& d : in.dims) s.append(s.empty() ? "" : "x").append(d.name.empty() ? std::to_string(d.size) : d.name);
    return s;
  }

  const std::vector<lnn::symbol>& known_;
  std::map<std::string, found> found_;
};

}  // namespace

std::vector<lnn::symbol> with_sizes_found(const std::string& network, const std::vector<std::string>& files, std::vector<lnn::symbol> known) {
  const std::vector<std::uint8_t> bytes = lnn::read_file(network);
  if (kind_of(bytes) != file_kind::onnx) return known;
  const std::vector<declared_input> inputs = declared_inputs(network, bytes);
  sizes all(known);
  if (std::none_of(inputs.begin(), inputs.end(), [&](const auto& in) { return all.missing_of(in); })) return known;
  require_files(network, files, inputs.size());
  std::vector<tensor_file> read;
  for (const std::string& f : files) read.push_back(read_tensor(f));
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (read[i].has_header) all.take(inputs[i], files[i], read[i].dims);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!read[i].has_header) all.divide(inputs[i], files[i], read[i].bytes.size());
  for (const declared_input& in : inputs)
    for (const dimension& d : in.dims)
      if (all.missing(d)) lnn::fail(network, ": the size of dimension ", d.name, " of input ", in.name, " does not follow from the files; give the input as .npy, or say --dynamic-shape ", d.name, "=size:size");
  return all.all();
}

}  // namespace tool
