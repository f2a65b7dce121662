// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

#include "../core/error.hpp"
#include "../core/owner.hpp"

namespace lnn {

namespace detail {
struct file_close {
  void operator()(std::FILE* f) const noexcept { std::fclose(f); }
};
using file_handle = owner<std::FILE, file_close>;

/// Opens for the given mode; fails with the reason of the operating system.
[[nodiscard]] inline file_handle open_file(const std::string& path, const char* mode) {
  file_handle f(std::fopen(path.c_str(), mode));
  if (!f)
    fail(path, ": cannot be opened (", std::string_view{std::strerror(errno)},
         "); check the path and its permissions");
  return f;
}

/// Asks the operating system to bring a file (or, for a path, the entries of a folder) to the disk.
inline bool to_disk(std::FILE* f) {
#if __has_include(<unistd.h>)
  return ::fsync(::fileno(f)) == 0;
#else
  return f != nullptr;
#endif
}
inline void folder_to_disk(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const file_handle folder(
      std::fopen(slash == std::string::npos ? "." : path.substr(0, slash + 1).c_str(), "rb"));
  if (folder) to_disk(folder.get());  // a courtesy against power cuts: not every file system offers it
}
inline long process_number() {
#if __has_include(<unistd.h>)
  return static_cast<long>(::getpid());
#else
  return 0;
#endif
}
}  // namespace detail

[[nodiscard]] inline bool file_exists(const std::string& path) {
  return static_cast<bool>(detail::file_handle(std::fopen(path.c_str(), "rb")));
}

/// The whole content of a file.  Memory grows with the bytes that really arrive; a file of more than `most` bytes, as a device
/// that never ends, is refused.
[[nodiscard]] inline std::vector<std::uint8_t> read_file(const std::string& path, std::size_t most = 0x7fffffff) {
  const detail::file_handle f = detail::open_file(path, "rb");
  std::vector<std::uint8_t> bytes;
  for (std::size_t have = 0, chunk = 1 << 16;; chunk = std::min<std::size_t>(chunk * 2, 1 << 24)) {
    bytes.resize(have + chunk);
    const std::size_t got = std::fread(bytes.data() + have, 1, chunk, f.get());
    have += got;
    if (have > most) fail(path, ": more than ", most, " bytes; name a file of lnn's, or cut it");
    if (got == chunk) continue;
    if (std::ferror(f.get()))
      fail(path, ": cannot be read after ", have, " bytes (", std::string_view{std::strerror(errno)},
           "); name a readable file");
    bytes.resize(have);
    return bytes;
  }
}

/// Writes a file so that other readers, and a run after a crash, see either the old content or all of the new
/// one: the bytes go to a temporary file in the same folder, to the disk, and then under the final name.  On
/// failure the temporary file is removed and the old content stays.
inline void write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
  const std::string part = sentence(path, ".", detail::process_number(), ".tmp");
  detail::file_handle f(std::fopen(part.c_str(), "wb"));
  if (!f)
    fail(path, ": cannot be opened (", std::string_view{std::strerror(errno)}, "); check that its folder exists and may be written to");
  bool good = bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), f.get()) == bytes.size();
  good = good && std::fflush(f.get()) == 0 && detail::to_disk(f.get());
  int reason = errno;
  if (std::fclose(f.release()) != 0 && good) {
    good = false;
    reason = errno;
  }
  if (good && std::rename(part.c_str(), path.c_str()) != 0) {
    good = false;
    reason = errno;
  }
  if (!good) {
    std::remove(part.c_str());
    fail(path, ": ", bytes.size(), " bytes cannot be written (", std::string_view{std::strerror(reason)},
         "); nothing was changed, make room or name another path");
  }
  detail::folder_to_disk(path);
}

}  // namespace lnn
