import { describe, expect, it } from "vitest";
import { PairQuoter, type PairQuoterOptions } from "../../src/algo/index.ts";
import { PairWorld } from "../fixtures/pair-world.ts";

const SECOND = 1_000_000_000;
const TERMS = {
  ...{ instrument: "ABC", lots: 5, spreadTicks: 4, maxSpreadTicks: 6, maxPositionLots: 10, skewTicks: 4 },
  staleNs: 2 * SECOND,
};

function quoting(more: Partial<PairQuoterOptions> = {}): PairWorld {
  const it = new PairWorld({ ...TERMS, ...more });
  it.told();
  for (const ticket of it.world.open()) it.accept(ticket);
  return it;
}

describe("PairQuoter", () => {
  it("quotes around the mid, leans when it is filled, and moves by cancel first", () => {
    const it = quoting();
    expect(it.world.take()).toEqual(["0 + buy 5 @ 9998 postOnly", "0 + sell 5 @ 10002 postOnly"]);
    const [bid, ask] = it.world.open();
    if (bid === undefined || ask === undefined) throw new Error("no pair");
    it.fill(bid, 5);
    // Half of the most is held: both go down by half of the skew.
    expect(it.world.take()).toEqual(["0 + buy 5 @ 9996 postOnly", "0 - 2"]);
    it.finish(ask, "canceled");
    expect(it.world.take()).toEqual(["0 + sell 5 @ 10000 postOnly"]);
  });

  it("quotes around a price that it is told, and refuses what is none", () => {
    const it = quoting({ skewTicks: 0 });
    it.world.take();
    const wrong = it.pair.quoteAround(Number.NaN, it.world);
    expect(wrong.ok ? "" : wrong.code).toBe("ALGO_LIMIT");
    expect(it.world.take()).toEqual([]);
    expect(it.pair.quoteAround(10_000.6, it.world).ok).toBe(true);
    // From 9998.6 down to 9998, where the bid is; from 10002.6 up to 10003.
    expect(it.world.take()).toEqual(["0 - 2"]);
    for (const ticket of it.world.open()) if (ticket.isPending) it.finish(ticket, "canceled");
    expect(it.world.take()).toEqual(["0 + sell 5 @ 10003 postOnly"]);
  });

  it("pulls both without word of the market, and with it quotes again", () => {
    const it = quoting();
    it.world.take();
    it.advance(2 * SECOND - 1);
    expect(it.world.take()).toEqual([]);
    it.advance(1);
    expect(it.world.take()).toEqual([`${2 * SECOND} - 1`, `${2 * SECOND} - 2`]);
    for (const ticket of it.world.open()) it.finish(ticket, "canceled");
    expect(it.world.take()).toEqual([]);
    it.told();
    expect(it.world.take().length).toBe(2);
  });

  it("leaves a quote within its tolerance, and one that is too young", () => {
    const it = quoting({ requoteTicks: 3, requoteNs: SECOND });
    it.world.take();
    it.world.quote(10_001, 10_003);
    it.told();
    expect(it.world.take()).toEqual([]);
    it.world.quote(10_002, 10_004);
    it.told();
    expect(it.world.take()).toEqual([]);
    it.advance(SECOND);
    expect(it.world.take()).toEqual([`${SECOND} - 1`, `${SECOND} - 2`]);
  });

  it("does not let a bid reach an own ask that can still fill", () => {
    const it = quoting({ skewTicks: 0 });
    const [bid] = it.world.open();
    if (bid === undefined) throw new Error("no bid");
    it.world.quote(10_009, 10_011);
    it.told();
    it.finish(bid, "canceled");
    it.world.take();
    it.told();
    // A bid at 10008 would meet the ask at 10002, which was asked back and may still fill.
    expect(it.world.take()).toEqual([]);
  });

  it("pulls, stops at a refusal that nothing can mend, and waits after others", () => {
    const it = quoting();
    it.pair.pull(it.world);
    expect(it.world.take().filter((note) => note.includes("-")).length).toBe(2);
    for (const ticket of it.world.open()) it.finish(ticket, "canceled");
    it.world.refuses = () => "RISK_RATE_SECOND";
    it.pair.quote(it.world);
    it.told();
    expect(it.world.take()).toEqual(["0 ! RISK_RATE_SECOND"]);
    it.world.refuses = () => "RISK_KILLED";
    it.advance(SECOND / 2);
    expect(it.world.take()).toEqual([`${SECOND / 2} ! RISK_KILLED`]);
    it.advance(SECOND);
    it.told();
    expect([it.world.take(), it.pair.stoppedBy]).toEqual([[], "RISK_KILLED"]);
  });

  it.each([
    [{ lots: 0 }, "lots"],
    [{ spreadTicks: 0 }, "spreadTicks"],
    [{ maxSpreadTicks: 3 }, "maxSpreadTicks"],
    [{ maxPositionLots: 4 }, "maxPositionLots"],
    [{ skewTicks: -1 }, "skewTicks"],
    [{ staleNs: 0 }, "staleNs"],
    [{ spread: 3 }, "spread"],
  ])("faults on %j", (wrong, path) => {
    expect(() => new PairQuoter({ ...TERMS, ...wrong })).toThrow(
      new RegExp(`FAULT_CONFIG pairQuoter.${path}`),
    );
  });

  it("faults on a state of another version, and on a quote that is not open", () => {
    const it = quoting();
    const saved = it.pair.onSave();
    const load = (version: number): void => new PairQuoter(TERMS).onLoad({ ...saved, version }, it.world);
    expect(() => load(2)).toThrow(/FAULT_INPUT pairQuoter.load.version/);
    expect(() => load(1)).not.toThrow();
    for (const ticket of it.world.open()) ticket.status = "canceled";
    expect(() => load(1)).toThrow(/FAULT_INPUT pairQuoter.load.bid/);
  });
});
