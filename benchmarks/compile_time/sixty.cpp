// SPDX-License-Identifier: Apache-2.0
// A network of 60 layers; with -DCHECKED also checked against every chip.  What the check costs is the difference.
#include <lnn/check/runs_on.hpp>

namespace {

constexpr auto sixty = lnn::describe([](auto& net) {
  constexpr const char* names[][5] = {
      {"a1", "a2", "a3", "a4", "a5"}, {"b1", "b2", "b3", "b4", "b5"}, {"c1", "c2", "c3", "c4", "c5"},
      {"d1", "d2", "d3", "d4", "d5"}, {"e1", "e2", "e3", "e4", "e5"}, {"f1", "f2", "f3", "f4", "f5"},
      {"g1", "g2", "g3", "g4", "g5"}, {"h1", "h2", "h3", "h4", "h5"}, {"i1", "i2", "i3", "i4", "i5"},
      {"j1", "j2", "j3", "j4", "j5"}, {"k1", "k2", "k3", "k4", "k5"}};
  auto x = net.input({1, 3, 32, 32});
  x = net("stem", lnn::conv2d{.out = 32, .pad = 1}, x);
  for (const auto& name : names) {
    auto y = net(name[0], lnn::conv2d{.out = 32, .pad = 1, .group = 32}, x);
    y = net(name[1], lnn::batch_norm{}, y);
    y = net(name[2], lnn::relu{}, y);
    y = net(name[3], lnn::conv2d{.out = 32, .kernel = {1, 1}}, y);
    x = net(name[4], lnn::add{}, y, x);
  }
  x = net("act", lnn::relu{}, x);
  x = net("mean", lnn::avg_pool2d::global(), x);
  x = net("flat", lnn::flatten{}, x);
  net("classes", lnn::linear{.out = 10}, x);
});
static_assert(sixty.nodes.size() == 60);

#ifdef CHECKED
static_assert(lnn::runs_on<sixty, lnn::venus>);
static_assert(lnn::runs_on<sixty, lnn::arcs>);
static_assert(lnn::runs_on<sixty, lnn::venusA>);
#endif

}  // namespace
