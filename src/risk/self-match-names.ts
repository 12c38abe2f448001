import type { SelfMatchMode } from "./self-match.ts";

/**
 * The modes under the names of the venues: Binance, and tag 2964 of FIX 5.0 SP2; `undefined` where there is
 * none.
 */
export const SELF_MATCH_NAMES = [
  { mode: "none", binance: "NONE", fix2964: undefined },
  { mode: "cancelNewest", binance: "EXPIRE_TAKER", fix2964: 1 },
  { mode: "cancelOldest", binance: "EXPIRE_MAKER", fix2964: 2 },
  { mode: "cancelBoth", binance: "EXPIRE_BOTH", fix2964: 3 },
  { mode: "decrementAndCancel", binance: "DECREMENT", fix2964: undefined },
] as const satisfies readonly { mode: SelfMatchMode; binance: string; fix2964: number | undefined }[];
