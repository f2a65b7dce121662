// SPDX-License-Identifier: Apache-2.0
//
// The parts without a network description, for programs that have a trainer of their own: variables on a tape, operators
// applied by hand, a quantizer in the middle, an optimizer.  Learns y = sin(3x) with weights on an 8-bit grid.
#include <cmath>
#include <cstdio>
#include <lnn/lnn.hpp>

/// A quantizer as an operator: rounds on the way forward, lets the gradient through inside its range.
struct fake_quant {
  lnn::weight_quantizer<lnn::mom>* policy;

  static constexpr std::string_view name = "fake_quant";
  [[nodiscard]] int inputs() const { return 1; }
  [[nodiscard]] lnn::shape result(std::span<const lnn::shape> in, lnn::verdict&) const { return in[0]; }
  template <class Call>
  void forward(const Call& c) const {
    if (c.training) policy->observe(c.in[0]);
    policy->forward(c.in[0], c.out[0]);
  }
  template <class Call>
  void backward(const Call& c) const {
    policy->backward(c.in[0], c.grad_out[0], c.grad_in[0]);
  }
};

int main() {
  lnn::pool workers(1);
  lnn::random draw(7);
  const auto fresh = [&](const lnn::shape& dims, float bound) {
    lnn::tensor<float> t(dims);
    for (float& v : t) v = draw.uniform(-bound, bound);
    return t;
  };
  lnn::tensor<float> x({64, 1}), wanted({64, 1});
  for (int i = 0; i < 64; ++i) {
    x(i, 0) = static_cast<float>(i) / 32 - 1;
    wanted(i, 0) = std::sin(3 * x(i, 0));
  }
  lnn::tensor<float> w1 = fresh({32, 1}, 2), b1 = fresh({32}, 1), w2 = fresh({1, 32}, 0.4F), b2({1});
  lnn::weight_quantizer<lnn::mom> grid1, grid2;

  lnn::tape t(workers);
  auto &in = t.leaf(x.flatten(), false), &a1 = t.leaf(w1.flatten()), &c1 = t.leaf(b1.flatten()), &a2 = t.leaf(w2.flatten()),
       &c2 = t.leaf(b2.flatten());
  auto& hidden = t.apply(lnn::relu{}, t.apply(lnn::linear{.out = 32}, in, t.apply(fake_quant{&grid1}, a1), c1));
  auto& y = t.apply(lnn::linear{.out = 1}, hidden, t.apply(fake_quant{&grid2}, a2), c2);
  auto& loss = lnn::mean_squared_error(t, y, wanted.flatten());

  lnn::optimizer rule{lnn::adam{}};
  for (int step = 0; step <= 2000; ++step) {
    t.forward();  // the same tape, repeated in the same memory
    if (step % 500 == 0) std::printf("step %4d  loss %.5f\n", step, static_cast<double>(loss.value[0]));
    t.backward(loss);
    rule.begin_step();
    rule.update("w1", w1.flatten(), a1.grad, 0.01F, false);
    rule.update("b1", b1.flatten(), c1.grad, 0.01F, false);
    rule.update("w2", w2.flatten(), a2.grad, 0.01F, false);
    rule.update("b2", b2.flatten(), c2.grad, 0.01F, false);
  }
  std::printf("weights are multiples of 2^-%d and 2^-%d\n", grid1.exponent(), grid2.exponent());
  return loss.value[0] < 0.01F ? 0 : 1;
}
