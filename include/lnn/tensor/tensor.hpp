// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "../core/array.hpp"
#include "flat.hpp"
#include "view.hpp"

namespace lnn {

/// n numbers of zero, from the start of a cache line on.
template <class T>
[[nodiscard]] array_owner<T> zeros(std::size_t n) {
  array_owner<T> made = new_array<T>(n);
  std::fill_n(made.get(), n, T{});
  return made;
}

/// A dense tensor that owns its elements: C order, 64-byte aligned, zero when made.  Copies are deep.
template <class T>
class tensor {
 public:
  using value_type = T;

  tensor() = default;
  explicit tensor(const shape& dims) : dims_(dims), data_(zeros<T>(dims.size())) {}
  tensor(const shape& dims, std::initializer_list<T> values) : tensor(dims) {
    std::copy_n(values.begin(), std::min(values.size(), size()), data());
  }
  tensor(const tensor& other) : tensor(other.dims_) {
    if (other.data_) std::copy_n(other.data(), other.size(), data());
  }
  tensor(tensor&&) noexcept = default;
  tensor& operator=(const tensor& other) { return *this = tensor(other); }
  tensor& operator=(tensor&&) noexcept = default;

  [[nodiscard]] const shape& dims() const { return dims_; }
  [[nodiscard]] std::size_t size() const { return data_ ? dims_.size() : 0; }
  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] T* begin() { return data(); }
  [[nodiscard]] T* end() { return data() + size(); }
  [[nodiscard]] const T* begin() const { return data(); }
  [[nodiscard]] const T* end() const { return data() + size(); }
  [[nodiscard]] T& operator[](std::size_t i) { return data()[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return data()[i]; }

  /// Element at one index per axis.
  template <class... Index>
  [[nodiscard]] T& operator()(Index... i) { return all()(i...); }
  template <class... Index>
  [[nodiscard]] const T& operator()(Index... i) const { return all()(i...); }

  [[nodiscard]] flat<T> flatten() { return {data(), dims_}; }
  [[nodiscard]] flat<const T> flatten() const { return {data(), dims_}; }
  [[nodiscard]] view<T> all() { return view<T>(data(), dims_); }
  [[nodiscard]] view<const T> all() const { return view<const T>(data(), dims_); }

  /// The same elements under another shape of the same size.
  void reshape(const shape& dims) {
    if (dims.size() != dims_.size()) fail("tensor: ", dims_, " cannot be reshaped to ", dims, "; the sizes differ");
    dims_ = dims;
  }
  void fill(T value) { std::fill_n(data(), size(), value); }

  friend bool operator==(const tensor& a, const tensor& b) {
    return a.dims_ == b.dims_ && std::equal(a.begin(), a.end(), b.begin());
  }

 private:
  shape dims_{0};
  array_owner<T> data_;
};

}  // namespace lnn
