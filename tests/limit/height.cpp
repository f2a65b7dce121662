// SPDX-License-Identifier: Apache-2.0
#include <lnn/limit/height.hpp>

#include "asked.hpp"

namespace test_height {

using namespace asked;
using lnn::chip;

namespace {

/// A square window over an image, its stride and padding the same on every side, and whether the engine's driver takes it.
struct asked_driver {
  int channels, h, w, kernel, stride, pad, dilation;
  bool taken;
};

bool takes(const asked_driver& a, const chip& on, bool each_plane) {
  const int reach = a.dilation * (a.kernel - 1) + 1;
  const lnn::limit::layout at{a.h, a.w, {a.kernel, a.kernel}, {a.stride, a.stride}, {a.pad, a.pad, a.pad, a.pad},
                              lnn::limit::positions(a.h, a.kernel, a.stride, 2 * a.pad, a.dilation),
                              lnn::limit::positions(a.w, a.kernel, a.stride, 2 * a.pad, a.dilation)};
  const long long line = each_plane ? lnn::limit::plane_line(at, a.channels, on) : at.line(lnn::align_up(a.channels, 8), on.conv.strip_group);
  const auto cut = lnn::limit::cut_height(at, reach, each_plane, line, on, each_plane ? on.memory.depthwise_buffer : on.memory.data_buffer);
  return cut.parts == 1 || (cut.parts > 1 && cut.apart && (cut.rest == 0 || !on.conv.whole_windows));
}

}  // namespace

// Verdicts of luna_split_conv_para_pack in the simulation libraries of the chips.
TEST_CASE("height: the verdicts of arcs' driver on convolutions and pools") {
  constexpr asked_driver all[] = {
      {8, 40, 36, 3, 1, 0, 1, true},    {16, 31, 78, 5, 2, 0, 1, true},    {3, 40, 84, 5, 2, 0, 1, false},  {3, 55, 45, 2, 2, 0, 1, false},
      {16, 41, 18, 4, 2, 0, 1, true},   {32, 87, 109, 5, 1, 0, 1, false},  {16, 60, 115, 4, 1, 2, 1, false}, {8, 106, 37, 2, 2, 1, 1, true},
      {32, 80, 48, 5, 4, 2, 1, false},  {32, 139, 7, 4, 2, 2, 1, true},    {20, 16, 44, 2, 1, 1, 1, false}, {20, 17, 44, 2, 1, 1, 1, true},
      {20, 18, 44, 2, 1, 1, 1, false},  {20, 19, 44, 2, 1, 1, 1, true},    {20, 29, 44, 3, 1, 1, 1, true},   {20, 71, 97, 5, 1, 2, 1, false},
      {8, 113, 105, 5, 1, 2, 1, false}, {8, 97, 48, 2, 2, 0, 1, false},    {8, 98, 48, 2, 2, 0, 1, true},    {8, 79, 106, 4, 4, 2, 1, false},
  };
  for (const asked_driver& a : all) {
    CAPTURE(a.h);
    CAPTURE(a.w);
    CHECK(takes(a, lnn::arcs, false) == a.taken);
    CHECK(takes(a, lnn::arcs, true) == a.taken);  // one buffer for all
  }
}

TEST_CASE("height: the verdicts of venusA's driver on convolutions") {
  constexpr asked_driver all[] = {
      {16, 45, 102, 5, 4, 0, 1, true}, {20, 74, 35, 4, 1, 2, 1, true},   {20, 129, 33, 5, 1, 2, 1, false}, {32, 36, 83, 3, 2, 0, 1, false},
      {16, 37, 108, 2, 2, 0, 1, true}, {8, 79, 106, 4, 4, 2, 1, false},  {32, 139, 7, 4, 2, 2, 1, true},   {16, 33, 117, 4, 4, 0, 1, true},
      {3, 97, 62, 2, 2, 0, 1, true},   {20, 46, 69, 3, 2, 0, 1, false},   {32, 100, 102, 7, 2, 7, 2, false}, {64, 48, 105, 7, 4, 7, 1, false},
      {64, 12, 102, 5, 4, 0, 2, true}, {20, 58, 76, 7, 4, 7, 4, false},   {64, 77, 97, 5, 4, 5, 1, false},
  };
  for (const asked_driver& a : all) {
    CAPTURE(a.h);
    CHECK(takes(a, lnn::venusA, false) == a.taken);
  }
}

TEST_CASE("height: the verdicts of venusA's driver on pools, whose buffer is smaller") {
  constexpr asked_driver all[] = {
      {8, 116, 52, 5, 2, 0, 1, false}, {3, 40, 84, 5, 2, 0, 1, true},   {16, 84, 23, 5, 4, 2, 1, false}, {20, 95, 119, 5, 2, 0, 1, true},
      {32, 86, 66, 5, 2, 0, 1, false}, {3, 129, 63, 2, 2, 0, 1, true},  {20, 27, 48, 4, 4, 0, 1, true},  {8, 38, 101, 5, 2, 0, 1, false},
      {64, 52, 52, 5, 1, 2, 1, false}, {8, 68, 94, 7, 2, 7, 1, true},   {64, 62, 31, 7, 1, 3, 1, true},  {64, 71, 83, 4, 1, 2, 1, false},
      {32, 129, 40, 4, 1, 4, 1, true}, {64, 82, 31, 7, 2, 7, 1, false}, {16, 67, 99, 3, 1, 3, 1, false}, {20, 41, 120, 7, 1, 3, 1, false},
  };
  for (const asked_driver& a : all) {
    CAPTURE(a.h);
    CHECK(takes(a, lnn::venusA, true) == a.taken);
  }
}

TEST_CASE("height: the verdicts of venusA's driver on depthwise convolutions, of which it forgets the dilation") {
  constexpr asked_driver all[] = {
      {32, 134, 7, 4, 2, 0, 2, true}, {32, 39, 92, 7, 4, 0, 4, true},  {64, 37, 19, 4, 2, 0, 4, false}, {16, 93, 51, 5, 2, 5, 1, false},
      {64, 101, 81, 5, 2, 2, 4, true}, {32, 104, 78, 4, 4, 0, 2, true}, {64, 88, 82, 3, 2, 3, 2, false}, {16, 59, 97, 7, 4, 7, 1, false},
  };
  for (const asked_driver& a : all) {
    CAPTURE(a.h);
    CHECK(takes(a, lnn::venusA, true) == a.taken);
  }
}

TEST_CASE("height: the verdicts of the drivers on transposed convolutions") {
  constexpr asked_driver arcs[] = {
      {32, 28, 28, 7, 2, 3, 1, true},  {8, 39, 53, 5, 2, 2, 1, true},   {8, 70, 37, 7, 4, 3, 1, true},  {3, 46, 85, 3, 2, 1, 1, true},
      {3, 89, 39, 2, 1, 0, 1, false},  {8, 78, 42, 4, 1, 1, 1, false},  {16, 73, 12, 2, 1, 0, 1, true}, {3, 17, 110, 5, 4, 0, 1, true},
      {8, 37, 75, 3, 2, 1, 1, false},  {48, 5, 91, 5, 2, 2, 1, false},  {3, 61, 56, 3, 2, 0, 1, false}, {48, 6, 80, 7, 4, 3, 1, false},
      {8, 27, 71, 2, 1, 0, 1, true},   {8, 73, 51, 4, 4, 0, 1, false},  {8, 99, 20, 4, 1, 1, 1, true},  {8, 32, 61, 2, 1, 0, 1, false},
  };
  constexpr asked_driver venusA[] = {
      {16, 75, 36, 3, 2, 1, 1, true},  {48, 89, 11, 2, 2, 0, 1, false}, {32, 61, 46, 7, 4, 0, 1, false}, {16, 95, 59, 4, 2, 0, 1, true},
      {16, 91, 82, 5, 2, 2, 1, true},  {16, 61, 84, 3, 2, 0, 1, false}, {16, 60, 95, 7, 1, 0, 1, false}, {32, 18, 86, 5, 4, 0, 1, true},
      {32, 61, 23, 7, 4, 3, 1, true},  {32, 25, 95, 2, 1, 0, 1, false}, {48, 31, 49, 6, 4, 2, 1, false}, {16, 53, 106, 5, 4, 0, 1, false},
      {16, 83, 37, 6, 1, 0, 1, true},  {32, 15, 120, 2, 1, 0, 1, true}, {3, 56, 103, 7, 4, 0, 1, true},  {3, 85, 84, 2, 1, 0, 1, true},
  };
  const auto fits = [](const asked_driver& a, const chip& on) {
    const auto out = [&](int n) { return (n - 1LL) * a.stride + a.kernel - 2LL * a.pad; };
    const lnn::limit::layout at{a.h, a.w, {a.kernel, a.kernel}, {a.stride, a.stride}, {a.pad, a.pad, a.pad, a.pad}, out(a.h), out(a.w)};
    return lnn::limit::transposed_fits(at, at.line(lnn::align_up(a.channels, 8), on.conv.strip_group), on, on.memory.data_buffer);
  };
  for (const asked_driver& a : arcs) {
    CAPTURE(a.h);
    CHECK(fits(a, lnn::arcs) == a.taken);
  }
  for (const asked_driver& a : venusA) {
    CAPTURE(a.h);
    CHECK(fits(a, lnn::venusA) == a.taken);
  }
}

}  // namespace test_height
