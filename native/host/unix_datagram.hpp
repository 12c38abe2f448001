// One request and its answer over a daemon's Unix datagram socket: ptp4l's, chronyd's.
#pragma once

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#ifdef __linux__
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "owned_fd.hpp"
#endif

namespace tickwright {

constexpr size_t DATAGRAM_MAX = 65536;

#ifdef __linux__

class UnixDatagram {
 public:
  UnixDatagram() = default;
  UnixDatagram(const UnixDatagram&) = delete;
  UnixDatagram& operator=(const UnixDatagram&) = delete;
  ~UnixDatagram() { removeOwnPath(); }

  // Binds a path of its own, for the daemon's answers, which must not be there yet. 0 or -errno.
  int open(const std::string& local, const std::string& remote) {
    if (!addressOf(remote, remoteAddress_)) return -ENAMETOOLONG;
    sockaddr_un own{};
    if (!addressOf(local, own)) return -ENAMETOOLONG;
    socket_ = OwnedFd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket_.get() < 0) return -errno;
    if (bind(socket_.get(), reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) return -errno;
    local_ = local;
    isBound_ = true;
    // The daemon may have given up root. Nobody else can send here: the socket is connected before it listens.
    return chmod(local.c_str(), 0666) == 0 ? 0 : -errno;
  }

  // Sends, and waits for the first datagram that comes: its bytes, or -errno, -ETIMEDOUT, -ECANCELED after `stop`.
  int exchange(const uint8_t* request, size_t length, int timeoutMs, std::vector<uint8_t>& answer) {
    using Clock = std::chrono::steady_clock;
    const auto until = Clock::now() + std::chrono::milliseconds(timeoutMs);
    if (isStopped_.load()) return -ECANCELED;
    // At each exchange: the daemon may have begun anew under the same path.
    if (connect(socket_.get(), reinterpret_cast<sockaddr*>(&remoteAddress_), sizeof remoteAddress_) != 0) {
      return -errno;
    }
    answer.resize(DATAGRAM_MAX);
    // What came late belongs to an earlier request.
    while (recv(socket_.get(), answer.data(), answer.size(), MSG_DONTWAIT) >= 0) {
    }
    if (send(socket_.get(), request, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return -errno;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
      if (left <= 0) return -ETIMEDOUT;
      pollfd watched{socket_.get(), POLLIN, 0};
      if (poll(&watched, 1, static_cast<int>(left)) < 0 && errno != EINTR) return -errno;
      if (isStopped_.load()) return -ECANCELED;
      const ssize_t count = recv(socket_.get(), answer.data(), answer.size(), MSG_DONTWAIT);
      if (count >= 0) {
        answer.resize(static_cast<size_t>(count));
        return static_cast<int>(count);
      }
      if (errno != EAGAIN && errno != EINTR) return -errno;
    }
  }

  // Ends an exchange of another thread, and removes the path; the socket itself goes with the object.
  void stop() {
    isStopped_.store(true);
    shutdown(socket_.get(), SHUT_RDWR);
    removeOwnPath();
  }

 private:
  void removeOwnPath() {
    if (isBound_) unlink(local_.c_str());
    isBound_ = false;
  }

  static bool addressOf(const std::string& path, sockaddr_un& into) {
    if (path.empty() || path.size() >= sizeof into.sun_path || path.find('\0') != std::string::npos) return false;
    into = {};
    into.sun_family = AF_UNIX;
    std::memcpy(into.sun_path, path.c_str(), path.size() + 1);
    return true;
  }

  OwnedFd socket_;
  sockaddr_un remoteAddress_{};
  std::string local_;
  bool isBound_ = false;
  std::atomic<bool> isStopped_{false};
};

#else

class UnixDatagram {
 public:
  int open(const std::string&, const std::string&) { return -ENOSYS; }
  int exchange(const uint8_t*, size_t, int, std::vector<uint8_t>&) { return -ENOSYS; }
  void stop() {}
};

#endif

}  // namespace tickwright
