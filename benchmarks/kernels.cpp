// SPDX-License-Identifier: Apache-2.0
//
// The kernels of lnn/simd beside plain loops, Eigen and the processor's limits.  Counters: MAC/s or
// elements/s.
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <lnn/core/parallel.hpp>
#include <lnn/core/random.hpp>
#include <lnn/luna/kernels.hpp>
#include <lnn/simd/depthwise.hpp>
#include <lnn/simd/elementwise.hpp>
#include <lnn/simd/gemm_f32.hpp>
#include <lnn/simd/gemm_s8.hpp>
#include <lnn/simd/kernels.hpp>
#include <lnn/simd/quantize.hpp>
#include <lnn/simd/requantize.hpp>
#include <lnn/tensor/quantized.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace lnn::simd;

template <class T>
std::vector<T> numbers(std::size_t n) {
  lnn::random draw(n);
  std::vector<T> v(n);
  for (T& x : v) x = static_cast<T>(static_cast<int>(draw.below(255)) - 127);
  return v;
}

struct shape3 {
  int m, n, k;
  [[nodiscard]] std::size_t a() const { return static_cast<std::size_t>(m) * static_cast<std::size_t>(k); }
  [[nodiscard]] std::size_t b() const { return static_cast<std::size_t>(k) * static_cast<std::size_t>(n); }
  [[nodiscard]] std::size_t c() const { return static_cast<std::size_t>(m) * static_cast<std::size_t>(n); }
  [[nodiscard]] double work() const { return static_cast<double>(m) * n * k; }
  [[nodiscard]] std::string text() const {
    return std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
  }
};

void count(benchmark::State& state, double work) {
  state.counters["rate"] =
      benchmark::Counter(work * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

/// What a user writes: three loops, the innermost along a row.
template <class T, class Sum>
void plain(const shape3& s, const T* a, const T* b, Sum* c) {
  for (int i = 0; i < s.m; ++i) {
    Sum* row = c + std::ptrdiff_t{i} * s.n;
    for (int j = 0; j < s.n; ++j) row[j] = 0;
    for (int p = 0; p < s.k; ++p) {
      const Sum x = a[std::ptrdiff_t{i} * s.k + p];
      for (int j = 0; j < s.n; ++j) row[j] += x * b[std::ptrdiff_t{p} * s.n + j];
    }
  }
}

enum class packing { before, rows, columns };

void gemm_s8_on(benchmark::State& state, isa path, shape3 s, packing when) {
  const auto a = numbers<std::int8_t>(s.a()), b = numbers<std::int8_t>(s.b());
  std::vector<std::int32_t> c(s.c());
  packed_s8 packed;
  packed.pack(path, s.k, s.n, b.data(), s.n);
  for (auto _ : state) {
    if (when == packing::rows) packed.pack(path, s.k, s.n, b.data(), s.n);
    if (when == packing::columns) packed.pack_transposed(path, s.k, s.n, b.data(), s.k);
    gemm_s8(path, s.m, s.n, s.k, a.data(), s.k, packed, c.data(), s.n);
    benchmark::DoNotOptimize(c.data());
  }
  count(state, s.work());
}

void gemm_s8_plain(benchmark::State& state, shape3 s) {
  const auto a = numbers<std::int8_t>(s.a()), b = numbers<std::int8_t>(s.b());
  std::vector<std::int32_t> c(s.c());
  for (auto _ : state) {
    plain(s, a.data(), b.data(), c.data());
    benchmark::DoNotOptimize(c.data());
  }
  count(state, s.work());
}

void gemm_f32_on(benchmark::State& state, isa path, shape3 s, bool ta, bool tb) {
  const auto a = numbers<float>(s.a()), b = numbers<float>(s.b());
  std::vector<float> c(s.c());
  for (auto _ : state) {
    gemm(path, ta, tb, s.m, s.n, s.k, a.data(), ta ? s.m : s.k, b.data(), tb ? s.k : s.n, false, c.data(),
         s.n);
    benchmark::DoNotOptimize(c.data());
  }
  count(state, s.work());
}

void gemm_f32_eigen(benchmark::State& state, shape3 s) {
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const matrix a = matrix::Random(s.m, s.k), b = matrix::Random(s.k, s.n);
  matrix c(s.m, s.n);
  for (auto _ : state) {
    c.noalias() = a * b;
    benchmark::DoNotOptimize(c.data());
  }
  count(state, s.work());
}

void gemm_f32_plain(benchmark::State& state, shape3 s) {
  const auto a = numbers<float>(s.a()), b = numbers<float>(s.b());
  std::vector<float> c(s.c());
  for (auto _ : state) {
    plain(s, a.data(), b.data(), c.data());
    benchmark::DoNotOptimize(c.data());
  }
  count(state, s.work());
}

void depthwise_s8_on(benchmark::State& state, isa path, int side, int stride) {
  const auto window = lnn::window2::over({side, side}, {3, 3}, {stride, stride}, 1);
  const auto x = numbers<std::int8_t>(window.in_size()), w = numbers<std::int8_t>(9);
  std::vector<std::int32_t> y(window.out_size());
  for (auto _ : state) {
    depthwise_s8(path, window, x.data(), w.data(), y.data());
    benchmark::DoNotOptimize(y.data());
  }
  count(state, 9.0 * static_cast<double>(window.out_size()));
}

void depthwise_f32_on(benchmark::State& state, isa path, int side, int stride, int pass) {
  const auto window = lnn::window2::over({side, side}, {3, 3}, {stride, stride}, 1);
  const auto x = numbers<float>(window.in_size()), w = numbers<float>(9);
  auto y = numbers<float>(window.out_size());
  std::vector<float> gx(x.size()), gw(9);
  for (auto _ : state) {
    if (pass == 0) depthwise(path, window, 1, {}, x.data(), w.data(), nullptr, y.data());
    if (pass == 1) depthwise_input_gradient(path, window, 1, {}, y.data(), w.data(), true, gx.data());
    if (pass == 2) depthwise_weight_gradient(path, window, 1, {}, x.data(), y.data(), gw.data());
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
  count(state, 9.0 * static_cast<double>(window.out_size()));
}

/// A convolution 3x3 of a 28x28 image with 64 channels, on the path that is chosen at run time or as the reference has it.
template <class Kernels>
void convolve_on(benchmark::State& state, lnn::dtype x, lnn::dtype weight) {
  const auto window = lnn::window2::over({28, 28}, {3, 3}, {1, 1}, 1);
  lnn::integer_tensor image(x, {1, 64, 28, 28}, 4), taps(weight, {64, 64, 3, 3}, 4), y(lnn::dtype::int8, {1, 64, 28, 28}, 4);
  lnn::pool one(1);
  for (auto _ : state) {
    Kernels::convolve({.window = window, .channels_in = 64, .channels_out = 64, .x = image.access(), .weight = taps.access()},
                      lnn::luna::requantizer{.out = y.access(), .shift = 4}, one);
    benchmark::ClobberMemory();
  }
  count(state, 64.0 * 64 * 9 * 28 * 28);
}

template <class Run>
void rows_on(benchmark::State& state, std::size_t n, Run run) {
  const auto acc = numbers<std::int32_t>(n);
  const auto x = numbers<float>(n);
  std::vector<float> y(n, 1.0F), z(n, 1.0F);
  std::vector<std::int8_t> q(n);
  std::vector<std::uint8_t> mask(n, 1);
  for (auto _ : state) {
    run(n, acc.data(), x.data(), y.data(), z.data(), q.data(), mask.data());
    benchmark::ClobberMemory();
  }
  count(state, static_cast<double>(n));
}

#if LNN_X86
/// The most multiply-accumulates that a core does: twelve independent chains in registers, nothing else.
LNN_AVX512 void limit_vnni(benchmark::State& state) {
  u32x16 acc[12]{};
  const u32x16 x{}, y{};
  constexpr int times = 1000;
  for (auto _ : state)
    for (int i = 0; i < times; ++i)
#pragma GCC unroll 12
      for (int j = 0; j < 12; ++j) asm volatile("vpdpbusd %2, %1, %0" : "+v"(acc[j]) : "v"(x), "v"(y));
  count(state, 64.0 * 12 * times);
}
LNN_AVX512 void limit_fma512(benchmark::State& state) {
  f32x16 acc[12]{};
  const f32x16 x{}, y{};
  constexpr int times = 1000;
  for (auto _ : state)
    for (int i = 0; i < times; ++i)
#pragma GCC unroll 12
      for (int j = 0; j < 12; ++j) asm volatile("vfmadd231ps %2, %1, %0" : "+v"(acc[j]) : "v"(x), "v"(y));
  count(state, 16.0 * 12 * times);
}
LNN_AVX2 void limit_fma256(benchmark::State& state) {
  f32x8 acc[12]{};
  const f32x8 x{}, y{};
  constexpr int times = 1000;
  for (auto _ : state)
    for (int i = 0; i < times; ++i)
#pragma GCC unroll 12
      for (int j = 0; j < 12; ++j) asm volatile("vfmadd231ps %2, %1, %0" : "+x"(acc[j]) : "x"(x), "x"(y));
  count(state, 8.0 * 12 * times);
}
/// Widened to 16 bits: a multiply-add of pairs and an addition for 16 products.
LNN_AVX2 void limit_pairs256(benchmark::State& state) {
  u32x8 acc[6]{};
  const u32x8 x{}, y{};
  constexpr int times = 1000;
  for (auto _ : state)
    for (int i = 0; i < times; ++i)
#pragma GCC unroll 6
      for (int j = 0; j < 6; ++j) {
        u32x8 product;
        asm volatile("vpmaddwd %2, %1, %0" : "=x"(product) : "x"(x), "x"(y));
        asm volatile("vpaddd %1, %0, %0" : "+x"(acc[j]) : "x"(product));
      }
  count(state, 16.0 * 6 * times);
}
#endif

void add(const std::string& name, const auto& run) { benchmark::RegisterBenchmark(name.c_str(), run); }

void add_all() {
#if LNN_X86
  if (supported(isa::avx512)) add("limit/s8/avx512", limit_vnni), add("limit/f32/avx512", limit_fma512);
  if (supported(isa::avx2)) add("limit/s8/avx2", limit_pairs256), add("limit/f32/avx2", limit_fma256);
#endif
  const shape3 shapes[] = {{64, 196, 576}, {32, 784, 27},   {32, 784, 288}, {128, 49, 1152},
                           {64, 64, 576},  {256, 256, 256}, {1, 256, 1024}, {64, 256, 784}};
  for (const shape3& s : shapes) {
    const std::string at = "/" + s.text() + "/";
    for (isa path : all_isas) {
      if (!supported(path)) continue;
      const std::string name(name_of(path));
      add("gemm_s8" + at + name, [=](auto& state) { gemm_s8_on(state, path, s, packing::before); });
      add("gemm_s8" + at + name + "/and_pack",
          [=](auto& state) { gemm_s8_on(state, path, s, packing::rows); });
      add("gemm_s8" + at + name + "/and_pack_transposed",
          [=](auto& state) { gemm_s8_on(state, path, s, packing::columns); });
    }
    add("gemm_s8" + at + "loops", [=](auto& state) { gemm_s8_plain(state, s); });
    for (isa path : all_isas) {
      if (!supported(path)) continue;
      const std::string name(name_of(path));
      add("gemm_f32" + at + name, [=](auto& state) { gemm_f32_on(state, path, s, false, false); });
      add("gemm_f32" + at + name + "/a_transposed",
          [=](auto& state) { gemm_f32_on(state, path, s, true, false); });
      add("gemm_f32" + at + name + "/b_transposed",
          [=](auto& state) { gemm_f32_on(state, path, s, false, true); });
    }
    add("gemm_f32" + at + "eigen", [=](auto& state) { gemm_f32_eigen(state, s); });
    add("gemm_f32" + at + "loops", [=](auto& state) { gemm_f32_plain(state, s); });
  }
  using lnn::dtype;
  for (const auto& [x, weight] : {std::pair{dtype::int8, dtype::int8}, {dtype::int16, dtype::int8}, {dtype::int16, dtype::int16}}) {
    const std::string at = "convolve/" + std::string(name_of(x)) + "x" + std::string(name_of(weight)) + "/";
    add(at + "simd", [=](auto& state) { convolve_on<kernels>(state, x, weight); });
    add(at + "luna", [=](auto& state) { convolve_on<lnn::luna::kernels>(state, x, weight); });
  }
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    const std::string name = "/" + std::string(name_of(path));
    for (int side : {7, 14, 28, 56})
      for (int stride : {1, 2}) {
        const std::string at = "/" + std::to_string(side) + "s" + std::to_string(stride) + name;
        add("depthwise_s8" + at, [=](auto& state) { depthwise_s8_on(state, path, side, stride); });
        add("depthwise_f32" + at, [=](auto& state) { depthwise_f32_on(state, path, side, stride, 0); });
        add("depthwise_input_gradient" + at,
            [=](auto& state) { depthwise_f32_on(state, path, side, stride, 1); });
        add("depthwise_weight_gradient" + at,
            [=](auto& state) { depthwise_f32_on(state, path, side, stride, 2); });
      }
    for (std::size_t n : {196U, 65536U}) {
      const std::string at = "/" + std::to_string(n) + name;
      const auto row = [&](const std::string& what, auto run) {
        add(what + at, [=](auto& state) { rows_on(state, n, run); });
      };
      row("requantize", [=](auto c, auto* acc, auto*, auto*, auto*, auto* q, auto*) {
        requantize(path, c, acc, 5, {.shift = 3}, q);
      });
      row("requantize_with_mask", [=](auto c, auto* acc, auto*, auto*, auto*, auto* q, auto* mask) {
        requantize(path, c, acc, 5, {.shift = 3}, q, mask);
      });
      row("quantize_half_up",
          [=](auto c, auto*, auto* x, auto*, auto*, auto* q, auto*) { quantize_half_up(path, c, x, 0, q); });
      row("dequantize",
          [=](auto c, auto*, auto*, auto* y, auto*, auto* q, auto*) { dequantize(path, c, q, 3, y); });
      row("axpy", [=](auto c, auto*, auto* x, auto* y, auto*, auto*, auto*) { axpy(path, c, 0.5F, x, y); });
      row("sgd", [=](auto c, auto*, auto* x, auto* y, auto* z, auto*, auto*) {
        sgd(path, c, 0.1F, 0.9F, 0.0F, false, x, y, z);
      });
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  add_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
