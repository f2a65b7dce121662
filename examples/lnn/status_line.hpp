// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <lnn/core/error.hpp>
#include <lnn/train/terminal.hpp>

namespace tool {

/// What long work is at, on one line of a terminal's standard error that is drawn over and wiped in the end.  Says nothing in
/// the first half second, and nothing where no person looks.
class status_line {
 public:
  status_line() = default;
  status_line(const status_line&) = delete;
  status_line& operator=(const status_line&) = delete;
  ~status_line() { draw(""); }

  template <class... Words>
  void show(const Words&... words) {
    if (!facts_.interactive) return;
    const double now = lnn::monotonic_seconds();
    if (now < next_) return;
    next_ = now + 0.1;
    draw(lnn::sentence(words...));
  }

 private:
  void draw(std::string text) {
    if (text.empty() && drawn_ == 0) return;
    text.resize(std::min(text.size(), static_cast<std::size_t>(std::max(facts_.columns - 1, 1))));
    std::fprintf(stderr, "\r%s%*s%s", text.c_str(), static_cast<int>(drawn_ - std::min(drawn_, text.size())), "", text.empty() ? "\r" : "");
    std::fflush(stderr);
    drawn_ = text.size();
  }

  lnn::terminal facts_ = lnn::terminal::of(stderr);
  double next_ = lnn::monotonic_seconds() + 0.5;
  std::size_t drawn_ = 0;
};

}  // namespace tool
