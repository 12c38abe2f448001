// The receiving thread between a socket and a ring, under the thread sanitizer: counts, contents, full rings, ends.
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "check.hpp"

#ifdef __linux__
#include "host/multicast.hpp"
#include "ring/ring.hpp"

using namespace tickwright;

using Receiver = MulticastReceiver<ring::SingleProducer>;

struct Memory {
  Memory(uint32_t capacity, uint32_t slotBytes) {
    const ring::Shape shape{capacity, slotBytes, false, 1, 1};
    const ring::Layout layout(shape);
    bytes.resize(layout.bytes() / 8);
    const std::array<uint32_t, 1> after = {0};
    ring::layOut(bytes.data(), bytes.size() * 8, shape, after);
  }
  size_t size() const { return bytes.size() * 8; }
  std::vector<int64_t> bytes;
};

static MulticastOptions optionsOf(uint16_t port) {
  MulticastOptions options;
  options.groups = {{"239.195.9.1", "127.0.0.1", ""}};
  options.port = port;
  options.receiveBufferBytes = 4 << 20;
  return options;
}

static std::unique_ptr<Receiver> receiverOf(Memory& memory) {
  return std::make_unique<Receiver>(std::make_unique<ring::SingleProducer>(memory.bytes.data(), memory.size()));
}

// A port that nobody has: of a socket that the system chose one for.
static uint16_t freePort() {
  const OwnedFd fd(socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in own{};
  own.sin_family = AF_INET;
  CHECK(bind(fd.get(), reinterpret_cast<sockaddr*>(&own), sizeof own) == 0);
  socklen_t length = sizeof own;
  CHECK(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &length) == 0);
  return ntohs(own.sin_port);
}

static void everyDatagramIsThereOnce(bool isSpinning) {
  constexpr uint32_t TOTAL = 20'000;
  constexpr uint32_t BURST = 100;
  Memory memory(1024, 128);
  MulticastOptions options = optionsOf(freePort());
  options.isSpinning = isSpinning;
  const auto receiver = receiverOf(memory);
  CHECK_EQUAL(receiver->start(options).code, 0);
  MulticastSender sender;
  CHECK_EQUAL(sender.open(options.groups[0], options.port, 0).code, 0);
  ring::Consumer consumer(memory.bytes.data(), memory.size());
  uint32_t expected = 0;
  std::vector<uint8_t> bytes(BURST * 40);
  for (uint32_t sent = 0; sent < TOTAL; sent += BURST) {
    for (uint32_t at = 0; at < BURST; at++) {
      const uint32_t number = sent + at;
      std::memcpy(bytes.data() + at * 40, &number, 4);
    }
    CHECK_EQUAL(sender.send(bytes.data(), bytes.size(), 40), int64_t{BURST});
    while (expected < sent + BURST) {
      const uint32_t count = consumer.wait(std::chrono::seconds(20));
      CHECK(count > 0);
      for (uint32_t ahead = 0; ahead < count; ahead++, expected++) {
        const std::byte* slot = consumer.message(ahead);
        DatagramHeader header;
        uint32_t number = 0;
        std::memcpy(&header, slot, sizeof header);
        std::memcpy(&number, slot + DATAGRAM_HEADER_BYTES, 4);
        CHECK_EQUAL(number, expected);
        CHECK_EQUAL(header.sequence, int64_t{expected});
        CHECK_EQUAL(header.kept, 40u);
        CHECK(header.kernelNs > 0);
        CHECK_EQUAL(header.source, 0x7f000001u);
      }
      CHECK(consumer.release(count));
    }
    // Read by another thread while it receives.
    CHECK(receiver->counts().datagrams.load() >= expected);
  }
  receiver->stop();
  CHECK_EQUAL(receiver->counts().datagrams.load(), uint64_t{TOTAL});
  CHECK_EQUAL(receiver->counts().ringDrops.load(), 0u);
}

static void fullRingsDrop() {
  Memory memory(8, 128);
  const MulticastOptions options = optionsOf(freePort());
  const auto receiver = receiverOf(memory);
  CHECK_EQUAL(receiver->start(options).code, 0);
  MulticastSender sender;
  CHECK_EQUAL(sender.open(options.groups[0], options.port, 0).code, 0);
  const std::vector<uint8_t> bytes(1000 * 16);
  CHECK_EQUAL(sender.send(bytes.data(), bytes.size(), 16), 1000);
  while (receiver->counts().datagrams.load() + static_cast<uint64_t>(receiver->kernelDrops()) < 1000) {
    std::this_thread::yield();
  }
  receiver->stop();
  CHECK_EQUAL(receiver->counts().ringDrops.load(), receiver->counts().datagrams.load() - 8);
}

// Waits, at most 20 s, for the errno that ended the thread.
static int endOf(const Receiver& receiver) {
  for (int look = 0; look < 20'000 && receiver.counts().ended.load() == 0; look++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return receiver.counts().ended.load();
}

static void damagedRingsEndIt() {
  Memory memory(8, 128);
  const MulticastOptions options = optionsOf(freePort());
  const auto receiver = receiverOf(memory);
  CHECK_EQUAL(receiver->start(options).code, 0);
  // A consumer that has released what nobody published.
  ring::Words(memory.bytes.data()).store(ring::Layout::position(0), 1000);
  MulticastSender sender;
  CHECK_EQUAL(sender.open(options.groups[0], options.port, 0).code, 0);
  const std::vector<uint8_t> bytes(64 * 16);
  CHECK_EQUAL(sender.send(bytes.data(), bytes.size(), 16), 64);
  CHECK_EQUAL(endOf(*receiver), -EBADMSG);
  receiver->stop();
  // It let go of the ring all the same.
  CHECK_EQUAL(ring::Words(memory.bytes.data()).load(ring::OWNER) & 1, 0);
}

static void takenOverRingsEndIt(bool isSpinning) {
  Memory memory(8, 128);
  MulticastOptions options = optionsOf(freePort());
  options.isSpinning = isSpinning;
  const auto receiver = receiverOf(memory);
  CHECK_EQUAL(receiver->start(options).code, 0);
  ring::ProducerOptions taking;
  taking.takeOver = true;
  ring::SingleProducer other(memory.bytes.data(), memory.size(), taking);
  MulticastSender sender;
  CHECK_EQUAL(sender.open(options.groups[0], options.port, 0).code, 0);
  const std::vector<uint8_t> bytes(16);
  CHECK_EQUAL(sender.send(bytes.data(), bytes.size(), 16), 1);
  CHECK_EQUAL(endOf(*receiver), -ESTALE);
  receiver->stop();
  // Nothing of it was published under the other's hands, and the other still holds the ring.
  CHECK_EQUAL(ring::Words(memory.bytes.data()).load(ring::HEAD), 0);
  CHECK(other.look() == ring::State::open);
}

static void startsAndEndsOften() {
  Memory memory(8, 128);
  for (int round = 0; round < 50; round++) {
    MulticastOptions options = optionsOf(freePort());
    options.isSpinning = round % 2 == 0;
    options.batch = 1 + static_cast<unsigned>(round) % 70;
    const auto receiver = receiverOf(memory);
    CHECK_EQUAL(receiver->start(options).code, 0);
    if (round % 3 == 0) receiver->stop();
  }
}

static void troubleNamesItsStep() {
  Memory memory(8, 128);
  const auto step = [&](const MulticastOptions& options) {
    const MulticastTrouble trouble = receiverOf(memory)->start(options);
    CHECK(trouble.code < 0);
    return std::string(trouble.step);
  };
  MulticastOptions options = optionsOf(freePort());
  options.groups[0].group = "10.0.0.1";
  CHECK_EQUAL(step(options), "groups");
  options.groups[0].group = "none";
  CHECK_EQUAL(step(options), "groups");
  options = optionsOf(freePort());
  options.groups[0].interface = "203.0.113.7";
  CHECK_EQUAL(step(options), "groups");
  options = optionsOf(freePort());
  options.cpu = CPUS_MAX - 1;
  CHECK_EQUAL(step(options), "cpu");
}

static void controlIsReadByItsLength() {
  constexpr size_t WHOLE = CMSG_SPACE(3 * sizeof(timespec));
  alignas(cmsghdr) char control[3 * WHOLE];
  // What stands behind the last part must not be read as its times.
  std::memset(control, 0x11, sizeof control);
  msghdr message{};
  message.msg_control = control;
  message.msg_controllen = WHOLE + CMSG_SPACE(4);
  auto* part = reinterpret_cast<cmsghdr*>(control);
  *part = {CMSG_LEN(3 * sizeof(timespec)), SOL_SOCKET, SO_TIMESTAMPING};
  const timespec stamps[3] = {{1, 5}, {0, 0}, {2, 7}};
  std::memcpy(CMSG_DATA(part), stamps, sizeof stamps);
  // A stamp that is cut short is none.
  *reinterpret_cast<cmsghdr*>(control + WHOLE) = {CMSG_LEN(4), SOL_SOCKET, SO_TIMESTAMPING};
  const DatagramControl found = readControl(message);
  CHECK_EQUAL(found.kernelNs, 1'000'000'005);
  CHECK_EQUAL(found.hardwareNs, 2'000'000'007);
  CHECK(!found.hasDrops);
}

int main() {
  controlIsReadByItsLength();
  everyDatagramIsThereOnce(false);
  everyDatagramIsThereOnce(true);
  fullRingsDrop();
  damagedRingsEndIt();
  takenOverRingsEndIt(false);
  takenOverRingsEndIt(true);
  startsAndEndsOften();
  troubleNamesItsStep();
  return 0;
}

#else

int main() { return 0; }

#endif
