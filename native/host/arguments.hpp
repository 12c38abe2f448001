// What JavaScript hands to the devices of room `host`: each argument is checked, a wrong one is a TypeError.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>

namespace tickwright {

inline Napi::Error wrongArgument(const Napi::CallbackInfo& info, size_t at, const char* expected) {
  return Napi::TypeError::New(info.Env(), "argument " + std::to_string(at) + ": expected " + expected);
}

inline double numberAt(const Napi::CallbackInfo& info, size_t at) {
  if (at >= info.Length() || !info[at].IsNumber()) throw wrongArgument(info, at, "a number");
  return info[at].As<Napi::Number>().DoubleValue();
}

// NaN and infinities become 0, as in JavaScript's own conversion.
inline int32_t int32At(const Napi::CallbackInfo& info, size_t at) {
  (void)numberAt(info, at);
  return info[at].As<Napi::Number>().Int32Value();
}

inline int64_t int64At(const Napi::CallbackInfo& info, size_t at) {
  (void)numberAt(info, at);
  return info[at].As<Napi::Number>().Int64Value();
}

inline std::string textAt(const Napi::CallbackInfo& info, size_t at) {
  if (at >= info.Length() || !info[at].IsString()) throw wrongArgument(info, at, "a string");
  return info[at].As<Napi::String>().Utf8Value();
}

// A typed array of one element type with at least `least` elements. The memory is JavaScript's: good during the call.
template <typename Cell>
struct Cells {
  Cell* data;
  size_t length;
};

template <typename Cell>
Cells<Cell> cellsOf(const Napi::CallbackInfo& info, size_t at, napi_typedarray_type type, size_t least,
                    const char* expected) {
  if (at >= info.Length() || !info[at].IsTypedArray()) throw wrongArgument(info, at, expected);
  napi_typedarray_type found;
  size_t length = 0;
  void* data = nullptr;
  const napi_status status =
      napi_get_typedarray_info(info.Env(), info[at], &found, &length, &data, nullptr, nullptr);
  if (status != napi_ok || found != type || length < least || (length > 0 && data == nullptr)) {
    throw wrongArgument(info, at, expected);
  }
  return {static_cast<Cell*>(data), length};
}

inline Cells<int32_t> int32sAt(const Napi::CallbackInfo& info, size_t at, size_t least) {
  return cellsOf<int32_t>(info, at, napi_int32_array, least, "an Int32Array that is long enough");
}

inline Cells<double> doublesAt(const Napi::CallbackInfo& info, size_t at, size_t least) {
  return cellsOf<double>(info, at, napi_float64_array, least, "a Float64Array that is long enough");
}

inline Cells<int64_t> int64sAt(const Napi::CallbackInfo& info, size_t at, size_t least) {
  return cellsOf<int64_t>(info, at, napi_bigint64_array, least, "a BigInt64Array that is long enough");
}

inline Cells<uint8_t> bytesAt(const Napi::CallbackInfo& info, size_t at, size_t least) {
  return cellsOf<uint8_t>(info, at, napi_uint8_array, least, "a Uint8Array that is long enough");
}

inline Napi::Value numberOf(const Napi::CallbackInfo& info, double value) {
  return Napi::Number::New(info.Env(), value);
}

// A function that keeps an object of ours alive and finds it as its data: unlike a handle, it cannot be a wrong one.
template <typename Thing>
Napi::Function boundFunction(Napi::Env env, Napi::Value (*call)(const Napi::CallbackInfo&), const char* name,
                             const std::shared_ptr<Thing>& thing) {
  auto* data = new std::shared_ptr<Thing>(thing);
  Napi::Function function = Napi::Function::New(env, call, name, data);
  function.AddFinalizer([](Napi::Env, std::shared_ptr<Thing>* old) { delete old; }, data);
  return function;
}

template <typename Thing>
const std::shared_ptr<Thing>& boundTo(const Napi::CallbackInfo& info) {
  return *static_cast<std::shared_ptr<Thing>*>(info.Data());
}

}  // namespace tickwright
