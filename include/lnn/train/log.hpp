// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <charconv>
#include <concepts>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "file.hpp"

namespace lnn {

/// One field of a CSV row: a number (shortest digits that read back the same, in any locale) or words.
struct csv_cell {
  std::string text;

  template <std::integral N>
  csv_cell(N n) : text(std::to_string(n)) {}
  template <std::floating_point N>
  csv_cell(N n) {
    char digits[40];
    text.assign(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
  }
  csv_cell(const std::string& words) : csv_cell(std::string_view{words}) {}
  csv_cell(const char* words) : csv_cell(std::string_view{words}) {}
  csv_cell(std::string_view words) {
    const bool quote = words.find_first_of(",\"\r\n") != std::string_view::npos;
    if (quote) text += '"';
    for (const char c : words) {
      if (c == '"') text += '"';
      text += c == '\n' || c == '\r' ? ' ' : c;  // a row stays one line
    }
    if (quote) text += '"';
  }
};

/// Writes a table to a CSV file, row by row; each row is on its way to the disk when row() returns.  A template on its
/// cell only so that programs without a log do not pay for compiling it.
template <class Cell>
class basic_csv_log {
 public:
  static constexpr std::size_t all_rows = std::numeric_limits<std::size_t>::max();

  /// Starts a new file with the names of the columns.
  basic_csv_log(const std::string& path, const std::vector<std::string>& columns)
      : path_(path), header_(line_of({columns.begin(), columns.end()})), columns_(columns.size()) {
    if (columns.empty()) fail(path, ": 0 columns, expected at least 1; name the columns of the log");
    file_ = detail::open_file(path, "wb");
    put(header_);
  }

  /// Continues a file after its first `keep` rows (those that a checkpoint knows of) and after its last whole
  /// line; starts a new one where there is none.  Fails when the file has other columns.
  [[nodiscard]] static basic_csv_log resume(const std::string& path, const std::vector<std::string>& columns,
                                      std::size_t keep = all_rows) {
    const std::vector<std::uint8_t> bytes = file_exists(path) ? read_file(path) : std::vector<std::uint8_t>{};
    const std::string old(bytes.begin(), bytes.end()), header = line_of({columns.begin(), columns.end()});
    if (old.empty()) return basic_csv_log(path, columns);
    std::size_t end = old.find('\n') + 1;
    if (old.substr(0, end) != header)
      fail(path, ": columns '", std::string_view{old}.substr(0, end ? end - 1 : old.size()), "', expected '",
           std::string_view{header}.substr(0, header.size() - 1), "'; name another log or remove this one");
    std::size_t rows = 0;
    for (std::size_t next = 0; rows < keep && (next = old.find('\n', end)) != std::string::npos; ++rows)
      end = next + 1;
    if (end < old.size()) write_file(path, {bytes.data(), end});
    basic_csv_log out(path, header, columns.size());
    out.rows_ = rows;
    return out;
  }

  void row(std::initializer_list<Cell> cells) { row(std::vector<Cell>(cells)); }
  void row(const std::vector<Cell>& cells) {
    if (cells.size() != columns_)
      fail(path_, ": a row of ", cells.size(), " cells, expected ", columns_, "; give one for each column");
    put(line_of(cells));
    ++rows_;
  }
  /// Rows in the file.
  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  basic_csv_log(const std::string& path, std::string header, std::size_t columns)
      : path_(path), header_(std::move(header)), columns_(columns), file_(detail::open_file(path, "ab")) {}

  [[nodiscard]] static std::string line_of(const std::vector<Cell>& cells) {
    std::string out;
    for (const Cell& c : cells) out.append(out.empty() && &c == cells.data() ? "" : ",").append(c.text);
    return out + '\n';
  }
  void put(const std::string& line) {
    if (std::fputs(line.c_str(), file_.get()) < 0 || std::fflush(file_.get()) != 0)
      fail(path_, ": a row cannot be written (", std::string_view{std::strerror(errno)},
           "); make room on the disk");
  }

  std::string path_, header_;
  std::size_t columns_;
  detail::file_handle file_;
  std::size_t rows_ = 0;
};
using csv_log = basic_csv_log<csv_cell>;

}  // namespace lnn
