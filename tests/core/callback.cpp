// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/callback.hpp>
#include <string>

namespace test_callback {

TEST_CASE("callback: empty, called, copied, replaced") {
  lnn::callback<int, const std::string&> empty;
  CHECK_FALSE(empty);
  int sum = 0;
  std::string words;
  lnn::callback<int, const std::string&> add = [&sum, &words](int n, const std::string& w) { sum += n, words += w; };
  REQUIRE(add);
  add(3, "a");
  const lnn::callback<int, const std::string&> copy = add;
  add = {};
  CHECK_FALSE(add);
  copy(4, "b");
  CHECK(sum == 7);
  CHECK(words == "ab");
}

TEST_CASE("callback: copies have their own of what is held") {
  const lnn::callback<int*> count = [n = 0](int* to) mutable { *to = ++n; };
  const auto copy = count;
  int seen = 0;
  count(&seen);
  count(&seen);
  CHECK(seen == 2);
  copy(&seen);
  CHECK(seen == 1);
}

}  // namespace test_callback
