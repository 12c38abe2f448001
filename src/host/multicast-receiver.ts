import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { Fault } from "../base/index.ts";
import type { RingBuffer, RingProducer } from "../ring/index.ts";
import { addressNumber, DATAGRAM_BYTES_AT, DATAGRAM_SLOT } from "./datagram-slot.ts";
import {
  checkMulticast,
  MULTICAST_OPTIONS,
  type MulticastOptions,
  type MulticastStats,
  ringDamaged,
  ringTaken,
} from "./multicast-options.ts";

const PATH = "multicastReceiver";

/**
 * Takes multicast datagrams by node:dgram, and puts each into a slot of a ring with its header, {@link DATAGRAM_SLOT}.
 *
 * It needs no native code and no thread: datagrams come in when the event loop turns. It knows no time but the moment
 * of the callback, and not what the kernel dropped; the receiver of `tickwright/host/native` knows both.
 *
 * @invariant Every datagram that the socket gives gets a number; one that finds the ring full is counted and let go.
 * @throws `FAULT_CONFIG` for options; `FAULT_IO` where the port is taken or a group cannot be joined.
 */
export class MulticastReceiver {
  readonly #ring: RingBuffer;
  readonly #producer: RingProducer;
  readonly #socket: Socket;
  readonly #slot: ReturnType<typeof DATAGRAM_SLOT.view>;
  readonly #room: number;
  readonly #counts = { datagrams: 0, bytes: 0, droppedByRing: 0, truncated: 0 };
  #fault: Fault | undefined;
  #isClosed = false;

  private constructor(ring: RingBuffer, socket: Socket) {
    this.#ring = ring;
    this.#producer = ring.producer();
    this.#socket = socket;
    this.#slot = DATAGRAM_SLOT.view(ring);
    this.#room = ring.slotBytes - DATAGRAM_BYTES_AT;
    socket.on("message", (bytes, from) => this.#take(bytes, from));
    socket.on("error", (cause) => {
      const expected = "a socket that gives datagrams";
      this.#end(new Fault("FAULT_IO", { path: PATH, value: cause.message, expected, cause }));
    });
  }

  /** Opens the socket, joins the groups and begins. */
  static async open(options: MulticastOptions): Promise<MulticastReceiver> {
    const { ring, port, groups, receiveBufferBytes } = checkMulticast(PATH, options, MULTICAST_OPTIONS);
    const socket = createSocket({
      type: "udp4",
      reuseAddr: true,
      ...(receiveBufferBytes > 0 && { recvBufferSize: receiveBufferBytes }),
    });
    try {
      socket.bind(port);
      await once(socket, "listening");
      for (const { group, interface: address, source } of groups) {
        const at = address === "" ? undefined : address;
        if (source === "") socket.addMembership(group, at);
        else socket.addSourceSpecificMembership(source, group, at);
      }
      return new MulticastReceiver(ring, socket);
    } catch (cause) {
      socket.close();
      if (cause instanceof Fault) throw cause;
      const value = cause instanceof Error ? cause.message : String(cause);
      const expected = "a port that is free and groups that can be joined";
      throw new Fault("FAULT_IO", { path: PATH, value, expected, cause });
    }
  }

  /** What the kernel keeps while the event loop is busy, as it took effect. @units bytes */
  get receiveBufferBytes(): number {
    return this.#isClosed ? 0 : this.#socket.getRecvBufferSize();
  }

  stats(): MulticastStats {
    const unknown = { droppedByKernel: undefined, calls: undefined, hardwareStamped: 0 };
    return { ...this.#counts, ...unknown, ended: this.#fault?.message };
  }

  /**
   * Why it receives no longer: `FAULT_VIEW_EXPIRED` where another producer took the ring, `FAULT_INVARIANT` where its
   * memory was damaged, `FAULT_IO` of the socket; undefined while it receives, and after `close`.
   */
  fault(): Fault | undefined {
    return this.#fault;
  }

  /** Ends it and lets go of the ring, whose consumers go on. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
    this.#producer.close();
  }

  #end(fault: Fault): void {
    if (this.#isClosed) return;
    this.#fault = fault;
    this.close();
  }

  /** A slot; -1 where the ring is full, and where it ended because the ring is no longer its own. */
  #claim(): number {
    if (!this.#producer.holds()) this.#end(ringTaken(PATH));
    if (this.#isClosed) return -1;
    try {
      return this.#producer.claim();
    } catch (cause) {
      this.#end(ringDamaged(PATH, cause));
      return -1;
    }
  }

  #take(bytes: Uint8Array, from: RemoteInfo): void {
    if (this.#isClosed) return;
    const counts = this.#counts;
    const sequence = counts.datagrams++;
    counts.bytes += bytes.length;
    const slot = this.#claim();
    if (slot < 0) {
      counts.droppedByRing++;
      return;
    }
    const kept = Math.min(bytes.length, this.#room);
    if (kept < bytes.length) counts.truncated++;
    const header = this.#slot.at(slot);
    header.sequence = sequence;
    header.kernelNs = 0n;
    header.hardwareNs = 0n;
    header.userNs = BigInt(Date.now()) * 1_000_000n;
    header.length = bytes.length;
    header.kept = kept;
    header.source = addressNumber(PATH, from.address);
    header.destination = 0;
    header.port = from.port;
    header.kernelDrops = 0;
    this.#ring.bytes.set(bytes.subarray(0, kept), slot * this.#ring.slotBytes + DATAGRAM_BYTES_AT);
    this.#producer.publish();
  }
}
