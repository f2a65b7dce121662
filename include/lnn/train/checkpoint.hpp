// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <string>

#include "../graph/describe.hpp"
#include "../graph/note.hpp"
#include "archive.hpp"
#include "training.hpp"

namespace lnn {

namespace detail {

inline constexpr std::string_view checkpoint_format = "lnn checkpoint 1";

template <class Ops>
std::string joined_notes(const graph_view<Ops>& net) {
  std::string all;
  for (const std::string& line : notes_of(net)) all.append(line).append("\n");
  return all;
}

/// The first line in which two networks differ, as a sentence; empty when they are the same.
inline std::string first_difference(std::string_view stored, std::string_view here) {
  for (int line = 1; !stored.empty() || !here.empty(); ++line) {
    const auto next = [](std::string_view& text) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view one = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      return one.empty() ? std::string_view("nothing") : one;
    };
    const std::string_view a = next(stored), b = next(here);
    if (a != b) return sentence("line ", line, " is '", a, "' there and '", b, "' here");
  }
  return {};
}

}  // namespace detail

/// Writes everything that training changes, so that a resumed run equals an uninterrupted one byte for byte.  The file
/// appears whole or not at all.
template <class Ops>
void save_checkpoint(const std::string& path, const graph_view<Ops>& net, const training& t) {
  archive a;
  a.put("format", detail::checkpoint_format);
  a.put("network", std::string_view(detail::joined_notes(net)));
  a.put("stage", std::string_view(t.stage));
  a.put("epoch", t.epoch);
  a.put("seed", std::bit_cast<std::int64_t>(t.seed));
  for (const auto& e : t.parameters.entries()) a.put("parameter/" + e.name, e.value);
  for (const scale& s : t.grids.entries()) {
    a.put("scale/" + s.name + "/bits", s.bits);
    a.put("scale/" + s.name + "/exponent", s.exponent);
    if (const mom* m = std::get_if<mom>(&s.range)) {
      a.put("scale/" + s.name + "/running", tensor<float>({1}, {m->running}));
      a.put("scale/" + s.name + "/seen", int{m->seen});
    } else {
      a.put("scale/" + s.name + "/learned", tensor<float>({1}, {std::get<tqt>(s.range).learned}));
    }
  }
  a.put("optimizer/rule", std::string_view(t.rule.is_adam() ? "adam" : "sgd"));
  a.put("optimizer/steps", t.rule.steps());
  for (const auto& s : t.rule.slots()) {
    a.put("optimizer/" + s.name + "/first", s.first);
    if (s.second.size() > 0) a.put("optimizer/" + s.name + "/second", s.second);
  }
  a.write(path);
}
template <network_like Net>
void save_checkpoint(const std::string& path, const Net& net, const training& t) {
  save_checkpoint(path, net.view(), t);
}

/// Reads a checkpoint into `t`, whose optimizer says the rule and whose scales say the policy.  Throws, and leaves `t` as
/// it was, when the file is damaged, is no checkpoint, or belongs to another network (naming the first difference).
template <class Ops>
void load_checkpoint(const std::string& path, const graph_view<Ops>& net, training& t) {
  const archive a = archive::read(path);
  if (!a.contains("format") || a.template get<std::string>("format") != detail::checkpoint_format)
    fail(path, ": this is no checkpoint of this version of lnn; start without it");
  const std::string other = detail::first_difference(a.template get<std::string>("network"), detail::joined_notes(net));
  if (!other.empty()) fail(path, ": the checkpoint is of another network; ", other);
  const std::string rule = a.template get<std::string>("optimizer/rule"), own = t.rule.is_adam() ? "adam" : "sgd";
  if (rule != own) fail(path, ": the checkpoint's optimizer is ", rule, " but this run uses ", own, "; choose the same one");

  training read{.parameters = {}, .grids = scales(t.grids.policy), .rule = t.rule};
  read.stage = a.template get<std::string>("stage");
  read.epoch = a.template get<int>("epoch");
  read.seed = std::bit_cast<std::uint64_t>(a.template get<std::int64_t>("seed"));
  const params wanted = init(net, 0);
  for (const auto& e : wanted.entries())
    read.parameters.add(e.name, e.kind, a.template get<tensor<float>>("parameter/" + e.name, e.value.dims()));
  std::vector<optimizer::slot> slots;
  for (const auto& r : a) {
    const std::string& name = r.name;
    const auto middle = [&](std::string_view before, std::string_view after) {
      return name.size() > before.size() + after.size() && name.starts_with(before) && name.ends_with(after)
                 ? name.substr(before.size(), name.size() - before.size() - after.size())
                 : std::string();
    };
    if (const std::string s = middle("scale/", "/bits"); !s.empty()) {
      const std::string at = "scale/" + s;
      scale& made = read.grids.add(s, a.template get<int>(at + "/bits"));
      made.exponent = a.template get<int>(at + "/exponent");
      if (a.contains(at + "/running") && !std::holds_alternative<mom>(made.range))
        fail(path, ": the checkpoint's ranges are moving maxima but this run's policy learns them; choose the same method");
      if (a.contains(at + "/running"))
        made.range = mom{a.template get<tensor<float>>(at + "/running", {1})[0], a.template get<std::int64_t>(at + "/seen") != 0};
      else if (!std::holds_alternative<tqt>(made.range))
        fail(path, ": the checkpoint's ranges are learned but this run's policy is moving maxima; choose the same method");
      else
        made.range = tqt{a.template get<tensor<float>>(at + "/learned", {1})[0]};
    }
    if (const std::string s = middle("optimizer/", "/first"); !s.empty()) {
      slots.push_back({s, a.template get<tensor<float>>(name), {}});
      if (a.contains("optimizer/" + s + "/second")) slots.back().second = a.template get<tensor<float>>("optimizer/" + s + "/second");
    }
  }
  read.rule.restore(a.template get<std::int64_t>("optimizer/steps"), std::move(slots));
  t = std::move(read);
}
template <network_like Net>
void load_checkpoint(const std::string& path, const Net& net, training& t) {
  load_checkpoint(path, net.view(), t);
}

}  // namespace lnn
