import { AuditBuffer } from "./audit-buffer.ts";
import { type AuditEventName, auditFieldsOf } from "./audit-event.ts";

const TWO_32 = 4_294_967_296;

/** Writes moments of a session as moments of the epoch, in words of 32 bits. */
export class AuditMoment {
  readonly #baseHigh: number;
  readonly #baseLow: number;

  constructor(baseNs: bigint) {
    this.#baseHigh = Number(baseNs >> 32n);
    this.#baseLow = Number(BigInt.asUintN(32, baseNs));
  }

  /** Writes the session's base plus `ns`. */
  write(into: AuditBuffer, ns: number): void {
    const high = Math.floor(ns / TWO_32);
    const low = this.#baseLow + (ns - high * TWO_32);
    const carry = low >= TWO_32 ? 1 : 0;
    into.wide(this.#baseHigh + high + carry, low - carry * TWO_32);
  }
}

/** The bits that say of some fields of an event that they are there. */
export function fieldBits(name: AuditEventName, fields: readonly string[]): number {
  const names = auditFieldsOf(name).map(([field]) => field);
  return fields.reduce((bits, field) => bits | (1 << names.indexOf(field)), 0) >>> 0;
}

/** A text with its length in one or two bytes. */
export function textBytes(path: string, text: string, width: 1 | 2): Uint8Array {
  const buffer = new AuditBuffer(1024);
  buffer.text(text, path, width);
  return buffer.bytes.slice(0, buffer.length);
}
