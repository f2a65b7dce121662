// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <utility>

#include "owner.hpp"

namespace lnn {

/// Something to be called later with these arguments, or nothing.  Copies copy what they hold.  (std::function does the
/// same; its header costs every program 12 MB of the compiler's memory.)
template <class... Arguments>
class callback {
 public:
  callback() = default;
  template <class Callable>
    requires(!std::same_as<Callable, callback>) && std::invocable<Callable, Arguments...> && std::copy_constructible<Callable>
  callback(Callable what) : held_(make_owner<holder<Callable>>(std::move(what))) {}
  callback(const callback& other) : held_(other.held_ ? other.held_->copy() : owner<base>()) {}
  callback(callback&&) noexcept = default;
  callback& operator=(callback other) noexcept {
    held_ = std::move(other.held_);
    return *this;
  }
  ~callback() = default;

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(held_); }
  void operator()(Arguments... given) const { held_->call(static_cast<Arguments&&>(given)...); }

 private:
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() = default;
    virtual void call(Arguments... given) = 0;
    [[nodiscard]] virtual owner<base> copy() const = 0;
  };
  template <class Callable>
  struct holder final : base {
    explicit holder(Callable w) : what(std::move(w)) {}
    [[nodiscard]] owner<base> copy() const override { return make_owner<holder>(what); }
    void call(Arguments... given) override { what(static_cast<Arguments&&>(given)...); }
    Callable what;
  };
  owner<base> held_;
};

}  // namespace lnn
