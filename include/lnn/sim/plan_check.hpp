// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../model/program.hpp"

namespace lnn::sim {

namespace detail {

/// Follows a program through its memory: which tensors hold what was written to them.
class plan_walk {
 public:
  plan_walk(const model::program& p, std::string_view place) : p_(p), place_(place), written_(p.tensors.size(), never), last_(p.tensors.size(), 0) {
    find_last_uses();
  }

  void run() {
    for (const model::port& in : p_.inputs) write(in.tensor, inputs_step);
    if (!p_.transfers.empty()) transfer_starts(0, inputs_step);
    std::size_t next = 0;
    for (std::size_t i = 0; i < p_.operations.size(); ++i) {
      const model::operation& o = p_.operations[i];
      const auto step = static_cast<long>(i);
      if (takes_transfer(o) && next < p_.transfers.size()) {
        read(p_.transfers[next].destination, step);
        if (++next < p_.transfers.size()) transfer_starts(next, step);
      }
      for (std::uint32_t id : o.inputs)
        if (!p_.tensors[id].constant) read(id, step);
      for (std::uint32_t id : o.temps)
        if (!is_buffer(id)) write(id, step);
      for (std::uint32_t id : o.outputs) {
        for (std::uint32_t in : o.inputs)
          if (overlap(in, id) && !same_place(in, id))
            fail(place_, ": the memory plan is wrong: ", name(in), " and ", name(id), ", input and output of operator ", i, " (", o.type,
                 "), share bytes of ", model::name_of(p_.tensors[id].kind));
        for (std::uint32_t temp : o.temps)
          if (overlap(temp, id))
            fail(place_, ": the memory plan is wrong: ", name(temp), " and ", name(id), ", work space and output of operator ", i, " (", o.type,
                 "), share bytes of ", model::name_of(p_.tensors[id].kind));
        write(id, step);
      }
    }
    for (const model::port& out : p_.outputs)
      if (!p_.tensors[out.tensor].constant) read(out.tensor, static_cast<long>(p_.operations.size()));
  }

 private:
  static constexpr long never = -2, inputs_step = -1;

  [[nodiscard]] std::string_view name(std::uint32_t id) const { return p_.tensors[id].name; }
  [[nodiscard]] bool overlap(std::uint32_t a, std::uint32_t b) const {
    const model::tensor &s = p_.tensors[a], &t = p_.tensors[b];
    return !s.constant && !t.constant && s.kind == t.kind && s.offset < t.offset + t.bytes() && t.offset < s.offset + s.bytes();
  }
  [[nodiscard]] bool same_place(std::uint32_t a, std::uint32_t b) const { return p_.tensors[a].offset == p_.tensors[b].offset; }
  [[nodiscard]] bool is_buffer(std::uint32_t id) const {
    for (const model::transfer& t : p_.transfers)
      if (t.destination == id) return true;
    return false;
  }
  /// Operators that wait for their constants (model_bin.md 8).
  [[nodiscard]] bool takes_transfer(const model::operation& o) const {
    for (std::uint32_t id : o.temps)
      if (is_buffer(id)) return true;
    return false;
  }
  void transfer_starts(std::size_t i, long step) { write(p_.transfers[i].destination, step); }

  void find_last_uses() {
    const auto end = static_cast<long>(p_.operations.size());
    for (long i = 0; i < end; ++i)
      for (std::uint32_t id : p_.operations[static_cast<std::size_t>(i)].inputs) last_[id] = i;
    for (const model::port& out : p_.outputs) last_[out.tensor] = end;
    for (const model::transfer& t : p_.transfers) last_[t.destination] = end;
  }

  void write(std::uint32_t id, long step) {
    for (std::size_t k = 0; k < live_.size();) {
      const std::uint32_t other = live_[k];
      if (other != id && last_[other] > step && overlap(other, id)) broken_.push_back({other, id, step});
      if (last_[other] <= step || other == id) live_[k] = live_.back(), live_.pop_back();
      else ++k;
    }
    for (std::size_t k = 0; k < broken_.size();)  // what is written anew is whole again
      if (broken_[k].tensor == id) broken_[k] = broken_.back(), broken_.pop_back();
      else ++k;
    written_[id] = step;
    if (!p_.tensors[id].constant) live_.push_back(id);
  }
  void read(std::uint32_t id, long step) const {
    const auto what = [&](long s) {
      return s < static_cast<long>(p_.operations.size()) ? sentence("operator ", s, " (", p_.operations[static_cast<std::size_t>(s)].type, ")")
                                                         : std::string("the end");
    };
    if (written_[id] == never)
      fail(place_, ": ", what(step), " reads ", name(id), ", which nobody has written; the operators are in the wrong order");
    for (const damage& d : broken_)
      if (d.tensor == id && !is_alias(d))
        fail(place_, ": the memory plan is wrong: ", what(step), " reads ", name(id), ", but ",
             d.step < 0 ? std::string("an input") : what(d.step), " has written ", name(d.by), " over it at byte ", p_.tensors[d.by].offset,
             " of ", model::name_of(p_.tensors[id].kind));
  }

  struct damage {
    std::uint32_t tensor, by;
    long step;
  };
  /// A reshape's output is its input under another name; both stay readable.
  [[nodiscard]] bool is_alias(const damage& d) const {
    if (d.step < 0 || !same_place(d.tensor, d.by)) return false;
    const model::operation& o = p_.operations[static_cast<std::size_t>(d.step)];
    constexpr std::string_view copies[] = {"Reshape", "Flatten", "Squeeze", "Unsqueeze"};
    for (std::string_view type : copies)
      if (o.type == type) return !o.inputs.empty() && o.inputs[0] == d.tensor;
    return false;
  }

  const model::program& p_;
  std::string_view place_;
  std::vector<long> written_, last_;
  std::vector<std::uint32_t> live_;
  std::vector<damage> broken_;
};

}  // namespace detail

/// Throws when the program reads what it has overwritten, or what nobody has written: two tensors at one place at one time,
/// an operator in front of those that it needs, a weight buffer that is in use.
inline void require_sound_plan(const model::program& p, std::string_view place = "model") { detail::plan_walk(p, place).run(); }

}  // namespace lnn::sim
