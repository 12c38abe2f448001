import { describe, expect, it } from "vitest";
import type { Strategy } from "../../src/strategy/index.ts";
import { DAY, type Day, dayTape, depthTape, faultOf, runOver } from "../fixtures/run-tapes.ts";

const SECOND = 1_000_000_000;
const QUIET: Strategy = { onBook() {} };
const gapsOf = (ms: readonly number[]): number[] => ms.slice(1).map((at, i) => at - (ms[i] as number));

describe("samples of a depth run", () => {
  it("are one a second, quiet seconds too, from the first event to the last", () => {
    const { samples } = runOver(
      [
        {
          tape: depthTape([
            [500_000_000, "bid", 99, 1],
            [5 * SECOND + 250_000_000, "bid", 98, 1],
          ]),
        },
      ],
      QUIET,
    ).result;
    // The venue lived the first row 10 ns before we heard of it: the run starts there.
    expect(samples.ms).toEqual([499, 1000, 2000, 3000, 4000, 5000, 5250]);
    expect(samples.periodNs).toBe(SECOND);
  });

  it("tell what was true at their moment: everything up to it, nothing after", () => {
    const tape = depthTape([
      [100_000_000, "bid", 99, 50, 0],
      [100_000_000, "ask", 101, 50, 0],
      [1_000_000_000, "ask", 103, 50, 0],
      [1_000_000_000, "ask", 101, 0, 0],
      [1_000_000_001, "ask", 103, 0, 0],
      [1_000_000_001, "ask", 105, 9, 0],
      [3_000_000_000, "bid", 98, 1, 0],
    ]);
    const { result } = runOver([{ tape }], {
      onBook: (book, ctx) => {
        if (book.hasAsk && ctx.position("ABC").lots === 0 && ctx.openOrders().length === 0) {
          ctx.submit({ instrument: "ABC", side: "buy", lots: 10, type: "market" });
        }
      },
    });
    const { instruments, equity, exposure, ms } = result.samples;
    expect(ms).toEqual([100, 1000, 2000, 3000]);
    expect(instruments[0]?.price).toEqual([null, 1.01, 1.02, 1.02]);
    expect(instruments[0]?.position).toEqual([0, 10, 10, 10]);
    expect(equity).toEqual([1_000_000, 1_000_000, 1_000_000.1, 1_000_000.1]);
    expect(exposure[1]).toBeCloseTo(10.1, 9);
  });

  it("are at most 20,000, evenly spaced, with the first and the last", () => {
    const seconds = 90_000;
    const rows = [
      [SECOND / 2, "bid", 99, 1],
      [seconds * SECOND + 7, "bid", 98, 1],
    ] as const;
    const { samples } = runOver([{ tape: depthTape(rows) }], QUIET).result;
    const { ms, periodNs, equity, exposure, instruments } = samples;
    expect(ms.length).toBeLessThanOrEqual(20_000);
    expect(ms.length).toBeGreaterThan(10_000);
    expect(periodNs).toBe(8 * SECOND);
    expect(ms[0]).toBe(499);
    expect(ms.slice(1, 4)).toEqual([8_000, 16_000, 24_000]);
    expect(new Set(gapsOf(ms.slice(1, -1)))).toEqual(new Set([8_000]));
    expect([equity.length, exposure.length, instruments[0]?.price.length]).toEqual([
      ms.length,
      ms.length,
      ms.length,
    ]);
  });
});

describe("samples of a bar run", () => {
  it("are one a day that has bars", () => {
    const flat: Day = [1000, 1000, 1000, 1000, 5];
    const { samples } = runOver([{ tape: dayTape([flat, flat, flat]) }], { onBar() {} }).result;
    expect(samples.periodNs).toBe(DAY);
    expect(samples.ms.map((at) => at / 3_600_000)).toEqual([14.5, 24, 48, 69]);
  });

  it("are thinned where all of them stay on a doubled grid too", () => {
    const flat: Day = [1000, 1000, 1000, 1000, 5];
    const days = Array.from({ length: 30_000 }, () => flat);
    const { samples } = runOver([{ tape: dayTape(days) }], { onBar() {} }).result;
    expect(samples.ms.length).toBeLessThanOrEqual(20_000);
    expect(samples.periodNs).toBe(2 * DAY);
  });
});

describe("several currencies", () => {
  const flat: Day = [1000, 1000, 1000, 1000, 500];
  const markets = [
    { tape: dayTape([flat, flat], { symbol: "A" }) },
    { tape: dayTape([flat, flat], { symbol: "B", quote: "EUR" }) },
  ];

  it("are worth nothing by default: a position in one without a rate is a fault, never worth 1", () => {
    const run = (): unknown =>
      runOver(markets, {
        onBar: (_bar, ctx) => void ctx.submit({ instrument: "B", side: "buy", lots: 1, type: "market" }),
      });
    expect(faultOf(run)).toMatchObject({ code: "FAULT_INPUT", path: "rate.EUR" });
  });

  it("need no rate where nothing of them is held", () => {
    const { result } = runOver(markets, { onBar() {} });
    expect(result.money.finalEquity).toBe("1000000.00");
  });
});
