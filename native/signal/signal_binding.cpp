#include <cerrno>

#include "binding.hpp"
#include "signal/column_kernels.hpp"

namespace tickwright {

namespace {

template <typename Cell>
struct Column {
  Cell* cells = nullptr;
  size_t length = 0;
  bool is = false;
};

// What an argument holds at the moment of the call, which nothing can change before it returns.
template <typename Cell>
Column<Cell> columnOf(napi_env env, napi_value value, napi_typedarray_type kind) {
  bool isView = false;
  if (napi_is_typedarray(env, value, &isView) != napi_ok || !isView) return {};
  Column<Cell> column;
  napi_typedarray_type type;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &column.length, &data, nullptr, nullptr) != napi_ok) return {};
  column.cells = static_cast<Cell*>(data);
  column.is = type == kind && (data != nullptr || column.length == 0);
  return column;
}

napi_value answer(napi_env env, double number) {
  napi_value result = nullptr;
  napi_create_double(env, number, &result);
  return result;
}

struct Call {
  napi_env env;
  napi_value arguments[8];
  size_t given = 8;
  ColumnKernels kernels;
  bool isKnown = false;

  // The first argument is the level.
  Call(napi_env of, napi_callback_info info) : env(of) {
    if (napi_get_cb_info(env, info, &given, arguments, nullptr, nullptr) != napi_ok) return;
    const double level = given > 0 ? number(0) : -1;
    isKnown = level >= 0 && level <= static_cast<double>(simdLevel());
    if (isKnown) kernels = kernelsOf(static_cast<SimdLevel>(static_cast<int32_t>(level)));
  }

  double number(size_t at) const {
    double found = -1;
    return at < given && napi_get_value_double(env, arguments[at], &found) == napi_ok ? found : -1;
  }

  Column<double> doubles(size_t at) const { return columnOf<double>(env, arguments[at], napi_float64_array); }
  Column<int32_t> words(size_t at) const { return columnOf<int32_t>(env, arguments[at], napi_int32_array); }
};

// quoteFlows(level, bid, bidLots, ask, askLots, out): how many were crossed, -EDOM for values that cannot be summed.
napi_value quoteFlows(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.isKnown || call.given != 6) return answer(env, -EINVAL);
  const auto bid = call.words(1);
  const auto bidLots = call.doubles(2);
  const auto ask = call.words(3);
  const auto askLots = call.doubles(4);
  const auto out = call.doubles(5);
  const size_t n = bid.length;
  const bool are = bid.is && bidLots.is && ask.is && askLots.is && out.is;
  if (!are || bidLots.length != n || ask.length != n || askLots.length != n || out.length != n) {
    return answer(env, -EINVAL);
  }
  size_t skipped = 0;
  const QuoteColumns quotes{bid.cells, bidLots.cells, ask.cells, askLots.cells, n};
  return answer(env, call.kernels.quoteFlows(quotes, out.cells, skipped) ? static_cast<double>(skipped) : -EDOM);
}

// bookImbalances(level, bidLots, askLots, levels, out): 0, or -EDOM.
napi_value bookImbalances(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.isKnown || call.given != 5) return answer(env, -EINVAL);
  const auto bids = call.doubles(1);
  const auto asks = call.doubles(2);
  const double levels = call.number(3);
  const auto out = call.doubles(4);
  const bool are = bids.is && asks.is && out.is && levels >= 1 && levels <= 4096 && std::trunc(levels) == levels;
  if (!are || asks.length != bids.length || bids.length != static_cast<size_t>(levels) * out.length) {
    return answer(env, -EINVAL);
  }
  const size_t count = static_cast<size_t>(levels);
  return answer(env, call.kernels.bookImbalances(bids.cells, asks.cells, count, out.length, out.cells) ? 0 : -EDOM);
}

// sumDepth(level, ticks, lots, levels, within, out): writes levels, lots and worth; 0, or -EDOM.
napi_value sumDepth(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (!call.isKnown || call.given != 6) return answer(env, -EINVAL);
  const auto ticks = call.words(1);
  const auto lots = call.doubles(2);
  const double levels = call.number(3);
  const double within = call.number(4);
  const auto out = call.doubles(5);
  const bool are = ticks.is && lots.is && out.is && out.length >= 3 && levels >= 0 && within >= 0;
  if (!are || lots.length != ticks.length) return answer(env, -EINVAL);
  const size_t length = levels < static_cast<double>(ticks.length) ? static_cast<size_t>(levels) : ticks.length;
  DepthSum sum{};
  if (!call.kernels.sumDepth(ticks.cells, lots.cells, length, within, sum)) return answer(env, -EDOM);
  out.cells[0] = sum.levels;
  out.cells[1] = sum.lots;
  out.cells[2] = sum.worth;
  return answer(env, 0);
}

napi_value level(napi_env env, napi_callback_info) { return answer(env, simdLevel()); }

}  // namespace

void fillSignal(Napi::Env env, Napi::Object door) {
  const struct {
    const char* name;
    napi_callback call;
  } offered[] = {
      {"bookImbalances", bookImbalances}, {"level", level}, {"quoteFlows", quoteFlows}, {"sumDepth", sumDepth}};
  for (const auto& [name, call] : offered) {
    napi_value function = nullptr;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function) != napi_ok) {
      throw Napi::Error::New(env, "a function of the signals cannot be made");
    }
    door.Set(name, Napi::Value(env, function));
  }
}

}  // namespace tickwright
