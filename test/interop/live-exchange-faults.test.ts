import { expect, it } from "vitest";
import { FAULT_CLASSES, PHASES } from "../fixtures/live-exchange-faults.ts";
import { playAll, scenarios, tableOf } from "../fixtures/live-exchange-fleet.ts";

/** Each class of faults once; `LIVE_SCENARIOS=600` plays each in every phase, several times. */
const COUNT = Number(process.env["LIVE_SCENARIOS"] ?? FAULT_CLASSES.length);
const SEED = Number(process.env["LIVE_SEED"] ?? 1);
const WORLDS = Number(process.env["LIVE_WORLDS"] ?? 4);

it(
  "ends in the venue's truth after every fault, in whatever it strikes: nothing twice, nothing lost, nothing unknown",
  async () => {
    const results = await playAll(scenarios(COUNT, SEED), { worlds: WORLDS, seed: SEED });
    console.log(tableOf(results));
    expect(results.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    expect(results.length).toBe(COUNT);
    expect(new Set(results.map(({ fault }) => fault)).size).toBe(Math.min(COUNT, FAULT_CLASSES.length));
    expect(new Set(results.map(({ phase }) => phase)).size).toBe(Math.min(COUNT, PHASES.length));
    // A fault that strikes nothing proves nothing: messages of a market may end before they are struck.
    expect(results.filter(({ struck }) => struck).length).toBeGreaterThanOrEqual(Math.floor(COUNT * 0.95));
  },
  60_000 + COUNT * 30_000,
);
