/** The side of an order, or of the aggressor of a trade. */
export type Side = "buy" | "sell";

/** A side as a number on the hot path: +1 buys, -1 sells. */
export type SideSign = 1 | -1;

/** +1 for a buy, -1 for a sell. */
export function sideSign(side: Side): SideSign {
  return side === "buy" ? 1 : -1;
}

/** The side of a sign: above 0 buys. */
export function sideOf(sign: number): Side {
  return sign > 0 ? "buy" : "sell";
}

/** The other side. */
export function opposite(side: Side): Side {
  return side === "buy" ? "sell" : "buy";
}
