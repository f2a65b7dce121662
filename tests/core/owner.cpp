// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/owner.hpp>
#include <memory>

namespace test_owner {

using lnn::make_owner, lnn::owner;

namespace {

struct counted {
  explicit counted(int& n) : alive(n) { ++alive; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  virtual ~counted() { --alive; }
  int& alive;
};
struct derived final : counted {
  using counted::counted;
};

}  // namespace

TEST_CASE("owner: ends what it owns once") {
  int alive = 0;
  {
    auto a = make_owner<counted>(alive);
    CHECK(alive == 1);
    owner<counted> b = std::move(a);
    CHECK(!a);  // NOLINT(bugprone-use-after-move): moved from is empty
    CHECK(&b->alive == &alive);
    CHECK(alive == 1);
    b = make_owner<counted>(alive);
    CHECK(alive == 1);
    b.reset();
    CHECK(alive == 0);
    b.reset(new counted(alive));
    owner<counted>& same = b;
    b = std::move(same);
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
}

TEST_CASE("owner: takes over from owners of derived classes and from std::unique_ptr") {
  int alive = 0;
  {
    owner<counted> a = make_owner<derived>(alive);
    owner<counted> b = std::make_unique<derived>(alive);
    CHECK(alive == 2);
    counted* const raw = b.release();
    CHECK(!b);
    CHECK(alive == 2);
    delete raw;
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
  static_assert(!std::is_convertible_v<owner<counted>, owner<derived>>);
  static_assert(!std::is_copy_constructible_v<owner<counted>>);
}

}  // namespace test_owner
