// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "../core/maths.hpp"
#include "../model/program.hpp"
#include "../tensor/integer_view.hpp"

namespace lnn::sim {

/// The memory that a program plans with: one block of every kind, every tensor at its place.  Constants stay where the
/// program has them, if their elements can lie there.
class program_memory {
 public:
  /// Fails when the plan takes more than the chip has, or places a tensor where its elements cannot lie.
  program_memory(const model::program& p, const chip& on, std::string_view place) : program_(&p), place_(place) {
    for (const model::memory_block& m : p.memory) {
      const long long most = m.kind == model::memory_kind::share ? on.memory.share : on.memory.psram;
      if (m.bytes > most)
        fail(place, ": memory section: the plan takes ", m.bytes, " bytes of ", model::name_of(m.kind), ", ", on.name, " has ", most);
      auto& own = memory_[static_cast<std::size_t>(m.kind)];
      own.resize(std::max(own.size(), words(m.bytes)));
    }
    for (std::uint32_t id = 0; id < p.tensors.size(); ++id) places_.push_back(p.tensors[id].constant ? constant(id) : planned(p.tensors[id]));
  }
  program_memory(const program_memory&) = delete;
  program_memory& operator=(const program_memory&) = delete;

  /// The elements of a tensor when it has these dimensions, at most the planned ones.
  [[nodiscard]] std::span<std::uint8_t> bytes(std::uint32_t id, const shape& dims) const {
    return places_[id].first(std::min(places_[id].size(), static_cast<std::size_t>(model::bytes_of_elements(program_->tensors[id].code, dims))));
  }
  [[nodiscard]] std::size_t room(std::uint32_t id) const { return places_[id].size(); }
  [[nodiscard]] integer_view view(std::uint32_t id, const shape& dims) const {
    const model::tensor& t = program_->tensors[id];
    const auto type = t.type();
    if (!type) fail(place_, ": tensor section: ", t.name, " has the element type ", t.code, ", which lnn does not know");
    const int q = t.scale >= -62 && t.scale <= 62 ? static_cast<int>(maths::floor(t.scale)) : 0;
    return {places_[id].data(), *type, dims, q};
  }
  /// Fills all of it, so that nothing is found there by chance.
  void poison() {
    for (auto& m : memory_) std::fill(m.begin(), m.end(), noise);
  }

 private:
  using word = std::uint64_t;  // memory begins where any element may
  static constexpr word noise = 0xA5A5A5A5A5A5A5A5U;
  static constexpr std::size_t words(std::size_t bytes) { return (bytes + sizeof(word) - 1) / sizeof(word); }

  [[nodiscard]] std::span<std::uint8_t> planned(const model::tensor& t) {
    auto& own = memory_[static_cast<std::size_t>(t.kind)];
    const std::size_t room = own.size() * sizeof(word);
    if (t.offset > room || t.bytes() > room - t.offset || t.offset % std::max<std::size_t>(model::element_bytes(t.code), 1) != 0)
      fail(place_, ": tensor section: ", t.name, " lies at byte ", t.offset, " of ", model::name_of(t.kind), ", which its elements cannot");
    return {reinterpret_cast<std::uint8_t*>(own.data()) + t.offset, static_cast<std::size_t>(t.bytes())};
  }
  [[nodiscard]] std::span<std::uint8_t> constant(std::uint32_t id) {
    std::span<const std::uint8_t> there = program_->constant(id);
    const std::size_t width = std::max<std::size_t>(model::element_bytes(program_->tensors[id].code), 1);
    if (!there.empty() && reinterpret_cast<std::uintptr_t>(there.data()) % width != 0) {
      auto& copy = copies_.emplace_back(words(there.size()));
      std::memcpy(copy.data(), there.data(), there.size());
      there = {reinterpret_cast<const std::uint8_t*>(copy.data()), there.size()};
    }
    return {const_cast<std::uint8_t*>(there.data()), there.size()};  // only ever read: verify knows no writer of a constant
  }

  const model::program* program_;
  std::string_view place_;
  std::vector<word> memory_[model::memory_kinds];
  std::vector<std::vector<word>> copies_;        // of constants that could not be read in place
  std::vector<std::span<std::uint8_t>> places_;  // of every tensor
};

}  // namespace lnn::sim
