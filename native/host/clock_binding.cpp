#include "binding.hpp"

namespace tickwright {

void fillClock(Napi::Env, Napi::Object) {}

}  // namespace tickwright
