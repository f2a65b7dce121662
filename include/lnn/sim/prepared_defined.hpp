// SPDX-License-Identifier: Apache-2.0
#pragma once
/// The bodies of what prepared_declared.hpp names.
#include <span>

#include "../simd/channelwise_s8.hpp"
#include "../simd/pool_s8.hpp"
#include "../simd/softmax_s8.hpp"
#include "../simd/table_s8.hpp"
#include "../simd/transposed_s8.hpp"
#include "prepared_declared.hpp"

namespace lnn::sim {
namespace detail {

using simd::detail::at;

/// In how many pieces work is worth being cut, of which `least` is enough for one thread: less takes less time than waking
/// another one.
inline int pieces_of(std::size_t work, std::size_t least, const pool& workers) {
  return static_cast<int>(std::clamp<std::size_t>(work / least, 1, at(workers.threads())));
}
constexpr std::size_t products_for_one = 3'000'000;

/// Images one behind the other.
struct image_steps {
  int images;
  std::size_t x, y;  ///< from image to image: elements, bytes
  std::size_t work;  ///< products for one image

  image_steps(const luna::convolution& c, const luna::requantizer& to, bool transposed) : images(c.images) {
    const std::size_t in = c.window.in_size(), out = c.window.out_size();
    x = (transposed ? out : in) * at(c.channels_in);
    y = bytes_of(to.out.type, (transposed ? in : out) * at(c.channels_out));
    work = out * at(c.channels_in) * at(c.wide()) * c.window.taps();
  }
  [[nodiscard]] int pieces(const pool& workers) const { return pieces_of(work * at(images), products_for_one, workers); }
  /// Calls rows(x, y, first, last) for all rows of all images, those of a piece in one thread.
  template <class Rows>
  void in_rows(int rows, const std::int8_t* from, void* to, pool& workers, const Rows& run) const {
    workers.ranges(at(images) * at(rows), pieces(workers), [&](int, std::size_t first, std::size_t last) {
      while (first < last) {
        const std::size_t image = first / at(rows), begin = first % at(rows), end = std::min(at(rows), begin + last - first);
        run(from + image * x, static_cast<std::uint8_t*>(to) + image * y, static_cast<int>(begin), static_cast<int>(end));
        first += end - begin;
      }
    });
  }
};

struct prepared_depthwise final : prepared {
  image_steps steps;
  simd::channelwise_s8 layer;

  prepared_depthwise(const luna::convolution& c, const luna::requantizer& to) : steps(c, to, false) {
    steps.work *= 8;  // a product of a channel with itself alone takes as long as several of many channels
    layer.prepare(simd::best(), c, to);
  }
  void run(const std::int8_t* x, void* y, pool& workers) const override {
    steps.in_rows(layer.window().out.h, x, y, workers,
                  [&](const std::int8_t* from, void* to, int first, int last) { layer.run(from, to, first, last); });
  }
};

/// Layer: simd::conv_s8 or simd::transposed_s8, made of one or several.
template <class Layer>
struct prepared_convolution final : prepared {
  image_steps steps;
  Layer layer;

  prepared_convolution(const luna::convolution& c, const luna::requantizer& to) : steps(c, to, std::is_same_v<Layer, simd::transposed_s8>) {
    layer.prepare(simd::best(), c, to);
  }
  [[nodiscard]] std::span<const simd::conv_s8> parts() const {
    if constexpr (std::is_same_v<Layer, simd::conv_s8>) return {&layer, 1};
    else return layer.parts();
  }
  void run(const std::int8_t* x, void* y, pool& workers) const override {
    const int n = steps.pieces(workers);
    for (const simd::conv_s8& part : parts()) {
      const int rows = part.window().out.h;
      // What is larger is read but once: some rows with all weights, or all rows with some of them.
      if (steps.images == 1 && (part.bytes() > steps.x || rows < 2 * n))
        workers.run(n, [&](int i) { part.run(x, y, {0, rows, i, n}); });
      else
        steps.in_rows(rows, x, y, workers,
                      [&](const std::int8_t* from, void* to, int first, int last) { part.run(from, to, {first, last}); });
    }
  }
};

inline void arrange(simd::prepared_s8& layer, const weight_matrix& w, const std::int32_t* bias, const luna::requantizer& to) {
  layer.prepare(simd::best(), w.outputs, 1, w.depth, {w.first, w.output, 0, w.input, w.depth}, bias, to, w.four_bits);
}

struct prepared_product final : prepared {
  simd::prepared_s8 layer;
  std::size_t rows, x_step, y_step;  ///< from row to row: elements, bytes

  prepared_product(int all, const weight_matrix& w, const std::int32_t* bias, const luna::requantizer& to)
      : rows(at(all)), x_step(at(w.depth)), y_step(bytes_of(to.out.type, at(w.outputs))) {
    arrange(layer, w, bias, to);
  }
  void run(const std::int8_t* x, void* y, pool& workers) const override {
    const auto some = [&](std::size_t first, std::size_t last, const simd::output_share& which) {
      simd::dense(layer, static_cast<int>(last - first), x + first * x_step, static_cast<std::ptrdiff_t>(x_step),
                  static_cast<std::uint8_t*>(y) + first * y_step, which);
    };
    const int n = pieces_of(x_step * at(layer.outputs()) * rows, products_for_one, workers);
    if (layer.bytes() > rows * x_step) workers.run(n, [&](int i) { some(0, rows, layer.share(i, n)); });
    else workers.ranges(rows, n, [&](int, std::size_t first, std::size_t last) { some(first, last, layer.share(0, 1)); });
  }
};

struct prepared_sums final : prepared_rows {
  simd::prepared_s8 layer;

  void run(int rows, const std::int8_t* x, std::int32_t* y) const override { simd::dense(layer, rows, x, layer.depth(), y); }
};

struct prepared_table final : prepared {
  std::size_t elements;
  simd::table_s8 table;

  prepared_table(std::size_t n, const std::int8_t (&values)[256]) : elements(n) { table.prepare(simd::best(), values); }
  void run(const std::int8_t* x, void* y, pool& workers) const override {
    workers.ranges(elements, pieces_of(elements, 1 << 17, workers), [&](int, std::size_t first, std::size_t last) {
      table.run(last - first, x + first, static_cast<std::int8_t*>(y) + first);
    });
  }
};

struct prepared_softmax final : prepared {
  std::size_t rows, row;
  simd::softmax_s8 layer;

  prepared_softmax(std::size_t elements, std::size_t n, curves unit, int q_x, int q_o) : rows(n == 0 ? 0 : elements / n), row(n) {
    layer.prepare(simd::best(), unit, q_x, q_o);
  }
  void run(const std::int8_t* x, void* y, pool& workers) const override {
    workers.ranges(rows, pieces_of(rows * row, 1 << 13, workers), [&](int, std::size_t first, std::size_t last) {
      layer.run(last - first, row, x + first * row, static_cast<std::int8_t*>(y) + first * row);
    });
  }
};

struct prepared_pool final : prepared {
  simd::pool_s8 layer;
  int images;
  std::size_t x_step, y_step;

  prepared_pool(const pooling& p, simd::pool_s8 made)
      : layer(made), images(p.images), x_step(p.window.in_size() * at(p.channels)), y_step(p.window.out_size() * at(p.channels)) {}
  void run(const std::int8_t* x, void* y, pool& workers) const override {
    auto* to = static_cast<std::int8_t*>(y);
    const int n = pieces_of(at(images) * x_step, 1 << 13, workers);
    for (int i = 0; i < images; ++i, x += x_step, to += y_step)
      workers.ranges(at(layer.window().out.h), n,
                     [&](int, std::size_t first, std::size_t last) { layer.run(x, to, static_cast<int>(first), static_cast<int>(last)); });
  }
};

}  // namespace detail

LNN_BODY owner<prepared> prepare_convolution(const luna::convolution& c, const luna::requantizer& to, bool transposed) {
  if (transposed) return make_owner<detail::prepared_convolution<simd::transposed_s8>>(c, to);
  if (c.groups > 1 && c.groups == c.channels_in && c.groups == c.channels_out) return make_owner<detail::prepared_depthwise>(c, to);
  return make_owner<detail::prepared_convolution<simd::conv_s8>>(c, to);
}
LNN_BODY owner<prepared> prepare_product(int rows, const weight_matrix& weight, const std::int32_t* bias, const luna::requantizer& to) {
  return make_owner<detail::prepared_product>(rows, weight, bias, to);
}
LNN_BODY owner<prepared_rows> prepare_rows(const weight_matrix& weight, const std::int32_t* bias) {
  luna::requantizer to;
  to.out.type = dtype::int32;
  owner<detail::prepared_sums> made(new detail::prepared_sums);
  detail::arrange(made->layer, weight, bias, to);
  if (!made->layer.plain()) return nullptr;
  return made;
}
LNN_BODY owner<prepared> prepare_table(std::size_t elements, const std::int8_t (&values)[256]) {
  return make_owner<detail::prepared_table>(elements, values);
}
LNN_BODY owner<prepared> prepare_greatest(const pooling& p) {
  return make_owner<detail::prepared_pool>(p, simd::pool_s8::greatest(simd::best(), p.window, p.channels));
}
LNN_BODY owner<prepared> prepare_average(const pooling& p) {
  const simd::detail::average_end end(p.area, static_cast<int>(p.window.taps()), p.q_x, p.q_o, p.sum_bits);
  if (!end.possible()) return nullptr;
  return make_owner<detail::prepared_pool>(p, simd::pool_s8::average(simd::best(), p.window, p.channels, end));
}
LNN_BODY owner<prepared> prepare_softmax(std::size_t elements, std::size_t row, curves unit, int q_x, int q_o) {
  if (!simd::softmax_s8::covers(unit, q_x, q_o)) return nullptr;
  return make_owner<detail::prepared_softmax>(elements, row, unit, q_x, q_o);
}

}  // namespace lnn::sim
