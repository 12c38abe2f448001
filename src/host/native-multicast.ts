import { checkBoolean, checkChoice, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { errnoName, nativeDoor } from "../base/native.ts";
import {
  checkGroup,
  checkMulticast,
  MULTICAST_OPTIONS,
  type MulticastGroup,
  type MulticastOptions,
  type MulticastStats,
  ringDamaged,
  ringTaken,
} from "./multicast-options.ts";
import { answered, callFault } from "./native-calls.ts";
import { interfaceStamps } from "./native-interface.ts";

interface Trouble {
  readonly code: number;
  readonly step: string;
}

interface Receiver {
  readonly receiveBufferBytes: number;
  read(into: Float64Array): void;
  stop(): void;
}

interface Sender {
  send(bytes: Uint8Array, each: number): number;
  stop(): void;
}

interface NetBinding {
  openReceiver(memory: Uint8Array, groups: readonly string[], figures: Int32Array): Receiver | Trouble;
  openSender(group: string, address: string, port: number, ttl: number): Sender | Trouble;
}

/** What a native receiver can be told besides. */
export interface NativeMulticastOptions extends MulticastOptions {
  /** How the thread waits: `poll` sleeps in the kernel, unless given; `spin` asks without end and needs a core of its own. */
  readonly wait?: "poll" | "spin";
  /** Datagrams by one call, 1 to 1,024; 64 unless given. */
  readonly batch?: number;
  /** SO_BUSY_POLL: how long the kernel polls the card before it sleeps, 0 to 100,000; 0 unless given. @units µs */
  readonly busyPollUs?: number;
  /** Demands times by the network card of every group's interface, which must be named; false unless given. */
  readonly hardwareStamps?: boolean;
  /** The processor that the thread is bound to; any unless given. */
  readonly cpu?: number;
}

const PATH = "multicastReceiver";
const KNOWN = [...MULTICAST_OPTIONS, "wait", "batch", "busyPollUs", "hardwareStamps", "cpu"];
const FIGURES = 9;
const EXPECTED: Readonly<Record<string, string>> = {
  ring: "a ring whose producer nobody holds",
  port: "a port that may be bound",
  groups: "groups that can be joined at their interfaces",
  cpu: "a processor of this process's cpuset",
  busyPollUs: "CAP_NET_ADMIN, or at most net.core.busy_read",
};

/** Receivers that are open: one that nobody names goes on receiving until it is closed or its thread ends. */
const OPEN = new Set<Receiver>();

const binding = (): NetBinding => nativeDoor("net") as NetBinding;

function isTrouble(opened: object): opened is Trouble {
  return "code" in opened;
}

/**
 * Takes multicast datagrams in a thread of its own, many by one call, straight into the slots of a ring, each with its
 * header `DATAGRAM_SLOT`: times of the kernel and of the thread, source, group, and what was dropped before it.
 *
 * A consumer in JavaScript polls the ring, or waits with `wait: "yield"`: a native thread cannot wake `Atomics.wait`.
 *
 * @invariant Every datagram that the socket gives gets a number; one that finds the ring full is counted and let go.
 * `close`, and the end of the thread that opened it, end the receiving thread before the ring's memory can go.
 * @throws `FAULT_CONFIG` for options; `FAULT_IO` with the option's name and the errno; `FAULT_NATIVE_UNAVAILABLE`.
 */
export class MulticastReceiver {
  /** What the kernel keeps while the thread is busy, as it took effect: Linux doubles what it is asked. @units bytes */
  readonly receiveBufferBytes: number;
  readonly #receiver: Receiver;
  readonly #figures = new Float64Array(FIGURES);

  private constructor(receiver: Receiver) {
    this.#receiver = receiver;
    this.receiveBufferBytes = receiver.receiveBufferBytes;
  }

  /** Opens the socket, joins the groups and starts the thread. */
  static async open(options: NativeMulticastOptions): Promise<MulticastReceiver> {
    const { ring, port, groups, receiveBufferBytes } = checkMulticast(PATH, options, KNOWN);
    const isSpinning = checkChoice(`${PATH}.wait`, options.wait ?? "poll", ["poll", "spin"]) === "spin";
    const batch = checkInteger(`${PATH}.batch`, options.batch ?? 64, 1, 1024);
    const busyPollUs = checkInteger(`${PATH}.busyPollUs`, options.busyPollUs ?? 0, 0, 100_000);
    const cpu = options.cpu === undefined ? -1 : checkInteger(`${PATH}.cpu`, options.cpu, 0, 8191);
    const hasHardware = checkBoolean(`${PATH}.hardwareStamps`, options.hardwareStamps ?? false);
    if (hasHardware) for (const each of options.groups) checkHardware(each);
    const memory = new Uint8Array(ring.handle().buffer);
    const triples = groups.flatMap((each) => [each.group, each.interface, each.source]);
    const flags = [Number(isSpinning), Number(hasHardware)] as const;
    const figures = Int32Array.of(port, receiveBufferBytes, busyPollUs, batch, ...flags, cpu);
    const opened = binding().openReceiver(memory, triples, figures);
    if (!isTrouble(opened)) {
      OPEN.add(opened);
      return new MulticastReceiver(opened);
    }
    const { code, step } = opened;
    throw callFault(`${PATH}.${step}`, code, EXPECTED[step] ?? "a socket that Linux gives");
  }

  stats(): MulticastStats {
    this.#receiver.read(this.#figures);
    const [datagrams = 0, bytes = 0, droppedByRing = 0, kernel = 0, truncated = 0, calls = 0] = this.#figures;
    const [, hardwareStamped = 0, ended = 0] = this.#figures.subarray(6);
    const droppedByKernel = kernel < 0 ? undefined : kernel;
    return {
      ...{ datagrams, bytes, droppedByRing, droppedByKernel, truncated, calls, hardwareStamped },
      ended: ended === 0 ? undefined : errnoName(ended),
    };
  }

  /**
   * Why it receives no longer: `FAULT_VIEW_EXPIRED` where another producer took the ring, `FAULT_INVARIANT` where its
   * memory was damaged, `FAULT_IO` with the errno of the socket; undefined while it receives, and after `close`.
   */
  fault(): Fault | undefined {
    const { ended } = this.stats();
    if (ended === undefined) return undefined;
    if (ended === "ESTALE") return ringTaken(PATH);
    if (ended === "EBADMSG") return ringDamaged(PATH);
    return new Fault("FAULT_IO", { path: PATH, value: ended, expected: "a socket that gives datagrams" });
  }

  /** Ends the thread, waits for it, and lets go of the ring, whose consumers go on. */
  close(): void {
    OPEN.delete(this.#receiver);
    this.#receiver.stop();
  }
}

function checkHardware({ interface: name }: MulticastGroup): void {
  const path = `${PATH}.hardwareStamps`;
  if (name === undefined) {
    throw new Fault("FAULT_CONFIG", { path, value: true, expected: "groups that name their interface" });
  }
  const { hasHardwareReceive, isHardwareReceiveOn } = interfaceStamps(name);
  if (hasHardwareReceive && isHardwareReceiveOn) return;
  const value = `${name} with ${hasHardwareReceive ? "its hardware stamps switched off" : "no hardware stamps"}`;
  const expected = "a card that stamps what comes in: ethtool -T shows it, hwstamp_ctl -r 1 switches it on";
  throw new Fault("FAULT_IO", { path, value, expected });
}

/** Where to send. */
export interface MulticastSenderOptions extends Omit<MulticastGroup, "source"> {
  readonly port: number;
  /** How many routers may pass it on, 0 to 255: 0 stays on this machine; 1 unless given. */
  readonly ttl?: number;
}

/**
 * Sends datagrams of one length to a group, many by one call: for tests, replays and loopback exchanges.
 *
 * @throws `FAULT_CONFIG` for options; `FAULT_IO` with the errno; `FAULT_NATIVE_UNAVAILABLE`.
 */
export class MulticastSender {
  readonly #sender: Sender;
  #isClosed = false;

  constructor(options: MulticastSenderOptions) {
    const path = "multicastSender";
    checkKeys(path, options, ["group", "interface", "port", "ttl"]);
    const { port, ttl = 1, ...rest } = options;
    const group = checkGroup(path, rest);
    checkInteger(`${path}.port`, port, 1, 65_535);
    checkInteger(`${path}.ttl`, ttl, 0, 255);
    const opened = binding().openSender(group.group, group.interface, port, ttl);
    if (isTrouble(opened))
      throw callFault(`${path}.${opened.step}`, opened.code, "a group that can be sent to");
    this.#sender = opened;
  }

  /**
   * Sends the bytes as datagrams of `each` bytes, and returns how many went: what is left over is not sent.
   *
   * @throws `FAULT_INPUT` for a length that no datagram has; `FAULT_IO` where none went.
   */
  send(bytes: Uint8Array, each: number): number {
    if (!Number.isInteger(each) || each < 1 || each > 65_507) {
      throw new Fault("FAULT_INPUT", {
        path: "send.each",
        value: each,
        expected: "an integer within 1 and 65507",
      });
    }
    if (this.#isClosed)
      throw new Fault("FAULT_IO", { path: "multicastSender", value: "closed", expected: "an open one" });
    return answered("multicastSender", this.#sender.send(bytes, each), "datagrams that the kernel takes");
  }

  close(): void {
    this.#isClosed = true;
    this.#sender.stop();
  }
}
