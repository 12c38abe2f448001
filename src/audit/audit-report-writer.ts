import { MESSAGE_FIELD as FIELD, REASONS, REPORT } from "../model/index.ts";
import type { AuditBuffer } from "./audit-buffer.ts";
import { AUDIT_EVENTS } from "./audit-event.ts";
import { type AuditMoment, fieldBits, textBytes } from "./audit-fields.ts";
import { AUDIT_WORDS } from "./audit-kind.ts";

const { fill, fillBust, fillCorrection, venueResponse } = AUDIT_EVENTS;
const EVENT_OF_REPORT: Readonly<Record<number, number>> = {
  [REPORT.trade]: fill.code,
  [REPORT.foreign]: fill.code,
  [REPORT.busted]: fillBust.code,
  [REPORT.corrected]: fillCorrection.code,
};
const WORD_OF_REPORT: readonly number[] = wordsOfReports();
const REASON_BYTES = REASONS.map((reason) => textBytes("reason", reason, 2));

const BUY = AUDIT_WORDS.side.indexOf("buy");
const SELL = AUDIT_WORDS.side.indexOf("sell");
const MAKER = AUDIT_WORDS.liquidity.indexOf("maker");
const TAKER = AUDIT_WORDS.liquidity.indexOf("taker");

const EXECUTION = ["instrument", "side", "execId", "lots", "priceTicks", "venueNs"];
const FOREIGN = fieldBits("fill", [...EXECUTION, "liquidity"]);
const FILLED = fieldBits("fill", [...EXECUTION, "liquidity", "leavesLots"]);
const BUST = fieldBits("fillBust", ["execId", "refExecId", "venueNs"]);
const BUST_REASON = fieldBits("fillBust", ["reason"]);
const CORRECTION = fieldBits("fillCorrection", [...EXECUTION, "refExecId"]);
const CORRECTION_REASON = fieldBits("fillCorrection", ["reason"]);
const RESPONSE = ["response", "requestId", "reasonCode", "leavesLots", "venueNs"];
const STATUS = fieldBits("venueResponse", [...RESPONSE, "cumLots"]);
const ANSWER = fieldBits("venueResponse", [...RESPONSE, "priceTicks", "lots"]);
const ANSWER_REASON = fieldBits("venueResponse", ["reason"]);

/** The code of the event that a report of a kind is recorded as. */
export function reportEvent(kind: number): number {
  return EVENT_OF_REPORT[kind] ?? venueResponse.code;
}

/**
 * Writes what venues' reports say, as the payload of the event that {@link reportEvent} gives.
 *
 * @shape reports are records of doubles, `MESSAGE_FIELD` of the room `model`
 * @cost Nothing allocated.
 */
export class ReportWriter {
  readonly #moment: AuditMoment;

  constructor(moment: AuditMoment) {
    this.#moment = moment;
  }

  /** Writes the payload of the report at `offset`; `symbol` is a text with its length in two bytes. */
  write(into: AuditBuffer, cells: Float64Array, offset: number, symbol: Uint8Array, sideSign: number): void {
    const kind = cells[offset + FIELD.kind] as number;
    if (kind === REPORT.trade) {
      into.u32(FILLED);
      this.#execution(into, cells, offset, symbol, sideSign);
      into.u8(cells[offset + FIELD.maker] === 1 ? MAKER : TAKER);
      into.count(cells[offset + FIELD.leavesLots] as number);
    } else if (kind === REPORT.foreign) {
      into.u32(FOREIGN);
      this.#execution(into, cells, offset, symbol, Math.sign(cells[offset + FIELD.lots] as number));
      into.u8(cells[offset + FIELD.maker] === 1 ? MAKER : TAKER);
    } else if (kind === REPORT.busted) this.#bust(into, cells, offset);
    else if (kind === REPORT.corrected) this.#correction(into, cells, offset, symbol, sideSign);
    else if (kind === REPORT.status) this.#status(into, cells, offset);
    else this.#answer(into, cells, offset);
  }

  /** What a fill and a fill as corrected have in common. */
  #execution(
    into: AuditBuffer,
    cells: Float64Array,
    offset: number,
    symbol: Uint8Array,
    sideSign: number,
  ): void {
    into.raw(symbol);
    into.u8(sideSign === 1 ? BUY : SELL);
    digits(into, cells[offset + FIELD.execId] as number);
    into.count(Math.abs(cells[offset + FIELD.lots] as number));
    into.int(cells[offset + FIELD.priceTicks] as number);
    this.#moment.write(into, cells[offset + FIELD.exchNs] as number);
  }

  #bust(into: AuditBuffer, cells: Float64Array, offset: number): void {
    const reason = reasonOf(cells, offset);
    into.u32(reason === undefined ? BUST : BUST | BUST_REASON);
    digits(into, cells[offset + FIELD.execId] as number);
    digits(into, cells[offset + FIELD.requestId] as number);
    if (reason !== undefined) into.raw(reason);
    this.#moment.write(into, cells[offset + FIELD.exchNs] as number);
  }

  #correction(
    into: AuditBuffer,
    cells: Float64Array,
    offset: number,
    symbol: Uint8Array,
    sideSign: number,
  ): void {
    const reason = reasonOf(cells, offset);
    into.u32(reason === undefined ? CORRECTION : CORRECTION | CORRECTION_REASON);
    this.#execution(into, cells, offset, symbol, sideSign);
    digits(into, cells[offset + FIELD.requestId] as number);
    if (reason !== undefined) into.raw(reason);
  }

  /** What a status report holds in place of a reason is the status; its lots are those that were filled. */
  #status(into: AuditBuffer, cells: Float64Array, offset: number): void {
    into.u32(STATUS);
    into.u8(WORD_OF_REPORT[REPORT.status] as number);
    into.count(cells[offset + FIELD.requestId] as number);
    into.u32(cells[offset + FIELD.reason] as number);
    into.count(cells[offset + FIELD.lots] as number);
    into.count(cells[offset + FIELD.leavesLots] as number);
    this.#moment.write(into, cells[offset + FIELD.exchNs] as number);
  }

  #answer(into: AuditBuffer, cells: Float64Array, offset: number): void {
    const reason = reasonOf(cells, offset);
    into.u32(reason === undefined ? ANSWER : ANSWER | ANSWER_REASON);
    into.u8(WORD_OF_REPORT[cells[offset + FIELD.kind] as number] as number);
    into.count(cells[offset + FIELD.requestId] as number);
    if (reason !== undefined) into.raw(reason);
    into.u32(cells[offset + FIELD.reason] as number);
    into.int(cells[offset + FIELD.priceTicks] as number);
    into.count(cells[offset + FIELD.lots] as number);
    into.count(cells[offset + FIELD.leavesLots] as number);
    this.#moment.write(into, cells[offset + FIELD.exchNs] as number);
  }
}

/** The place of each report's word among the responses, by the report's code; a trade has none. */
function wordsOfReports(): readonly number[] {
  const words: readonly string[] = AUDIT_WORDS.response;
  const places: number[] = [];
  for (const [name, code] of Object.entries(REPORT)) places[code] = words.indexOf(name);
  return places;
}

function reasonOf(cells: Float64Array, offset: number): Uint8Array | undefined {
  const code = cells[offset + FIELD.reason] as number;
  return code === 0 ? undefined : REASON_BYTES[code];
}

/** Digits as a text of a payload, whose length has two bytes; digits are few. */
function digits(into: AuditBuffer, value: number): void {
  const at = into.length;
  into.u8(0);
  into.digits(value);
  into.bytes[at] = into.bytes[at + 1] as number;
  into.bytes[at + 1] = 0;
}
