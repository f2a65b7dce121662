// SPDX-License-Identifier: Apache-2.0
#include <lnn/grad/gradcheck.hpp>
#include <lnn/simd/kernels.hpp>
#include <set>

#include "textbook.hpp"

namespace test_gradient {

using namespace textbook;

namespace {

constexpr double tolerance = 1e-6;

/// Activations, then the parameters that the operator asks for.
template <class Op>
std::vector<shape> with_parameters(const Op& op, std::vector<shape> in) {
  const auto wanted = op.parameters(std::span<const shape>(in));
  for (const lnn::parameter& p : wanted) in.push_back(p.dims);
  return in;
}

/// Applies the operator twice to the same variables: the gradient must be that of one application, twice, so that
/// backward adds and does not overwrite.  Then once more with inputs that want no gradient.
template <class Op>
void check_sums(const Op& op, const std::vector<shape>& shapes, bool training, double low) {
  using tape = lnn::basic_tape<double, lnn::simd::kernels>;
  lnn::pool workers(1);
  const auto gradients = [&](int times, std::size_t without) {
    tape t(workers);
    t.training = training;
    lnn::random draw(3);
    std::vector<tape::var*> in;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const bool index = (lnn::index_inputs_in(op) >> i & 1U) != 0;
      in.push_back(&t.make(shapes[i], i != without && !index));
      if (index) continue;  // all zero: a legal index
      for (double& v : in.back()->value) v = static_cast<double>(draw.uniform(static_cast<float>(low), 1));
    }
    // one number of all outputs, as the gradient starts from one variable
    const auto total = [&] {
      tape::var* sum = nullptr;
      for (tape::var* y : t.apply_list(op, in)) {
        auto& flat = t.apply(lnn::reshape(lnn::int_list{1, static_cast<int>(y->value.size())}), *y);
        auto& ones = t.make({1, static_cast<int>(y->value.size())}, false);
        for (double& v : ones.value) v = 1;
        auto& part = t.apply(lnn::linear{.out = 1, .bias = false}, flat, ones);
        sum = sum ? &t.apply(lnn::add{}, *sum, part) : &part;
      }
      return sum;
    };
    tape::var* y = total();
    for (int i = 1; i < times; ++i) y = &t.apply(lnn::add{}, *y, *total());
    t.backward(*y);
    std::vector<std::vector<double>> out;
    for (const auto* v : in) out.emplace_back(v->grad.begin(), v->grad.end());
    return out;
  };
  const auto once = gradients(1, shapes.size()), twice = gradients(2, shapes.size());
  const bool statistics_move = requires { Op::states; } && training;
  for (std::size_t k = 0; k < shapes.size(); ++k)
    for (std::size_t i = 0; i < once[k].size(); ++i)
      CHECK(twice[k][i] == doctest::Approx(2 * once[k][i]).epsilon(1e-9));
  if (statistics_move) return;
  for (std::size_t without = 0; without < shapes.size() && shapes.size() > 1; ++without) {
    if (without == 2) break;  // a bias comes with its weight
    const auto some = gradients(1, without);
    CHECK(some[without].empty());
    for (std::size_t k = 0; k < shapes.size(); ++k)
      if (k != without) CHECK(some[k] == once[k]);
  }
}

template <class Op>
void check(const Op& op, const std::vector<shape>& activations, std::uint64_t seed = 1, bool training = true,
           double low = -1, double high = 1) {
  (void)result(op, activations);
  const auto shapes = with_parameters(op, activations);
  const auto report = lnn::gradcheck<lnn::simd::kernels>(op, shapes, seed, training, low, high);
  CAPTURE(report.worst);
  CAPTURE(report.input);
  CAPTURE(report.element);
  CAPTURE(seed);
  CHECK(report.within(tolerance));
  check_sums(op, shapes, training, low);
}

/// One entry per operator; an operator without one does not compile into the walk below and fails its test.
template <class Op>
struct cases;

template <>
struct cases<lnn::conv2d> {
  static void run() {
    lnn::random draw(11);
    for (std::uint64_t i = 0; i < 40; ++i) {
      const int group = pick(draw, 1, 3);
      lnn::conv2d op{.out = group * pick(draw, 1, 3),
                     .kernel = {pick(draw, 1, 3), pick(draw, 1, 3)},
                     .stride = {pick(draw, 1, 2), pick(draw, 1, 2)},
                     .pad = {pick(draw, 0, 2), pick(draw, 0, 2), pick(draw, 0, 2), pick(draw, 0, 2)},
                     .dilation = {pick(draw, 1, 2), pick(draw, 1, 2)},
                     .group = group,
                     .bias = i % 3 != 0};
      check(op, {{pick(draw, 1, 2), group * pick(draw, 1, 2), pick(draw, 5, 7), pick(draw, 5, 7)}}, i);
    }
    for (std::uint64_t i = 0; i < 16; ++i) {  // depthwise
      const int channels = pick(draw, 2, 4);
      lnn::conv2d op{.out = channels,
                     .kernel = {pick(draw, 1, 4), pick(draw, 1, 4)},
                     .stride = {pick(draw, 1, 3), pick(draw, 1, 3)},
                     .pad = {pick(draw, 0, 2), pick(draw, 0, 2), pick(draw, 0, 2), pick(draw, 0, 2)},
                     .dilation = {pick(draw, 1, 2), pick(draw, 1, 2)},
                     .group = channels,
                     .bias = i % 2 == 0};
      check(op, {{pick(draw, 1, 2), channels, pick(draw, 7, 9), pick(draw, 7, 9)}}, i);
    }
    check(lnn::conv2d{.out = 5, .kernel = {1, 1}, .bias = false}, {{3, 4, 3, 3}});             // pointwise
    check(lnn::conv2d{.out = 3, .kernel = {1, 1}, .stride = {2, 2}}, {{2, 2, 5, 5}});
    check(lnn::conv2d{.out = 3, .slope = 2}, {{2, 2, 5, 5}});
    check(lnn::conv2d{.out = 3, .group = 3, .slope = 1}, {{2, 3, 5, 5}});
    check(lnn::conv2d{.out = 2, .kernel = {3, 3}, .pad = 1}, {{9, 1, 3, 3}});                  // more images than pieces
  }
};
template <>
struct cases<lnn::conv1d> {
  static void run() {
    lnn::random draw(12);
    for (std::uint64_t i = 0; i < 24; ++i) {
      const int group = pick(draw, 1, 3), each = i % 4 == 0 ? 1 : 2;  // every fourth is depthwise
      lnn::conv1d op{.out = group * (each == 1 ? 1 : pick(draw, 1, 3)),
                     .kernel = pick(draw, 1, 4),
                     .stride = pick(draw, 1, 3),
                     .pad = {pick(draw, 0, 2), pick(draw, 0, 2)},
                     .dilation = pick(draw, 1, 2),
                     .group = group,
                     .bias = i % 3 != 0};
      check(op, {{pick(draw, 1, 3), group * each, pick(draw, 7, 9)}}, i);
    }
    check(lnn::conv1d{.out = 3, .slope = 2}, {{2, 2, 7}});
  }
};
template <>
struct cases<lnn::conv_transpose2d> {
  static void run() {
    lnn::random draw(13);
    for (std::uint64_t i = 0; i < 32; ++i) {
      const int group = pick(draw, 1, 3);
      const lnn::extent2 stride{pick(draw, 1, 3), pick(draw, 1, 3)}, dilation{pick(draw, 1, 2), pick(draw, 1, 2)};
      lnn::conv_transpose2d op{.out = group * pick(draw, 1, 2),
                               .kernel = {pick(draw, 1, 3), pick(draw, 1, 3)},
                               .stride = stride,
                               .pad = {pick(draw, 0, 1), pick(draw, 0, 1), pick(draw, 0, 1), pick(draw, 0, 1)},
                               .dilation = dilation,
                               .output_padding = {std::max(stride.h, dilation.h) - 1, pick(draw, 0, stride.w - 1)},
                               .group = group,
                               .bias = i % 3 != 0};
      check(op, {{pick(draw, 1, 2), group * pick(draw, 1, 2), pick(draw, 3, 4), pick(draw, 3, 4)}}, i);
    }
    check(lnn::conv_transpose2d{.out = 2, .slope = 3}, {{2, 3, 3, 2}});
    check(lnn::conv_transpose2d{.out = 2, .kernel = {1, 1}, .stride = {1, 1}}, {{9, 2, 2, 2}});  // more images than pieces
  }
};
template <>
struct cases<lnn::conv_transpose1d> {
  static void run() {
    lnn::random draw(14);
    for (std::uint64_t i = 0; i < 16; ++i) {
      const int group = pick(draw, 1, 3), stride = pick(draw, 1, 3), dilation = pick(draw, 1, 2);
      lnn::conv_transpose1d op{.out = group * pick(draw, 1, 2),
                               .kernel = pick(draw, 1, 4),
                               .stride = stride,
                               .pad = {pick(draw, 0, 1), pick(draw, 0, 1)},
                               .dilation = dilation,
                               .output_padding = pick(draw, 0, std::max(stride, dilation) - 1),
                               .group = group,
                               .bias = i % 3 != 0};
      check(op, {{pick(draw, 1, 2), group * pick(draw, 1, 2), pick(draw, 4, 6)}}, i);
    }
    check(lnn::conv_transpose1d{.out = 3, .slope = 1}, {{2, 2, 5}});
  }
};
template <>
struct cases<lnn::linear> {
  static void run() {
    for (const shape& x : {shape{5}, shape{1, 4}, shape{9, 3}, shape{2, 3, 4}, shape{2, 1, 3, 2}})
      for (const bool bias : {false, true}) check(lnn::linear{.out = 4, .bias = bias}, {x});
  }
};
template <>
struct cases<lnn::bmm> {
  static void run() {
    check(lnn::bmm{}, {{3, 4}, {4, 5}});
    check(lnn::bmm{}, {{2, 1, 6}, {2, 6, 3}}, 2);
    check(lnn::bmm{}, {{5, 4, 3}, {5, 3, 2}}, 3);
  }
};
template <>
struct cases<lnn::matmul> {
  static void run() {
    check(lnn::matmul{}, {{3, 4}, {4, 5}});
    check(lnn::matmul{}, {{2, 3, 4}, {4, 2}}, 2);
    check(lnn::matmul{}, {{3, 4}, {2, 2, 4, 3}}, 3);
    check(lnn::matmul{}, {{2, 1, 3, 2}, {1, 3, 2, 4}}, 4);
    check(lnn::matmul{}, {{1, 2, 3}, {2, 3, 1}}, 5);
  }
};
template <>
struct cases<lnn::ffn> {
  static void run() {
    check(lnn::ffn{.hidden = 6, .out = 3}, {{5}});
    check(lnn::ffn{.hidden = 4, .out = 2}, {{9, 3}}, 2);
    check(lnn::ffn{.hidden = 5, .out = 4}, {{2, 3, 4}}, 3);
  }
};
template <>
struct cases<lnn::sparsified_ffn> {
  static void run() {
    check(lnn::sparsified_ffn{.hidden = 8, .out = 3, .groups = 4}, {{5}});
    check(lnn::sparsified_ffn{.hidden = 6, .out = 2, .groups = 2}, {{9, 3}}, 2);
    check(lnn::sparsified_ffn{.hidden = 3, .out = 4, .groups = 1}, {{2, 2, 4}}, 3);
  }
};
template <>
struct cases<lnn::multihead_attention> {
  static void run() {
    check(lnn::multihead_attention{.out = 3, .heads = 1, .width = 4, .reach = 1}, {{4, 5}});
    check(lnn::multihead_attention{.out = 2, .heads = 2, .width = 3, .reach = 0, .scalar = -100}, {{2, 3, 4}}, 2);
    check(lnn::multihead_attention{.out = 4, .heads = 3, .width = 2, .reach = 4}, {{1, 2, 3, 2}}, 3);
  }
};
template <>
struct cases<lnn::batch_norm> {
  static void run() {
    for (const shape& x : {shape{6, 2}, shape{2, 3, 4}, shape{3, 2, 2, 3}, shape{1, 2, 3, 3}}) {
      check(lnn::batch_norm{}, {x});
      check(lnn::batch_norm{.eps = 0.1F, .momentum = 0.5F}, {x}, 7);
      check(lnn::batch_norm{}, {x}, 8, false, 0.25, 1);  // the running variance is an input
    }
  }
};
template <>
struct cases<lnn::layer_norm> {
  static void run() {
    for (const shape& x : {shape{5}, shape{3, 4}, shape{2, 3, 5}, shape{11, 2, 3}}) check(lnn::layer_norm{}, {x});
    check(lnn::layer_norm{.axes = 2}, {{3, 4}}, 2);
    check(lnn::layer_norm{.axes = 2}, {{2, 3, 2, 3}}, 3);
  }
};
template <>
struct cases<lnn::embedding> {
  static void run() {
    check(lnn::embedding{.count = 5, .dim = 3}, {{7}});
    check(lnn::embedding{.count = 4, .dim = 9}, {{2, 3}}, 2);
  }
};
template <>
struct cases<lnn::gather> {
  static void run() {
    check(lnn::gather{.indices = {0}, .axis = 1}, {{2, 3, 4}});
    check(lnn::gather{.indices = {2, -1, 0}, .axis = -1}, {{3, 4}}, 2);
    check(lnn::gather{}, {{5, 2}, {2, 3}}, 3);
    check(lnn::gather{.axis = 1}, {{2, 4, 3}, {3}}, 4);
  }
};
template <>
struct cases<lnn::relu> {
  static void run() {
    check(lnn::relu{}, {{40}});
    check(lnn::relu{}, {{2, 3, 5}});
  }
};
template <>
struct cases<lnn::clip> {
  static void run() {
    check(lnn::clip{-0.4F, 0.55F}, {{50}});
    check(lnn::relu6, {{2, 25}}, 3, true, -8, 8);
  }
};
template <>
struct cases<lnn::prelu> {
  static void run() {
    for (const int slope : {0, 1, 3}) check(lnn::prelu{slope}, {{3, 15}});
  }
};
template <class Op>
void one_number() {
  check(Op{}, {{60}}, 1, true, -6, 6);
  check(Op{}, {{2, 3, 5}}, 2, true, -0.5, 0.5);
}
template <>
struct cases<lnn::sigmoid> {
  static void run() { one_number<lnn::sigmoid>(); }
};
template <>
struct cases<lnn::tanh> {
  static void run() { one_number<lnn::tanh>(); }
};
template <>
struct cases<lnn::gelu> {
  static void run() { one_number<lnn::gelu>(); }
};
template <>
struct cases<lnn::swish> {
  static void run() { one_number<lnn::swish>(); }
};
template <>
struct cases<lnn::glu> {
  static void run() {
    check(lnn::glu{}, {{8}});
    for (const int dim : {0, 1, 2, -1, -2}) check(lnn::glu{dim}, {{4, 2, 6}}, 3, true, -3, 3);
  }
};
template <class Op>
void along_axes() {
  check(Op{}, {{7}});
  check(Op{}, {{2, 1}});
  for (const int axis : {0, 1, 2, -1, -2}) check(Op{axis}, {{3, 2, 4}}, 4, true, -3, 3);
}
template <>
struct cases<lnn::softmax> {
  static void run() { along_axes<lnn::softmax>(); }
};
template <>
struct cases<lnn::log_softmax> {
  static void run() { along_axes<lnn::log_softmax>(); }
};
template <>
struct cases<lnn::max_pool2d> {
  static void run() {
    check(lnn::max_pool2d{}, {{2, 2, 6, 6}});
    check(lnn::max_pool2d{.kernel = {3, 2}, .stride = {1, 2}, .pad = {1, 0, 2, 1}}, {{1, 3, 5, 6}});
    check(lnn::max_pool2d{.kernel = {3, 3}, .stride = {2, 2}, .ceil_mode = true}, {{2, 1, 6, 6}});
    check(lnn::max_pool2d::global(), {{2, 3, 4, 5}});
  }
};
template <>
struct cases<lnn::max_pool1d> {
  static void run() {
    check(lnn::max_pool1d{}, {{2, 2, 8}});
    check(lnn::max_pool1d{.kernel = 3, .stride = 2, .pad = {1, 2}, .ceil_mode = true}, {{1, 3, 8}});
    check(lnn::max_pool1d::global(), {{2, 3, 7}});
  }
};
template <>
struct cases<lnn::avg_pool2d> {
  static void run() {
    check(lnn::avg_pool2d{}, {{2, 2, 6, 6}});
    check(lnn::avg_pool2d{.kernel = {3, 2}, .stride = {1, 2}, .pad = {1, 0, 2, 1}}, {{1, 3, 5, 6}});
    check(lnn::avg_pool2d{.kernel = {3, 3}, .stride = {2, 2}, .ceil_mode = true}, {{2, 1, 6, 6}});
    check(lnn::avg_pool2d::global(), {{2, 3, 4, 5}});
    check(lnn::avg_pool2d{.kernel = {3, 2}, .stride = {2, 1}, .pad = 1, .count_include_pad = false}, {{2, 2, 5, 6}});
    check(lnn::avg_pool2d{.stride = {1, 1}, .pad = 1, .divisor_override = 3}, {{2, 2, 5, 6}});
  }
};
template <>
struct cases<lnn::avg_pool1d> {
  static void run() {
    check(lnn::avg_pool1d{}, {{2, 2, 8}});
    check(lnn::avg_pool1d{.kernel = 3, .stride = 2, .pad = {1, 2}, .ceil_mode = true, .count_include_pad = false}, {{1, 3, 8}});
    check(lnn::avg_pool1d{.kernel = 3, .stride = 1, .divisor_override = 2}, {{2, 1, 7}});
    check(lnn::avg_pool1d::global(), {{2, 3, 7}});
  }
};
template <class Op>
void two_operands(double low = -1) {
  const std::vector<shape> pairs[] = {{{2, 3, 4, 4}, {2, 3, 4, 4}}, {{2, 3, 4, 4}, {2, 3, 1, 1}}, {{2, 3, 1, 1}, {2, 3, 4, 4}},
                                      {{3, 5}, {}},                 {{}, {3, 5}},                 {{2, 3, 4}, {4}},
                                      {{2, 1, 4}, {1, 3, 1}},       {{1}, {6}},                   {{}, {}}};
  for (const auto& p : pairs) check(Op{}, p, 1, true, low);
}
template <>
struct cases<lnn::add> {
  static void run() { two_operands<lnn::add>(); }
};
template <>
struct cases<lnn::mul> {
  static void run() { two_operands<lnn::mul>(); }
};
template <>
struct cases<lnn::concat> {
  static void run() {
    check(lnn::concat{.axis = 1}, {{2, 3, 2, 2}, {2, 1, 2, 2}});
    check(lnn::concat{.axis = 0}, {{2, 3}, {1, 3}, {4, 3}});
    check(lnn::concat{.axis = -1}, {{2, 3}, {2, 1}, {2, 4}, {2, 2}});
    check(lnn::concat{.axis = 2}, {{2, 2, 1, 3}, {2, 2, 4, 3}, {2, 2, 2, 3}});
    check(lnn::concat{.axis = 1}, {{2, 3}});
  }
};
/// Every combination of the attributes that change the way through time, with shapes that differ in all axes.
template <class Op>
void through_time(int hidden, int memory) {
  lnn::random draw(17);
  for (unsigned i = 0; i < 64; ++i) {
    Op op{.hidden = hidden,
          .bias = i % 5 != 0,
          .bidirectional = (i & 1) != 0,
          .go_forward = (i & 1) != 0 || (i & 2) != 0,
          .batch_first = (i & 4) != 0,
          .lengths = (i & 8) != 0,
          .initial_state = (i & 16) != 0,
          .final_state = (i & 32) != 0};
    const int batch = pick(draw, 1, 3), time = pick(draw, 1, 4), features = pick(draw, 1, 4);
    std::vector<shape> in{op.batch_first ? shape{batch, time, features} : shape{time, batch, features}};
    if (op.lengths) in.push_back({batch});
    for (int m = 0; op.initial_state && m < memory; ++m) in.push_back({batch, op.bidirectional ? 2 : 1, hidden});
    check(op, in, i);
  }
  check(Op{.hidden = 2}, {{10, 3, 2}});  // more sequences than pieces
}
template <>
struct cases<lnn::lstm> {
  static void run() { through_time<lnn::lstm>(3, 2); }
};
template <>
struct cases<lnn::gru> {
  static void run() { through_time<lnn::gru>(3, 1); }
};
template <>
struct cases<lnn::reshape> {
  static void run() {
    check(lnn::reshape{{0, -1}}, {{2, 3, 2, 2}});
    check(lnn::reshape{{4, 2, -1}}, {{2, 12}});
  }
};
template <>
struct cases<lnn::flatten> {
  static void run() {
    check(lnn::flatten{}, {{2, 3, 2, 2}});
    check(lnn::flatten{}, {{3, 4}});
  }
};
template <>
struct cases<lnn::quant> {
  static void run() { check(lnn::quant{}, {{2, 9}}); }
};
template <>
struct cases<lnn::dequant> {
  static void run() { check(lnn::dequant{}, {{2, 9}}); }
};

template <>
struct cases<lnn::sub> {
  static void run() { two_operands<lnn::sub>(); }
};
template <>
struct cases<lnn::div> {
  static void run() { two_operands<lnn::div>(0.5); }
};
template <>
struct cases<lnn::sum> {
  static void run() {
    check(lnn::sum{}, {{2, 3, 4}});
    check(lnn::sum{0}, {{3, 5}});
    check(lnn::sum{-2}, {{2, 3, 2, 2}});
  }
};
template <>
struct cases<lnn::variance> {
  static void run() {
    check(lnn::variance{}, {{2, 3, 4}});
    check(lnn::variance{1, false}, {{2, 5, 3}});
    check(lnn::variance{0}, {{1, 4}});  // of one element: 0
  }
};
/// Values and places share an output, so no gradient passes; backward must leave what is there.
template <class Op>
void no_gradient(const Op& op, const shape& x) {
  using tape = lnn::basic_tape<double, lnn::simd::kernels>;
  lnn::pool workers(1);
  tape t(workers);
  auto& in = t.make(x, true);
  for (std::size_t i = 0; i < in.value.size(); ++i) in.value[i] = static_cast<double>(i % 7);
  auto& y = t.apply(op, in);
  auto& all = t.apply(lnn::reshape(lnn::int_list{1, -1}), y);
  auto& ones = t.make({1, static_cast<int>(y.value.size())}, false);
  for (double& v : ones.value) v = 1;
  t.backward(t.apply(lnn::linear{.out = 1, .bias = false}, all, ones));
  for (const double g : in.grad) CHECK(g == 0);
}
template <>
struct cases<lnn::arg_max> {
  static void run() { no_gradient(lnn::arg_max(), {1, 3, 5}); }
};
template <>
struct cases<lnn::top_n> {
  static void run() { no_gradient(lnn::top_n(2), {1, 3, 5}); }
};
template <>
struct cases<lnn::shape_of> {
  static void run() { no_gradient(lnn::shape_of{}, {1, 3, 5}); }
};
template <>
struct cases<lnn::requant> {
  static void run() { check(lnn::requant{}, {{2, 9}}); }
};
template <>
struct cases<lnn::cast> {
  static void run() { check(lnn::cast{}, {{2, 9}}); }
};
template <>
struct cases<lnn::squeeze> {
  static void run() { check(lnn::squeeze{{1}}, {{2, 1, 3}}); }
};
template <>
struct cases<lnn::unsqueeze> {
  static void run() { check(lnn::unsqueeze{{1}}, {{2, 3}}); }
};
template <>
struct cases<lnn::transpose> {
  static void run() {
    check(lnn::transpose{}, {{2, 3, 4}});
    check(lnn::transpose{{0, 2, 3, 1}}, {{2, 3, 4, 2}});
  }
};
template <>
struct cases<lnn::slice> {
  static void run() {
    check(lnn::slice{.starts = {1}, .ends = {3}, .axes = {1}}, {{2, 4, 3}});
    check(lnn::slice{.starts = {-1, 0}, .ends = {-9, 5}, .axes = {2, 1}, .steps = {-2, 3}}, {{2, 5, 4}});
  }
};
template <>
struct cases<lnn::split> {
  static void run() {
    check(lnn::split{.axis = 1, .sizes = {1, 3, 2}}, {{2, 6, 3}});
    check(lnn::split{.axis = -1, .parts = 2}, {{2, 4}});
  }
};
template <>
struct cases<lnn::pad> {
  static void run() {
    for (const lnn::border mode : {lnn::border::constant, lnn::border::replicate, lnn::border::reflect}) {
      check(lnn::pad{.mode = mode, .pads = {1, 2, 2, 0}, .value = 0.5F}, {{2, 2, 3, 4}});
      check(lnn::pad{.mode = mode, .pads = {-1, 2}}, {{2, 5}});
    }
  }
};
template <>
struct cases<lnn::tile> {
  static void run() { check(lnn::tile{{2, 1, 3}}, {{2, 3, 2}}); }
};
template <>
struct cases<lnn::expand> {
  static void run() { check(lnn::expand{{2, 3, -1, 4}}, {{3, 2, 1}}); }
};
template <>
struct cases<lnn::resize> {
  static void run() {
    for (const lnn::sampling mode : {lnn::sampling::nearest, lnn::sampling::linear, lnn::sampling::cubic})
      for (const lnn::coordinates c : {lnn::coordinates::half_pixel, lnn::coordinates::pytorch_half_pixel,
                                       lnn::coordinates::align_corners, lnn::coordinates::asymmetric}) {
        check(lnn::resize{.mode = mode, .scales = {1, 1, 2, 0.5F}, .transformation = c}, {{1, 2, 3, 5}});
        check(lnn::resize{.mode = mode, .sizes = {2, 5, 1}, .transformation = c}, {{2, 3, 4}});
      }
  }
};
template <>
struct cases<lnn::shuffle_channel> {
  static void run() {
    check(lnn::shuffle_channel{.groups = 3}, {{2, 6, 2, 2}});
    check(lnn::shuffle_channel{.groups = 2, .axis = -1}, {{2, 4}});
  }
};
template <>
struct cases<lnn::flip> {
  static void run() { check(lnn::flip{.axes = {0, -1}}, {{2, 3, 4}}); }
};

}  // namespace

TEST_CASE("gradient: finite differences certify every operator of the registry") {
  std::set<std::string> names;
  lnn::builtin::for_each([&](auto op) {
    using Op = decltype(op);
    CAPTURE(std::string(Op::name));
    names.insert(std::string(Op::name));
    if constexpr (requires { cases<Op>::run(); }) cases<Op>::run();
    else FAIL_CHECK("there is no gradient case; add one to this file");
  });
  CHECK(names.size() == std::variant_size_v<lnn::builtin::any> - 1);
}

}  // namespace test_gradient
