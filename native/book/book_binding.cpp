#include "binding.hpp"

namespace tickwright {

void fillBook(Napi::Env, Napi::Object) {}

}  // namespace tickwright
