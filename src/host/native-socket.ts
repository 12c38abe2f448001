import type { Socket } from "node:net";
import { checkBoolean, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { errnoName, nativeDoor } from "../base/native.ts";

interface SocketBinding {
  optionNames(): readonly string[];
  setOption(fd: number, name: string, value: number): number;
  getOption(fd: number, name: string, into: Int32Array): number;
  armQuickAck(fd: number): number;
  localPort(fd: number): number;
}

/** What to ask of a TCP socket. What is not given stays as it is. */
export interface SocketTuning {
  /** TCP_NODELAY: small messages leave at once. */
  readonly noDelay?: boolean;
  /** TCP_QUICKACK: acknowledges at once. The kernel forgets it, so it is armed again after each read. */
  readonly quickAck?: boolean;
  /** SO_BUSY_POLL: how long a read polls the card; above net.core.busy_read it needs CAP_NET_ADMIN. @units µs */
  readonly busyPollUs?: number;
  /** SO_PREFER_BUSY_POLL: leave the card's interrupts off while polling. Needs CAP_NET_ADMIN. */
  readonly preferBusyPoll?: boolean;
  /** SO_BUSY_POLL_BUDGET: packets by one poll. Needs CAP_NET_ADMIN above 8. */
  readonly busyPollBudget?: number;
  /** SO_RCVBUF; Linux doubles it, up to net.core.rmem_max doubled. @units bytes */
  readonly receiveBufferBytes?: number;
  /** SO_SNDBUF; Linux doubles it, up to net.core.wmem_max doubled. @units bytes */
  readonly sendBufferBytes?: number;
  /** SO_PRIORITY: the queue at the interface; above 6 it needs CAP_NET_ADMIN. */
  readonly priority?: number;
  /** TCP_NOTSENT_LOWAT: how much may wait unsent before the socket counts as full. @units bytes */
  readonly notSentLowWaterBytes?: number;
}

/** One option: what was asked, and what the kernel says it is. */
export interface TunedOption {
  readonly name: keyof SocketTuning;
  readonly asked: number;
  /** Before. */
  readonly before: number | undefined;
  /** Afterwards; undefined where this system has no such option. */
  readonly effective: number | undefined;
  /** The errno of a call that the kernel refused, such as `EPERM`. */
  readonly error: string | undefined;
}

const PATH = "tuneSocket";
const INT_MAX = 2 ** 31 - 1;
const FLAGS: readonly (keyof SocketTuning)[] = ["noDelay", "quickAck", "preferBusyPoll"];
const NAMES: readonly (keyof SocketTuning)[] = [
  ...FLAGS,
  "busyPollUs",
  "busyPollBudget",
  "receiveBufferBytes",
  "sendBufferBytes",
  "priority",
  "notSentLowWaterBytes",
];

const binding = (): SocketBinding => nativeDoor("net") as SocketBinding;

/** A socket of Node's whose options were set. */
export class TunedSocket {
  /** Every option that was asked for, in the order of {@link SocketTuning}. */
  readonly options: readonly TunedOption[];
  readonly #socket: Socket;
  readonly #fd: number;
  #isArmed = false;
  #armings = 0;

  /** @internal Made by `tuneSocket`. */
  constructor(socket: Socket, fd: number, options: readonly TunedOption[], isArmed: boolean) {
    this.#socket = socket;
    this.#fd = fd;
    this.options = options;
    if (isArmed) this.#hook();
  }

  /** How often TCP_QUICKACK was armed again. */
  get armings(): number {
    return this.#armings;
  }

  /** Arms TCP_QUICKACK: for sockets with a buffer of their own (`onread`), which no hook sees. False on a closed socket. */
  armQuickAck(): boolean {
    if (this.#socket.destroyed || descriptorOf(this.#socket) !== this.#fd) return false;
    this.#armings++;
    return binding().armQuickAck(this.#fd) === 0;
  }

  /** Ends the arming; the other options stay. */
  release(): void {
    if (!this.#isArmed) return;
    this.#isArmed = false;
    Reflect.deleteProperty(this.#socket, "push");
  }

  /** Every read of Node's ends in `push`, a public method: so reading goes on in the mode the user chose. */
  #hook(): void {
    const socket = this.#socket;
    this.#isArmed = true;
    const push = socket.push.bind(socket);
    socket.push = (...args) => {
      if (this.#isArmed) this.armQuickAck();
      return push(...args);
    };
  }
}

/**
 * Sets a TCP socket's options that concern latency, and says of each what took effect.
 *
 * The socket's descriptor is Node's own business: it is taken from the handle, and used where its port is the socket's.
 *
 * @invariant What the kernel refuses is told in `error`, not thrown, and changes nothing; what is read back is what counts.
 * @cost Four system calls an option; with `quickAck` one more for every read.
 * @throws `FAULT_CONFIG` for options, or a socket that is not connected or has no descriptor;
 * `FAULT_NATIVE_UNAVAILABLE`.
 */
export function tuneSocket(socket: Socket, tuning: SocketTuning): TunedSocket {
  checkKeys(PATH, tuning, NAMES);
  const asked = NAMES.filter((name) => tuning[name] !== undefined).map(
    (name) => [name, numberOf(name, tuning[name])] as const,
  );
  const fd = descriptorOf(socket);
  if (fd === undefined || socket.localPort === undefined || binding().localPort(fd) !== socket.localPort) {
    const value = socket?.destroyed === true ? "a destroyed socket" : "no descriptor with the socket's port";
    throw new Fault("FAULT_CONFIG", {
      path: `${PATH}.socket`,
      value,
      expected: "a TCP socket that is connected",
    });
  }
  const known = binding().optionNames();
  const options = asked.map(([name, value]) => set(fd, name, value, known));
  return new TunedSocket(socket, fd, options, tuning.quickAck === true && known.includes("quickAck"));
}

function set(fd: number, name: keyof SocketTuning, asked: number, known: readonly string[]): TunedOption {
  if (!known.includes(name))
    return { name, asked, before: undefined, effective: undefined, error: "ENOPROTOOPT" };
  const before = get(fd, name);
  const code = binding().setOption(fd, name, asked);
  return { name, asked, before, effective: get(fd, name), error: code < 0 ? errnoName(code) : undefined };
}

function get(fd: number, name: string): number | undefined {
  const into = new Int32Array(1);
  return binding().getOption(fd, name, into) < 0 ? undefined : into[0];
}

function numberOf(name: keyof SocketTuning, value: unknown): number {
  const path = `${PATH}.${name}`;
  if (FLAGS.includes(name)) return checkBoolean(path, value) ? 1 : 0;
  return checkInteger(path, value, 0, INT_MAX);
}

/** The handle's descriptor: there since Node 0.x, and for TLS that of the socket below; but promised by nobody. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: unknown } | null };
  const fd = handle?.fd;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}
