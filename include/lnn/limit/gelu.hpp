// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// QGelu and QSwish: luna_ops.md 2.4.  VENUSA's library computes both, but no packer has an operator for them.
namespace lnn::limit::gelu {

inline constexpr rule tables{
    "gelu.tables", "the chip has no tables of gelu and swish", "", "use relu, or sigmoid and mul",
    "该芯片没有 gelu 和 swish 的查找表", "改用 relu，或 sigmoid 与 mul"};
inline constexpr rule packer{
    "gelu.packer", "the reference packer has no operator for it", "", "leave the layer to a program of one's own",
    "参考打包器没有该算子", "由自己的程序调用芯片库来计算该层"};

inline constexpr const rule* rules[] = {&tables, &packer};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  found.never(tables, on.unit != curves::fused);
  found.advise(packer, on.unit == curves::fused);
}

}  // namespace lnn::limit::gelu
