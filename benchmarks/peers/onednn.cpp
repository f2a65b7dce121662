// SPDX-License-Identifier: Apache-2.0
//
// The prepared int8 layers of lnn/simd beside oneDNN's s8 s8 -> s8 primitives, one core, interleaved:
//   onednn [part of a name]
#include <stdlib.h>
#include <unistd.h>

#include <lnn/simd/dense_s8.hpp>
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

void gemm(peers::table& results, int m, int n, int k, double goal) {
  const auto x = numbers<std::int8_t>(size(m, k)), w = numbers<std::int8_t>(size(n, k));
  const auto bias = numbers<std::int32_t>(size(n, 1), -9000, 9000);
  const int shift = 9;
  const memory::desc plain({k, n}, type::s8, tag::ba);
  const dnnl::matmul::desc what({{m, k}, type::s8, tag::ab}, {{k, n}, type::s8, tag::any}, {{1, n}, type::s32, tag::ab},
                                {{m, n}, type::s8, tag::ab});
  peer<dnnl::matmul> theirs(dnnl::matmul::primitive_desc(what, scaled(shift), cpu()), plain, x, w, bias);
  lnn::simd::prepared_s8 layer;
  layer.prepare(lnn::simd::best(), n, 1, k, [&](int o, int, int i) { return w[size(o, k) + size(i, 1)]; }, bias.data(), bytes(shift));
  std::vector<std::int8_t> y(size(m, n));
  const std::string name = "gemm " + std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
  const auto c = peers::compete([&] { lnn::simd::dense(layer, m, x.data(), k, y.data()); }, [&] { theirs.run(); });
  same(name, y, theirs.result(y.size()));
  results.row(name, c, goal);
}

}  // namespace

int main(int argc, char** argv) {
  if (getenv("OMP_NUM_THREADS") == nullptr) {  // read before main begins: begin again
    setenv("OMP_NUM_THREADS", "1", 1);
    execv("/proc/self/exe", argv);
  }
  const std::string_view wanted = argc > 1 ? argv[1] : "";
  const auto want = [&](std::string_view name) { return wanted.empty() || wanted == name; };
  peers::table results("oneDNN us");
  if (want("gemm")) {
    for (const auto& [m, n, k] : {std::array{256, 256, 256}, {1024, 1024, 1024}, {64, 64, 576}, {3136, 64, 576}, {784, 128, 1152},
                                  {196, 256, 2304}, {49, 512, 4608}})
      gemm(results, m, n, k, 0.95);
    results.summary("gemm of 1 MMAC and more", 1.0);
    for (const auto& [m, n, k] : {std::array{16, 64, 64}, {1, 64, 64}, {1, 256, 1024}, {4, 128, 128}}) gemm(results, m, n, k, m == 1 && k > 64 ? 1.0 : 1.5);
    results.summary("tiny gemm", 1.5);
  }
}
