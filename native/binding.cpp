// The module: one object for each door, made by the files of its room.
#include "binding.hpp"

namespace tickwright {

static Napi::Object door(Napi::Env env, void (*fill)(Napi::Env, Napi::Object)) {
  Napi::Object object = Napi::Object::New(env);
  fill(env, object);
  return object;
}

static Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("contract", Napi::Number::New(env, CONTRACT));
  exports.Set("audit", door(env, fillAudit));
  exports.Set("book", door(env, fillBook));
  exports.Set("clock", door(env, fillClock));
  exports.Set("cpu", door(env, fillCpu));
  exports.Set("net", door(env, fillNet));
  exports.Set("ring", door(env, fillRing));
  exports.Set("signal", door(env, fillSignal));
  return exports;
}

NODE_API_MODULE(tickwright, initialise)

}  // namespace tickwright
