import { type TimingSummary, timingSummary } from "../stat/index.ts";
import type { OrderLife } from "./trade-lives.ts";

/** How long the parts of an order's life took, in the order of {@link TIMING_KEYS}. */
export interface OrderTiming extends TimingSummary {
  readonly key: TimingKey;
}

/**
 * `entry`: submission to exchange. `response`: from there to our knowing. `ack`: both. `firstFill`: submission to the
 * report of the first fill. `cancelAck`: cancel to its report. `ageFilled`, `ageEnded`: at the exchange from arrival to
 * the end by the last fill, or by cancel or expiry.
 */
export const TIMING_KEYS = [
  "entry",
  "response",
  "ack",
  "firstFill",
  "cancelAck",
  "ageFilled",
  "ageEnded",
] as const;

/** A part of an order's life. */
export type TimingKey = (typeof TIMING_KEYS)[number];

const OF: Readonly<Record<TimingKey, (life: OrderLife) => number>> = {
  entry: ({ createdNs, arrivedNs }) => arrivedNs - createdNs,
  response: ({ arrivedNs, ackNs }) => ackNs - arrivedNs,
  ack: ({ createdNs, ackNs }) => ackNs - createdNs,
  firstFill: ({ createdNs, firstFillNs }) => firstFillNs - createdNs,
  cancelAck: ({ cancelNs, endNs, end }) => (end === "canceled" ? endNs - cancelNs : Number.NaN),
  ageFilled: ({ arrivedNs, endExchNs, end }) => (end === "filled" ? endExchNs - arrivedNs : Number.NaN),
  ageEnded: ({ arrivedNs, endExchNs, end }) =>
    end === "canceled" || end === "expired" ? endExchNs - arrivedNs : Number.NaN,
};

/** Each part that any order has. */
export function orderTimings(lives: Iterable<OrderLife>): readonly OrderTiming[] {
  const all = [...lives];
  return TIMING_KEYS.flatMap((key) => {
    // What did not happen has no time; a clock that stepped back tells none.
    const times = all.map(OF[key]).filter((ns) => ns >= 0);
    const summary = timingSummary(times);
    return summary === null ? [] : [{ key, ...summary }];
  });
}
