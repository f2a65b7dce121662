// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <lnn/core/random.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/train/freeze.hpp>
#include <new>

namespace test_allocations {

/// Requests for memory by this thread since it last asked.
thread_local std::size_t requests = 0;

inline void* counted(std::size_t n, std::size_t alignment) {
  ++requests;
  void* p = nullptr;
  if (posix_memalign(&p, alignment, n == 0 ? 1 : n) != 0) throw std::bad_alloc();
  return p;
}

}  // namespace test_allocations

// All forms of the library's own end in these.  None is inlined: g++ would take free for the wrong end of a `new` that is not.
[[gnu::noinline]] void* operator new(std::size_t n) { return test_allocations::counted(n, alignof(std::max_align_t)); }
[[gnu::noinline]] void* operator new[](std::size_t n) { return test_allocations::counted(n, alignof(std::max_align_t)); }
[[gnu::noinline]] void* operator new(std::size_t n, std::align_val_t a) { return test_allocations::counted(n, static_cast<std::size_t>(a)); }
[[gnu::noinline]] void* operator new[](std::size_t n, std::align_val_t a) { return test_allocations::counted(n, static_cast<std::size_t>(a)); }
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace test_allocations {

namespace {

/// Layers of every kind that frozen networks are made of.
lnn::graph<> images() {
  lnn::graph<> n;
  auto x = n.input("image", {1, 3, 16, 16});
  x = n("conv", lnn::conv2d{.out = 16, .pad = 1}, x);
  auto y = n("relu1", lnn::relu{}, n("norm", lnn::batch_norm{}, n("depthwise", lnn::conv2d{.out = 16, .pad = 1, .group = 16}, x)));
  x = n("sum", lnn::add{}, x, n("pointwise", lnn::conv2d{.out = 16, .kernel = {1, 1}}, y));
  x = n("join", lnn::concat{.axis = 1}, n("max", lnn::max_pool2d{}, x), n("average", lnn::avg_pool2d{.kernel = {2, 2}, .stride = {2, 2}}, x));
  x = n("wider", lnn::conv_transpose2d{.out = 8, .kernel = {2, 2}, .stride = {2, 2}}, n("sigmoid", lnn::sigmoid{}, x));
  x = n("flat", lnn::flatten{}, n("mean", lnn::avg_pool2d::global(), n("product", lnn::mul{}, x, x)));
  n.output(n("softmax", lnn::softmax{}, n("classes", lnn::linear{.out = 10}, x)));
  return n;
}
lnn::graph<> sequences() {
  lnn::graph<> n;
  auto x = n("conv", lnn::conv1d{.out = 12, .kernel = 3, .pad = 1}, n.input("x", {1, 8, 12}));
  x = n("lstm", lnn::lstm{.hidden = 12}, n("turn", lnn::transpose{{0, 2, 1}}, n("pool", lnn::max_pool1d{.kernel = 2, .stride = 2}, x)));
  x = n("norm", lnn::layer_norm{}, n("gru", lnn::gru{.hidden = 10}, x));
  n.output(n("classes", lnn::linear{.out = 5}, x));
  return n;
}

}  // namespace

TEST_CASE("a frozen network asks for no memory once it has run") {
  for (const auto& net : {images(), sequences()}) {
    REQUIRE(net.view().problems.empty());
    const auto fused = lnn::fuse(net.view());
    lnn::scales s = lnn::scales_for(fused.view(), {});
    for (auto& e : s.entries()) e.set(e.name.find("weight") == std::string::npos ? 2.0F : 1.0F);
    (void)lnn::grids_of(fused.view(), s, true);
    const auto m = lnn::freeze(net.view(), lnn::init(net.view(), 5), s, lnn::arcs, lnn::hardware_rules::ignored);
    lnn::pool one(1);
    lnn::sim::machine<lnn::simd::kernels, lnn::builtin> machine(m, one);
    lnn::tensor<float> x(net.view().edges[0].dims);
    lnn::random draw(3);
    for (float& v : x) v = draw.uniform(-1, 1);
    requests = 0;
    machine.run(x.flatten());
    CHECK(requests > 0);
    requests = 0;
    for (int i = 0; i < 3; ++i) machine.run(x.flatten());
    CHECK(requests == 0);
  }
}

}  // namespace test_allocations
