// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/grad/tape.hpp>
#include <lnn/op/registry.hpp>
#include <lnn/simd/kernels.hpp>
#include <vector>

namespace test_joined_relu {

namespace {

/// The operator with a relu inside must give what it gives with one behind it: output, and the gradient of every input, written
/// over what was there or added to it.
template <class Op>
void check(const Op& op, const std::vector<lnn::shape>& shapes) {
  using tape = lnn::basic_tape<double, lnn::simd::kernels>;
  lnn::pool workers(1);
  const auto run = [&](bool joined, bool also_read_elsewhere) {
    tape t(workers);
    lnn::random draw(2);
    std::vector<tape::var*> in;
    for (const lnn::shape& dims : shapes) {
      in.push_back(&t.make(dims));
      for (double& v : in.back()->value) v = static_cast<double>(draw.uniform(-1, 1));
    }
    const auto sum = [&](tape::var& y) -> tape::var& {
      auto& all = t.apply(lnn::reshape(lnn::int_list{1, -1}), y);
      auto& weights = t.make({1, static_cast<int>(y.value.size())}, false);
      for (double& v : weights.value) v = static_cast<double>(draw.uniform(-1, 1));
      return t.apply(lnn::linear{.out = 1, .bias = false}, all, weights);
    };
    tape::var* y = joined ? t.apply_list(op, in, true).front() : &t.apply(lnn::relu{}, *t.apply_list(op, in).front());
    tape::var* loss = &sum(*y);
    if (also_read_elsewhere) loss = &t.apply(lnn::add{}, *loss, sum(*in[0]));
    t.backward(*loss);
    std::vector<std::vector<double>> out{{y->value.begin(), y->value.end()}};
    for (const auto* v : in) out.emplace_back(v->grad.begin(), v->grad.end());
    return out;
  };
  for (const bool elsewhere : {false, true}) {
    const auto one = run(true, elsewhere), two = run(false, elsewhere);
    for (std::size_t k = 0; k < one.size(); ++k) {
      REQUIRE(one[k].size() == two[k].size());
      for (std::size_t i = 0; i < one[k].size(); ++i) CHECK(one[k][i] == doctest::Approx(two[k][i]).epsilon(1e-12));
    }
  }
}

}  // namespace

TEST_CASE("operators that take a relu in compute what they compute in front of one") {
  check(lnn::add{}, {{2, 3, 4}, {2, 3, 4}});
  check(lnn::add{}, {{5, 7, 300}, {5, 7, 300}});  // in pieces
  check(lnn::add{}, {{2, 3, 4}, {3, 1}});
  check(lnn::add{}, {{2, 3, 1}, {1, 3, 1}});
  check(lnn::add{}, {{1}, {2, 5}});
  check(lnn::batch_norm{}, {{4, 3, 5, 5}, {3}, {3}, {3}, {3}});
}

}  // namespace test_joined_relu
