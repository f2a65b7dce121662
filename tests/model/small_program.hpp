// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/core/random.hpp>
#include <lnn/model/constant.hpp>
#include <lnn/model/program.hpp>

/// Programs made by hand, every tensor at a place of its own, for tests that need a file.
namespace small {

namespace model = lnn::model;

class maker {
 public:
  explicit maker(const lnn::chip& on) : on_(&on) {
    p_.platform = static_cast<std::uint32_t>(on.id);
    p_.memory = {{0, model::memory_kind::share}};
  }

  std::uint32_t tensor(std::string name, const lnn::shape& dims, float scale, lnn::dtype type = lnn::dtype::int8) {
    model::tensor t;
    t.name = std::move(name);
    t.dims = dims;
    t.scale = scale;
    t.code = model::code_of(type);
    t.offset = p_.memory[0].bytes;
    p_.memory[0].bytes += static_cast<std::uint32_t>(model::aligned(t.bytes()));
    p_.tensors.push_back(t);
    return static_cast<std::uint32_t>(p_.tensors.size() - 1);
  }
  std::uint32_t constant(std::string name, const model::packed_constant& c, float scale) {
    model::tensor t;
    t.name = std::move(name);
    t.kind = model::memory_kind::psram;
    t.constant = true;
    t.dims = c.dims;
    t.scale = scale;
    t.code = model::code_of(c.type);
    t.order = c.order;
    t.offset = blob_.size();
    blob_.insert(blob_.end(), c.bytes.begin(), c.bytes.end());
    blob_.resize(static_cast<std::size_t>(model::aligned(blob_.size())));
    p_.tensors.push_back(t);
    return static_cast<std::uint32_t>(p_.tensors.size() - 1);
  }
  /// Numbers of an attribute that is an input.
  std::uint32_t numbers(std::string name, std::initializer_list<std::int64_t> values) {
    model::packed_constant c{.bytes = {}, .dims = {static_cast<int>(values.size())}, .type = lnn::dtype::int64};
    for (std::int64_t v : values)
      for (int i = 0; i < 8; ++i) c.bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(v) >> (8 * i)));
    return constant(std::move(name), c, -1);
  }
  /// Random weights as the chip wants them.
  std::uint32_t weight(std::string name, std::string_view op, std::size_t parameter, const lnn::shape& dims, lnn::dtype type, float scale,
                       int group = 1) {
    lnn::integer_tensor t(type, dims, static_cast<int>(scale));
    lnn::with_element(type, [&](auto element) {
      using T = decltype(element);
      const int most = type == lnn::dtype::int4 ? 7 : type == lnn::dtype::int8 ? 127 : 2000;
      for (std::size_t i = 0; i < t.size(); ++i) t.as<T>()[i] = static_cast<T>(static_cast<int>(draw_.uniform(-1, 1) * static_cast<float>(most)));
    });
    return constant(std::move(name), model::pack_constant({.op = op, .parameter = parameter, .group = group}, t.access(), *on_), scale);
  }
  model::operation& operation(std::string type, std::vector<std::uint32_t> inputs, std::vector<std::uint32_t> outputs) {
    model::operation o;
    o.type = type;
    o.values = model::attributes(type);
    o.inputs = std::move(inputs);
    o.outputs = std::move(outputs);
    p_.operations.push_back(std::move(o));
    return p_.operations.back();
  }
  model::program done(std::vector<std::uint32_t> inputs, std::vector<std::uint32_t> outputs) {
    for (std::uint32_t id : inputs) p_.inputs.push_back({p_.tensors[id].name, id});
    for (std::uint32_t id : outputs) p_.outputs.push_back({p_.tensors[id].name, id});
    p_.own(std::move(blob_), model::memory_kind::psram);
    return std::move(p_);
  }

 private:
  const lnn::chip* on_;
  model::program p_;
  std::vector<std::uint8_t> blob_;
  lnn::random draw_{11};
};

/// Two convolutions around a sum, a pool, a matrix: most of what files hold.
inline model::program network(const lnn::chip& on) {
  maker m(on);
  const auto x = m.tensor("x", {1, 3, 6, 5}, 4);
  const auto w1 = m.weight("conv.weight", "Conv2dInt", 0, {8, 3, 3, 3}, lnn::dtype::int8, 6), b1 = m.weight("conv.bias", "Conv2dInt", 1, {8}, lnn::dtype::int32, -1);
  const auto a = m.tensor("a", {1, 8, 6, 5}, 3);
  m.operation("Conv2dInt", {x, w1, b1}, {a}).values.set("kernel", 3, 0).set("kernel", 3, 1).set("stride", 1, 0).set("stride", 1, 1)
      .set("dilation", 1, 0).set("dilation", 1, 1).set("pad", 1, 0).set("pad", 1, 1).set("pad", 1, 2).set("pad", 1, 3).set("group", 1).set("act_type", 1);
  const auto w2 = m.weight("deep.weight", "Conv2dInt", 0, {8, 1, 3, 3}, lnn::dtype::int8, 6, 8);
  const auto d = m.tensor("d", {1, 8, 6, 5}, 3);
  m.operation("Conv2dInt", {a, w2}, {d}).values.set("kernel", 3, 0).set("kernel", 3, 1).set("stride", 1, 0).set("stride", 1, 1)
      .set("dilation", 1, 0).set("dilation", 1, 1).set("pad", 1, 0).set("pad", 1, 1).set("pad", 1, 2).set("pad", 1, 3).set("group", 8);
  const auto s = m.tensor("s", {1, 8, 6, 5}, 3);
  m.operation("iqAdd", {a, d}, {s});
  const auto q = m.tensor("q", {1, 8, 3, 2}, 3);
  m.operation("MaxPool", {s}, {q}).values.set("kernel", 2, 0).set("kernel", 2, 1).set("stride", 2, 0).set("stride", 2, 1);
  const auto f = m.tensor("f", {1, 48}, 3);
  m.operation("Reshape", {q, m.numbers("to", {1, -1})}, {f});
  const auto w3 = m.weight("head.weight", "LinearInt", 0, {10, 48}, lnn::dtype::int8, 7), b3 = m.weight("head.bias", "LinearInt", 1, {10}, lnn::dtype::int32, -1);
  const auto y = m.tensor("y", {1, 10}, 2);
  m.operation("LinearInt", {f, w3, b3}, {y});
  return m.done({x}, {y, s});
}

}  // namespace small
