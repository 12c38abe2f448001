import { Fault } from "../base/index.ts";
import type { ReportFee, Station, TradingKernel } from "../kernel/index.ts";
import {
  type DepthBlock,
  MESSAGE_FIELD as FIELD,
  KIND_MASK,
  MAX_TICKS,
  REPORT,
  ROW,
} from "../model/index.ts";

/** Cells of a report that are whole numbers, besides price and lots. */
const WHOLE = [FIELD.row, FIELD.id, FIELD.requestId, FIELD.execId, FIELD.leavesLots, FIELD.reason] as const;
const TIMES = [FIELD.timeNs, FIELD.exchNs] as const;
/** The last time a session takes: with its base it must fit records of 64 bits. @units ns from the session's base */
const TIME_MAX = 2 ** 62;

/** A moment: whole ns, past 2^53 what a double can hold. @throws `FAULT_CONFIG` */
export function checkTime(path: string, ns: number): void {
  if (Number.isInteger(ns) && ns <= TIME_MAX) return;
  throw new Fault("FAULT_CONFIG", {
    path,
    value: ns,
    expected: "whole ns from the session's base, within 2^62",
  });
}

/** The largest amount that is charged, or adjusted by. @units minor units */
const AMOUNT_MAX = 10n ** 30n;

/** An instrument's station. @throws `FAULT_INPUT` */
export function stationOf({ stations }: TradingKernel, index: number): Station {
  const station = Number.isInteger(index) ? stations[index] : undefined;
  if (station !== undefined) return station;
  const expected = `an instrument below ${stations.length}`;
  throw new Fault("FAULT_INPUT", { path: "session.station", value: index, expected });
}

/** An instrument with orders must have a door when a session goes on. @throws `FAULT_INPUT` */
export function checkDoors({ stations, orders }: TradingKernel): void {
  for (const { index, door, instrument } of stations) {
    const rests = orders.id.some(
      (id, row) => id > 0 && orders.instrument[row] === index && orders.restsOvernight(row),
    );
    if (door !== undefined || (orders.firstOfInstrument(index) < 0 && !rests)) continue;
    const expected = `a door for ${instrument.key}, which has orders: connect it first`;
    throw new Fault("FAULT_INPUT", { path: "session.resume", value: "no door", expected });
  }
}

/** A fee and its currency, as the ledger can book them. @throws `FAULT_INPUT` */
export function checkFee({ ledger }: TradingKernel, fee: ReportFee | undefined): ReportFee | undefined {
  if (fee === undefined) return undefined;
  checkCash("session.fee", ledger.currencies, fee.currency, fee.minor);
  return { currency: fee.currency, minor: fee.minor };
}

/** Money that the ledger can book. @throws `FAULT_INPUT` */
export function checkCash(
  path: string,
  currencies: readonly string[],
  currency: string,
  minor: bigint,
): void {
  if (typeof minor !== "bigint" || minor < -AMOUNT_MAX || minor > AMOUNT_MAX) {
    throw new Fault("FAULT_INPUT", { path, value: minor, expected: "a bigint within 10^30" });
  }
  if (currencies.includes(currency)) return;
  const expected = `a currency of the books, one of ${currencies.join(", ")}`;
  throw new Fault("FAULT_INPUT", { path, value: currency, expected });
}

/** Words to be kept with an input: what is no text would end the session within its turn. @throws `FAULT_INPUT` */
export function checkWords(note: string | undefined): Uint8Array | undefined {
  if (note === undefined) return undefined;
  if (typeof note === "string" && note.isWellFormed()) return new TextEncoder().encode(note);
  throw new Fault("FAULT_INPUT", {
    path: "session.note",
    value: note,
    expected: "a text of well-formed Unicode",
  });
}

/** A row that no book takes must not be in the journal: a recovery would fail at it for ever. @throws `FAULT_INPUT` */
export function checkRow(block: DepthBlock, i: number): void {
  const kind = (block.kind[i] as number) & KIND_MASK;
  const tick = block.tick[i] as number;
  const lots = block.lots[i] as number;
  const isSigned = kind === ROW.funding;
  if (Number.isSafeInteger(lots) && (isSigned || lots >= 0) && Math.abs(tick) <= MAX_TICKS) return;
  const expected = "whole lots and a price in ticks";
  throw new Fault("FAULT_INPUT", { path: "session.row", value: { kind, tick, lots }, expected });
}

/** A report that no order store or ledger takes must not be in the journal either. @throws `FAULT_INPUT` */
export function checkReport(cells: Float64Array, offset: number, strategies: number): void {
  const kind = cells[offset + FIELD.kind] as number;
  const lots = cells[offset + FIELD.lots] as number;
  const ticks = cells[offset + FIELD.priceTicks] as number;
  const strategy = cells[offset + FIELD.row] as number;
  const isKind = Number.isInteger(kind) && kind >= 0 && kind <= REPORT.timeout;
  const isWhole = Number.isSafeInteger(lots) && Number.isSafeInteger(ticks) && Math.abs(ticks) <= MAX_TICKS;
  const isBooked = kind !== REPORT.foreign || (lots !== 0 && strategy >= 0 && strategy < strategies);
  const isSized = kind !== REPORT.restated || lots > 0;
  if (isKind && isWhole && isBooked && isSized && areNumbers(cells, offset)) return;
  const value = { kind, strategy, lots, ticks };
  throw new Fault("FAULT_INPUT", {
    path: "session.report",
    value,
    expected: "a report in whole lots and ticks",
  });
}

/** Whether ids are whole and times are times: a search for an id without end does not end. */
function areNumbers(cells: Float64Array, offset: number): boolean {
  for (const field of WHOLE) if (!Number.isSafeInteger(cells[offset + field])) return false;
  for (const field of TIMES) if (!(Math.abs(cells[offset + field] as number) <= TIME_MAX)) return false;
  return true;
}
