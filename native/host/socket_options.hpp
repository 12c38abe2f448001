// The options of a socket that concern latency, by name. On other systems a name that is not known is left out.
#pragma once

#include <cerrno>

#ifndef _WIN32
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

namespace tickwright {

struct SocketOption {
  const char* name;
  int level;
  int option;
};

#ifndef _WIN32

inline constexpr SocketOption SOCKET_OPTIONS[] = {
    {"noDelay", IPPROTO_TCP, TCP_NODELAY},
    {"receiveBufferBytes", SOL_SOCKET, SO_RCVBUF},
    {"sendBufferBytes", SOL_SOCKET, SO_SNDBUF},
#ifdef __linux__
    {"quickAck", IPPROTO_TCP, TCP_QUICKACK},
    {"busyPollUs", SOL_SOCKET, SO_BUSY_POLL},
    {"preferBusyPoll", SOL_SOCKET, 69},
    {"busyPollBudget", SOL_SOCKET, 70},
    {"priority", SOL_SOCKET, SO_PRIORITY},
    {"notSentLowWaterBytes", IPPROTO_TCP, TCP_NOTSENT_LOWAT},
    {"incomingCpu", SOL_SOCKET, SO_INCOMING_CPU},
#endif
};

inline int setSocketOption(int fd, const SocketOption& option, int value) {
  return setsockopt(fd, option.level, option.option, &value, sizeof value) == 0 ? 0 : -errno;
}

// The value, or -errno. None of these options is below 0, but the CPU of a socket that has received nothing (-1).
inline int getSocketOption(int fd, const SocketOption& option, int& value) {
  value = 0;
  socklen_t length = sizeof value;
  return getsockopt(fd, option.level, option.option, &value, &length) == 0 ? 0 : -errno;
}

// The socket's own port, or -errno: what shows that a descriptor is the socket it is taken for.
inline int localPort(int fd) {
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length) != 0) return -errno;
  if (own.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&own)->sin_port);
  if (own.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&own)->sin6_port);
  return -EAFNOSUPPORT;
}

#else

inline constexpr SocketOption SOCKET_OPTIONS[] = {{"none", 0, 0}};
inline int setSocketOption(int, const SocketOption&, int) { return -ENOSYS; }
inline int getSocketOption(int, const SocketOption&, int&) { return -ENOSYS; }
inline int localPort(int) { return -ENOSYS; }

#endif

inline const SocketOption* findSocketOption(const char* name) {
  for (const SocketOption& option : SOCKET_OPTIONS) {
    const char* left = option.name;
    const char* right = name;
    while (*left != '\0' && *left == *right) {
      left++;
      right++;
    }
    if (*left == *right) return &option;
  }
  return nullptr;
}

}  // namespace tickwright
