// The door `cpu`: the calling thread's processors, its scheduling, locked memory, and gaps in its running.
#include <memory>

#include "arguments.hpp"
#include "binding.hpp"
#include "cpu.hpp"
#include "jitter.hpp"
#include "tsc.hpp"

namespace tickwright {

static Napi::Value readAffinity(const Napi::CallbackInfo& info) {
  const Cells<int32_t> cpus = int32sAt(info, 1, 1);
  return numberOf(info, getAffinity(int32At(info, 0), cpus.data, cpus.length));
}

static Napi::Value writeAffinity(const Napi::CallbackInfo& info) {
  const Cells<int32_t> cpus = int32sAt(info, 1, 1);
  return numberOf(info, setAffinity(int32At(info, 0), cpus.data, cpus.length));
}

static Napi::Value readScheduling(const Napi::CallbackInfo& info) {
  const Cells<int32_t> into = int32sAt(info, 1, 3);
  Scheduling found;
  const int code = getScheduling(int32At(info, 0), found);
  into.data[0] = found.policy;
  into.data[1] = found.priority;
  into.data[2] = found.nice;
  return numberOf(info, code);
}

static Napi::Value writeScheduling(const Napi::CallbackInfo& info) {
  return numberOf(info, setScheduling(int32At(info, 0), int32At(info, 1), int32At(info, 2)));
}

static Napi::Value lockAll(const Napi::CallbackInfo& info) {
  const int32_t flags = int32At(info, 0);
  return numberOf(info, lockMemory((flags & 1) != 0, (flags & 2) != 0));
}

static Napi::Value prefaultBytes(const Napi::CallbackInfo& info) {
  const Cells<uint8_t> bytes = bytesAt(info, 0, 0);
  return numberOf(info, static_cast<double>(prefault(bytes.data, bytes.length, pageBytes())));
}

// (clock: 0 raw, 1 TSC; ns to run; TSC's Hz; thresholds in ns; into: 9 figures, then a pair for each threshold)
static Napi::Value measureJitter(const Napi::CallbackInfo& info) {
  constexpr size_t THRESHOLDS_MAX = 16;
  constexpr size_t FIGURES = 9;
  const bool isTsc = int32At(info, 0) == 1;
  const double length = numberAt(info, 1);
  const double hz = numberAt(info, 2);
  const Cells<double> thresholds = doublesAt(info, 3, 0);
  const Cells<double> into = doublesAt(info, 4, FIGURES + 2 * thresholds.length);
  if (thresholds.length > THRESHOLDS_MAX || !(length > 0 && length <= 10e9)) return numberOf(info, -EINVAL);
  if (isTsc && !(hz >= 1e6 && hz <= 1e11)) return numberOf(info, -EINVAL);
  const double perNs = isTsc ? hz / 1e9 : 1;
  GapsAbove above[THRESHOLDS_MAX];
  for (size_t at = 0; at < thresholds.length; at++) {
    if (!(thresholds.data[at] >= 0 && thresholds.data[at] <= 10e9)) return numberOf(info, -EINVAL);
    above[at].threshold = static_cast<uint64_t>(thresholds.data[at] * perNs);
  }
  auto gaps = std::make_unique<GapHistogram>();
  const uint64_t ticks = static_cast<uint64_t>(length * perNs);
  if (isTsc && !tscTraits().isPresent) return numberOf(info, -ENODEV);
  const bool isDone = isTsc ? spinFor(ticks, readTsc, *gaps, above, thresholds.length)
                            : spinFor(ticks, rawNs, *gaps, above, thresholds.length);
  if (!isDone) return numberOf(info, -ERANGE);
  const uint64_t figures[] = {gaps->total(),         gaps->least(),           gaps->quantile(0.5),
                              gaps->quantile(0.99),  gaps->quantile(0.999),   gaps->quantile(0.9999),
                              gaps->quantile(0.99999), gaps->most()};
  into.data[0] = static_cast<double>(gaps->count());
  for (size_t at = 0; at < FIGURES - 1; at++) into.data[1 + at] = static_cast<double>(figures[at]) / perNs;
  for (size_t at = 0; at < thresholds.length; at++) {
    into.data[FIGURES + 2 * at] = static_cast<double>(above[at].count);
    into.data[FIGURES + 2 * at + 1] = static_cast<double>(above[at].total) / perNs;
  }
  return numberOf(info, 0);
}

void fillCpu(Napi::Env env, Napi::Object door) {
  const auto add = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) {
    door.Set(name, Napi::Function::New(env, call, name));
  };
  add("threadId", [](const Napi::CallbackInfo& info) { return numberOf(info, threadId()); });
  add("currentCpu", [](const Napi::CallbackInfo& info) { return numberOf(info, currentCpu()); });
  add("getAffinity", readAffinity);
  add("setAffinity", writeAffinity);
  add("getScheduling", readScheduling);
  add("setScheduling", writeScheduling);
  add("lockMemory", lockAll);
  add("unlockMemory", [](const Napi::CallbackInfo& info) { return numberOf(info, unlockMemory()); });
  add("prefault", prefaultBytes);
  add("jitter", measureJitter);
}

}  // namespace tickwright
