import { expect, it } from "vitest";
import { FAULT_CLASSES, PHASES } from "../fixtures/live-exchange-faults.ts";
import { playAll, scenarios, tableOf } from "../fixtures/live-exchange-fleet.ts";

/** Some classes of faults in some phases; `LIVE_SCENARIOS=172` plays each in every phase. */
const COUNT = Number(process.env["LIVE_SCENARIOS"] ?? 0);
const SEED = Number(process.env["LIVE_SEED"] ?? 5);
const WORLDS = Number(process.env["LIVE_WORLDS"] ?? 4);
/** Faults that strike requests, and what ends or starves the websocket that carries them. */
const STRIKES = FAULT_CLASSES.filter(({ name }) => !/ of (reports|rows)$/.test(name));

it(
  "orders over the websocket API end in the venue's truth after every fault: nothing twice, nothing unknown",
  async () => {
    const few = STRIKES.map((fault, i) => ({
      ...{ fault, phase: PHASES[i % 3] as (typeof PHASES)[number], seed: SEED + i, dies: i % 6 === 5 },
    }));
    const all = COUNT > 0 ? scenarios(COUNT, SEED) : few;
    const results = await playAll(all, { worlds: WORLDS, seed: SEED, orders: "websocket" });
    console.log(tableOf(results));
    expect(results.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    expect(results.length).toBe(all.length);
    expect(results.filter(({ struck }) => struck).length).toBeGreaterThanOrEqual(
      Math.floor(all.length * 0.95),
    );
  },
  60_000 + Math.max(COUNT, 30) * 30_000,
);
