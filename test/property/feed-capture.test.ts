import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkCapture, importCapture } from "../../src/feed/index.ts";
import { DepthBlock } from "../../src/model/index.ts";
import { capture, diff, line, quote, snapshot, trade } from "../fixtures/capture-lines.ts";
import { oracleRows } from "./feed-capture-oracle.ts";

type Market = "spot" | "usdm";
type Level = readonly [string, string];

const decimals = { spot: { price: 2, size: 8 }, usdm: { price: 1, size: 3 } } as const;

/** A decimal on the grid, written with more or fewer zeros than needed. */
function decimal(scale: number, max: number): fc.Arbitrary<string> {
  return fc.tuple(fc.nat({ max }), fc.nat({ max: 2 })).map(([steps, zeros]) => {
    const text = (steps / 10 ** scale).toFixed(scale);
    if (zeros === 0) return text;
    return zeros === 1 ? text.replace(/\.?0*$/, "") : `${text}${"0".repeat(Math.max(0, 9 - scale))}`;
  });
}

function levels(market: Market, from: number): fc.Arbitrary<Level[]> {
  const { price, size } = decimals[market];
  const tick = fc.nat({ max: 900 }).map((tick) => ((from + tick) / 10 ** price).toFixed(price));
  return fc.array(fc.tuple(tick, decimal(size, 2 ** 40)), { maxLength: 6 });
}

const STEP = fc.record({
  kind: fc.constantFrom("diff", "diff", "quote", "trade", "skip", "again", "snapshot", "other"),
  ms: fc.nat({ max: 3 }),
  jitter: fc.integer({ min: -4, max: 0 }),
  ids: fc.integer({ min: 1, max: 9 }),
});

/** A random capture of one market: bids below 1,000 ticks, asks above. */
function captureLines(market: Market): fc.Arbitrary<string[]> {
  const script = { market };
  const message = fc.tuple(STEP, levels(market, 1), levels(market, 1_001), fc.boolean());
  return fc.array(message, { minLength: 5, maxLength: 60 }).map((steps) => {
    let id = 100;
    let tradeId = 1;
    let local = 10;
    let last: string | undefined;
    const lines: string[] = [];
    steps.forEach(([step, bids, asks, isSell], i) => {
      const exch = local + step.jitter;
      local += step.ms;
      if (step.kind === "diff" || step.kind === "skip") {
        if (step.kind === "skip") id += step.ids;
        const ids = { U: id + 1, u: id + step.ids, pu: id };
        id = ids.u;
        last = JSON.stringify(diff(script, exch, ids, bids, asks));
        lines.push(line(local, last));
      } else if (step.kind === "quote") {
        const bid: Level = bids[0] ?? ["1", "1"];
        const ask: Level = asks[0] ?? ["900", "2"];
        lines.push(line(local, quote(script, exch, id + i, bid, ask)));
      } else if (step.kind === "trade") {
        tradeId += step.ids > 7 ? 2 : 1;
        const [price, size] = bids[0] ?? ["1", "0"];
        lines.push(line(local, trade(script, exch, tradeId, price, size, isSell)));
      } else if (step.kind === "again" && last !== undefined) lines.push(line(local, last));
      else if (step.kind === "other") lines.push(line(local, { e: "forceOrder", x: [1.5e3, { y: null }] }));
      else lines.push(line(local, snapshot(id - (step.ids > 6 ? 3 : 0), bids, asks)));
    });
    return [line(0, snapshot(100, [["1", "1"]], [["900", "1"]])), ...lines];
  });
}

function rowsOf(market: Market, lines: readonly string[], cuts: readonly number[]): unknown {
  const { tape, report } = importCapture({ market, clockShiftNs: 0 }, () => cut(capture(lines), cuts));
  const block = new DepthBlock();
  const rows: number[][] = [];
  for (let b = 0; b < tape.blockCount; b++) {
    tape.read(b, block);
    const { exch, local, kind, tick, lots } = block;
    for (let i = 0; i < block.n; i++) {
      rows.push([exch[i], local[i], kind[i], tick[i], lots[i]] as number[]);
    }
  }
  return { rows, report, meta: tape.meta };
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((each) => each % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.subarray(places[i - 1] ?? 0, end));
}

describe.each(["spot", "usdm"] as const)("a %s capture", (market) => {
  test("the scanner gives the rows that JSON.parse and the exchange's rule give", () => {
    fc.assert(
      fc.property(captureLines(market), (lines) => {
        const { rows, report } = rowsOf(market, lines, []) as {
          rows: number[][];
          report: { counts: object };
        };
        const oracle = oracleRows(market, lines);
        expect(rows).toEqual(oracle.rows);
        expect(report.counts).toMatchObject(oracle.counts);
      }),
      { numRuns: 150 },
    );
  });

  test("where it is cut into chunks changes nothing", () => {
    fc.assert(
      fc.property(captureLines(market), fc.array(fc.nat(), { maxLength: 40 }), (lines, cuts) => {
        expect(rowsOf(market, lines, cuts)).toEqual(rowsOf(market, lines, []));
      }),
      { numRuns: 60 },
    );
  });

  test("every line is accounted for", () => {
    fc.assert(
      fc.property(captureLines(market), (lines) => {
        const { counts, events } = checkCapture({ market }, [capture(lines)]);
        const ends = [
          "diffs",
          "quotes",
          "trades",
          "snapshots",
          "diffsBeforeSnapshot",
          "diffsUnsynced",
          "diffsDropped",
        ];
        ends.push("quotesUnsynced", "quotesDropped", "tradesUnsynced", "tradesDropped", "tradesEmpty");
        ends.push("snapshotsRedundant", "snapshotsStale", "unknown");
        const total = ends.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
        expect(total).toBe(events);
        expect(events).toBe(lines.length);
      }),
    );
  });

  test("a damaged line is read as JSON.parse reads it, or is malformed", () => {
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom(...'0"{}[],:.-eTb\\9 '.split("")), fc.nat({ max: 2 })),
      {
        minLength: 1,
        maxLength: 2,
      },
    );
    fc.assert(
      fc.property(captureLines(market), fc.nat(), damage, (lines, which, wounds) => {
        const text = wounds.reduce(wounded, lines[which % lines.length] as string);
        // A space behind the first brace means the same to JSON and sends the line down the slow path.
        const slow = text.replace("{", "{ ");
        expect(outcome(market, text)).toEqual(outcome(market, slow));
        if (!isJsonLine(text)) expect(outcome(market, text)).toMatchObject({ malformed: 1 });
      }),
      { numRuns: 400 },
    );
  });
});

/** Replaces, inserts or removes one character behind the local time. */
function wounded(text: string, [at, letter, how]: readonly [number, string, number]): string {
  const place = 20 + (at % (text.length - 20));
  return text.slice(0, place) + (how === 2 ? "" : letter) + text.slice(how === 1 ? place : place + 1);
}

/** What a line comes to behind a snapshot and a diff: its rows and counts. */
function outcome(market: Market, text: string): unknown {
  const start = [
    line(-9, snapshot(99, [["0.5", "1"]], [["90000", "1"]])),
    line(-8, diff({ market }, 0, { U: 100, u: 100, pu: 99 }, [], [])),
  ];
  const lenient = { malformed: "drop", offGrid: "drop", wrongSymbol: "drop", timeApart: "drop" } as const;
  const policies = { ...lenient, crossed: "keep" } as const;
  const { tape } = importCapture({ market, policies, clockShiftNs: 0 }, () => [capture([...start, text])]);
  const block = new DepthBlock();
  tape.read(0, block);
  const rows = Array.from({ length: block.n }, (_, i) => [
    block.exch[i],
    block.kind[i],
    block.tick[i],
    block.lots[i],
  ]);
  return { rows, ...tape.meta.counts };
}

function isJsonLine(text: string): boolean {
  try {
    return typeof JSON.parse(text.slice(20)) === "object";
  } catch {
    return false;
  }
}
