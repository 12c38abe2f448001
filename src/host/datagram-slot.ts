import { Fault } from "../base/index.ts";
import { type RingBuffer, SlotCodec } from "../ring/index.ts";

/** The fields before a datagram's bytes in its slot: times are 0 where nobody says, 127.0.0.1 is 0x7f000001. */
export type DatagramFields = {
  /** Of all that the socket gave, the dropped ones included: a gap is what the ring had no room for. */
  readonly sequence: "i64Number";
  /** When the kernel had it. @units epoch ns */
  readonly kernelNs: "i64";
  /** When the network card had it, on the card's clock. @units ns */
  readonly hardwareNs: "i64";
  /** When the receiver had it. @units epoch ns */
  readonly userNs: "i64";
  /** As sent. @units bytes */
  readonly length: "u32";
  /** As kept: fewer where the slot was too small. @units bytes */
  readonly kept: "u32";
  readonly source: "u32";
  /** The group it was sent to; 0 where nobody says. */
  readonly destination: "u32";
  readonly port: "u32";
  /** How many the kernel had dropped before this one, modulo 2^32. */
  readonly kernelDrops: "u32";
};

/** Where a datagram's bytes begin in its slot. @units bytes */
export const DATAGRAM_BYTES_AT = 64;

/** Reads the fields of a received datagram: `DATAGRAM_SLOT.view(ring).at(slot)`. */
export const DATAGRAM_SLOT: SlotCodec<DatagramFields> = new SlotCodec({
  sequence: "i64Number",
  kernelNs: "i64",
  hardwareNs: "i64",
  userNs: "i64",
  length: "u32",
  kept: "u32",
  source: "u32",
  destination: "u32",
  port: "u32",
  kernelDrops: "u32",
});

/** The bytes of the datagram in a slot, in place: good until the slot is released. @cost One view */
export function datagramBytes(ring: RingBuffer, slot: number): Uint8Array {
  const at = slot * ring.slotBytes + DATAGRAM_BYTES_AT;
  // The header is in shared memory: a wrong length must not lead into the next slot.
  const kept = Math.min(ring.u32[slot * ring.i32PerSlot + 9] as number, ring.slotBytes - DATAGRAM_BYTES_AT);
  return ring.bytes.subarray(at, at + kept);
}

/** An IPv4 address as a field holds it. @throws `FAULT_CONFIG` for text that is none */
export function addressNumber(path: string, text: string): number {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number) ?? [];
  if (parts.length === 4 && parts.every((part) => part <= 255)) {
    return parts.reduce((number, part) => number * 256 + part, 0);
  }
  throw new Fault("FAULT_CONFIG", { path, value: text, expected: "an IPv4 address" });
}
