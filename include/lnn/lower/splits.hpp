// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "pieces.hpp"
#include "step_facts.hpp"

namespace lnn::lower {

/// Output channels of the parts into which a step is cut; one part: it stays whole.
struct cut {
  int each = 0, parts = 1;
};

/// Dense convolutions, of images and of lines (packer.md section 7): so many output channels that weights and
/// outputs keep below the packer's limits.
[[nodiscard]] constexpr cut cut_of_convolution(const limit::facts& f, const chip& on, limit::figures which) {
  const bool line = is(f.op, "Conv1dInt"), transposed = is(f.op, "ConvTranspose2dInt");
  const shape &x = f.in[0].dims, &y = f.out.dims;
  const auto& c = on.conv;
  const long long wide = y[1], step = c.output_align, buffer = on.memory.weight_buffer;
  const long long taps = line ? f.kernel[0] : 1LL * f.kernel[0] * f.kernel[1],
                  each = align_up(x[1], 8) * taps;
  const int kernel_h = line ? 1 : f.kernel[0], stride_h = line ? 1 : f.stride[0],
            stride_w = line ? f.stride[0] : f.stride[1];
  const long long h = line ? 1 : x[2], oh = line ? 1 : y[2], ow = line ? y[2] : y[3];
  const limit::packing& o = f.options;
  const bool capped = c.weights_capped && !transposed;
  const long long room = capped ? (o.weight_threshold < buffer ? o.weight_threshold : buffer)
                                : (o.weight_threshold > buffer ? o.weight_threshold : buffer);
  const long long outputs = o.output_threshold > c.output_least ? o.output_threshold : c.output_least;
  const bool heavy = align_up(wide, step) * each > room;
  if (!heavy && wide * oh * ow <= outputs) return {};
  const long long row = align_up(x[1], 8) * align_up(line ? x[2] : x[3], 1LL * c.strip_group * stride_w);
  long long rows = oh;
  if (row * h > on.memory.data_buffer) {
    rows =
        limit::floor_div(on.memory.data_buffer / row - kernel_h - (line ? 0 : f.pad[0]) + stride_h, stride_h);
    if (rows < 1) rows = 1;
  }
  long long most = wide;
  if (wide * ow * rows > outputs) most = outputs / (ow * rows) / step * step;
  // the reference takes the limit of outputs here for lines on venusA, and so leaves them whole
  const bool forgotten = which == limit::figures::reference && line && on.stage == staging::capped;
  if (heavy && !forgotten && room / each / step * step < most) most = room / each / step * step;
  if (most < 1) return {};  // not even one step of channels fits: a rule refuses that
  const long long n = (wide + most - 1) / most;
  if (n == 1) return {};
  if (transposed) return {static_cast<int>(most), static_cast<int>(n)};
  long long channels = align_up(wide / n, step);
  while ((channels + step) * each <= room && (channels + step) * ow * rows <= outputs) channels += step;
  // the last part takes what is left
  while (channels > step && channels * (n - 1) >= wide) channels -= step;
  return {static_cast<int>(channels), static_cast<int>(n)};
}

/// The rows of a linear layer's weight.
[[nodiscard]] constexpr cut cut_of_linear(const limit::facts& f, const chip& on) {
  const long long outputs = f.weight.dims[0], depth = align_up(f.weight.dims[1], 8),
                  align = on.linear.right_align;
  const long long most =
      f.options.right_threshold > on.linear.right_least ? f.options.right_threshold : on.linear.right_least;
  if (depth * align > most) return {};  // a rule refuses that
  long long n = 1;
  while (depth * align_up((outputs + n - 1) / n, align) > most) ++n;
  if (n == 1) return {};
  const long long each = align_up((outputs + n - 1) / n, align);
  return {static_cast<int>(each), static_cast<int>((outputs + each - 1) / each)};
}

[[nodiscard]] constexpr cut cut_of(const limit::facts& f, const chip& on, limit::figures which) {
  if (is(f.op, "LinearInt")) return cut_of_linear(f, on);
  const bool dense = is(f.op, "Conv2dInt") || is(f.op, "Conv1dInt") || is(f.op, "ConvTranspose2dInt");
  return dense && f.group == 1 && f.out.dims.rank() == (is(f.op, "Conv1dInt") ? 3 : 4)
             ? cut_of_convolution(f, on, which)
             : cut{};
}

namespace detail {

/// One of the parts; their tensors are new and named as the reference packer names them.
constexpr step part_of(program& p, std::size_t since, const step& s, int number, int first, int count) {
  const bool matrix = is(s.op, "LinearInt"), transposed = is(s.op, "ConvTranspose2dInt");
  step one = s;
  one.name.add("_").add(number);
  const auto named = [&](int t) {
    label name = p.at(t).name;
    name.add("_").add(s.name).add("_").add(number);
    return name;
  };
  for (std::size_t i = 1; i < s.inputs.size(); ++i) {
    const label name = named(s.inputs[i]);
    one.inputs[i] = add_part(p, since, s.inputs[i], transposed && i == 1 ? 1 : 0, first, count, name);
  }
  tensor made = p.at(s.outputs[0]);
  made.name = named(s.outputs[0]);
  made.dims[matrix ? made.dims.rank() - 1 : 1] = count;
  made.like = made.edge >= 0 ? made.edge : made.like;
  made.edge = -1;
  one.outputs = {p.add(made)};
  return one;
}

/// The greatest of the parts' outputs instead of a concat, where an ArgMax or a topN alone reads it: each
/// part tells its greatest with the place in the whole.
constexpr void join_greatest(program& p, const step& s, const step& reader, const std::vector<int>& parts,
                             int each, std::vector<step>& out) {
  step last = reader;
  last.op = last.as.op = "topN2";
  last.as.count = is(reader.op, "ArgMax") ? 1 : reader.as.count;
  last.inputs.clear();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int number = static_cast<int>(i);
    tensor offset{
        .dims = {1}, .type = dtype::int64, .from = origin::numbers, .numbers = {1LL * number * each}};
    offset.name.add(s.name).add("_offset_").add(number);
    tensor found = p.at(reader.outputs[0]);
    found.name.add("_").add(reader.name).add("_").add(number);
    found.edge = -1;
    step one = reader;
    one.op = one.as.op = "topN";
    one.as.count = last.as.count;
    one.name.add("_").add(number);
    one.inputs = {parts[i], p.add(offset)};
    one.outputs = {p.add(found)};
    last.inputs.push_back(one.outputs[0]);
    out.push_back(one);
  }
  out.push_back(last);
}

}  // namespace detail

/// Cuts convolutions and linear layers that exceed the packer's limits along their output channels (packer.md
/// section 7), and joins the parts.
[[nodiscard]] constexpr program split_sizes(program p, const chip& on, const limit::packing& options,
                                            limit::figures which) {
  std::vector<cut> cuts;
  cuts.reserve(p.steps.size());
  bool any = false;
  for (const step& s : p.steps) {
    cut c;
    if (is(s.op, "LinearInt") || is(s.op, "Conv2dInt") || is(s.op, "Conv1dInt") ||
        is(s.op, "ConvTranspose2dInt")) {
      const step_facts f(p, s);
      limit::facts seen = f.view();
      seen.options = options;
      c = cut_of(seen, on, which);
    }
    any = any || c.parts > 1;
    cuts.push_back(c);
  }
  if (!any) return p;
  const wiring w(p);
  const std::size_t since = p.tensors.size();
  std::vector<step> all = static_cast<std::vector<step>&&>(p.steps), out;
  std::vector<char> taken(all.size(), 0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    step& s = all[i];
    if (taken[i]) continue;
    const cut& c = cuts[i];
    if (c.parts < 2) {
      out.push_back(static_cast<step&&>(s));
      continue;
    }
    const bool matrix = is(s.op, "LinearInt");
    const int wide = p.at(s.outputs[0]).dims[matrix ? p.at(s.outputs[0]).dims.rank() - 1 : 1];
    std::vector<int> parts;
    for (int n = 0; n < c.parts; ++n) {
      const int first = n * c.each, count = n + 1 < c.parts ? c.each : wide - first;
      out.push_back(detail::part_of(p, since, s, n, first, count));
      parts.push_back(out.back().outputs[0]);
    }
    const int next = matrix ? w.only_reader(s.outputs[0]) : -1;
    if (next >= 0 && (is(all[wiring::at(next)].op, "ArgMax") || is(all[wiring::at(next)].op, "topN"))) {
      detail::join_greatest(p, s, all[wiring::at(next)], parts, c.each, out);
      taken[wiring::at(next)] = 1;
    } else {
      out.push_back(join(s, parts, matrix ? -1 : 1));
    }
  }
  p.steps = static_cast<std::vector<step>&&>(out);
  return p;
}

/// A concat of nothing but concats that nobody else reads, along one axis, takes their inputs (packer.md
/// section 7).
[[nodiscard]] constexpr program merge_concats(program p) {
  if (!p.has("iqCat")) return p;
  const wiring w(p);
  std::vector<char> gone(p.steps.size(), 0);
  for (step& s : p.steps) {
    if (!is(s.op, "iqCat")) continue;
    bool all = true;
    wires inputs;
    const int rank = p.at(s.outputs[0]).dims.rank();
    for (int t : s.inputs) {
      const int m = w.maker[wiring::at(t)];
      all = all && m >= 0 && w.only_reader(t) >= 0 && is(p.steps[wiring::at(m)].op, "iqCat") &&
            normal_axis(p.steps[wiring::at(m)].as.axis, rank) == normal_axis(s.as.axis, rank);
      if (!all) break;
      for (int i : p.steps[wiring::at(m)].inputs) inputs.push_back(i);
    }
    if (!all) continue;
    for (int t : s.inputs) gone[wiring::at(w.maker[wiring::at(t)])] = 1;
    s.inputs = inputs;
  }
  drop(p, gone);
  return p;
}

}  // namespace lnn::lower
