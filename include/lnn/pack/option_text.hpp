// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <charconv>
#include <string_view>

#include "../core/algorithm.hpp"
#include "../core/error.hpp"
#include "options.hpp"

namespace lnn {

/// An option of the packer as command lines and configuration files spell it.
struct option_name {
  std::string_view key, section, says;
};
/// Keys, sections and order are those of the reference packer's configuration files.
inline constexpr option_name option_names[] = {
    {"inputs", "Model Configuration", "names of the tensors that the network begins with, divided by commas"},
    {"outputs", "Model Configuration", "names of the tensors that the network ends with, divided by commas"},
    {"dynamic_shape", "Model Configuration", "name=min:max:factor of symbolic dimensions, divided by commas"},
    {"strategy", "Model Configuration", "Remove_QuantDequant: keep Quant and Dequant at the ends"},
    {"isstream", "Model Configuration", "split_h or split_w: feed the network piece by piece along that axis"},
    {"ramsize", "Device Configuration", "bytes of share memory"},
    {"psramsize", "Device Configuration", "bytes of PSRAM"},
    {"dma_prefetch", "Device Configuration", "true or false: fetch weights ahead by DMA"},
    {"memory", "Memory Preallocate Configuration", "name:kind divided by commas; kinds psram, share-mem, flash; params: all constants"},
    {"threshold1", "Memory Preallocate Configuration", "bytes of weights above which a convolution is split"},
    {"threshold2", "Memory Preallocate Configuration", "bytes of output above which a convolution is split"},
    {"threshold3", "Memory Preallocate Configuration", "bytes of weights above which a linear layer is split"},
    {"threshold4", "Memory Preallocate Configuration", "bytes above which a tensor lies in PSRAM"},
};

namespace detail {

/// Calls use(word) for every word between commas or blanks.
template <class Use>
void each_word(std::string_view words, const Use& use) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find_first_of(", "), words.size());
    if (end > 0) use(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}
[[nodiscard]] inline std::string lower_case(std::string_view words) {
  std::string out(words);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}
[[nodiscard]] inline long long option_number(std::string_view key, std::string_view text, long long least) {
  long long n = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (bad != std::errc{} || end != text.data() + text.size() || n < least)
    fail("option ", key, ": '", text, "', expected a number from ", least, " on");
  return n;
}
[[nodiscard]] inline bool option_truth(std::string_view key, std::string_view text) {
  const std::string t = lower_case(text);
  for (const char* yes : {"yes", "true", "t", "y", "1"})
    if (t == yes) return true;
  for (const char* no : {"no", "false", "f", "n", "0"})
    if (t == no) return false;
  fail("option ", key, ": '", text, "', expected true or false");
}
[[nodiscard]] inline limit::memory option_memory(std::string_view text) {
  const std::string t = lower_case(text);
  if (t == "psram") return limit::memory::psram;
  if (t == "share-mem" || t == "share-memory") return limit::memory::share;
  if (t == "flash") return limit::memory::flash;
  fail("option memory: '", text, "', expected psram, share-mem or flash");
}
[[nodiscard]] inline std::string_view name_of_memory(limit::memory m) {
  constexpr std::string_view names[] = {"any", "share-mem", "psram", "flash"};
  return names[static_cast<std::size_t>(m)];
}
/// name=v, name=min:max or name=min:max:factor
[[nodiscard]] inline symbol option_symbol(std::string_view word) {
  const std::size_t is = word.find('=');
  if (is == std::string_view::npos || is == 0) fail("option dynamic_shape: '", word, "', expected name=min:max:factor");
  list<long long, 3> n;
  for (std::string_view rest = word.substr(is + 1);;) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    n.push_back(option_number("dynamic_shape", rest.substr(0, end), 1));
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  if (n.overflow() || *std::max_element(n.begin(), n.end()) > 0x7fffffff) fail("option dynamic_shape: '", word, "', expected name=min:max:factor");
  const auto at = [&](std::size_t i) { return static_cast<int>(n[i]); };
  symbol s{.name = std::string(word.substr(0, is)), .min = n.size() > 1 ? at(0) : 1, .max = n.size() > 1 ? at(1) : at(0),
           .factor = n.size() > 2 ? at(2) : 1};
  if (s.min > s.max) fail("option dynamic_shape: ", s.name, " from ", s.min, " to ", s.max, " is empty; exchange the two");
  if (s.min % s.factor != s.max % s.factor)
    fail("option dynamic_shape: ", s.name, " from ", s.min, " to ", s.max, " in steps of ", s.factor, " does not come out even");
  return s;
}

}  // namespace detail

/// Sets one option from its text; fails on keys and values that the packer does not know.
inline void set_option(pack_options& o, std::string_view key, std::string_view text) {
  const auto number = [&](long long least) { return detail::option_number(key, text, least); };
  if (key == "ramsize") o.ram = number(1);
  else if (key == "psramsize") o.psram = number(1);
  else if (key == "threshold1") o.limits.weight_threshold = number(1);
  else if (key == "threshold2") o.limits.output_threshold = number(1);
  else if (key == "threshold3") o.limits.right_threshold = number(1);
  else if (key == "threshold4") o.limits.memory_threshold = number(0);
  else if (key == "dma_prefetch") o.limits.dma_prefetch = detail::option_truth(key, text);
  else if (key == "inputs" || key == "outputs") {
    auto& names = key == "inputs" ? o.inputs : o.outputs;
    names.clear();
    detail::each_word(text, [&](std::string_view w) { names.emplace_back(w); });
  } else if (key == "dynamic_shape") {
    o.dynamic_shape.clear();
    detail::each_word(text, [&](std::string_view w) { o.dynamic_shape.push_back(detail::option_symbol(w)); });
  } else if (key == "memory") {
    o.memory.clear();
    detail::each_word(text, [&](std::string_view w) {
      const std::size_t colon = w.rfind(':');
      const std::string_view name = colon == std::string_view::npos ? "params" : w.substr(0, colon);
      const limit::memory where = detail::option_memory(colon == std::string_view::npos ? w : w.substr(colon + 1));
      if (name == "params") o.limits.parameters = where;
      else o.memory.push_back({std::string(name), where});
    });
  } else if (key == "strategy") {
    if (!text.empty() && text != "Remove_QuantDequant") fail("option strategy: '", text, "', expected Remove_QuantDequant");
    o.keep_quant = !text.empty();
  } else if (key == "isstream") {
    if (!text.empty() && text != "split_h" && text != "split_w") fail("option isstream: '", text, "', expected split_h or split_w");
    o.stream = text.empty() ? streaming::none : text == "split_h" ? streaming::height : streaming::width;
  } else fail("option '", key, "' is unknown; see lnn pack --help");
}

/// The text that sets an option as it is.
[[nodiscard]] inline std::string option_text(const pack_options& o, std::string_view key) {
  std::string out;
  const auto add = [&](const std::string& word) { out.append(out.empty() ? "" : ",").append(word); };
  if (key == "ramsize") return std::to_string(o.ram);
  if (key == "psramsize") return std::to_string(o.psram);
  if (key == "threshold1") return std::to_string(o.limits.weight_threshold);
  if (key == "threshold2") return std::to_string(o.limits.output_threshold);
  if (key == "threshold3") return std::to_string(o.limits.right_threshold);
  if (key == "threshold4") return std::to_string(o.limits.memory_threshold);
  if (key == "dma_prefetch") return o.limits.dma_prefetch ? "true" : "false";
  if (key == "strategy") return o.keep_quant ? "Remove_QuantDequant" : "";
  if (key == "isstream") return o.stream == streaming::none ? "" : o.stream == streaming::height ? "split_h" : "split_w";
  if (key == "inputs" || key == "outputs") {
    for (const std::string& name : key == "inputs" ? o.inputs : o.outputs) add(name);
  } else if (key == "dynamic_shape") {
    for (const symbol& s : o.dynamic_shape) add(sentence(s.name, "=", s.min, ":", s.max, ":", s.factor));
  } else if (key == "memory") {
    if (o.limits.parameters != limit::packing{}.parameters) add(sentence("params:", detail::name_of_memory(o.limits.parameters)));
    for (const placement& p : o.memory) add(sentence(p.tensor, ":", detail::name_of_memory(p.where)));
  } else fail("option '", key, "' is unknown");
  return out;
}

}  // namespace lnn
