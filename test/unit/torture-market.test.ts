import { describe, expect, test } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { KIND_MASK, LAST, ROW, SNAPSHOT } from "../../src/model/index.ts";
import { FEED, FEED_ROW_STRIDE, VENUE_FAULT, type VenueFaultKind } from "../../src/torture/index.ts";
import { NumberIndex } from "../../src/torture/number-index.ts";
import { Rig } from "./torture-venue-rig.ts";

const LIVELY = { market: { rowsPerSecond: 20_000, tradesPerSecond: 2_000 } };

/** What a reader of the feed holds: levels by side and tick, by instrument. */
class Reader {
  readonly books = new Map<number, [Map<number, number>, Map<number, number>]>();
  readonly seqs = new Map<number, number[]>();
  crossed = 0;
  strange = 0;

  read(packet: readonly number[]): this {
    const instrument = packet[FEED.instrument]!;
    const book = this.books.get(instrument) ?? [new Map(), new Map()];
    this.books.set(instrument, book);
    this.seqs.set(instrument, [...(this.seqs.get(instrument) ?? []), packet[FEED.packetSeq]!]);
    const count = packet[FEED.count]!;
    expect(packet).toHaveLength(FEED.rows + count * FEED_ROW_STRIDE);
    for (let i = 0; i < count; i++) {
      const [cell, tick, lots] = packet.slice(FEED.rows + i * 3, FEED.rows + i * 3 + 3) as [
        number,
        number,
        number,
      ];
      expect((cell & LAST) !== 0).toBe(i === count - 1);
      const kind = cell & KIND_MASK;
      if (kind === ROW.clear) for (const side of book) side.clear();
      if (tick <= 0 && kind !== ROW.clear) this.strange += 1;
      if (kind !== ROW.bid && kind !== ROW.ask) continue;
      const side = book[kind === ROW.bid ? 0 : 1];
      if (lots === 0) side.delete(tick);
      else side.set(tick, lots);
    }
    if (Math.max(...book[0].keys()) >= Math.min(...book[1].keys())) this.crossed += 1;
    return this;
  }

  expectTrue(rig: Rig, local = 0, index = 3): void {
    const book = rig.venue.market.books[local]!;
    for (const side of [0, 1] as const) {
      const told = [...this.books.get(index)![side]].sort(([a], [b]) => a - b);
      const truth = Array.from({ length: book.depth }, (_, level) => {
        const key = book.best[side]! - level;
        return [book.tick(side, key), book.lotsAt(side, key)];
      }).sort(([a], [b]) => a! - b!);
      expect(told).toEqual(truth);
    }
  }
}

function readAll(rig: Rig, packets: readonly number[][] = rig.packets): Reader {
  const reader = new Reader();
  for (const packet of packets) reader.read(packet);
  return reader;
}

describe("the market", () => {
  test("the packets alone give the books, gapless and never crossed, with our orders taking and resting", () => {
    const rig = new Rig(LIVELY, 3);
    rig.venue.start();
    for (let id = 1; id <= 200; id++) {
      const side = id % 2 === 0 ? 1 : -1;
      if (id % 3 === 0) rig.order({ id, side, type: "market", lots: 1 + (id % 90) });
      else rig.order({ id, side, tick: rig.best(side > 0 ? 0 : 1), lots: 4 });
      rig.run(5);
    }
    const reader = readAll(rig);
    reader.expectTrue(rig);
    reader.expectTrue(rig, 1, 5);
    expect(reader.crossed).toBe(0);
    expect(reader.strange).toBe(0);
    for (const seqs of reader.seqs.values()) expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(rig.venue.market.trades).toBeGreaterThan(1000);
    expect(rig.reports.some((each) => each.kind === "trade")).toBe(true);
  });

  test("the rates are those asked for", () => {
    const rig = new Rig({ market: { rowsPerSecond: 1000, tradesPerSecond: 50, rowsPerPacket: 3 } });
    rig.venue.start();
    rig.run(20_000);
    expect(rig.venue.market.trades / 20).toBeGreaterThan(40);
    expect(rig.venue.market.trades / 20).toBeLessThan(60);
    const updates = rig.packets.flatMap((packet) => packet.slice(FEED.rows)).length / 3 / 20;
    expect(updates).toBeGreaterThan(950);
    expect(updates).toBeLessThan(1600);
  });

  test("it stays where prices can be at the bottom of the scale", () => {
    const rig = new Rig(LIVELY, 9);
    rig.keepsPackets = false;
    rig.venue.start();
    for (let id = 1; id <= 400; id++) rig.order({ id, side: -1, type: "market", lots: 4000 }).run(1);
    expect(rig.best(0)).toBeGreaterThanOrEqual(16);
    expect(rig.best(0)).toBeLessThan(100);
    expect(rig.best(1)).toBeGreaterThan(rig.best(0));
  });

  test("a better level that meets ours shows only what ours left of it", () => {
    let met = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const rig = new Rig(LIVELY, seed);
      const { market } = rig.venue;
      const { books } = market;
      while (!books[0]!.canImprove(0)) books[0]!.dropBest(0);
      rig.order({ id: 1, side: -1, tick: rig.best(0) + 1, lots: 1e6 }).run();
      rig.venue.start();
      rig.run(1);
      // The order is larger than any level: no bid can come to stand at or above its price.
      if (rig.last(1).kind === "trade") met += 1;
      expect(rig.best(0)).toBeLessThan(rig.reports[0]!.priceTicks);
    }
    expect(met).toBeGreaterThan(5);
  });

  test("a snapshot on request: cleared first, all levels, one packet", () => {
    const rig = new Rig(LIVELY);
    rig.venue.start();
    rig.run(10);
    const before = rig.packets.length;
    rig.venue.snapshotFeed(5);
    const packet = rig.packets[before]!;
    expect(packet[FEED.rows]).toBe(ROW.clear | SNAPSHOT);
    expect(packet[FEED.count]).toBe(33);
    readAll(rig, [packet]).expectTrue(rig, 1, 5);
    expect(() => rig.venue.snapshotFeed(4)).toThrow("one of this venue");
  });

  test("stop and start leave one chain of packets", () => {
    const rig = new Rig(LIVELY);
    rig.venue.start();
    rig.run(10);
    rig.venue.stop();
    rig.venue.start();
    const from = rig.packets.length;
    rig.run(100);
    const packets = rig.packets.length - from;
    expect(packets).toBeLessThan(1300);
    expect(packets).toBeGreaterThan(700);
  });
});

describe("faults of the feed", () => {
  function faulty(kind: VenueFaultKind, both = false): Rig {
    const rig = new Rig(LIVELY, 5, both);
    rig.venue.start();
    rig.venue.setFault({ kind, probability: 0.1, delayNs: 1e6 });
    rig.run(50);
    expect(rig.venue.injected[VENUE_FAULT[kind]]).toBeGreaterThan(3);
    return rig;
  }

  /** Heals, takes a snapshot of each book, and sees that all is well again. */
  function expectHealed(rig: Rig): void {
    rig.venue.heal();
    rig.run(5);
    for (const index of [3, 5]) rig.venue.snapshotFeed(index);
    const reader = readAll(rig);
    reader.expectTrue(rig);
    reader.expectTrue(rig, 1, 5);
  }

  const sorted = (seqs: readonly number[]): boolean => seqs.every((seq, i) => i === 0 || seq > seqs[i - 1]!);

  test("feedGap and feedStale leave holes in the numbers", () => {
    for (const kind of ["feedGap", "feedStale"] as const) {
      const rig = faulty(kind);
      const seqs = readAll(rig).seqs.get(3)!;
      expect(sorted(seqs)).toBe(true);
      expect(seqs.length).toBeLessThan(seqs.at(-1)!);
      expectHealed(rig);
    }
  });

  test("feedDuplicate repeats a packet to the last bit", () => {
    const rig = faulty("feedDuplicate");
    const repeated = rig.packets.filter((packet, i) => {
      const before = rig.packets[i - 1];
      return before !== undefined && before[0] === packet[0] && before[1] === packet[1];
    });
    expect(repeated).toHaveLength(rig.venue.injected[VENUE_FAULT.feedDuplicate]!);
    expectHealed(rig);
  });

  test("feedReorder lets a packet be overtaken, loses none", () => {
    const rig = faulty("feedReorder");
    rig.venue.heal();
    rig.run(5);
    const seqs = readAll(rig).seqs.get(3)!;
    expect(sorted(seqs)).toBe(false);
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs.map((_, i) => i + 1));
    expectHealed(rig);
  });

  test("feedCrossed, feedLocked, feedFatPrice, feedZeroPrice say what cannot be, and put it right", () => {
    for (const kind of ["feedCrossed", "feedLocked", "feedFatPrice", "feedZeroPrice"] as const) {
      const rig = faulty(kind);
      const reader = readAll(rig);
      if (kind === "feedZeroPrice") expect(reader.strange).toBeGreaterThan(0);
      else expect(reader.crossed).toBeGreaterThan(0);
      rig.venue.heal();
      rig.run(5);
      const after = readAll(rig);
      after.expectTrue(rig);
      after.expectTrue(rig, 1, 5);
    }
  });

  test("feedDiverge: the channels differ in as many packets as were injected", () => {
    const rig = faulty("feedDiverge", true);
    expect(rig.packets).toHaveLength(rig.packetsB.length);
    const different = rig.packets.filter((packet, i) => packet.join() !== rig.packetsB[i]!.join());
    expect(different).toHaveLength(rig.venue.injected[VENUE_FAULT.feedDiverge]!);
    expectHealed(rig);
  });

  test("feedSnapshot: a snapshot that is not the book", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const rig = new Rig(LIVELY, seed);
      rig.venue.setFault({ kind: "feedSnapshot" });
      rig.venue.snapshotFeed(3);
      expect(() => readAll(rig).expectTrue(rig)).toThrow();
      rig.venue.heal();
      rig.venue.snapshotFeed(3);
      readAll(rig).expectTrue(rig);
    }
  });

  test("a fault of the feed changes no other draw", () => {
    const plain = new Rig(LIVELY, 4);
    const faulted = new Rig(LIVELY, 4);
    faulted.venue.setFault({ kind: "feedGap", probability: 0.5 });
    for (const rig of [plain, faulted]) {
      rig.venue.start();
      rig.order({ id: 1, type: "market", lots: 50 }).run(50);
    }
    expect(faulted.venue.market.books.map((book) => [...book.best])).toEqual(
      plain.venue.market.books.map((book) => [...book.best]),
    );
    expect(faulted.reports).toEqual(plain.reports);
    expect(faulted.packets.length).toBeLessThan(plain.packets.length);
  });
});

test("a number index finds what a map finds, also for large and negative numbers", () => {
  const rng = new Prng(1);
  const index = new NumberIndex(8);
  const map = new Map<number, number>();
  for (let row = 0; row < 5000; row++) {
    const wide = rng.below(2) === 0 ? rng.below(10_000) : rng.below(4_000_000) * 2 ** 31 - 2 ** 40;
    if (map.has(wide)) {
      expect(() => index.set(wide, row)).toThrow("FAULT_INVARIANT");
      continue;
    }
    map.set(wide, row);
    index.set(wide, row);
    const other = rng.below(10_000);
    expect(index.get(other)).toBe(map.get(other) ?? -1);
  }
  for (const [key, row] of map) expect(index.get(key)).toBe(row);
  expect(index.size).toBe(map.size);
  expect(() => new NumberIndex(12)).toThrow("capacity");
});
