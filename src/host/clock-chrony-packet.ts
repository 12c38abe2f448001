import { Fault } from "../base/index.ts";
import type { LeapNotice, NtpReading } from "./clock-readings.ts";

const VERSION = 6;
const TYPE_REQUEST = 1;
const TYPE_REPLY = 2;
const REQ_TRACKING = 33;
const RPY_TRACKING = 5;
const REPLY_HEADER_BYTES = 28;
/** Header, reference, address, stratum, leap, time and 9 floats, without the marker at the end. */
const TRACKING_BYTES = REPLY_HEADER_BYTES + 76;

const FAMILY_INET4 = 1;
const FAMILY_INET6 = 2;
/** In the upper half of a time: only the lower half was sent. */
const NO_HIGH_SECONDS = 0x7fff_ffff;

const STATUS: Readonly<Record<number, string>> = {
  1: "failed",
  2: "unauthorised",
  3: "invalid",
  6: "not enabled",
  18: "another protocol version",
  19: "a packet of another length",
};

/**
 * A request for `tracking`, as long as its answer: chronyd answers no shorter one.
 *
 * @source chrony's candm.h, protocol version 6
 */
export function chronyTrackingRequest(sequence: number): Uint8Array {
  const bytes = new Uint8Array(TRACKING_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, TYPE_REQUEST);
  view.setUint16(4, REQ_TRACKING);
  view.setUint32(8, sequence);
  return bytes;
}

/**
 * Reads chronyd's answer to {@link chronyTrackingRequest}.
 *
 * @throws `FAULT_INPUT` naming the field: too short, another version, type, command or sequence, a status that is no
 * success, a leap status or a time that cannot be, a delay, dispersion or skew below 0
 */
export function readChronyTracking(bytes: Uint8Array, sequence: number): NtpReading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < REPLY_HEADER_BYTES) bad("length", bytes.length, `at least ${REPLY_HEADER_BYTES} bytes`);
  expectField("version", view.getUint8(0), VERSION);
  expectField("type", view.getUint8(1), TYPE_REPLY);
  expectField("sequence", view.getUint32(16), sequence);
  expectField("command", view.getUint16(4), REQ_TRACKING);
  const status = view.getUint16(8);
  if (status !== 0) bad("status", `${status}${status in STATUS ? `: ${STATUS[status]}` : ""}`, "0: success");
  expectField("reply", view.getUint16(6), RPY_TRACKING);
  if (bytes.length < TRACKING_BYTES) bad("length", bytes.length, `at least ${TRACKING_BYTES} bytes`);
  const reference = view.getUint32(28).toString(16).toUpperCase().padStart(8, "0");
  const stratum = view.getUint16(52);
  const leap = leapStatus(view.getUint16(54));
  const address = readAddress(view);
  return {
    synchronised: isSynchronised(reference, stratum, leap),
    reference,
    ...(address !== undefined && { address }),
    stratum,
    // The daemon's figure is the correction that is still to come: it is above 0 where the clock is behind.
    offsetNs: 0 - nanoseconds(view, 68),
    rootDelayNs: notNegative("rootDelay", nanoseconds(view, 92)),
    rootDispersionNs: notNegative("rootDispersion", nanoseconds(view, 96)),
    frequencyPpm: chronyFloat(view.getUint32(80)),
    skewPpm: notNegative("skew", chronyFloat(view.getUint32(88))),
    leap,
    referenceTimeNs: readTime(view, 56),
  };
}

/** A daemon that follows nobody has the reference id 0, no stratum, or says so in its leap status. */
export function isSynchronised(reference: string, stratum: number, leap: LeapNotice): boolean {
  return reference !== "00000000" && stratum > 0 && stratum < 16 && leap !== "unknown";
}

/** chrony's float: a signed exponent of 7 bits over a signed coefficient of 25, which stands behind the point. */
export function chronyFloat(word: number): number {
  const exponent = word >> 25;
  const coefficient = (word << 7) >> 7;
  return (coefficient / 2 ** 25) * 2 ** exponent;
}

function nanoseconds(view: DataView, at: number): number {
  return chronyFloat(view.getUint32(at)) * 1e9;
}

function leapStatus(status: number): LeapNotice {
  const notice = (["none", "insert", "delete", "unknown"] as const)[status];
  return notice ?? bad("leapStatus", status, "0 to 3");
}

function readTime(view: DataView, at: number): bigint {
  const high = view.getUint32(at);
  const seconds = (BigInt(high === NO_HIGH_SECONDS ? 0 : high) << 32n) | BigInt(view.getUint32(at + 4));
  const nanos = view.getUint32(at + 8);
  if (nanos >= 1e9) bad("referenceTime.nanoseconds", nanos, "below 1000000000");
  return seconds * 1_000_000_000n + BigInt(nanos);
}

function readAddress(view: DataView): string | undefined {
  const family = view.getUint16(48);
  if (family === FAMILY_INET4) return [32, 33, 34, 35].map((at) => view.getUint8(at)).join(".");
  if (family !== FAMILY_INET6) return undefined;
  return [32, 34, 36, 38, 40, 42, 44, 46].map((at) => view.getUint16(at).toString(16)).join(":");
}

function notNegative(field: string, value: number): number {
  return value >= 0 ? value : bad(field, value, "at least 0");
}

function expectField(field: string, value: number, expected: number): void {
  if (value !== expected) bad(field, value, String(expected));
}

function bad(field: string, value: unknown, expected: string): never {
  throw new Fault("FAULT_INPUT", { path: `chrony.${field}`, value, expected });
}
