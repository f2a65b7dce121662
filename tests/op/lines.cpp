// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/lines.hpp>

#include "textbook.hpp"

namespace test_lines {

TEST_CASE("lines: every element lies in one line, in any number of threads") {
  const lnn::shape x{3, 50, 4, 30};
  for (int axis = 0; axis < 4; ++axis) {
    const lnn::lines l(x, axis);
    CHECK(l.n == x.span(axis, axis + 1));
    CHECK(l.n * l.count == x.size());
    for (const int threads : {1, 4}) {
      std::vector<int> seen(x.size());
      lnn::pool workers(threads);
      l.each(workers, [&](std::size_t line, std::size_t first) {
        CHECK(first == l.start(line));
        for (std::size_t i = 0; i < l.n; ++i) ++seen[first + i * l.step];
      });
      CHECK(std::count(seen.begin(), seen.end(), 1) == static_cast<std::ptrdiff_t>(x.size()));
    }
  }
  CHECK(lnn::lines({2, 3, 4}, 1).start(5) == 13);
}

}  // namespace test_lines
