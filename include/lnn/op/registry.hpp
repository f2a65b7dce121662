// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <variant>

#include "add.hpp"
#include "avg_pool2d.hpp"
#include "batch_norm.hpp"
#include "clip.hpp"
#include "concat.hpp"
#include "conv2d.hpp"
#include "linear.hpp"
#include "max_pool2d.hpp"
#include "mul.hpp"
#include "quant.hpp"
#include "relu.hpp"
#include "reshape.hpp"

namespace lnn {

/// A set of operators that networks may use.
template <operator_like... Ops>
struct operators {
  using any = std::variant<std::monostate, Ops...>;

  /// The same set and more: users add their own operators by naming their own set.
  template <operator_like... More>
  using with = operators<Ops..., More...>;

  template <class Op>
  static constexpr bool has = (std::is_same_v<Op, Ops> || ...);

  /// Calls visit(op) with a default-made operator of every kind, in order.
  template <class Visit>
  static constexpr void for_each(Visit visit) { (visit(Ops{}), ...); }
};

/// The registry: adding an operator is one file and one line here.
using builtin = operators<
    conv2d,
    linear,
    batch_norm,
    relu,
    clip,
    max_pool2d,
    avg_pool2d,
    add,
    mul,
    concat,
    reshape,
    flatten,
    quant,
    dequant>;

/// Calls use(op) with the operator that a variant holds.
template <class Any, class Use>
constexpr decltype(auto) visit_op(Any&& any, Use&& use) {
  return std::visit(
      [&](auto&& op) -> decltype(auto) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(op)>, std::monostate>)
          return use(relu{});  // never held: a node is made with an operator
        else
          return use(op);
      },
      any);
}

}  // namespace lnn
