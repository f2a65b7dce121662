// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "../core/algorithm.hpp"
#include "../model/format.hpp"

/// What a packed model needs and why: tables and pictures for readers.
namespace lnn::report {

/// What a tensor is there for.
enum class content { constant, input, output, activation, workspace, prefetch };
[[nodiscard]] constexpr std::string_view name_of(content c) {
  constexpr std::string_view names[] = {"constant", "input", "output", "activation", "workspace", "prefetch"};
  return names[static_cast<std::size_t>(c)];
}

/// One tensor in memory: bytes [offset, offset + bytes) during the operators begin to end.
struct memory_row {
  std::string name;
  content what = content::activation;
  long long offset = 0, bytes = 0;
  int begin = 0, end = 0;  ///< operators, both included; constants stay from the first to the last
};

/// All tensors in one kind of memory, constants apart from those that come and go.
struct memory_part {
  model::memory_kind kind = model::memory_kind::share;
  bool constants = false;
  long long bytes = 0;  ///< as the file asks for
  std::vector<memory_row> rows{};
  /// For comparison, of the same network; -1: not known.
  long long reference_bytes = -1;  ///< what the reference packer plans, its workspaces corrected
  long long lower_bound = -1;      ///< greatest sum of bytes that live at once: no plan can need less

  /// Starts of the places in use, ascending: tensors that share a start share a place, as the reference's blocks.
  [[nodiscard]] std::vector<long long> places() const {
    std::vector<long long> starts;
    for (const memory_row& r : rows) starts.push_back(r.offset);
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    return starts;
  }
};

/// Where everything of a model lies and when.
struct memory_map {
  std::string model;            ///< what to call it
  const chip* target = &venus;
  int operators = 0;
  std::vector<memory_part> parts{};

  [[nodiscard]] long long bytes(model::memory_kind kind) const {
    long long sum = 0;
    for (const memory_part& p : parts) sum += p.kind == kind ? p.bytes : 0;
    return sum;
  }
};

/// The limit of a chip's memory of that kind.
[[nodiscard]] constexpr long long capacity(const chip& on, model::memory_kind kind) {
  switch (kind) {
    case model::memory_kind::flash: return on.memory.flash;
    case model::memory_kind::psram: return on.memory.psram;
    default: return on.memory.share;
  }
}

}  // namespace lnn::report
