// The calling thread and its processors. Each call answers 0 or a count, or -errno.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>

#ifdef __linux__
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>
#endif

namespace tickwright {

struct Scheduling {
  int policy = 0;
  int priority = 0;
  int nice = 0;
};

constexpr int CPUS_MAX = 8192;

// Adds 0 to one byte of each page, so that the page is there and holds what it held. Others may write it meanwhile.
inline size_t prefault(uint8_t* data, size_t length, size_t page) {
  size_t pages = 0;
  for (size_t at = 0; at < length; at += page - (reinterpret_cast<uintptr_t>(data + at) & (page - 1))) {
    __atomic_fetch_add(data + at, uint8_t{0}, __ATOMIC_RELAXED);
    pages++;
  }
  return pages;
}

#ifdef __linux__

inline int threadId() { return static_cast<int>(syscall(SYS_gettid)); }

inline int currentCpu() {
  const int cpu = sched_getcpu();
  return cpu < 0 ? -errno : cpu;
}

// A set as large as the kernel's, which may know more than the 1024 processors of cpu_set_t.
class CpuSet {
 public:
  CpuSet() : words_(CPUS_MAX / (8 * sizeof(unsigned long)), 0) {}
  size_t bytes() const { return words_.size() * sizeof(unsigned long); }
  cpu_set_t* set() { return reinterpret_cast<cpu_set_t*>(words_.data()); }
  bool has(int cpu) const { return (words_[wordOf(cpu)] >> bitOf(cpu)) & 1; }
  void add(int cpu) { words_[wordOf(cpu)] |= 1ul << bitOf(cpu); }

 private:
  static size_t wordOf(int cpu) { return static_cast<size_t>(cpu) / (8 * sizeof(unsigned long)); }
  static unsigned bitOf(int cpu) { return static_cast<unsigned>(cpu) % (8 * sizeof(unsigned long)); }
  std::vector<unsigned long> words_;
};

// Writes the processors' numbers, as many as there is room for, and answers how many there are.
inline int getAffinity(int tid, int32_t* cpus, size_t room) {
  CpuSet set;
  if (sched_getaffinity(tid, set.bytes(), set.set()) != 0) return -errno;
  int count = 0;
  for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
    if (!set.has(cpu)) continue;
    if (static_cast<size_t>(count) < room) cpus[count] = cpu;
    count++;
  }
  return count;
}

inline int setAffinity(int tid, const int32_t* cpus, size_t count) {
  CpuSet set;
  for (size_t at = 0; at < count; at++) {
    if (cpus[at] < 0 || cpus[at] >= CPUS_MAX) return -EINVAL;
    set.add(cpus[at]);
  }
  return sched_setaffinity(tid, set.bytes(), set.set()) == 0 ? 0 : -errno;
}

inline int getScheduling(int tid, Scheduling& into) {
  const int policy = sched_getscheduler(tid);
  if (policy < 0) return -errno;
  sched_param parameter{};
  if (sched_getparam(tid, &parameter) != 0) return -errno;
  errno = 0;
  const int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(tid));
  if (nice == -1 && errno != 0) return -errno;
  // The bit that children do not inherit is no policy.
  into = {policy & ~SCHED_RESET_ON_FORK, parameter.sched_priority, nice};
  return 0;
}

inline int setScheduling(int tid, int policy, int priority) {
  sched_param parameter{};
  parameter.sched_priority = priority;
  return sched_setscheduler(tid, policy, &parameter) == 0 ? 0 : -errno;
}

inline int lockMemory(bool isFutureToo, bool isOnFault) {
  const int flags = MCL_CURRENT | (isFutureToo ? MCL_FUTURE : 0) | (isOnFault ? MCL_ONFAULT : 0);
  return mlockall(flags) == 0 ? 0 : -errno;
}

inline int unlockMemory() { return munlockall() == 0 ? 0 : -errno; }

inline size_t pageBytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

#else

inline int threadId() { return -ENOSYS; }
inline int currentCpu() { return -ENOSYS; }
inline int getAffinity(int, int32_t*, size_t) { return -ENOSYS; }
inline int setAffinity(int, const int32_t*, size_t) { return -ENOSYS; }
inline int getScheduling(int, Scheduling&) { return -ENOSYS; }
inline int setScheduling(int, int, int) { return -ENOSYS; }
inline int lockMemory(bool, bool) { return -ENOSYS; }
inline int unlockMemory() { return -ENOSYS; }
inline size_t pageBytes() { return 4096; }

#endif

}  // namespace tickwright
