// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>  // not <thread>: its clocks, semaphores and stop tokens cost a fifth of the library's compile time
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <exception>
#include <vector>

#include "clock.hpp"
#include "config.hpp"
#include "error.hpp"

namespace lnn {

/// A few threads that share numbered pieces of work.  Which thread takes a piece never matters: callers cut work by
/// the size of the problem, give each piece memory of its own and join results in the order of the pieces, so
/// results do not depend on the number of threads.
class pool {
 public:
  /// threads <= 0: one per hardware thread.
  explicit pool(int threads = 1)
      : queues_(static_cast<std::size_t>(threads > 0 ? threads : processors())), patience_(threads > processors() ? 5e-6 : 100e-6) {
    for (std::size_t i = 0; i < queues_.size(); ++i) queues_[i].owner = this;
    for (std::size_t i = 1; i < queues_.size(); ++i) {
      pthread_t helper{};
      const auto body = [](void* own) -> void* {
        queue& q = *static_cast<queue*>(own);
        q.owner->help(static_cast<std::size_t>(&q - q.owner->queues_.data()));
        return nullptr;
      };
      if (pthread_create(&helper, nullptr, body, &queues_[i]) != 0) {
        stop();
        fail("pool: thread ", i, " of ", queues_.size() - 1, " cannot be started; ask for fewer");
      }
      helpers_.push_back(helper);
    }
  }
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool() { stop(); }

  [[nodiscard]] int threads() const { return static_cast<int>(queues_.size()); }

  /// Calls work(piece) once for every piece in [0, pieces); returns when all are done.  The first exception thrown
  /// by a piece is thrown again here.  A call from within a piece runs in the calling thread.
  template <class Work>
  void run(int pieces, const Work& work) {
    run_all(pieces, &work, [](const void* w, int i) { (*static_cast<const Work*>(w))(i); });
  }

  /// Cuts [0, n) into `pieces` ranges of nearly equal length and calls work(piece, first, last).
  template <class Work>
  void ranges(std::size_t n, int pieces, const Work& work) {
    run(pieces, [&](int i) {
      const auto p = static_cast<std::size_t>(pieces), at = static_cast<std::size_t>(i);
      work(i, n * at / p, n * (at + 1) / p);
    });
  }
  /// Calls work(first, last) for one part of [0, n) in each thread: for work whose results do not depend on the cut.
  template <class Work>
  void shares(std::size_t n, const Work& work) {
    ranges(n, threads(), [&](int, std::size_t first, std::size_t last) {
      if (first != last) work(first, last);
    });
  }

 private:
  using piece = void (*)(const void* work, int i);

  void run_all(int pieces, const void* work, piece call) {
    if (pieces <= 1 || helpers_.empty() || busy_.exchange(true)) {
      for (int i = 0; i < pieces; ++i) call(work, i);
      return;
    }
    work_ = work;
    call_ = call;
    pieces_ = pieces;
    failure_ = nullptr;
    failed_ = false;
    done_ = 0;
    for (std::size_t q = 0; q < queues_.size(); ++q) {
      auto& open = queues_[q].open;
      open = ((open >> 32) + 1) << 32 | static_cast<unsigned>(end_of(q, pieces) - (q > 0 ? end_of(q - 1, pieces) : 0));
    }
    ++ticket_;
    ticket_.notify_all();
    take(0);
    watch([&] { return done_ == pieces; });
    for (int n = done_; n != pieces; n = done_) done_.wait(n);
    busy_ = false;
    if (failure_) std::rethrow_exception(failure_);
  }
  /// Works on what is left, on the thread's own pieces first: the same thread meets the same part of the data again in
  /// the next call, while its cache still holds it.  What belongs to a call of run_all is read only between taking a
  /// piece of it and counting that piece as done; a thread that wakes too late takes nothing, and nobody waits for it.
  void take(std::size_t own) {
    for (std::size_t k = 0; k < queues_.size(); ++k) {
      const std::size_t q = (own + k) % queues_.size();
      for (auto open = queues_[q].open.load(); static_cast<unsigned>(open) != 0;) {
        // Of many pieces some at a time: what threads tell each other about a small one takes longer than the piece.
        const int left = static_cast<int>(static_cast<unsigned>(open)), some = (left + 7) / 8;
        if (!queues_[q].open.compare_exchange_weak(open, open - static_cast<unsigned>(some))) continue;
        const int pieces = pieces_, end = end_of(q, pieces);
        for (int i = end - left; i < end - left + some; ++i) attempt(i);
        if ((done_ += some) == pieces) done_.notify_one();
        open = queues_[q].open;
      }
    }
  }
  void attempt(int i) {
    try {
      call_(work_, i);
    } catch (...) {
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
  }
  /// Behind the last piece of queue q.
  [[nodiscard]] int end_of(std::size_t q, int pieces) const {
    return static_cast<int>(static_cast<std::size_t>(pieces) * (q + 1) / queues_.size());
  }
  void stop() {
    stop_ = true;
    ++ticket_;
    ticket_.notify_all();
    for (const pthread_t& helper : helpers_) pthread_join(helper, nullptr);
  }
  void help(std::size_t own) {
    for (unsigned seen = 0;;) {
      watch([&] { return ticket_ != seen; });
      ticket_.wait(seen);
      seen = ticket_;
      if (stop_) return;
      take(own);
    }
  }
  /// Looks for something again and again before a thread goes to sleep, from which it wakes late: pieces often follow each
  /// other within microseconds, layers within some tens.  By the clock, as a pause takes 10 cycles on one processor and 140
  /// on another; less where threads have to share a processor.
  template <class Come>
  void watch(const Come& come) const {
    const double end = monotonic_seconds() + patience_;
    do
      for (int i = 0; i < 50; ++i) {
        if (come()) return;
#if LNN_X86
        __builtin_ia32_pause();
#endif
      }
    while (monotonic_seconds() < end);
  }

  static int processors() { return static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)); }

  struct alignas(64) queue {
    std::atomic<unsigned long long> open{0};  ///< high half: number of the call, low half: pieces that nobody has taken
    pool* owner = nullptr;
  };

  std::vector<queue> queues_;  ///< the caller's, then the helpers'
  double patience_;            ///< seconds
  std::vector<pthread_t> helpers_;
  std::atomic<unsigned> ticket_{0};      ///< changes when there is something to do
  std::atomic<int> done_{0};             ///< pieces
  std::atomic<bool> stop_{false}, busy_{false}, failed_{false};
  std::exception_ptr failure_;
  const void* work_ = nullptr;
  piece call_ = nullptr;
  int pieces_ = 0;
};

}  // namespace lnn
