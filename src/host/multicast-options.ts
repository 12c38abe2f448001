import { networkInterfaces } from "node:os";
import { checkArray, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { RingBuffer } from "../ring/index.ts";
import { addressNumber, DATAGRAM_BYTES_AT } from "./datagram-slot.ts";

/** One group to join. */
export interface MulticastGroup {
  /** An IPv4 multicast address, 224.0.0.0 to 239.255.255.255. */
  readonly group: string;
  /** The interface that it comes in at, by name or IPv4 address; the system's choice unless given. */
  readonly interface?: string;
  /** Takes datagrams of this sender alone (source-specific multicast); of all unless given. */
  readonly source?: string;
}

/** What a multicast receiver needs, whichever body it has. */
export interface MulticastOptions {
  /** Where datagrams go: a ring of one producer, which the receiver becomes. Slots hold 64 bytes and a datagram's. */
  readonly ring: RingBuffer;
  readonly port: number;
  readonly groups: readonly MulticastGroup[];
  /** What the kernel keeps while the receiver is busy; the system's default unless given. @units bytes */
  readonly receiveBufferBytes?: number;
}

/** What a receiver has done. */
export interface MulticastStats {
  /** Taken from the socket, dropped ones included. */
  readonly datagrams: number;
  /** As sent, of all datagrams. */
  readonly bytes: number;
  /** Found no room in the ring: a receiver cannot wait. */
  readonly droppedByRing: number;
  /** Found no room in the kernel's buffer, modulo 2^32; undefined where nobody says. */
  readonly droppedByKernel: number | undefined;
  /** Longer than their slots: the rest was lost. */
  readonly truncated: number;
  /** Calls that asked the kernel for datagrams; undefined where nobody counts. */
  readonly calls: number | undefined;
  /** With a time by the network card. */
  readonly hardwareStamped: number;
  /**
   * Why it receives no longer: the errno of a system call, what the ring is no longer good for; see `fault` of the
   * receiver.
   */
  readonly ended: string | undefined;
}

/** The fault of a receiver whose ring another producer took: nothing can be put there any longer. */
export function ringTaken(path: string): Fault {
  const expected = "a ring whose only producer is the receiver";
  return new Fault("FAULT_VIEW_EXPIRED", { path: `${path}.ring`, value: "taken over", expected });
}

/** The fault of a receiver whose ring somebody damaged. */
export function ringDamaged(path: string, cause?: unknown): Fault {
  const expected = "memory that no other process damaged";
  return new Fault("FAULT_INVARIANT", {
    path: `${path}.ring`,
    value: "positions that no ring has",
    expected,
    cause,
  });
}

/** Options that are checked. */
export interface CheckedMulticast {
  readonly ring: RingBuffer;
  readonly port: number;
  readonly groups: readonly { readonly group: string; readonly interface: string; readonly source: string }[];
  readonly receiveBufferBytes: number;
}

/** The names of {@link MulticastOptions}. */
export const MULTICAST_OPTIONS: readonly string[] = ["ring", "port", "groups", "receiveBufferBytes"];

const GROUPS_MAX = 256;
const BUFFER_MAX = 2 ** 30;

/** Throws `FAULT_CONFIG`, naming the option, unless a receiver can be made of them. */
export function checkMulticast(
  path: string,
  options: MulticastOptions,
  known: readonly string[],
): CheckedMulticast {
  checkKeys(path, options, known);
  const { ring } = options;
  if (!(ring instanceof RingBuffer) || ring.isMulti || ring.slotBytes <= DATAGRAM_BYTES_AT) {
    const expected = `a RingBuffer of one producer with slots of more than ${DATAGRAM_BYTES_AT} bytes`;
    throw new Fault("FAULT_CONFIG", { path: `${path}.ring`, value: ring?.slotBytes, expected });
  }
  const groups = checkArray(`${path}.groups`, options.groups);
  checkInteger(`${path}.groups.length`, groups.length, 1, GROUPS_MAX);
  return {
    ring,
    port: checkInteger(`${path}.port`, options.port, 1, 65_535),
    groups: groups.map((each, at) => checkGroup(`${path}.groups[${at}]`, each)),
    receiveBufferBytes: checkInteger(
      `${path}.receiveBufferBytes`,
      options.receiveBufferBytes ?? 0,
      0,
      BUFFER_MAX,
    ),
  };
}

/** Throws `FAULT_CONFIG` unless it is a group; the interface by its address then, empty where none was given. */
export function checkGroup(path: string, options: MulticastGroup): CheckedMulticast["groups"][number] {
  checkKeys(path, options, ["group", "interface", "source"]);
  const group = checkText(`${path}.group`, options.group);
  if (addressNumber(`${path}.group`, group) >>> 28 !== 0xe) {
    const expected = "a multicast address, 224.0.0.0 to 239.255.255.255";
    throw new Fault("FAULT_CONFIG", { path: `${path}.group`, value: group, expected });
  }
  const { source = "" } = options;
  if (options.source !== undefined) addressNumber(`${path}.source`, source);
  return { group, interface: interfaceAddress(`${path}.interface`, options.interface), source };
}

function interfaceAddress(path: string, given: string | undefined): string {
  if (given === undefined) return "";
  const all = networkInterfaces();
  const named = all[checkText(path, given)]?.find(({ family }) => family === "IPv4")?.address;
  if (named !== undefined) return named;
  const isOwn = Object.values(all).some((each) => each?.some(({ address }) => address === given));
  if (isOwn) return given;
  const expected = "the name or IPv4 address of an interface that is up";
  throw new Fault("FAULT_CONFIG", { path, value: given, expected });
}
