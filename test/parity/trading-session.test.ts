import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import type { KernelRisk } from "../../src/kernel/index.ts";
import { FIRM_SCOPE, KillLatch, KillScopes } from "../../src/risk/index.ts";
import { replaySession, SESSION, TradingSession } from "../../src/run/index.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { feedRow, INSTRUMENTS, RequestDoor, sessionOptions, tellSession } from "../fixtures/session-desk.ts";
import { SessionVenue } from "../fixtures/session-venue.ts";

const STEP_NS = 50_000;

/** Runs a session with a venue that misbehaves; `between` is asked before each step. */
function runSession(
  seed: number,
  steps: number,
  options = sessionOptions(),
  between = (_step: number): void => {},
) {
  const journal = new MemoryJournal();
  const venue = new SessionVenue(seed, INSTRUMENTS.length);
  const session = new TradingSession(options, journal);
  let early = 0;
  for (const i of INSTRUMENTS.keys()) {
    const leave = new RequestDoor(i, (request) => {
      if (journal.durableSeq < journal.lastSeq) early += 1;
      venue.take(request);
    });
    session.connect(i, leave);
  }
  const rng = new Prng(seed);
  session.start(0);
  for (let step = 1; step <= steps; step++) {
    between(step);
    const now = step * STEP_NS;
    feedRow(session, rng, now);
    if (rng.float() < 0.3) venue.trade();
    const word = rng.float() < 0.8 ? venue.next() : undefined;
    if (word !== undefined) tellSession(session, word, now);
    if (rng.float() < 0.001) session.disconnected(rng.below(2), now);
    if (rng.float() < 0.05) session.idle(now);
  }
  for (let word = venue.next(); word !== undefined; word = venue.next())
    tellSession(session, word, steps * STEP_NS);
  const runHash = session.stop(steps * STEP_NS);
  return { session, journal, venue, runHash, early };
}

describe("a trading session", () => {
  it.each([1, 2, 3, 4, 5])("is run again from its journal alone (seed %i)", (seed) => {
    const { journal, venue, session, runHash, early } = runSession(seed, 6000);
    expect(early).toBe(0);
    expect(venue.repeated).toEqual([]);
    expect(venue.orders.size).toBeGreaterThan(50);
    const { kernel } = session;
    expect(Array.from(kernel.ledger.positionLots)).toEqual(venue.positions);
    expect(kernel.settlement.staleReports).toBe(0);
    const replay = replaySession(journal.records, sessionOptions());
    expect(replay.difference).toBeUndefined();
    expect(replay.sendDifference).toBeUndefined();
    expect(replay).toMatchObject({ isIdentical: true, runHash, recordedHash: runHash });
  });

  it("commits once for each turn that sends, whatever it sends", () => {
    const { journal } = runSession(1, 3000);
    const turns = new Set<number>();
    let input = 0;
    for (const { type } of journal.records) {
      if (type >= SESSION.row && type <= SESSION.event) input += 1;
      if (type === SESSION.sending) turns.add(input);
    }
    const sends = journal.records.filter(({ type }) => type === SESSION.sending).length;
    expect(sends).toBeGreaterThan(turns.size);
  });

  it("records the kill latch as its decisions saw it, and stops at the door what was decided before", () => {
    const scopes = new KillScopes({});
    const latch = new KillLatch(scopes.size);
    const base = sessionOptions();
    const made = () => sessionOptions({ risk: { ...base.risk, kill: { latch, scopes } } as KernelRisk });
    const { journal, session, runHash } = runSession(3, 4000, made(), (step) => {
      if (step === 1500) latch.set(FIRM_SCOPE, 2);
      if (step === 2500) latch.clear(FIRM_SCOPE);
    });
    const replay = replaySession(journal.records, made());
    expect(replay).toMatchObject({ isIdentical: true, runHash });
    expect(session.kernel.gate.parts.latch.read()).not.toBe(0);
  });
});
