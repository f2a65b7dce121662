// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "entries.hpp"

namespace lnn::plan {

/// The reference packer's entries: one workspace for each kind of memory, alive from the first to the last
/// step that needs one, and two buffers that steps take in turn, alive always (packer.md section 8).  Tensors
/// keep their places; `of` tells for every entry of the needs which one stands for it.
struct coarse {
  std::vector<entry> entries;
  std::vector<int> of;
};

[[nodiscard]] constexpr coarse coarse_of(const needs& n, std::size_t tensors, int steps) {
  coarse c{.entries = {}, .of = std::vector<int>(n.entries.size(), -1)};
  for (std::size_t i = 0; i < tensors; ++i) {
    c.entries.push_back(n.entries[i]);
    c.of[i] = static_cast<int>(i);
  }
  const auto grow = [&](std::size_t from, int& place, bool always) {
    const entry& e = n.entries[from];
    if (place < 0) {
      place = static_cast<int>(c.entries.size());
      c.entries.push_back(e);
    }
    entry& whole = c.entries[static_cast<std::size_t>(place)];
    whole.bytes = std::max(whole.bytes, e.bytes);
    whole.begin = always ? 0 : std::min(whole.begin, e.begin);
    whole.end = always ? steps - 1 : std::max(whole.end, e.end);
    c.of[from] = place;
  };
  int workspace[3] = {-1, -1, -1}, buffer[2] = {-1, -1}, number = 0;
  for (std::size_t i = tensors; i < n.entries.size(); ++i)
    if (n.entries[i].what == holds::workspace)
      grow(i, workspace[static_cast<std::size_t>(n.entries[i].lies)], false);
  for (std::size_t i = tensors; i < n.entries.size(); ++i)
    if (n.entries[i].what == holds::dma) grow(i, buffer[number++ % 2], true);
  return c;
}

/// Which of the reference packer's planners.
enum class planner : unsigned char { by_size, by_breadth, by_order };
inline constexpr planner planners[] = {planner::by_size, planner::by_breadth, planner::by_order};

namespace detail {

/// Blocks of one kind of memory; an entry lies at the start of a block.
class blocks {
 public:
  constexpr blocks(const std::vector<entry>& entries, std::vector<int>& place)
      : entries_(entries), place_(place) {}

  /// Into the block that it fills best among those that nobody uses while it lives, else into a new one.
  constexpr void fit(int i) {
    const entry& e = entries_[at(i)];
    int best = -1;
    for (std::size_t b = 0; b < sizes_.size(); ++b) {
      if (e.bytes > sizes_[b] || (best >= 0 && sizes_[b] >= sizes_[at(best)])) continue;
      bool free = true;
      for (int o : guests_[b])
        free = free && (e.begin > entries_[at(o)].end || e.end < entries_[at(o)].begin);
      if (free) best = static_cast<int>(b);
    }
    if (best < 0) best = add(e.bytes);
    guests_[at(best)].push_back(i);
    place_[at(i)] = best;
  }
  constexpr int add(long long bytes) {
    sizes_.push_back(bytes);
    guests_.emplace_back();
    return static_cast<int>(sizes_.size()) - 1;
  }
  [[nodiscard]] constexpr const std::vector<long long>& sizes() const { return sizes_; }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  const std::vector<entry>& entries_;
  std::vector<int>& place_;
  std::vector<long long> sizes_;
  std::vector<std::vector<int>> guests_;
};

/// Orders by keys, ascending or descending, and equal ones by their numbers.  One class for all of them: every
/// instance of std::sort costs every program that includes a check.
struct by_key {
  const long long* key;
  bool down;
  constexpr bool operator()(int a, int b) const {
    if (key[a] == key[b]) return a < b;
    return (key[a] > key[b]) == down;
  }
};
constexpr void sort_up(std::vector<int>& order, const std::vector<long long>& key) {
  std::sort(order.begin(), order.end(), by_key{key.data(), false});
}
constexpr void sort_down(std::vector<int>& order, const std::vector<long long>& key) {
  std::sort(order.begin(), order.end(), by_key{key.data(), true});
}

[[nodiscard]] constexpr std::vector<long long> bytes_of(const std::vector<entry>& all) {
  std::vector<long long> bytes;
  for (const entry& e : all) bytes.push_back(e.bytes);
  return bytes;
}

[[nodiscard]] constexpr bool planned(const entry& e, kind k) {
  return e.lies == k && !e.constant && e.end >= e.begin;
}

constexpr void fit_by_size(const std::vector<entry>& all, kind k, blocks& to) {
  std::vector<int> order;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (planned(all[i], k)) order.push_back(static_cast<int>(i));
  sort_down(order, bytes_of(all));
  for (int i : order) to.fit(i);
}

constexpr void fit_by_breadth(const std::vector<entry>& all, kind k, int steps, blocks& to) {
  std::vector<long long> total(static_cast<std::size_t>(steps), 0);
  std::vector<int> order, times, there;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!planned(all[i], k) || all[i].shares >= 0) continue;
    there.push_back(static_cast<int>(i));
    for (int t = all[i].begin; t <= all[i].end; ++t) total[static_cast<std::size_t>(t)] += all[i].bytes;
  }
  sort_down(there, bytes_of(all));
  for (int t = 0; t < steps; ++t) times.push_back(t);
  sort_down(times, total);
  for (int t : times) {
    std::size_t left = 0;
    for (int i : there) {
      const entry& e = all[static_cast<std::size_t>(i)];
      if (e.begin <= t && t <= e.end)
        to.fit(i);
      else
        there[left++] = i;
    }
    there.resize(left);
  }
}

constexpr void fit_by_order(const std::vector<entry>& all, kind k, int steps, std::vector<int>& place,
                            blocks& to) {
  std::vector<int> living, idle;  // entries; blocks
  for (int t = 0; t < steps; ++t) {
    std::size_t left = 0;
    for (int i : living) {
      if (all[static_cast<std::size_t>(i)].end >= t)
        living[left++] = i;
      else
        idle.push_back(place[static_cast<std::size_t>(i)]);
    }
    living.resize(left);
    sort_up(idle, to.sizes());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const entry& e = all[i];
      if (!planned(e, k) || e.shares >= 0 || e.begin != t) continue;
      std::size_t free = 0;
      while (free < idle.size() && to.sizes()[static_cast<std::size_t>(idle[free])] < e.bytes) ++free;
      if (free < idle.size()) {
        place[i] = idle[free];
        idle.erase(idle.begin() + static_cast<std::ptrdiff_t>(free));
      } else {
        place[i] = to.add(e.bytes);
      }
      living.push_back(static_cast<int>(i));
    }
  }
}

/// Lives of entries that share a place are joined, one after the other as the reference packer does it;
/// entries then name the first of their chain.
constexpr void join_lives(std::vector<entry>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].shares < 0) continue;
    int root = all[i].shares;
    int begin = std::min(all[i].begin, all[static_cast<std::size_t>(root)].begin);
    int end = std::max(all[i].end, all[static_cast<std::size_t>(root)].end);
    while (all[static_cast<std::size_t>(root)].shares >= 0) {
      root = all[static_cast<std::size_t>(root)].shares;
      begin = std::min(begin, all[static_cast<std::size_t>(root)].begin);
      end = std::max(end, all[static_cast<std::size_t>(root)].end);
    }
    for (int at = static_cast<int>(i); at >= 0; at = all[static_cast<std::size_t>(at)].shares) {
      all[static_cast<std::size_t>(at)].begin = begin;
      all[static_cast<std::size_t>(at)].end = end;
    }
    all[i].shares = root;
  }
}

}  // namespace detail

/// A plan of one of the reference planners for one kind of memory: offsets of the entries of that kind, -1
/// elsewhere.
struct placed {
  std::vector<long long> offsets;
  std::vector<long long> blocks;
  long long bytes = 0;
};

/// `all`: coarse entries with joined lives.
[[nodiscard]] constexpr placed place_as(planner who, const std::vector<entry>& all, kind k, int steps) {
  std::vector<int> place(all.size(), -1);
  detail::blocks to(all, place);
  if (who == planner::by_size)
    detail::fit_by_size(all, k, to);
  else if (who == planner::by_breadth)
    detail::fit_by_breadth(all, k, steps, to);
  else
    detail::fit_by_order(all, k, steps, place, to);
  placed out{.offsets = std::vector<long long>(all.size(), -1), .blocks = to.sizes(), .bytes = 0};
  std::vector<long long> start;
  for (long long size : to.sizes()) {
    start.push_back(out.bytes);
    out.bytes += size;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::size_t root = all[i].shares < 0 ? i : static_cast<std::size_t>(all[i].shares);
    if (detail::planned(all[i], k) && place[root] >= 0)
      out.offsets[i] = start[static_cast<std::size_t>(place[root])];
  }
  return out;
}

/// What the reference packer would plan: the planner with the least share memory, the earlier one of equals,
/// for all kinds.
struct reference_plan {
  planner who = planner::by_size;
  std::vector<placed> of{};  ///< by kind
  totals run_time;
};

[[nodiscard]] constexpr reference_plan reference_of(std::vector<entry> all, int steps) {
  detail::join_lives(all);
  reference_plan best;
  for (const planner who : planners) {
    reference_plan p{.who = who, .of = {}, .run_time = {}};
    for (const kind k : kinds) {
      p.of.push_back(place_as(who, all, k, steps));
      p.run_time.of(k) = p.of.back().bytes;
    }
    if (who == planner::by_size || p.run_time.share < best.run_time.share)
      best = static_cast<reference_plan&&>(p);
  }
  return best;
}

}  // namespace lnn::plan
