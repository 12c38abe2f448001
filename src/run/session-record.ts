import { Fault } from "../base/index.ts";
import type { ReportFee } from "../kernel/index.ts";
import { MESSAGE_STRIDE } from "../model/index.ts";

/**
 * What a record of a session's journal is. Codes are written to disk: never renumbered.
 *
 * `begin`: JSON, what the session is made of. `row`, `bar`, `report`, `event`: inputs of the kernel, in its order.
 * `sending`: an order, replace or cancel is about to leave. `effects`: records of the kernel's `EffectLog`. `end`: JSON
 * with the `runHash`. `recovered`: JSON, the session goes on after its process ended. `control`: JSON, a change of the
 * gate, an input like the others. `remark`: JSON, what was found or done beside the kernel, no input of it. `adjust`:
 * JSON, cash that no report told of, an input: in the currency it names, else in the quote of its instrument. Behind
 * the cells of a `report` stand the fee that was told with it and the words of whoever made it, where there are any.
 */
export const SESSION = {
  begin: 1,
  row: 2,
  bar: 3,
  report: 4,
  event: 5,
  sending: 6,
  effects: 7,
  end: 8,
  recovered: 9,
  control: 10,
  remark: 11,
  adjust: 12,
} as const;

/** Bytes of each input's payload. */
export const SESSION_BYTES = {
  row: 32,
  bar: 64,
  report: 16 + 8 * MESSAGE_STRIDE,
  event: 32,
  sending: 32,
} as const;

/** One record of a journal, as a scan hands it over: its bytes are good during the call. */
export interface SessionRecord {
  readonly seq: number;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** A session's records in order: a list, or what tells them one by one. */
export type SessionSource = Iterable<SessionRecord> | ((visit: (record: SessionRecord) => void) => void);

/** Visits every record of a session. */
export function visitRecords(source: SessionSource, visit: (record: SessionRecord) => void): void {
  if (typeof source === "function") source(visit);
  else for (const record of source) visit(record);
}

/** Kinds of what leaves. */
export const SENDING = { order: 1, cancel: 2 } as const;

/** What left a session, or was about to. */
export interface SentItem {
  readonly kind: "order" | "cancel";
  readonly station: number;
  readonly id: number;
  /** 0 for a new order. */
  readonly requestId: number;
  readonly ns: number;
}

/** Reads what a `sending` record says. */
export function readSending(view: DataView): SentItem {
  return {
    kind: view.getInt32(4, true) === SENDING.cancel ? "cancel" : "order",
    station: view.getInt32(0, true),
    id: view.getFloat64(8, true),
    requestId: view.getFloat64(16, true),
    ns: view.getFloat64(24, true),
  };
}

/** Reads JSON of a record. @throws `FAULT_JOURNAL_FORMAT` for anything else */
export function readJson(path: string, payload: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Told below.
  }
  throw new Fault("FAULT_JOURNAL_FORMAT", {
    path,
    value: `${payload.length} bytes`,
    expected: "a JSON object of a session",
  });
}

/** A report as it was recorded: its cells in the view, and what stands behind them. */
export interface RecordedReport {
  readonly view: DataView;
  /** What the venue charged, where it was told. */
  readonly fee: ReportFee | undefined;
  readonly note: string | undefined;
}

/**
 * The view of a report's payload, the fee and the words behind its cells.
 *
 * @throws `FAULT_JOURNAL_FORMAT` for another length, and for what is no fee
 */
export function readReport(path: string, payload: Uint8Array): RecordedReport {
  const whole = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const isCut = payload.length < SESSION_BYTES.report;
  const [feeLength, noteLength] = isCut ? [0, 0] : [whole.getUint16(2, true), whole.getUint32(4, true)];
  const noteAt = SESSION_BYTES.report + feeLength;
  const view = checkLength(path, payload, noteAt + noteLength);
  if (feeLength === 0 && noteLength === 0) return { view, fee: undefined, note: undefined };
  const textOf = (bytes: Uint8Array): string | undefined =>
    bytes.length === 0 ? undefined : new TextDecoder().decode(bytes);
  const fee = textOf(payload.subarray(SESSION_BYTES.report, noteAt));
  return { view, fee: readFee(path, fee), note: textOf(payload.subarray(noteAt)) };
}

/** A fee as it stands behind a report's cells: the amount in minor units, then the currency. */
export function feeBytes({ currency, minor }: ReportFee): Uint8Array {
  return new TextEncoder().encode(`${minor} ${currency}`);
}

function readFee(path: string, text: string | undefined): ReportFee | undefined {
  if (text === undefined) return undefined;
  const [, minor, currency] = /^(-?\d{1,38}) (.+)$/s.exec(text) ?? [];
  if (minor !== undefined && currency !== undefined) return { currency, minor: BigInt(minor) };
  const expected = "an amount, and a currency";
  throw new Fault("FAULT_JOURNAL_FORMAT", { path: `${path}.fee`, value: text, expected });
}

/**
 * The view of a payload of a known length.
 *
 * @param path - what it is, or the record's number: most are as they must be, and need no name.
 * @throws `FAULT_JOURNAL_FORMAT` for another length.
 */
export function checkLength(path: string | number, payload: Uint8Array, bytes: number): DataView {
  if (payload.length === bytes) return new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  throw new Fault("FAULT_JOURNAL_FORMAT", {
    path: typeof path === "number" ? pathOf(path) : path,
    value: `${payload.length} bytes`,
    expected: `${bytes} bytes`,
  });
}

/** What a record is called in faults. */
export function pathOf(seq: number): string {
  return `session.record ${seq}`;
}
