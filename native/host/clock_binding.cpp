// The door `clock`: the kernel's clocks, PTP hardware clocks, and the processor's counter.
#include <thread>
#include <vector>

#include "arguments.hpp"
#include "binding.hpp"
#include "clock.hpp"
#include "ptp.hpp"
#include "unix_datagram.hpp"

namespace tickwright {

static int64_t readClock(size_t which) { return clockNs(CLOCKS[which]); }

static int64_t bigintAt(const Napi::CallbackInfo& info, size_t at) {
  if (at >= info.Length() || !info[at].IsBigInt()) throw wrongArgument(info, at, "a bigint");
  bool isLossless = false;
  const int64_t value = info[at].As<Napi::BigInt>().Int64Value(&isLossless);
  if (!isLossless) throw wrongArgument(info, at, "a bigint of 64 bits");
  return value;
}

static Napi::Value now(const Napi::CallbackInfo& info) {
  const int32_t which = int32At(info, 0);
  if (which < 0 || static_cast<size_t>(which) >= CLOCK_COUNT) throw wrongArgument(info, 0, "a clock's index");
  return Napi::BigInt::New(info.Env(), readClock(static_cast<size_t>(which)));
}

// (clock, into) -> how many times were written: all that there is room for
static Napi::Value nowMany(const Napi::CallbackInfo& info) {
  const int32_t which = int32At(info, 0);
  if (which < 0 || static_cast<size_t>(which) >= CLOCK_COUNT) throw wrongArgument(info, 0, "a clock's index");
  const Cells<int64_t> into = int64sAt(info, 1, 0);
  for (size_t at = 0; at < into.length; at++) into.data[at] = readClock(static_cast<size_t>(which));
  return numberOf(info, static_cast<double>(into.length));
}

// Memory that JavaScript shares with a function of its own: 4 times, 4 differences from a base, 4 bases.
struct ClockPage {
  int64_t* ns;
  double* since;
  int64_t* base;
  Napi::Reference<Napi::Value> keeps;
};

static Napi::Value readPage(const Napi::CallbackInfo& info) {
  const ClockPage& page = *static_cast<ClockPage*>(info.Data());
  for (size_t at = 0; at < CLOCK_COUNT; at++) {
    const int64_t ns = readClock(at);
    page.ns[at] = ns;
    page.since[at] = static_cast<double>(ns - page.base[at]);
  }
  return info.Env().Undefined();
}

// Shared memory alone: it cannot be taken away (transferred, resized) while the function has its address.
static Napi::Value bindPage(const Napi::CallbackInfo& info) {
  const Cells<int64_t> cells = int64sAt(info, 0, 3 * CLOCK_COUNT);
  napi_value buffer = nullptr;
  bool isOwned = true;
  napi_get_typedarray_info(info.Env(), info[0], nullptr, nullptr, nullptr, &buffer, nullptr);
  napi_is_arraybuffer(info.Env(), buffer, &isOwned);
  if (isOwned) throw wrongArgument(info, 0, "a view of a SharedArrayBuffer");
  auto* page = new ClockPage{cells.data, reinterpret_cast<double*>(cells.data + CLOCK_COUNT),
                             cells.data + 2 * CLOCK_COUNT, Napi::Reference<Napi::Value>::New(info[0], 1)};
  Napi::Function read = Napi::Function::New(info.Env(), readPage, "read", page);
  read.AddFinalizer([](Napi::Env, ClockPage* old) { delete old; }, page);
  return read;
}

// (tries, into: realtime, raw, tai, width)
static Napi::Value pair(const Napi::CallbackInfo& info) {
  const int32_t tries = int32At(info, 0);
  const Cells<int64_t> into = int64sAt(info, 1, 4);
  if (tries < 1 || tries > 1000) return numberOf(info, -EINVAL);
  ClockPair found;
  const int code = clockPair(static_cast<unsigned>(tries), readClock, found);
  into.data[0] = found.realtime;
  into.data[1] = found.raw;
  into.data[2] = found.tai;
  into.data[3] = found.width;
  return numberOf(info, code);
}

static Napi::Value resolution(const Napi::CallbackInfo& info) {
  const int32_t which = int32At(info, 0);
  if (which < 0 || static_cast<size_t>(which) >= CLOCK_COUNT) throw wrongArgument(info, 0, "a clock's index");
  return numberOf(info, resolutionNs(CLOCKS[which]));
}

// (into: status, synchronised, maxerror µs, esterror µs, TAI offset s, frequency ppm, offset ns)
static Napi::Value kernel(const Napi::CallbackInfo& info) {
  const Cells<double> into = doublesAt(info, 0, 7);
  KernelClock found;
  const int code = kernelClock(found);
  const bool isSynchronised = found.state != STATE_ERROR && (found.status & STATUS_UNSYNC) == 0;
  const double figures[] = {static_cast<double>(found.status), isSynchronised ? 1.0 : 0.0, found.maxErrorUs,
                            found.estErrorUs, static_cast<double>(found.tai), found.frequencyPpm, found.offsetNs};
  for (size_t at = 0; at < 7; at++) into.data[at] = figures[at];
  return numberOf(info, code);
}

// (fd, into: 7 figures)
static Napi::Value capabilities(const Napi::CallbackInfo& info) {
  const Cells<int32_t> into = int32sAt(info, 1, 7);
  PtpCapabilities found;
  const int code = ptpCapabilities(DeviceIoctl{int32At(info, 0)}, found);
  const int figures[] = {found.maxAdjustmentPpb, found.alarms, found.externalStamps, found.periodicOutputs,
                         found.hasPps, found.pins, found.hasCrossStamps};
  for (size_t at = 0; at < 7; at++) into.data[at] = figures[at];
  return numberOf(info, code);
}

// (fd, method, samples, into: offset, width, device, system, used, discarded) -> the method, or -errno
static Napi::Value offset(const Napi::CallbackInfo& info) {
  const int32_t method = int32At(info, 1);
  const Cells<int64_t> into = int64sAt(info, 3, 6);
  if (method < 0 || method > 3) return numberOf(info, -EINVAL);
  PtpOffset found;
  const int code = ptpOffset(DeviceIoctl{int32At(info, 0)}, static_cast<PtpMethod>(method), int32At(info, 2), found);
  const int64_t figures[] = {found.offsetNs, found.widthNs, found.deviceNs,
                             found.systemNs, found.used,    found.discarded};
  for (size_t at = 0; at < 6; at++) into.data[at] = figures[at];
  return numberOf(info, code < 0 ? code : static_cast<int>(found.method));
}

// (into: present, invariant, rdtscp, virtual, stated Hz)
static Napi::Value traits(const Napi::CallbackInfo& info) {
  const Cells<double> into = doublesAt(info, 0, 5);
  const TscTraits found = tscTraits();
  const double figures[] = {found.isPresent ? 1.0 : 0.0, found.isInvariant ? 1.0 : 0.0,
                            found.hasRdtscp ? 1.0 : 0.0, found.isVirtual ? 1.0 : 0.0, found.statedHz};
  for (size_t at = 0; at < 5; at++) into.data[at] = figures[at];
  return numberOf(info, 0);
}

// (ns, into: Hz, error as a share, uncertainty ns, interval ns; base: ticks, ns)
static Napi::Value calibrate(const Napi::CallbackInfo& info) {
  constexpr unsigned TRIES = 50;
  const double length = numberAt(info, 0);
  const Cells<double> into = doublesAt(info, 1, 4);
  const Cells<int64_t> base = int64sAt(info, 2, 2);
  if (!(length > 0 && length <= 10e9)) return numberOf(info, -EINVAL);
  const TscPair begin = tscPair(TRIES, rawNs, readTsc);
  std::this_thread::sleep_for(std::chrono::nanoseconds(static_cast<int64_t>(length)));
  const TscPair end = tscPair(TRIES, rawNs, readTsc);
  TscRate rate;
  const int code = tscRate(begin, end, rate);
  if (code < 0) return numberOf(info, code);
  into.data[0] = rate.hz;
  into.data[1] = rate.error;
  into.data[2] = static_cast<double>(begin.width > end.width ? begin.width : end.width) / 2;
  into.data[3] = static_cast<double>(end.ns - begin.ns);
  base.data[0] = static_cast<int64_t>(end.ticks);
  base.data[1] = static_cast<int64_t>(end.ns);
  return numberOf(info, 0);
}

static Napi::Value ticks(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), static_cast<int64_t>(readTsc()));
}

// (ticks, Hz, base ticks, base ns)
static Napi::Value ticksToNs(const Napi::CallbackInfo& info) {
  const double hz = numberAt(info, 1);
  if (!(hz >= 1e6 && hz <= 1e11)) throw wrongArgument(info, 1, "a rate within 1 MHz and 100 GHz");
  const TscPair base{static_cast<uint64_t>(bigintAt(info, 2)), static_cast<uint64_t>(bigintAt(info, 3)), 0};
  return Napi::BigInt::New(info.Env(), TscScale(base, hz).toNs(static_cast<uint64_t>(bigintAt(info, 0))));
}

// Waits for a daemon's answer on a thread of the pool. Resolves to its bytes, or to -errno.
class Exchange : public Napi::AsyncWorker {
 public:
  Exchange(Napi::Env env, std::shared_ptr<UnixDatagram> socket, const Cells<uint8_t>& request, int timeoutMs)
      : Napi::AsyncWorker(env, "tickwright.exchange"),
        promise_(Napi::Promise::Deferred::New(env)),
        socket_(std::move(socket)),
        request_(request.data, request.data + request.length),
        timeoutMs_(timeoutMs) {}

  Napi::Promise promise() const { return promise_.Promise(); }

 protected:
  void Execute() override { code_ = socket_->exchange(request_.data(), request_.size(), timeoutMs_, answer_); }

  void OnOK() override {
    try {
      if (code_ < 0) return promise_.Resolve(Napi::Number::New(Env(), code_));
      Napi::Uint8Array bytes = Napi::Uint8Array::New(Env(), answer_.size());
      std::copy(answer_.begin(), answer_.end(), bytes.Data());
      promise_.Resolve(bytes);
    } catch (const Napi::Error&) {
      // The environment is ending: nobody is left to hear it, and an exception may not leave a callback of C.
    }
  }

  void OnError(const Napi::Error& error) override { promise_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred promise_;
  std::shared_ptr<UnixDatagram> socket_;
  std::vector<uint8_t> request_;
  int timeoutMs_;
  std::vector<uint8_t> answer_;
  int code_ = 0;
};

// (request, timeout ms)
static Napi::Value exchange(const Napi::CallbackInfo& info) {
  constexpr int TIMEOUT_MAX_MS = 60'000;
  const Cells<uint8_t> request = bytesAt(info, 0, 0);
  const int timeoutMs = int32At(info, 1);
  if (timeoutMs < 1 || timeoutMs > TIMEOUT_MAX_MS) throw wrongArgument(info, 1, "1 to 60,000 ms");
  auto* work = new Exchange(info.Env(), boundTo<UnixDatagram>(info), request, timeoutMs);
  const Napi::Promise promise = work->promise();
  work->Queue();
  return promise;
}

// (own path, daemon's path) -> functions, or -errno
static Napi::Value openUnixDatagram(const Napi::CallbackInfo& info) {
  auto socket = std::make_shared<UnixDatagram>();
  const int code = socket->open(textAt(info, 0), textAt(info, 1));
  if (code < 0) return numberOf(info, code);
  const auto stop = [](const Napi::CallbackInfo& call) {
    boundTo<UnixDatagram>(call)->stop();
    return call.Env().Undefined();
  };
  Napi::Object functions = Napi::Object::New(info.Env());
  functions.Set("exchange", boundFunction(info.Env(), exchange, "exchange", socket));
  functions.Set("stop", boundFunction<UnixDatagram>(info.Env(), stop, "stop", socket));
  return functions;
}

void fillClock(Napi::Env env, Napi::Object door) {
  const auto add = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) {
    door.Set(name, Napi::Function::New(env, call, name));
  };
  add("now", now);
  add("nowMany", nowMany);
  add("bindPage", bindPage);
  add("pair", pair);
  add("resolution", resolution);
  add("kernel", kernel);
  add("ptpCapabilities", capabilities);
  add("ptpOffset", offset);
  add("tscTraits", traits);
  add("tscCalibrate", calibrate);
  add("tscTicks", ticks);
  add("tscToNs", ticksToNs);
  add("openUnixDatagram", openUnixDatagram);
}

}  // namespace tickwright
