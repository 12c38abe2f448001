import { type Instrument, money } from "../model/index.ts";
import { NO_LIMITS } from "../risk/index.ts";
import type { SessionOptions } from "../run/index.ts";
import type { Strategy } from "../strategy/index.ts";
import type { EngineEstate } from "./engine-parts.ts";

/** The largest order that the gate of a world lets through. @units lots */
export const ORDER_LOTS = 20;

/** What the session of a world differs in. */
export interface WorldSessionParts {
  readonly instruments: readonly Instrument[];
  readonly strategies: readonly Strategy[];
  readonly seed: number;
  readonly positionLotsMax: number;
  readonly snapshotEveryNs: number;
  readonly estate: EngineEstate;
}

/** What every life of a world's session is made from: its limits are those that the oracles know. */
export function worldSession(parts: WorldSessionParts): SessionOptions {
  const { instruments, strategies, seed, positionLotsMax, snapshotEveryNs, estate } = parts;
  const kill = { latch: estate.latch, scopes: estate.scopes };
  return {
    name: "torture",
    instruments,
    strategies,
    cash: [money(1_000_000_000_00n, "USD")],
    reporting: "USD",
    seed,
    baseNs: 1_700_000_000_000_000_000n,
    orderCapacity: 512,
    lingerNs: 5_000_000_000,
    snapshotEveryNs,
    risk: {
      currency: "USD",
      limits: [
        {
          level: "firm",
          limits: {
            ...NO_LIMITS,
            maxOrderLots: ORDER_LOTS,
            maxLongLots: positionLotsMax,
            maxShortLots: positionLotsMax,
            priceCollarBps: 2000,
          },
        },
      ],
      capital: [{ level: "firm", amount: "1000000000" }],
      hours: "always",
      status: "trusted",
      records: 4096,
      duplicates: { capacity: 512 },
      kill,
    },
  };
}
