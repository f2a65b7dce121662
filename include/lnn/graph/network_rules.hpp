// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../op/contract.hpp"

namespace lnn {

/// The rules that no single operator owns: how layers hang together, and what all of them need at once.
struct network_rules {
  // --- found while a network is built
  static constexpr rule inputs_limit{"network.inputs_limit", "has more than 16 inputs", "", "join them in two steps",
                                     "输入多于 16 个", "分两步合并"};
  static constexpr rule no_such_input{"network.no_such_input", "reads a result that does not exist", "",
                                      "give it what input or an earlier layer returned", "读取了不存在的结果",
                                      "请传入 input 或前面某层的返回值"};
  static constexpr rule input_extent{"network.input_extent", "extent of the input", "", "every axis needs an element",
                                     "输入的维度", "每个轴至少要有一个元素"};

  // --- of the whole
  static constexpr rule empty{"network.empty", "has no layer", "", "add one in the function given to describe", "没有任何层",
                              "在传给 describe 的函数中添加一层"};
  static constexpr rule duplicate_name{"network.duplicate_name", "is the name of more than one layer or input", "",
                                       "give each a name of its own", "是多个层或输入共用的名称", "为每一个另取名称"};
  static constexpr rule unused{"network.unused", "is used by no layer and no output", "",
                               "read it in a later layer, name it with output, or remove it", "没有任何层或输出使用它",
                               "在后面的层中使用它、用 output 标为输出，或删除它"};
  static constexpr rule flash_bytes{"network.flash_bytes", "parameters in flash", " bytes",
                                    "use fewer channels or features", "闪存中的参数", "减少通道数或特征数"};
  static constexpr rule share_bytes{"network.share_bytes", "share memory of the memory plan", " bytes",
                                    "use smaller inputs or fewer channels in the layer that needs most",
                                    "内存规划所需的共享内存", "在占用最多的层减小输入或通道数"};
  static constexpr rule psram_bytes{"network.psram_bytes", "parameters and large tensors in PSRAM", " bytes",
                                    "use fewer channels or features", "PSRAM 中的参数与大张量", "减少通道数或特征数"};

  // --- of types and exponents, where a network has them: frozen models
  static constexpr rule element_type{"network.element_type", "operands of different types, bits of the second", "",
                                     "give both the same activation type", "操作数类型不同，第二个的位数",
                                     "让两者使用同一激活类型"};
  static constexpr rule left_shift{"network.left_shift", "right shift", "", "lower the exponent of the output", "右移位数",
                                   "降低输出的指数"};
  static constexpr rule kept_exponent{"network.kept_exponent", "exponent of the output", "",
                                      "give it the exponent of the input", "输出的指数", "使用与输入相同的指数"};
  static constexpr rule kept_type{"network.kept_type", "bits of the output", "", "give it the type of the input",
                                  "输出的位数", "使用与输入相同的类型"};
  static constexpr rule bias_exponent{"network.bias_exponent", "exponent of the bias", "",
                                      "use the sum of the exponents of input and weight", "偏置的指数",
                                      "使用输入与权重指数之和"};

  static constexpr const rule* rules[] = {&input_count, &inputs_limit, &no_such_input, &input_extent, &empty,
                                          &duplicate_name, &unused, &flash_bytes, &share_bytes, &psram_bytes, &element_type,
                                          &left_shift, &kept_exponent, &kept_type, &bias_exponent};
};

}  // namespace lnn
