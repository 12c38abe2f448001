import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { END } from "../../src/torture/index.ts";
import { MS, SECOND, SessionWorld } from "./torture-session-world.ts";

const probability = fc.double({ min: 0, max: 0.3, noNaN: true });
const faults = fc.record({
  drop: probability,
  duplicate: probability,
  reorder: probability,
  reorderNs: fc.integer({ min: 0, max: 50 * MS }),
  delay: probability,
  delayNs: fc.integer({ min: 0, max: 500 * MS }),
  corrupt: probability,
  readPerSecond: fc.constantFrom(0, 0, 20, 1000),
});
const end = fc.constantFrom(END.client, END.venue);
const sending = fc.record({ do: fc.constant("send"), end, count: fc.integer({ min: 1, max: 40 }) });
const trouble = fc.record({
  do: fc.constantFrom("cut", "cut", "halfOpen", "disconnect", "unreachable", "reachable", "skip", "pause"),
  end,
  count: fc.integer({ min: 1, max: 40 }),
});
const forgetting = fc.record({ do: fc.constant("forget"), end, count: fc.constant(0) });
const crashing = fc.record({
  do: fc.constantFrom("crashReset", "crashResume", "machineReset", "machineResume"),
  end,
  count: fc.integer({ min: 0, max: 5 }),
});
type Act = { do: string; end: 0 | 1; count: number };

const after = (act: fc.Arbitrary<Act>) =>
  fc.record({
    waitNs: fc.oneof(fc.integer({ max: 20 * MS, min: 0 }), fc.integer({ min: 0, max: 4 * SECOND })),
    act,
  });
const plan = (...acts: fc.WeightedArbitrary<Act>[]) =>
  fc.array(after(fc.oneof(...acts)), { maxLength: 40, size: "max" });

function perform(world: SessionWorld, act: Act): void {
  const session = act.end === END.client ? world.client : world.venue;
  if (act.do === "send") world.send(act.end, act.count);
  else if (act.do === "cut") world.connection.cut();
  else if (act.do === "halfOpen") world.connection.halfOpen(act.end);
  else if (act.do === "disconnect") session.disconnect();
  else if (act.do === "unreachable") world.connection.isReachable = false;
  else if (act.do === "reachable") world.connection.isReachable = true;
  else if (act.do === "skip") session.skipSequence(act.count);
  else if (act.do === "pause") session.pause(world.scheduler.nowNs[0]! + act.count * 100 * MS);
  else if (act.do === "forget") world.venue.forgetSequence();
  else {
    const saved = world.client.saved();
    const nextIn = Math.max(1, saved.nextIn - act.count);
    const isResumed = act.do.endsWith("Resume") && saved.generation > 0;
    world.crash(act.do.startsWith("machine"), isResumed ? { ...saved, nextIn } : undefined);
  }
}

/** Lets everything be well again; the time until the session is up, Infinity where it never is. */
function recover(world: SessionWorld): number {
  world.setFaults({});
  world.connection.isReachable = true;
  const fromNs = world.scheduler.nowNs[0]!;
  const stepNs = 50 * MS;
  let upNs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 600; i++) {
    world.run(stepNs);
    if (!world.isUp) upNs = Number.POSITIVE_INFINITY;
    else if (upNs === Number.POSITIVE_INFINITY) upNs = world.scheduler.nowNs[0]! - fromNs;
  }
  return upNs;
}

/** Timeout and a tick, a pause of at most 4 s, and a last long wait for the next dial of up to 2 x 2 s. */
const UP_WITHIN_NS = 12 * SECOND;

function runPlan(
  seed: number,
  keep: number,
  steps: { waitNs: number; act: Act }[],
  wrong: object,
): SessionWorld {
  const world = new SessionWorld(seed, { keep, storesWhileDown: true });
  world.setFaults(wrong);
  let most = 0;
  for (const { waitNs, act } of steps) {
    world.run(waitNs);
    perform(world, act);
    most = Math.max(most, world.scheduler.size);
  }
  expect(most).toBeLessThan(3000);
  expect(recover(world)).toBeLessThan(UP_WITHIN_NS);
  expect(world.scheduler.size).toBeLessThan(20);
  expect(world.client.counts.sequenceErrors + world.venue.counts.sequenceErrors).toBe(0);
  return world;
}

function accountOf(world: SessionWorld) {
  return { client: world.client.counts, venue: world.venue.counts, faults: world.faults() };
}

describe("a session over a faulty connection", () => {
  it("delivers everything once and in order when nothing ends the numbering", () => {
    const steps = plan({ weight: 3, arbitrary: sending }, { weight: 1, arbitrary: trouble });
    fc.assert(
      fc.property(fc.nat(), steps, faults, (seed, all, wrong) => {
        const kept = all.filter(({ act }) => act.do !== "skip");
        const world = runPlan(seed, 2048, kept, wrong);
        expect(world.faults()).toEqual([]);
        expect(world.resets).toBe(0);
        expect(world.toVenue.seen[0]).toEqual(world.toVenue.sent.map(({ id }) => id));
        expect(world.toClient.seen[0]).toEqual(world.toClient.sent.map(({ id }) => id));
      }),
      { numRuns: 150 },
    );
  });

  it("names what it loses by resets, lost numbers and a store that is too small", () => {
    const steps = plan(
      { weight: 6, arbitrary: sending },
      { weight: 3, arbitrary: trouble },
      { weight: 1, arbitrary: forgetting },
    );
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(16, 64, 2048), steps, faults, (seed, keep, all, wrong) => {
        expect(runPlan(seed, keep, all, wrong).faults()).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("loses nothing unnamed over crashes of the client, with and without its numbers", () => {
    const steps = plan(
      { weight: 6, arbitrary: sending },
      { weight: 2, arbitrary: trouble },
      { weight: 1, arbitrary: forgetting },
      { weight: 2, arbitrary: crashing },
    );
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(64, 2048), steps, faults, (seed, keep, all, wrong) => {
        expect(runPlan(seed, keep, all, wrong).faults()).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("meets everything that can go wrong, over some fixed seeds", () => {
    const met: Record<string, number> = {};
    for (let seed = 0; seed < 30; seed++) {
      const steps = ["cut", "halfOpen", "skip", "forget", "crashReset", "crashResume"].flatMap((word) => [
        { waitNs: 3 * SECOND, act: { do: "send", end: END.venue, count: 20 } },
        { waitNs: 5 * MS, act: { do: "send", end: END.client, count: 20 } },
        { waitNs: 3 * MS, act: { do: word, end: END.client, count: 3 } },
      ]);
      const wrong = { drop: 0.2, duplicate: 0.05, reorder: 0.05, reorderNs: 5 * MS, corrupt: 0.05 };
      const { client, venue, faults } = accountOf(runPlan(seed, 1024, steps, wrong));
      expect(faults).toEqual([]);
      for (const counts of [client, venue]) {
        for (const [word, count] of Object.entries(counts)) met[word] = (met[word] ?? 0) + count;
      }
    }
    const never = Object.entries(met).filter(([word, count]) => count === 0 && word !== "sequenceErrors");
    expect(never).toEqual([]);
  });

  it("has one trace for one seed and plan, another for another seed", () => {
    const steps = plan({ weight: 3, arbitrary: sending }, { weight: 2, arbitrary: trouble });
    fc.assert(
      fc.property(fc.nat(), steps, faults, (seed, all, wrong) => {
        const hash = (of: number): string => runPlan(of, 256, all, wrong).scheduler.traceHash();
        const first = hash(seed);
        expect(hash(seed)).toBe(first);
        expect(hash(seed + 1)).not.toBe(first);
      }),
      { numRuns: 20 },
    );
  });
});
