// Where everything stands in a ring's memory: version 1, as src/ring/ring-layout.ts lays it out.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "ring_words.hpp"

namespace tickwright::ring {

// Why a ring, a producer or a consumer is not opened.
class Error : public std::runtime_error {
 public:
  // The code of the fault that the TypeScript door makes of it.
  enum class Kind { config, input, expired };
  Error(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const noexcept { return kind_; }
  const char* code() const noexcept {
    if (kind_ == Kind::config) return "FAULT_CONFIG";
    return kind_ == Kind::input ? "FAULT_INPUT" : "FAULT_VIEW_EXPIRED";
  }

 private:
  Kind kind_;
};

constexpr int32_t VERSION = 1;
constexpr int32_t MAGIC = 0x54575242;
constexpr uint32_t CAPACITY_MAX = 1 << 24;
constexpr uint32_t SLOT_BYTES_MAX = 65536;
constexpr uint32_t CONSUMERS_MAX = 16;

constexpr size_t LINE = 32;
constexpr size_t HEAD = LINE;
constexpr size_t GATE = LINE + 1;
constexpr size_t OWNER = 2 * LINE;
constexpr size_t DATA = 3 * LINE;
constexpr size_t SPACE = 4 * LINE;
constexpr size_t CONSUMERS = 5 * LINE;

struct Shape {
  uint32_t capacity = 0;
  uint32_t slotBytes = 64;
  bool isMulti = false;
  // Consumers it was made with, and places for consumers.
  uint32_t declared = 1;
  uint32_t consumersMax = 1;
};

// Made of a shape that is checked: an index that it gives for any sequence and any place stays within `bytes()`.
class Layout {
 public:
  explicit Layout(const Shape& shape) : shape_(checked(shape)) {
    runs_ = CONSUMERS + shape.consumersMax * LINE;
    const size_t end = runs_ + (shape.isMulti ? 2 * static_cast<size_t>(shape.capacity) : 0);
    words_ = (end + LINE - 1) / LINE * LINE;
  }

  // Of memory that somebody laid out. The header is read once: it may change under a process that is wrong.
  static Layout read(const void* memory, size_t bytes) {
    if (memory == nullptr || reinterpret_cast<uintptr_t>(memory) % 8 != 0 || bytes < 4 * CONSUMERS) {
      throw Error(Error::Kind::config, "not the memory of a ring");
    }
    const Words words(const_cast<void*>(memory));
    if (words.load(0, std::memory_order_acquire) != MAGIC) {
      throw Error(Error::Kind::config, "not the memory of a ring");
    }
    if (words.get(1) != VERSION) throw Error(Error::Kind::config, "another version of a ring's memory");
    const int32_t producers = words.get(4);
    if (producers != 1 && producers != 2) throw Error(Error::Kind::config, "a header that no ring has");
    const Layout layout(Shape{static_cast<uint32_t>(words.get(2)), static_cast<uint32_t>(words.get(3)),
                              producers == 2, static_cast<uint32_t>(words.get(5)),
                              static_cast<uint32_t>(words.get(6))});
    if (layout.bytes() > bytes) throw Error(Error::Kind::config, "less memory than its header says");
    return layout;
  }

  const Shape& shape() const noexcept { return shape_; }
  uint32_t mask() const noexcept { return shape_.capacity - 1; }
  size_t slotsAtBytes() const noexcept { return 4 * words_; }
  size_t bytes() const noexcept {
    return slotsAtBytes() + static_cast<size_t>(shape_.capacity) * shape_.slotBytes;
  }
  static size_t position(uint32_t consumer) noexcept { return CONSUMERS + consumer * LINE; }
  static size_t state(uint32_t consumer) noexcept { return position(consumer) + 1; }
  static size_t after(uint32_t consumer) noexcept { return position(consumer) + 2; }
  size_t run(int32_t sequence) const noexcept {
    return runs_ + 2 * static_cast<size_t>(static_cast<uint32_t>(sequence) & mask());
  }
  uint32_t slot(int32_t sequence) const noexcept { return static_cast<uint32_t>(sequence) & mask(); }

 private:
  static Shape checked(const Shape& shape) {
    const bool isGood = shape.capacity >= 2 && shape.capacity <= CAPACITY_MAX && std::has_single_bit(shape.capacity) &&
                        shape.slotBytes >= 8 && shape.slotBytes <= SLOT_BYTES_MAX && shape.slotBytes % 8 == 0 &&
                        static_cast<uint64_t>(shape.capacity) * shape.slotBytes <= (uint64_t{1} << 31) &&
                        shape.declared >= 1 && shape.declared <= shape.consumersMax &&
                        shape.consumersMax <= CONSUMERS_MAX;
    if (!isGood) throw Error(Error::Kind::config, "a shape that no ring has");
    return shape;
  }

  Shape shape_;
  size_t runs_ = 0;
  size_t words_ = 0;
};

// Writes the header and the first state of everything into memory that is zero; `after` holds a mask for each declared
// consumer.
inline Layout layOut(void* memory, size_t bytes, const Shape& shape, std::span<const uint32_t> after,
                     int32_t firstSequence = 0) {
  const Layout layout(shape);
  if (memory == nullptr || reinterpret_cast<uintptr_t>(memory) % 8 != 0 || bytes < layout.bytes()) {
    throw Error(Error::Kind::config, "too little memory for the ring");
  }
  if (after.size() != shape.declared) throw Error(Error::Kind::config, "a mask for each consumer");
  const Words words(memory);
  const uint32_t header[] = {
      0, VERSION, shape.capacity, shape.slotBytes, shape.isMulti ? 2u : 1u, shape.declared, shape.consumersMax};
  for (size_t at = 0; at < std::size(header); at++) words.put(at, static_cast<int32_t>(header[at]));
  words.put(HEAD, firstSequence);
  words.put(GATE, firstSequence);
  for (uint32_t consumer = 0; consumer < shape.declared; consumer++) {
    if (after[consumer] >> consumer != 0) throw Error(Error::Kind::config, "only consumers before it");
    words.put(Layout::position(consumer), firstSequence);
    words.put(Layout::state(consumer), 1);
    words.put(Layout::after(consumer), static_cast<int32_t>(after[consumer]));
  }
  if (shape.isMulti) {
    const auto capacity = static_cast<int32_t>(shape.capacity);
    for (int32_t at = 0; at < capacity; at++) {
      const int32_t sequence = sum(firstSequence, at);
      words.put(layout.run(sequence), difference(sequence, capacity));
    }
  }
  words.store(0, MAGIC);
  return layout;
}

}  // namespace tickwright::ring
