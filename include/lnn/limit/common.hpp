// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../chip/chip.hpp"
#include "../rule/verdict.hpp"
#include "facts.hpp"

namespace lnn::limit {

// Rules that many operators share.
inline constexpr rule scale_power{
    "scale.power_of_two", "a scale is not a power of two", "", "round the logarithm of every scale to a whole number",
    "有缩放系数不是 2 的幂", "把每个缩放系数的对数取整"};
inline constexpr rule scale_attribute{
    "scale.attribute", "the scale named for an input is not the input's own scale", "",
    "give the layer the scale of the tensor it reads", "属性中的输入缩放系数与输入张量自身的不一致",
    "使用该输入张量的缩放系数"};
inline constexpr rule second_scale{
    "scale.second_input", "the scale named for the second input is not the input's own scale", "",
    "give the layer the scale of the tensor it reads", "属性中第二个输入的缩放系数与该张量自身的不一致",
    "使用该输入张量的缩放系数", true};
inline constexpr rule attribute_missing{
    "attribute.missing", "a required attribute is missing", "", "export the model again with all attributes",
    "缺少必需的属性", "重新导出带全部属性的模型"};
inline constexpr rule attribute_rounding{
    "attribute.rounding", "a rounding that the packer does not know", "",
    "leave the default: luna_quant on venus, floor_add elsewhere", "打包器不认识的舍入方式",
    "使用默认值：venus 为 luna_quant，其他芯片为 floor_add"};
inline constexpr rule tensor_rank{
    "tensor.rank", "rank of a tensor", "", "merge axes with a reshape", "张量的维数", "用 reshape 合并若干维"};
inline constexpr rule tensor_extent{
    "tensor.extent", "extent of a tensor", "", "give every axis at least one element", "张量某一维的长度",
    "每一维至少有一个元素", true};
inline constexpr rule tensor_elements{
    "tensor.elements", "elements of one tensor", "", "use smaller inputs", "单个张量的元素数", "减小输入", true};
inline constexpr rule tensor_int16{
    "tensor.int16", "activations of 16 bits are not computed by the engine", "", "quantize the input to 8 bits",
    "引擎不计算 16 位的激活", "把输入量化为 8 位", true};
inline constexpr rule int4_weights{
    "weight.int4", "weights of 4 bits are not read by this operator's engine", "", "use weights of 8 bits",
    "该算子的引擎不读取 4 位权重", "使用 8 位权重", true};
inline constexpr rule int4_bias{
    "weight.int4_bias", "with weights of 4 bits fetched by DMA the engine reads the bias from the wrong place", "",
    "pack with --dma_prefetch False, leave the bias out, or use weights of 8 bits",
    "4 位权重经 DMA 预取时，引擎从错误的位置读取偏置", "用 --dma_prefetch False 打包、去掉偏置，或使用 8 位权重", true};

/// What any operator may report beside its own rules.
inline constexpr const rule* common_rules[] = {
    &scale_power, &scale_attribute, &second_scale, &attribute_missing, &attribute_rounding, &tensor_rank,
    &tensor_extent, &tensor_elements, &tensor_int16, &int4_weights, &int4_bias};

/// What holds for every operator.  False: the tensors are such that sizes cannot be computed.
constexpr bool check_tensor(const operand& t, verdict& found) {
  found.at_most(tensor_rank, t.dims.rank(), 7);
  long long n = 1;
  for (int d : t.dims) {
    found.at_least(tensor_extent, d, 1);
    if (d < 1) return false;
    n *= d;
    if (n <= 0x7fffffff) continue;
    found.at_most(tensor_elements, n, 0x7fffffff);
    return false;
  }
  return t.dims.rank() <= 7;
}
constexpr bool check_inputs(const facts& f, verdict& found) {
  bool sound = true;
  for (const operand& t : f.in) sound = check_tensor(t, found) && sound;
  return sound;
}

/// The scale that an attribute gives must be a power of two.
constexpr void check_scale(const operand& t, verdict& found) {
  found.never(scale_power, t.attribute().is == exponent::kind::broken);
}
/// The same for an input whose own scale is compared with the attribute.
constexpr void check_own_scale(const operand& t, verdict& found) {
  found.never(scale_power, t.attribute().is == exponent::kind::broken || t.scale.is == exponent::kind::broken);
  found.never(scale_attribute, t.named_scale.whole() && t.scale.whole() && t.named_scale.value != t.scale.value);
}

constexpr void check_rounding(const facts& f, const chip& on, verdict& found) {
  const std::string_view name = on.rounding_is_quant_mode ? f.quant_mode : f.platform_quant;
  bool fits = name.empty();
  for (const std::string_view known : on.roundings) fits = fits || name == known;
  found.never(attribute_rounding, !fits);
}

constexpr void check_int16(const operand& t, const chip& on, verdict& found) {
  found.never(tensor_int16, t.bits == 16 && !on.int16_activations);
}

/// Known exponents of a product: how far its sum must be shifted right.
[[nodiscard]] constexpr bool shift_known(const operand& a, const operand& b, const operand& y) {
  return a.scale.whole() && b.scale.whole() && y.attribute().whole();
}
[[nodiscard]] constexpr int shift_of(const operand& a, const operand& b, const operand& y) {
  return a.scale.value + b.scale.value - y.attribute().value;
}

}  // namespace lnn::limit
