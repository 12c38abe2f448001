import { Fault } from "../base/index.ts";

/** The side of an order, or of the aggressor of a trade. */
export type Side = "buy" | "sell";

/** A side as a number on the hot path: +1 buys, -1 sells. */
export type SideSign = 1 | -1;

/**
 * +1 for a buy, -1 for a sell.
 *
 * @throws `FAULT_INPUT` on any other word: a misspelt buy must not sell.
 */
export function sideSign(side: Side): SideSign {
  if (side === "buy") return 1;
  if (side === "sell") return -1;
  throw new Fault("FAULT_INPUT", { path: "side", value: side, expected: "buy or sell" });
}

/** The side of a sign: above 0 buys. */
export function sideOf(sign: number): Side {
  return sign > 0 ? "buy" : "sell";
}

/**
 * The other side.
 *
 * @throws `FAULT_INPUT` on any word that is no side.
 */
export function opposite(side: Side): Side {
  return sideSign(side) === 1 ? "sell" : "buy";
}
