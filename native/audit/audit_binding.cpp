#include "binding.hpp"

namespace tickwright {

void fillAudit(Napi::Env, Napi::Object) {}

}  // namespace tickwright
