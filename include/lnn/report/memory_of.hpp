// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../model/program.hpp"
#include "memory_map.hpp"

namespace lnn::report {

namespace detail {

/// When tensors of a program live: from the operator that makes them to the last that reads them.
class life_times {
 public:
  explicit life_times(const model::program& p) : program_(&p), begin(p.tensors.size(), -1), end(p.tensors.size(), -1), what(p.tensors.size(), content::activation) {
    const int last = std::max(static_cast<int>(p.operations.size()) - 1, 0);
    for (int i = 0; i <= last && !p.operations.empty(); ++i) {
      const model::operation& op = p.operations[static_cast<std::size_t>(i)];
      for (const auto* ids : {&op.inputs, &op.outputs, &op.temps})
        for (const std::uint32_t id : *ids) meet(id, i);
      for (const std::uint32_t id : op.temps) what[id] = content::workspace;
    }
    for (const model::port& in : p.inputs) {
      what[in.tensor] = content::input;
      begin[in.tensor] = 0;
      if (end[in.tensor] < 0) end[in.tensor] = 0;
    }
    for (const model::port& out : p.outputs) {
      if (!p.tensors[out.tensor].constant) what[out.tensor] = content::output;
      end[out.tensor] = last;
    }
    for (const model::transfer& t : p.transfers) {
      what[t.destination] = content::prefetch;
      begin[t.destination] = 0;
      end[t.destination] = last;
    }
    find_uses();
    share_places();
    for (std::size_t i = 0; i < what.size(); ++i) {
      if (p.tensors[i].constant) what[i] = content::constant;
      if (begin[i] < 0 || p.tensors[i].constant) begin[i] = 0, end[i] = last;
    }
  }

 private:
  /// Scratch memory is in use step by step: a workspace during its operator, a buffer from the operator that fetched last,
  /// when the transfer into it begins.
  void find_uses() {
    uses.resize(begin.size());
    int before = 0;
    for (std::size_t i = 0; i < program_->operations.size(); ++i) {
      const int now = static_cast<int>(i);
      for (const std::uint32_t id : program_->operations[i].temps) {
        uses[id].push_back({what[id] == content::prefetch ? before : now, now});
        if (what[id] == content::prefetch) before = now;
      }
    }
  }
  void meet(std::uint32_t id, int op) {
    if (begin[id] < 0) begin[id] = op;
    end[id] = std::max(end[id], op);
  }
  /// Reshapes hand their input on: both live as long as either.
  void share_places() {
    const auto same = [&](const model::operation& op) {
      if ((op.type != "Reshape" && op.type != "Squeeze" && op.type != "Unsqueeze") || op.inputs.empty() || op.outputs.empty()) return false;
      const model::tensor &x = program_->tensors[op.inputs[0]], &y = program_->tensors[op.outputs[0]];
      return !x.constant && !y.constant && x.kind == y.kind && x.offset == y.offset;
    };
    std::vector<std::size_t> root(begin.size());
    for (std::size_t i = 0; i < root.size(); ++i) root[i] = i;
    for (const model::operation& op : program_->operations)
      if (same(op)) root[op.outputs[0]] = root[op.inputs[0]];
    std::vector<int> first = begin, last = end;
    for (std::size_t i = 0; i < root.size(); ++i) {
      first[root[i]] = std::min(first[root[i]], begin[i]);
      last[root[i]] = std::max(last[root[i]], end[i]);
    }
    for (std::size_t i = 0; i < root.size(); ++i) begin[i] = first[root[i]], end[i] = last[root[i]];
  }

  const model::program* program_;

 public:
  struct span_of_steps {
    int begin, end;
  };
  std::vector<int> begin, end;
  std::vector<content> what;
  std::vector<std::vector<span_of_steps>> uses;  ///< of scratch memory
};

/// Two tensors that cannot both be there.
[[nodiscard]] constexpr bool collide(const memory_row& a, const memory_row& b) {
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes && a.begin <= b.end && b.begin <= a.end;
}

/// Scratch memory that others use in between, as plans of lnn have it, is listed use by use; that of the reference packer
/// keeps its place from the first use to the last.
inline void list_uses(memory_part& part, const life_times& life, const std::vector<std::size_t>& ids) {
  std::vector<memory_row> rows;
  for (std::size_t i = 0; i < part.rows.size(); ++i) {
    const memory_row& r = part.rows[i];
    bool shared = false;
    for (std::size_t k = 0; k < part.rows.size() && !life.uses[ids[i]].empty(); ++k) shared = shared || (k != i && collide(r, part.rows[k]));
    if (!shared) {
      rows.push_back(r);
      continue;
    }
    for (const auto& use : life.uses[ids[i]]) {
      rows.push_back(r);
      rows.back().begin = use.begin;
      rows.back().end = use.end;
    }
  }
  part.rows = static_cast<std::vector<memory_row>&&>(rows);
}

}  // namespace detail

/// Where the tensors of a model.bin lie and when they live, as its operators tell.
[[nodiscard]] inline memory_map memory_of(const model::program& p, std::string name) {
  memory_map map{.model = std::move(name), .target = p.target() ? p.target() : &venus, .operators = static_cast<int>(p.operations.size())};
  const detail::life_times life(p);
  for (const bool constants : {true, false})
    for (const model::memory_block& block : constants ? p.constant_memory : p.memory) {
      memory_part part{.kind = block.kind, .constants = constants, .bytes = block.bytes};
      std::vector<std::size_t> ids;
      for (std::size_t i = 0; i < p.tensors.size(); ++i) {
        const model::tensor& t = p.tensors[i];
        if (t.constant != constants || (!constants && t.kind != block.kind)) continue;
        part.rows.push_back({.name = t.name, .what = life.what[i], .offset = static_cast<long long>(t.offset),
                             .bytes = static_cast<long long>(model::aligned(t.bytes())), .begin = life.begin[i], .end = life.end[i]});
        ids.push_back(i);
      }
      if (!constants) detail::list_uses(part, life, ids);
      map.parts.push_back(std::move(part));
    }
  return map;
}

}  // namespace lnn::report
