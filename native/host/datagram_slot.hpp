// What stands in a ring's slot before a datagram's bytes. src/host/datagram-slot.ts reads it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tickwright {

struct DatagramHeader {
  // Of all that the socket gave, the dropped ones included: a gap is what the ring had no room for.
  int64_t sequence;
  // When the kernel had it, when the card had it, when the thread had it; 0 where nobody says.
  int64_t kernelNs;
  int64_t hardwareNs;
  int64_t userNs;
  // As sent, and as kept: fewer where the slot was too small.
  uint32_t length;
  uint32_t kept;
  // IPv4 addresses as numbers: 127.0.0.1 is 0x7f000001.
  uint32_t source;
  uint32_t destination;
  uint32_t port;
  // Dropped by the kernel before this one, as it says, modulo 2^32.
  uint32_t kernelDrops;
  uint32_t reserved[2];
};

constexpr size_t DATAGRAM_HEADER_BYTES = 64;
static_assert(sizeof(DatagramHeader) == DATAGRAM_HEADER_BYTES);

}  // namespace tickwright
