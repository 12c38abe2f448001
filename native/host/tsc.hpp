// The time-stamp counter: whether it is one clock for all cores and states, and its rate against the kernel's.
#pragma once

#include <cerrno>
#include <cstdint>
#include <ctime>

#ifdef __x86_64__
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace tickwright {

inline int64_t clockNs(clockid_t clock) {
  timespec at{};
  if (clock_gettime(clock, &at) != 0) return -1;
  return static_cast<int64_t>(at.tv_sec) * 1'000'000'000 + at.tv_nsec;
}

#ifdef __linux__
constexpr clockid_t RAW_CLOCK = CLOCK_MONOTONIC_RAW;
#else
constexpr clockid_t RAW_CLOCK = CLOCK_MONOTONIC;
#endif

inline uint64_t rawNs() { return static_cast<uint64_t>(clockNs(RAW_CLOCK)); }

struct TscTraits {
  bool isPresent = false;
  // Leaf 0x80000007, edx bit 8: the same rate in every power state.
  bool isInvariant = false;
  bool hasRdtscp = false;
  // A hypervisor may offset and scale the counter, and move the machine.
  bool isVirtual = false;
  // Leaf 0x15: the rate as the processor states it; 0 where it does not.
  double statedHz = 0;
};

#ifdef __x86_64__

inline TscTraits tscTraits() {
  TscTraits traits;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return traits;
  traits.isPresent = (d >> 4) & 1;
  traits.isVirtual = (c >> 31) & 1;
  if (__get_cpuid(0x80000007, &a, &b, &c, &d)) traits.isInvariant = (d >> 8) & 1;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d)) traits.hasRdtscp = (d >> 27) & 1;
  if (__get_cpuid(0x15, &a, &b, &c, &d) && a != 0 && b != 0 && c != 0) {
    traits.statedHz = static_cast<double>(c) * b / a;
  }
  return traits;
}

// Not before what stands before it, nor after what stands behind it.
inline uint64_t readTsc() {
  _mm_lfence();
  const uint64_t ticks = __rdtsc();
  _mm_lfence();
  return ticks;
}

#else

inline TscTraits tscTraits() { return {}; }
inline uint64_t readTsc() { return 0; }

#endif

// One moment on both clocks: the counter, the kernel's clock, and how many ns lie between the two reads around it.
struct TscPair {
  uint64_t ticks = 0;
  uint64_t ns = 0;
  uint64_t width = UINT64_MAX;
};

// The narrowest of some tries: one that was interrupted is wide.
template <typename Clock, typename Counter>
TscPair tscPair(unsigned tries, Clock clock, Counter counter) {
  TscPair best;
  for (unsigned at = 0; at < tries; at++) {
    const uint64_t before = clock();
    const uint64_t ticks = counter();
    const uint64_t after = clock();
    if (after < before || after - before >= best.width) continue;
    best = {ticks, before + (after - before) / 2, after - before};
  }
  return best;
}

struct TscRate {
  double hz = 0;
  // Half of both widths by the time between them: how far the rate may be off, as a share.
  double error = 0;
  TscPair begin;
  TscPair end;
};

// 0, or -ERANGE where the counter or the clock did not move.
inline int tscRate(const TscPair& begin, const TscPair& end, TscRate& into) {
  if (begin.width == UINT64_MAX || end.width == UINT64_MAX) return -ERANGE;
  if (end.ns <= begin.ns || end.ticks <= begin.ticks) return -ERANGE;
  const double ns = static_cast<double>(end.ns - begin.ns);
  into = {static_cast<double>(end.ticks - begin.ticks) * 1e9 / ns,
          (static_cast<double>(begin.width) + static_cast<double>(end.width)) / 2 / ns, begin, end};
  return 0;
}

// Ticks to ns in integers: a fixed-point rate of 64 bits behind the point, the product in 128 bits.
class TscScale {
 public:
  TscScale() = default;
  TscScale(const TscPair& base, double hz)
      : ticks_(base.ticks), ns_(base.ns), whole_(static_cast<uint64_t>(1e9 / hz)) {
    const double rest = 1e9 / hz - static_cast<double>(whole_);
    fraction_ = static_cast<uint64_t>(rest * 0x1p64);
  }

  // Good before the base too.
  int64_t toNs(uint64_t ticks) const {
    return ticks >= ticks_ ? static_cast<int64_t>(ns_ + scaled(ticks - ticks_))
                           : static_cast<int64_t>(ns_ - scaled(ticks_ - ticks));
  }

 private:
  uint64_t scaled(uint64_t ticks) const {
    __extension__ using Wide = unsigned __int128;
    return ticks * whole_ + static_cast<uint64_t>((static_cast<Wide>(ticks) * fraction_) >> 64);
  }

  uint64_t ticks_ = 0;
  uint64_t ns_ = 0;
  uint64_t whole_ = 0;
  uint64_t fraction_ = 0;
};

}  // namespace tickwright
