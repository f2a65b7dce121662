// SPDX-License-Identifier: Apache-2.0
//
// The prepared int8 layers of lnn/simd beside oneDNN's s8 s8 -> s8 primitives, one core, interleaved:
//   onednn [part of a name]
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <lnn/simd/add_s8.hpp>
#include <lnn/simd/channelwise_s8.hpp>
#include <lnn/simd/conv_s8.hpp>
#include <lnn/simd/pool_s8.hpp>
#include <lnn/simd/requantize.hpp>
#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>
#include <unordered_map>

#include "measure.hpp"

namespace {

using dnnl::memory;
using type = memory::data_type;
using tag = memory::format_tag;
using peers::numbers;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

/// One primitive with its memory: s8 source and destination, weights in the order that it likes best.
template <class Primitive>
struct peer {
  Primitive primitive;
  memory source, weights, bias, destination;
  dnnl::stream stream{cpu()};
  std::unordered_map<int, memory> arguments;

  template <class Descriptor>
  peer(const Descriptor& d, memory::desc plain_weights, const std::vector<std::int8_t>& x, std::vector<std::int8_t> w,
       const std::vector<std::int32_t>& b)
      : primitive(d), source(d.src_desc(), cpu()), weights(d.weights_desc(), cpu()), bias(d.bias_desc(), cpu()),
        destination(d.dst_desc(), cpu()) {
    std::copy(x.begin(), x.end(), static_cast<std::int8_t*>(source.get_data_handle()));
    std::copy(b.begin(), b.end(), static_cast<std::int32_t*>(bias.get_data_handle()));
    memory plain(plain_weights, cpu(), w.data());
    dnnl::reorder(plain, weights).execute(stream, plain, weights);
    stream.wait();
    arguments = {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, destination}};
  }
  void run() {
    primitive.execute(stream, arguments);
    stream.wait();
  }
  [[nodiscard]] std::vector<std::int8_t> result(std::size_t n) const {
    const auto* y = static_cast<const std::int8_t*>(destination.get_data_handle());
    return {y, y + n};
  }
};

dnnl::primitive_attr scaled(int shift) {
  dnnl::primitive_attr attr;
  attr.set_output_scales(0, {std::ldexp(1.0F, -shift)});
  return attr;
}

std::size_t size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

/// Both round to the nearest; a tie goes up here and to the even neighbour there.
void same(const std::string& name, const std::vector<std::int8_t>& ours, const std::vector<std::int8_t>& theirs) {
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) wrong += std::abs(ours[i] - theirs[i]) > 1;
  if (wrong > 0) std::printf("%s: %zu of %zu outputs differ\n", name.c_str(), wrong, ours.size());
}

lnn::luna::requantizer bytes(int shift) {
  lnn::luna::requantizer to;
  to.out.type = lnn::dtype::int8;
  to.shift = shift;
  return to;
}

void gemm(peers::table& results, int m, int n, int k) {
  const auto x = numbers<std::int8_t>(size(m, k)), w = numbers<std::int8_t>(size(n, k));
  const auto bias = numbers<std::int32_t>(size(n, 1), -9000, 9000);
  const int shift = 9;
  const memory::desc plain({k, n}, type::s8, tag::ba);
  const dnnl::matmul::desc what({{m, k}, type::s8, tag::ab}, {{k, n}, type::s8, tag::any}, {{1, n}, type::s32, tag::ab},
                                {{m, n}, type::s8, tag::ab});
  peer<dnnl::matmul> theirs(dnnl::matmul::primitive_desc(what, scaled(shift), cpu()), plain, x, w, bias);
  lnn::simd::prepared_s8 layer;
  layer.prepare(lnn::simd::best(), n, 1, k, lnn::simd::weight_grid::rows(w.data(), k), bias.data(), bytes(shift));
  std::vector<std::int8_t> y(size(m, n));
  const std::string name = peers::text("gemm ", m, "x", n, "x", k);
  const auto c = peers::compete([&] { lnn::simd::dense(layer, m, x.data(), k, y.data()); }, [&] { theirs.run(); });
  same(name, y, theirs.result(y.size()));
  results.row(name, c);
}

#if LNN_X86
/// The most products that a core makes: 1000 times twelve independent chains in registers, 64 each.
LNN_AVX512 void limit() {
  lnn::simd::u32x16 acc[12]{};
  const lnn::simd::u32x16 x{}, y{};
  for (int i = 0; i < 1000; ++i)
#pragma GCC unroll 12
    for (int j = 0; j < 12; ++j) asm volatile("vpdpbusd %2, %1, %0" : "+v"(acc[j]) : "v"(x), "v"(y));
}

/// The share of the processor's limit that a large product reaches, neighbours on the machine included.
void share_of_limit(peers::table& results, int m, int n, int k) {
  const auto x = numbers<std::int8_t>(size(m, k)), w = numbers<std::int8_t>(size(n, k));
  lnn::simd::prepared_s8 layer;
  layer.prepare(lnn::simd::isa::avx512, n, 1, k, lnn::simd::weight_grid::rows(w.data(), k), nullptr, bytes(9));
  std::vector<std::int8_t> y(size(m, n));
  auto c = peers::compete([&] { lnn::simd::dense(layer, m, x.data(), k, y.data()); }, limit);
  const double work = static_cast<double>(m) * n * k / (64.0 * 12 * 1000);  // in units of the other
  for (double* v : {&c.ratio, &c.low, &c.high, &c.theirs}) *v *= work;
  results.row(peers::text("gemm ", m, "x", n, "x", k), c);
}
#endif

struct layer2 {
  int side_h, side_w, in, out, kernel, stride;
  [[nodiscard]] std::string name() const {
    const std::string window = stride > 1 ? peers::text(kernel, "x", kernel, "s", stride) : peers::text(kernel, "x", kernel);
    return peers::text(window.c_str(), " ", side_h, "x", side_w, "x", in, "->", out);
  }
};

void conv(peers::table& results, const layer2& l) {
  const int pad = l.kernel / 2, shift = 9, taps = l.kernel * l.kernel;
  const auto window = lnn::window2::over({l.side_h, l.side_w}, {l.kernel, l.kernel}, {l.stride, l.stride}, pad);
  const auto x = numbers<std::int8_t>(size(l.side_h * l.side_w, l.in));
  auto w = numbers<std::int8_t>(size(l.in * l.out, taps));
  const auto bias = numbers<std::int32_t>(size(l.out, 1), -9000, 9000);
  const memory::desc plain({l.out, l.in, l.kernel, l.kernel}, type::s8, tag::oihw);
  const dnnl::convolution_forward::desc what(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, {{1, l.in, l.side_h, l.side_w}, type::s8, tag::nhwc},
      {{l.out, l.in, l.kernel, l.kernel}, type::s8, tag::any}, {{l.out}, type::s32, tag::x},
      {{1, l.out, window.out.h, window.out.w}, type::s8, tag::nhwc}, {l.stride, l.stride}, {pad, pad}, {pad, pad});
  peer<dnnl::convolution_forward> theirs(dnnl::convolution_forward::primitive_desc(what, scaled(shift), cpu()), plain, x, w, bias);
  lnn::luna::convolution task{.window = window, .channels_in = l.in, .channels_out = l.out};
  task.weight = {w.data(), lnn::dtype::int8, {l.out, l.in, l.kernel, l.kernel}, 0};
  task.bias = bias.data();
  lnn::simd::conv_s8 ours;
  ours.prepare(lnn::simd::best(), task, bytes(shift));
  std::vector<std::int8_t> y(size(window.out.h * window.out.w, l.out));
  const auto c = peers::compete([&] { ours.run(x.data(), y.data()); }, [&] { theirs.run(); });
  same(l.name(), y, theirs.result(y.size()));
  results.row(l.name(), c);
}

void depthwise(peers::table& results, int side_h, int side_w, int channels, int stride) {
  const auto window = lnn::window2::over({side_h, side_w}, {3, 3}, {stride, stride}, 1);
  const auto x = numbers<std::int8_t>(size(side_h * side_w, channels));
  auto w = numbers<std::int8_t>(size(channels, 9));
  const auto bias = numbers<std::int32_t>(size(channels, 1), -9000, 9000);
  const memory::desc plain({channels, 1, 1, 3, 3}, type::s8, tag::goihw);
  const dnnl::convolution_forward::desc what(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, {{1, channels, side_h, side_w}, type::s8, tag::nhwc},
      {{channels, 1, 1, 3, 3}, type::s8, tag::any}, {{channels}, type::s32, tag::x},
      {{1, channels, window.out.h, window.out.w}, type::s8, tag::nhwc}, {stride, stride}, {1, 1}, {1, 1});
  peer<dnnl::convolution_forward> theirs(dnnl::convolution_forward::primitive_desc(what, scaled(7), cpu()), plain, x, w, bias);
  lnn::luna::convolution task{.window = window, .channels_in = channels, .channels_out = channels, .groups = channels};
  task.weight = {w.data(), lnn::dtype::int8, {channels, 1, 3, 3}, 0};
  task.bias = bias.data();
  lnn::simd::channelwise_s8 ours;
  ours.prepare(lnn::simd::best(), task, bytes(7));
  std::vector<std::int8_t> y(size(window.out.h * window.out.w, channels));
  const std::string name = peers::text(stride > 1 ? "dw 3x3s2 " : "dw 3x3 ", side_h, "x", side_w, "x", channels);
  const auto c = peers::compete([&] { ours.run(x.data(), y.data()); }, [&] { theirs.run(); });
  same(name, y, theirs.result(y.size()));
  results.row(name, c);
}

/// Numbers of any type as oneDNN sees them.
template <class T>
memory seen(const memory::desc& d, const peers::array<T>& x) {
  return {d, cpu(), const_cast<T*>(x.data())};
}
/// What the memory allows: n outputs of one byte, `per` bytes read for each.
template <class Ours>
peers::contest limit(const Ours& ours, std::size_t n, int per) {
  const peers::array<std::int8_t> x(n * static_cast<std::size_t>(per));
  peers::array<std::int8_t> y(n);
  return peers::compete(ours, [&] { peers::stream(n, per, x.data(), y.data()); });
}

void requant(peers::table& results, int n) {
  const peers::array<std::int32_t> acc(numbers<std::int32_t>(size(n, 1), -20000, 20000));
  peers::array<std::int8_t> y(acc.size()), z(acc.size());
  memory from = seen({{n}, type::s32, tag::x}, acc), to = seen({{n}, type::s8, tag::x}, z);
  const dnnl::reorder theirs(dnnl::reorder::primitive_desc(from, to, scaled(7)));
  dnnl::stream stream(cpu());
  const std::string name = peers::text("requantize ", n);
  const auto how = lnn::simd::requantization::to<std::int8_t>(7);
  const auto ours = [&] { lnn::simd::requantize(lnn::simd::best(), acc.size(), acc.data(), 0, how, y.data()); };
  const auto c = peers::compete(ours, [&] {
    theirs.execute(stream, from, to);
    stream.wait();
  });
  same(name, y.values(), z.values());
  results.row(name, c, limit(ours, y.size(), 4));
}

void add(peers::table& results, int n) {
  const peers::array<std::int8_t> a(numbers<std::int8_t>(size(n, 1))), b(numbers<std::int8_t>(size(n, 1), -100, 100));
  peers::array<std::int8_t> y(a.size()), z(a.size());
  const memory::desc plain({n}, type::s8, tag::x);
  dnnl::primitive_attr attr;
  attr.set_scales(DNNL_ARG_SRC_0, 0, {0.25F});
  attr.set_scales(DNNL_ARG_SRC_1, 0, {0.5F});
  const dnnl::binary theirs(dnnl::binary::primitive_desc(dnnl::binary::desc(dnnl::algorithm::binary_add, plain, plain, plain), attr, cpu()));
  const std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC_0, seen(plain, a)}, {DNNL_ARG_SRC_1, seen(plain, b)}, {DNNL_ARG_DST, seen(plain, z)}};
  dnnl::stream stream(cpu());
  const std::string name = peers::text("add ", n);
  const auto ours = [&] { lnn::simd::add_s8(a.size(), a.data(), 5, b.data(), 4, y.data(), 3, static_cast<lnn::tap*>(nullptr), 0); };
  const auto c = peers::compete(ours, [&] {
    theirs.execute(stream, arguments);
    stream.wait();
  });
  same(name, y.values(), z.values());
  results.row(name, c, limit(ours, y.size(), 2));
}

void pool(peers::table& results, int side, int kernel, int stride, int channels, bool average) {
  const auto w = lnn::window2::over({side, side}, {kernel, kernel}, {stride, stride}, 0);
  const peers::array<std::int8_t> x(numbers<std::int8_t>(w.in_size() * size(channels, 1)));
  peers::array<std::int8_t> y(w.out_size() * size(channels, 1)), z(y.size());
  const memory::desc in({1, channels, side, side}, type::s8, tag::nhwc), out({1, channels, w.out.h, w.out.w}, type::s8, tag::nhwc);
  const dnnl::pooling_forward::desc what(dnnl::prop_kind::forward_inference, average ? dnnl::algorithm::pooling_avg : dnnl::algorithm::pooling_max, in, out,
                                         {stride, stride}, {kernel, kernel}, {0, 0}, {0, 0});
  const dnnl::pooling_forward theirs(dnnl::pooling_forward::primitive_desc(what, cpu()));
  const std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, seen(in, x)}, {DNNL_ARG_DST, seen(out, z)}};
  dnnl::stream stream(cpu());
  using lnn::simd::pool_s8;
  const int area = kernel * kernel;
  const auto layer = average ? pool_s8::average(lnn::simd::best(), w, channels, {area, area, 4, 4, 32}) : pool_s8::greatest(lnn::simd::best(), w, channels);
  const std::string name = peers::text(average ? "average " : "max ", kernel, "x", kernel, "s", stride, " ", side, "x", side, "x", channels);
  const auto c = peers::compete([&] { layer.run(x.data(), y.data()); }, [&] {
    theirs.execute(stream, arguments);
    stream.wait();
  });
  same(name, y.values(), z.values());
  results.row(name, c);
}

}  // namespace

int main(int argc, char** argv) {
  if (getenv("OMP_NUM_THREADS") == nullptr) {  // read before main begins: begin again
    setenv("OMP_NUM_THREADS", "1", 1);
    execv("/proc/self/exe", argv);
  }
  const std::string_view wanted = argc > 1 ? argv[1] : "";
  const auto want = [&](std::string_view name) { return wanted.empty() || wanted == name; };
  peers::table results("oneDNN");
  if (want("gemm")) {
    results.group("8-bit products of 1 MMAC and more", {.mean = 1.0, .least = 0.95});
    for (const auto& [m, n, k] : {std::array{256, 256, 256}, {1024, 1024, 1024}, {64, 64, 576}, {3136, 64, 576}, {784, 128, 1152},
                                  {196, 256, 2304}, {49, 512, 4608}})
      gemm(results, m, n, k);
    results.end();
    results.group("8-bit products of few rows and columns", {.mean = 1.5});
    for (const auto& [m, n, k] : {std::array{16, 64, 64}, {1, 64, 64}, {4, 128, 128}}) gemm(results, m, n, k);
    results.end();
    results.group("8-bit products of one row", {.mean = 1.0, .least = 1.0});
    for (const auto& [n, k] : {std::array{256, 1024}, {1000, 512}, {256, 784}, {512, 128}}) gemm(results, 1, n, k);
    results.end();
#if LNN_X86
    results.group("8-bit products of 100 MMAC and more", {.mean = 0.87, .least = 0.87}, "the limit of VNNI");
    if (lnn::simd::supported(lnn::simd::isa::avx512))
      for (const auto& [m, n, k] : {std::array{3136, 64, 576}, {784, 128, 1152}, {196, 256, 2304}, {49, 512, 4608}, {1024, 1024, 1024}}) share_of_limit(results, m, n, k);
    results.end();
#endif
  }
  if (want("conv")) {
    results.group("convolutions 3x3 and 1x1, 64 channels and more", {.mean = 0.97, .least = 0.9});
    for (const layer2& l : {layer2{56, 56, 64, 64, 3, 1}, {28, 28, 128, 128, 3, 1}, {14, 14, 256, 256, 3, 1}, {7, 7, 512, 512, 3, 1},
                            {32, 32, 64, 64, 3, 1}, {56, 56, 64, 128, 3, 2}, {28, 28, 128, 512, 1, 1}, {25, 5, 64, 64, 1, 1}})
      conv(results, l);
    results.end();
  }
  if (want("narrow")) {
    results.group("first layers of images, layers of 16 and 32 outputs", {.mean = 0.9, .least = 0.9});
    for (const layer2& l : {layer2{32, 32, 3, 64, 3, 1}, {224, 224, 3, 64, 7, 2}, {32, 32, 16, 16, 3, 1}, {32, 32, 32, 32, 3, 1}, {28, 28, 1, 32, 3, 1}})
      conv(results, l);
    results.end();
  }
  if (want("depthwise")) {
    results.group("depthwise convolutions 3x3", {.mean = 1.5, .least = 1.0});
    for (const auto& [h, w, channels, stride] : {std::array{25, 5, 64, 1}, {56, 56, 128, 1}, {14, 14, 512, 1}, {112, 112, 32, 1}, {56, 56, 128, 2}, {112, 112, 96, 1}})
      depthwise(results, h, w, channels, stride);
    results.end();
  }
  if (want("elements")) {
    const peers::goal elements{.mean = 2, .share = 0.7};
    results.group("32-bit sums rescaled to 8 bits", elements);
    for (const int n : {65536, 1 << 20}) requant(results, n);
    results.end();
    results.group("sums of 8-bit tensors", elements);
    for (const int n : {65536, 1 << 20}) add(results, n);
    results.end();
    for (const bool average : {false, true}) {
      results.group(average ? "average pools" : "max pools", {.mean = 2});
      for (const auto& [side, kernel, stride, channels] : {std::array{56, 2, 2, 64}, {28, 3, 2, 128}, {14, 3, 1, 256}, {24, 2, 2, 32}})
        pool(results, side, kernel, stride, channels, average);
      results.end();
    }
  }
}
