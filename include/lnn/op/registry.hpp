// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <variant>

#include "../core/config.hpp"
#include "add.hpp"
#include "arg_max.hpp"
#include "avg_pool1d.hpp"
#include "avg_pool2d.hpp"
#include "batch_norm.hpp"
#include "bmm.hpp"
#include "cast.hpp"
#include "clip.hpp"
#include "concat.hpp"
#include "conv1d.hpp"
#include "conv2d.hpp"
#include "conv_transpose1d.hpp"
#include "conv_transpose2d.hpp"
#include "div.hpp"
#include "embedding.hpp"
#include "expand.hpp"
#include "ffn.hpp"
#include "flip.hpp"
#include "gather.hpp"
#include "gelu.hpp"
#include "glu.hpp"
#include "gru.hpp"
#include "layer_norm.hpp"
#include "linear.hpp"
#include "log_softmax.hpp"
#include "lstm.hpp"
#include "matmul.hpp"
#include "max_pool1d.hpp"
#include "max_pool2d.hpp"
#include "mul.hpp"
#include "multihead_attention.hpp"
#include "pad.hpp"
#include "prelu.hpp"
#include "quant.hpp"
#include "relu.hpp"
#include "requant.hpp"
#include "reshape.hpp"
#include "resize.hpp"
#include "shape_of.hpp"
#include "shuffle_channel.hpp"
#include "sigmoid.hpp"
#include "slice.hpp"
#include "softmax.hpp"
#include "sparsified_ffn.hpp"
#include "split.hpp"
#include "squeeze.hpp"
#include "sub.hpp"
#include "sum.hpp"
#include "swish.hpp"
#include "tanh.hpp"
#include "tile.hpp"
#include "top_n.hpp"
#include "transpose.hpp"
#include "variance.hpp"

namespace lnn {

template <operator_like... Ops>
struct operators;

namespace detail {
template <bool Wanted, class Op>
using as_set = std::conditional_t<Wanted, operators<Op>, operators<>>;
}  // namespace detail

/// A set of operators that networks may use.
template <operator_like... Ops>
struct operators {
  using any = std::variant<std::monostate, Ops...>;

  /// The same set and more: users add their own operators by naming their own set.
  template <operator_like... More>
  using with = operators<Ops..., More...>;

  template <class Op>
  static constexpr bool has = (std::is_same_v<Op, Ops> || ...);

  /// The operators whose place among the alternatives of `any` is marked in Inventory.used, as a set of their own.
  template <const auto& Inventory>
  static constexpr auto used_in() {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (detail::as_set<Inventory.used[I + 1], Ops>{} + ... + operators<>{});
    }(std::index_sequence_for<Ops...>{});
  }
  template <class... More>
  constexpr operators<Ops..., More...> operator+(operators<More...>) const { return {}; }

  /// Calls visit(op) with a default-made operator of every kind, in order.
  template <class Visit>
  static constexpr void for_each(Visit visit) { (visit(Ops{}), ...); }
};

/// The registry: adding an operator is one file and one line here.
using builtin = operators<
    conv2d,
    conv1d,
    conv_transpose2d,
    conv_transpose1d,
    linear,
    bmm,
    matmul,
    ffn,
    sparsified_ffn,
    multihead_attention,
    batch_norm,
    layer_norm,
    embedding,
    gather,
    relu,
    clip,
    prelu,
    sigmoid,
    tanh,
    gelu,
    swish,
    glu,
    softmax,
    log_softmax,
    max_pool2d,
    avg_pool2d,
    max_pool1d,
    avg_pool1d,
    add,
    mul,
    concat,
    lstm,
    gru,
    reshape,
    flatten,
    quant,
    dequant,
    sub,
    div,
    sum,
    variance,
    arg_max,
    top_n,
    requant,
    cast,
    squeeze,
    unsqueeze,
    transpose,
    slice,
    split,
    pad,
    tile,
    expand,
    resize,
    shuffle_channel,
    flip,
    shape_of>;

/// True for the set of operators whose networks lnn::compiled can check, train, run and pack without compiling anything again.
template <class Ops>
inline constexpr bool compiled_once = LNN_COMPILED && std::is_same_v<Ops, builtin>;

namespace detail {

/// The operator in place I of a variant that is known to hold it.
template <std::size_t I, class Any>
constexpr auto& held(Any& any) {
  auto* op = std::get_if<I>(&any);
  if (op == nullptr) __builtin_unreachable();  // else compilers see a null operator in places past the end
  return *op;
}

/// The operators from place First on, eight to a switch: the tables of functions that std::visit makes cost a compiler
/// several times as much.
template <std::size_t First, class Any, class Use>
constexpr decltype(auto) visit_from(Any& any, Use& use) {
  constexpr std::size_t count = std::variant_size_v<std::remove_const_t<Any>>;
  constexpr auto place = [](std::size_t i) { return First + i < count ? First + i : First; };  // past the end: not met
  switch (any.index() - First) {
    case 0: return use(held<place(0)>(any));
    case 1: return use(held<place(1)>(any));
    case 2: return use(held<place(2)>(any));
    case 3: return use(held<place(3)>(any));
    case 4: return use(held<place(4)>(any));
    case 5: return use(held<place(5)>(any));
    case 6: return use(held<place(6)>(any));
    case 7: return use(held<place(7)>(any));
    default: break;
  }
  if constexpr (First + 8 < count) return visit_from<First + 8>(any, use);
  else fail("operator: there is none in this place; make nodes with an operator");
}

}  // namespace detail

/// The operator that a variant holds if it is an Op; null otherwise, also where the set has none.
template <class Op, class... Ops>
[[nodiscard]] constexpr const Op* op_if(const std::variant<std::monostate, Ops...>& any) {
  if constexpr ((std::is_same_v<Op, Ops> || ...)) return std::get_if<Op>(&any);
  else return nullptr;
}

/// Calls use(op) with the operator that a variant holds.
template <class Any, class Use>
constexpr decltype(auto) visit_op(Any&& any, Use&& use) {
  return detail::visit_from<1>(any, use);  // place 0 is std::monostate, never held: a node is made with an operator
}

}  // namespace lnn
