// The 32-bit words of a ring: atomic operations over memory that others see, and sleeping on one of them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <thread>

#ifdef __linux__
#include <cerrno>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tickwright::ring {

// What ended a wait, as Atomics.wait names it.
enum class WaitEnd : int { ok = 0, notEqual = 1, timedOut = 2 };

using Nanos = std::chrono::nanoseconds;

// Tells the processor that this is a spin.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Sequences and differences are modulo 2^32, so they are computed where wrapping is defined.
inline int32_t sum(int32_t a, int32_t b) noexcept {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

inline int32_t difference(int32_t a, int32_t b) noexcept {
  return static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
}

// Words by index; who makes indices out of a checked layout stays within the memory.
class Words {
 public:
  explicit Words(void* memory) noexcept : words_(static_cast<int32_t*>(memory)) {}

  int32_t load(size_t at, std::memory_order order = std::memory_order_seq_cst) const noexcept {
    return word(at).load(order);
  }
  void store(size_t at, int32_t value) const noexcept { word(at).store(value); }
  int32_t add(size_t at, int32_t value) const noexcept { return word(at).fetch_add(value); }
  // Writes `value` where `expected` stands; returns what was there before.
  int32_t compareExchange(size_t at, int32_t expected, int32_t value) const noexcept {
    word(at).compare_exchange_strong(expected, value);
    return expected;
  }
  // Plain in TypeScript, ordered by another word; relaxed here, so that a process that is wrong makes no undefined
  // behaviour of this one.
  int32_t get(size_t at) const noexcept { return word(at).load(std::memory_order_relaxed); }
  void put(size_t at, int32_t value) const noexcept { word(at).store(value, std::memory_order_relaxed); }

  // Sleeps while the word is `expected`. On Linux a futex that other processes share: JavaScript's Atomics.wait and
  // Atomics.notify keep lists of their own, so neither wakes the other.
  WaitEnd wait(size_t at, int32_t expected, Nanos timeout) const noexcept {
#ifdef __linux__
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    timespec spec{};
    spec.tv_sec = static_cast<time_t>(seconds.count());
    spec.tv_nsec = static_cast<long>((timeout - seconds).count());
    if (syscall(SYS_futex, words_ + at, FUTEX_WAIT, expected, &spec, nullptr, 0) == 0) return WaitEnd::ok;
    if (errno == ETIMEDOUT) return WaitEnd::timedOut;
    return errno == EAGAIN ? WaitEnd::notEqual : WaitEnd::ok;
#else
    const auto until = std::chrono::steady_clock::now() + timeout;
    if (load(at) != expected) return WaitEnd::notEqual;
    while (std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      if (load(at) != expected) return WaitEnd::ok;
    }
    return WaitEnd::timedOut;
#endif
  }

  // Wakes all that sleep on the word, in every process that maps it.
  void notify(size_t at) const noexcept {
#ifdef __linux__
    syscall(SYS_futex, words_ + at, FUTEX_WAKE, std::numeric_limits<int>::max(), nullptr, nullptr, 0);
#else
    (void)at;
#endif
  }

 private:
  static_assert(std::atomic_ref<int32_t>::is_always_lock_free);
  std::atomic_ref<int32_t> word(size_t at) const noexcept { return std::atomic_ref<int32_t>(words_[at]); }

  int32_t* words_;
};

// Wakes who is parked at an event: DATA or SPACE. Called after the change that it waits for, which must be sequentially
// consistent: change, then look at the count; who parks counts itself, then looks for the change.
inline void wake(const Words& words, size_t event) noexcept {
  if (words.load(event) == 0) return;
  words.add(event + 1, 1);
  words.notify(event + 1);
}

// Looks `spins` times, then sleeps at the event until `isReady` or the timeout. `isReady` must look by a sequentially
// consistent load. A wake-up that brings nothing does not prolong the wait.
template <typename Ready>
bool waitUntil(const Words& words, size_t event, Ready isReady, uint32_t spins, Nanos timeout) noexcept {
  if (isReady()) return true;
  for (uint32_t spin = 0; spin < spins; spin++) {
    pause();
    if (isReady()) return true;
  }
  const auto from = std::chrono::steady_clock::now();
  for (;;) {
    const Nanos left = timeout - std::chrono::duration_cast<Nanos>(std::chrono::steady_clock::now() - from);
    if (left <= Nanos(0)) return false;
    const int32_t signal = words.load(event + 1);
    words.add(event, 1);
    if (!isReady()) words.wait(event + 1, signal, left);
    words.add(event, -1);
    if (isReady()) return true;
  }
}

}  // namespace tickwright::ring
