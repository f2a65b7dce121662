// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <vector>

#include "../fixed/round.hpp"
#include "../fixed/saturate.hpp"
#include "integer_view.hpp"
#include "tensor.hpp"

namespace lnn {

template <class T>
concept element_like = std::same_as<T, std::int8_t> || std::same_as<T, std::int16_t> || std::same_as<T, std::int32_t>;

/// Integers and the power of two they count in: real = integer * 2^-exponent.
template <element_like T>
struct quantized {
  tensor<T> values;
  int exponent = 0;

  /// Rounds and clamps real numbers onto the grid.
  [[nodiscard]] static quantized from(flat<const float> real, int exponent, rounding mode = rounding::half_up) {
    quantized q{tensor<T>(real.dims), exponent};
    constexpr integer_range range = integer_range::of(static_cast<int>(sizeof(T)) * 8);
    const float scale = power_of_two(exponent);
    for (std::size_t i = 0; i < real.size(); ++i)
      q.values[i] = static_cast<T>(to_integer(round_real(real[i] * scale, mode), range.low, range.high));
    return q;
  }
  [[nodiscard]] tensor<float> to_real() const {
    tensor<float> real(values.dims());
    const float unit = power_of_two(-exponent);
    for (std::size_t i = 0; i < values.size(); ++i) real[i] = static_cast<float>(values[i]) * unit;
    return real;
  }
};

/// A quantized tensor that owns its elements; the type is known at run time.
class integer_tensor {
 public:
  integer_tensor() = default;
  integer_tensor(dtype type, const shape& dims, int exponent)
      : type_(type), exponent_(exponent), dims_(dims), bytes_({static_cast<int>(storage(type) * dims.size())}) {}
  template <element_like T>
  explicit integer_tensor(const quantized<T>& q) : integer_tensor(dtype_of<T>, q.values.dims(), q.exponent) {
    std::copy_n(q.values.data(), q.values.size(), as<T>());
  }

  [[nodiscard]] dtype type() const { return type_; }
  [[nodiscard]] int exponent() const { return exponent_; }
  void set_exponent(int q) { exponent_ = q; }
  [[nodiscard]] const shape& dims() const { return dims_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size() / storage(type_); }
  [[nodiscard]] bool empty() const { return bytes_.size() == 0; }
  [[nodiscard]] std::size_t byte_count() const { return bytes_.size(); }

  template <class T>
  [[nodiscard]] T* as() { return reinterpret_cast<T*>(bytes_.data()); }
  template <class T>
  [[nodiscard]] const T* as() const { return reinterpret_cast<const T*>(bytes_.data()); }
  [[nodiscard]] integer_view access() {
    return {empty() ? nullptr : bytes_.data(), type_, dims_, exponent_};
  }
  /// For reading only; kernels take their inputs through the same type as their outputs.
  [[nodiscard]] integer_view access() const { return const_cast<integer_tensor*>(this)->access(); }

  /// First index where the integers differ; size() when they are equal.
  [[nodiscard]] std::size_t mismatch(const integer_tensor& other) const {
    if (type_ != other.type_ || !(dims_ == other.dims_)) return 0;
    std::size_t i = 0;
    while (i < bytes_.size() && bytes_[i] == other.bytes_[i]) ++i;
    return i / storage(type_);
  }
  friend bool operator==(const integer_tensor& a, const integer_tensor& b) {
    return a.type_ == b.type_ && a.exponent_ == b.exponent_ && a.dims_ == b.dims_ && a.bytes_ == b.bytes_;
  }

 private:
  static constexpr std::size_t storage(dtype t) { return t == dtype::int4 ? 1 : bytes_of(t, 1); }

  dtype type_ = dtype::int8;
  int exponent_ = 0;
  shape dims_{0};
  tensor<unsigned char> bytes_;
};

}  // namespace lnn
