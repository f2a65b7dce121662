// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <zlib.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "../core/algorithm.hpp"
#include "../core/error.hpp"
#include "../core/owner.hpp"

namespace lnn {

/// Reads a file that is plain or packed by gzip; its first bytes tell which.  Needs zlib, so it is left out
/// of lnn.hpp.
class gz_file {
 public:
  explicit gz_file(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rb")) {
    if (!file_)
      fail(path_, ": cannot be opened (", std::string_view{std::strerror(errno)},
           "); check the path to the data");
    gzbuffer(file_.get(), 1U << 17);
  }

  /// Up to n bytes, fewer only where the data end.  Memory grows with the bytes that really arrive, so n may
  /// come from an unchecked header.  Fails on damaged or cut gzip data.
  [[nodiscard]] std::vector<std::uint8_t> read(std::uint64_t n) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t have = 0, chunk = 1 << 16; have < n; chunk = std::min<std::size_t>(chunk * 2, 1 << 24)) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(chunk, n - have));
      bytes.resize(have + want);
      const int got = gzread(file_.get(), bytes.data() + have, static_cast<unsigned>(want));
      int code = Z_OK;
      const char* reason = gzerror(file_.get(), &code);
      if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
        fail(path_, ": damaged or truncated after ", have + static_cast<std::size_t>(std::max(got, 0)),
             " bytes (", std::string_view{code == Z_ERRNO ? std::strerror(errno) : reason},
             "); fetch the file again");
      have += static_cast<std::size_t>(got);
      if (static_cast<std::size_t>(got) < want) {
        bytes.resize(have);
        break;
      }
    }
    return bytes;
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct close {
    void operator()(gzFile f) const noexcept { gzclose(f); }
  };
  std::string path_;
  owner<gzFile_s, close> file_;
};

}  // namespace lnn
