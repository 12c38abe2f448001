// Which time stamps an interface offers. Reads only: what the card is set to belongs to the clock's daemon.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#ifdef __linux__
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "owned_fd.hpp"
#endif

namespace tickwright {

struct InterfaceStamps {
  bool hasSoftwareReceive = false;
  bool hasHardwareReceive = false;
  bool hasHardwareSend = false;
  // Whether the card stamps what comes in, now.
  bool isHardwareReceiveOn = false;
  // The number of its clock, /dev/ptpN; -1 without one.
  int phc = -1;
};

#ifdef __linux__

inline InterfaceStamps stampsOf(const ethtool_ts_info& info, int receiveFilter) {
  const auto has = [&](unsigned flags) { return (info.so_timestamping & flags) == flags; };
  return {has(SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE),
          has(SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE),
          has(SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE),
          receiveFilter != HWTSTAMP_FILTER_NONE, info.phc_index};
}

inline int interfaceStamps(const std::string& name, InterfaceStamps& into) {
  ifreq request{};
  if (name.empty() || name.size() >= sizeof request.ifr_name) return -ENODEV;
  std::memcpy(request.ifr_name, name.c_str(), name.size());
  const OwnedFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return -errno;
  ethtool_ts_info info{};
  info.cmd = ETHTOOL_GET_TS_INFO;
  request.ifr_data = reinterpret_cast<char*>(&info);
  if (ioctl(fd.get(), SIOCETHTOOL, &request) < 0) return -errno;
  hwtstamp_config config{};
  request.ifr_data = reinterpret_cast<char*>(&config);
  // A driver without hardware stamps does not know this one.
  const bool isTold = ioctl(fd.get(), SIOCGHWTSTAMP, &request) == 0;
  into = stampsOf(info, isTold ? config.rx_filter : HWTSTAMP_FILTER_NONE);
  return 0;
}

#else

inline int interfaceStamps(const std::string&, InterfaceStamps&) { return -ENOSYS; }

#endif

}  // namespace tickwright
