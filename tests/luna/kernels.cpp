// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/kernels.hpp>
#include <thread>

namespace test_kernels {

using lnn::luna::kernels;

TEST_CASE("scratch is one room per thread, type and slot, and it only grows") {
  auto* a = kernels::scratch<std::int32_t>(0, 100);
  auto* b = kernels::scratch<std::int32_t>(1, 100);
  CHECK(a != b);
  a[99] = 5;
  CHECK(kernels::scratch<std::int32_t>(0, 10) == a);
  CHECK(kernels::scratch<std::int32_t>(0, 100)[99] == 5);
  auto* large = kernels::scratch<std::int32_t>(0, 100000);
  CHECK(large[99] == 5);
  std::int32_t* other = nullptr;
  std::thread([&] {
    other = kernels::scratch<std::int32_t>(0, 100);
    CHECK(other != large);
  }).join();
  CHECK(static_cast<void*>(kernels::scratch<float>(0, 4)) != static_cast<void*>(large));
}

TEST_CASE("the path has a name") { CHECK(std::string_view(kernels::name) == "luna"); }

}  // namespace test_kernels
