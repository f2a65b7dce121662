// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// FFNInt, SparifyFFNInt and MultiheadAttention, which the engine of one chip computes as single operators
/// (luna_ops.md 3.22 to 3.24).  The packer has none of them; what follows binds the engine.
namespace lnn::limit::feed_forward {

inline constexpr rule engine{"feed_forward.engine",
                             "this chip's engine has no feed-forward or attention layer in one operator",
                             "", "build it of linear, bmm and softmax, or run it on arcs",
                             "该芯片的引擎没有单个算子形式的前馈层或注意力层",
                             "用 linear、bmm 与 softmax 搭建，或在 arcs 上运行"};
inline constexpr rule bits{"feed_forward.bits", "input or output of", " bits", "quantize both to 8 bits",
                           "输入或输出位宽", "把两者量化为 8 位"};
inline constexpr rule weight_bits{"feed_forward.weight_bits", "weights of", " bits",
                                  "use weights of 8 bits", "权重位宽", "使用 8 位权重"};
inline constexpr rule sparse_bits{"feed_forward.sparse_bits", "weights of", " bits",
                                  "quantize all weights of the layer to 4 bits", "权重位宽",
                                  "把该层的全部权重量化为 4 位"};
inline constexpr rule shift{"feed_forward.shift", "least right shift within the layer", "",
                            "lower the exponents of its intermediate values and of its output",
                            "层内最小的右移位数", "降低中间结果与输出的指数"};
inline constexpr rule rows{"feed_forward.rows", "rows at a time", "",
                           "compute one step of the sequence at a time", "一次计算的行数",
                           "每次只计算序列中的一步"};

/// What all three ask alike: the chip, and the widths of activations.
constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  found.never(engine, !on.engine.feed_forward);
  if (f.in[0].bits) found.equal(bits, f.in[0].bits, 8);
  if (f.out.bits) found.equal(bits, f.out.bits, 8);
}

/// The right shift of a sum, once the exponents are known.
constexpr void check_shift(exponent x, exponent w, exponent y, verdict& found) {
  if (x.whole() && w.whole() && y.whole()) found.at_least(shift, x.value + w.value - y.value, 0);
}

}  // namespace lnn::limit::feed_forward
