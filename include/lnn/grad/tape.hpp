// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <vector>

#include "../core/algorithm.hpp"
#include "../core/list.hpp"
#include "../core/owner.hpp"
#include "../core/parallel.hpp"
#include "../rule/verdict.hpp"
#include "call.hpp"
#include "variable.hpp"

namespace lnn {

/// One thing that was computed and can be undone or repeated.
struct tape_step {
  tape_step() = default;
  tape_step(const tape_step&) = delete;
  tape_step& operator=(const tape_step&) = delete;
  virtual ~tape_step() = default;
  virtual void forward(bool training) = 0;
  virtual void backward(bool training) = 0;
};

/// Remembers what was computed so that it can be differentiated, and repeated with other data in the same memory.
/// Knows no operator by name: whatever has result, forward and backward can be applied, a user's own operator too.
///
///     lnn::tape t(workers);
///     auto& x = t.input({64, 10});
///     auto& y = t.apply(lnn::linear{.out = 3}, x, w, b);
///     auto& loss = lnn::mean_squared_error(t, y, target);
///     t.backward(loss);
template <class T, class Kernels>
class basic_tape {
 public:
  using scalar = T;
  using kernels = Kernels;
  using var = variable<T>;

  explicit basic_tape(pool& workers) : workers_(&workers) {}
  basic_tape(const basic_tape&) = delete;
  basic_tape& operator=(const basic_tape&) = delete;

  /// A variable with memory of its own, zero at first.
  var& make(const shape& dims, bool with_grad = true) {
    var& v = made_.emplace_back();
    v.own_value = tensor<T>(dims);
    v.value = v.own_value.flatten();
    if (with_grad) {
      v.own_grad = tensor<T>(dims);
      v.grad = v.own_grad.flatten();
    }
    return v;
  }
  /// What a step makes.  Its gradient has memory of its own, or where gradients are shared, that of the backward pass.
  var& result(const shape& dims, bool with_grad = true) { return with_gradient(make(dims, with_grad && !shares_gradients), with_grad); }
  /// The same without memory for its elements: its step finds some when they are asked for.
  var& shadow(const shape& dims, bool with_grad = true) { return with_gradient(leaf({&nowhere_, dims}, with_grad && !shares_gradients), with_grad); }
  /// A leaf without a gradient: data.
  var& input(const shape& dims) { return make(dims, false); }
  /// A leaf on elements that live elsewhere, with a gradient of its own: a parameter.
  var& leaf(flat<T> elements, bool with_grad = true) {
    var& v = made_.emplace_back();
    v.value = elements;
    if (with_grad) {
      v.own_grad = tensor<T>(elements.dims);
      v.grad = v.own_grad.flatten();
    }
    return v;
  }

  /// Computes op(x, more...) and remembers it.  Shapes that do not fit throw lnn::error.
  template <class Op, class... Vars>
  var& apply(const Op& op, var& x, Vars&... more) {
    return *apply_list(op, std::vector<var*>{&x, &more...}).front();
  }
  /// The same for operators with more than one output, and with a relu behind operators that take one in.
  template <class Op>
  std::vector<var*> apply_list(const Op& op, std::vector<var*> in, bool relu = false) {
    const list<shape, 16> shapes = shapes_of(in, Op::name, op.inputs());
    verdict found;
    found.layer = Op::name;
    const auto activations = op.inputs() < 0 ? in.size() : static_cast<std::size_t>(op.inputs());
    const std::span<const shape> given(shapes.data(), activations);
    list<shape, 16> made;
    if constexpr (requires { op.results(given, found); }) made = op.results(given, found);
    else made.push_back(op.result(given, found));
    if (!found.clean()) fail(spoken(found.refused().front()));
    if constexpr (requires { op.parameters(given); }) require_parameters(Op::name, shapes, activations, op.parameters(given));
    bool wanted = false;
    for (const var* v : in) wanted |= static_cast<bool>(v->grad);
    std::vector<var*> out;
    for (const shape& each : made) out.push_back(&result(each, wanted));
    record(make_owner<op_step<Op>>(*this, op, std::move(in), out, relu, std::span<const shape>(shapes.data(), shapes.size())));
    return out;
  }

  /// Remembers a step made elsewhere and runs it.
  void record(owner<tape_step> step) {
    step->forward(training);
    steps_.push_back(std::move(step));
  }

  /// Repeats everything with the present values of the leaves.
  void forward() {
    for (const auto& step : steps_) step->forward(training);
  }

  /// Sets the gradient of every variable to d loss / d variable; where gradients are shared, those of leaves.  Gradients are
  /// cleared when they are first added to, while they are about to be used anyway.
  void backward(var& loss) {
    for (var& v : made_) v.touched = false;
    shared_.clear();
    loss.begin();
    std::fill(loss.grad.begin(), loss.grad.end(), T{1});
    for (std::size_t i = steps_.size(); i-- > 0;) steps_[i]->backward(training);
    for (var& v : made_)
      if (!v.lender) v.claim();
  }

  [[nodiscard]] pool& workers() const { return *workers_; }
  /// Where a step may put what only its own backward needs.
  [[nodiscard]] gradient_memory<T>& shared() { return shared_; }

  bool training = true;
  /// Set before steps are recorded: gradients of what steps make are gone when their step has read them, and share memory.
  bool shares_gradients = false;

 private:
  var& with_gradient(var& v, bool with_grad) {
    if (with_grad && shares_gradients) {
      v.lender = &shared_;
      v.grad = {&nowhere_, v.dims()};
    }
    return v;
  }
  static list<shape, 16> shapes_of(const std::vector<var*>& in, std::string_view name, int inputs) {
    list<shape, 16> shapes;
    for (const var* v : in) shapes.push_back(v->dims());
    const auto least = static_cast<std::size_t>(std::max(inputs, 1));
    if (in.size() < least || shapes.overflow())
      fail(name, ": ", in.size(), " inputs, expected ", in.empty() || shapes.overflow() ? 1 : inputs, " or more, at most 16");
    return shapes;
  }
  template <class Needed>
  static void require_parameters(std::string_view name, const list<shape, 16>& shapes, std::size_t activations,
                                 const Needed& needed) {
    if (shapes.size() != activations + needed.size())
      fail(name, ": ", shapes.size() - activations, " parameters, expected ", needed.size());
    for (std::size_t i = 0; i < needed.size(); ++i)
      if (!(shapes[activations + i] == needed[i].dims))
        fail(name, ": ", needed[i].name, " is ", shapes[activations + i], ", expected ", needed[i].dims);
  }

  /// What does not depend on the operator's type, compiled once for all.
  struct any_op_step : tape_step {
    any_op_step(const basic_tape& owner, std::vector<var*> from, std::vector<var*> to, bool with_relu,
                std::size_t state_count, bool overwrites_gradients)
        : workers(owner.workers()),
          in(std::move(from)),
          out(std::move(to)),
          relu(with_relu),
          states(state_count),
          overwrites(overwrites_gradients) {
      for (const var* v : out) made.push_back(v->value);
      results.assign(made.begin(), made.end());
    }
    void forward(bool trains) override {
      refresh();
      list<flat<T>, 4> state;
      for (std::size_t i = in.size() - states; i < in.size(); ++i) state.push_back(in[i]->value);
      compute({.in = values,
               .out = made,
               .state = {state.data(), state.size()},
               .saved = {saved.data(), saved.size()},
               .training = trains,
               .workers = workers,
               .relu = relu});
    }
    void backward(bool trains) override {
      bool wanted = false;
      for (const var* v : out) wanted |= v->grad && v->touched;
      if (!wanted) return;
      for (var* v : out) v->claim();
      refresh();
      unsigned fresh = 0;
      grads.clear();
      given.clear();
      for (std::size_t i = 0; i < in.size(); ++i) {
        if (!in[i]->grad) continue;
        if (!overwrites || std::count(in.begin(), in.end(), in[i]) > 1) in[i]->claim();
        else if (in[i]->begin()) fresh |= 1U << i;
      }
      for (const var* v : in) grads.push_back(v->grad);
      for (const var* v : out) given.push_back(v->grad);
      differentiate({.in = values,
                     .out = results,
                     .grad_out = given,
                     .grad_in = grads,
                     .saved = {saved.data(), saved.size()},
                     .training = trains,
                     .workers = workers,
                     .relu = relu,
                     .fresh = fresh});
      for (var* v : out) v->end();
    }
    void refresh() {  // a leaf may look at other data than before
      values.clear();
      for (const var* v : in) values.push_back(v->value);
    }
    virtual void compute(const forward_call<T, Kernels>& c) = 0;
    virtual void differentiate(const backward_call<T, Kernels>& c) = 0;

    pool& workers;
    std::vector<var*> in;
    std::vector<var*> out;
    bool relu;
    std::size_t states;  ///< how many of the last inputs forward updates
    bool overwrites;
    std::vector<flat<const T>> values;
    std::vector<flat<T>> grads, made;
    std::vector<flat<const T>> results, given;  ///< values of the outputs, and the gradients that reach them
    tensor<T> saved;
  };

  template <class Op>
  struct op_step final : any_op_step {
    op_step(const basic_tape& owner, const Op& what, std::vector<var*> from, std::vector<var*> to, bool with_relu,
            std::span<const shape> shapes)
        : any_op_step(owner, std::move(from), std::move(to), with_relu, states_of(), requires { Op::overwrites_gradients; }), op(what) {
      if constexpr (requires { op.saved(shapes); }) this->saved = tensor<T>({static_cast<int>(op.saved(shapes))});
    }
    void compute(const forward_call<T, Kernels>& c) override { op.forward(c); }
    void differentiate(const backward_call<T, Kernels>& c) override { op.backward(c); }
    static constexpr std::size_t states_of() {
      if constexpr (requires { Op::states; }) return Op::states;
      else return 0;
    }

    Op op;
  };

  pool* workers_;
  gradient_memory<T> shared_;
  T nowhere_{};  ///< where elements are that have no memory at present
  std::deque<var> made_;
  std::vector<owner<tape_step>> steps_;
};

}  // namespace lnn
