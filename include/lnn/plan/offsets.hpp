// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "reference.hpp"

namespace lnn::plan {

namespace detail {

/// Puts entries into one kind of memory, one after the other, each at the lowest offset at which nothing lies
/// that lives when it does.
class shelf {
 public:
  constexpr shelf(const std::vector<entry>& entries, std::vector<long long>& offsets)
      : entries_(entries), offsets_(offsets) {}

  constexpr void put(int i) {
    const entry& e = entries_[at(i)];
    long long offset = 0;
    // from the lowest place up; the list is short where lives are
    int before = -1, next = first_;
    for (int here = first_; here >= 0; here = items_[at(here)].next) {
      const item& there = items_[at(here)];
      if (there.begin <= e.end && e.begin <= there.end) {
        if (there.offset >= offset + e.bytes) break;
        if (there.top > offset) offset = there.top;
      }
    }
    while (next >= 0 && items_[at(next)].offset < offset) {
      before = next;
      next = items_[at(next)].next;
    }
    offsets_[at(i)] = offset;
    items_.push_back({offset, offset + e.bytes, e.begin, e.end, next});
    const int made = static_cast<int>(items_.size()) - 1;
    if (before < 0)
      first_ = made;
    else
      items_[at(before)].next = made;
    if (offset + e.bytes > top_) top_ = offset + e.bytes;
  }
  [[nodiscard]] constexpr long long top() const { return top_; }

 private:
  struct item {
    long long offset, top;
    int begin, end, next;
  };
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  const std::vector<entry>& entries_;
  std::vector<long long>& offsets_;
  std::vector<item> items_;
  int first_ = -1;
  long long top_ = 0;
};

/// Joins the lives of entries that share a place into that of the first of their chain.
constexpr void join_to_root(std::vector<entry>& all) {
  for (entry& e : all) {
    if (e.shares < 0) continue;
    while (all[static_cast<std::size_t>(e.shares)].shares >= 0)
      e.shares = all[static_cast<std::size_t>(e.shares)].shares;
    entry& root = all[static_cast<std::size_t>(e.shares)];
    root.begin = std::min(root.begin, e.begin);
    root.end = std::max(root.end, e.end);
  }
}

/// The greatest sum of what lives at one step.
[[nodiscard]] constexpr long long greatest_live(const std::vector<entry>& all, const std::vector<int>& there,
                                                int steps) {
  std::vector<long long> change(static_cast<std::size_t>(steps) + 1, 0);
  for (int i : there) {
    const entry& e = all[static_cast<std::size_t>(i)];
    change[static_cast<std::size_t>(e.begin)] += e.bytes;
    change[static_cast<std::size_t>(e.end) + 1] -= e.bytes;
  }
  long long now = 0, most = 0;
  for (long long c : change) most = std::max(most, now += c);
  return most;
}

/// How often `count` entries are placed at most: so often that constant expressions about networks of 60
/// layers stay below a compiler's limit, and often for networks far beyond that.  It depends on the network
/// alone, so that compile time and run time find the same plan.
[[nodiscard]] constexpr int placements(std::size_t count) {
  constexpr std::size_t budget = 50000, out_of_reach = 300;
  if (count > out_of_reach) return 12;
  return 1 + static_cast<int>(std::min<std::size_t>(budget / (count * count), 24));
}

/// Moves the entry that lies highest to the front of the order.
constexpr void favour_highest(std::vector<int>& order, const std::vector<entry>& all,
                              const std::vector<long long>& offsets) {
  std::size_t highest = 0;
  const auto top = [&](std::size_t i) {
    const auto e = static_cast<std::size_t>(order[i]);
    return offsets[e] + all[e].bytes;
  };
  for (std::size_t i = 1; i < order.size(); ++i)
    if (top(i) > top(highest)) highest = i;
  const int first = order[highest];
  for (std::size_t i = highest; i > 0; --i) order[i] = order[i - 1];
  order[0] = first;
}

}  // namespace detail

/// Offsets of the entries `there`, all of one kind, and how many bytes they take: greedy placement by size,
/// by size and life, then with whatever lay highest placed first; the best of all.  `lowest` is what no plan
/// can go below.
[[nodiscard]] constexpr placed place_best(const std::vector<entry>& all, std::vector<int> there,
                                          long long lowest) {
  placed best{.offsets = std::vector<long long>(all.size(), -1), .blocks = {}, .bytes = -1};
  std::vector<long long> key = detail::bytes_of(all);
  const int rounds = there.empty() ? 0 : detail::placements(there.size());
  for (int round = 0; round < rounds && best.bytes != lowest; ++round) {
    if (round == rounds / 2 && round > 0)
      for (std::size_t i = 0; i < all.size(); ++i) key[i] *= all[i].end - all[i].begin + 1LL;
    if (round == 0 || round == rounds / 2) detail::sort_down(there, key);
    std::vector<long long> offsets(all.size(), -1);
    detail::shelf on(all, offsets);
    for (int i : there) on.put(i);
    if (best.bytes < 0 || on.top() < best.bytes) {
      best.bytes = on.top();
      best.offsets = offsets;
    }
    detail::favour_highest(there, all, offsets);
  }
  if (best.bytes < 0) best.bytes = 0;
  return best;
}

}  // namespace lnn::plan
