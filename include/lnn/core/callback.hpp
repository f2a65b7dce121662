// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <memory>
#include <utility>

namespace lnn {

/// Something to be called later with these arguments, or nothing.  Copies share what they hold.  (std::function does the
/// same; its header costs every program 12 MB of the compiler's memory.)
template <class... Arguments>
class callback {
 public:
  callback() = default;
  template <std::invocable<Arguments...> Callable>
    requires(!std::same_as<Callable, callback>)
  callback(Callable what) : held_(std::make_shared<holder<Callable>>(std::move(what))) {}

  [[nodiscard]] explicit operator bool() const { return held_ != nullptr; }
  void operator()(Arguments... given) const { held_->call(static_cast<Arguments&&>(given)...); }

 private:
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() = default;
    virtual void call(Arguments... given) = 0;
  };
  template <class Callable>
  struct holder final : base {
    explicit holder(Callable w) : what(std::move(w)) {}
    void call(Arguments... given) override { what(static_cast<Arguments&&>(given)...); }
    Callable what;
  };
  std::shared_ptr<base> held_;
};

}  // namespace lnn
