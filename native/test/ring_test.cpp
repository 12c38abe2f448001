// The ring in one thread: full and empty, the wrap, stages, members, memory that is no ring's or that others damaged.
#include "check.hpp"

#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "ring/ring.hpp"

using namespace tickwright::ring;
using namespace std::chrono_literals;

namespace {

// Memory of exactly a ring's size: one byte too far is found.
class Memory {
 public:
  Memory(const Shape& shape, std::vector<uint32_t> after, int32_t first = 0)
      : bytes_(Layout(shape).bytes()), cells_(new uint64_t[bytes_ / 8]()) {
    layOut(data(), bytes_, shape, after, first);
  }
  void* data() const { return cells_.get(); }
  size_t bytes() const { return bytes_; }
  Words words() const { return Words(data()); }

 private:
  size_t bytes_;
  std::unique_ptr<uint64_t[]> cells_;
};

Shape shapeOf(uint32_t capacity, bool isMulti = false, uint32_t declared = 1, uint32_t most = 0) {
  return Shape{capacity, 64, isMulti, declared, most == 0 ? declared : most};
}

template <typename Producer>
bool send(Producer& producer, uint64_t value, uint32_t count = 1) {
  const int64_t slot = producer.claim(count);
  if (slot < 0) return false;
  for (uint32_t k = 0; k < count; k++) {
    for (int cell = 0; cell < 8; cell++) {
      const uint64_t each = value + k + static_cast<uint64_t>(cell);
      std::memcpy(producer.slot(slot + k) + 8 * cell, &each, 8);
    }
  }
  return producer.commit();
}

uint64_t valueOf(const std::byte* message) {
  uint64_t first = 0;
  std::memcpy(&first, message, 8);
  for (int cell = 1; cell < 8; cell++) {
    uint64_t each = 0;
    std::memcpy(&each, message + 8 * cell, 8);
    CHECK_EQUAL(each, first + static_cast<uint64_t>(cell));
  }
  return first;
}

template <typename Producer>
void fullAndEmpty(bool isMulti, int32_t first) {
  Memory memory(shapeOf(4, isMulti), {0}, first);
  Producer producer(memory.data(), memory.bytes());
  Consumer consumer(memory.data(), memory.bytes());
  CHECK_EQUAL(consumer.available(), 0u);
  CHECK_EQUAL(consumer.wait(1ms), 0u);
  for (uint64_t round = 0; round < 20; round++) {
    CHECK(send(producer, 10 * round));
    CHECK(send(producer, 10 * round + 1, 3));
    CHECK_EQUAL(producer.claim(), -1);
    CHECK(!producer.wait(1, 1ms));
    CHECK_EQUAL(consumer.available(), 4u);
    CHECK(!consumer.release(5));
    for (uint32_t k = 0; k < 4; k++) CHECK_EQUAL(valueOf(consumer.message(k)), 10 * round + k);
    CHECK(consumer.release(round % 2 == 0 ? 4 : 1));
    if (round % 2 == 1) CHECK(consumer.release(3));
    CHECK_EQUAL(consumer.available(), 0u);
  }
  CHECK_EQUAL(producer.claim(5), -1);
  CHECK_EQUAL(producer.claim(0), -1);
  CHECK(!producer.commit());
}

void pendingAndLooks() {
  Memory memory(shapeOf(64), {0});
  ProducerOptions options;
  options.batch = 4;
  options.look = 3;
  SingleProducer producer(memory.data(), memory.bytes(), options);
  Consumer consumer(memory.data(), memory.bytes());
  CHECK(send(producer, 0));  // nobody is behind: it goes out at once
  CHECK_EQUAL(consumer.available(), 1u);
  CHECK(send(producer, 1) && send(producer, 2) && send(producer, 3));  // the first is not read: 4 are awaited
  CHECK(consumer.release(1));
  CHECK_EQUAL(consumer.available(), 0u);
  CHECK(send(producer, 4));
  CHECK_EQUAL(consumer.available(), 4u);
  CHECK(send(producer, 5) && send(producer, 6));
  CHECK(send(producer, 7));
  CHECK(consumer.release(4));
  CHECK_EQUAL(consumer.available(), 0u);
  producer.flush();
  CHECK_EQUAL(consumer.available(), 3u);
}

void stages() {
  Memory memory(shapeOf(4, false, 3), {0, 1, 3}, std::numeric_limits<int32_t>::max() - 1);
  SingleProducer producer(memory.data(), memory.bytes());
  Consumer first(memory.data(), memory.bytes(), 0), second(memory.data(), memory.bytes(), 1);
  Consumer third(memory.data(), memory.bytes(), 2);
  for (uint64_t n = 0; n < 4; n++) CHECK(send(producer, n));
  producer.flush();
  CHECK_EQUAL(second.available(), 0u);
  CHECK_EQUAL(first.available(), 4u);
  CHECK(first.release(3));
  CHECK_EQUAL(second.available(), 3u);
  CHECK(second.release(2));
  CHECK_EQUAL(third.available(), 2u);
  first.leave();
  CHECK(second.release(1));
  CHECK_EQUAL(second.available(), 1u);
  CHECK(third.release(2));
  CHECK_EQUAL(third.available(), 1u);
  Ring ring(memory.data(), memory.bytes());
  CHECK(ring.retire(1));
  CHECK(!ring.retire(1));
  CHECK(!ring.retire(99));
  CHECK(third.release(1));
  CHECK_EQUAL(third.available(), 1u);
  CHECK(!second.release(1));
  CHECK(second.state() == State::expired);
  CHECK_EQUAL(second.available(), 0u);
}

void members() {
  Memory memory(shapeOf(4, false, 1, 2), {0});
  SingleProducer producer(memory.data(), memory.bytes());
  CHECK_THROWS(SingleProducer(memory.data(), memory.bytes()), Error);
  Consumer dead(memory.data(), memory.bytes());
  CHECK_THROWS(Consumer(memory.data(), memory.bytes()), Error);
  CHECK(send(producer, 7));
  producer.flush();
  CHECK_EQUAL(dead.available(), 1u);
  Consumer heir(memory.data(), memory.bytes(), 0, true);
  CHECK_EQUAL(heir.available(), 1u);
  CHECK_EQUAL(valueOf(heir.message()), 7u);
  CHECK(!dead.release(1));
  CHECK(dead.state() == State::expired);
  Ring ring(memory.data(), memory.bytes());
  const auto joined = ring.join();
  CHECK(joined.has_value() && joined->consumer == 1);
  CHECK(!ring.join().has_value());
  Consumer late(ring, *joined);
  CHECK_EQUAL(late.available(), 0u);
  CHECK(send(producer, 8));
  CHECK(producer.publish() == false);
  CHECK_EQUAL(late.available(), 1u);
  late.leave();
  CHECK(ring.join().has_value());
  ProducerOptions options;
  options.takeOver = true;
  SingleProducer next(memory.data(), memory.bytes(), options);
  CHECK(send(producer, 10) && send(producer, 11));
  const int32_t head = memory.words().load(HEAD);
  producer.close();
  CHECK_EQUAL(memory.words().load(HEAD), head);
  CHECK(send(next, 9));
  CHECK_THROWS(MultiProducer(memory.data(), memory.bytes()), Error);
}

void refusals() {
  const Shape shape = shapeOf(8);
  Memory memory(shape, {0});
  CHECK_THROWS(Ring(nullptr, memory.bytes()), Error);
  CHECK_THROWS(Ring(memory.data(), memory.bytes() - 8), Error);
  CHECK_THROWS(Ring(static_cast<std::byte*>(memory.data()) + 4, memory.bytes() - 4), Error);
  CHECK_THROWS(Ring(memory.data(), 64), Error);
  CHECK_THROWS(Layout(Shape{3, 64, false, 1, 1}), Error);
  CHECK_THROWS(Layout(Shape{1u << 24, 65536, false, 1, 1}), Error);
  CHECK_THROWS(Layout(Shape{8, 12, false, 1, 1}), Error);
  CHECK_THROWS(Layout(Shape{8, 64, false, 2, 1}), Error);
  CHECK_THROWS(Layout(Shape{8, 64, false, 1, 17}), Error);
  CHECK_THROWS(Consumer(memory.data(), memory.bytes(), 1), Error);
  // Whatever the header says, either it is refused or everything stays within the memory.
  const int32_t values[] = {0, 1, 2, 3, 4, 7, 16, 17, 64, -1, std::numeric_limits<int32_t>::min(), 1 << 24, 65536};
  for (size_t at = 0; at <= 6; at++) {
    for (const int32_t value : values) {
      Memory other(shape, {0});
      other.words().put(at, value);
      try {
        SingleProducer producer(other.data(), other.bytes());
        Consumer consumer(other.data(), other.bytes());
        for (int n = 0; n < 20; n++) {
          const int64_t slot = producer.claim();
          if (slot >= 0) std::memset(producer.slot(slot), 1, producer.layout().shape().slotBytes);
          producer.publish();
        }
        if (consumer.available() > 0) CHECK(consumer.message()[0] == std::byte{1});
      } catch (const Error&) {
      }
    }
  }
}

// Every word that others write gets every wrong value, while both ends go on.
template <typename Producer>
void damage(bool isMulti) {
  const int32_t values[] = {0, 1, -1, 5, 8, 9, 1000, std::numeric_limits<int32_t>::max(),
                            std::numeric_limits<int32_t>::min()};
  const size_t words = Layout(shapeOf(8, isMulti, 2)).slotsAtBytes() / 4;
  for (size_t at = 7; at < words; at++) {
    for (const int32_t value : values) {
      Memory memory(shapeOf(8, isMulti, 2), {0, 1});
      Producer producer(memory.data(), memory.bytes());
      Consumer first(memory.data(), memory.bytes(), 0), second(memory.data(), memory.bytes(), 1);
      for (int n = 0; n < 30; n++) {
        if (n == 11) memory.words().put(at, value);
        const int64_t slot = producer.claim(2);
        if (slot >= 0) std::memset(producer.slot(slot + 1), n, 64);
        producer.publish();
        for (Consumer* each : {&first, &second}) {
          const uint32_t there = each->available();
          CHECK(there <= 8);
          for (uint32_t k = 0; k < there; k++) CHECK(each->message(k)[63] <= std::byte{29});
          each->release(there);
        }
      }
    }
  }
}

void damageIsSeen() {
  Memory memory(shapeOf(8), {0});
  SingleProducer producer(memory.data(), memory.bytes());
  memory.words().put(Layout::position(0), 1000);
  for (int n = 0; n < 9; n++) send(producer, 1);
  CHECK(producer.state() == State::damaged);
  CHECK_EQUAL(producer.claim(), -1);
  Memory other(shapeOf(8, true), {0});
  Consumer consumer(other.data(), other.bytes());
  MultiProducer writer(other.data(), other.bytes());
  CHECK(send(writer, 1));
  other.words().put(Layout(shapeOf(8, true)).run(0) + 1, 0);
  CHECK_EQUAL(consumer.available(), 0u);
  CHECK(consumer.state() == State::damaged);
}

}  // namespace

int main() {
  const int32_t nearWrap = std::numeric_limits<int32_t>::max() - 5;
  for (const int32_t first : {0, nearWrap, -3, std::numeric_limits<int32_t>::min()}) {
    fullAndEmpty<SingleProducer>(false, first);
    fullAndEmpty<MultiProducer>(true, first);
  }
  pendingAndLooks();
  stages();
  members();
  refusals();
  damage<SingleProducer>(false);
  damage<MultiProducer>(true);
  damageIsSeen();
  return 0;
}
