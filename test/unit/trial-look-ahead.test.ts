import { describe, expect, it } from "vitest";
import { Backtester } from "../../src/run/index.ts";
import { generateDepthTape } from "../../src/sim/index.ts";
import { MovingAverageMomentum } from "../../src/strategies/index.ts";
import { alterTape, checkWarmUp, findLookAhead, type TrialOptions, WORLDS } from "../../src/trial/index.ts";
import { CLEAN, depthStrategy, LEAKS } from "../fixtures/leaky-strategies.ts";
import { barMarket } from "../fixtures/sweep-bars.ts";

const tapes = [barMarket(250, 11)];
const depth = generateDepthTape({
  instrument: { symbol: "SIM", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" },
  ...{ seed: 3, priceTicks: 600_000, durationNs: 15_000_000_000 },
});

describe("a search for look-ahead", () => {
  it.each(LEAKS)("finds $name", ({ make, callback, name }) => {
    const { leaks, decisions } = findLookAhead({ make, tapes });
    expect(decisions).toBeGreaterThan(0);
    expect(leaks.map((leak) => leak.callback)).toContain(callback);
    expect(leaks[0]?.kind).toBe(name.includes("earlier run") ? "carried" : "future");
  });

  it.each(CLEAN)("finds nothing in $name", ({ make }) => {
    const { leaks, decisions, compared, runs } = findLookAhead({ make, tapes });
    expect(leaks).toEqual([]);
    expect(decisions).toBeGreaterThan(0);
    expect(compared).toBeGreaterThan(0);
    expect(runs).toBe(38);
  });

  it("finds it over depth, and nothing where nothing is", () => {
    const leaks = findLookAhead({ make: depthStrategy(true), tapes: [depth], cuts: 12 });
    expect(leaks.leaks[0]).toMatchObject({ kind: "future", callback: "onTrade", strategy: 0 });
    const clean = findLookAhead({ make: depthStrategy(false), tapes: [depth], cuts: 12 });
    expect(clean.leaks).toEqual([]);
    expect(clean.compared).toBeGreaterThan(100);
  });

  it("says when, what was asked for, and what in the other world", () => {
    const [next] = LEAKS;
    const { leaks } = findLookAhead({ make: next?.make as TrialOptions["make"], tapes, cuts: 6 });
    for (const leak of leaks) {
      expect(leak.ns).toBeLessThanOrEqual(leak.cutNs);
      expect(leak.asked).not.toBe(leak.otherwise);
      expect(WORLDS).toContain(leak.world);
    }
  });

  it("changes nothing of the backtest that it watches", () => {
    const make = CLEAN[0]?.make as TrialOptions["make"];
    const seen: number[] = [];
    findLookAhead({ make, tapes, cuts: 1, onProgress: (done) => seen.push(done) });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    const alone = new Backtester(make(tapes)).runToEnd();
    expect(new Backtester(make(tapes)).runToEnd().runHash).toBe(alone.runHash);
  });

  it.each([
    ["no function", { make: 5 }, "lookAhead.make"],
    ["no tapes", { tapes: [] }, "lookAhead.tapes"],
    ["a tape too short", { tapes: [barMarket(3)] }, "lookAhead.tapes[0]"],
    ["no moments", { cuts: 0 }, "lookAhead.cuts"],
    ["an unknown word", { world: "cut" }, "lookAhead.world"],
  ])("refuses %s", (_name, other, path) => {
    const make = CLEAN[0]?.make as TrialOptions["make"];
    expect(() => findLookAhead({ make, tapes, ...other } as TrialOptions)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });
});

describe("a tape with another future", () => {
  it.each(WORLDS)("is the same before its moment, %s behind it", (world) => {
    for (const tape of [...tapes, depth]) {
      const { fromNs, toNs, baseNs } = tape.meta;
      const cutNs = Number((BigInt(fromNs) + BigInt(toNs)) / 2n - BigInt(baseNs));
      const altered = alterTape(tape as never, cutNs, world, 5);
      expect(altered.fromNs).toBeGreaterThanOrEqual(cutNs);
      const seen = (source: typeof tape | typeof altered.tape): [string[], string[]] => {
        const [before, behind]: [string[], string[]] = [[], []];
        const make = {
          markets: [{ tape: source as never }],
          cash: source.meta.schema === "bars" ? { USD: "1" } : { USDT: "1" },
        };
        new Backtester({
          ...make,
          strategies: [
            {
              onBar: (bar, ctx) =>
                void (bar.closeNs < altered.fromNs ? before : behind).push(`${ctx.clock.ns} ${bar.close}`),
              onTrade: (trade, ctx) =>
                void (trade.exchNs < altered.fromNs ? before : behind).push(
                  `${ctx.clock.ns} ${trade.priceTicks} ${trade.lots}`,
                ),
            },
          ],
        }).runToEnd();
        return [before, behind];
      };
      const [mine, theirs] = [seen(tape), seen(altered.tape)];
      expect(theirs[0]).toEqual(mine[0]);
      expect(mine[0].length).toBeGreaterThan(5);
      expect(theirs[1]).not.toEqual(mine[1]);
      if (world === "cut") expect(theirs[1].length).toBeLessThanOrEqual(1);
      else expect(theirs[1].length).toBeGreaterThan(5);
    }
  });
});

describe("a check of the warm-up", () => {
  const momentum = (warmup: number): TrialOptions["make"] => {
    return ([tape]) => {
      const strategy = new MovingAverageMomentum({ instrument: "ABC", fast: 2, slow: 20 });
      Object.defineProperty(strategy, "warmup", { value: warmup });
      return { markets: [{ tape: tape as never }], cash: { USD: "100000" }, strategies: [strategy] };
    };
  };

  /** Long while the close is above an average of its own; says nothing of a warm-up. */
  const average = (period: number, warmup?: number): TrialOptions["make"] => {
    return ([tape]) => {
      const closes: number[] = [];
      return {
        ...{ markets: [{ tape: tape as never }], cash: { USD: "100000" } },
        strategies: [
          {
            ...(warmup === undefined ? {} : { warmup }),
            onBar(bar, ctx) {
              closes.push(bar.close);
              const last = closes.slice(-period);
              const isAbove = bar.close > last.reduce((a, b) => a + b, 0) / last.length;
              const held = ctx.position("ABC").lots;
              if (isAbove && held === 0)
                ctx.submit({ instrument: "ABC", side: "buy", lots: 1, type: "market" });
              if (!isAbove && held > 0)
                ctx.submit({ instrument: "ABC", side: "sell", lots: held, type: "market" });
            },
          },
        ],
      };
    };
  };

  it("is quiet where it is long enough", () => {
    for (const make of [momentum(20), average(30, 30)]) {
      const report = checkWarmUp({ make, tapes: [barMarket(400, 3)] });
      expect(report.isEnough).toBe(true);
      expect(report.starts).toHaveLength(4);
      expect(Math.min(...report.starts.map(({ decisions }) => decisions))).toBeGreaterThan(5);
    }
  });

  it("names the callback where it is not, and how much would do", () => {
    const report = checkWarmUp({ make: average(30), tapes: [barMarket(400, 3)] });
    expect(report).toMatchObject({ warmup: 0, isEnough: false, enough: 32 });
    expect(report.starts.find(({ difference }) => difference !== undefined)?.difference).toMatchObject({
      ...{ strategy: 0, callback: "onBar" },
    });
    const short = checkWarmUp({ make: average(30, 8), tapes: [barMarket(400, 3)] });
    expect(short).toMatchObject({ warmup: 8, isEnough: false, enough: 32 });
  });

  it("finds what never forgets", () => {
    const make: TrialOptions["make"] = ([tape]) => {
      let bars = 0;
      return {
        ...{ markets: [{ tape: tape as never }], cash: { USD: "100000" } },
        strategies: [
          {
            onBar(bar, ctx) {
              if (++bars % 37 === 0)
                ctx.submit({ instrument: bar.instrument.key, side: "buy", lots: 1, type: "market" });
            },
          },
        ],
      };
    };
    expect(checkWarmUp({ make, tapes: [barMarket(400, 3)] })).toMatchObject({
      isEnough: false,
      enough: undefined,
    });
  });
});
