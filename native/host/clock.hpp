// The kernel's clocks, and what it says of their discipline. Nothing here sets a clock.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <ctime>

#ifdef __linux__
#include <sys/timex.h>
#endif

#include "tsc.hpp"

namespace tickwright {

#ifdef __linux__
constexpr clockid_t CLOCKS[] = {CLOCK_REALTIME, CLOCK_TAI, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW};
#else
constexpr clockid_t CLOCKS[] = {CLOCK_REALTIME, CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC};
#endif
constexpr size_t CLOCK_COUNT = 4;
constexpr size_t REALTIME = 0;
constexpr size_t TAI = 1;
constexpr size_t RAW = 3;

inline double resolutionNs(clockid_t clock) {
  timespec step{};
  if (clock_getres(clock, &step) != 0) return 0;
  return static_cast<double>(step.tv_sec) * 1e9 + static_cast<double>(step.tv_nsec);
}

// CLOCK_REALTIME at an instant of the raw clock, which lies within half the width of it.
struct ClockPair {
  int64_t realtime = 0;
  int64_t raw = 0;
  int64_t tai = 0;
  int64_t width = INT64_MAX;
};

// The narrowest of some tries. `read` gives one of CLOCKS in ns. 0, or -EAGAIN where every try went back.
template <typename Read>
int clockPair(unsigned tries, Read read, ClockPair& into) {
  into = {};
  for (unsigned at = 0; at < tries; at++) {
    const int64_t before = read(RAW);
    const int64_t realtime = read(REALTIME);
    const int64_t after = read(RAW);
    if (after < before || after - before >= into.width) continue;
    into = {realtime, before + (after - before) / 2, 0, after - before};
  }
  if (into.width == INT64_MAX) return -EAGAIN;
  // TAI is CLOCK_REALTIME and whole seconds, so the moment it is read at does not count.
  const int64_t ahead = read(TAI) - read(REALTIME);
  const int64_t seconds = (ahead >= 0 ? ahead + 500'000'000 : ahead - 500'000'000) / 1'000'000'000;
  into.tai = into.realtime + seconds * 1'000'000'000;
  return 0;
}

struct KernelClock {
  int state = 0;
  int status = 0;
  double maxErrorUs = 0;
  double estErrorUs = 0;
  int tai = 0;
  double frequencyPpm = 0;
  double offsetNs = 0;
};

#ifdef __linux__

constexpr int STATUS_UNSYNC = STA_UNSYNC;
constexpr int STATE_ERROR = TIME_ERROR;

inline KernelClock kernelClockOf(int state, const timex& read) {
  const double unit = (read.status & STA_NANO) != 0 ? 1 : 1000;
  return {state,
          read.status,
          static_cast<double>(read.maxerror),
          static_cast<double>(read.esterror),
          read.tai,
          static_cast<double>(read.freq) / 65536,
          static_cast<double>(read.offset) * unit};
}

inline int kernelClock(KernelClock& into) {
  timex read{};
  const int state = adjtimex(&read);
  if (state < 0) return -errno;
  into = kernelClockOf(state, read);
  return 0;
}

#else

constexpr int STATUS_UNSYNC = 0x40;
constexpr int STATE_ERROR = 5;
inline int kernelClock(KernelClock&) { return -ENOSYS; }

#endif

}  // namespace tickwright
