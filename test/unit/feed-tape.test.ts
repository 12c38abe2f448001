import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  BarTapeBuilder,
  bytesInMemory,
  contentSha256,
  DepthTapeBuilder,
  loadTape,
  TapeReader,
  TapeWriter,
  tileTape,
  utcDayBase,
} from "../../src/feed/index.ts";
import { openBarTape, openDepthTape, openTape, writeTape } from "../../src/host/index.ts";
import { BarBlock, DepthBlock, LAST, ROW, SNAPSHOT } from "../../src/model/index.ts";

const BASE = utcDayBase(1_723_161_254_206_652_067n);
const head = {
  instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "0.001", quote: "USDT" },
  baseNs: BASE,
  source: "by hand",
  simulated: true,
};

function small(rows = 10): DepthTapeBuilder {
  const tape = new DepthTapeBuilder(head);
  tape.push(5, 1_000, ROW.clear | SNAPSHOT, 0, 0);
  for (let i = 1; i < rows; i++) tape.push(5 + i, 1_000 + i, ROW.bid | LAST, 100 + (i % 7), i);
  return tape;
}

const folder = mkdtempSync(join(tmpdir(), "tickwright-tape-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("depth tape builder", () => {
  test("keeps rows, seals blocks and describes itself", () => {
    const tape = small(70_000).build();
    expect(tape.blockCount).toBe(2);
    expect(tape.meta).toMatchObject({ rows: 70_000, schema: "depth", simulated: true, source: "by hand" });
    expect(tape.meta.fromNs).toBe((BASE + 1_000n).toString());
    expect(tape.meta.toNs).toBe((BASE + 70_999n).toString());
    expect(tape.meta.contentSha256).toBe(contentSha256(tape));
    const block = new DepthBlock();
    tape.read(1, block);
    expect(block.n).toBe(70_000 - 65_536);
    expect(block.local[block.n]).toBe(Number.POSITIVE_INFINITY);
    expect(block.exch[0]).toBe(5 + 65_536);
    expect(() => tape.read(2, block)).toThrow("FAULT_INPUT index");
    expect(() => tape.read(0, new DepthBlock(10))).toThrow("FAULT_CAPACITY");
  });

  test("raises exchange times to their running maximum and counts it", () => {
    const tape = new DepthTapeBuilder(head);
    tape.push(10, 10, ROW.buy | LAST, 1, 1);
    tape.push(4, 11, ROW.buy | LAST, 1, 1);
    tape.push(12, 12, ROW.buy | LAST, 1, 1);
    const built = tape.build();
    const block = new DepthBlock();
    built.read(0, block);
    expect([...block.exch.subarray(0, 3)]).toEqual([10, 10, 12]);
    expect(built.meta.counts).toEqual({ exchClamped: 1 });
  });

  test.each([
    ["fail", undefined],
    ["clamp", { localClamped: 1 }],
    ["drop", { localDropped: 1 }],
  ] as const)("local time that falls: %s", (localFalls, counts) => {
    const tape = new DepthTapeBuilder({ ...head, localFalls });
    tape.push(1, 10, ROW.buy | LAST, 1, 1);
    if (counts === undefined) {
      expect(() => tape.push(2, 9, ROW.buy | LAST, 1, 1)).toThrow("FAULT_TIME row 1 local: found 9");
      return;
    }
    tape.push(2, 9, ROW.buy | LAST, 1, 1);
    expect(tape.build().meta.counts).toEqual(counts);
  });

  test.each([
    ["a tick with a fraction", [1, 1, ROW.bid | LAST, 1.5, 1], "tick"],
    ["a tick past 1e9", [1, 1, ROW.bid | LAST, 1_000_000_001, 1], "tick"],
    ["negative lots", [1, 1, ROW.bid | LAST, 1, -1], "lots"],
    ["lots past 2^53", [1, 1, ROW.bid | LAST, 1, 2 * Number.MAX_SAFE_INTEGER], "lots"],
    ["NaN lots", [1, 1, ROW.bid | LAST, 1, Number.NaN], "lots"],
    ["an unknown kind", [1, 1, 12 | LAST, 1, 1], "kind"],
    ["a kind with a stray bit", [1, 1, ROW.bid | LAST | 0x20, 1, 1], "kind"],
    ["NaN local", [1, Number.NaN, ROW.bid | LAST, 1, 1], "local"],
    ["NaN exch", [Number.NaN, 1, ROW.bid | LAST, 1, 1], "exch"],
  ] as const)("refuses %s", (_name, row, field) => {
    const tape = new DepthTapeBuilder(head);
    const [exch, local, kind, tick, lots] = row;
    expect(() => tape.push(exch, local, kind, tick, lots)).toThrow(field);
  });

  test("refuses no rows, an open message, times with fractions, misspelt options", () => {
    expect(() => new DepthTapeBuilder(head).build()).toThrow("at least one row");
    const open = new DepthTapeBuilder(head);
    open.push(1, 1, ROW.bid, 1, 1);
    expect(() => open.build()).toThrow("kind with LAST");
    const half = new DepthTapeBuilder(head);
    half.push(1, 1.5, ROW.bid | LAST, 1, 1);
    expect(() => half.build()).toThrow("FAULT_TIME");
    expect(() => new DepthTapeBuilder({ ...head, localFall: "drop" } as typeof head)).toThrow(
      "tape.localFall",
    );
    expect(() => new DepthTapeBuilder({ ...head, baseNs: -1n })).toThrow("FAULT_TIME baseNs");
    expect(() => new DepthTapeBuilder({ ...head, source: "" })).toThrow("tape.source");
  });

  test("funding may be negative", () => {
    const tape = new DepthTapeBuilder(head);
    tape.push(1, 1, ROW.funding | LAST, 0, -250);
    expect(tape.build().meta.rows).toBe(1);
  });
});

describe("tape files", () => {
  test.each(["none", "zstd"] as const)("write, open and read back: %s", (codec) => {
    const tape = small(70_000).build();
    const path = join(folder, `${codec}.tape`);
    expect(writeTape(path, tape, { codec })).toEqual(tape.meta);
    const opened = openDepthTape(path);
    expect(opened.meta).toEqual(tape.meta);
    expect(opened.codec).toBe(codec);
    const [a, b] = [new DepthBlock(), new DepthBlock()];
    for (const i of [1, 0, 1]) {
      opened.read(i, a);
      tape.read(i, b);
      expect(a).toEqual(b);
    }
    expect(contentSha256(opened)).toBe(tape.meta.contentSha256);
    opened.close();
    expect(() => opened.read(0, a)).toThrow("FAULT_IO");
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  test("does not overwrite unless told", () => {
    const path = join(folder, "once.tape");
    writeTape(path, small().build());
    expect(() => writeTape(path, small().build())).toThrow("a file that is there already");
    const { rows } = writeTape(path, small(20).build(), { overwrite: true });
    expect(rows).toBe(20);
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  test("names file, block and byte of damage", () => {
    const path = join(folder, "damaged.tape");
    writeTape(path, small(70_000).build());
    const good = readFileSync(path);
    const second = new TapeReader(bytesInMemory(good)).entry(1).at;
    const bad = Uint8Array.from(good);
    bad[second + 100] = (bad[second + 100] as number) ^ 4;
    writeFileSync(path, bad);
    const opened = openDepthTape(path);
    const block = new DepthBlock();
    opened.read(0, block);
    expect(() => opened.read(1, block)).toThrow(`FAULT_TAPE_CORRUPT ${path} block 1 byte ${second + 32}`);
    opened.close();
    writeFileSync(path, good.subarray(0, good.length - 1));
    expect(() => openTape(path)).toThrow(`FAULT_TAPE_CORRUPT ${path} byte`);
    writeFileSync(path, "PK34 this is a zip file, not a tape");
    expect(() => openTape(path)).toThrow("the magic TWTAPE01");
    writeFileSync(path, "");
    expect(() => openTape(path)).toThrow("FAULT_TAPE_CORRUPT");
    expect(() => openTape(join(folder, "absent.tape"))).toThrow("FAULT_IO");
    expect(() => openTape(folder)).toThrow("FAULT_IO");
  });

  test("a tape of bars, with times a double measures past 2^53", () => {
    const tape = new BarTapeBuilder({ ...head, baseNs: 0n });
    const day = 86_400_000_000_000;
    for (let i = 10_000; i < 17_000; i++) {
      tape.push({
        openNs: i * day,
        closeNs: (i + 1) * day,
        open: 5,
        high: 9,
        low: 2,
        close: 7,
        volume: 3e9,
        factor: 0.5,
      });
    }
    const built = tape.build();
    const path = join(folder, "bars.tape");
    writeTape(path, built, { codec: "zstd" });
    const opened = openBarTape(path);
    const [a, b] = [new BarBlock(), new BarBlock()];
    opened.read(0, a);
    built.read(0, b);
    expect(a).toEqual(b);
    expect(() => openDepthTape(path)).toThrow("a tape of bars");
    expect(() => opened.read(0, new DepthBlock() as unknown as BarBlock)).toThrow("FAULT_INPUT into");
    opened.close();
  });

  test("a time whose low word carries over survives", () => {
    const tape = new DepthTapeBuilder({ ...head, baseNs: 2n ** 40n + 5n });
    for (const ns of [2 ** 32 - 6, 2 ** 32 - 5, 2 ** 32 - 4]) tape.push(ns, ns, ROW.buy | LAST, 1, 1);
    const path = join(folder, "carry.tape");
    writeTape(path, tape.build());
    const block = new DepthBlock();
    openDepthTape(path).read(0, block);
    expect([...block.local.subarray(0, 3)]).toEqual([2 ** 32 - 6, 2 ** 32 - 5, 2 ** 32 - 4]);
  });

  test("times past 2^53 are kept where exact, and faults outside of int64", () => {
    const pieces: Uint8Array[] = [];
    const writer = new TapeWriter({
      ...head,
      baseNs: 0n,
      schema: "depth",
      sink: (bytes) => pieces.push(bytes),
    });
    const block = new DepthBlock(1);
    block.local[0] = 2 ** 60;
    block.exch[0] = 2 ** 60;
    block.seal(1);
    writer.write(block);
    writer.finish();
    const reader = new TapeReader<DepthBlock>(bytesInMemory(Buffer.concat(pieces)));
    reader.read(0, block);
    expect(block.local[0]).toBe(2 ** 60);
    block.local[0] = 2 ** 63;
    expect(() =>
      new TapeWriter({ ...head, baseNs: 0n, schema: "depth", sink: () => {} }).write(block),
    ).toThrow("FAULT_TIME");
  });
});

describe("bars", () => {
  test.each([
    ["high below close", { high: 6 }, "low <= open, close <= high"],
    ["close before open time", { closeNs: -1 }, "FAULT_TIME"],
    ["negative volume", { volume: -1 }, "volume"],
    ["factor 0", { factor: 0 }, "factor"],
    ["unknown kind", { kind: 3 }, "kind"],
    ["fraction of a tick", { low: 1.5 }, "low"],
  ])("refuses %s", (_name, change, message) => {
    const tape = new BarTapeBuilder(head);
    const bar = { openNs: 0, closeNs: 1, open: 5, high: 9, low: 2, close: 7, volume: 1 };
    expect(() => tape.push({ ...bar, ...change })).toThrow(message);
  });
});

describe("tiled tape", () => {
  test("repeats the rows with shifted times", () => {
    const tape = small(100).build();
    const tiled = tileTape(tape, 3);
    const [a, b] = [new DepthBlock(), new DepthBlock()];
    expect(tiled.blockCount).toBe(3);
    expect(tiled.meta).toMatchObject({ rows: 300, source: "by hand x3" });
    tiled.read(0, a);
    tiled.read(2, b);
    const step = 99 + 1_000_000;
    expect(b.local[0]).toBe((a.local[0] as number) + 2 * step);
    expect(b.exch[99]).toBe((a.exch[99] as number) + 2 * step);
    expect(b.kind).toEqual(a.kind);
    expect(loadTape(tiled).meta).toEqual(tiled.meta);
    expect(contentSha256(loadTape(tiled))).toBe(tiled.meta.contentSha256);
  });

  test("neither time falls at a seam, where the exchange's span is the longer one", () => {
    const tape = new DepthTapeBuilder(head);
    tape.push(0, 9_000_000, ROW.clear | SNAPSHOT | LAST, 0, 0);
    tape.push(8_000_000, 9_000_001, ROW.bid | LAST, 1, 1);
    const tiled = tileTape(tape.build(), 2);
    const block = new DepthBlock();
    tiled.read(1, block);
    expect([...block.exch.subarray(0, 2)]).toEqual([9_000_000, 17_000_000]);
  });

  test("refuses a tape without a snapshot in front, and 0 tiles", () => {
    const tape = new DepthTapeBuilder(head);
    tape.push(1, 1, ROW.bid | LAST, 1, 1);
    const built = tape.build();
    expect(() => tileTape(built, 2)).toThrow("a clear row");
    expect(() => tileTape(small().build(), 0)).toThrow("FAULT_CONFIG times");
  });
});
