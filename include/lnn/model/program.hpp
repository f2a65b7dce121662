// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "attributes.hpp"

namespace lnn::model {

/// Run-time memory of one kind, or a block of constants: bytes, rounded up to 16.
struct memory_block {
  std::uint32_t bytes = 0;
  memory_kind kind = memory_kind::share;
  friend bool operator==(const memory_block&, const memory_block&) = default;
};

/// Bytes of elements; 4-bit ones lie two in a byte, rows of the last axis that is not 1 end with a whole byte.
[[nodiscard]] inline std::uint64_t bytes_of_elements(std::uint16_t code, const shape& dims) {
  std::uint64_t all = 1, row = 1;
  for (int d : dims) {
    all *= static_cast<std::uint64_t>(d);
    if (d != 1) row = static_cast<std::uint64_t>(d);
  }
  const std::uint64_t width = element_bytes(code);
  return width != 0 || row == 0 ? all * width : all / row * ((row + 1) / 2);
}

/// A tensor and its place.  Constants lie in the block of constants, all others in the run-time memory of their kind.
struct tensor {
  std::string name;            ///< at most 63 characters reach a file
  memory_kind kind = memory_kind::share;
  bool constant = false;
  std::uint16_t code = 0x6901; ///< element type: code_of(dtype), or what else a file says
  float scale = -1.0F;         ///< exponent: real = integer * 2^-scale; -1 where there is none
  std::int32_t zero = 0;
  shape dims{};                ///< the greatest ones of a dynamic model
  std::uint64_t offset = 0;    ///< bytes from the start of the block of constants or of the run-time memory
  layout order = layout::nchw;

  [[nodiscard]] std::optional<dtype> type() const { return dtype_of_code(code); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_of_elements(code, dims); }
  friend bool operator==(const tensor&, const tensor&) = default;
};

/// One step: the operator's name in the engine, its attributes, and the tensors that it reads, makes and works in.
struct operation {
  std::string type;
  attributes values;
  std::vector<std::uint32_t> inputs, outputs, temps;
  std::uint8_t scalars = 1;  ///< without meaning; files before 3.0 say something else

  friend bool operator==(const operation&, const operation&) = default;
};

/// An input or output of the whole model.
struct port {
  std::string name;
  std::uint32_t tensor = 0;
  friend bool operator==(const port&, const port&) = default;
};

/// Constants: bytes that somebody else owns (the file's) or that the program keeps (program::own).
struct constant_block {
  memory_kind kind = memory_kind::psram;
  std::span<const std::uint8_t> bytes;
};

/// A transfer of an operator's constants to share memory ahead of time.
struct transfer {
  memory_kind from = memory_kind::psram, to = memory_kind::share;
  std::uint16_t source = 0;       ///< tensor: the operator's first constant that is not in share memory
  std::uint16_t destination = 0;  ///< tensor: one of the two buffers
  std::uint64_t bytes = 0;
  friend bool operator==(const transfer&, const transfer&) = default;
};

/// How the dimensions of a dynamic model follow from those of its inputs: a graph of real numbers.
struct shape_program {
  enum class operation_code : std::int32_t { add = 1, mul, div, pow, floor, ceiling, sqrt, min, max };
  /// A dimension of an input of the model that may vary.
  struct axis {
    std::uint16_t tensor = 0;
    std::uint8_t dim = 0, input = 0;  ///< `input`: place among the inputs of this graph
    friend bool operator==(const axis&, const axis&) = default;
  };
  struct step {
    operation_code code{};
    std::vector<std::int32_t> inputs;  ///< places among the scalars; combined from left to right
    std::int32_t output = 0;
    friend bool operator==(const step&, const step&) = default;
  };
  /// A dimension that takes the value of an output, rounded.
  struct target {
    std::uint16_t tensor = 0;
    std::uint8_t dim = 0;
    friend bool operator==(const target&, const target&) = default;
  };
  struct input {
    std::string name;  ///< at most 32 characters
    std::int32_t scalar = 0;
    friend bool operator==(const input&, const input&) = default;
  };
  std::vector<axis> axes;
  std::vector<input> inputs;
  std::vector<std::int32_t> outputs;  ///< places among the scalars, one for every target
  std::vector<double> scalars;        ///< constants; 0 for what is computed
  std::vector<step> steps;            ///< in an order in which they can be computed
  std::vector<target> targets;

  [[nodiscard]] bool empty() const { return axes.empty() && targets.empty() && steps.empty() && scalars.empty(); }
  friend bool operator==(const shape_program&, const shape_program&) = default;
};

/// Everything that a model.bin says, as a value.  Tensors are named by their place in `tensors`.
struct program {
  std::uint32_t platform = 0;  ///< chip::id
  bool dated = false;          ///< of a packer before 3.0: no shape section, other codes
  std::vector<memory_block> constant_memory;  ///< as many as `constants`; none on MARS
  std::vector<memory_block> memory;           ///< run time, one per kind
  std::vector<tensor> tensors;
  std::vector<operation> operations;          ///< in the order of their execution
  std::vector<port> inputs, outputs;
  std::vector<constant_block> constants;      ///< the packers write one
  shape_program shapes;                       ///< empty for static models
  std::vector<transfer> transfers;
  std::shared_ptr<const std::vector<std::uint8_t>> storage;  ///< what `constants` point into, when the program keeps it

  [[nodiscard]] const chip* target() const { return chip_of_platform(platform); }

  /// The bytes of a constant, without a copy; none for an optional input that is left out.
  [[nodiscard]] std::span<const std::uint8_t> constant(std::uint32_t id) const {
    if (id >= tensors.size() || !tensors[id].constant) fail("model: tensor ", id, " is no constant");
    const tensor& t = tensors[id];
    if (t.dims.rank() == 0 && t.offset == (constants.empty() ? 0 : constants[0].bytes.size())) return {};
    if (constants.empty() || t.offset > constants[0].bytes.size() || t.bytes() > constants[0].bytes.size() - t.offset)
      fail("model: constant ", t.name, " (", t.bytes(), " bytes at ", t.offset, ") lies outside the parameter section");
    return constants[0].bytes.subspan(static_cast<std::size_t>(t.offset), static_cast<std::size_t>(t.bytes()));
  }
  /// Makes these bytes the one block of constants; the program keeps them.
  void own(std::vector<std::uint8_t> bytes, memory_kind kind) {
    bytes.resize(static_cast<std::size_t>(aligned(bytes.size())));
    storage = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
    constants = {{kind, *storage}};
    constant_memory = {{static_cast<std::uint32_t>(storage->size()), kind}};
  }
};

}  // namespace lnn::model
