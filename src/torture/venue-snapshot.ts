import { checkKeys } from "../base/index.ts";
import { sideOf } from "../model/index.ts";
import type { CashRow, PositionRow, VenueFill, VenueOrder, VenueSnapshot } from "../recon/index.ts";
import type { TortureInstrument } from "./torture-market.ts";
import { TRUTH_STATE } from "./truth-orders.ts";
import type { VenueTruth } from "./venue-truth.ts";

/** What a snapshot is asked for. */
export interface SnapshotQuestion {
  /** Orders that must be in it whatever became of them; those the venue does not know are `notFound`. */
  readonly ids?: readonly number[];
  /** How long ago an order may have ended to be listed. A minute unless told. @units ns */
  readonly endedWithinNs?: number;
  /** Executions before this time of the venue's clock are left out. @units ns from the session's base */
  readonly fillsFromNs?: number;
}

const MINUTE_NS = 60e9;
const STATES = ["open", "open", "filled", "canceled", "rejected", "expired"] as const;

/** The client order id that belongs to an order's number. */
export function orderText(id: number): string {
  return `tw-${id}`;
}

/** The text of an execution's number. */
export function execText(execId: number): string {
  return String(execId);
}

/** What reconciliation calls an instrument. */
export function instrumentName(each: TortureInstrument): string {
  return each.name ?? each.instrument.key;
}

/**
 * The truth as a venue would tell it when asked: open orders and those that ended of late, executions, positions
 * and cash.
 *
 * `asOfNs` is the latest time the venue ever gave, so that no row is younger after its clock went back.
 *
 * @throws `FAULT_CONFIG` on an unknown key of the question.
 * @cost O(orders + executions); allocates.
 */
export function snapshotOf(
  truth: VenueTruth,
  scope: { readonly venue: string; readonly account: string },
  nowNs: number,
  toldNs: number,
  question: SnapshotQuestion = {},
): VenueSnapshot {
  checkKeys("snapshot", question, ["ids", "endedWithinNs", "fillsFromNs"]);
  const { ids = [], endedWithinNs = MINUTE_NS, fillsFromNs } = question;
  const asked = new Set(ids.map((id) => truth.orders.rowOf(id)));
  return {
    ...scope,
    asOfNs: toldNs,
    ...(truth.venueSeq > 0 ? { asOfSeq: truth.venueSeq } : {}),
    orders: ordersOf(truth, asked, nowNs - endedWithinNs, scope.venue),
    notFound: [...new Set(ids)].filter((id) => !isKnown(truth, truth.orders.rowOf(id))).map(orderText),
    fills: fillsOf(truth, scope.venue, fillsFromNs ?? Number.NEGATIVE_INFINITY),
    ...(fillsFromNs === undefined ? {} : { fillsFromNs }),
    fillsThroughNs: toldNs,
    positions: positionsOf(truth),
    cash: cashOf(truth),
  };
}

function ordersOf(
  truth: VenueTruth,
  asked: ReadonlySet<number>,
  endedFromNs: number,
  venue: string,
): readonly VenueOrder[] {
  const { orders } = truth;
  const rows: VenueOrder[] = [];
  for (let row = 0; row < orders.count; row++) {
    if (!isKnown(truth, row)) continue;
    const isRecent = (orders.changedNs[row] as number) >= endedFromNs;
    if (!orders.isOpen(row) && !isRecent && !asked.has(row)) continue;
    rows.push({
      orderId: `${venue}-${row + 1}`,
      clientOrderId: orderText(orders.id[row] as number),
      instrument: instrumentName(truth.instruments[orders.local[row] as number] as TortureInstrument),
      side: sideOf((orders.sideSign[row] as number) > 0 ? 1 : -1),
      priceTicks: orders.priceTicks[row] as number,
      lots: orders.lots[row] as number,
      cumLots: orders.cumLots[row] as number,
      state: STATES[orders.state[row] as number] as (typeof STATES)[number],
      updatedNs: orders.updatedNs[row] as number,
    });
  }
  return rows;
}

/** Whether the venue has a record of an order; one that was malformed left none. */
function isKnown(truth: VenueTruth, row: number): boolean {
  const { orders } = truth;
  if (row < 0 || (orders.local[row] as number) < 0 || orders.forgotten[row] === 1) return false;
  if (orders.state[row] !== TRUTH_STATE.rejected) return true;
  const isWhole = Number.isSafeInteger(orders.lots[row]) && (orders.lots[row] as number) > 0;
  const ticks = orders.priceTicks[row] as number;
  return isWhole && Number.isInteger(ticks) && ticks >= 0 && ticks < 1e9;
}

function fillsOf(truth: VenueTruth, venue: string, fromNs: number): readonly VenueFill[] {
  const { orders, executions } = truth;
  const fills: VenueFill[] = [];
  for (let exec = 0; exec < executions.count; exec++) {
    if ((executions.exchNs[exec] as number) < fromNs) continue;
    const order = executions.order[exec] as number;
    const each = truth.instruments[orders.local[order] as number] as TortureInstrument;
    const currency = each.instrument.quote.code;
    fills.push({
      execId: execText(exec + 1),
      orderId: `${venue}-${order + 1}`,
      clientOrderId: orderText(orders.id[order] as number),
      instrument: instrumentName(each),
      side: sideOf((orders.sideSign[order] as number) > 0 ? 1 : -1),
      priceTicks: executions.priceTicks[exec] as number,
      lots: executions.lots[exec] as number,
      venueNs: executions.exchNs[exec] as number,
      venueSeq: executions.venueSeq[exec] as number,
      cash: { currency, minor: truth.executionCash(exec) },
      fee: { currency, minor: executions.feeMinor[exec] as bigint },
      ...(executions.isLive(exec) ? {} : { isBusted: true }),
    });
  }
  return fills;
}

function positionsOf(truth: VenueTruth): readonly PositionRow[] {
  return truth.instruments.map((each, local) => {
    return { instrument: instrumentName(each), lots: truth.position[local] as number };
  });
}

function cashOf(truth: VenueTruth): readonly CashRow[] {
  const sums = new Map<string, bigint>();
  for (const [local, { instrument }] of truth.instruments.entries()) {
    const { code } = instrument.quote;
    sums.set(code, (sums.get(code) ?? 0n) + truth.cashMinor(local));
  }
  return [...sums].map(([currency, minor]) => ({ currency, minor }));
}
