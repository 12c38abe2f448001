import { Fault } from "../base/index.ts";
import type { OrderTicket } from "../strategy/index.ts";

/** The version of every saved state here: 1 lacked the orders and the timers. */
export const SAVED_VERSION = 2;

/**
 * Checks a saved strategy: the version of today, and an object with exactly these fields.
 *
 * @throws `FAULT_INPUT` naming the strategy and the field.
 */
export function checkSaved(
  path: string,
  saved: { readonly version: number; readonly state: unknown },
  fields: readonly string[],
  current = SAVED_VERSION,
): Readonly<Record<string, unknown>> {
  const { version, state } = saved;
  if (version !== current) {
    const expected = `${current}`;
    throw new Fault("FAULT_INPUT", { path: `${path}.load.version`, value: version, expected });
  }
  const found = typeof state === "object" && state !== null ? Object.keys(state) : [];
  if (found.length === fields.length && fields.every((field) => found.includes(field))) {
    return state as Readonly<Record<string, unknown>>;
  }
  throw new Fault("FAULT_INPUT", {
    path: `${path}.load.state`,
    value: found,
    expected: `an object with ${fields.join(", ")}`,
  });
}

/** What a part of a strategy saved. @throws `FAULT_INPUT` naming the field of what is none */
export function checkPart(
  path: string,
  saved: unknown,
): { readonly version: number; readonly state: unknown } {
  const isPart = typeof saved === "object" && saved !== null && "version" in saved && "state" in saved;
  if (isPart) return saved as { readonly version: number; readonly state: unknown };
  throw new Fault("FAULT_INPUT", { path, value: saved, expected: "an object with version and state" });
}

/** Throws `FAULT_INPUT` unless a saved number is whole and at least `least`. */
export function savedInteger(path: string, value: unknown, least = Number.MIN_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  const expected = least === Number.MIN_SAFE_INTEGER ? "an integer" : `an integer of at least ${least}`;
  throw new Fault("FAULT_INPUT", { path, value, expected });
}

/** What is saved of an order that is out: its id, or null where there is none. */
export function savedOrder(ticket: OrderTicket | undefined): number | null {
  return ticket?.isOpen === true ? ticket.id : null;
}

/**
 * The open order of a saved id; undefined for null.
 *
 * @throws `FAULT_INPUT` naming the field where no such order is open.
 */
export function openOrder(path: string, id: unknown, open: readonly OrderTicket[]): OrderTicket | undefined {
  if (id === null) return undefined;
  const found = open.find((ticket) => ticket.id === id);
  if (found !== undefined) return found;
  const expected = `null or one of the open orders ${open.map((ticket) => ticket.id).join(", ")}`;
  throw new Fault("FAULT_INPUT", { path, value: id, expected });
}

/**
 * The open orders of saved ids, in their order.
 *
 * @throws `FAULT_INPUT` naming the field: no list, more than `most`, an id twice or of no open order.
 */
export function openOrders(
  path: string,
  ids: unknown,
  open: readonly OrderTicket[],
  most: number,
): readonly OrderTicket[] {
  if (Array.isArray(ids) && ids.length <= most && new Set(ids).size === ids.length && !ids.includes(null)) {
    return ids.map((id, i) => openOrder(`${path}[${i}]`, id, open) as OrderTicket);
  }
  throw new Fault("FAULT_INPUT", { path, value: ids, expected: `at most ${most} ids of orders, each once` });
}
