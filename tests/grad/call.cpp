// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/parallel.hpp>
#include <lnn/grad/call.hpp>
#include <lnn/op/linear.hpp>
#include <lnn/simd/kernels.hpp>
#include <vector>

namespace test_call {

TEST_CASE("call: an operator runs on plain memory, without tape and without network") {
  using lnn::flat;
  float x[] = {1, 2, 3, 4}, w[] = {1, -1}, y[2] = {}, dy[] = {1, 10}, dx[4] = {}, dw[2] = {};
  lnn::pool workers(1);
  const lnn::linear op{.out = 1, .bias = false};
  const flat<const float> in[] = {{x, {2, 2}}, {w, {1, 2}}};
  const flat<float> out{y, {2, 1}};
  op.forward(lnn::forward_call<float, lnn::simd::kernels>{in, {&out, 1}, {}, {}, true, workers});
  CHECK(y[0] == -1);
  CHECK(y[1] == -1);
  const flat<const float> result = out, grad{dy, {2, 1}};
  const flat<float> to[] = {{dx, {2, 2}}, {dw, {1, 2}}};
  op.backward(lnn::backward_call<float, lnn::simd::kernels>{in, {&result, 1}, {&grad, 1}, to, {}, true, workers});
  CHECK(dw[0] == 1 + 30);
  CHECK(dw[1] == 2 + 40);
  CHECK(dx[2] == 10);
  const flat<float> only_weight[] = {{}, {dw, {1, 2}}};
  op.backward(lnn::backward_call<float, lnn::simd::kernels>{in, {&result, 1}, {&grad, 1}, only_weight, {}, true, workers});
  CHECK(dw[0] == 62);  // added
}

}  // namespace test_call
