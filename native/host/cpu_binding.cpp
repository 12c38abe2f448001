#include "binding.hpp"

namespace tickwright {

void fillCpu(Napi::Env, Napi::Object) {}

}  // namespace tickwright
