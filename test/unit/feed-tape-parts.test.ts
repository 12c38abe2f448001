import { describe, expect, test } from "vitest";
import {
  BarTapeBuilder,
  buildDraft,
  DepthTapeBuilder,
  type MemoryTape,
  mergeTapes,
  sliceTape,
  tapeCsv,
} from "../../src/feed/index.ts";
import { BAR_ROW, type BarBlock, DepthBlock, LAST, ROW, SNAPSHOT, VALIDITY } from "../../src/model/index.ts";

const BASE = 1_723_075_200_000_000_000n;
const instrument = { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "0.001", quote: "USDT" };
const head = { instrument, baseNs: BASE, source: "by hand", simulated: false };

type Row = readonly [exch: number, local: number, kind: number, tick: number, lots: number];

function depth(rows: readonly Row[], more: Partial<typeof head> = {}): MemoryTape<DepthBlock> {
  const tape = new DepthTapeBuilder({ ...head, ...more });
  for (const row of rows) tape.push(...row);
  return tape.build();
}

function bars(opens: readonly number[], more: Partial<typeof head> = {}): MemoryTape<BarBlock> {
  const tape = new BarTapeBuilder({ ...head, ...more });
  for (const openNs of opens) {
    tape.push({ openNs, closeNs: openNs + 60, open: 10, high: 12, low: 9, close: 11, volume: openNs });
  }
  return tape.build();
}

function rowsOf(tape: MemoryTape<DepthBlock>): Row[] {
  const block = new DepthBlock();
  tape.read(0, block);
  return Array.from({ length: block.n }, (_, i) => [
    ...([block.exch[i], block.local[i]] as [number, number]),
    ...([block.kind[i], block.tick[i], block.lots[i]] as [number, number, number]),
  ]);
}

const DAY: readonly Row[] = [
  [1, 10, ROW.clear | SNAPSHOT, 0, 0],
  [1, 10, ROW.bid | SNAPSHOT, 99, 5],
  [1, 10, ROW.ask | SNAPSHOT | LAST, 101, 7],
  [2, 20, ROW.mark | LAST, 100, 0],
  [3, 30, ROW.validity | LAST, VALIDITY.suspect, 3],
  [4, 40, ROW.bid, 98, 2],
  [4, 40, ROW.bid | LAST, 99, 0],
  [5, 50, ROW.buy | LAST, 101, 1],
];

describe("sliceTape", () => {
  test("restates validity, book and mark at the window's begin", () => {
    const slice = buildDraft(sliceTape(depth(DAY), { fromNs: BASE + 45n })) as MemoryTape<DepthBlock>;
    expect(rowsOf(slice)).toEqual([
      [4, 45, ROW.validity | LAST, VALIDITY.suspect, 3],
      [4, 45, ROW.clear | SNAPSHOT, 0, 0],
      [4, 45, ROW.bid | SNAPSHOT, 98, 2],
      [4, 45, ROW.ask | SNAPSHOT | LAST, 101, 7],
      [4, 45, ROW.mark | LAST, 100, 0],
      [5, 50, ROW.buy | LAST, 101, 1],
    ]);
    expect(slice.meta.counts).toEqual({ sliceRows: 5 });
    expect(slice.meta.source).toBe("by hand, slice from 2024-08-08T00:00:00.000000045Z");
  });

  test("takes its begin and not its end; bars by the time they open", () => {
    const slice = buildDraft(sliceTape(depth(DAY), { toNs: BASE + 40n }));
    expect(slice.meta).toMatchObject({ rows: 5, counts: {} });
    const some = buildDraft(sliceTape(bars([0, 60, 120]), { fromNs: BASE + 60n, toNs: BASE + 120n }));
    expect([some.meta.rows, some.meta.fromNs]).toEqual([1, (BASE + 120n).toString()]);
  });

  test.each([
    [{ fromNs: 5n, toNs: 5n }, "FAULT_CONFIG window.toNs"],
    [{ fromNs: -1n }, "FAULT_CONFIG window.fromNs"],
    [{ toNs: 5 as unknown as bigint }, "FAULT_CONFIG window.toNs"],
    [{ form: 5n } as object, "FAULT_CONFIG window"],
    [{ fromNs: BASE + 51n }, 'FAULT_INPUT slice: found "no rows"'],
    [{ toNs: BASE }, 'FAULT_INPUT slice: found "no rows"'],
  ])("refuses %o", (window, says) => {
    expect(() => buildDraft(sliceTape(depth(DAY), window))).toThrow(says);
  });
});

describe("mergeTapes", () => {
  test("adds counts, keeps the base of the first and is simulated where one is", () => {
    const late = new DepthTapeBuilder({ ...head, baseNs: BASE + 1_000n, source: "late", simulated: true });
    late.push(0, 5, ROW.clear | LAST, 0, 0);
    late.count("gaps", 2);
    const early = new DepthTapeBuilder(head);
    early.push(9, 10, ROW.buy | LAST, 5, 5);
    early.count("gaps", 1);
    const { meta } = buildDraft(mergeTapes([late.build(), early.build()]));
    expect(meta).toMatchObject({ baseNs: BASE.toString(), counts: { gaps: 3 }, simulated: true, rows: 2 });
    expect(meta.source).toBe("by hand + late");
    expect(meta.toNs).toBe((BASE + 1_005n).toString());
  });

  test("gives no book to a tape that begins without one", () => {
    const next = depth([[60, 60, ROW.bid | LAST, 50, 1]], { source: "next" });
    const made = buildDraft(mergeTapes([depth(DAY), next])) as MemoryTape<DepthBlock>;
    expect(rowsOf(made).slice(DAY.length)).toEqual([
      [60, 60, ROW.clear | LAST, 0, 0],
      [60, 60, ROW.bid | LAST, 50, 1],
    ]);
    expect(made.meta.counts).toEqual({ seamClears: 1 });
  });

  test("keeps the snapshot of a slice whose book is another than the one before", () => {
    const slice = buildDraft(sliceTape(depth(DAY), { fromNs: BASE + 45n }));
    const before = buildDraft(sliceTape(depth(DAY), { toNs: BASE + 30n }));
    const made = buildDraft(mergeTapes([before, slice]));
    expect(made.meta).toMatchObject({ rows: 4 + 6, counts: { seamRows: 5 } });
    const whole = buildDraft(
      mergeTapes([buildDraft(sliceTape(depth(DAY), { toNs: BASE + 45n })), slice]),
    ) as MemoryTape<DepthBlock>;
    expect(rowsOf(whole)).toEqual(DAY);
  });

  test("an overlap is a fault, or is the first's or the last's", () => {
    const tapes = [bars([0, 60, 120]), bars([60, 120, 180], { source: "other" })];
    expect(() => mergeTapes(tapes)).toThrow(/FAULT_INPUT tape other: .*overlap first or last/);
    // One that begins at the very moment the other ended has a time of it.
    expect(() => mergeTapes([bars([0]), bars([0])])).toThrow("FAULT_INPUT");
    const first = buildDraft(mergeTapes(tapes, { overlap: "first" }));
    expect(first.meta).toMatchObject({ rows: 4, counts: { overlapDropped: 2 } });
    const around = [bars([0, 60, 120, 180]), bars([60], { source: "inner" })];
    const last = buildDraft(mergeTapes(around, { overlap: "last" }));
    expect(last.meta).toMatchObject({ rows: 4, toNs: (BASE + 240n).toString() });
  });

  test("a part after an overlap begins with the book its tape had", () => {
    const long = depth([...DAY, [90, 90, ROW.sell | LAST, 98, 1]]);
    const inner = depth([[60, 60, ROW.clear | SNAPSHOT | LAST, 0, 0]], { source: "inner" });
    const made = buildDraft(mergeTapes([long, inner], { overlap: "last" })) as MemoryTape<DepthBlock>;
    expect(
      rowsOf(made)
        .slice(DAY.length)
        .map(([, local, kind]) => [local, kind]),
    ).toEqual([
      [60, ROW.clear | SNAPSHOT | LAST],
      [61, ROW.validity | LAST],
      [61, ROW.clear | SNAPSHOT],
      [61, ROW.bid | SNAPSHOT],
      [61, ROW.ask | SNAPSHOT | LAST],
      [61, ROW.mark | LAST],
      [90, ROW.sell | LAST],
    ]);
  });

  test.each([
    [[], {}, "FAULT_CONFIG tapes: found []"],
    [[bars([0]), depth(DAY)], {}, "FAULT_INPUT tapes[1] schema"],
    [
      [bars([0]), bars([60], { instrument: { ...instrument, tickSize: "0.1" } })],
      {},
      "FAULT_INPUT tapes[1] instrument",
    ],
    [[bars([0])], { overlap: "newest" as "first" }, "FAULT_CONFIG merge.overlap"],
    [[bars([0])], { overlaps: "first" } as object, "FAULT_CONFIG merge"],
    [[bars([0], { baseNs: 0n }), bars([1], { baseNs: BASE })], {}, "FAULT_TIME offset"],
  ])("refuses %#", (tapes, options, says) => {
    expect(() => buildDraft(mergeTapes(tapes as MemoryTape<BarBlock>[], options))).toThrow(says);
  });
});

describe("tapeCsv", () => {
  test("writes exact decimals, words for kinds, and times either way", () => {
    const lines = [...tapeCsv(depth(DAY))].join("").trimEnd().split("\n");
    expect(lines[0]).toBe("local_time,exch_time,kind,snapshot,last,price,quantity,tick,lots");
    const at = (ns: number) => `2024-08-08T00:00:00.0000000${ns}Z`;
    expect(lines[2]).toBe(`${at(10)},${at("01" as unknown as number)},bid,1,0,0.99,0.005,99,5`);
    expect(lines[4]).toMatch(/,mark,0,1,1,,100,0$/);
    expect(lines[5]).toMatch(/,validity,0,1,,,1,3$/);
    const ns = [...tapeCsv(depth(DAY), { times: "ns" })].join("").split("\n");
    expect(ns[8]).toBe("1723075200000000050,1723075200000000005,buy,0,1,1.01,0.001,101,1");
  });

  test("writes bars, splits and dividends", () => {
    const tape = new BarTapeBuilder({ ...head, instrument: { ...instrument, tickSize: "0.25" } });
    tape.push({ openNs: 0, closeNs: 60, open: 10, high: 12, low: 9, close: 11, volume: 3, factor: 0.5 });
    tape.push({
      openNs: 60,
      closeNs: 60,
      open: 4,
      high: 1,
      low: 0,
      close: 11,
      volume: 0,
      kind: BAR_ROW.split,
    });
    tape.push({
      openNs: 60,
      closeNs: 60,
      open: 0,
      high: 0,
      low: 0,
      close: 11,
      volume: 25,
      kind: BAR_ROW.dividend,
    });
    const [, text] = tapeCsv(tape.build(), { times: "ns" });
    expect(text?.split("\n").map((line) => line.split(",").slice(2).join(","))).toEqual([
      "bar,2.5,3,2.25,2.75,0.003,0.5",
      "split,4,1,0,2.75,0,1",
      "dividend,0,0,0,2.75,25,1",
      "",
    ]);
  });

  test("refuses other times", () => {
    expect(() => [...tapeCsv(bars([0]), { times: "ms" as "ns" })]).toThrow("FAULT_CONFIG csv.times");
  });
});
