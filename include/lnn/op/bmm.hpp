// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/bmm.hpp"
#include "../luna/plain_product.hpp"
#include "contract.hpp"
#include "matrices.hpp"

namespace lnn {

namespace detail {

/// What bmm and matmul share: batches of matrices, multiplied in pairs.
struct batched_product {
  static constexpr std::string_view arithmetic = "y = S_out(R(sum a * b, q_a + q_b - q_o))";
  static constexpr grid grid_rule = grid::at_most_sum;
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr int inputs() const { return 2; }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  /// Both are the packer's BmmInt; what it cannot do (more than three axes, repeated matrices) breaks its
  /// rules.
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("BmmInt"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::bmm::check(facts(t), on, found);
  }
  static constexpr rule_list rules{limit::bmm::rules};

  template <class Call>
  void forward(const Call& c) const {
    using K = typename Call::kernels;
    const matrix_pairs p(c.in[0].dims, c.in[1].dims);
    c.workers.run(p.count(), [&](int i) {
      const matrix_pairs::place at = p[i];
      auto* y = c.out[0].data + at.y;
      std::fill_n(y, p.result_size(), typename Call::scalar{});
      K::gemm(false, false, p.rows(), p.columns(), p.depth(), c.in[0].data + at.a, p.depth(),
              c.in[1].data + at.b, p.columns(), true, y, p.columns());
    });
  }

  /// da = dy * b^T, db = a^T * dy.  A repeated factor gathers from several matrices, so they are taken in
  /// order.
  template <class Call>
  void backward(const Call& c) const {
    using K = typename Call::kernels;
    const matrix_pairs p(c.in[0].dims, c.in[1].dims);
    const auto *a = c.in[0].data, *b = c.in[1].data, *dy = c.grad_out[0].data;
    const auto one = [&](int i) {
      const matrix_pairs::place at = p[i];
      if (c.grad_in[0])
        K::gemm(false, true, p.rows(), p.depth(), p.columns(), dy + at.y, p.columns(), b + at.b, p.columns(),
                true, c.grad_in[0].data + at.a, p.depth());
      if (c.grad_in[1])
        K::gemm(true, false, p.depth(), p.columns(), p.rows(), a + at.a, p.depth(), dy + at.y, p.columns(),
                true, c.grad_in[1].data + at.b, p.columns());
    };
    if (p.repeats())
      for (int i = 0; i < p.count(); ++i) one(i);
    else
      c.workers.run(p.count(), one);
  }

  /// y = S_out(R(sum a * b, q_a + q_b - q_o)) with an exact sum on every chip (luna_ops.md 3.5).
  template <class Call>
  void integer(const Call& c) const {
    const matrix_pairs p(c.in[0].dims, c.in[1].dims);
    const luna::requantizer to = requantizer(c);
    c.workers.run(p.count(), [&](int i) {
      const matrix_pairs::place at = p[i];
      luna::multiply_plain<typename Call::kernels>({.rows = p.rows(),
                                                    .depth = p.depth(),
                                                    .columns = p.columns(),
                                                    .a = luna::from(c.in[0], at.a),
                                                    .b = luna::from(c.in[1], at.b)},
                                                   to, at.y, c.workers);
    });
  }
  template <class Call>
  [[nodiscard]] luna::requantizer requantizer(const Call& c) const {
    return {.out = c.out[0],
            .shift = c.in[0].exponent + c.in[1].exponent - c.out[0].exponent,
            .relu = c.relu,
            .rule = accumulator::exact,
            .watch = c.watch};
  }
};

}  // namespace detail

/// Products of matrices in pairs: a [batch, m, n], b [batch, n, l] -> [batch, m, l], or all three without the
/// batch (luna_ops.md 3.5).
struct bmm : detail::batched_product {
  static constexpr std::string_view name = "bmm";
  static constexpr std::string_view onnx_names[] = {"QBmm", "BmmInt"};
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";

  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank();
    found.within(limit::bmm::rank, rank, 2, 3);
    if (rank < 2 || rank > 3) return {};
    found.equal(limit::bmm::second_rank, in[1].rank(), rank);
    if (in[1].rank() != rank) return {};
    found.equal(limit::bmm::inner, in[0][rank - 1], in[1][rank - 2]);
    if (rank == 3) found.equal(limit::bmm::batches, in[0][0], in[1][0]);
    const bool fits = in[0][rank - 1] == in[1][rank - 2] && (rank == 2 || in[0][0] == in[1][0]);
    return fits ? matrix_pairs(in[0], in[1]).result() : shape{};
  }
};
static_assert(operator_like<bmm>);

}  // namespace lnn
