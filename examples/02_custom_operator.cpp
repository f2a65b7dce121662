// SPDX-License-Identifier: Apache-2.0
//
// An operator from outside the library: a leaky relu whose slope is a power of two, because the chip multiplies by a
// shift.  One struct gives it shapes, a hardware rule, gradient and integer kernel; naming a set of operators that has it
// is all that networks, training, freezing and simulation need.
#include <cstdio>
#include <lnn/lnn.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/train/synthetic.hpp>

/// y = x for x >= 0, x * 2^-slope below; keeps the grid.
struct leaky_relu {
  int slope = 3;

  static constexpr std::string_view name = "leaky_relu";
  static constexpr std::string_view onnx_names[] = {"PRelu"};
  static constexpr std::string_view arithmetic = "y = x < 0 ? R(x, slope) : x";
  static constexpr lnn::grid grid_rule = lnn::grid::keep;
  static constexpr auto fields = lnn::field_list(lnn::field{"slope", &leaky_relu::slope, "right shift of negative values"});

  static constexpr lnn::rule slope_range{"leaky_relu.slope", "slope", "", "use a shift of 0 to 31"};
  static constexpr const lnn::rule* rules[] = {&slope_range};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr lnn::shape result(std::span<const lnn::shape> in, lnn::verdict&) const { return in[0]; }
  [[nodiscard]] constexpr lnn::parameter_list parameters(std::span<const lnn::shape>) const { return {}; }
  constexpr void check(const lnn::layer_tensors&, const lnn::chip&, lnn::verdict& found) const {
    found.within(slope_range, slope, 0, 31);
  }

  template <class Call>
  void forward(const Call& c) const {
    const auto part = static_cast<typename Call::scalar>(lnn::power_of_two(-slope));
    for (std::size_t i = 0; i < c.in[0].size(); ++i) c.out[0][i] = c.in[0][i] < 0 ? c.in[0][i] * part : c.in[0][i];
  }
  template <class Call>
  void backward(const Call& c) const {
    const auto part = static_cast<typename Call::scalar>(lnn::power_of_two(-slope));
    if (!c.grad_in[0]) return;
    for (std::size_t i = 0; i < c.in[0].size(); ++i) c.grad_in[0][i] += c.in[0][i] < 0 ? c.grad_out[0][i] * part : c.grad_out[0][i];
  }
  template <class Call>
  void integer(const Call& c) const {
    lnn::with_element(c.in[0].type, [&](auto element) {
      using T = decltype(element);
      const T* x = c.in[0].template as<T>();
      T* y = c.out[0].template as<T>();
      for (std::size_t i = 0; i < c.in[0].size(); ++i)
        y[i] = x[i] < 0 ? lnn::saturate<T>(lnn::shift_half_up(x[i], slope)) : x[i];
    });
  }
};
static_assert(lnn::operator_like<leaky_relu>);

using my_operators = lnn::builtin::with<leaky_relu>;

constexpr auto network = lnn::describe<my_operators>([](auto& net) {
  auto x = net.input({1, 1, 28, 28});
  x = net("conv1", lnn::conv2d{.out = 8, .stride = {2, 2}, .pad = 1}, x);
  x = net("leak1", leaky_relu{.slope = 3}, x);
  x = net("conv2", lnn::conv2d{.out = 16, .stride = {2, 2}, .pad = 1}, x);
  x = net("leak2", leaky_relu{.slope = 3}, x);
  x = net("flat", lnn::flatten{}, x);
  net("classes", lnn::linear{.out = 10}, x);
});
static_assert(lnn::check(network, lnn::venus).clean());

int main() {
  try {
    const lnn::gradient_report gradient = lnn::gradcheck<lnn::simd::kernels>(leaky_relu{}, {{2, 3, 4, 5}});
    std::printf("gradient     worst relative error %.1e\n", gradient.worst);

    lnn::pool workers(0);
    const lnn::train_test data = lnn::synthetic(2000, 500);
    const lnn::channel_statistics normal = lnn::statistics_of(data.train);
    lnn::loader train(data.train, {.batch = 50, .normal = normal}), test(data.test, {.batch = 100, .normal = normal, .training = false});

    lnn::training now;
    now.parameters = lnn::init(network, 1);
    lnn::fit(network, now, train, lnn::float_stage{}, {.epochs = 4, .rate = lnn::schedule::constant(0.02)}, workers);
    std::printf("float        %.1f %%\n", 100 * lnn::evaluate(network, now, test, lnn::float_stage{}, 10, workers).accuracy());
    now.grids = lnn::calibrate(network, now, train, 4, lnn::quantization{}, workers);
    lnn::fit(network, now, train, lnn::integer_stage{}, {.epochs = 1, .rate = lnn::schedule::constant(0.002)}, workers);
    std::printf("int8         %.1f %%\n", 100 * lnn::evaluate(network, now, test, lnn::integer_stage{}, 10, workers).accuracy());

    const auto model = lnn::freeze(network, now.parameters, now.grids);
    lnn::sim::machine machine(model, workers);
    std::size_t differ = 0;
    lnn::run_over(network.view(), now, test, lnn::integer_stage{}, workers, [&](auto& program, auto) {
      machine.run(program.input->value);
      for (std::size_t e = 0; e < model.edges.size(); ++e) differ += !(program.integers[e].values == machine.edge(e));
    });
    std::printf("frozen       %zu layer outputs differ from training\n", differ);
    return differ == 0 && gradient.within(1e-6) ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
