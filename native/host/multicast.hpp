// A thread that takes datagrams from a socket, many by one call, and puts them into a ring.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "datagram_slot.hpp"
#include "ring/ring.hpp"

#ifdef __linux__
#include <arpa/inet.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "cpu.hpp"
#include "owned_fd.hpp"
#include "tsc.hpp"
#endif

namespace tickwright {

struct MulticastGroup {
  std::string group;
  // The address of the interface; empty: the kernel chooses.
  std::string interface;
  // One sender alone; empty: all.
  std::string source;
};

struct MulticastOptions {
  std::vector<MulticastGroup> groups;
  uint16_t port = 0;
  int receiveBufferBytes = 0;
  int busyPollUs = 0;
  // Datagrams by one call.
  unsigned batch = 64;
  bool isSpinning = false;
  bool hasHardwareStamps = false;
  int cpu = -1;
};

// What went wrong, and at which step.
struct MulticastTrouble {
  int code = 0;
  const char* step = "";
};

// Written by the thread, read by anybody.
struct MulticastCounts {
  std::atomic<uint64_t> datagrams{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> ringDrops{0};
  std::atomic<uint64_t> truncated{0};
  std::atomic<uint64_t> calls{0};
  std::atomic<uint64_t> emptyCalls{0};
  std::atomic<uint64_t> hardwareStamped{0};
  // The errno that ended the thread: of the socket, EBADMSG where the ring's positions are none, ESTALE where another
  // producer took its place.
  std::atomic<int> ended{0};
};

#ifdef __linux__

// What the kernel says with a datagram.
struct DatagramControl {
  int64_t kernelNs = 0;
  int64_t hardwareNs = 0;
  uint32_t destination = 0;
  uint32_t drops = 0;
  bool hasDrops = false;
};

inline int64_t nsOf(const timespec& time) {
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

inline DatagramControl readControl(msghdr& message) {
  DatagramControl found;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    const size_t length = part->cmsg_len - CMSG_LEN(0);
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPING && length >= 3 * sizeof(timespec)) {
      timespec stamps[3];
      std::memcpy(stamps, CMSG_DATA(part), sizeof stamps);
      found.kernelNs = nsOf(stamps[0]);
      found.hardwareNs = nsOf(stamps[2]);
    } else if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL && length >= sizeof(uint32_t)) {
      std::memcpy(&found.drops, CMSG_DATA(part), sizeof found.drops);
      found.hasDrops = true;
    } else if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO && length >= sizeof(in_pktinfo)) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
      found.destination = ntohl(info.ipi_addr.s_addr);
    }
  }
  return found;
}

// The socket, joined to its groups. No thread yet.
class MulticastSocket {
 public:
  MulticastTrouble open(const MulticastOptions& options) {
    fd_ = OwnedFd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd_.get() < 0) return {-errno, "socket"};
    if (const MulticastTrouble trouble = configure(options); trouble.code < 0) return trouble;
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(options.port);
    own.sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(fd_.get(), reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) return {-errno, "port"};
    for (const MulticastGroup& group : options.groups) {
      if (const int code = joinGroup(group); code < 0) return {code, "groups"};
    }
    return {};
  }

  int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }
  // Ends every sleep on the socket, now and later. Linux says ENOTCONN, and does it.
  void wake() const { shutdown(fd_.get(), SHUT_RDWR); }

  // As it took effect, which Linux gives doubled: half of it is for its own records.
  int receiveBufferBytes() const {
    int bytes = 0;
    socklen_t length = sizeof bytes;
    return getsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &length) == 0 ? bytes : -errno;
  }

  // Datagrams that found the socket's buffer full, modulo 2^32; -errno where the kernel does not say.
  int64_t kernelDrops() const {
    constexpr int MEMINFO = 55;
    constexpr size_t DROPS = 8;
    uint32_t words[16] = {};
    socklen_t length = sizeof words;
    if (getsockopt(fd_.get(), SOL_SOCKET, MEMINFO, words, &length) != 0) return -errno;
    return length >= (DROPS + 1) * sizeof(uint32_t) ? int64_t{words[DROPS]} : -ENOPROTOOPT;
  }

 private:
  int set(int level, int name, int value) const {
    return setsockopt(fd_.get(), level, name, &value, sizeof value) == 0 ? 0 : -errno;
  }

  MulticastTrouble configure(const MulticastOptions& options) const {
    if (const int code = set(SOL_SOCKET, SO_REUSEADDR, 1); code < 0) return {code, "socket"};
    // Otherwise it also gets what other sockets of this machine joined.
    if (const int code = set(IPPROTO_IP, IP_MULTICAST_ALL, 0); code < 0) return {code, "socket"};
    if (const int code = set(IPPROTO_IP, IP_PKTINFO, 1); code < 0) return {code, "socket"};
    if (const int code = set(SOL_SOCKET, SO_RXQ_OVFL, 1); code < 0) return {code, "socket"};
    int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    if (options.hasHardwareStamps) stamps |= SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
    if (const int code = set(SOL_SOCKET, SO_TIMESTAMPING, stamps); code < 0) return {code, "hardwareStamps"};
    if (options.receiveBufferBytes > 0) {
      // Without the right to pass the system's limit: up to the limit. What took effect is read back.
      int code = set(SOL_SOCKET, SO_RCVBUFFORCE, options.receiveBufferBytes);
      if (code == -EPERM) code = set(SOL_SOCKET, SO_RCVBUF, options.receiveBufferBytes);
      if (code < 0) return {code, "receiveBufferBytes"};
    }
    if (options.busyPollUs > 0) {
      if (const int code = set(SOL_SOCKET, SO_BUSY_POLL, options.busyPollUs); code < 0) return {code, "busyPollUs"};
    }
    return {};
  }

  int joinGroup(const MulticastGroup& group) const {
    in_addr address{}, interface{}, source{};
    if (inet_pton(AF_INET, group.group.c_str(), &address) != 1) return -EINVAL;
    if (!group.interface.empty() && inet_pton(AF_INET, group.interface.c_str(), &interface) != 1) return -EINVAL;
    if (group.source.empty()) {
      ip_mreq wanted{address, interface};
      return setsockopt(fd_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &wanted, sizeof wanted) == 0 ? 0 : -errno;
    }
    if (inet_pton(AF_INET, group.source.c_str(), &source) != 1) return -EINVAL;
    ip_mreq_source wanted{};
    wanted.imr_multiaddr = address;
    wanted.imr_interface = interface;
    wanted.imr_sourceaddr = source;
    return setsockopt(fd_.get(), IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &wanted, sizeof wanted) == 0 ? 0 : -errno;
  }

  OwnedFd fd_;
};

// `Producer` is ring::SingleProducer, or what a test puts in its place.
template <typename Producer>
class MulticastReceiver {
 public:
  // The producer's slots must hold a header and some bytes: its owner checks that.
  explicit MulticastReceiver(std::unique_ptr<Producer> producer)
      : producer_(std::move(producer)),
        payloadBytes_(producer_->layout().shape().slotBytes - DATAGRAM_HEADER_BYTES),
        mask_(producer_->layout().mask()) {}
  MulticastReceiver(const MulticastReceiver&) = delete;
  MulticastReceiver& operator=(const MulticastReceiver&) = delete;
  ~MulticastReceiver() { stop(); }

  MulticastTrouble start(const MulticastOptions& options) {
    if (const MulticastTrouble trouble = socket_.open(options); trouble.code < 0) return trouble;
    reserve(options.batch);
    isSpinning_ = options.isSpinning;
    try {
      thread_ = std::thread([this, cpu = options.cpu] {
        const int32_t only = cpu;
        const int code = cpu < 0 ? 0 : setAffinity(0, &only, 1);
        begun_.store(code);
        begun_.notify_one();
        if (code == 0) run();
      });
    } catch (const std::system_error&) {
      return {-EAGAIN, "thread"};
    }
    begun_.wait(NOT_BEGUN);
    if (const int code = begun_.load(); code < 0) {
      thread_.join();
      return {code, "cpu"};
    }
    return {};
  }

  // Ends the thread and waits for it; then it touches the ring no longer.
  void stop() {
    if (!thread_.joinable()) return;
    isStopped_.store(true);
    socket_.wake();
    thread_.join();
    producer_.reset();
    drops_ = kernelDrops();
    socket_.close();
  }

  // Datagrams that found the socket's buffer full, also the ones after the last that came; -errno where nobody says.
  int64_t kernelDrops() const { return socket_.fd() < 0 ? drops_ : socket_.kernelDrops(); }

  const MulticastCounts& counts() const { return counts_; }
  const MulticastSocket& socket() const { return socket_; }

 private:
  static constexpr size_t CONTROL_BYTES = 256;
  static constexpr int NOT_BEGUN = 1;

  void reserve(unsigned batch) {
    batch_ = batch;
    messages_.resize(batch);
    parts_.resize(batch);
    sources_.resize(batch);
    control_.resize(batch * CONTROL_BYTES);
  }

  void run() {
    while (!isStopped_.load(std::memory_order_relaxed)) {
      const int count = receive();
      if (count == 0) counts_.emptyCalls.fetch_add(1, std::memory_order_relaxed);
      if (count >= 0) continue;
      counts_.ended.store(count);
      return;
    }
  }

  // Sleeps until there is a datagram, or the end.
  void await() const {
    pollfd watched{socket_.fd(), POLLIN, 0};
    poll(&watched, 1, -1);
  }

  // 0, or the errno that says why nothing can be written into the ring any longer.
  int ringTrouble() {
    switch (producer_->look()) {
      case ring::State::open: return 0;
      case ring::State::damaged: return -EBADMSG;
      default: return -ESTALE;
    }
  }

  // Takes what there is, up to a batch. How many, or -errno.
  int receive() {
    unsigned room = batch_;
    int64_t first = -1;
    while (room > 0 && (first = producer_->claim(room)) < 0) room /= 2;
    if (const int code = ringTrouble(); code < 0) return code;
    if (first >= 0) return take(first, room, isSpinning_ ? MSG_DONTWAIT : MSG_WAITFORONE);
    // A full ring: what comes is taken and let go, so that the socket's buffer holds what is new. Not by a call that
    // sleeps: there may be room when it wakes.
    if (!isSpinning_) await();
    return producer_->claim(1) >= 0 ? 0 : take(-1, batch_, MSG_DONTWAIT);
  }

  // Into the slots from `first` on; below 0 into nothing.
  int take(int64_t first, unsigned wanted, int flags) {
    bool isDropping = first < 0;
    for (unsigned at = 0; at < wanted; at++) prepare(at, isDropping ? nullptr : slot(first, at));
    const int count = recvmmsg(socket_.fd(), messages_.data(), wanted, flags | MSG_TRUNC, nullptr);
    counts_.calls.fetch_add(1, std::memory_order_relaxed);
    if (count <= 0) return count == 0 || errno == EAGAIN || errno == EINTR ? 0 : -errno;
    // What ends the sleep looks like a datagram without bytes.
    if (isStopped_.load(std::memory_order_relaxed)) return 0;
    // The call may have slept for hours.
    const int code = ringTrouble();
    isDropping = isDropping || code < 0;
    const int64_t now = clockNs(CLOCK_REALTIME);
    for (unsigned at = 0; at < static_cast<unsigned>(count); at++) {
      finish(at, isDropping ? nullptr : slot(first, at), now);
    }
    counts_.datagrams.fetch_add(static_cast<uint64_t>(count), std::memory_order_relaxed);
    if (isDropping) {
      counts_.ringDrops.fetch_add(static_cast<uint64_t>(count), std::memory_order_relaxed);
      return code < 0 ? code : count;
    }
    // The same first slot again, and as many as came.
    producer_->claim(static_cast<uint32_t>(count));
    producer_->publish();
    return count;
  }

  std::byte* slot(int64_t first, unsigned at) const {
    return producer_->slot((static_cast<uint32_t>(first) + at) & mask_);
  }

  void prepare(unsigned at, std::byte* slot) {
    parts_[at] = slot == nullptr ? iovec{nullptr, 0} : iovec{slot + DATAGRAM_HEADER_BYTES, payloadBytes_};
    msghdr& message = messages_[at].msg_hdr;
    message = {};
    message.msg_name = &sources_[at];
    message.msg_namelen = sizeof(sockaddr_in);
    message.msg_iov = &parts_[at];
    message.msg_iovlen = 1;
    message.msg_control = control_.data() + at * CONTROL_BYTES;
    message.msg_controllen = CONTROL_BYTES;
    messages_[at].msg_len = 0;
  }

  void finish(unsigned at, std::byte* slot, int64_t now) {
    const uint32_t length = messages_[at].msg_len;
    const DatagramControl control = readControl(messages_[at].msg_hdr);
    if (control.hasDrops) dropsSaid_ = control.drops;
    const int64_t sequence = sequence_++;
    counts_.bytes.fetch_add(length, std::memory_order_relaxed);
    if (control.hardwareNs != 0) counts_.hardwareStamped.fetch_add(1, std::memory_order_relaxed);
    if (slot == nullptr) return;
    const uint32_t kept = length < payloadBytes_ ? length : static_cast<uint32_t>(payloadBytes_);
    if (kept < length) counts_.truncated.fetch_add(1, std::memory_order_relaxed);
    const DatagramHeader header{sequence,
                                control.kernelNs,
                                control.hardwareNs,
                                now,
                                length,
                                kept,
                                ntohl(sources_[at].sin_addr.s_addr),
                                control.destination,
                                ntohs(sources_[at].sin_port),
                                dropsSaid_,
                                {0, 0}};
    std::memcpy(slot, &header, sizeof header);
  }

  std::unique_ptr<Producer> producer_;
  size_t payloadBytes_;
  uint32_t mask_;
  MulticastSocket socket_;
  std::thread thread_;
  std::atomic<int> begun_{NOT_BEGUN};
  std::atomic<bool> isStopped_{false};
  bool isSpinning_ = false;
  unsigned batch_ = 0;
  int64_t sequence_ = 0;
  uint32_t dropsSaid_ = 0;
  int64_t drops_ = 0;
  std::vector<mmsghdr> messages_;
  std::vector<iovec> parts_;
  std::vector<sockaddr_in> sources_;
  std::vector<char> control_;
  MulticastCounts counts_;
};

// Sends datagrams of one length, many by one call.
class MulticastSender {
 public:
  MulticastTrouble open(const MulticastGroup& group, uint16_t port, int ttl) {
    fd_ = OwnedFd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd_.get() < 0) return {-errno, "socket"};
    in_addr interface{};
    if (!group.interface.empty() && inet_pton(AF_INET, group.interface.c_str(), &interface) != 1) {
      return {-EINVAL, "interface"};
    }
    const int on = 1;
    if (setsockopt(fd_.get(), IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) != 0) {
      return {-errno, "interface"};
    }
    if (setsockopt(fd_.get(), IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) != 0) return {-errno, "ttl"};
    if (setsockopt(fd_.get(), IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof on) != 0) return {-errno, "socket"};
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    if (inet_pton(AF_INET, group.group.c_str(), &to.sin_addr) != 1) return {-EINVAL, "group"};
    if (connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return {-errno, "group"};
    return {};
  }

  // How many went, or -errno where none did.
  int64_t send(const uint8_t* bytes, size_t length, size_t each) {
    constexpr size_t BATCH = 64;
    mmsghdr messages[BATCH] = {};
    iovec parts[BATCH] = {};
    size_t sent = 0;
    const size_t total = length / each;
    while (sent < total) {
      const size_t count = total - sent < BATCH ? total - sent : BATCH;
      for (size_t at = 0; at < count; at++) {
        parts[at] = {const_cast<uint8_t*>(bytes) + (sent + at) * each, each};
        messages[at].msg_hdr.msg_iov = &parts[at];
        messages[at].msg_hdr.msg_iovlen = 1;
      }
      const int done = sendmmsg(fd_.get(), messages, static_cast<unsigned>(count), 0);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return sent > 0 ? static_cast<int64_t>(sent) : -errno;
      sent += static_cast<size_t>(done);
    }
    return static_cast<int64_t>(sent);
  }

  void stop() { fd_.reset(); }

 private:
  OwnedFd fd_;
};

#endif

}  // namespace tickwright
