#include "binding.hpp"

namespace tickwright {

void fillRing(Napi::Env, Napi::Object) {}

}  // namespace tickwright
