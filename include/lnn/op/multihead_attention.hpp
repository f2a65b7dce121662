// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../limit/feed_forward.hpp"
#include "../luna/attention.hpp"
#include "../luna/requantize.hpp"
#include "../luna/task.hpp"
#include "pointwise.hpp"
#include "real_attention.hpp"

namespace lnn {

/// Self-attention of several heads with relative positions: x [..., count, in] -> [..., count, out].
///   q = (x Wq + bq) * factor, k = x Wk + bk, v = x Wv + bv
///   p_i = softmax_j(q_i . (k_j + K)), o_i = sum_j p_ij (v_j + V) in every head;  y = o Wo + bo
/// K and V are rows of learned tables, for the distance j - i clamped to +-reach.
/// `factor` is iqmul_scalar * 2^-scale_iqmul_y.  The other scale_... are exponents of 8-bit values on the
/// chip, which training in real numbers does not use.
struct multihead_attention {
  int out = 16, heads = 1, width = 16, reach = 0;
  int scalar = 64;
  int q_query = 4, q_scalar = 8, q_scaled = 4, q_key = 4, q_score = 3, q_key_offset = 3, q_joined = 3;
  int q_value = 4, q_mixed = 4, q_value_offset = 4, q_result = 4;

  [[nodiscard]] constexpr bool operator==(const multihead_attention&) const = default;
  static constexpr std::string_view name = "multihead_attention";
  static constexpr std::string_view onnx_names[] = {"MultiheadAttention"};
  static constexpr std::string_view arithmetic =
      "q, k, v = S8(R(sum x * w + b)); q = S8(R(q * scalar)); s = S8(R(q . k)) + S8(R(q . K)); "
      "p = softmax(s) at exponent 7; "
      "o = S8(R(p v)) + S8(R(p V)); y = S_out(R(sum o * wo + bo, scale_iqadd2_o + q_wo - q_o))";
  static constexpr std::string_view evidence = "formula only; primitives compared";
  static constexpr grid grid_rule = grid::at_most;
  static constexpr auto fields =
      field_list(field{"out", &multihead_attention::out, "output features", true},
                 field{"headers", &multihead_attention::heads, "heads"},
                 field{"head_dim", &multihead_attention::width, "features of one head"},
                 field{"reach", &multihead_attention::reach,
                       "greatest distance with a row of its own in the tables", true},
                 field{"iqmul_scalar", &multihead_attention::scalar, "factor of q, -128 to 127"},
                 field{"scale_iqmul_x", &multihead_attention::q_query, "exponent of q"},
                 field{"scale_iqmul_y", &multihead_attention::q_scalar, "exponent of iqmul_scalar"},
                 field{"scale_iqmul_o", &multihead_attention::q_scaled, "exponent of q times iqmul_scalar"},
                 field{"scale_bmm0_y", &multihead_attention::q_key, "exponent of k"},
                 field{"scale_bmm0_o", &multihead_attention::q_score, "exponent of q . k"},
                 field{"scale_bmm1_o", &multihead_attention::q_key_offset, "exponent of q . K"},
                 field{"scale_iqadd1_o", &multihead_attention::q_joined, "exponent of their sum"},
                 field{"scale_bmm2_y", &multihead_attention::q_value, "exponent of v"},
                 field{"scale_bmm2_o", &multihead_attention::q_mixed, "exponent of p v"},
                 field{"scale_bmm3_o", &multihead_attention::q_value_offset, "exponent of p V"},
                 field{"scale_iqadd2_o", &multihead_attention::q_result, "exponent of their sum"});

  static constexpr rule input_rank{"multihead_attention.input_rank", "rank of the input", "",
                                   "give it [count, features]", "输入的维数", "使用 [count, features]"};
  static constexpr rule attributes{"multihead_attention.attributes", "least of out, headers and head_dim",
                                   "", "use values of 1 and above", "out、headers 与 head_dim 中最小的",
                                   "取不小于 1 的值"};
  static constexpr rule distance{"multihead_attention.reach", "reach of relative positions", "",
                                 "use 0 and above; 0 has one row for all distances", "相对位置的范围",
                                 "取不小于 0 的值；0 表示所有距离共用一行"};
  static constexpr rule scalar_range{"multihead_attention.iqmul_scalar", "factor of q", "",
                                     "use 8 bits and another scale_iqmul_y", "q 的系数",
                                     "使用 8 位的值并调整 scale_iqmul_y"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.at_least(input_rank, in[0].rank(), 2);
    const int least = std::min({out, heads, width});
    found.at_least(attributes, least, 1);
    found.at_least(distance, reach, 0);
    found.within(scalar_range, scalar, -128, 127);
    if (in[0].rank() < 2 || least < 1 || reach < 0 || scalar < -128 || scalar > 127) return {};
    shape y = in[0];
    y[y.rank() - 1] = out;
    return y;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    const shape inner{heads * width, features(in[0])}, table{2 * reach + 1, width};
    return {{"query_weight", role::weight, inner},
            {"query_bias", role::bias, {inner[0]}},
            {"key_weight", role::weight, inner},
            {"key_bias", role::bias, {inner[0]}},
            {"value_weight", role::weight, inner},
            {"value_bias", role::bias, {inner[0]}},
            {"key_table", role::weight, table},
            {"value_table", role::weight, table},
            {"out_weight", role::weight, {out, inner[0]}},
            {"out_bias", role::bias, {out}}};
  }
  [[nodiscard]] constexpr int bias_exponent(std::size_t parameter, const exponents& q) const {
    return parameter == 9 ? greatest_exponent(q) : q.in[0] + q.parameters[parameter - 1];
  }
  [[nodiscard]] constexpr int greatest_exponent(const exponents& q) const {
    return q_result + q.parameters[8];
  }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("MultiheadAttention"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    namespace rules_of = limit::feed_forward;
    const limit::facts f = facts(t);
    rules_of::check(f, on, found);
    for (const std::size_t weight : {0U, 2U, 4U, 6U, 7U, 8U})
      if (const int bits = t.parameters[weight].bits) found.equal(rules_of::weight_bits, bits, 8);
    rules_of::check_shift(f.in[0].scale, t.parameters[0].scale, q_query, found);
    rules_of::check_shift(f.in[0].scale, t.parameters[2].scale, q_key, found);
    rules_of::check_shift(f.in[0].scale, t.parameters[4].scale, q_value, found);
    rules_of::check_shift(q_query, q_scalar, q_scaled, found);
    rules_of::check_shift(q_scaled, q_key, q_score, found);
    rules_of::check_shift(q_scaled, t.parameters[6].scale, q_key_offset, found);
    rules_of::check_shift(share, q_value, q_mixed, found);
    rules_of::check_shift(share, t.parameters[7].scale, q_value_offset, found);
    rules_of::check_shift(q_result, t.parameters[8].scale, f.out.scale, found);
  }

  static constexpr const rule* all_rules[] = {
      &input_rank, &attributes, &distance, &scalar_range, &limit::feed_forward::engine,
      &limit::feed_forward::bits, &limit::feed_forward::weight_bits, &limit::feed_forward::shift};
  static constexpr rule_list rules{all_rules};

  // --- arithmetic
  /// Of every sequence: q (times the factor), k, v and o [count, heads * width], then p [heads, count,
  /// count].
  [[nodiscard]] constexpr std::size_t saved(std::span<const shape> in) const {
    return sequences(in[0]) * room(in[0]);
  }

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const shape& x = c.in[0].dims;
    c.workers.run(static_cast<int>(sequences(x)), [&](int s) {
      const std::size_t sequence = at(s);
      T* memory = c.saved.empty() ? K::template scratch<T>(0, room(x)) : c.saved.data() + sequence * room(x);
      const real_attention<T> m = heads_of(c, memory);
      const int n = count(x), in = features(x), inner = heads * width;
      const T* from = c.in[0].data + sequence * at(n) * at(in);
      project<K>(n, in, inner, from, c.in[1].data, c.in[2].data, m.q);
      project<K>(n, in, inner, from, c.in[3].data, c.in[4].data, m.k);
      project<K>(n, in, inner, from, c.in[5].data, c.in[6].data, m.v);
      for (std::size_t i = 0; i < at(n) * at(inner); ++i) m.q[i] *= factor<T>();
      for (int h = 0; h < heads; ++h)
        for (int i = 0; i < n; ++i) m.mix(h, i);
      project<K>(n, inner, out, m.o, c.in[9].data, c.in[10].data, c.out[0].data + sequence * at(n) * at(out));
    });
  }

  static constexpr std::string_view inner_grids[] = {
      "scale_iqmul_x",  "scale_iqmul_o", "scale_bmm0_y", "scale_bmm0_o", "scale_bmm1_o",
      "scale_iqadd1_o", "scale_bmm2_y",  "scale_bmm2_o", "scale_bmm3_o", "scale_iqadd2_o"};
  /// In the order of inner_grids.
  template <class Call, class Look>
  void look_inside(const Call& c, const Look& look) const {
    using T = typename Call::scalar;
    const shape& x = c.in[0].dims;
    std::vector<T> seen[std::size(inner_grids)];
    for (std::size_t s = 0; s < sequences(x); ++s) {
      const real_attention<const T> m = heads_of<const T>(c, c.saved.data() + s * room(x));
      for (std::size_t i = 0; i < m.block(); ++i) {
        seen[0].push_back(scalar != 0 ? m.q[i] / factor<T>() : T{});
        seen[1].push_back(m.q[i]);
        seen[2].push_back(m.k[i]);
        seen[6].push_back(m.v[i]);
        seen[9].push_back(m.o[i]);
      }
      const auto score = [&](T key, T offset) {
        seen[3].push_back(key);
        seen[4].push_back(offset);
        seen[5].push_back(key + offset);
      };
      const auto mixed = [&](T value, T offset) {
        seen[7].push_back(value);
        seen[8].push_back(offset);
      };
      for (int h = 0; h < heads; ++h)
        for (int i = 0; i < m.count; ++i) m.look_inside(h, i, score, mixed);
    }
    for (std::size_t i = 0; i < std::size(inner_grids); ++i)
      look(inner_grids[i], {seen[i].data(), {static_cast<int>(seen[i].size())}});
  }

  /// In the order of sequences and heads: all of them share the parameters.
  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const shape& x = c.in[0].dims;
    const int n = count(x), in = features(x), inner = heads * width;
    const std::size_t block = at(n) * at(inner);
    std::vector<T> of(4 * block), row(at(n));
    T *dq = of.data(), *dk = dq + block, *dv = dk + block, *d_o = dv + block;
    for (std::size_t s = 0; s < sequences(x); ++s) {
      const real_attention<const T> m = heads_of(c, c.saved.data() + s * room(x));
      const T *from = c.in[0].data + s * at(n) * at(in), *dy = c.grad_out[0].data + s * at(n) * at(out);
      std::fill(of.begin(), of.end(), T{});
      project_back<K>(n, inner, out, m.o, c.in[9].data, dy, d_o, c.grad_in[9], c.grad_in[10]);
      for (int h = 0; h < heads; ++h)
        for (int i = 0; i < n; ++i)
          m.mix_back(h, i, d_o, row.data(), dq, dk, dv, c.grad_in[7], c.grad_in[8]);
      for (std::size_t i = 0; i < block; ++i) dq[i] *= factor<T>();
      T* dx = c.grad_in[0] ? c.grad_in[0].data + s * at(n) * at(in) : nullptr;
      project_back<K>(n, in, inner, from, c.in[1].data, dq, dx, c.grad_in[1], c.grad_in[2]);
      project_back<K>(n, in, inner, from, c.in[3].data, dk, dx, c.grad_in[3], c.grad_in[4]);
      project_back<K>(n, in, inner, from, c.in[5].data, dv, dx, c.grad_in[5], c.grad_in[6]);
    }
  }

  /// As arcs computes it (luna_ops.md 3.24), with exact sums.
  template <class Call>
  void integer(const Call& c) const {
    const shape& x = c.in[0].dims;
    const int n = count(x), in = features(x), inner = heads * width,
              rows = static_cast<int>(sequences(x)) * n;
    const std::size_t block = at(rows) * at(inner);
    std::vector<std::int8_t> memory(4 * block);
    const auto values = [&](std::size_t place, int exponent) {
      return integer_view{memory.data() + place * block, dtype::int8, {rows, inner}, exponent};
    };
    const auto project_to = [&](const integer_view& from, int deep, std::size_t weight,
                                const integer_view& to, tap* watch) {
      Call::kernels::multiply(luna::product{.rows = rows,
                                            .in = deep,
                                            .out = c.in[weight].dims[0],
                                            .x = from,
                                            .weight = c.in[weight],
                                            .bias = c.in[weight + 1].template as<std::int32_t>()},
                              luna::requantizer{.out = to,
                                                .shift = from.exponent + c.in[weight].exponent - to.exponent,
                                                .rule = accumulator::exact,
                                                .watch = watch},
                              c.workers);
    };
    const integer_view q = values(0, q_query), k = values(1, q_key), v = values(2, q_value),
                       o = values(3, q_result);
    project_to(c.in[0], in, 1, q, nullptr);
    project_to(c.in[0], in, 3, k, nullptr);
    project_to(c.in[0], in, 5, v, nullptr);
    for (std::size_t i = 0; i < block; ++i)
      memory[i] = saturate<std::int8_t>(rescale(memory[i] * scalar, q_query + q_scalar, q_scaled));
    c.workers.run(static_cast<int>(sequences(x)) * heads, [&](int piece) {
      const std::size_t first = at(piece / heads) * at(n) * at(inner) + at(piece % heads) * at(width);
      const luna::attention head{.count = n,
                                 .width = width,
                                 .stride = inner,
                                 .reach = reach,
                                 .query = memory.data() + first,
                                 .key = memory.data() + block + first,
                                 .value = memory.data() + 2 * block + first,
                                 .key_table = c.in[7],
                                 .value_table = c.in[8],
                                 .grid = {q_scaled, q_key, q_value, q_score, q_key_offset, q_joined, q_mixed,
                                          q_value_offset, q_result}};
      luna::attend(c.on.unit, head, memory.data() + 3 * block + first);
    });
    project_to(o, inner, 9, c.out[0], c.watch);
  }

 private:
  static constexpr int share = 7;  ///< exponent of p

  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  static constexpr int features(const shape& x) { return x[x.rank() - 1]; }
  static constexpr int count(const shape& x) { return x[x.rank() - 2]; }
  static constexpr std::size_t sequences(const shape& x) { return x.span(0, x.rank() - 2); }
  [[nodiscard]] constexpr std::size_t room(const shape& x) const {
    return real_attention<float>::room(count(x), heads, width);
  }
  template <class T>
  [[nodiscard]] T factor() const {
    return static_cast<T>(static_cast<float>(scalar) * power_of_two(-q_scalar));
  }

  /// The heads on one sequence, whose numbers lie in `memory`.
  template <class T, class Call>
  [[nodiscard]] real_attention<T> heads_of(const Call& c, T* memory) const {
    return {count(c.in[0].dims), heads, width, reach, c.in[7].data, c.in[8].data, memory};
  }

  /// y [n, wide] = x [n, deep] * w^T + b
  template <class K, class T>
  static void project(int n, int deep, int wide, const T* x, const T* w, const T* b, T* y) {
    for (int i = 0; i < n; ++i) std::copy_n(b, wide, y + at(i) * at(wide));
    K::gemm(false, true, n, wide, deep, x, deep, w, deep, true, y, wide);
  }
  template <class K, class T>
  static void project_back(int n, int deep, int wide, const T* x, const T* w, const T* dy, T* dx,
                           const flat<T>& dw, const flat<T>& db) {
    if (dx) K::gemm(false, false, n, deep, wide, dy, wide, w, deep, true, dx, deep);
    if (dw) K::gemm(true, false, wide, deep, n, dy, wide, x, deep, true, dw.data, deep);
    if (db)
      for (int i = 0; i < n; ++i) K::accumulate(dy + at(i) * at(wide), db.data, at(wide));
  }
};
static_assert(operator_like<multihead_attention>);

}  // namespace lnn
