// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/window.hpp"
#include "../tensor/integer_view.hpp"

namespace lnn::luna {

/// One convolution of a batch: x [images, channels_in, in.h, in.w] int8, weight [channels_out, channels_in / groups,
/// kernel.h, kernel.w] int8 (4-bit values one in a byte), bias [channels_out] int32 or null,
/// output [images, channels_out, out.h, out.w].
struct convolution {
  window2 window{};
  int images = 1, channels_in = 1, channels_out = 1, groups = 1;
  integer_view x{}, weight{};
  const std::int32_t* bias = nullptr;

  [[nodiscard]] int deep() const { return channels_in / groups; }
  [[nodiscard]] int wide() const { return channels_out / groups; }
};

/// One product y = x * weight^T + bias: x [rows, in], weight [out, in], bias [out] int32 or null, y [rows, out].
struct product {
  int rows = 1, in = 1, out = 1;
  integer_view x{}, weight{};
  const std::int32_t* bias = nullptr;
};

}  // namespace lnn::luna
