// What the files of the rooms share: their entry points, and the version of the contract with the TypeScript doors.
#pragma once

#include <napi.h>

namespace tickwright {

// Raised whenever a function's arguments or answers change: the loader refuses a binary that says another one.
constexpr int CONTRACT = 1;

void fillAudit(Napi::Env env, Napi::Object door);
void fillBook(Napi::Env env, Napi::Object door);
void fillClock(Napi::Env env, Napi::Object door);
void fillCpu(Napi::Env env, Napi::Object door);
void fillNet(Napi::Env env, Napi::Object door);
void fillRing(Napi::Env env, Napi::Object door);
void fillSignal(Napi::Env env, Napi::Object door);

}  // namespace tickwright
