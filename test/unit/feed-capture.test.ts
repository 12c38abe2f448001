import { describe, expect, test } from "vitest";
import { checkCapture, importCapture } from "../../src/feed/index.ts";
import { capture, diff, line, quote, snapshot, trade } from "../fixtures/capture-lines.ts";
import { rowsOf, run, SPOT_START } from "../fixtures/capture-run.ts";

const spot = { market: "spot" } as const;
const usdm = { market: "usdm" } as const;

describe("a spot capture", () => {
  test("snapshot, held diff, diffs, trades and quotes become rows in order", () => {
    const { rows, counts } = run(
      [
        ...SPOT_START,
        line(9, quote(spot, 4, 102, ["100.00", "2.00000000"], ["100.10", "3.00000000"])),
        line(10, trade(spot, 6, 7, "100.10", "0.25000000", false)),
        line(11, diff(spot, 5, { U: 103, u: 104 }, [], [["100.10", "2.75000000"]])),
        line(12, trade(spot, 8, 8, "100.00", "0.10000000", true)),
      ],
      spot,
    );
    expect(rows).toEqual([
      "8 3 clear+S 0 0",
      "8 3 bid+S 10000 100000000",
      "8 3 bid+S 9950 1",
      "8 3 ask+SL 10010 300000000",
      "8 3 bid 10000 200000000",
      "8 3 ask+L 10030 50000000",
      "9 3 quoteBid 10000 200000000",
      "9 3 quoteAsk+L 10010 300000000",
      "10 6 buy+L 10010 25000000",
      "11 6 ask+L 10010 275000000",
      "12 8 sell+L 10000 10000000",
    ]);
    expect(counts).toEqual({
      diffs: 2,
      diffsBeforeSnapshot: 1,
      exchClamped: 1,
      levels: 6,
      quotes: 1,
      quotesUnsynced: 1,
      snapshots: 1,
      trades: 2,
    });
  });

  test("the clock: local times are raised until the least latency is the floor, never lowered", () => {
    const late = SPOT_START.map((text) =>
      text.replace(/^\d+/, (ns) => (BigInt(ns) - 1_000_000_000n).toString()),
    );
    const { tape, report } = importCapture(spot, () => [capture(late)]);
    expect(report.leastLatencyNs).toBe(-996_000_000);
    expect(report.clockShiftNs).toBe(997_000_000);
    expect(tape.meta.counts).toMatchObject({ clockShiftNs: 997_000_000, leastLatencyNs: -996_000_000 });
    expect(rowsOf(tape)[0]).toBe("5 3 clear+S 0 0");
    const floor = importCapture({ ...spot, latencyFloorNs: 5_000_000 }, () => [capture(late)]);
    expect(floor.report.clockShiftNs).toBe(1_001_000_000);
    expect(checkCapture(spot, [capture(SPOT_START)]).clockShiftNs).toBe(0);
  });

  test("book against quotes: the latest quote at or below the diff's id, whichever came first", () => {
    const lines = [
      ...SPOT_START,
      line(9, diff(spot, 4, { U: 103, u: 105 }, [["100.05", "1.00000000"]], [])),
      line(9, quote(spot, 4, 104, ["100.05", "1.00000000"], ["100.10", "3.00000000"])),
      line(10, quote(spot, 5, 106, ["100.06", "1.00000000"], ["100.10", "3.00000000"])),
      line(11, diff(spot, 5, { U: 106, u: 107 }, [["100.06", "2.00000000"]], [])),
    ];
    const report = checkCapture(spot, [capture(lines)]);
    expect(report).toMatchObject({ bboCompared: 2, bboEqual: 1, bboWithout: 1 });
    expect(report.firstMismatch).toEqual({
      line: 8,
      updateId: 107,
      quoteId: 106,
      book: [10_006, 200_000_000, 10_010, 300_000_000],
      quote: [10_006, 100_000_000, 10_010, 300_000_000],
    });
  });
});

test("a diff waits for quotes of its own id, though older quotes are there", () => {
  const lines = [
    ...SPOT_START,
    line(9, quote(spot, 4, 103, ["100.00", "7.00000000"], ["100.10", "3.00000000"])),
    line(9, diff(spot, 4, { U: 103, u: 105 }, [["100.05", "1.00000000"]], [])),
    line(9, quote(spot, 4, 105, ["100.05", "1.00000000"], ["100.10", "3.00000000"])),
    line(9, quote(spot, 4, 106, ["100.06", "1.00000000"], ["100.10", "3.00000000"])),
  ];
  expect(checkCapture(spot, [capture(lines)])).toMatchObject({ bboCompared: 1, bboEqual: 1, bboWithout: 1 });
});

describe("a futures capture", () => {
  const start = [
    line(1, diff(usdm, 1, { U: 80, u: 89, pu: 79 }, [["100.0", "9"]], [])),
    line(2, diff(usdm, 2, { U: 92, u: 100, pu: 89 }, [["99.0", "1.5"]], [])),
    line(3, snapshot(95, [["100.0", "1"]], [["100.1", "0.001"]])),
  ];

  test("a diff that straddles by pu is applied, later ones must name the last as pu", () => {
    const { rows, counts } = run(
      [...start, line(4, diff(usdm, 4, { U: 120, u: 130, pu: 100 }, [], [["100.2", "2.000"]]))],
      usdm,
    );
    expect(rows.slice(-2)).toEqual(["3 1 bid+L 990 1500", "4 3 ask+L 1002 2000"]);
    expect(counts).toMatchObject({ diffs: 2, diffsBeforeSnapshot: 1 });
  });

  test("a gap: a gap row, then nothing until the next snapshot", () => {
    const { rows, counts } = run(
      [
        ...start,
        line(4, diff(usdm, 4, { U: 150, u: 160, pu: 140 }, [["96.0", "1"]], [])),
        line(5, trade(usdm, 5, 1, "100.0", "1", true)),
        line(6, snapshot(155, [["97.0", "4"]], [["97.5", "5"]])),
        line(7, diff(usdm, 7, { U: 161, u: 162, pu: 160 }, [["97.1", "1"]], [])),
      ],
      usdm,
    );
    expect(rows.slice(3)).toEqual([
      "3 1 bid+L 990 1500",
      "4 3 gap+L 0 0",
      "6 5 clear+S 0 0",
      "6 5 bid+S 970 4000",
      "6 5 ask+SL 975 5000",
      "6 5 bid+L 960 1000",
      "7 6 bid+L 971 1000",
    ]);
    expect(counts).toMatchObject({ gap: 1, snapshots: 2, tradesUnsynced: 1 });
  });

  test("a snapshot older than the diffs held is stale, one older than the book is redundant", () => {
    const early = [line(0, diff(usdm, 1, { U: 10, u: 11, pu: 9 }, [], [])), line(0, snapshot(5, [], []))];
    const stale = run([...early, ...start], usdm);
    expect(stale.counts).toMatchObject({ snapshotsStale: 1, snapshots: 1, diffsBeforeSnapshot: 2 });
    const redundant = run([...start, line(4, snapshot(99, [["1.0", "1"]], []))], usdm);
    expect(redundant.counts).toMatchObject({ snapshotsRedundant: 1, snapshots: 1 });
  });

  test("empty trades are left out and counted, missing trade ids are counted", () => {
    const { counts } = run(
      [
        ...start,
        line(4, trade(usdm, 4, 5, "100.0", "0", true)),
        line(5, trade(usdm, 5, 9, "100.0", "1", true)),
      ],
      usdm,
    );
    expect(counts).toMatchObject({ tradesEmpty: 1, tradeIdsMissing: 3, trades: 1 });
  });
});
