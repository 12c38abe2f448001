import { checkArray, checkChoice, checkKeys } from "../base/index.ts";
import { PHASES, type PhaseName } from "./phase.ts";

/** The order types that a phase can take, by their codes in `ORDER_TYPE`. */
export const PHASE_ORDER_TYPES = ["limit", "market", "stop", "stopLimit"] as const;

/** The times in force that a phase can take, by their codes in `TIME_IN_FORCE`. */
export const PHASE_TIMES_IN_FORCE = ["GTC", "IOC", "FOK", "DAY", "GTD", "atOpen", "atClose"] as const;

/** A word of {@link PHASE_ORDER_TYPES}. */
export type PhaseOrderType = (typeof PHASE_ORDER_TYPES)[number];

/** A word of {@link PHASE_TIMES_IN_FORCE}. */
export type PhaseTimeInForce = (typeof PHASE_TIMES_IN_FORCE)[number];

/** Which times in force a phase takes, by order type; a type that is left out is not taken at all. */
export type PhaseOrders = Readonly<Partial<Record<PhaseOrderType, readonly PhaseTimeInForce[]>>>;

const RESTING = ["GTC", "DAY", "GTD"] as const;
const IMMEDIATE = ["IOC", "FOK"] as const;
const ON_OPEN: PhaseOrders = {
  limit: [...RESTING, "atOpen", "atClose"],
  market: [...RESTING, "atOpen", "atClose"],
  stop: RESTING,
  stopLimit: RESTING,
};
const ON_CALL: PhaseOrders = {
  limit: [...RESTING, "atClose"],
  market: [...RESTING, "atClose"],
  stop: RESTING,
  stopLimit: RESTING,
};
const ON_MATCH: PhaseOrders = {
  limit: [...RESTING, ...IMMEDIATE],
  market: [...RESTING, ...IMMEDIATE],
  stop: [...RESTING, ...IMMEDIATE],
  stopLimit: [...RESTING, ...IMMEDIATE],
};

/**
 * Which orders may be sent in which phase, for a stock exchange with auctions.
 *
 * Immediate orders need matching; `atOpen` ends with the opening auction, `atClose` with the closing auction's
 * cut-off; outside of the regular session only limit orders trade. Cancels are always allowed and not listed.
 */
export const ORDER_PHASES: Readonly<Record<PhaseName, PhaseOrders>> = {
  closed: {},
  maintenance: {},
  break: {},
  postClose: {},
  preOpen: ON_OPEN,
  openingAuction: ON_OPEN,
  intradayAuction: ON_CALL,
  closingAuction: ON_CALL,
  lateTrading: { limit: [...RESTING, ...IMMEDIATE] },
  earlyTrading: { limit: [...RESTING, ...IMMEDIATE, "atOpen", "atClose"], market: ["atOpen", "atClose"] },
  preClose: ON_MATCH,
  continuous: {
    ...ON_MATCH,
    limit: [...RESTING, ...IMMEDIATE, "atClose"],
    market: [...RESTING, ...IMMEDIATE, "atClose"],
  },
};

/** What differs from {@link ORDER_PHASES} on a futures market without an order for the opening or the close. */
export const FUTURES_ORDER_PHASES: Readonly<Partial<Record<PhaseName, PhaseOrders>>> = {
  preOpen: { limit: RESTING, stop: RESTING, stopLimit: RESTING },
  break: { limit: RESTING, stop: RESTING, stopLimit: RESTING },
  continuous: ON_MATCH,
};

/** What a market that is closed keeps until it opens. */
const QUEUED: PhaseOrders = { limit: ["GTC", "GTD"], stop: ["GTC", "GTD"], stopLimit: ["GTC", "GTD"] };

/**
 * The table of a market as one mask a phase: bit `type * 8 + timeInForce` is set where the order is taken.
 *
 * @shape one int32 a phase, by {@link PHASE}
 * @throws `FAULT_CONFIG` on an unknown phase, order type or time in force.
 */
export function orderMasks(
  changes: Readonly<Partial<Record<PhaseName, PhaseOrders>>> = {},
  queuesWhenClosed = false,
): Int32Array {
  checkKeys("orderPhases", changes, PHASES);
  const closed = queuesWhenClosed ? { closed: QUEUED } : {};
  const table: Readonly<Record<PhaseName, PhaseOrders>> = { ...ORDER_PHASES, ...closed, ...changes };
  return Int32Array.from(PHASES, (phase) => maskOf(`orderPhases.${phase}`, table[phase]));
}

/**
 * Whether a mask of {@link orderMasks} takes an order; a code that does not exist is not taken.
 *
 * @cost O(1), no allocation.
 * @example
 * ```ts
 * import { ordersAllowed, orderMasks, PHASE } from "tickwright/calendar";
 * import { ORDER_TYPE, TIME_IN_FORCE } from "tickwright/model";
 * const masks = orderMasks();
 * ordersAllowed(masks[PHASE.openingAuction], ORDER_TYPE.limit, TIME_IN_FORCE.IOC); // => false
 * ordersAllowed(masks[PHASE.continuous], ORDER_TYPE.limit, TIME_IN_FORCE.IOC); // => true
 * ```
 */
export function ordersAllowed(mask: number, type: number, timeInForce: number): boolean {
  return (
    (type & 3) === type &&
    (timeInForce & 7) === timeInForce &&
    ((mask >>> (type * 8 + timeInForce)) & 1) === 1
  );
}

/**
 * Whether {@link ORDER_PHASES} takes an order in a phase; a calendar may differ: ask its `allows`.
 *
 * @cost O(1), no allocation.
 */
export function phaseAllows(phase: number, type: number, timeInForce: number): boolean {
  return ordersAllowed(DEFAULT_MASKS[phase] ?? 0, type, timeInForce);
}

const DEFAULT_MASKS = Int32Array.from(PHASES, (phase) => maskOf(phase, ORDER_PHASES[phase]));

function maskOf(path: string, orders: PhaseOrders): number {
  checkKeys(path, orders, PHASE_ORDER_TYPES);
  let mask = 0;
  for (const [type, name] of PHASE_ORDER_TYPES.entries()) {
    for (const time of checkArray(`${path}.${name}`, orders[name] ?? [], 0)) {
      mask |=
        1 <<
        (type * 8 + PHASE_TIMES_IN_FORCE.indexOf(checkChoice(`${path}.${name}`, time, PHASE_TIMES_IN_FORCE)));
    }
  }
  return mask;
}
