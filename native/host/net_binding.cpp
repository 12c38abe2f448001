#include "binding.hpp"

namespace tickwright {

void fillNet(Napi::Env, Napi::Object) {}

}  // namespace tickwright
