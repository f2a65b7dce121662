// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/model/attributes.hpp>

namespace test_attributes {

TEST_CASE("fields of every attribute struct lie apart and inside of it") {
  for (const auto& t : lnn::model::attribute_tables) {
    std::vector<int> used(t.bytes, 0);
    for (const auto& f : t.fields)
      for (std::size_t i = 0; i < lnn::model::width_of(f.kind) * f.count; ++i) {
        REQUIRE_MESSAGE(f.offset + i < t.bytes, t.type << "." << f.name);
        CHECK_MESSAGE(++used[f.offset + i] == 1, t.type << "." << f.name);
      }
    for (const auto& f : t.fields) CHECK_MESSAGE(f.offset % lnn::model::width_of(f.kind) == 0, t.type << "." << f.name);
    CHECK(lnn::model::is_known_type(t.type));
  }
  CHECK(lnn::model::is_known_type("iqAdd"));
  CHECK(!lnn::model::is_known_type("Conv3dInt"));
  CHECK(lnn::model::find_attributes("iqAdd") == nullptr);
}

TEST_CASE("attributes are numbers by name") {
  lnn::model::attributes a("Conv2dInt");
  CHECK(a.bytes().size() == 26);
  a.set("kernel", 300, 1).set("group", -2).set("act_type", 1);
  CHECK(a.integer("kernel", 0) == 0);
  CHECK(a.integer("kernel", 1) == 300);
  CHECK(a.integer("group") == -2);
  CHECK(a.bytes()[6] == 300 % 256);
  CHECK(a.bytes()[7] == 1);
  CHECK(a.bytes()[25] == 1);
  CHECK(a.has("dilation"));
  CHECK(!a.has("eps"));
  CHECK_THROWS_WITH_AS(a.set("stride", 256), doctest::Contains("attribute stride of Conv2dInt cannot be 256, expected 0 to 255"), lnn::error);
  CHECK_THROWS_WITH_AS((void)a.get("eps"), doctest::Contains("Conv2dInt has no attribute eps[0]"), lnn::error);
  CHECK_THROWS_WITH_AS((void)a.get("kernel", 3), doctest::Contains("no attribute kernel[3]"), lnn::error);

  lnn::model::attributes norm("LayerNormInt");
  norm.set("eps", 1e-5).set("axis", -1);
  CHECK(norm.get("eps") == doctest::Approx(1e-5));
  CHECK(norm.integer("axis") == -1);

  // structs of older files may be shorter
  const std::vector<std::uint8_t> half(8, 1);
  const lnn::model::attributes cut("Conv2dInt", half);
  CHECK(cut.has("kernel") == false);
  CHECK_THROWS_WITH_AS((void)cut.get("kernel"), doctest::Contains("end after 8 bytes, before kernel"), lnn::error);
}

}  // namespace test_attributes
