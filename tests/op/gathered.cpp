// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/gathered.hpp>
#include <numeric>

#include "textbook.hpp"

namespace test_gathered {

using lnn::gathered;
using lnn::shape;

TEST_CASE("gathered: a list of places for every axis, -1 for none") {
  lnn::random draw(3401);
  for (int i = 0; i < 100; ++i) {
    shape in, out;
    std::vector<std::vector<int>> from;
    for (int rank = textbook::pick(draw, 0, 4); rank > 0; --rank) {
      in.append(textbook::pick(draw, 1, 4));
      out.append(textbook::pick(draw, 1, 5));
      from.emplace_back();
      for (int k = 0; k < out[out.rank() - 1]; ++k)
        from.back().push_back(textbook::pick(draw, -1, in[in.rank() - 1] - 1));
    }
    const gathered w(in, out, [&](int axis, int k) {
      return from[static_cast<std::size_t>(axis)][static_cast<std::size_t>(k)];
    });
    std::vector<int> x(in.size()), y(out.size()), count(in.size()), counted(in.size());
    std::iota(x.begin(), x.end(), 0);
    lnn::detail::gather(w, x.data(), y.data(), -7);
    for (std::size_t k = 0; k < y.size(); ++k) {
      std::size_t rest = k;
      int at = 0, step = 1;
      for (int a = out.rank() - 1; a >= 0; --a) {
        const auto extent = static_cast<std::size_t>(out[a]);
        const int place = from[static_cast<std::size_t>(a)][rest % extent];
        rest /= extent;
        at = at < 0 || place < 0 ? -1 : at + place * step;
        step *= in[a];
      }
      REQUIRE(y[k] == (at < 0 ? -7 : at));
      if (at >= 0) ++count[static_cast<std::size_t>(at)];
    }
    const std::vector<int> ones(y.size(), 1);
    lnn::detail::gather_back(w, ones.data(), counted.data());
    REQUIRE(counted == count);
  }
}

}  // namespace test_gathered
