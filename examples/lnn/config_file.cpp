// SPDX-License-Identifier: Apache-2.0
#include "config_file.hpp"

#include <lnn/pack/option_text.hpp>
#include <lnn/train/file.hpp>
#include <nlohmann/json.hpp>

namespace tool {
namespace {

using json = nlohmann::ordered_json;

/// JSON's own types for numbers and truth, as the reference packer writes them; everything else is text.
std::string text_of(const std::string& path, const std::string& key, const json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_integer()) return value.dump();
  std::string out;
  if (value.is_array()) {
    for (const json& one : value) out.append(out.empty() ? "" : ",").append(text_of(path, key, one));
    return out;
  }
  lnn::fail(path, ": ", key, " is ", value.dump().substr(0, 40), ", expected a text, a whole number, true or false");
}

}  // namespace

void read_config(const std::string& path, const std::function<void(const std::string&, const std::string&)>& set) {
  const std::vector<std::uint8_t> bytes = lnn::read_file(path);
  const json all = json::parse(bytes.begin(), bytes.end(), nullptr, false, true);
  if (all.is_discarded() || !all.is_object()) lnn::fail(path, ": this is no JSON object; see lnn pack --export-config");
  for (const auto& [section, keys] : all.items()) {
    if (!keys.is_object()) lnn::fail(path, ": section ", section, " is no object of options");
    for (const auto& [key, value] : keys.items())
      set(key, text_of(path, key, value.is_object() && value.contains("value") ? value["value"] : value));
  }
}

void write_config(const std::string& path, const lnn::pack_options& options, const std::string& graph, const std::string& output,
                  const std::string& platform) {
  json all = json::object();
  const auto put = [&](std::string_view section, std::string_view key, json value, std::string_view says) {
    all[std::string(section)][std::string(key)] = {{"value", std::move(value)}, {"comment", std::string(says)}};
  };
  put("Basic Configuration", "graph_path", graph, "the network, an ONNX file");
  put("Basic Configuration", "output_path", output, "the packed model");
  put("Device Configuration", "platform", platform, "venus, arcs or venusA");
  for (const lnn::option_name& o : lnn::option_names) {
    const std::string text = lnn::option_text(options, o.key);
    const bool number = o.key.starts_with("threshold") || o.key.ends_with("size");
    put(o.section, o.key, number ? json(std::stoll(text)) : o.key == "dma_prefetch" ? json(text == "true") : json(text), o.says);
  }
  const std::string out = all.dump(2) + '\n';
  lnn::write_file(path, {reinterpret_cast<const std::uint8_t*>(out.data()), out.size()});
}

}  // namespace tool
