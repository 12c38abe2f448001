import { checkInteger, Fault } from "../base/index.ts";
import {
  PTP_DATA_SETS,
  type PtpDataSet,
  type PtpSetName,
  readPtpSet,
  writePtpSet,
} from "./clock-ptp-sets.ts";

const HEADER_BYTES = 48;
const TLV_HEADER_BYTES = 6;
const MESSAGE_MANAGEMENT = 0x0d;
const VERSION = 2;
const CONTROL_MANAGEMENT = 4;
const INTERVAL_NONE = 0x7f;
const TLV_MANAGEMENT = 1;
const TLV_ERROR = 2;
const ACTION_GET = 0;
const ACTION_RESPONSE = 2;
const ANY_PORT = 0xffff;

const ERRORS: Readonly<Record<number, string>> = {
  1: "response too big",
  2: "no such id",
  3: "wrong length",
  4: "wrong value",
  5: "not settable",
  6: "not supported",
  65534: "general error",
};

/** Whom a request is for, and its number. */
export interface PtpRequest {
  readonly set: PtpSetName;
  /** 0 to 65535; the answer carries it too. */
  readonly sequenceId: number;
  /** 0 unless given. */
  readonly domain?: number;
  /** One port of the clock; the clock, and the first port that answers, unless given. */
  readonly port?: number;
}

/**
 * A management message that asks for a data set.
 *
 * @throws `FAULT_CONFIG` naming the field
 * @source IEEE 1588-2008, 13.12 and 15.4
 */
export function ptpRequest(request: PtpRequest): Uint8Array {
  const bytes = header(request, ACTION_GET, 0);
  const view = new DataView(bytes.buffer);
  // Any clock: a socket of this machine reaches one alone.
  bytes.fill(0xff, 34, 42);
  view.setUint16(42, request.port ?? ANY_PORT);
  return bytes;
}

/**
 * The answer of a clock to {@link ptpRequest}: what a simulated one sends. @throws `FAULT_CONFIG` naming the field
 */
export function ptpResponse<Name extends PtpSetName>(
  request: PtpRequest & { readonly set: Name },
  set: PtpDataSet<Name>,
): Uint8Array {
  const data = writePtpSet(request.set, set);
  const bytes = header(request, ACTION_RESPONSE, data.length);
  bytes.set(data, HEADER_BYTES + TLV_HEADER_BYTES);
  return bytes;
}

function header(request: PtpRequest, action: number, dataBytes: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + TLV_HEADER_BYTES + dataBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, MESSAGE_MANAGEMENT);
  view.setUint8(1, VERSION);
  view.setUint16(2, bytes.length);
  view.setUint8(4, checkInteger("request.domain", request.domain ?? 0, 0, 255));
  // The port of the one who asks, a number that no port of a clock has.
  view.setUint16(28, 1);
  view.setUint16(30, checkInteger("request.sequenceId", request.sequenceId, 0, 0xffff));
  view.setUint8(32, CONTROL_MANAGEMENT);
  view.setUint8(33, INTERVAL_NONE);
  view.setUint8(46, action);
  view.setUint16(48, TLV_MANAGEMENT);
  view.setUint16(50, 2 + dataBytes);
  view.setUint16(52, PTP_DATA_SETS[request.set].id);
  return bytes;
}

/**
 * Reads the answer to a request.
 *
 * @throws `FAULT_INPUT` naming the field: too short, lengths that contradict each other, another message type,
 * version, domain, sequence id, action, data set or port; an error that the clock answers with
 */
export function readPtpResponse<Name extends PtpSetName>(
  bytes: Uint8Array,
  request: PtpRequest & { readonly set: Name },
): PtpDataSet<Name> {
  if (bytes.length < HEADER_BYTES + TLV_HEADER_BYTES) {
    bad("length", bytes.length, `at least ${HEADER_BYTES + TLV_HEADER_BYTES} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expectField("messageType", view.getUint8(0) & 0x0f, MESSAGE_MANAGEMENT);
  expectField("version", view.getUint8(1) & 0x0f, VERSION);
  const length = view.getUint16(2);
  if (length > bytes.length || length < HEADER_BYTES + TLV_HEADER_BYTES) {
    bad("messageLength", length, `${HEADER_BYTES + TLV_HEADER_BYTES} to ${bytes.length}`);
  }
  expectField("domain", view.getUint8(4), request.domain ?? 0);
  expectField("sequenceId", view.getUint16(30), request.sequenceId);
  expectField("action", view.getUint8(46) & 0x0f, ACTION_RESPONSE);
  const type = view.getUint16(48);
  const tlvLength = view.getUint16(50);
  if (tlvLength < 2 || HEADER_BYTES + 4 + tlvLength > length) {
    bad("tlv.length", tlvLength, `2 to ${length - HEADER_BYTES - 4}`);
  }
  if (type === TLV_ERROR) {
    const code = view.getUint16(52);
    bad("error", `${code}${code in ERRORS ? `: ${ERRORS[code]}` : ""}`, `an answer to ${request.set}`);
  }
  expectField("tlv.type", type, TLV_MANAGEMENT);
  expectField("tlv.id", view.getUint16(52), PTP_DATA_SETS[request.set].id);
  const from = HEADER_BYTES + TLV_HEADER_BYTES;
  return readPtpSet(request.set, bytes.subarray(from, from + tlvLength - 2));
}

function expectField(field: string, value: number, expected: number): void {
  if (value !== expected) bad(field, value, String(expected));
}

function bad(field: string, value: unknown, expected: string): never {
  throw new Fault("FAULT_INPUT", { path: `ptp.${field}`, value, expected });
}
