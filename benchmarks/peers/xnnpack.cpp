// SPDX-License-Identifier: Apache-2.0
//
// Single rows and element-wise layers of lnn/simd beside XNNPACK's, one core, interleaved.
#include <xnnpack.h>

#include <array>
#include <cstdlib>
#include <lnn/simd/add_s8.hpp>
#include <lnn/simd/dense_s8.hpp>
#include <lnn/simd/pool_s8.hpp>
#include <lnn/simd/quantize.hpp>
#include <lnn/simd/softmax_s8.hpp>
#include <lnn/simd/table_s8.hpp>

#include "measure.hpp"

namespace {

using peers::array;
using peers::compete;
using peers::numbers;

std::size_t size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

void require(xnn_status s, const char* what) {
  if (s == xnn_status_success) return;
  std::fprintf(stderr, "xnnpack: %s failed with status %d\n", what, static_cast<int>(s));
  std::exit(1);
}
/// One operator, ready to run again and again.
class peer {
 public:
  template <class Create, class Setup>
  peer(const char* what, const Create& create, const Setup& setup) {
    require(create(&op_), what);
    require(setup(op_), what);
  }
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;
  ~peer() { xnn_delete_operator(op_); }
  void run() const { xnn_run_operator(op_, nullptr); }

 private:
  xnn_operator_t op_ = nullptr;
};

/// What the memory allows: n outputs of one byte, `per` bytes read for each.
template <class Ours>
peers::contest limit(const Ours& ours, std::size_t n, int per, const void* x) {
  array<std::uint8_t> y(n + 64);
  return compete(ours, [&] { peers::stream(n, per, x, y.data()); });
}

void single_row(peers::table& results, int n, int k) {
  const auto x = numbers<std::int8_t>(size(k, 1)), w = numbers<std::int8_t>(size(n, k), -127);
  const auto bias = numbers<std::int32_t>(size(n, 1), -9000, 9000);
  array<std::int8_t> y(size(n, 1)), z(size(n, 1) + XNN_EXTRA_BYTES), px(size(k, 1) + XNN_EXTRA_BYTES);
  std::copy(x.begin(), x.end(), px.data());
  const peer theirs(
      "fully connected",
      [&](xnn_operator_t* op) {
        const auto in = size(k, 1), out = size(n, 1);
        return xnn_create_fully_connected_nc_qs8(in, out, in, out, 0, 1.0F, 1.0F / 512, w.data(), bias.data(), 0, 1.0F, -128, 127, 0, op);
      },
      [&](xnn_operator_t op) { return xnn_setup_fully_connected_nc_qs8(op, 1, px.data(), z.data(), nullptr); });
  lnn::luna::requantizer to;
  to.out.type = lnn::dtype::int8;
  to.shift = 9;
  lnn::simd::prepared_s8 layer;
  layer.prepare(lnn::simd::best(), n, 1, k, lnn::simd::weight_grid::rows(w.data(), k), bias.data(), to);
  results.row(peers::text("gemm 1x", n, "x", k), compete([&] { lnn::simd::dense(layer, 1, x.data(), k, y.data()); }, [&] { theirs.run(); }));
}

void add(peers::table& results, int n) {
  const array<std::int8_t> a(numbers<std::int8_t>(size(n, 1))), b(numbers<std::int8_t>(size(n, 1), -100, 100));
  const array<std::int8_t> both(numbers<std::int8_t>(size(n, 2)));
  array<std::int8_t> y(size(n, 1)), z(size(n, 1) + XNN_EXTRA_BYTES);
  const std::size_t dims[] = {size(n, 1)};
  const peer theirs(
      "add", [&](xnn_operator_t* op) { return xnn_create_add_nd_qs8(0, 0.25F, 0, 0.5F, 0, 1.0F, -128, 127, 0, op); },
      [&](xnn_operator_t op) { return xnn_setup_add_nd_qs8(op, 1, dims, 1, dims, a.data(), b.data(), z.data(), nullptr); });
  const auto ours = [&] { lnn::simd::add_s8(a.size(), a.data(), 5, b.data(), 4, y.data(), 3, static_cast<lnn::tap*>(nullptr), 0); };
  results.row(peers::text("add ", n), compete(ours, [&] { theirs.run(); }), limit(ours, y.size(), 2, both.data()));
}

void table(peers::table& results, int n) {
  const array<std::int8_t> x(numbers<std::int8_t>(size(n, 1)));
  array<std::int8_t> y(size(n, 1)), z(size(n, 1) + XNN_EXTRA_BYTES);
  const peer theirs(
      "sigmoid", [&](xnn_operator_t* op) { return xnn_create_sigmoid_nc_qs8(size(n, 1), size(n, 1), size(n, 1), 0, 1.0F / 16, -128, 1.0F / 256, -128, 127, 0, op); },
      [&](xnn_operator_t op) { return xnn_setup_sigmoid_nc_qs8(op, 1, x.data(), z.data(), nullptr); });
  std::int8_t values[256];
  for (int i = 0; i < 256; ++i) values[i] = static_cast<std::int8_t>(i / 2);
  lnn::simd::table_s8 listed;
  listed.prepare(lnn::simd::best(), values);
  const auto ours = [&] { listed.run(x.size(), x.data(), y.data()); };
  results.row(peers::text("sigmoid ", n), compete(ours, [&] { theirs.run(); }), limit(ours, y.size(), 1, x.data()));
}

void quantize(peers::table& results, int n) {
  const array<float> x(numbers<float>(size(n, 1)));
  array<std::int8_t> y(size(n, 1)), z(size(n, 1) + XNN_EXTRA_BYTES);
  const peer theirs(
      "quantization", [&](xnn_operator_t* op) { return xnn_create_convert_nc_f32_qs8(size(n, 1), size(n, 1), size(n, 1), 1.0F, 0, -128, 127, 0, op); },
      [&](xnn_operator_t op) { return xnn_setup_convert_nc_f32_qs8(op, 1, x.data(), z.data(), nullptr); });
  const auto ours = [&] { lnn::simd::quantize_half_up(lnn::simd::best(), x.size(), x.data(), 0, y.data()); };
  results.row(peers::text("quantize ", n), compete(ours, [&] { theirs.run(); }), limit(ours, y.size(), 4, x.data()));
}

void softmax(peers::table& results, int rows, int n) {
  const array<std::int8_t> x(numbers<std::int8_t>(size(rows, n)));
  const array<std::uint8_t> ux(numbers<std::uint8_t>(size(rows, n), 0, 255));
  array<std::int8_t> y(x.size());
  array<std::uint8_t> z(x.size() + XNN_EXTRA_BYTES);
  const peer theirs(
      "softmax", [&](xnn_operator_t* op) { return xnn_create_softmax_nc_qu8(size(n, 1), size(n, 1), size(n, 1), 1.0F / 16, 0, 1.0F / 256, 0, op); },
      [&](xnn_operator_t op) { return xnn_setup_softmax_nc_qu8(op, size(rows, 1), ux.data(), z.data(), nullptr); });
  lnn::simd::softmax_s8 layer;
  layer.prepare(lnn::simd::best(), lnn::curves::fused, 4, 7);
  const auto ours = [&] { layer.run(size(rows, 1), size(n, 1), x.data(), y.data()); };
  results.row(peers::text("softmax ", rows, "x", n), compete(ours, [&] { theirs.run(); }));
}

struct window {
  int side, kernel, stride, channels;
};
void pool(peers::table& results, const window& l, bool average) {
  const auto pad = 0U;
  const auto w = lnn::window2::over({l.side, l.side}, {l.kernel, l.kernel}, {l.stride, l.stride}, 0);
  const array<std::int8_t> x(numbers<std::int8_t>(w.in_size() * size(l.channels, 1)));
  array<std::int8_t> y(w.out_size() * size(l.channels, 1)), z(y.size() + XNN_EXTRA_BYTES);
  const auto kernel = static_cast<std::uint32_t>(l.kernel), stride = static_cast<std::uint32_t>(l.stride);
  const std::size_t channels = size(l.channels, 1), side = size(l.side, 1);
  const peer theirs(
      "pooling",
      [&](xnn_operator_t* op) {
        if (average)
          return xnn_create_average_pooling2d_nhwc_qu8(pad, pad, pad, pad, kernel, kernel, stride, stride, channels, channels, channels, 128, 1.0F, 128, 1.0F, 0, 255, 0, op);
        return xnn_create_max_pooling2d_nhwc_s8(pad, pad, pad, pad, kernel, kernel, stride, stride, 1, 1, channels, channels, channels, -128, 127, 0, op);
      },
      [&](xnn_operator_t op) {
        const auto *ux = reinterpret_cast<const std::uint8_t*>(x.data());
        if (average) return xnn_setup_average_pooling2d_nhwc_qu8(op, 1, side, side, ux, reinterpret_cast<std::uint8_t*>(z.data()), nullptr);
        return xnn_setup_max_pooling2d_nhwc_s8(op, 1, side, side, x.data(), z.data(), nullptr);
      });
  using lnn::simd::pool_s8;
  const auto layer = average ? pool_s8::average(lnn::simd::best(), w, l.channels, {static_cast<int>(w.taps()), static_cast<int>(w.taps()), 4, 4, 32}) : pool_s8::greatest(lnn::simd::best(), w, l.channels);
  const auto ours = [&] { layer.run(x.data(), y.data()); };
  results.row(peers::text(average ? "average " : "max ", l.kernel, "x", l.kernel, "s", l.stride, " ", l.side, "x", l.side, "x", l.channels), compete(ours, [&] { theirs.run(); }));
}

}  // namespace

int main() {
  require(xnn_initialize(nullptr), "initialization");
  peers::table results("XNNPACK");
  const peers::goal elements{.mean = 2, .share = 0.7};
  constexpr std::array sizes{65536, 1 << 20};
  results.group("8-bit products of one row", {.mean = 1.0, .least = 1.0});
  for (const auto& [n, k] : {std::array{256, 1024}, {64, 64}, {1000, 512}, {256, 784}, {512, 128}}) single_row(results, n, k);
  results.end();
  results.group("sums of 8-bit tensors", elements);
  for (const int n : sizes) add(results, n);
  results.end();
  results.group("tables (sigmoid, tanh)", elements);
  for (const int n : sizes) table(results, n);
  results.end();
  results.group("real numbers to 8 bits", elements);
  for (const int n : sizes) quantize(results, n);
  results.end();
  results.group("softmax of 8 bits", {.mean = 2});
  for (const auto& [rows, n] : {std::array{1024, 10}, {1024, 128}, {64, 1000}}) softmax(results, rows, n);
  results.end();
  for (const bool average : {false, true}) {
    results.group(average ? "average pools" : "max pools", {.mean = 2});
    for (const window& w : {window{56, 2, 2, 64}, {28, 3, 2, 128}, {14, 3, 1, 256}, {24, 2, 2, 32}}) pool(results, w, average);
    results.end();
  }
}
