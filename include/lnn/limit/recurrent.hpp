// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// LSTMInt and GRUInt: hardware_constraints.md sections 7 and 9.
namespace lnn::limit::lstm {

inline constexpr rule inputs{
    "lstm.inputs", "inputs", "", "give it input, two weights and two biases", "输入个数",
    "提供输入、两个权重和两个偏置"};
inline constexpr rule rank{
    "lstm.rank", "rank of the input", "", "give it [batch, time, features]", "输入的维数",
    "使用 [batch, time, features]"};
inline constexpr rule bits{
    "lstm.bits", "input and weights of different widths", "", "quantize all of them to 8 bits", "输入与权重的位宽不同",
    "全部量化为 8 位"};
inline constexpr rule prefetch{
    "lstm.prefetch", "the engine expects four DMA buffers where the packer makes one", "",
    "pack with --dma_prefetch False", "引擎需要四个 DMA 缓存而打包器只生成一个", "用 --dma_prefetch False 打包", true};
inline constexpr rule weight_bytes{
    "lstm.weight_bytes", "bytes by which a prefetched weight exceeds a multiple of 16:", "",
    "use sizes that are multiples of 4, or pack with --dma_prefetch False", "预取的权重大小除以 16 的余数（字节）：",
    "使用 4 的倍数的尺寸，或用 --dma_prefetch False 打包", true};
inline constexpr rule state_exponent{
    "lstm.state_exponent", "output exponent", "", "give state and output one exponent", "输出指数",
    "状态与输出使用同一指数", true};

inline constexpr rule sequence{
    "lstm.sequence", "time steps that the engine takes from the number of features (defect D38):", "",
    "give the sequence as many steps as features", "引擎误用特征数作为时间步数（缺陷 D38），时间步数：",
    "让时间步数等于特征数", true};
inline constexpr rule workspace{
    "lstm.workspace", "the packer reserves less workspace than the engine uses (defect D37)", "",
    "leave free memory behind the workspace", "打包器预留的工作区小于引擎实际使用的（缺陷 D37）",
    "在工作区之后留出空闲内存", true};

inline constexpr const rule* rules[] = {
    &inputs, &rank, &bits, &prefetch, &weight_bytes, &state_exponent, &sequence, &workspace};

}  // namespace lnn::limit::lstm

namespace lnn::limit::gru {

inline constexpr rule inputs{
    "gru.inputs", "inputs", "", "give it input, two weights and two biases", "输入个数",
    "提供输入、两个权重和两个偏置"};
inline constexpr rule lengths{
    "gru.lengths", "sequence lengths are not packed", "", "run sequences of one length", "不支持序列长度输入",
    "使用等长序列"};
inline constexpr rule rank{
    "gru.rank", "rank of the input", "", "give it [batch, time, features]", "输入的维数",
    "使用 [batch, time, features]"};
inline constexpr rule bits{
    "gru.bits", "input and weights of different widths", "", "quantize all of them to 8 bits", "输入与权重的位宽不同",
    "全部量化为 8 位"};
inline constexpr rule prefetch{
    "gru.prefetch", "the engine expects four DMA buffers where the packer makes one", "",
    "pack with --dma_prefetch False", "引擎需要四个 DMA 缓存而打包器只生成一个", "用 --dma_prefetch False 打包", true};
inline constexpr rule gates{
    "gru.gates", "the gates are constant in the engine (defect D6)", "", "use an lstm", "引擎中的门为常数（缺陷 D6）",
    "改用 lstm", true};
inline constexpr rule halved{
    "gru.halved", "the state is halved before it is blended (defect D44)", "", "use an lstm",
    "状态在混合前被减半（缺陷 D44）", "改用 lstm", true};
inline constexpr rule state_exponent{
    "gru.state_exponent", "output exponent", "", "give state and output one exponent", "输出指数",
    "状态与输出使用同一指数", true};

inline constexpr const rule* rules[] = {&inputs, &lengths, &rank, &bits, &prefetch, &gates, &halved, &state_exponent};

}  // namespace lnn::limit::gru

namespace lnn::limit {
namespace detail {

struct recurrent_rules {
  const rule &inputs, &rank, &bits, &state_exponent;
};

constexpr void check_recurrent(const facts& f, const recurrent_rules& r, verdict& found) {
  check_inputs(f, found);
  found.never(attribute_missing, f.missing);
  const operand& in = f.in[0];
  check_own_scale(in, found);
  for (const operand* t : {&f.weight, &f.recurrent_weight, &f.hidden, &f.out}) check_scale(*t, found);
  found.at_least(r.inputs, f.inputs, 4);
  found.equal(r.rank, in.dims.rank(), 3);
  found.never(r.bits, in.bits && f.weight.bits && f.recurrent_weight.bits &&
                          (in.bits != f.weight.bits || in.bits != f.recurrent_weight.bits));
  if (f.hidden.attribute().whole() && f.out.attribute().whole())
    found.equal(r.state_exponent, f.out.attribute().value, f.hidden.attribute().value);
}

}  // namespace detail

namespace lstm {
constexpr void check(const facts& f, const chip& on, verdict& found) {
  limit::detail::check_recurrent(f, {inputs, rank, bits, state_exponent}, found);
  const shape& x = f.in[0].dims;
  if (!on.engine.lstm_prefetch && x.rank() == 3) found.equal(sequence, x[1], x[2]);
  found.advise(workspace, on.engine.lstm_prefetch);
  found.never(prefetch, f.options.dma_prefetch && !on.engine.lstm_prefetch);
  if (!f.options.dma_prefetch || !on.engine.lstm_prefetch) return;
  for (const operand* t : {&f.weight, &f.recurrent_weight})
    if (t->present) found.equal(weight_bytes, elements(t->dims) * (t->bits ? t->bits : 8) / 8 % 16, 0);
}
}  // namespace lstm

namespace gru {
constexpr void check(const facts& f, const chip& on, verdict& found) {
  limit::detail::check_recurrent(f, {inputs, rank, bits, state_exponent}, found);
  found.never(lengths, f.sequence_lengths);
  found.never(prefetch, f.options.dma_prefetch);
  found.never(gates, !on.engine.gru);
  found.advise(halved, on.engine.gru);
}
}  // namespace gru

}  // namespace lnn::limit
