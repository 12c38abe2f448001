// Memory of a ring as JavaScript holds it: a SharedArrayBuffer's, or what processes share.
#pragma once

#include <napi.h>

#include <memory>

#include "shared_memory.hpp"

namespace tickwright::ring {

// Where a ring stands. `keep` holds the memory of processes; that of a SharedArrayBuffer is held by a reference to the
// typed array, which the caller makes.
struct RingBytes {
  void* data = nullptr;
  size_t bytes = 0;
  std::shared_ptr<SharedMemory> keep;
};

// Of a typed array over a SharedArrayBuffer, or of the door's memory of a ProcessRing; `data` is null for all else.
// Other buffers are not taken: they can be detached while a thread uses them.
RingBytes ringBytesOf(const Napi::Value& value);

}  // namespace tickwright::ring
