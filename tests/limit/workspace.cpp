// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/limit/workspace.hpp>

namespace test_workspace {

namespace {

using namespace lnn::limit;
using lnn::shape;

operand tensor(const shape& dims, int q = 5, int bits = 8) { return {.dims = dims, .bits = bits, .scale = q, .asked = memory::share}; }

long long needed(const facts& f, const lnn::chip& on, figures which) { return workspace_of(f, on, which).bytes; }

}  // namespace

TEST_CASE("workspace: average pooling over everything lies behind the image where the engine puts it (defect D11b)") {
  const operand x = tensor({1, 8, 16, 16});
  facts f{.op = "AvgPool2dInt", .in = {&x, 1}, .out = tensor({1, 8, 1, 1})};
  f.kernel = {16, 16};
  f.stride = {1, 1};
  f.pad = {0, 0, 0, 0};
  CHECK(needed(f, lnn::arcs, figures::reference) == 256);
  CHECK(needed(f, lnn::arcs, figures::corrected) == 256 + 32);
  CHECK(needed(f, lnn::venus, figures::corrected) == 256);
  CHECK(workspace_of(f, lnn::venus, figures::reference).beside_input);
  const operand large = tensor({1, 24, 64, 64});
  f.in = {&large, 1};
  f.kernel = {64, 64};
  f.out = tensor({1, 24, 1, 1});
  CHECK(needed(f, lnn::arcs, figures::corrected) == 4096 + 4 * 24);  // only venus takes eight channels at a time
  CHECK(needed(f, lnn::venus, figures::corrected) == 4096);
}

TEST_CASE("workspace: venus copies the parts of an image that it pools (defect D45)") {
  const operand x = tensor({1, 64, 64, 32});
  facts f{.op = "MaxPool", .in = {&x, 1}, .out = tensor({1, 64, 32, 16})};
  f.kernel = {2, 2};
  f.stride = {2, 2};
  f.pad = {0, 0, 0, 0};
  CHECK(needed(f, lnn::venus, figures::reference) == 61440);
  CHECK(needed(f, lnn::venus, figures::corrected) == 65536);
  const operand small = tensor({1, 64, 32, 32});
  f.in = {&small, 1};
  f.out = tensor({1, 64, 16, 16});
  CHECK(needed(f, lnn::venus, figures::corrected) == 0);
}

TEST_CASE("workspace: sums of unlike grids, unknown ones as if they differed") {
  operand in[] = {tensor({1, 10}, 5), tensor({1, 10}, 6)};
  facts f{.op = "iqAdd", .in = in, .out = tensor({1, 10}, 4)};
  CHECK(needed(f, lnn::venus, figures::reference) == 16);
  f.out.scale = 5;
  CHECK(needed(f, lnn::venus, figures::reference) == 0);
  in[0].scale = in[1].scale = {};
  CHECK(needed(f, lnn::venus, figures::reference) == 16);
  f.op = "iqSub";
  f.out.scale = in[0].scale = in[1].scale = 5;
  CHECK(needed(f, lnn::venus, figures::reference) == 0);
  CHECK(needed(f, lnn::venus, figures::corrected) == 16);  // the engine wants one
}

TEST_CASE("workspace: what the engine uses beyond the reference's figures") {
  const operand x = tensor({1, 4, 16});
  facts norm{.op = "LayerNormInt", .in = {&x, 1}, .out = x};
  norm.weight = tensor({16});
  CHECK(needed(norm, lnn::venus, figures::reference) == 64);
  CHECK(needed(norm, lnn::venus, figures::corrected) == 128);
  CHECK(needed(norm, lnn::arcs, figures::corrected) == 27 * 16 + 8);
  facts bent{.op = "iqSigmoid", .in = {&x, 1}, .out = x};
  CHECK(needed(bent, lnn::venusA, figures::reference) == 4 * 64);
  CHECK(needed(bent, lnn::venusA, figures::corrected) == 6 * 64);
  facts rnn{.op = "LSTMInt", .in = {&x, 1}, .out = x};
  rnn.weight = tensor({32, 16});
  rnn.recurrent_weight = tensor({32, 8});
  CHECK(needed(rnn, lnn::venus, figures::reference) == 256);
  CHECK(needed(rnn, lnn::venus, figures::corrected) == 320);
  CHECK(needed(rnn, lnn::arcs, figures::reference) == 256 + 512 + 256);
  facts share{.op = "SoftmaxInt", .in = {&x, 1}, .out = x};
  share.axis = -1;
  CHECK(needed(share, lnn::venus, figures::reference) == 32);
  CHECK(needed(share, lnn::venus, figures::corrected) == 128);
  const long long n = lnn::limit::elements(x.dims);
  CHECK(needed(share, lnn::venusA, figures::corrected) == 22 * n);  // operands of 2 and 4 bytes, a gap of 12, results of 4
}

TEST_CASE("workspace: packed weights") {
  const operand x = tensor({1, 34, 8, 8});
  facts f{.op = "Conv2dInt", .in = {&x, 1}, .out = tensor({1, 64, 6, 6})};
  f.weight = tensor({64, 34, 3, 3});
  f.stride = {1, 1};
  f.kernel = {3, 3};
  CHECK(packed_weight_bytes(f, lnn::venus, figures::reference) == 64 * 40 * 9);
  CHECK(packed_weight_bytes(f, lnn::arcs, figures::reference) == 66 * 40 * 9);  // three parts of 22 channels
  f.weight.bits = 4;
  CHECK(packed_weight_bytes(f, lnn::arcs, figures::reference) == 33 * 40 * 9);
  CHECK(fetched_weight_bytes(f, lnn::arcs, figures::reference) == 66 * 40 * 9);
  f.group = 34;
  f.weight = tensor({34, 1, 3, 3});
  CHECK(packed_weight_bytes(f, lnn::venus, figures::reference) == 48 * 9);
  CHECK(packed_weight_bytes(f, lnn::venusA, figures::reference) == 40 * 4 * 3);
  f.op = "LinearInt";
  f.group = 1;
  f.weight = tensor({3, 5}, 5, 4);
  CHECK(packed_weight_bytes(f, lnn::arcs, figures::reference) == 9);
}

}  // namespace test_workspace
