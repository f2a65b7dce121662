// SPDX-License-Identifier: Apache-2.0
//
// lnn_operators [--check FILE]: writes docs/operators.md from the registry, or compares it with a file.
#include <cstdio>
#include <lnn/check/check.hpp>
#include <lnn/graph/note.hpp>
#include <string>

namespace {

std::string_view says(lnn::grid g) {
  switch (g) {
    case lnn::grid::keep: return "that of the input";
    case lnn::grid::at_most_sum: return "free, at most the sum of the operands' exponents";
    case lnn::grid::at_most_min: return "free, at most the least of the inputs' exponents";
    case lnn::grid::at_most: return "free, up to a limit that follows from the operands'";
    case lnn::grid::unit: return "7 in 8 bits, 15 in more";
    case lnn::grid::table: return "that of the weight";
    case lnn::grid::index: return "0, in 32 bits";
    case lnn::grid::source: return "free";
    case lnn::grid::real: return "none: real numbers";
  }
  return "";
}
std::string_view says(lnn::role r) {
  switch (r) {
    case lnn::role::weight: return "weight bits (4 or 8)";
    case lnn::role::bias: return "int32 at the exponent of the products that it is added to";
    case lnn::role::gain: return "as a weight; in a batch norm folded with the statistics first";
    case lnn::role::offset: return "as a bias; in a batch norm folded with the statistics first";
    case lnn::role::mean:
    case lnn::role::variance: return "running statistic, folded";
  }
  return "";
}
std::string code(std::string_view s) { return "`" + std::string(s) + "`"; }

template <class Op>
std::string section(const Op& op) {
  std::string out = "## " + std::string(Op::name) + "\n\n| | |\n|---|---|\n";
  const auto row = [&](std::string_view a, const std::string& b) { out.append("| ").append(a).append(" | ").append(b).append(" |\n"); };
  std::string names;
  for (std::string_view n : Op::onnx_names) names.append(names.empty() ? "" : ", ").append(code(n));
  row("ONNX", names);
  row("inputs", op.inputs() < 0 ? "one or more" : std::to_string(op.inputs()));
  const lnn::shape in[] = {{1, 8, 8, 8}};
  std::string parameters;
  for (const lnn::parameter& p : op.parameters(in)) parameters.append(parameters.empty() ? "" : "; ").append(code(p.name)).append(": ").append(says(p.kind));
  row("parameters", parameters.empty() ? "none" : parameters);
  row("integer kernel", code(Op::arithmetic));
  row("output exponent", std::string(says(Op::grid_rule)));
  row("relu", lnn::fuses_relu<Op> ? "fused on the chip" : "a layer of its own");
  if (lnn::folds_batch_norm<Op>) row("batch norm", "folded into weight and bias");
  if constexpr (requires { Op::evidence; }) row("verified by", std::string(Op::evidence));
  std::string fields;
  lnn::for_each_field(op, [&](const auto& f, const auto& value) {
    std::string standard;
    for (const double v : lnn::numbers(value)) {
      char digits[32];
      std::snprintf(digits, sizeof digits, "%g", v);
      standard.append(standard.empty() ? "" : " ").append(digits);
    }
    fields.append("| ").append(code(f.name)).append(" | ").append(standard).append(" | ").append(f.says);
    fields.append(f.from_weight ? " (told by the weight's shape in files)" : "").append(" |\n");
  });
  if (!fields.empty()) out += "\n| attribute | default | |\n|---|---|---|\n" + fields;
  const lnn::rule_list rules = Op::rules;
  if (!rules.empty()) {
    out += "\n| rule | binds | nearest legal change |\n|---|---|---|\n";
    for (const lnn::rule* r : rules) {
      std::string change(r->remedy);  // # stands for the limit, which differs from chip to chip
      if (const auto at = change.find('#'); at != std::string::npos) change.replace(at, 1, "N");
      out.append("| ").append(code(r->id)).append(" | ").append(r->says).append(r->unit.empty() ? "" : ",").append(r->unit).append(" | ").append(change).append(" |\n");
    }
  }
  return out + "\n";
}

std::string chip_table() {
  std::string out = "## Limits per chip\n\n| |";
  for (const lnn::chip* c : lnn::chips) out.append(" ").append(c->name).append(" |");
  out += "\n|---|---|---|---|\n";
  const auto row = [&](std::string_view what, auto value) {
    out.append("| ").append(what).append(" |");
    for (const lnn::chip* c : lnn::chips) out.append(" ").append(value(*c)).append(" |");
    out += "\n";
  };
  const auto number = [](auto n) { return std::to_string(n); };
  row("share memory, bytes", [&](const lnn::chip& c) { return number(c.memory.share); });
  row("PSRAM, bytes", [&](const lnn::chip& c) { return number(c.memory.psram); });
  row("data buffer, bytes (depthwise)", [&](const lnn::chip& c) { return number(c.memory.data_buffer) + " (" + number(c.memory.depthwise_buffer) + ")"; });
  row("weight buffer, bytes", [&](const lnn::chip& c) { return number(c.memory.weight_buffer); });
  row("convolution kernel (dilated)", [&](const lnn::chip& c) { return number(c.conv.kernel) + " (" + number(c.conv.kernel_dilated) + ")"; });
  row("convolution padding", [&](const lnn::chip& c) { return number(c.conv.pad); });
  row("dilation", [&](const lnn::chip& c) { return number(c.conv.dilation); });
  row("4-bit weights", [](const lnn::chip& c) { return std::string(c.conv.int4_weights ? "yes" : "no"); });
  row("16-bit activations", [](const lnn::chip& c) { return std::string(c.int16_activations ? "yes" : "no"); });
  row("max pooling kernel, padding", [&](const lnn::chip& c) { return c.pool.kernel ? number(c.pool.kernel) + ", " + number(c.pool.pad) : std::string("not limited"); });
  row("pooling with ceil_mode", [](const lnn::chip& c) { return std::string(c.pool.ceil_mode ? "yes" : "no"); });
  return out;
}

std::string document() {
  std::string out =
      "# Operators\n\nWritten by `lnn_operators` from the registry (`include/lnn/op/registry.hpp`); a test compares it. "
      "R(x, s) = floor(x / 2^s + 1/2); S clamps to a width; q are exponents, real = integer * 2^-q.\n\n";
  lnn::builtin::for_each([&](const auto& op) { out += section(op); });
  return out + chip_table();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string now = document();
  if (argc == 3 && std::string_view(argv[1]) == "--check") {
    std::string old;
    if (std::FILE* f = std::fopen(argv[2], "rb")) {
      char part[4096];
      for (std::size_t n = 0; (n = std::fread(part, 1, sizeof part, f)) > 0;) old.append(part, n);
      std::fclose(f);
    }
    if (old == now) return 0;
    std::fprintf(stderr, "%s is stale; write it anew: lnn_operators > %s\n", argv[2], argv[2]);
    return 1;
  }
  std::fputs(now.c_str(), stdout);
  return argc == 1 ? 0 : 2;
}
