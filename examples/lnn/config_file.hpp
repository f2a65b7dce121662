// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <lnn/pack/options.hpp>
#include <string>

namespace tool {

/// Calls set(key, text) for every option in a configuration file: JSON {section: {key: {"value": ..., "comment": ...}}} or
/// {section: {key: ...}}, as the reference packer reads and writes it.
void read_config(const std::string& path, const std::function<void(const std::string& key, const std::string& text)>& set);

/// Writes all options with comments in that form.
void write_config(const std::string& path, const lnn::pack_options& options, const std::string& graph, const std::string& output,
                  const std::string& platform);

}  // namespace tool
