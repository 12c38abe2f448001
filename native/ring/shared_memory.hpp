// Memory that processes share: a file without a name (memfd, sealed), or one by path. Linux alone; elsewhere ENOSYS.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#ifdef __linux__
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace tickwright::ring {

// What backs a mapping.
enum class Pages : int { small = 0, transparent = 1, huge = 2 };

// A mapped file: unmapped and closed with the object.
class SharedMemory {
 public:
  SharedMemory() = default;
  SharedMemory(SharedMemory&& other) noexcept { *this = std::move(other); }
  SharedMemory& operator=(SharedMemory&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    std::swap(isHuge_, other.isHuge_);
    std::swap(keepsAddresses_, other.keepsAddresses_);
    return *this;
  }
  ~SharedMemory() {
#ifdef __linux__
    if (data_ != nullptr) unmap();
#endif
    closeFile();
  }

  std::byte* data() const noexcept { return static_cast<std::byte*>(data_); }
  size_t bytes() const noexcept { return bytes_; }
  int fd() const noexcept { return fd_; }

#ifdef __linux__
  static constexpr size_t HUGE = size_t{2} << 20;
  // A header, and a line for one consumer.
  static constexpr off_t BYTES_MIN = 768;

  // Makes one without a name, or, in `folder`, one that `publish` gives a name. -errno where it fails.
  int create(size_t bytes, const char* folder, bool wantsHuge) {
    if (folder[0] == '\0') {
      if (wantsHuge && bytes >= HUGE && createHuge(bytes) == 0) return seal();
      fd_ = memfd_create("tickwright-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
      if (fd_ >= 0) fchmod(fd_, 0600);
    } else {
      fd_ = ::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    }
    if (fd_ < 0) return -errno;
    if (ftruncate(fd_, static_cast<off_t>(bytes)) != 0) return fail();
    // All of it now: memory that is lacking is an answer here, and a signal that kills at the first touch later.
    if (const int error = allocate(static_cast<off_t>(bytes)); error != 0) return fail(error);
    if (const int failed = map(bytes, wantsHuge); failed != 0) return failed;
    return folder[0] == '\0' ? seal() : lock();
  }

  // Gives a file of `create` its name, whole; EEXIST where there is one of that name.
  int publish(const char* path) {
    const std::string self = "/proc/self/fd/" + std::to_string(fd_);
    return linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : -errno;
  }

  int attach(int fd) {
    if (fd < 0) return -EBADF;
    fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return fd_ < 0 ? -errno : mapAll();
  }

  // By a path, of a file that is this user's alone: others could cut it off under us.
  int attach(const char* path) {
    fd_ = ::open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd_ < 0) return -errno;
    struct stat status {};
    if (fstat(fd_, &status) != 0) return fail();
    if (status.st_uid != geteuid() || (status.st_mode & 022) != 0) return fail(EPERM);
    if (const int failed = mapAll(); failed != 0) return failed;
    return isSealed() ? 0 : lock();
  }

  // From its end on zeros stand at its addresses, which nobody else gets until the process ends: who still reads or
  // writes there touches nothing of anybody's. It takes addresses, and memory only where it is written to.
  void keepAddresses() noexcept { keepsAddresses_ = true; }

  // Maps every page now, not at its first touch. For memory that is known to be a ring's: it counts as written.
  void prefault() noexcept {
#ifdef MADV_POPULATE_WRITE
    madvise(data_, bytes_, MADV_POPULATE_WRITE);
#endif
  }

  // Whether no process can cut it off: touching what was cut off kills.
  bool isSealed() const {
    const int seals = fcntl(fd_, F_GET_SEALS);
    return seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
  }

  // Calls until no signal interrupts it.
  template <typename Call>
  static int again(Call call) {
    int error = call();
    while (error == EINTR) error = call();
    return error;
  }

  // What a lock that was asked for says: 0 nobody holds it, 1 somebody does, -errno where it could not be asked.
  static int holderOf(int answer, int error) {
    if (answer == 0) return 0;
    return error == EWOULDBLOCK ? 1 : -error;
  }

  // Whether a process has the file at a path open as a ring; locks end with their process. -errno if unseen.
  static int isOpenElsewhere(const char* path) {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -errno;
    const int answer = again([&] { return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno; });
    ::close(fd);
    return holderOf(answer == 0 ? 0 : -1, answer);
  }

  // Removes the name, unless another file has it by now.
  int unpublish(const char* path) {
    struct stat mine {}, there {};
    if (fstat(fd_, &mine) != 0 || lstat(path, &there) != 0) return -errno;
    if (mine.st_dev != there.st_dev || mine.st_ino != there.st_ino) return 0;
    return unlink(path) == 0 ? 0 : -errno;
  }

  // What the kernel gave, as it says itself.
  Pages pages() const {
    if (isHuge_) return Pages::huge;
    std::FILE* maps = std::fopen("/proc/self/smaps", "re");
    if (maps == nullptr) return Pages::small;
    char line[512];
    bool isHere = false;
    unsigned long kilobytes = 0;
    const auto address = reinterpret_cast<uintptr_t>(data_);
    while (kilobytes == 0 && std::fgets(line, sizeof line, maps) != nullptr) {
      unsigned long from = 0, to = 0;
      if (std::sscanf(line, "%lx-%lx ", &from, &to) == 2) isHere = address >= from && address < to;
      else if (isHere && std::strncmp(line, "ShmemPmdMapped:", 15) == 0) std::sscanf(line + 15, "%lu", &kilobytes);
    }
    std::fclose(maps);
    return kilobytes > 0 ? Pages::transparent : Pages::small;
  }

  void closeFile() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fail(int error = errno) {
    closeFile();
    return -error;
  }

  void unmap() noexcept {
    constexpr int KIND = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    // Where that fails, the mapping stays.
    if (keepsAddresses_) (void)mmap(data_, bytes_, PROT_READ | PROT_WRITE, KIND, -1, 0);
    else munmap(data_, bytes_);
  }

  // In pieces: a signal undoes what its call has done, and a large ring would take longer than a profiler's signals allow.
  int allocate(off_t bytes) const {
    constexpr off_t PIECE = off_t{2} << 20;
    for (off_t at = 0; at < bytes; at += PIECE) {
      const off_t length = bytes - at < PIECE ? bytes - at : PIECE;
      if (const int error = again([&] { return posix_fallocate(fd_, at, length); }); error != 0) return error;
    }
    return 0;
  }

  int createHuge(size_t bytes) {
    const size_t whole = (bytes + HUGE - 1) / HUGE * HUGE;
    fd_ = memfd_create("tickwright-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | (21u << 26));
    if (fd_ < 0) return -errno;
    fchmod(fd_, 0600);
    if (ftruncate(fd_, static_cast<off_t>(whole)) != 0) return fail();
    if (const int failed = map(whole, false); failed != 0) return failed;
    isHuge_ = true;
    return 0;
  }

  int map(size_t bytes, bool wantsHuge) {
    void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (data == MAP_FAILED) return fail();
    data_ = data;
    bytes_ = bytes;
    if (wantsHuge) madvise(data, bytes, MADV_HUGEPAGE);
    return 0;
  }

  int mapAll() {
    struct stat status {};
    if (fstat(fd_, &status) != 0) return fail();
    if (!S_ISREG(status.st_mode)) return fail(ENODEV);
    if (status.st_size < BYTES_MIN || status.st_size > (off_t{1} << 32)) return fail(EINVAL);
    isHuge_ = status.st_blksize >= static_cast<blksize_t>(HUGE);
    // A file that comes unsealed is sealed where it lets itself be.
    if (!isSealed()) fcntl(fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    // The size again: until it was sealed it could still shrink.
    if (fstat(fd_, &status) != 0) return fail();
    return map(static_cast<size_t>(status.st_size), false);
  }

  int seal() { return fcntl(fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0 ? 0 : fail(); }
  int lock() { return again([&] { return flock(fd_, LOCK_SH) == 0 ? 0 : errno; }) == 0 ? 0 : fail(); }
#else
  int create(size_t, const char*, bool) { return -ENOSYS; }
  int publish(const char*) { return -ENOSYS; }
  int attach(int) { return -ENOSYS; }
  int attach(const char*) { return -ENOSYS; }
  void keepAddresses() noexcept {}
  void prefault() noexcept {}
  bool isSealed() const { return false; }
  static int isOpenElsewhere(const char*) { return -ENOSYS; }
  int unpublish(const char*) { return -ENOSYS; }
  Pages pages() const { return Pages::small; }
  void closeFile() noexcept {}

 private:
#endif
  int fd_ = -1;
  void* data_ = nullptr;
  size_t bytes_ = 0;
  bool isHuge_ = false;
  bool keepsAddresses_ = false;
};

}  // namespace tickwright::ring
