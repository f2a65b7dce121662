// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../limit/feed_forward.hpp"
#include "../luna/plain_product.hpp"
#include "pointwise.hpp"

namespace lnn {

/// Feed-forward layer of which every row uses one group of the hidden features, chosen by a third linear
/// layer: x [..., in] -> [..., out].
///   g = first greatest of x * mask_weight^T + mask_bias; of the hidden features those of group g alone:
///   h = max(x * fc1_weight[g]^T + fc1_bias[g], 0), y = h * fc2_weight[:, g]^T + fc2_bias
/// No gradient reaches the choice: it is constant almost everywhere.
struct sparsified_ffn {
  int hidden = 8, out = 1;
  int groups = 8;
  int middle = 4, mask = 4;

  [[nodiscard]] constexpr bool operator==(const sparsified_ffn&) const = default;
  static constexpr std::string_view name = "sparsified_ffn";
  static constexpr std::string_view onnx_names[] = {"QSparifyFFN", "SparifyFFNInt"};
  static constexpr std::string_view arithmetic =
      "g = first greatest of S8(R(sum x * wm + bm, q_x + q_wm - mask_out_scale)); of group g alone: "
      "h = max(S8(R(sum x * w1 + b1, q_x + q_w1 - fc1_out_scale)), 0); "
      "y = S_out(R(sum h * w2 + b2, fc1_out_scale + q_w2 - q_o))";
  static constexpr std::string_view evidence = "formula only; primitives compared";
  static constexpr grid grid_rule = grid::at_most;
  static constexpr auto fields = field_list(
      field{"hidden", &sparsified_ffn::hidden, "features between the two layers", true},
      field{"out", &sparsified_ffn::out, "output features", true},
      field{"group_num", &sparsified_ffn::groups, "groups of hidden features"},
      field{"fc1_out_scale", &sparsified_ffn::middle, "exponent of the 8-bit values between the two layers"},
      field{"mask_out_scale", &sparsified_ffn::mask, "exponent of the 8-bit values that choose a group"});

  static constexpr rule input_rank{"sparsified_ffn.input_rank", "rank of the input", "",
                                   "put a flatten before it", "输入的维数", "在前面加一个 flatten"};
  static constexpr rule attributes{"sparsified_ffn.attributes", "least of hidden, out and group_num", "",
                                   "use values of 1 and above", "hidden、out 与 group_num 中最小的",
                                   "取不小于 1 的值"};
  static constexpr rule even_groups{"sparsified_ffn.groups", "hidden features left over by the groups",
                                    "", "choose a group_num that divides them",
                                    "不能被组数整除的隐藏特征数", "让 group_num 整除隐藏特征数"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.at_least(input_rank, in[0].rank(), 1);
    const int least = std::min({hidden, out, groups});
    found.at_least(attributes, least, 1);
    if (in[0].rank() < 1 || least < 1) return {};
    found.equal(even_groups, hidden % groups, 0);
    if (hidden % groups != 0) return {};
    shape y = in[0];
    y[y.rank() - 1] = out;
    return y;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    return {{"fc1_weight", role::weight, {hidden, features(in[0])}},
            {"fc1_bias", role::bias, {hidden}},
            {"fc2_weight", role::weight, {out, hidden}},
            {"fc2_bias", role::bias, {out}},
            {"mask_weight", role::weight, {groups, features(in[0])}},
            {"mask_bias", role::bias, {groups}}};
  }
  [[nodiscard]] constexpr int bias_exponent(std::size_t parameter, const exponents& q) const {
    return parameter == 3 ? greatest_exponent(q) : q.in[0] + q.parameters[parameter - 1];
  }
  [[nodiscard]] constexpr int greatest_exponent(const exponents& q) const { return middle + q.parameters[2]; }
  /// What the first weight's shape tells.
  constexpr void sized_by(std::span<const shape>, const shape& weight) {
    if (weight.rank() == 2) hidden = weight[0];
  }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("SparifyFFNInt"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    const limit::facts f = facts(t);
    limit::feed_forward::check(f, on, found);
    found.equal(limit::feed_forward::rows, static_cast<long long>(rows(t.x())), 1);
    for (const std::size_t weight : {0U, 2U})
      if (const int bits = t.parameters[weight].bits) found.equal(limit::feed_forward::sparse_bits, bits, 4);
    if (const int bits = t.parameters[4].bits) found.one_of(limit::feed_forward::weight_bits, bits, {4, 8});
    limit::feed_forward::check_shift(f.in[0].scale, t.parameters[0].scale, middle, found);
    limit::feed_forward::check_shift(middle, t.parameters[2].scale, f.out.scale, found);
    limit::feed_forward::check_shift(f.in[0].scale, t.parameters[4].scale, mask, found);
  }

  static constexpr const rule* all_rules[] = {
      &input_rank, &attributes, &even_groups, &limit::feed_forward::engine, &limit::feed_forward::bits,
      &limit::feed_forward::weight_bits, &limit::feed_forward::sparse_bits, &limit::feed_forward::shift, &limit::feed_forward::rows};
  static constexpr rule_list rules{all_rules};

  // --- arithmetic
  /// Per row: the group, then its values between the two layers, behind the relu.
  [[nodiscard]] constexpr std::size_t saved(std::span<const shape> in) const {
    return rows(in[0]) * (at(wide()) + 1);
  }

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const int in = features(c.in[0].dims), some = wide();
    c.workers.shares(rows(c.in[0].dims), [&](std::size_t first, std::size_t last) {
      T* room = K::template scratch<T>(0, at(groups + some));
      for (std::size_t row = first; row < last; ++row) {
        const T* x = c.in[0].data + row * at(in);
        T *score = room, *h = c.saved.empty() ? room + groups : c.saved.data() + row * at(some + 1) + 1,
          *y = c.out[0].data + row * at(out);
        std::copy_n(c.in[6].data, groups, score);
        K::gemm(false, true, 1, groups, in, x, in, c.in[5].data, in, true, score, groups);
        const auto g = std::max_element(score, score + groups) - score;
        if (!c.saved.empty()) h[-1] = static_cast<T>(g);
        std::copy_n(c.in[2].data + g * some, some, h);
        K::gemm(false, true, 1, some, in, x, in, c.in[1].data + g * some * in, in, true, h, some);
        for (int i = 0; i < some; ++i) h[i] = std::max(h[i], T{});
        std::copy_n(c.in[4].data, out, y);
        K::gemm(false, true, 1, out, some, h, some, c.in[3].data + g * some, hidden, true, y, out);
      }
    });
  }

  static constexpr std::string_view inner_grids[] = {"fc1_out_scale", "mask_out_scale"};
  template <class Call, class Look>
  void look_inside(const Call& c, const Look& look) const {
    using T = typename Call::scalar;
    const int n = static_cast<int>(rows(c.in[0].dims)), in = features(c.in[0].dims), some = wide();
    std::vector<T> between, score;
    for (std::size_t row = 0; row < at(n); ++row) {
      const T* h = c.saved.data() + row * at(some + 1) + 1;
      between.insert(between.end(), h, h + some);
      score.insert(score.end(), c.in[6].begin(), c.in[6].end());
    }
    Call::kernels::gemm(false, true, n, groups, in, c.in[0].data, in, c.in[5].data, in, true, score.data(), groups);
    look(inner_grids[0], {between.data(), {n, some}});
    look(inner_grids[1], {score.data(), {n, groups}});
  }

  /// In the order of the rows: several may use one group.
  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const int in = features(c.in[0].dims), some = wide();
    T* d = K::template scratch<T>(0, at(some));
    for (std::size_t row = 0; row < rows(c.in[0].dims); ++row) {
      const T *x = c.in[0].data + row * at(in), *dy = c.grad_out[0].data + row * at(out);
      const T* h = c.saved.data() + row * at(some + 1) + 1;
      const auto g = static_cast<std::ptrdiff_t>(h[-1]);
      std::fill_n(d, some, T{});
      K::gemm(false, false, 1, some, out, dy, out, c.in[3].data + g * some, hidden, true, d, some);
      for (int i = 0; i < some; ++i)
        if (!(h[i] > 0)) d[i] = T{};
      if (c.grad_in[0])
        K::gemm(false, false, 1, in, some, d, some, c.in[1].data + g * some * in, in, true,
                c.grad_in[0].data + row * at(in), in);
      if (c.grad_in[1])
        K::gemm(true, false, some, in, 1, d, some, x, in, true, c.grad_in[1].data + g * some * in, in);
      if (c.grad_in[2]) K::accumulate(d, c.grad_in[2].data + g * some, at(some));
      if (c.grad_in[3])
        K::gemm(true, false, out, some, 1, dy, out, h, some, true, c.grad_in[3].data + g * some, hidden);
      if (c.grad_in[4]) K::accumulate(dy, c.grad_in[4].data, at(out));
    }
  }

  /// As arcs computes it, with exact sums (luna_ops.md 3.23); of several rows one after the other.
  template <class Call>
  void integer(const Call& c) const {
    const int in = features(c.in[0].dims), some = wide(), q_x = c.in[0].exponent;
    std::vector<std::int8_t> scores(at(groups)), between(at(some));
    std::vector<std::int32_t> columns(at(out) * at(some));  // of the group, out of the whole second weight
    const integer_view score{scores.data(), dtype::int8, {groups}, mask},
        h{between.data(), dtype::int8, {some}, middle};
    const integer_view w2{columns.data(), dtype::int32, {out, some}, c.in[3].exponent};
    const auto multiply = [&](const luna::product& p, const luna::requantizer& to) {
      Call::kernels::multiply(p, to, c.workers);
    };
    for (std::size_t row = 0; row < rows(c.in[0].dims); ++row) {
      const integer_view x = luna::from(c.in[0], row * at(in));
      multiply(
          {.in = in, .out = groups, .x = x, .weight = c.in[5], .bias = c.in[6].template as<std::int32_t>()},
          {.out = score, .shift = q_x + c.in[5].exponent - mask, .rule = accumulator::exact});
      const auto g = std::max_element(scores.begin(), scores.end()) - scores.begin();
      multiply(
          {.in = in,
           .out = some,
           .x = x,
           .weight = luna::from(c.in[1], at(static_cast<int>(g) * some) * at(in)),
           .bias = c.in[2].template as<std::int32_t>() + g * some},
          {.out = h, .shift = q_x + c.in[1].exponent - middle, .relu = true, .rule = accumulator::exact});
      for (int o = 0; o < out; ++o)
        for (int i = 0; i < some; ++i)
          columns[at(o * some + i)] =
              static_cast<std::int32_t>(c.in[3].at(at(o) * at(hidden) + at(static_cast<int>(g) * some + i)));
      luna::multiply_part<typename Call::kernels>(
          {.in = some, .out = out, .x = h, .weight = w2, .bias = c.in[4].template as<std::int32_t>()},
          {.out = c.out[0],
           .shift = middle + c.in[3].exponent - c.out[0].exponent,
           .relu = c.relu,
           .rule = accumulator::exact,
           .watch = c.watch},
          row * at(out), c.workers);
    }
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  static constexpr int features(const shape& x) { return x[x.rank() - 1]; }
  static constexpr std::size_t rows(const shape& x) { return x.span(0, x.rank() - 1); }
  [[nodiscard]] constexpr int wide() const { return hidden / groups; }
};
static_assert(operator_like<sparsified_ffn>);

}  // namespace lnn
