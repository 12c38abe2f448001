// Clocks, PTP answers, the counter's scale and gaps, over answers that are made here.
#include <array>
#include <cstring>
#include <functional>
#include <vector>

#include "check.hpp"
#include "host/clock.hpp"
#include "host/cpu.hpp"
#include "host/jitter.hpp"
#include "host/ptp.hpp"
#include "host/tsc.hpp"

using namespace tickwright;

static void bucketsHoldTheirValues() {
  size_t last = 0;
  for (uint64_t gap = 0; gap < 5000; gap++) {
    const size_t bucket = GapHistogram::bucketOf(gap);
    CHECK(bucket == last || bucket == last + 1);
    CHECK(GapHistogram::topOf(bucket) >= gap);
    CHECK(GapHistogram::topOf(bucket) <= gap + gap / 32);
    last = bucket;
  }
  for (unsigned bit = 6; bit < 64; bit++) {
    const uint64_t gap = uint64_t{1} << bit;
    for (const uint64_t each : {gap - 1, gap, gap + 1}) {
      const size_t bucket = GapHistogram::bucketOf(each);
      CHECK(bucket < GapHistogram::BUCKETS);
      CHECK(GapHistogram::topOf(bucket) >= each);
    }
  }
  CHECK_EQUAL(GapHistogram::bucketOf(UINT64_MAX), GapHistogram::BUCKETS - 1);
  CHECK_EQUAL(GapHistogram::topOf(GapHistogram::BUCKETS - 1), UINT64_MAX);
}

static void quantilesAreNearestRank() {
  GapHistogram gaps;
  CHECK_EQUAL(gaps.quantile(0.5), 0u);
  for (uint64_t gap = 1; gap <= 32; gap++) gaps.record(gap);
  CHECK_EQUAL(gaps.quantile(0.5), 16u);
  CHECK_EQUAL(gaps.quantile(0.99), 32u);
  gaps.record(1'000'003);
  CHECK_EQUAL(gaps.quantile(1.0), 1'000'003u);
  CHECK_EQUAL(gaps.most(), 1'000'003u);
  CHECK_EQUAL(gaps.least(), 1u);
  CHECK_EQUAL(gaps.count(), 33u);
}

static void spinsCountGaps() {
  const std::vector<uint64_t> times = {100, 110, 120, 90, 121, 1121, 1131};
  size_t at = 0;
  GapHistogram gaps;
  GapsAbove above[2] = {{10, 0, 0}, {1000, 0, 0}};
  CHECK(spinFor(1031, [&] { return times.at(at++); }, gaps, above, 2));
  CHECK_EQUAL(at, times.size());
  // 10, 10, back (0), 1, 1000, 10
  CHECK_EQUAL(gaps.count(), 6u);
  CHECK_EQUAL(gaps.total(), 1031u);
  CHECK_EQUAL(above[0].count, 4u);
  CHECK_EQUAL(above[0].total, 1030u);
  CHECK_EQUAL(above[1].count, 1u);
}

// Off x86 the counter is 0 for ever: who spins by it would never come back.
static void stoppedClocksEndTheSpin() {
  GapHistogram gaps;
  uint64_t reads = 0;
  CHECK(!spinFor(1000, [&] { return ++reads < 10 ? reads : 10; }, gaps, nullptr, 0, 100));
  CHECK_EQUAL(reads, 111u);
}

static void prefaultKeepsBytes() {
  std::vector<uint8_t> bytes(5 * 4096 + 17, 9);
  for (size_t from = 0; from < 8192; from += 511) {
    const size_t pages = prefault(bytes.data() + from, bytes.size() - from, 4096);
    CHECK(pages >= (bytes.size() - from) / 4096);
    CHECK(pages <= (bytes.size() - from) / 4096 + 2);
  }
  for (const uint8_t each : bytes) CHECK_EQUAL(int{each}, 9);
  CHECK_EQUAL(prefault(bytes.data(), 0, 4096), 0u);
}

static void narrowestPairIsTaken() {
  // before, ticks, after: widths 40, 10, back, 20
  const std::vector<uint64_t> clock = {1000, 1040, 2000, 2010, 3000, 2990, 4000, 4020};
  const std::vector<uint64_t> counter = {1, 2, 3, 4};
  size_t c = 0, t = 0;
  const TscPair pair = tscPair(4, [&] { return clock.at(c++); }, [&] { return counter.at(t++); });
  CHECK_EQUAL(pair.ticks, 2u);
  CHECK_EQUAL(pair.ns, 2005u);
  CHECK_EQUAL(pair.width, 10u);
}

static void ratesHaveTheirError() {
  TscRate rate;
  const TscPair begin{1'000, 5'000, 40};
  CHECK_EQUAL(tscRate(begin, {3'001'000, 1'005'000, 60}, rate), 0);
  CHECK(rate.hz > 2.9999e9 && rate.hz < 3.0001e9);
  CHECK(rate.error > 4.99e-5 && rate.error < 5.01e-5);
  CHECK_EQUAL(tscRate(begin, begin, rate), -ERANGE);
  CHECK_EQUAL(tscRate(begin, {900, 9'000, 1}, rate), -ERANGE);
  CHECK_EQUAL(tscRate({}, {900, 9'000, 1}, rate), -ERANGE);
}

static void ticksBecomeNs() {
  const TscScale three({1'000'000, 500, 0}, 3e9);
  CHECK_EQUAL(three.toNs(1'000'000), 500);
  CHECK_EQUAL(three.toNs(1'000'000 + 3'000'000'000'000), 500 + 999'999'999'999);  // 1/3 is cut off, by 1 in 10^12
  CHECK_EQUAL(three.toNs(1'000'000 - 300), 500 - 99);
  const TscScale slow({0, 0, 0}, 1e6);
  CHECK_EQUAL(slow.toNs(7), 7'000);
  // A year of ticks at 4 GHz.
  const TscScale quarter({0, 0, 0}, 4e9);
  CHECK_EQUAL(quarter.toNs(4'000'000'000ull * 31'536'000ull), 31'536'000'000'000'000);
}

static void clockPairsAreNarrow() {
  // raw, realtime, raw, three times; then TAI and realtime
  const std::vector<int64_t> answers = {100, 7'000, 150, 200, 7'100, 210, 300, 7'200, 290, 37'000'007'301, 7'300};
  size_t at = 0;
  ClockPair pair;
  CHECK_EQUAL(clockPair(3, [&](size_t) { return answers.at(at++); }, pair), 0);
  CHECK_EQUAL(pair.realtime, 7'100);
  CHECK_EQUAL(pair.raw, 205);
  CHECK_EQUAL(pair.width, 10);
  CHECK_EQUAL(pair.tai, 37'000'007'100);
  int64_t back = 100;
  CHECK_EQUAL(clockPair(3, [&](size_t) { return back--; }, pair), -EAGAIN);
}

#ifdef __linux__

static void kernelAnswersAreInTheirUnits() {
  timex read{};
  read.status = STA_NANO | STA_PLL;
  read.freq = -(3 << 16) - (1 << 15);
  read.maxerror = 16'000'000;
  read.tai = 37;
  read.offset = -250;
  CHECK_EQUAL(kernelClockOf(TIME_OK, read).frequencyPpm, -3.5);
  CHECK_EQUAL(kernelClockOf(TIME_OK, read).offsetNs, -250.0);
  CHECK_EQUAL(kernelClockOf(TIME_OK, read).tai, 37);
  read.status = 0;
  CHECK_EQUAL(kernelClockOf(TIME_OK, read).offsetNs, -250'000.0);
  KernelClock now;
  CHECK_EQUAL(kernelClock(now), 0);
}

static_assert(sizeof(ptp_clock_time) == 16);
static_assert(sizeof(ptp_sys_offset) == 4 + 12 + 51 * 16);
static_assert(sizeof(ptp_sys_offset_extended) == 4 + 12 + 75 * 16);
static_assert(sizeof(ptp_sys_offset_precise) == 3 * 16 + 16);

// A device that answers with bytes, as the kernel lays them out.
struct FakeDevice {
  std::vector<std::pair<unsigned long, int>> refused;
  std::vector<unsigned long> asked;
  std::vector<int64_t> times;

  int operator()(unsigned long request, void* argument) {
    asked.push_back(request);
    for (const auto& [each, code] : refused) {
      if (each == request) return code;
    }
    auto* bytes = static_cast<uint8_t*>(argument);
    size_t at = request == PTP_SYS_OFFSET_PRECISE ? 0 : 16;
    for (const int64_t ns : times) {
      const int64_t second = ns >= 0 ? ns / 1'000'000'000 : -1;
      const uint32_t rest = static_cast<uint32_t>(ns - second * 1'000'000'000);
      std::memcpy(bytes + at, &second, 8);
      std::memcpy(bytes + at + 8, &rest, 4);
      at += 16;
    }
    return 0;
  }
};

constexpr int64_t T = 1'795'000'000'000'000'000;
constexpr int64_t AHEAD = 37'000'000'000;

static void extendedTakesTheNarrowest() {
  FakeDevice device;
  // widths 900, 101, back, 300
  device.times = {T,        T + AHEAD + 460, T + 900,  T + 1000, T + AHEAD + 1055, T + 1101,
                  T + 2000, T + AHEAD,       T + 1999, T + 3000, T + AHEAD + 3150, T + 3300};
  PtpOffset found;
  CHECK_EQUAL(ptpOffset(device, PtpMethod::extended, 4, found), 0);
  CHECK_EQUAL(found.offsetNs, AHEAD + 5);
  CHECK_EQUAL(found.widthNs, 101);
  CHECK_EQUAL(found.used, 3);
  CHECK_EQUAL(found.discarded, 1);
  CHECK_EQUAL(found.deviceNs, T + AHEAD + 1055);
  CHECK_EQUAL(found.systemNs, T + 1050);
}

static void basicSamplesShareTheirEnds() {
  FakeDevice device;
  // s0 p0 s1 p1 s2: widths 1000, 200
  device.times = {T, T - 40, T + 1000, T + 1090 - 40, T + 1200};
  PtpOffset found;
  CHECK_EQUAL(ptpOffset(device, PtpMethod::basic, 2, found), 0);
  CHECK_EQUAL(found.offsetNs, -50);
  CHECK_EQUAL(found.widthNs, 200);
  CHECK_EQUAL(found.used, 2);
}

static void preciseHasNoWidth() {
  FakeDevice device;
  device.times = {T + 123, T, 55};
  PtpOffset found;
  CHECK_EQUAL(ptpOffset(device, PtpMethod::best, 5, found), 0);
  CHECK(found.method == PtpMethod::precise);
  CHECK_EQUAL(found.offsetNs, 123);
  CHECK_EQUAL(found.widthNs, 0);
  CHECK_EQUAL(device.asked.size(), 1u);
}

static void bestFallsBackOnlyWhereNotOffered() {
  PtpOffset found;
  FakeDevice old;
  old.refused = {{PTP_SYS_OFFSET_PRECISE, -EOPNOTSUPP}, {PTP_SYS_OFFSET_EXTENDED, -ENOTTY}};
  old.times = {T, T, T + 10};
  CHECK_EQUAL(ptpOffset(old, PtpMethod::best, 1, found), 0);
  CHECK(found.method == PtpMethod::basic);
  CHECK_EQUAL(old.asked.size(), 3u);
  FakeDevice gone;
  gone.refused = {{PTP_SYS_OFFSET_PRECISE, -ENODEV}};
  CHECK_EQUAL(ptpOffset(gone, PtpMethod::best, 1, found), -ENODEV);
  CHECK_EQUAL(gone.asked.size(), 1u);
}

static void wrongAnswersAreTold() {
  PtpOffset found;
  for (const int samples : {0, -1, 26, 1'000'000}) {
    CHECK_EQUAL(ptpOffset(FakeDevice{}, PtpMethod::basic, samples, found), -EINVAL);
  }
  FakeDevice back;
  back.times = {T + 10, T, T};
  CHECK_EQUAL(ptpOffset(back, PtpMethod::extended, 1, found), -EAGAIN);
  const auto broken = [](unsigned long, void* argument) {
    std::memset(argument, 0xff, sizeof(ptp_sys_offset_precise));
    return 0;
  };
  CHECK_EQUAL(ptpOffset(broken, PtpMethod::precise, 1, found), -EBADMSG);
  CHECK_EQUAL(ptpOffset(broken, PtpMethod::extended, 1, found), -EBADMSG);
  // A file that is no clock.
  CHECK_EQUAL(ptpOffset(DeviceIoctl{-1}, PtpMethod::best, 1, found), -EBADF);
  PtpCapabilities caps;
  CHECK_EQUAL(ptpCapabilities(DeviceIoctl{-1}, caps), -EBADF);
}

static void capabilitiesFallBack() {
  std::vector<unsigned long> asked;
  const auto device = [&](unsigned long request, void* argument) {
    asked.push_back(request);
    if (request == PTP_CLOCK_GETCAPS2) return -ENOTTY;
    const int figures[] = {62'499'999, 0, 2, 1, 1, 4, 1};
    std::memcpy(argument, figures, sizeof figures);
    return 0;
  };
  PtpCapabilities caps;
  CHECK_EQUAL(ptpCapabilities(device, caps), 0);
  CHECK_EQUAL(asked.size(), 2u);
  CHECK_EQUAL(caps.maxAdjustmentPpb, 62'499'999);
  CHECK_EQUAL(caps.externalStamps, 2);
  CHECK_EQUAL(caps.hasPps, 1);
  CHECK_EQUAL(caps.pins, 4);
  CHECK_EQUAL(caps.hasCrossStamps, 1);
}

static void threadsAreBound() {
  std::array<int32_t, CPUS_MAX> cpus{};
  const int count = getAffinity(0, cpus.data(), cpus.size());
  CHECK(count > 0);
  CHECK_EQUAL(setAffinity(0, cpus.data(), static_cast<size_t>(count)), 0);
  for (const int32_t wrong : {-1, CPUS_MAX, INT32_MAX, INT32_MIN}) CHECK_EQUAL(setAffinity(0, &wrong, 1), -EINVAL);
  int32_t one = 0;
  CHECK_EQUAL(getAffinity(0, &one, 1), count);
  Scheduling found;
  CHECK_EQUAL(getScheduling(0, found), 0);
  CHECK(getScheduling(-5, found) < 0);
  CHECK(setScheduling(0, 99, 0) == -EINVAL);
}

#endif

int main() {
  bucketsHoldTheirValues();
  quantilesAreNearestRank();
  spinsCountGaps();
  stoppedClocksEndTheSpin();
  prefaultKeepsBytes();
  narrowestPairIsTaken();
  ratesHaveTheirError();
  ticksBecomeNs();
  clockPairsAreNarrow();
#ifdef __linux__
  kernelAnswersAreInTheirUnits();
  extendedTakesTheNarrowest();
  basicSamplesShareTheirEnds();
  preciseHasNoWidth();
  bestFallsBackOnlyWhereNotOffered();
  wrongAnswersAreTold();
  capabilitiesFallBack();
  threadsAreBound();
#endif
  return 0;
}
