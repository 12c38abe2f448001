// A PTP hardware clock against CLOCK_REALTIME, by the ioctls of linux/ptp_clock.h. Every ioctl goes through a callable
// `int(unsigned long request, void* argument)` that answers 0 or -errno, so that tests can answer in a device's place.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstring>

#ifdef __linux__
#include <linux/ptp_clock.h>
#include <sys/ioctl.h>
#endif

namespace tickwright {

enum class PtpMethod : int { best = 0, precise = 1, extended = 2, basic = 3 };

struct PtpOffset {
  PtpMethod method = PtpMethod::best;
  // The hardware clock minus CLOCK_REALTIME.
  int64_t offsetNs = 0;
  // Between the two reads of the system's clock around it: half of it bounds the error of the read. 0 where one crystal
  // latched both.
  int64_t widthNs = INT64_MAX;
  int64_t deviceNs = 0;
  int64_t systemNs = 0;
  int used = 0;
  // Samples during which the system's clock went back.
  int discarded = 0;
};

struct PtpCapabilities {
  int maxAdjustmentPpb = 0;
  int alarms = 0;
  int externalStamps = 0;
  int periodicOutputs = 0;
  int hasPps = 0;
  int pins = 0;
  int hasCrossStamps = 0;
};

constexpr int PTP_SAMPLES_MAX = 25;

#ifdef __linux__

// Calls a device for real.
struct DeviceIoctl {
  int fd;
  int operator()(unsigned long request, void* argument) const {
    return ioctl(fd, request, argument) < 0 ? -errno : 0;
  }
};

// False for a time that is none, or that ns in 64 bits cannot hold.
inline bool ptpNs(const ptp_clock_time& time, int64_t& into) {
  if (time.nsec >= 1'000'000'000u) return false;
  if (time.sec > 9'000'000'000ll || time.sec < -9'000'000'000ll) return false;
  into = static_cast<int64_t>(time.sec) * 1'000'000'000 + time.nsec;
  return true;
}

// One device time between two of the system: kept where it is the narrowest so far.
inline bool ptpSample(const ptp_clock_time& before, const ptp_clock_time& device, const ptp_clock_time& after,
                      PtpOffset& best) {
  int64_t first = 0, phc = 0, last = 0;
  if (!ptpNs(before, first) || !ptpNs(device, phc) || !ptpNs(after, last)) return false;
  if (last < first) {
    best.discarded++;
    return true;
  }
  best.used++;
  if (last - first >= best.widthNs) return true;
  best.widthNs = last - first;
  best.systemNs = first + (last - first) / 2;
  best.deviceNs = phc;
  best.offsetNs = phc - best.systemNs;
  return true;
}

inline int ptpDone(const PtpOffset& best) { return best.used > 0 ? 0 : -EAGAIN; }

template <typename Ioctl>
int ptpPrecise(Ioctl&& call, PtpOffset& into) {
  ptp_sys_offset_precise request{};
  if (const int code = call(PTP_SYS_OFFSET_PRECISE, &request); code < 0) return code;
  into = {};
  into.method = PtpMethod::precise;
  if (!ptpNs(request.device, into.deviceNs) || !ptpNs(request.sys_realtime, into.systemNs)) return -EBADMSG;
  into.offsetNs = into.deviceNs - into.systemNs;
  into.widthNs = 0;
  into.used = 1;
  return 0;
}

template <typename Ioctl>
int ptpExtended(Ioctl&& call, int samples, PtpOffset& into) {
  ptp_sys_offset_extended request{};
  request.n_samples = static_cast<unsigned>(samples);
  if (const int code = call(PTP_SYS_OFFSET_EXTENDED, &request); code < 0) return code;
  into = {};
  into.method = PtpMethod::extended;
  for (int at = 0; at < samples; at++) {
    const auto& triple = request.ts[at];
    if (!ptpSample(triple[0], triple[1], triple[2], into)) return -EBADMSG;
  }
  return ptpDone(into);
}

template <typename Ioctl>
int ptpBasic(Ioctl&& call, int samples, PtpOffset& into) {
  ptp_sys_offset request{};
  request.n_samples = static_cast<unsigned>(samples);
  if (const int code = call(PTP_SYS_OFFSET, &request); code < 0) return code;
  into = {};
  into.method = PtpMethod::basic;
  for (int at = 0; at < samples; at++) {
    const ptp_clock_time* triple = request.ts + 2 * at;
    if (!ptpSample(triple[0], triple[1], triple[2], into)) return -EBADMSG;
  }
  return ptpDone(into);
}

inline bool isNotOffered(int code) { return code == -EOPNOTSUPP || code == -ENOTTY || code == -EINVAL; }

// The offset by one method, or by the best that the device offers.
template <typename Ioctl>
int ptpOffset(Ioctl&& call, PtpMethod method, int samples, PtpOffset& into) {
  if (samples < 1 || samples > PTP_SAMPLES_MAX) return -EINVAL;
  if (method == PtpMethod::precise) return ptpPrecise(call, into);
  if (method == PtpMethod::extended) return ptpExtended(call, samples, into);
  if (method == PtpMethod::basic) return ptpBasic(call, samples, into);
  if (const int code = ptpPrecise(call, into); !isNotOffered(code)) return code;
  if (const int code = ptpExtended(call, samples, into); !isNotOffered(code)) return code;
  return ptpBasic(call, samples, into);
}

template <typename Ioctl>
int ptpCapabilities(Ioctl&& call, PtpCapabilities& into) {
  ptp_clock_caps caps{};
  int code = call(PTP_CLOCK_GETCAPS2, &caps);
  if (isNotOffered(code)) {
    caps = {};
    code = call(PTP_CLOCK_GETCAPS, &caps);
  }
  if (code < 0) return code;
  into = {caps.max_adj, caps.n_alarm, caps.n_ext_ts, caps.n_per_out, caps.pps, caps.n_pins,
          caps.cross_timestamping};
  return 0;
}

#else

struct DeviceIoctl {
  int fd;
};
inline int ptpOffset(DeviceIoctl, PtpMethod, int, PtpOffset&) { return -ENOSYS; }
inline int ptpCapabilities(DeviceIoctl, PtpCapabilities&) { return -ENOSYS; }

#endif

}  // namespace tickwright
