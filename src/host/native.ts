export {
  kernelClock,
  NATIVE_CLOCKS,
  type NativeClockName,
  NativeClockSource,
  type NativeClockSourceOptions,
  NativeClocks,
  nativeClockStamps,
  nativeNowNs,
  nativeResolutionNs,
  readNativeClock,
} from "./native-clock.ts";
export {
  currentCpu,
  pinThread,
  type SchedulingOptions,
  type SchedulingPolicy,
  scheduleThread,
  type ThreadOptions,
  type ThreadScheduling,
  threadAffinity,
  threadId,
  threadScheduling,
} from "./native-cpu.ts";
export { type InterfaceStamps, interfaceStamps } from "./native-interface.ts";
export { type GapCount, type JitterOptions, type JitterReport, measureJitter } from "./native-jitter.ts";
export {
  type LockedMemory,
  type LockMemoryOptions,
  lockMemory,
  prefaultMemory,
  unlockMemory,
} from "./native-memory.ts";
export {
  MulticastReceiver,
  MulticastSender,
  type MulticastSenderOptions,
  type NativeMulticastOptions,
} from "./native-multicast.ts";
export {
  type PtpCapabilities,
  PtpClock,
  type PtpDevice,
  type PtpOffsetOptions,
  type PtpSupport,
  ptpSupport,
} from "./native-ptp.ts";
export { type SocketTuning, type TunedOption, TunedSocket, tuneSocket } from "./native-socket.ts";
export {
  calibrateTsc,
  type TscOptions,
  type TscRate,
  type TscReading,
  tscReading,
  tscTicks,
  tscToNs,
} from "./native-tsc.ts";
export { type UnixDatagramOptions, UnixDatagramTransport } from "./native-unix.ts";
