import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { MESSAGE_FIELD, REPORT } from "../../src/model/index.ts";
import { Backtester, type BacktestOptions, replaySession, SESSION } from "../../src/run/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { DAY } from "../fixtures/run-tapes.ts";
import { smallBarOptions, smallDepthOptions } from "./small-run.ts";

/** The same name and parameters, and blind once: the fifth time it is asked. */
class Forgetful extends BusyStrategy {
  #asked = 0;

  constructor({ periodNs }: { readonly periodNs: number }) {
    super(periodNs);
  }

  override onTimer(...args: Parameters<BusyStrategy["onTimer"]>): void {
    this.#asked += 1;
    if (this.#asked !== 5) super.onTimer(...args);
  }

  override onBar(...args: Parameters<BusyStrategy["onBar"]>): void {
    this.#asked += 1;
    if (this.#asked !== 5) super.onBar(...args);
  }
}

/** The code of the same session. */
function codeOf(make: () => BacktestOptions) {
  return { strategies: make().strategies };
}

function record(make: () => BacktestOptions) {
  const journal = new MemoryJournal();
  const result = new Backtester({ ...make(), journal }).runToEnd();
  return { journal, result };
}

const RUNS = { depth: smallDepthOptions, bars: smallBarOptions };

describe.each(Object.entries(RUNS))("a recorded session (%s)", (_, make) => {
  it("comes to the same hash as an unrecorded run", () => {
    expect(record(make).result.runHash).toBe(new Backtester(make()).runToEnd().runHash);
  });

  it("is run again from its journal alone: every effect, everything sent, one hash", () => {
    const { journal, result } = record(make);
    const replay = replaySession(journal.records, codeOf(make));
    expect(replay).toMatchObject({
      isIdentical: true,
      runHash: result.runHash,
      recordedHash: result.runHash,
    });
    expect(replay.effects).toBeGreaterThan(100);
    expect(replay.effects).toBe(replay.kernel.effects.count);
    const inputs = journal.records.filter(({ type }) => type >= SESSION.row && type <= SESSION.event);
    expect(replay.inputs).toBe(inputs.length);
    expect(journal.durableSeq).toBe(journal.lastSeq);
  });

  it("was durable before anything left", () => {
    const journal = new MemoryJournal();
    const backtester = new Backtester({ ...make(), journal });
    let [sent, late] = [0, 0];
    for (const venue of backtester.venues) {
      if (!("requests" in venue)) continue;
      const push = venue.requests.push.bind(venue.requests);
      venue.requests.push = (...args: Parameters<typeof push>) => {
        sent += 1;
        if (journal.durableSeq !== journal.lastSeq) late += 1;
        return push(...args);
      };
    }
    backtester.runToEnd();
    expect(late).toBe(0);
    if (sent > 0) expect(journal.commits).toBeGreaterThanOrEqual(sent);
  });

  it("tells the first effect that differs, where the strategy is not the same", () => {
    const { journal } = record(make);
    const options = codeOf(make);
    const strategies = options.strategies.map((strategy, i) =>
      i === 0 ? new Forgetful(strategy.params as { periodNs: number }) : strategy,
    );
    const replay = replaySession(journal.records, { ...options, strategies });
    expect(replay.isIdentical).toBe(false);
    const { recorded, replayed } = replay.difference ?? {};
    expect([recorded?.kind, replay.difference?.at]).toEqual(["submitted", replay.effects]);
    expect(recorded).not.toEqual(replayed);
    expect(replay.sendDifference?.recorded).toBeDefined();
  });

  it("faults for options it was not made from", () => {
    const { journal } = record(make);
    const options = codeOf(make);
    expect(() => replaySession(journal.records, { ...options, strategies: [new BusyStrategy(1)] })).toThrow(
      "FAULT_JOURNAL_FORMAT session.strategies",
    );
    expect(() => replaySession([], options)).toThrow('FAULT_JOURNAL_FORMAT session: found "no record"');
    expect(() => replaySession(journal.records.slice(1), options)).toThrow("FAULT_JOURNAL_FORMAT session:");
  });

  it("tells an input that was altered by what it led to, or by the hash", () => {
    const { journal } = record(make);
    const kindOf = (payload: Uint8Array) =>
      new DataView(payload.buffer).getFloat64(16 + 8 * MESSAGE_FIELD.kind, true);
    const fills = journal.records.filter(
      ({ type, payload }) => type === SESSION.report && kindOf(payload) === REPORT.trade,
    );
    const { seq, payload } = fills[fills.length >> 1] as (typeof fills)[number];
    const altered = payload.slice();
    const view = new DataView(altered.buffer);
    const price = 16 + 8 * MESSAGE_FIELD.priceTicks;
    view.setFloat64(price, view.getFloat64(price, true) + 1, true);
    const records = journal.records.map((each) => (each.seq === seq ? { ...each, payload: altered } : each));
    try {
      expect(replaySession(records, codeOf(make)).isIdentical).toBe(false);
    } catch (error) {
      expect(error).toBeInstanceOf(Fault);
    }
  });
});

describe("how often equity is looked at", () => {
  it("changes nothing of a run, the fraction of a split included", () => {
    const hashes = [DAY, 7 * DAY, DAY / 8].map(
      (sampleNs) => new Backtester({ ...smallBarOptions(), sampleNs }).runToEnd().runHash,
    );
    expect(new Set(hashes).size).toBe(1);
  });
});

describe("a session that was cut off", () => {
  it("leaves what may have been sent, at every cut", () => {
    const { journal } = record(smallDepthOptions);
    const sends = journal.records.flatMap(({ type }, i) => (type === SESSION.sending ? [i] : []));
    for (const at of sends.filter((_, i) => i % 40 === 0)) {
      const replay = replaySession(journal.records.slice(0, at + 1), codeOf(smallDepthOptions));
      expect(replay.isIdentical).toBe(true);
      const last = journal.records[at] as (typeof journal.records)[number];
      const id = new DataView(last.payload.buffer).getFloat64(8, true);
      expect(replay.unanswered.map((item) => item.id)).toContain(id);
      // Before the send was durable nothing may have left: the replay makes it, the journal has no word of it.
      const before = replaySession(journal.records.slice(0, at), codeOf(smallDepthOptions));
      expect(before.isIdentical).toBe(true);
    }
  });
});
