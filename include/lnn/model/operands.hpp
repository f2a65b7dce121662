// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "../op/registry.hpp"
#include "constant.hpp"

namespace lnn::model {

/// One operation of a file with what surrounds it, as those who translate it look at it: shapes, exponents, attributes and
/// the numbers of inputs that are attributes.
class operands {
 public:
  /// `dims`: the shape of every tensor, for a dynamic model those of this run.  `bytes`: the elements of every tensor, empty
  /// where they are not known yet.
  operands(const program& p, const operation& o, std::span<const shape> dims, std::span<const std::span<const std::uint8_t>> bytes,
           std::string_view place)
      : program_(&p), operation_(&o), dims_(dims), bytes_(bytes), place_(place) {}

  [[nodiscard]] std::string_view type() const { return operation_->type; }
  [[nodiscard]] const chip& on() const { return *program_->target(); }
  [[nodiscard]] std::size_t inputs() const { return operation_->inputs.size(); }
  [[nodiscard]] std::size_t outputs() const { return operation_->outputs.size(); }
  [[nodiscard]] std::uint32_t input(std::size_t i) const {
    if (i >= inputs()) complain("has ", inputs(), " inputs, needed are ", i + 1);
    return operation_->inputs[i];
  }
  [[nodiscard]] std::uint32_t output(std::size_t i) const {
    if (i >= outputs()) complain("has ", outputs(), " outputs, needed are ", i + 1);
    return operation_->outputs[i];
  }
  [[nodiscard]] const tensor& at(std::uint32_t id) const { return program_->tensors[id]; }
  [[nodiscard]] const shape& dims(std::uint32_t id) const { return dims_[id]; }
  [[nodiscard]] const shape& x(std::size_t i = 0) const { return dims(input(i)); }
  [[nodiscard]] const shape& y(std::size_t i = 0) const { return dims(output(i)); }
  [[nodiscard]] std::span<const std::uint8_t> bytes(std::uint32_t id) const { return bytes_[id]; }

  /// True when the file's dimensions follow from symbols.
  [[nodiscard]] bool symbolic() const { return !program_->shapes.targets.empty(); }

  /// The exponent of a tensor; 0 where the file has none.
  [[nodiscard]] int exponent(std::uint32_t id) const {
    const float q = at(id).scale;
    if (!(q >= -62 && q <= 62)) complain("has the tensor ", at(id).name, " at exponent ", static_cast<double>(q), ", expected -62 to 62");
    return static_cast<int>(maths::floor(q));
  }
  /// Right shift of a product of the first two inputs, or of input and weight.
  [[nodiscard]] int product_shift() const { return exponent(input(0)) + exponent(input(1)) - exponent(output(0)); }

  [[nodiscard]] bool has(std::string_view attribute) const { return operation_->values.has(attribute); }
  [[nodiscard]] int attribute(std::string_view name, std::size_t place = 0) const { return operation_->values.integer(name, place); }
  [[nodiscard]] double real(std::string_view name) const { return operation_->values.get(name); }

  /// True when the numbers of an input are known.
  [[nodiscard]] bool knows(std::size_t i) const { return !bytes(input(i)).empty() || dims(input(i)).size() == 0; }
  /// An input that is an attribute: at most as many numbers as an attribute can hold.
  [[nodiscard]] number_list numbers(std::size_t i) const {
    const std::uint32_t id = input(i);
    const auto kind = at(id).type();
    if (!kind) complain("has the attribute ", at(id).name, " of an unknown element type");
    const std::size_t width = bytes_of(*kind, 1), count = std::min(dims(id).size(), bytes(id).size() / width);
    number_list all;
    for (std::size_t k = 0; k < count; ++k) {
      std::uint64_t bits = 0;
      for (std::size_t b = 0; b < width; ++b) bits |= std::uint64_t{bytes(id)[k * width + b]} << (8 * b);
      all.push_back(number(*kind, bits));
    }
    if (all.overflow()) complain("has ", dims(id).size(), " numbers in the attribute ", at(id).name, ", expected at most 16");
    return all;
  }
  [[nodiscard]] int_list integers(std::size_t i) const {
    int_list all;
    // files write the end of an axis as the largest integer there is
    for (double v : numbers(i)) all.push_back(maths::isnan(v) ? 0 : static_cast<int>(std::clamp(v, -268435456.0, 268435456.0)));
    return all;
  }

  template <class... Parts>
  [[noreturn]] void complain(const Parts&... parts) const {
    fail(place_, ": ", type(), outputs() > 0 ? " that makes " : "", outputs() > 0 ? std::string_view(at(operation_->outputs[0]).name) : "", " ",
         parts...);
  }

 private:
  static double number(dtype kind, std::uint64_t bits) {
    switch (kind) {
      case dtype::int16: return static_cast<std::int16_t>(bits);
      case dtype::int32: return static_cast<std::int32_t>(bits);
      case dtype::int64: return static_cast<double>(static_cast<std::int64_t>(bits));
      case dtype::float32: return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
      case dtype::float64: return std::bit_cast<double>(bits);
      default: return static_cast<std::int8_t>(bits);
    }
  }

  const program* program_;
  const operation* operation_;
  std::span<const shape> dims_;
  std::span<const std::span<const std::uint8_t>> bytes_;
  std::string_view place_;
};

/// An operation as an operator of the library.
struct bound {
  builtin::any op{};
  bool relu = false;                    ///< fused
  std::vector<std::uint32_t> reads{};   ///< tensors that are the operator's inputs, in its order
  std::vector<std::uint32_t> weights{}; ///< constants that are its parameters
  constant_facts facts{};               ///< how they lie
  bool depends = false;                 ///< on numbers of tensors that are not constant: translate it again in every run
};

}  // namespace lnn::model
