import type { ReportFee, TradingKernel } from "../kernel/index.ts";
import type { Instrument } from "../model/index.ts";
import { EXECUTION, type OrderStore } from "../order/index.ts";
import type { Break, VenueOrder } from "../recon/index.ts";
import type { ReconChange } from "./recon-changes.ts";
import type { KeptExecution, ReconFills } from "./recon-fills.ts";
import type { ReconHands, ReconNames } from "./recon-hands.ts";
import type { CarryResult, ReconMoment } from "./recon-moment.ts";
import type { ReconCard } from "./recon-orders.ts";
import type { ReconReports } from "./recon-reports.ts";

/** What executions that we booked are taken back or corrected with. */
export interface FillWork {
  readonly kernel: TradingKernel;
  readonly names: ReconNames;
  readonly fills: ReconFills;
  readonly reports: ReconReports;
  readonly hands: ReconHands;
  readonly moment: ReconMoment;
  readonly foreignStrategy: number;
  /** The row of an order that is held. */
  readonly rowOf: (id: number) => number | undefined;
}

/**
 * Takes back an execution that the venue busted or, a human said so, never had; of two contents under one id the
 * venue's counts from then on.
 */
export function carryFill(work: FillWork, each: Break, execId: string): CarryResult {
  const fill = work.fills.get(execId);
  if (fill === undefined) return "gone";
  return each.kind === "conflictingFill" ? correct(work, each, fill) : bust(work, fill);
}

/** An order was adopted: executions of it that are booked without an order that is held are booked to it. */
export function moveFills(work: FillWork, card: ReconCard, row: number, order: VenueOrder): CarryResult {
  const { fills, moment, names, reports, rowOf } = work;
  const ids = [order.clientOrderId, order.originalClientOrderId, card.clientOrderId];
  let result: CarryResult = "done";
  for (const fill of [...fills.all()]) {
    const isNamed = fill.clientOrderId !== null && ids.includes(fill.clientOrderId);
    const isOf = fill.orderId === order.orderId || isNamed;
    if (!isOf || (fill.id !== 0 && rowOf(fill.id) !== undefined)) continue;
    if (fill.number === 0) return "cumLots";
    const taken = takeBack(work, fill);
    if (taken !== "done") result = taken;
    const { number, execId, venueNs } = fill;
    const change = named(names, card.id, number, execId);
    reports.traded(row, fill, moment.nowNs, venueNs, change, otherFee(fill));
  }
  return result;
}

function bust(work: FillWork, fill: KeptExecution): CarryResult {
  const { moment, reports, rowOf } = work;
  const row = fill.id === 0 ? undefined : rowOf(fill.id);
  if (row === undefined) return takeBack(work, fill);
  reports.busted(row, fill, moment.nowNs, moment.asOfNs, otherFee(fill));
  return "done";
}

/** Takes back an execution whose order is no longer held: one the other way round, and both fees. */
function takeBack(work: FillWork, fill: KeptExecution): CarryResult {
  const { foreignStrategy, hands, kernel, moment, reports } = work;
  const { station, sign, lots, priceTicks, feeMinor, execId } = fill;
  const { nowNs, asOfNs } = moment;
  const change = { drop: execId };
  const other = otherFee(fill);
  const quote = (kernel.instruments[station] as Instrument).quote.code;
  const back = other === undefined ? undefined : { ...other, minor: -other.minor };
  const again = reports.foreign(
    station,
    foreignStrategy,
    -sign * lots,
    priceTicks,
    nowNs,
    asOfNs,
    change,
    back,
  );
  const minor = other === undefined ? again + (feeMinor ?? 0n) : 0n;
  if (minor === 0n) return "done";
  if (hands.adjust === undefined) return "noHand";
  return hands.adjust(quote, minor, execId) ? "done" : "refused";
}

/** What an execution was charged, where that was not in the quote currency. */
export function otherFee({ feeCurrency, feeMinor }: KeptExecution): ReportFee | undefined {
  return feeCurrency === undefined ? undefined : { currency: feeCurrency, minor: feeMinor ?? 0n };
}

function correct(work: FillWork, each: Break, fill: KeptExecution): CarryResult {
  const { foreignStrategy, moment, names, reports, rowOf } = work;
  const { instrument, side, priceTicks, lots, venueNs } = each.venue ?? {};
  const { station, sign, id } = fill;
  const own = sign > 0 ? "buy" : "sell";
  if (instrument !== names.instrument(station) || side !== own) return "wrongOrder";
  if (typeof priceTicks !== "number" || typeof lots !== "number") return "refused";
  const latestNs = Math.max(fill.latestNs, Number(venueNs));
  const right = { ...fill, priceTicks, lots, venueNs: Number(venueNs), latestNs };
  const row = id === 0 ? undefined : rowOf(id);
  const { nowNs } = moment;
  if (row !== undefined) {
    reports.corrected(row, fill.number, right, nowNs, right.venueNs, otherFee(fill));
    return "done";
  }
  const result = takeBack(work, fill);
  const change = { put: { ...right, id: 0, feeMinor: "0", feeCurrency: undefined } };
  reports.foreign(station, foreignStrategy, sign * lots, priceTicks, nowNs, right.venueNs, change);
  return result;
}

/** The change that an execution is kept under the venue's id of it, where its number says otherwise. */
export function named(names: ReconNames, id: number, number: number, execId: string): ReconChange {
  return names.execId(number, id) === execId ? {} : { rename: [id, number, execId] };
}

/** The number of the execution that a held correction waits for, by the correction's own; 0 where none waits. */
export function heldCorrection(store: OrderStore, row: number, number: number): number {
  const pool = store.executions;
  const node = nodeOf(store, row, number);
  return node >= 0 && pool.kind[node] === EXECUTION.heldCorrect ? (pool.refExecId[node] as number) : 0;
}

/** Whether an execution of that number is held and was taken back. */
export function isBusted(store: OrderStore, row: number, number: number): boolean {
  const node = nodeOf(store, row, number);
  return node >= 0 && store.executions.kind[node] === EXECUTION.busted;
}

function nodeOf({ executions, firstExecution }: OrderStore, row: number, number: number): number {
  let node = firstExecution[row] as number;
  while (node >= 0 && executions.execId[node] !== number) node = executions.next[node] as number;
  return node;
}
