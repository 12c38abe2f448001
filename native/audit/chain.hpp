// The hashes of an audit trail, a batch at a time: a link for each record, or what a block of records makes of the last
// link and of the right edge of the Merkle tree. src/audit/README.md has the bytes that are hashed.
//
// Numbers in the memories are JavaScript's, written through typed arrays: of this machine's byte order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sha256.hpp"

namespace tickwright {

// What the TypeScript door makes answers or faults of.
enum Answer : int {
  TAKEN = 1,
  DIFFERS = 0,    // the link is not the one that was expected: nothing is taken
  OUTSIDE = -1,   // a length or an offset is not within the memory, which is another's or was detached
  UNWHOLE = -2,   // the block's records do not end where it ends
  PROVIDER = -3,  // OpenSSL failed: nothing is taken
  FULL = -4,      // the tree's number of leaves would pass 2^53 - 1
};

struct Memory {
  std::uint8_t* bytes;
  std::size_t length;
};

// As in merkle-frontier.ts: slot k holds the root of a complete subtree of 2^k leaves where bit k of the size is set.
constexpr std::size_t TREE_LEVELS = 53;
constexpr std::uint64_t TREE_LEAVES_MAX = (1ULL << TREE_LEVELS) - 1;
// As in audit-record.ts: a record's length stands in it, and none is shorter than its fixed part.
constexpr std::size_t RECORD_LENGTH_AT = 4;
constexpr std::size_t RECORD_BYTES_MIN = 8;

// The memory of an edge: its request, and what it holds between two of them. native-edge.ts lays out the same.
struct Edge {
  double size;  // leaves of the tree
  double firstSeq;
  std::uint32_t from;  // where the records begin and end in the block's memory
  std::uint32_t to;
  std::uint32_t isPerRecord;  // whether each record is a leaf, or the block is one
  std::uint32_t isExpected;   // whether the link must be the one expected
  std::uint8_t tip[HASH_BYTES];
  std::uint8_t expected[HASH_BYTES];
  std::uint8_t slots[TREE_LEVELS][HASH_BYTES];
};
static_assert(sizeof(Edge) == 32 + 64 + TREE_LEVELS * HASH_BYTES);

inline void littleEndian(std::uint8_t* into, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) into[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

inline std::uint32_t littleEndian32(const std::uint8_t* from) {
  return from[0] | from[1] << 8 | from[2] << 16 | static_cast<std::uint32_t>(from[3]) << 24;
}

inline bool isCount(double value) {
  return value >= 0 && value <= 9007199254740991.0 && value == static_cast<double>(static_cast<std::uint64_t>(value));
}

// The memory of a batch, as link-batch.ts lays it out: the hash before the first record and the link of each, then
// where each record ends.
constexpr std::size_t LINK_BYTES = HASH_BYTES + sizeof(std::uint32_t);

// hashes[i + 1] = SHA-256(hashes[i] ‖ record i), for `count` records that stand one behind the other, the first from
// byte 32 on: each is hashed in place, behind the hash before it, and what stood there is put back.
inline int linkRecords(Sha256& hash, Memory batch, Memory records, std::uint32_t count) {
  if (batch.length < HASH_BYTES || (batch.length - HASH_BYTES) % LINK_BYTES != 0) return OUTSIDE;
  // Links are written while ends are read: memory that is both would give ends that nobody looked at.
  if (batch.bytes < records.bytes + records.length && records.bytes < batch.bytes + batch.length) return OUTSIDE;
  const std::size_t most = (batch.length - HASH_BYTES) / LINK_BYTES;
  if (count > most) return OUTSIDE;
  const std::uint8_t* ends = batch.bytes + HASH_BYTES * (most + 1);
  const auto endOf = [ends](std::uint32_t i) {
    std::uint32_t end;
    std::memcpy(&end, ends + sizeof end * i, sizeof end);
    return end;
  };
  // All are looked at before the first is hashed.
  for (std::uint32_t i = 0, from = HASH_BYTES; i < count; from = endOf(i++)) {
    if (endOf(i) < from || endOf(i) > records.length) return OUTSIDE;
  }
  for (std::uint32_t i = 0, from = HASH_BYTES; i < count; from = endOf(i++)) {
    std::uint8_t* start = records.bytes + from - HASH_BYTES;
    std::uint8_t* before = batch.bytes + HASH_BYTES * i;
    std::uint8_t kept[HASH_BYTES];
    std::memcpy(kept, start, HASH_BYTES);
    std::memcpy(start, before, HASH_BYTES);
    const bool isDone =
        hash.begin() && hash.add(start, HASH_BYTES + endOf(i) - from) && hash.end(before + HASH_BYTES);
    std::memcpy(start, kept, HASH_BYTES);
    if (!isDone) return PROVIDER;
  }
  return TAKEN;
}

// The right edge of the tree while a block's leaves are added: a copy, so that a block is taken whole or not at all.
class Frontier {
 public:
  explicit Frontier(const Edge& edge) : size(static_cast<std::uint64_t>(edge.size)) {
    std::memcpy(slots, edge.slots, sizeof slots);
  }

  // Adds the leaf SHA-256(00 ‖ bytes), and hashes the nodes 01 ‖ left ‖ right that it completes.
  int add(Sha256& hash, const std::uint8_t* bytes, std::size_t length) {
    if (size >= TREE_LEAVES_MAX) return FULL;
    std::uint8_t node[HASH_BYTES];
    const std::uint8_t leaf = 0;
    if (!hash.begin() || !hash.add(&leaf, 1) || !hash.add(bytes, length) || !hash.end(node)) return PROVIDER;
    std::size_t level = 0;
    for (; (size >> level & 1) == 1; level++) {
      std::uint8_t pair[1 + 2 * HASH_BYTES] = {1};
      std::memcpy(pair + 1, slots[level], HASH_BYTES);
      std::memcpy(pair + 1 + HASH_BYTES, node, HASH_BYTES);
      if (!hash.begin() || !hash.add(pair, sizeof pair) || !hash.end(node)) return PROVIDER;
    }
    std::memcpy(slots[level], node, HASH_BYTES);
    size++;
    return TAKEN;
  }

  void store(Edge& edge) const {
    std::memcpy(edge.slots, slots, sizeof slots);
    edge.size = static_cast<double>(size);
  }

 private:
  std::uint64_t size;
  std::uint8_t slots[TREE_LEVELS][HASH_BYTES];
};

// Takes the block of records that the edge's request tells of: its link becomes the tip, its leaves grow the tree.
inline int takeBlock(Sha256& hash, Memory edgeMemory, Memory block) {
  if (edgeMemory.length != sizeof(Edge)) return OUTSIDE;
  Edge edge;
  std::memcpy(&edge, edgeMemory.bytes, sizeof edge);
  if (edge.from >= edge.to || edge.to > block.length) return OUTSIDE;
  if (!isCount(edge.size) || !isCount(edge.firstSeq)) return OUTSIDE;
  const std::uint8_t* records = block.bytes + edge.from;
  const std::uint32_t length = edge.to - edge.from;

  std::uint8_t head[8 + HASH_BYTES + 12] = {'T', 'E', '-', 'A', 'U', 'D', '-', '1'};
  std::memcpy(head + 8, edge.tip, HASH_BYTES);
  littleEndian(head + 8 + HASH_BYTES, static_cast<std::uint64_t>(edge.firstSeq), 8);
  littleEndian(head + 16 + HASH_BYTES, length, 4);
  if (!hash.begin() || !hash.add(head, sizeof head) || !hash.add(records, length) || !hash.end(edge.tip)) {
    return PROVIDER;
  }
  if (edge.isExpected != 0 && std::memcmp(edge.tip, edge.expected, HASH_BYTES) != 0) return DIFFERS;

  Frontier tree(edge);
  for (std::uint32_t at = 0; at < length;) {
    std::uint32_t each = length;
    if (edge.isPerRecord != 0) {
      if (length - at < RECORD_BYTES_MIN) return UNWHOLE;
      each = littleEndian32(records + at + RECORD_LENGTH_AT);
      if (each < RECORD_BYTES_MIN || each > length - at) return UNWHOLE;
    }
    const int answer = tree.add(hash, records + at, each);
    if (answer != TAKEN) return answer;
    at += each;
  }
  tree.store(edge);
  std::memcpy(edgeMemory.bytes, &edge, sizeof edge);
  return TAKEN;
}

}  // namespace tickwright
