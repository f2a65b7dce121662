// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "check.hpp"

namespace lnn {

namespace detail {

/// Columns on a screen: a letter of several bytes is taken for a Chinese one, which is two wide.
[[nodiscard]] inline std::size_t width_of(std::string_view s) {
  std::size_t n = 0;
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    n += (byte & 0xC0) == 0x80 ? 0 : byte < 0x80 ? 1 : 2;
  }
  return n;
}
inline void put(std::string& out, std::string_view s, std::size_t width) {
  out.append(s).append(width > width_of(s) ? width - width_of(s) : 0, ' ').append("  ");
}

/// What must hold, without a judgement: "at most 5", "1, 2 or 4".
[[nodiscard]] inline std::string demand(const finding& f, language in) {
  const bool zh = in == language::zh;
  switch (f.must_be) {
    case relation::at_most: return lnn::sentence(zh ? "至多 " : "at most ", f.limit);
    case relation::at_least: return lnn::sentence(zh ? "至少 " : "at least ", f.limit);
    case relation::equal: return lnn::sentence(zh ? "等于 " : "equal to ", f.limit);
    case relation::same_shape: return f.right.rank() == 0 ? "()" : std::string(f.right.to_text().view());
    case relation::never:
    case relation::costs: return "-";
    case relation::one_of: break;
  }
  std::string out;
  for (std::size_t i = 0; i < f.choice_count; ++i)
    out.append(i == 0 ? "" : i + 1 < f.choice_count ? zh ? "、" : ", " : zh ? " 或 " : " or ")
        .append(std::to_string(f.choices[i]));
  return out;
}

/// How far a value is from its limit, in the direction that is legal; below 0 beyond it.
[[nodiscard]] inline std::string margin(const finding& f) {
  if (f.must_be == relation::at_most) return std::to_string(f.limit - f.actual);
  if (f.must_be == relation::at_least) return std::to_string(f.actual - f.limit);
  return "-";
}

inline void put_row(std::string& out, const finding& f, language in) {
  const bool zh = in == language::zh;
  std::string value = f.must_be == relation::same_shape ? std::string(f.left.to_text().view())
                      : f.must_be == relation::never    ? "-"
                                                        : std::to_string(f.actual);
  out.append("  ");
  put(out, zh && !f.what->says_zh.empty() ? f.what->says_zh : f.what->says, 50);
  put(out, value, 10);
  put(out, demand(f, in), 18);
  put(out, margin(f), 8);
  if (f.passed) out.append(zh ? "通过" : "holds");
  else out.append(zh ? "不通过" : "BROKEN").append(f.remedy(in).length == 0 ? "" : zh ? "；" : "; ").append(f.remedy(in));
  out.append("\n");
}

}  // namespace detail

/// A table for people: of every layer the rules that were asked, the value, what must hold, how far the limit is away,
/// and advice; the network as a whole first.  In the language of the environment unless one is named.
template <class Ops>
[[nodiscard]] std::string explain(const graph_view<Ops>& net, const chip& on, language in = spoken_language()) {
  const bool zh = in == language::zh;
  std::string out;
  const auto rows = [&](const verdict& v) {
    const rule* before = nullptr;  // a question without a number, asked of one tensor after the other, is one row
    for (const finding& f : v.asked()) {
      if (!(f.passed && f.must_be == relation::never && f.what == before)) detail::put_row(out, f, in);
      before = f.what;
    }
    for (const finding& f : v.advice()) {
      out.append(zh ? "  建议：" : "  advice: ").append(f.fact(in).view());
      out.append(f.remedy(in).length == 0 ? "" : zh ? "；" : "; ").append(f.remedy(in)).append("\n");
    }
  };
  verdict hangs, whole;
  check_network(net, hangs);
  whole.keep_passed = true;
  check_parameter_bytes(parameter_bytes(net), on, whole);
  const verdict all = check(net, on);
  bool planned = true;  // the plan is asked last
  for (const finding& f : all.refused())
    planned = planned && (f.what == &network_rules::share_bytes || f.what == &network_rules::psram_bytes);
  if (planned) check_memory(net, on, whole);
  out.append(sentence(on.name, zh ? "：" : ": ", net.nodes.size(), zh ? " 层，" : " layers, ", all.refused().size(),
                      zh ? " 条规则不通过\n  " : " rules broken\n  "));
  detail::put(out, zh ? "规则" : "rule", 50);
  detail::put(out, zh ? "值" : "value", 10);
  detail::put(out, zh ? "要求" : "must be", 18);
  out.append(zh ? "余量\n" : "margin\n").append(zh ? "网络\n" : "network\n");
  rows(whole);
  // what the builder found stands first and is told with its layer
  for (std::size_t i = net.problems.size(); i < hangs.refused().size(); ++i)
    out.append("  ").append(hangs.refused()[i].sentence("", in).view()).append("\n");
  for (const node<Ops>& n : net.nodes) {
    const auto in_shapes = net.input_shapes(n);
    const std::span<const shape> shapes(in_shapes.data(), in_shapes.size());
    const shape& made = net.edges[static_cast<std::size_t>(n.output)].dims;
    verdict found;
    found.keep_passed = true;
    found.layer = n.name;
    out.append(n.name);
    visit_op(n.op, [&](const auto& op) {
      out.append(sentence(" (", op.name, ")"));
      for (std::size_t i = 0; i < shapes.size(); ++i) out.append(sentence(i == 0 ? " " : ", ", shapes[i]));
      out.append(made.rank() == 0 ? "\n" : sentence(" -> ", made, "\n"));
      if (made.rank() == 0) return;
      static_cast<void>(result_of(op, shapes, found));
      op.check(net.shapes_of(op, n).view(), on, found);
    });
    rows(found);
    if (made.rank() > 0) continue;
    for (const finding& f : net.problems)
      if (f.layer == n.name) detail::put_row(out, f, in);
  }
  return out;
}
template <network_like Net>
[[nodiscard]] std::string explain(const Net& net, const chip& on, language in = spoken_language()) {
  return explain(net.view(), on, in);
}

}  // namespace lnn
