import { Fault, type Refusal, refuse } from "../base/index.ts";
import { checkRow, list, type RowFault, type RowShape, RULE, row } from "./check-rows.ts";
import type { ReconRefusalCode } from "./refusals.ts";
import { isSoundFill, isSoundLocalOrder, isSoundVenueFill, isSoundVenueOrder } from "./sound-rows.ts";
import type { LocalView, VenueFill, VenueOrder, VenueSnapshot } from "./view.ts";

const CHAIN_MAX = 1024;
const CASH: RowShape = { required: { currency: RULE.text, minor: RULE.minor }, optional: {} };
const POSITION: RowShape = { required: { instrument: RULE.text, lots: RULE.signedLots }, optional: {} };
const TERMS = {
  instrument: RULE.text,
  side: RULE.side,
  priceTicks: RULE.ticks,
  lots: RULE.lots,
} as const;
const FILL: RowShape = {
  required: { execId: RULE.text, ...TERMS, venueNs: RULE.ns },
  optional: {
    orderId: RULE.text,
    clientOrderId: RULE.text,
    venueSeq: RULE.seq,
    cash: row(CASH),
    fee: row(CASH),
  },
};
const VENUE_FILL: RowShape = {
  required: FILL.required,
  optional: { ...FILL.optional, isBusted: RULE.flag, isMaker: RULE.flag },
};
const REQUEST: RowShape = {
  required: { kind: RULE.requestKind, clientOrderId: RULE.text, sentNs: RULE.ns },
  optional: { priceTicks: RULE.ticks, lots: RULE.lots },
};
const LOCAL_ORDER: RowShape = {
  required: {
    clientOrderIds: list(RULE.text, 1, CHAIN_MAX),
    ...TERMS,
    cumLots: RULE.cumLots,
    state: RULE.localState,
    sentNs: RULE.ns,
    requests: list(row(REQUEST), 0, CHAIN_MAX),
  },
  optional: { orderId: RULE.text, updatedNs: RULE.ns, updatedSeq: RULE.seq, isUnknown: RULE.flag },
};
const VENUE_ORDER: RowShape = {
  required: { orderId: RULE.text, ...TERMS, cumLots: RULE.cumLots, state: RULE.venueState },
  optional: { clientOrderId: RULE.text, originalClientOrderId: RULE.text, updatedNs: RULE.ns },
};
const [CASH_ROW, POSITION_ROW] = [row(CASH), row(POSITION)];
const [FILL_ROW, VENUE_FILL_ROW] = [row(FILL, isSoundFill), row(VENUE_FILL, isSoundVenueFill)];
const LOCAL_ORDER_ROW = row(LOCAL_ORDER, isSoundLocalOrder);
const VENUE_ORDER_ROW = row(VENUE_ORDER, isSoundVenueOrder);

/** Who both views must be about, and how long they may be. */
export interface ViewScope {
  readonly venue: string;
  readonly account: string;
  readonly rowsMax: number;
}

/**
 * Checks what the venue said, before anything is concluded from it.
 *
 * @refuses `RECON_FIELD_UNKNOWN`, `RECON_FIELD_MALFORMED` (NaN, negative lots, a missing field), `RECON_ROWS_EXCEEDED`,
 * `RECON_KEY_REPEATED`, `RECON_ACCOUNT_WRONG`, `RECON_AS_OF_CROSSED` (a row younger than the snapshot)
 */
export function checkSnapshot(venue: VenueSnapshot, scope: ViewScope): Refusal<ReconRefusalCode> | undefined {
  const fault = findSnapshotFault(venue, scope);
  return fault === undefined ? undefined : refuse(fault.code, fault.path, fault.value, fault.expected);
}

/** Checks our own view. @throws `FAULT_INPUT` naming the row and field: our own view is the program's duty. */
export function checkLocalView(local: LocalView, scope: ViewScope): void {
  const fault = findLocalFault(local, scope);
  if (fault === undefined) return;
  throw new Fault("FAULT_INPUT", { path: fault.path, value: fault.value, expected: fault.expected });
}

function findSnapshotFault(venue: VenueSnapshot, scope: ViewScope): RowFault | undefined {
  const most = scope.rowsMax;
  const shape: RowShape = {
    required: { venue: RULE.text, account: RULE.text, asOfNs: RULE.ns },
    optional: {
      asOfSeq: RULE.seq,
      orders: list(VENUE_ORDER_ROW, 0, most),
      notFound: list(RULE.text, 0, most),
      fills: list(VENUE_FILL_ROW, 0, most),
      fillsFromNs: RULE.ns,
      fillsThroughNs: RULE.ns,
      positions: list(POSITION_ROW, 0, most),
      cash: list(CASH_ROW, 0, most),
    },
  };
  return (
    checkRow("venue", venue, shape) ??
    findRepeated("venue.orders", venue.orders ?? [], (order) => order.orderId) ??
    findRepeated("venue.notFound", venue.notFound ?? [], (id) => id) ??
    findRepeatedRows("venue", venue) ??
    findStranger("venue", venue, scope) ??
    findCrossed(venue)
  );
}

function findLocalFault(local: LocalView, scope: ViewScope): RowFault | undefined {
  const most = scope.rowsMax;
  const shape: RowShape = {
    required: {
      venue: RULE.text,
      account: RULE.text,
      nowNs: RULE.ns,
      orders: list(LOCAL_ORDER_ROW, 0, most),
      fills: list(FILL_ROW, 0, most),
      positions: list(POSITION_ROW, 0, most),
      cash: list(CASH_ROW, 0, most),
    },
    optional: { askedNs: RULE.ns },
  };
  const fault = checkRow("local", local, shape);
  if (fault !== undefined) return fault;
  const [clientIds, requestIds, venueIds]: [string[], string[], string[]] = [[], [], []];
  for (const { clientOrderIds, requests, orderId } of local.orders) {
    for (const id of clientOrderIds) clientIds.push(id);
    for (const { clientOrderId } of requests) {
      requestIds.push(clientOrderId);
      // Those that stand in the chain are there already.
      if (!clientOrderIds.includes(clientOrderId)) clientIds.push(clientOrderId);
    }
    if (orderId !== undefined) venueIds.push(orderId);
  }
  return (
    findRepeated("local.orders.clientOrderIds", clientIds, (id) => id) ??
    findRepeated("local.orders.requests", requestIds, (id) => id) ??
    findRepeated("local.orders.orderId", venueIds, (id) => id) ??
    findRepeatedRows("local", local) ??
    findStranger("local", local, scope)
  );
}

function findRepeatedRows(path: string, view: Partial<LocalView> | VenueSnapshot): RowFault | undefined {
  return (
    findRepeated(`${path}.fills`, view.fills ?? [], (fill) => fill.execId) ??
    findRepeated(`${path}.positions`, view.positions ?? [], (position) => position.instrument) ??
    findRepeated(`${path}.cash`, view.cash ?? [], (cash) => cash.currency)
  );
}

function findRepeated<Row>(
  path: string,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): RowFault | undefined {
  if (rows.length < 2) return undefined;
  const seen = new Set<string>();
  for (const each of rows) {
    const key = keyOf(each);
    if (seen.has(key)) {
      return { code: "RECON_KEY_REPEATED", path, value: key, expected: "each key once" };
    }
    seen.add(key);
  }
  return undefined;
}

function findStranger(
  path: string,
  view: { readonly venue: string; readonly account: string },
  scope: ViewScope,
): RowFault | undefined {
  for (const field of ["venue", "account"] as const) {
    if (view[field] === scope[field]) continue;
    const value = view[field];
    return { code: "RECON_ACCOUNT_WRONG", path: `${path}.${field}`, value, expected: scope[field] };
  }
  return undefined;
}

/** A row that is younger than the snapshot it stands in, or a list that begins after it ends. */
function findCrossed(venue: VenueSnapshot): RowFault | undefined {
  const { asOfNs, asOfSeq, fillsFromNs, fillsThroughNs } = venue;
  const crossed = (path: string, value: unknown, expected: string): RowFault => {
    return { code: "RECON_AS_OF_CROSSED", path, value, expected };
  };
  const notAfter = `at most asOfNs ${asOfNs}`;
  const { orders = [], fills = [] } = venue;
  for (let i = 0; i < orders.length; i++) {
    const { updatedNs } = orders[i] as VenueOrder;
    if (updatedNs === undefined || updatedNs <= asOfNs) continue;
    return crossed(`venue.orders[${i}].updatedNs`, updatedNs, notAfter);
  }
  for (let i = 0; i < fills.length; i++) {
    const fill = fills[i] as VenueFill;
    if (fill.venueNs > asOfNs) return crossed(`venue.fills[${i}].venueNs`, fill.venueNs, notAfter);
    if (fill.venueSeq === undefined || asOfSeq === undefined || fill.venueSeq <= asOfSeq) continue;
    return crossed(`venue.fills[${i}].venueSeq`, fill.venueSeq, `at most asOfSeq ${asOfSeq}`);
  }
  if (fillsThroughNs !== undefined && fillsThroughNs > asOfNs) {
    return crossed("venue.fillsThroughNs", fillsThroughNs, notAfter);
  }
  if (fillsFromNs !== undefined && fillsFromNs > (fillsThroughNs ?? asOfNs)) {
    return crossed("venue.fillsFromNs", fillsFromNs, "not after the end of the list");
  }
  return undefined;
}
