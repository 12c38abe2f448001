// Memory that processes share: two mappings of one ring, names, seals, and a sleep that another mapping ends.
#include "check.hpp"

#include <string>
#include <thread>

#include "ring/ring.hpp"
#include "ring/shared_memory.hpp"

#ifdef __linux__
#include <sys/time.h>
#include <sys/wait.h>

#include <csignal>

using namespace tickwright::ring;
using namespace std::chrono_literals;

namespace {

const Shape SHAPE{8, 64, false, 1, 1};
const size_t BYTES = Layout(SHAPE).bytes();

void twoMappings() {
  SharedMemory home, away;
  CHECK_EQUAL(home.create(BYTES, "", true), 0);
  CHECK(home.isSealed());
  CHECK(ftruncate(home.fd(), 100) != 0);
  CHECK_THROWS(Ring(home.data(), home.bytes()), Error);
  const uint32_t after[] = {0};
  layOut(home.data(), home.bytes(), SHAPE, after);
  CHECK_EQUAL(away.attach(home.fd()), 0);
  CHECK(home.data() != away.data());
  SingleProducer producer(home.data(), home.bytes());
  const int64_t slot = producer.claim();
  CHECK_EQUAL(slot, 0);
  producer.slot(slot)[63] = std::byte{7};
  Consumer consumer(away.data(), away.bytes(), 0, false, 0);
  std::thread later([&] {
    std::this_thread::sleep_for(20ms);
    producer.publish();
  });
  CHECK_EQUAL(consumer.wait(20s), 1u);
  CHECK(consumer.message()[63] == std::byte{7});
  later.join();
}

// A process of its own sleeps, is woken, and answers.
void twoProcesses() {
  SharedMemory home;
  CHECK_EQUAL(home.create(BYTES, "", false), 0);
  const uint32_t after[] = {0};
  layOut(home.data(), home.bytes(), SHAPE, after);
  const pid_t child = fork();
  if (child == 0) {
    SharedMemory away;
    if (away.attach(home.fd()) != 0) _exit(2);
    Consumer consumer(away.data(), away.bytes(), 0, false, 0);
    int sum = 0;
    for (int n = 0; n < 1000; n++) {
      if (consumer.wait(20s) == 0) _exit(3);
      sum += static_cast<int>(consumer.message()[0]);
      consumer.release(1);
    }
    _exit(sum == 1000 * 5 ? 0 : 4);
  }
  ProducerOptions options;
  options.spins = 0;
  SingleProducer producer(home.data(), home.bytes(), options);
  for (int n = 0; n < 1000; n++) {
    CHECK(producer.wait(1, 20s));
    producer.slot(producer.claim())[0] = std::byte{5};
    producer.publish();
  }
  int status = 0;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status));
  CHECK_EQUAL(WEXITSTATUS(status), 0);
}

void names() {
  const std::string path = "/dev/shm/tickwright-ring-cpp-" + std::to_string(getpid());
  SharedMemory home, away, twin;
  CHECK_EQUAL(home.create(BYTES, "/dev/shm", false), 0);
  CHECK_EQUAL(away.attach(path.c_str()), -ENOENT);
  CHECK_EQUAL(home.publish(path.c_str()), 0);
  CHECK_EQUAL(home.publish(path.c_str()), -EEXIST);
  CHECK_EQUAL(SharedMemory::isOpenElsewhere(path.c_str()), 1);
  CHECK_EQUAL(away.attach(path.c_str()), 0);
  CHECK_EQUAL(away.bytes(), BYTES);
  CHECK_EQUAL(chmod(path.c_str(), 0666), 0);
  CHECK_EQUAL(twin.attach(path.c_str()), -EPERM);
  CHECK_EQUAL(home.unpublish(path.c_str()), 0);
  CHECK_EQUAL(home.unpublish(path.c_str()), -ENOENT);
  CHECK_EQUAL(SharedMemory::isOpenElsewhere(path.c_str()), -ENOENT);
}

// Signals, as a profiler sends them, do not end the making of a large ring. Newer kernels go on by themselves.
void signals() {
  int calls = 0;
  CHECK_EQUAL(SharedMemory::again([&] { return ++calls < 4 ? EINTR : ENOSPC; }), ENOSPC);
  CHECK_EQUAL(calls, 4);
  struct sigaction ignoring {};
  ignoring.sa_handler = [](int) {};
  CHECK_EQUAL(sigaction(SIGALRM, &ignoring, nullptr), 0);
  const itimerval often{{0, 2000}, {0, 2000}};
  CHECK_EQUAL(setitimer(ITIMER_REAL, &often, nullptr), 0);
  for (int n = 0; n < 3; n++) {
    SharedMemory memory;
    CHECK_EQUAL(memory.create(size_t{64} << 20, "", false), 0);
  }
  const itimerval never{};
  CHECK_EQUAL(setitimer(ITIMER_REAL, &never, nullptr), 0);
}

// A lock that could not be asked for says nothing about who has the file open.
void holders() {
  CHECK_EQUAL(SharedMemory::holderOf(0, 0), 0);
  CHECK_EQUAL(SharedMemory::holderOf(-1, EWOULDBLOCK), 1);
  CHECK_EQUAL(SharedMemory::holderOf(-1, ENOLCK), -ENOLCK);
}

// What is let go with its addresses kept: zeros that can be written, nobody else's.
void keptAddresses() {
  SharedMemory home;
  CHECK_EQUAL(home.create(BYTES, "", false), 0);
  std::byte* data = nullptr;
  {
    SharedMemory away;
    CHECK_EQUAL(away.attach(home.fd()), 0);
    data = away.data();
    data[700] = std::byte{9};
    away.keepAddresses();
  }
  CHECK(home.data()[700] == std::byte{9});
  CHECK(data[700] == std::byte{0});
  data[700] = std::byte{5};
  CHECK(home.data()[700] == std::byte{9});
  CHECK_EQUAL(munmap(data, BYTES), 0);
}

void refusals() {
  SharedMemory memory;
  CHECK_EQUAL(memory.attach(-1), -EBADF);
  CHECK_EQUAL(memory.attach(99'999), -EBADF);
  int ends[2];
  CHECK_EQUAL(pipe(ends), 0);
  CHECK_EQUAL(memory.attach(ends[0]), -ENODEV);
  CHECK_EQUAL(memory.create(BYTES, "/nowhere", false), -ENOENT);
  CHECK_EQUAL(memory.fd(), -1);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace

int main() {
  twoMappings();
  twoProcesses();
  names();
  signals();
  holders();
  keptAddresses();
  refusals();
  return 0;
}
#else
int main() { return 0; }
#endif
