// SPDX-License-Identifier: Apache-2.0
#include "network_file.hpp"

#include <cstring>
#include <lnn/model/reader.hpp>
#include <lnn/train/frozen_file.hpp>

namespace tool {

file_kind kind_of(std::span<const std::uint8_t> bytes) {
  const auto begins = [&](std::string_view with) {
    return bytes.size() >= with.size() && std::memcmp(bytes.data(), with.data(), with.size()) == 0;
  };
  if (begins(lnn::model::file_label)) return file_kind::model_bin;
  return begins(lnn::detail::archive_magic) ? file_kind::frozen : file_kind::onnx;
}

lnn::frozen<> load_network(const std::string& path, const std::vector<lnn::symbol>& symbols, const std::string& chip) {
  const std::vector<std::uint8_t> bytes = lnn::read_file(path);
  switch (kind_of(bytes)) {
    case file_kind::model_bin: lnn::fail(path, ": this is a model.bin, packed already; name the ONNX file it was packed from");
    case file_kind::frozen: {
      lnn::frozen<> m = lnn::read_frozen<>(path);
      if (!chip.empty()) m.target = lnn::find_chip(chip);
      return m;
    }
    case file_kind::onnx: break;
  }
  return parse_onnx(path, bytes, symbols, chip);
}

lnn::model::program load_model(const std::string& path) {
  return lnn::model::read(lnn::read_file(path), {.place = path});
}

std::string file_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

void write_text(const std::string& path, const std::string& text) {
  lnn::write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace tool
