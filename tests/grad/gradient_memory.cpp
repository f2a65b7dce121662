// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/grad/loss.hpp>
#include <lnn/grad/tape.hpp>
#include <lnn/op/registry.hpp>
#include <lnn/simd/kernels.hpp>
#include <vector>

namespace test_gradient_memory {

namespace {

using memory = lnn::gradient_memory<float>;

}  // namespace

TEST_CASE("gradient_memory: what is given back is taken next, and known again in the next pass") {
  memory m;
  const int a = m.take(100), b = m.take(10);
  CHECK(a != b);
  CHECK(m.data(a) != m.data(b));
  m.give(a);
  m.give(b);
  CHECK(m.take(50) == a);  // b is too small
  CHECK(m.take(5) == b);
  m.give(a);
  m.give(b);
  CHECK(m.take(5) == b);  // both would do; b was in use most recently
  const int c = m.take(200);
  CHECK(c == a);  // grows: nobody holds it
  CHECK(m.take(1) != a);
  const std::size_t pass = m.pass();
  m.clear();
  CHECK(m.pass() == pass + 1);
  CHECK(m.take(7, b) == b);
  CHECK(m.take(7, b) != b);  // already somebody else's
}

TEST_CASE("tape: shared gradients give the leaves the same bits, and later passes take no more memory") {
  struct result {
    std::vector<std::vector<float>> first, second;
    std::size_t rooms = 0, later = 0;
  };
  const auto run = [](bool shares) {
    lnn::pool workers(1);
    lnn::basic_tape<float, lnn::simd::kernels> t(workers);
    t.shares_gradients = shares;
    lnn::random draw(5);
    std::vector<lnn::variable<float>*> leaves;
    const auto leaf = [&](const lnn::shape& dims) -> lnn::variable<float>& {
      auto& v = t.make(dims);
      for (float& x : v.value) x = draw.uniform(-1, 1);
      leaves.push_back(&v);
      return v;
    };
    auto* x = &leaf({4, 3, 6, 5});
    auto& stem = t.apply(lnn::conv2d{.out = 6, .pad = 1}, *x, leaf({6, 3, 3, 3}), leaf({6}));
    auto& y = t.apply(lnn::conv2d{.out = 6, .pad = 1, .bias = false}, stem, leaf({6, 6, 3, 3}));
    auto& both = *t.apply_list(lnn::add{}, {&y, &stem}, true).front();  // stem is read twice
    auto& twice = t.apply(lnn::add{}, both, both);
    auto& pooled = t.apply(lnn::max_pool2d{}, t.apply(lnn::relu{}, twice));
    auto& mean = t.apply(lnn::avg_pool2d::global(), pooled);
    auto& end = t.apply(lnn::linear{.out = 3}, t.apply(lnn::flatten{}, mean), leaf({3, 6}), leaf({3}));
    const std::vector<int> labels{0, 1, 2, 0};
    auto& loss = lnn::cross_entropy(t, end, std::span<const int>(labels));
    result out;
    for (auto* to : {&out.first, &out.second}) {
      t.backward(loss);
      (to == &out.first ? out.rooms : out.later) = t.shared().elements();
      for (const auto* v : leaves) to->emplace_back(v->grad.begin(), v->grad.end());
      t.forward();
    }
    return out;
  };
  const result own = run(false), shared = run(true);
  CHECK(own.first == own.second);
  CHECK(shared.first == own.first);
  CHECK(shared.second == own.first);
  CHECK(own.rooms == 0);
  CHECK(shared.rooms == shared.later);
  CHECK(shared.rooms > 0);
  CHECK(shared.rooms <= 3 * 4 * 6 * 6 * 5);  // three of the largest, where there are ten
}

}  // namespace test_gradient_memory
