// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string_view>

#if __has_include(<sys/ioctl.h>) && __has_include(<unistd.h>)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace lnn {

/// What a program may do to the place where its words appear.
struct terminal {
  bool interactive = false;  ///< a person looks at it: lines may be overwritten
  int columns = 80;
  bool colour = false;

  /// Asks the environment: COLUMNS before the terminal's own width; NO_COLOR (no-color.org) forbids colours;
  /// a "dumb" TERM cannot overwrite lines.
  [[nodiscard]] static terminal of(std::FILE* out) {
    terminal t;
    const auto variable = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string_view{value ? value : ""};
    };
#ifdef TIOCGWINSZ
    t.interactive = ::isatty(::fileno(out)) == 1 && variable("TERM") != "dumb";
    winsize size{};
    if (t.interactive && ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
      t.columns = size.ws_col;
#endif
    const std::string_view wanted = variable("COLUMNS");
    const int columns = wanted.empty() ? 0 : std::atoi(wanted.data());
    if (columns > 0) t.columns = columns;
    t.colour = t.interactive && variable("NO_COLOR").empty();
    return t;
  }
};

}  // namespace lnn
