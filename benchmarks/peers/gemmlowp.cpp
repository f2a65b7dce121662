// SPDX-License-Identifier: Apache-2.0
//
// The AVX2 path of lnn/simd, forced, beside gemmlowp's (compiled for AVX2), one core, interleaved.
#include <gemmlowp/public/gemmlowp.h>

#include <array>
#include <lnn/simd/dense_s8.hpp>
#include <tuple>

#include "measure.hpp"

namespace {

using peers::numbers;

std::size_t size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

void gemm(peers::table& results, gemmlowp::GemmContext& context, int m, int n, int k) {
  const auto x = numbers<std::int8_t>(size(m, k)), w = numbers<std::int8_t>(size(n, k));
  const auto ux = numbers<std::uint8_t>(size(m, k), 0, 255), uw = numbers<std::uint8_t>(size(n, k), 1, 255);
  const auto bias = numbers<std::int32_t>(size(n, 1), -9000, 9000);
  lnn::luna::requantizer to;
  to.out.type = lnn::dtype::int8;
  to.shift = 9;
  lnn::simd::prepared_s8 layer;
  layer.prepare(lnn::simd::isa::avx2, n, 1, k, lnn::simd::weight_grid::rows(w.data(), k), bias.data(), to);
  std::vector<std::int8_t> y(size(m, n));
  std::vector<std::uint8_t> uy(size(m, n));
  using order = gemmlowp::MapOrder;
  // y^T [n, m] = w [n, k] * x^T [k, m]: the left factor in rows, the right in columns, as gemmlowp likes it
  const gemmlowp::MatrixMap<const std::uint8_t, order::RowMajor> left(uw.data(), n, k);
  const gemmlowp::MatrixMap<const std::uint8_t, order::ColMajor> right(ux.data(), k, m);
  gemmlowp::MatrixMap<std::uint8_t, order::ColMajor> out(uy.data(), n, m);
  gemmlowp::OutputStageBiasAddition<gemmlowp::VectorMap<const std::int32_t, gemmlowp::VectorShape::Col>> add;
  add.bias_vector = {bias.data(), n};
  gemmlowp::OutputStageQuantizeDownInt32ByFixedPoint down;
  down.result_fixedpoint_multiplier = 1 << 30, down.result_shift = 8, down.result_offset_after_shift = 128;
  const auto pipeline = std::make_tuple(add, down, gemmlowp::OutputStageSaturatingCastToUint8());
  const auto theirs = [&] {
    gemmlowp::GemmWithOutputPipeline<std::uint8_t, std::uint8_t, gemmlowp::L8R8WithLhsNonzeroBitDepthParams>(&context, left, right, &out,
                                                                                                           -128, -128, pipeline);
  };
  results.row(peers::text("gemm ", m, "x", n, "x", k), peers::compete([&] { lnn::simd::dense(layer, m, x.data(), k, y.data()); }, theirs));
}

}  // namespace

int main() {
  if (!lnn::simd::supported(lnn::simd::isa::avx2)) return 0;
  gemmlowp::GemmContext context;
  context.set_max_num_threads(1);
  peers::table results("gemmlowp");
  results.group("8-bit products on the AVX2 path, forced", {.mean = 1.3}, "gemmlowp for AVX2");
  for (const auto& [m, n, k] : {std::array{256, 256, 256}, {64, 64, 576}, {3136, 64, 576}, {784, 128, 1152}, {196, 256, 2304}, {49, 512, 4608},
                                {16, 64, 64}, {1, 64, 64}, {1, 256, 1024}})
    gemm(results, context, m, n, k);
  results.end();
}
