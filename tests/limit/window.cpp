// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_window {

using namespace lnn::limit;

TEST_CASE("layout: an image whose rows do not fit is laid on its side when its columns do") {
  constexpr layout wide{8, 512, {3, 1}, {1, 1}, {1, 2, 3, 0}, 8, 512};
  static_assert(wide.row(64) == 64 * 512 * 3);
  constexpr layout at = lay_out(wide, 64, 65536);
  static_assert(at.turned && at.h == 512 && at.w == 8 && at.kernel == lnn::extent2{1, 3});
  static_assert(at.pad == lnn::padding2{2, 1, 0, 3} && at.out_h == 512);
  static_assert(!lay_out(wide, 64, 98304).turned);
  constexpr layout huge{512, 512, {3, 3}, {1, 1}, {}, 512, 512};
  static_assert(!lay_out(huge, 64, 65536).turned);
}

TEST_CASE("layout: widths are rounded up to a multiple of the stride") {
  constexpr layout at{4, 17, {2, 2}, {1, 2}, {}, 4, 8};
  static_assert(at.line(8, 8) == 8 * 32 && at.line(8, 4) == 8 * 24 && at.strip(8, 8) == 2 * 8 * 32);
}

TEST_CASE("layout: positions may be none or less") {
  static_assert(positions(8, 3, 1, 2) == 8);
  static_assert(positions(8, 3, 2, 0) == 3);
  static_assert(positions(2, 3, 1, 0) == 0);
  static_assert(positions(1, 3, 1, 0) == -1);
  static_assert(positions(9, 3, 1, 0, 4) == 1);
}

TEST_CASE("layout: equal parts exist, or they do not") {
  constexpr layout even{128, 64, {3, 3}, {1, 1}, {1}, 128, 64};
  static_assert(equal_parts(even, 3, 1024, 65536) == 4);  // 2 would be 66 lines
  constexpr layout prime{127, 64, {3, 3}, {1, 1}, {1}, 127, 64};
  static_assert(equal_parts(prime, 3, 1024, 65536) == 127);
  static_assert(equal_parts(prime, 3, 32768, 65536) == 0);
}

}  // namespace test_window
