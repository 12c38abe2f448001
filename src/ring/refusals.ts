import type { Refusal } from "../base/index.ts";

/** Every code the room `ring` can return, in order of precedence. */
export const RING_REFUSALS = ["RING_CONSUMERS_FULL", "RING_NO_CONSUMER", "RING_FULL"] as const;

/** A refusal code of the room `ring`. */
export type RingRefusalCode = (typeof RING_REFUSALS)[number];

/** A refusal of the room `ring`. */
export type RingRefusal = Refusal<RingRefusalCode>;
