// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstring>
#include <lnn/simd/isa.hpp>

namespace test_isa {

using namespace lnn::simd;

TEST_CASE("isa: a path can be named, and only one that runs here") {
  CHECK(supported(isa::portable));
  CHECK(choose("portable") == isa::portable);
  for (isa path : all_isas) {
    const std::string name(name_of(path));
    if (supported(path)) {
      CHECK(choose(name.c_str()) == path);
      CHECK(choose(nullptr) >= path);
      CHECK(choose("") >= path);
    } else {
      CHECK_THROWS_AS((void)choose(name.c_str()), lnn::error);
    }
  }
  try {
    (void)choose("mmx");
    FAIL("mmx was taken for an instruction set");
  } catch (const lnn::error& e) {
    CHECK(std::strstr(e.what(), "LNN_PATH: \"mmx\"") != nullptr);
    CHECK(std::strstr(e.what(), "portable") != nullptr);
  }
  if (std::getenv("LNN_PATH") == nullptr)
    CHECK(best() == choose(nullptr));
  else
    CHECK(name_of(best()) == std::getenv("LNN_PATH"));
}

}  // namespace test_isa
