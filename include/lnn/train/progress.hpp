// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <string>
#include <string_view>

#include "../core/algorithm.hpp"
#include "../core/clock.hpp"
#include "../core/maths.hpp"
#include "figure.hpp"
#include "terminal.hpp"

namespace lnn {

/// Tells how training goes.  On a terminal one line is drawn again and again, at most ten times a second;
/// elsewhere plain lines come every ten seconds and at the end of each epoch:
///
///     float 2/5 [=======>            ]  40%  loss 0.4312  acc 85.20%  21345 img/s  ETA 0:41
///     float 2/5  loss 0.4011  acc 86.12%  21400 img/s  0:03
///
/// ETA counts to the end of the last epoch.  A second is what `seconds` says, so tests can turn the clock.
class progress {
 public:
  explicit progress(std::FILE* out = stderr) : progress(out, terminal::of(out)) {}
  progress(std::FILE* out, const terminal& facts, double (*seconds)() = monotonic_seconds)
      : out_(out), facts_(facts), seconds_(seconds) {}
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  ~progress() { leave_line(); }

  /// An epoch begins: its number (from 1), how many there are, and the images in each.
  void begin(std::string_view stage, int epoch, int epochs, std::size_t images) {
    title_ = std::string(stage) + ' ' + std::to_string(epoch) + '/' + std::to_string(epochs);
    images_ = images;
    later_ = static_cast<double>(images) * std::max(epochs - epoch, 0);
    started_ = seconds_();
    shown_ = facts_.interactive ? started_ - 1 : started_;
  }

  /// So many images of the epoch are done; means so far.
  void update(std::size_t done, double loss, const figure& judged = {}) {
    const double now = seconds_();
    if (now - shown_ < (facts_.interactive ? 0.1 : 10)) return;
    shown_ = now;
    const double share =
        images_ > 0 ? std::min(static_cast<double>(done) / static_cast<double>(images_), 1.0) : 1;
    const double rate = per_second(done, now);
    char percent[16];
    std::snprintf(percent, sizeof percent, "%3d%%", static_cast<int>(share * 100));
    std::string tail = percent + numbers(loss, judged, rate);
    if (rate > 0) {
      const double rest = static_cast<double>(images_ - std::min(done, images_)) + later_;
      tail += "  ETA " + clock_text(rest / rate);
    }
    if (!facts_.interactive) return line(title_ + "  " + tail);
    const int room = std::min(facts_.columns - 1 - static_cast<int>(title_.size() + tail.size()) - 4, 30);
    draw(title_ + ' ' + (room >= 4 ? bar(share, room) + ' ' : std::string()) + tail, room >= 4 ? room : 0);
  }

  /// The epoch is over: one line that stays.  `more` is added to it.
  void end(double loss, const figure& judged = {}, std::string_view more = {}) {
    const double now = seconds_();
    std::string text =
        title_ + numbers(loss, judged, per_second(images_, now)) + "  " + clock_text(now - started_);
    if (!more.empty()) text.append("  ").append(more);
    line(text);
  }

  /// A line of the caller's own that does not collide with the bar.
  void line(std::string_view text) {
    if (drawn_ > 0) std::fprintf(out_, "\r%*s\r", static_cast<int>(drawn_), "");
    drawn_ = 0;
    std::fprintf(out_, "%.*s\n", static_cast<int>(text.size()), text.data());
    std::fflush(out_);
  }

  /// "0:07", "12:40", "3:05:00"
  [[nodiscard]] static std::string clock_text(double seconds) {
    const auto s = static_cast<long long>(std::clamp(maths::round(seconds), 0.0, 3.6e9));
    char digits[48];
    if (s < 3600)
      std::snprintf(digits, sizeof digits, "%lld:%02lld", s / 60, s % 60);
    else
      std::snprintf(digits, sizeof digits, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    return digits;
  }

 private:
  [[nodiscard]] double per_second(std::size_t done, double now) const {
    return now > started_ ? static_cast<double>(done) / (now - started_) : 0;
  }
  [[nodiscard]] static std::string numbers(double loss, const figure& judged, double rate) {
    char text[96];
    std::snprintf(text, sizeof text, "  loss %.4f", loss);
    std::string out = text;
    if (judged.known()) out += "  " + judged.text();
    std::snprintf(text, sizeof text, "  %.0f img/s", rate);
    return rate > 0 ? out + text : out;
  }
  [[nodiscard]] static std::string bar(double share, int room) {
    const int full = static_cast<int>(share * room);
    std::string out = "[" + std::string(static_cast<std::size_t>(full), '=');
    if (full < room) out += '>';
    return out.append(static_cast<std::size_t>(std::max(room - full - 1, 0)), ' ') + ']';
  }
  /// Puts text over the line drawn before; the bar of `room` characters gets the colour.
  void draw(std::string text, int room) {
    const std::size_t width =
        std::min(text.size(), static_cast<std::size_t>(std::max(facts_.columns - 1, 1)));
    text.resize(width);
    text.append(drawn_ - std::min(drawn_, width), ' ');
    drawn_ = width;
    if (facts_.colour && room > 0) {
      const std::size_t inside = title_.size() + 2;
      text.insert(inside + static_cast<std::size_t>(room), "\x1b[0m").insert(inside, "\x1b[32m");
    }
    std::fprintf(out_, "\r%s", text.c_str());
    std::fflush(out_);
  }
  /// A bar that was left (an error ends the run) must not be written over.
  void leave_line() {
    if (drawn_ > 0) std::fputc('\n', out_);
    drawn_ = 0;
  }

  std::FILE* out_;
  terminal facts_;
  double (*seconds_)();
  std::string title_;
  std::size_t images_ = 0, drawn_ = 0;  // drawn_: characters of the bar line on the screen
  double later_ = 0, started_ = 0, shown_ = 0;
};

}  // namespace lnn
