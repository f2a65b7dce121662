// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/error.hpp"
#include "memory_map.hpp"

namespace lnn::report {

namespace detail {

/// Builds one picture: addresses upwards, time to the right, a panel per part.
class memory_picture {
 public:
  explicit memory_picture(const memory_map& map) : map_(&map) {}

  [[nodiscard]] std::string draw() {
    int height = top;
    for (const memory_part& p : map_->parts) height += panel_head + plot_height(p) + panel_foot;
    out_ = sentence("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width, "\" height=\"", height, "\" viewBox=\"0 0 ", width, " ",
                    height, "\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    words(left, 30, map_->model + " on " + std::string(map_->target->name), "font-size=\"18\" font-weight=\"bold\"");
    legend();
    int y = top;
    for (const memory_part& p : map_->parts) {
      panel(p, y);
      y += panel_head + plot_height(p) + panel_foot;
    }
    return out_ + "</svg>\n";
  }

 private:
  static constexpr int width = 1400, left = 90, right = 24, top = 72, panel_head = 34, panel_foot = 48;
  static constexpr double plot_width = width - left - right;

  static int plot_height(const memory_part& p) { return p.constants ? 150 : 420; }
  static std::string_view colour(content c) {
    constexpr std::string_view fills[] = {"#b8c4ce", "#7fb77e", "#e8a15c", "#8fb3dd", "#d98c9f", "#c9b6e4"};
    return fills[static_cast<std::size_t>(c)];
  }

  void words(double x, double y, std::string_view what, std::string_view how = {}) {
    out_ += sentence("<text x=\"", x, "\" y=\"", y, "\" ", how, ">");
    escaped(what);
    out_ += "</text>\n";
  }
  void escaped(std::string_view what) {
    for (const char c : what) {
      if (c == '<') out_ += "&lt;";
      else if (c == '>') out_ += "&gt;";
      else if (c == '&') out_ += "&amp;";
      else if (static_cast<unsigned char>(c) >= 0x20) out_ += c;  // XML has no form for control characters
    }
  }
  void level(double y, std::string_view stroke, std::string_view dashes, std::string_view what) {
    out_ += sentence("<line x1=\"", left, "\" x2=\"", width - right, "\" y1=\"", y, "\" y2=\"", y, "\" stroke=\"", stroke,
                     "\" stroke-dasharray=\"", dashes, "\"/>\n");
    words(width - right - 4, y - 4, what, sentence("text-anchor=\"end\" font-size=\"11\" fill=\"", stroke, "\""));
  }
  void legend() {
    double x = left;
    for (const content c : {content::constant, content::input, content::output, content::activation, content::workspace, content::prefetch}) {
      out_ += sentence("<rect x=\"", x, "\" y=\"42\" width=\"14\" height=\"14\" fill=\"", colour(c), "\" stroke=\"#444444\" stroke-width=\"0.5\"/>\n");
      words(x + 20, 54, name_of(c));
      x += 110;
    }
  }

  void panel(const memory_part& p, int y) {
    const int height = plot_height(p), floor = y + panel_head + height;
    const double most = static_cast<double>(std::max({p.bytes, p.reference_bytes, 1LL})) * (p.constants ? 1 : 1.06);
    const double steps = std::max(map_->operators, 1);
    std::string head = sentence(model::name_of(p.kind), p.constants ? ", constants: " : ": ", p.bytes, " of ", capacity(*map_->target, p.kind), " bytes");
    if (p.reference_bytes >= 0) head += sentence("; reference packer ", p.reference_bytes);
    if (p.lower_bound >= 0) head += sentence("; lower bound ", p.lower_bound);
    words(left, y + panel_head - 10, head, "font-size=\"14\" font-weight=\"bold\"");
    const auto up = [&](double bytes) { return floor - bytes / most * height; };
    const auto along = [&](double op) { return left + op / steps * plot_width; };
    axes(p, floor, up, along);
    for (const memory_row& r : p.rows) {
      const double begin = p.constants ? 0 : r.begin, end = p.constants ? steps : r.end + 1;
      box(r, along(begin), up(static_cast<double>(r.offset + r.bytes)), along(end) - along(begin), up(static_cast<double>(r.offset)) - up(static_cast<double>(r.offset + r.bytes)));
    }
    if (p.lower_bound >= 0) level(up(static_cast<double>(p.lower_bound)), "#2f7d32", "6 3", "lower bound");
    if (p.reference_bytes > p.bytes) level(up(static_cast<double>(p.reference_bytes)), "#b03030", "2 3", "reference packer");
  }

  template <class Up, class Along>
  void axes(const memory_part& p, int floor, const Up& up, const Along& along) {
    long long step = 16;
    while (step * 6 < p.bytes) step *= 2;
    for (long long b = 0; b <= p.bytes; b += step) {
      const double y = up(static_cast<double>(b));
      out_ += sentence("<line x1=\"", left - 5, "\" x2=\"", width - right, "\" y1=\"", y, "\" y2=\"", y, "\" stroke=\"#e4e4e4\"/>\n");
      words(left - 9, y + 4, step >= 1024 ? sentence(b / 1024, " KiB") : sentence(b, " B"), "text-anchor=\"end\" fill=\"#444444\"");
    }
    int every = 1;
    for (int factor = 2; map_->operators / every > 24; factor = factor == 2 ? 5 : 2) every *= factor == 2 ? 5 : 2;
    for (int op = 0; op < map_->operators; op += every) words(along(op + 0.5), floor + 16, std::to_string(op), "text-anchor=\"middle\" fill=\"#444444\"");
    words(left + plot_width / 2, floor + 33, "operator", "text-anchor=\"middle\" fill=\"#444444\"");
    out_ += sentence("<path d=\"M", left, " ", up(static_cast<double>(p.bytes)), " V", floor, " H", width - right, "\" fill=\"none\" stroke=\"#444444\"/>\n");
  }

  void box(const memory_row& r, double x, double y, double w, double h) {
    out_ += sentence("<g><title>");
    escaped(sentence(r.name, " (", name_of(r.what), "): ", r.bytes, " bytes at ", r.offset, ", operators ", r.begin, " to ", r.end));
    out_ += sentence("</title><rect x=\"", x, "\" y=\"", y, "\" width=\"", w, "\" height=\"", h, "\" fill=\"", colour(r.what),
                     "\" fill-opacity=\"0.9\" stroke=\"#444444\" stroke-width=\"", h > 3 ? 0.6 : 0.2, "\"/>");
    const auto room = static_cast<std::size_t>(std::max(w - 6, 0.0) / 6.2);  // letters of 11 px
    if (h >= 13 && room >= 3) {
      std::string label = r.name.size() <= room ? r.name : ".." + r.name.substr(r.name.size() - room + 2);
      words(x + 4, y + std::min(h - 3, h / 2 + 4), label, "font-size=\"11\"");
    }
    out_ += "</g>\n";
  }

  const memory_map* map_;
  std::string out_;
};

}  // namespace detail

/// A picture of the memory map: per part addresses (upwards) against the operators during which a tensor lives.
[[nodiscard]] inline std::string memory_svg(const memory_map& map) { return detail::memory_picture(map).draw(); }

}  // namespace lnn::report
