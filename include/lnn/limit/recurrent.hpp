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
inline constexpr rule output_bits{
    "lstm.output_bits", "bits of the output", "", "quantize it to 8 bits", "输出的位宽", "把输出量化为 8 位", true};
inline constexpr rule batch{
    "lstm.batch", "sequences in one batch", "", "run one sequence at a time", "一批中的序列数", "每次只运行一个序列", true};
inline constexpr rule prefetch{
    "lstm.prefetch", "with DMA prefetch the engine expects four buffers where the packer makes one", "",
    "pack with --dma_prefetch False", "DMA 预取时引擎需要四个缓存而打包器只生成一个", "用 --dma_prefetch False 打包", true};
inline constexpr rule weight_bytes{
    "lstm.weight_bytes", "bytes by which a prefetched weight exceeds a multiple of 16:", "",
    "use sizes that are multiples of 4, or pack with --dma_prefetch False", "预取的权重大小除以 16 的余数（字节）：",
    "使用 4 的倍数的尺寸，或用 --dma_prefetch False 打包", true};
inline constexpr rule state_exponent{
    "lstm.state_exponent", "output exponent", "", "give state and output one exponent", "输出指数",
    "状态与输出使用同一指数", true};
inline constexpr rule sequence{
    "lstm.sequence", "time steps, which the engine counts along the wrong axis (defect D38):", "",
    "use batch_first and as many steps as features", "引擎沿错误的维计数时间步（缺陷 D38），时间步数：",
    "使用 batch_first，并让时间步数等于特征数", true};
inline constexpr rule workspace{
    "lstm.workspace", "the reference packer reserves less workspace than the engine uses (defect D37)", "",
    "pack with lnn, which reserves enough, or leave free memory behind the workspace",
    "参考打包器预留的工作区小于引擎实际使用的（缺陷 D37）",
    "用 lnn 打包（预留足够），或在工作区之后留出空闲内存", true, true};

inline constexpr const rule* rules[] = {&inputs,   &rank,         &bits,           &output_bits, &batch,
                                        &prefetch, &weight_bytes, &state_exponent, &sequence,    &workspace};

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
inline constexpr rule output_bits{
    "gru.output_bits", "bits of the output", "", "quantize it to 8 bits", "输出的位宽", "把输出量化为 8 位", true};
inline constexpr rule prefetch{
    "gru.prefetch", "with DMA prefetch the engine expects four buffers where the packer makes one", "",
    "pack with --dma_prefetch False", "DMA 预取时引擎需要四个缓存而打包器只生成一个", "用 --dma_prefetch False 打包", true};
inline constexpr rule gates{
    "gru.gates", "the engine's gates are constant (defect D6); lnn computes the gates that were meant", "",
    "use an lstm", "引擎中的门为常数（缺陷 D6），lnn 按本意计算", "改用 lstm", true};
inline constexpr rule halved{
    "gru.halved", "the engine halves the state before it is blended, and so does lnn (defect D44)", "",
    "train with the integer kernel, or use an lstm", "引擎在混合前把状态减半，lnn 与之一致（缺陷 D44）",
    "用整数内核训练，或改用 lstm", true};
inline constexpr rule state_exponent{
    "gru.state_exponent", "output exponent", "", "give state and output one exponent", "输出指数",
    "状态与输出使用同一指数", true};
inline constexpr rule sum_exponent{
    "gru.sum_exponent", "exponent of a product, which the engine does not scale up (defect D29):", "",
    "use finer grids for input and weights", "引擎不放大乘积（缺陷 D29），乘积的指数：", "让输入与权重使用更细的量化", true};
inline constexpr rule split{
    "gru.split", "rows of a weight beyond a multiple of 4:", "", "use a multiple of 4 hidden units",
    "权重行数除以 4 的余数：", "使用 4 的倍数的隐藏单元", true};
inline constexpr rule history{
    "gru.history", "the engine begins with a state of zeros, whatever is given", "",
    "run whole sequences in one piece", "引擎忽略初始状态，总是从零开始", "一次运行完整的序列", true};

inline constexpr rule direction{
    "gru.direction", "the reference packer does not write the direction, so the engine walks forward (defect D28)", "",
    "reverse the sequence in front of the layer and behind it", "参考打包器不写方向，引擎总是正向执行（缺陷 D28）",
    "在该层前后反转序列"};

inline constexpr const rule* rules[] = {&inputs, &lengths, &rank,           &bits,         &output_bits, &prefetch,
                                        &gates,  &halved,  &state_exponent, &sum_exponent, &split,       &history, &direction};

}  // namespace lnn::limit::gru

namespace lnn::limit {
namespace detail {

struct recurrent_rules {
  const rule &inputs, &rank, &bits, &output_bits, &state_exponent;
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
  found.never(tensor_int16, in.bits == 16);
  if (f.out.bits) found.equal(r.output_bits, f.out.bits, 8);
  if (f.hidden.attribute().whole() && f.out.attribute().whole())
    found.equal(r.state_exponent, f.out.attribute().value, f.hidden.attribute().value);
}

/// Bytes of a weight beyond a multiple of 16.
[[nodiscard]] constexpr long long odd_bytes(const operand& weight) {
  return weight.present ? elements(weight.dims) * (weight.bits ? weight.bits : 8) / 8 % 16 : 0;
}

}  // namespace detail

/// `axis` of the facts is that of the batch.
namespace lstm {
constexpr void check(const facts& f, const chip& on, verdict& found) {
  limit::detail::check_recurrent(f, {inputs, rank, bits, output_bits, state_exponent}, found);
  const shape& x = f.in[0].dims;
  if (x.rank() == 3) {
    const bool batch_first = f.axis == 0;
    found.at_most(batch, x[batch_first ? 0 : 1], 1);
    if (!on.engine.lstm_prefetch) found.equal(sequence, x[batch_first ? 1 : 0], x[batch_first ? 2 : 1]);
  }
  found.advise(workspace, on.engine.lstm_prefetch);
  if (!f.options.dma_prefetch) return;
  found.never(prefetch, !on.engine.lstm_prefetch);
  if (!on.engine.lstm_prefetch) return;
  for (const operand* t : {&f.weight, &f.recurrent_weight})
    found.equal(weight_bytes, limit::detail::odd_bytes(*t), 0);
}
/// What DMA prefetch would break: advice while nobody has chosen it.
constexpr void advise(const facts& f, const chip& on, verdict& found) {
  found.advise(prefetch, !on.engine.lstm_prefetch);
  if (!on.engine.lstm_prefetch) return;
  for (const operand* t : {&f.weight, &f.recurrent_weight})
    found.advise(weight_bytes, limit::detail::odd_bytes(*t) != 0, limit::detail::odd_bytes(*t));
}
}  // namespace lstm

/// `hidden.present` of the facts tells of an initial state.
namespace gru {
constexpr void check(const facts& f, const chip& on, verdict& found) {
  limit::detail::check_recurrent(f, {inputs, rank, bits, output_bits, state_exponent}, found);
  found.never(lengths, f.sequence_lengths);
  found.never(prefetch, f.options.dma_prefetch);
  found.advise(direction, f.reverse);
  found.never(gates, !on.engine.gru);
  if (!on.engine.gru) return;
  found.advise(halved, true);
  found.never(history, f.hidden.present);
  found.equal(split, f.recurrent_weight.dims.rank() > 0 ? f.recurrent_weight.dims[0] % 4 : 0, 0);
  if (f.in[0].scale.whole() && f.weight.scale.whole())
    found.at_least(sum_exponent, f.in[0].scale.value + f.weight.scale.value, 11);
  if (f.hidden.attribute().whole() && f.recurrent_weight.scale.whole())
    found.at_least(sum_exponent, f.hidden.attribute().value + f.recurrent_weight.scale.value, 11);
}
/// What DMA prefetch would break: advice while nobody has chosen it.
constexpr void advise(const facts&, const chip&, verdict& found) { found.advise(prefetch, true); }
}  // namespace gru

}  // namespace lnn::limit
