// The door of room audit: hashes of a batch of records in one call, over memory that JavaScript made once.
#include "binding.hpp"
#include "chain.hpp"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace tickwright {

static void* findSymbol(const char* name) {
#ifdef _WIN32
  return reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(nullptr), name));
#else
  return dlsym(RTLD_DEFAULT, name);
#endif
}

static Sha256& sha256Of(const Napi::CallbackInfo& info) {
  return *static_cast<Sha256*>(info.Data());
}

// Asked anew at every call: what was detached or shrank since has another length now. Memory that another thread could
// write meanwhile (a SharedArrayBuffer) is none.
static Memory memoryOf(const Napi::CallbackInfo& info, size_t index) {
  void* bytes = nullptr;
  size_t length = 0;
  bool isBuffer = false;
  const napi_value value = info[index];
  if (napi_is_arraybuffer(info.Env(), value, &isBuffer) != napi_ok || !isBuffer ||
      napi_get_arraybuffer_info(info.Env(), value, &bytes, &length) != napi_ok) {
    return {nullptr, 0};
  }
  return {static_cast<std::uint8_t*>(bytes), length};
}

static Napi::Value answer(const Napi::CallbackInfo& info, int value) {
  return Napi::Number::New(info.Env(), value);
}

// open(): "" where hashes can be made, else why not.
static Napi::Value open(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), sha256Of(info).open(findSymbol));
}

// failure(): what OpenSSL said of the last answer PROVIDER.
static Napi::Value failure(const Napi::CallbackInfo& info) {
  Sha256& hash = sha256Of(info);
  return Napi::String::New(info.Env(), hash.isOpen() ? hash.failed("SHA256") : "not opened");
}

// link(links: ArrayBuffer, records: ArrayBuffer, count: number): Answer
static Napi::Value link(const Napi::CallbackInfo& info) {
  double count = -1;
  if (napi_get_value_double(info.Env(), info[2], &count) != napi_ok || !(count >= 0 && count <= UINT32_MAX)) {
    return answer(info, OUTSIDE);
  }
  const auto records = static_cast<std::uint32_t>(count);
  return answer(info, linkRecords(sha256Of(info), memoryOf(info, 0), memoryOf(info, 1), records));
}

// take(edge: ArrayBuffer, block: ArrayBuffer): Answer
static Napi::Value take(const Napi::CallbackInfo& info) {
  return answer(info, takeBlock(sha256Of(info), memoryOf(info, 0), memoryOf(info, 1)));
}

void fillAudit(Napi::Env env, Napi::Object door) {
  // One for each environment: a context of OpenSSL's is not shared between threads.
  Sha256* hash = new Sha256();
  env.AddCleanupHook([](Sha256* each) { delete each; }, hash);
  door.Set("open", Napi::Function::New<open>(env, "open", hash));
  door.Set("failure", Napi::Function::New<failure>(env, "failure", hash));
  door.Set("link", Napi::Function::New<link>(env, "link", hash));
  door.Set("take", Napi::Function::New<take>(env, "take", hash));
}

}  // namespace tickwright
