// The ring between threads, under the thread sanitizer: every cell of every message is checked.
#include "check.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "ring/ring.hpp"

using namespace tickwright::ring;
using namespace std::chrono_literals;

namespace {

constexpr uint64_t MESSAGES = 20'000;
constexpr int32_t NEAR_WRAP = std::numeric_limits<int32_t>::max() - 5000;
constexpr Nanos LONG = 20s;

class Memory {
 public:
  Memory(const Shape& shape, std::vector<uint32_t> after)
      : bytes_(Layout(shape).bytes()), cells_(new uint64_t[bytes_ / 8]()) {
    layOut(data(), bytes_, shape, after, NEAR_WRAP);
  }
  void* data() const { return cells_.get(); }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_;
  std::unique_ptr<uint64_t[]> cells_;
};

template <typename Producer>
void sendAll(Producer& producer, uint64_t who, uint32_t claim) {
  for (uint64_t n = 0; n < MESSAGES;) {
    const auto count = static_cast<uint32_t>(std::min<uint64_t>(claim, MESSAGES - n));
    const int64_t slot = producer.claim(count);
    if (slot < 0) {
      CHECK(producer.wait(count, LONG));
      continue;
    }
    for (uint32_t k = 0; k < count; k++, n++) {
      // Word by word: the thread sanitizer does not see into a copy that the compiler unrolls.
      auto* cells = reinterpret_cast<uint64_t*>(producer.slot(slot + k));
      cells[0] = who;
      cells[1] = n;
      cells[2] = n * 3 + who;
      cells[3] = ~n;
    }
    producer.commit();
  }
}

void readAll(Consumer& consumer, uint64_t producers) {
  std::vector<uint64_t> expected(producers);
  for (uint64_t left = MESSAGES * producers; left > 0;) {
    const uint32_t there = consumer.wait(LONG);
    CHECK(there > 0);
    for (uint32_t k = 0; k < there; k++) {
      const auto* cells = reinterpret_cast<const uint64_t*>(consumer.message(k));
      CHECK(cells[0] < producers);
      const uint64_t n = expected[cells[0]]++;
      CHECK(cells[1] == n && cells[2] == n * 3 + cells[0] && cells[3] == ~n);
    }
    CHECK(consumer.release(there));
    left -= there;
  }
}

// `spins` 0 makes every wait a sleep.
void stream(uint32_t capacity, const std::vector<uint32_t>& after, uint32_t claim, uint32_t spins) {
  const auto declared = static_cast<uint32_t>(after.size());
  const Memory memory(Shape{capacity, 32, false, declared, declared}, after);
  std::vector<std::thread> threads;
  for (uint32_t index = 0; index < declared; index++) {
    threads.emplace_back([&, index] {
      Consumer consumer(memory.data(), memory.bytes(), index, false, spins);
      readAll(consumer, 1);
    });
  }
  ProducerOptions options;
  options.spins = spins;
  SingleProducer producer(memory.data(), memory.bytes(), options);
  sendAll(producer, 0, claim);
  producer.flush();
  for (auto& thread : threads) thread.join();
  CHECK_EQUAL(Words(memory.data()).load(DATA), 0);
  CHECK_EQUAL(Words(memory.data()).load(SPACE), 0);
}

void severalProducers(uint32_t spins) {
  const Memory memory(Shape{16, 32, true, 2, 2}, {0, 1});
  std::vector<std::thread> threads;
  for (uint64_t who = 0; who < 2; who++) {
    threads.emplace_back([&, who] {
      MultiProducer producer(memory.data(), memory.bytes(), spins);
      sendAll(producer, who, 1 + static_cast<uint32_t>(who) * 2);
    });
  }
  threads.emplace_back([&] {
    Consumer behind(memory.data(), memory.bytes(), 1, false, spins);
    readAll(behind, 2);
  });
  Consumer consumer(memory.data(), memory.bytes(), 0, false, spins);
  readAll(consumer, 2);
  for (auto& thread : threads) thread.join();
}

// A consumer is removed, and another taken over, while they read: what they could release was whole.
void removedAndTakenOver() {
  const Memory memory(Shape{8, 32, false, 2, 2}, {0, 0});
  std::atomic<uint64_t> released = 0;
  std::thread victim([&] {
    Consumer consumer(memory.data(), memory.bytes(), 1, false, 10);
    while (consumer.state() == State::open) {
      if (consumer.wait(5ms) == 0) continue;
      // Read only what is released: the slots of a removed consumer are written again meanwhile.
      if (consumer.release(1)) released++;
    }
  });
  std::thread remover([&] {
    while (released < 500) std::this_thread::yield();
    CHECK(Ring(memory.data(), memory.bytes()).retire(1));
  });
  std::thread reader([&] {
    Consumer consumer(memory.data(), memory.bytes(), 0, false, 10);
    readAll(consumer, 1);
  });
  SingleProducer producer(memory.data(), memory.bytes());
  sendAll(producer, 0, 1);
  producer.flush();
  reader.join();
  remover.join();
  victim.join();
}

}  // namespace

int main() {
  stream(1024, {0}, 64, 200);
  stream(2, {0}, 1, 0);
  stream(8, {0, 0}, 3, 0);
  stream(8, {0, 1}, 1, 0);
  severalProducers(200);
  severalProducers(0);
  removedAndTakenOver();
  return 0;
}
