import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { MemoryTape } from "../../src/feed/index.ts";
import { type LeanFilesOptions, readLeanBars } from "../../src/host/index.ts";
import { BAR_ROW, BarBlock, formatNanos } from "../../src/model/index.ts";
import { Backtester } from "../../src/run/index.ts";

const data = process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const root = `${data}/lean/Data`;
const absent = !existsSync(root);
if (absent) console.warn("skipped: no Lean data at TICKWRIGHT_DATA/lean/Data");

/** The bars of a tape that fits one block. */
function load(tape: MemoryTape<BarBlock>): BarBlock {
  const block = new BarBlock();
  tape.read(0, block);
  return block;
}

function read(options: Omit<LeanFilesOptions, "root">): MemoryTape<BarBlock> {
  return readLeanBars({ root, ...options });
}

function actions(tape: MemoryTape<BarBlock>, kind: number): string[] {
  const block = load(tape);
  const told: string[] = [];
  for (let i = 0; i < block.n; i++) {
    if (block.kind[i] !== kind) continue;
    const date = formatNanos(BigInt(tape.meta.baseNs) + BigInt(block.openNs[i] as number)).slice(0, 10);
    told.push(
      kind === BAR_ROW.split ? `${date} ${block.open[i]}:${block.high[i]}` : `${date} ${block.volume[i]}`,
    );
  }
  return told;
}

describe.skipIf(absent)("Lean's own data", () => {
  test.each([
    ["equity", "spy", "daily", {}, 5_943, { dividends: 94 }],
    ["equity", "aapl", "daily", {}, 5_888, { dividends: 35, splits: 4 }],
    ["equity", "aapl", "daily", { actions: false }, 5_849, {}],
    ["crypto", "btcusd", "daily", {}, 1_318, {}],
    ["crypto", "btcusd", "minute", {}, 8_103, {}],
    ["crypto", "btcusd", "minute", { from: "2016-10-08", to: "2018-04-04" }, 3_804, {}],
    ["crypto", "btcusd", "minute", { quotes: "ask" }, 2_873, {}],
    ["forex", "eurusd", "daily", { quotes: "bid" }, 3_738, {}],
    ["equity", "spy", "minute", {}, 4_128, { actionsAfterEnd: 30, actionsBeforeStart: 64 }],
    ["equity", "spy", "minute", { quotes: "mid", actions: false }, 4_557, {}],
    [
      "equity",
      "spy",
      "minute",
      { actions: false, session: { openAt: "09:30", closeAt: "16:00" } },
      1_950,
      { outsideSession: 2_178 },
    ],
  ] as const)("%s %s %s %j: %i rows", (market, symbol, resolution, more, rows, counts) => {
    const { meta } = read({ market, symbol, resolution, ...more });
    expect(meta.rows).toBe(rows);
    expect(meta.counts).toEqual(counts);
  });

  test("the first and the last day of SPY", () => {
    const tape = read({ market: "equity", symbol: "SPY", resolution: "daily" });
    const block = load(tape);
    expect(formatNanos(BigInt(tape.meta.fromNs))).toBe("1998-01-02T21:00:00.000000000Z");
    expect(formatNanos(BigInt(tape.meta.toNs))).toBe("2021-03-31T20:00:00.000000000Z");
    const last = block.n - 1;
    expect([block.open[0], block.volume[0], block.factor[0]]).toEqual([973_100, 2_150_000, 0.6566606]);
    expect([block.close[last], block.factor[last]]).toEqual([3_963_300, 1]);
  });

  test("the splits of Apple", () => {
    expect(actions(read({ market: "equity", symbol: "aapl", resolution: "daily" }), BAR_ROW.split)).toEqual([
      "2000-06-21 2:1",
      "2005-02-28 2:1",
      "2014-06-09 7:1",
      "2020-08-31 4:1",
    ]);
  });

  test("the dividends of Apple and SPY, as they were declared", () => {
    const apple = actions(read({ market: "equity", symbol: "aapl", resolution: "daily" }), BAR_ROW.dividend);
    expect(apple.slice(0, 2)).toEqual(["2012-08-09 2650000", "2012-11-07 2650000"]);
    expect(apple.slice(-2)).toEqual(["2020-11-06 205000", "2021-02-05 205000"]);
    const spy = actions(read({ market: "equity", symbol: "spy", resolution: "daily" }), BAR_ROW.dividend);
    expect(spy).toHaveLength(94);
    expect(spy.filter((row) => row.startsWith("2018"))).toEqual([
      "2018-03-16 1100000",
      "2018-06-15 1250000",
      "2018-09-21 1330000",
      "2018-12-21 1435400",
    ]);
    for (const row of spy) expect(Number(row.split(" ")[1])).toBeLessThan(1_600_000);
  });
});

/** Buys `lots` at the first bar it may, and holds. */
function hold(tape: MemoryTape<BarBlock>, lots: number): ReturnType<Backtester["runToEnd"]> {
  let sent = false;
  const { symbol } = tape.meta.instrument;
  const backtester = new Backtester({
    markets: [{ tape }],
    strategies: [
      {
        name: "hold",
        onBar: (_bar, ctx) => {
          if (!sent) ctx.submit({ instrument: symbol, side: "buy", lots, type: "market" });
          sent = true;
        },
      },
    ],
    cash: { USD: "1000000" },
  });
  return backtester.runToEnd();
}

describe.skipIf(absent)("buying and holding", () => {
  test.each([
    ["spy", 100, 1],
    ["aapl", 10, 112],
  ])("%s: cash, dividends and shares are exact to the millionth", (symbol, lots, units) => {
    const tape = read({ market: "equity", symbol, resolution: "daily" });
    const block = load(tape);
    const result = hold(tape, lots);
    // The same by hand, in millionths: bought at the second day's open, split and paid as the rows say.
    let held = BigInt(lots);
    let dividends = 0n;
    const paid = BigInt(block.open[1] as number) * 100n * held;
    for (let i = 2; i < block.n; i++) {
      if (block.kind[i] === BAR_ROW.split) {
        held = (held * BigInt(block.open[i] as number)) / BigInt(block.high[i] as number);
      }
      if (block.kind[i] === BAR_ROW.dividend) dividends += held * BigInt(block.volume[i] as number);
    }
    const worth = held * BigInt(block.close[block.n - 1] as number) * 100n;
    expect(held).toBe(BigInt(lots * units));
    expect(result.positions[0]?.quantity).toBe(`${held}`);
    expect(millionths(result.money.dividends)).toBe(dividends);
    expect(millionths(result.money.finalEquity)).toBe(1_000_000_000_000n - paid + dividends + worth);
  });

  test.each([
    ["spy", 2e-6],
    ["aapl", 3e-5],
  ])("%s: the adjusted series grows as shares do whose dividends are reinvested", (symbol, tolerance) => {
    const block = load(read({ market: "equity", symbol, resolution: "daily" }));
    const forward = load(read({ market: "equity", symbol, resolution: "daily", adjusted: "forward" }));
    let units = 1;
    let close = block.close[0] as number;
    const last = block.n - 1;
    for (let i = 1; i < block.n; i++) {
      if (block.kind[i] === BAR_ROW.bar) close = block.close[i] as number;
      else if (block.kind[i] === BAR_ROW.split)
        units *= (block.open[i] as number) / (block.high[i] as number);
      // Reinvested at the close before, less the dividend: what the ex-date takes off the price.
      else units *= close / (close - (block.volume[i] as number) / 100);
    }
    const raw = (block.close[last] as number) / (block.close[0] as number);
    const adjusted = (raw * (block.factor[last] as number)) / (block.factor[0] as number);
    expect(Math.abs(adjusted / (raw * units) - 1)).toBeLessThan(tolerance);
    expect((forward.factor[last] as number) * raw).toBeCloseTo(adjusted, 9);
    expect(forward.factor[0]).toBe(1);
  });
});

function millionths(text: string): bigint {
  const [whole, part = ""] = text.split(".");
  return BigInt(`${whole}${part.padEnd(6, "0")}`);
}

describe.skipIf(absent)("a Lean folder", () => {
  test.each([
    ["a symbol that is not there", { symbol: "xyz", actions: false }, "FAULT_IO"],
    ["a factor file that is not there", { symbol: "xyz" }, 'factor_files/xyz.csv: found "no file"'],
    ["a day range of daily bars", { symbol: "spy", from: "2013-01-01" }, "FAULT_CONFIG lean.from"],
    [
      "a day that is none",
      { symbol: "spy", resolution: "minute", from: "2013-13-01" },
      "FAULT_CONFIG lean.from",
    ],
    [
      "days without a file",
      { symbol: "spy", resolution: "minute", from: "2014-01-01" },
      "files yyyyMMdd_trade.zip",
    ],
    ["an unknown option", { symbol: "spy", factor: true }, "FAULT_CONFIG lean.factor:"],
    ["a market it has not", { symbol: "spy", market: "futures" }, "FAULT_CONFIG lean.market"],
  ])("refuses %s", (_what, more, message) => {
    expect(() => read({ market: "equity", resolution: "daily", ...more } as never)).toThrow(message);
  });
});
