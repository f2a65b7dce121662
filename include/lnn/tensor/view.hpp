// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <type_traits>

#include "../core/error.hpp"
#include "flat.hpp"

namespace lnn {

/// A strided window on elements owned by somebody else.  Strides count elements.  Wraps any foreign buffer
/// without a copy: `view<float>(pointer, {n, c, h, w})`, or with strides for other layouts.
template <class T>
class view {
 public:
  using strides_type = std::array<std::ptrdiff_t, shape::max_rank>;

  constexpr view() = default;
  constexpr view(T* data, const shape& dims) : data_(data), dims_(dims), strides_(dense(dims)) {}
  constexpr view(T* data, const shape& dims, const strides_type& strides)
      : data_(data), dims_(dims), strides_(strides) {}
  constexpr view(const flat<T>& whole) : view(whole.data, whole.dims) {}
  constexpr view(const view<std::remove_const_t<T>>& other) requires std::is_const_v<T>
      : data_(other.data()), dims_(other.dims()), strides_(other.strides()) {}
  constexpr view(const view&) = default;
  constexpr view& operator=(const view&) = default;

  [[nodiscard]] constexpr T* data() const { return data_; }
  [[nodiscard]] constexpr const shape& dims() const { return dims_; }
  [[nodiscard]] constexpr const strides_type& strides() const { return strides_; }
  [[nodiscard]] constexpr std::size_t size() const { return dims_.size(); }

  template <class... Index>
  [[nodiscard]] constexpr T& operator()(Index... index) const {
    const std::ptrdiff_t at[] = {static_cast<std::ptrdiff_t>(index)..., 0};
    std::ptrdiff_t offset = 0;
    for (std::size_t i = 0; i < sizeof...(index); ++i) offset += at[i] * strides_[i];
    return data_[offset];
  }

  /// True when the elements lie one after the other in C order.
  [[nodiscard]] constexpr bool contiguous() const {
    const strides_type packed = dense(dims_);
    for (int i = 0; i < dims_.rank(); ++i)
      if (dims_[i] > 1 && strides_[at(i)] != packed[at(i)]) return false;
    return true;
  }

  /// Elements first, first + step, ... of one axis; the axis keeps its place.
  [[nodiscard]] constexpr view slice(int axis, int first, int count, int step = 1) const {
    if (axis < 0 || axis >= dims_.rank() || first < 0 || count < 0 || step < 1 ||
        (count > 0 && first + (count - 1) * step >= dims_[axis]))
      fail("view: slice of axis ", axis, " from ", first, ", count ", count, ", step ", step, " does not lie within ",
           dims_);
    view v = *this;
    v.data_ += first * strides_[at(axis)];
    v.dims_[axis] = count;
    v.strides_[at(axis)] *= step;
    return v;
  }

  /// Axes in another order: axis i of the result is axis order[i] of this view.
  [[nodiscard]] constexpr view permute(std::initializer_list<int> order) const {
    if (static_cast<int>(order.size()) != dims_.rank())
      fail("view: permutation of ", static_cast<int>(order.size()), " axes for ", dims_);
    view v = *this;
    int i = 0;
    for (int from : order) {
      v.dims_[i] = dims_[from];
      v.strides_[at(i++)] = strides_[at(from)];
    }
    return v;
  }

  /// Calls visit(element) in C order of the indices.
  template <class Visit>
  constexpr void for_each(Visit visit) const {
    walk(0, data_, visit);
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  static constexpr strides_type dense(const shape& dims) {
    strides_type s{};
    std::ptrdiff_t step = 1;
    for (int i = dims.rank() - 1; i >= 0; --i) {
      s[at(i)] = step;
      step *= dims[i];
    }
    return s;
  }
  template <class Visit>
  constexpr void walk(int axis, T* p, Visit& visit) const {
    if (axis == dims_.rank()) return visit(*p);
    for (int i = 0; i < dims_[axis]; ++i) walk(axis + 1, p + i * strides_[at(axis)], visit);
  }

  T* data_ = nullptr;
  shape dims_{};
  strides_type strides_{};
};

}  // namespace lnn
