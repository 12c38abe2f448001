import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BAR_PERIODS,
  BarBuilder,
  BarLadder,
  type BarPeriod,
  CaptureLine,
  CaptureRecording,
  CaptureStream,
  DepthTapeBuilder,
  importCapture,
  LIVE_POLICIES,
} from "../../src/feed/index.ts";
import { BASE_NS, spotInstrument } from "../fixtures/feed-ear.ts";
import { lots, SimulatedMarket, tick } from "../fixtures/played-market.ts";

const BTC = spotInstrument();
const encoder = new TextEncoder();

/** What becomes of a message on its way. */
const fault = fc.oneof(
  { weight: 12, arbitrary: fc.constant("well") },
  fc.constantFrom("lost", "twice", "cut", "damaged", "snapshot", "old"),
);

function bookText(market: SimulatedMarket): string {
  return JSON.stringify({ lastUpdateId: market.lastId, bids: [...market.bids], asks: [...market.asks] });
}

/** The lines of a market whose messages meet faults, ending well: a snapshot and diffs after it. */
function linesOf(seed: number, faults: readonly string[], damage: number): Uint8Array[] {
  const market = new SimulatedMarket(seed);
  const line = new CaptureLine(BASE_NS);
  const lines: Uint8Array[] = [];
  let ns = 0;
  let before = "";
  const put = (bytes: Uint8Array): void => {
    ns += 1_000_000;
    if (line.write(bytes, 0, bytes.length, ns)) lines.push(line.bytes.slice(0, line.length));
  };
  for (const what of [...faults, "snapshot", "well", "well", "well", "well"]) {
    const text = what === "snapshot" ? bookText(market) : market.next();
    const bytes = encoder.encode(text);
    if (what === "cut") put(bytes.subarray(0, damage % bytes.length));
    else if (what === "damaged") {
      const hurt = bytes.slice();
      hurt[damage % bytes.length] = (damage >> 8) & 0xff;
      put(hurt);
    } else if (what === "old" && before !== "") put(encoder.encode(before));
    else if (what !== "lost") put(bytes);
    if (what === "twice") put(bytes);
    if (what === "well") before = text;
  }
  put(encoder.encode(bookText(market)));
  last = market;
  return lines;
}

let last = new SimulatedMarket(0);

describe("a stream of lines", () => {
  it("tells the rows that an import makes of the same lines, whatever happened to them", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.array(fault, { maxLength: 120 }), fc.nat(), (seed, faults, damage) => {
        const lines = linesOf(seed, faults, damage);
        const head = { instrument: BTC.describe(), baseNs: BASE_NS, source: "live", simulated: true };
        const tape = new DepthTapeBuilder(head);
        const stream = new CaptureStream({
          market: "spot",
          instrument: BTC.describe(),
          baseNs: BASE_NS,
          onMessage: ({ block }) => {
            for (let i = 0; i < block.n; i++) {
              const [exch, local] = [block.exch[i] as number, block.local[i] as number];
              tape.push(
                exch,
                local,
                block.kind[i] as number,
                block.tick[i] as number,
                block.lots[i] as number,
              );
            }
          },
        });
        for (const each of lines) stream.take(each, 0, each.length);
        const options = { instrument: BTC.describe(), policies: LIVE_POLICIES, clockShiftNs: 0 } as const;
        const imported = importCapture({ market: "spot", ...options }, () => lines).tape.meta;
        expect(tape.build().meta.contentSha256).toBe(imported.contentSha256);
        expect(stream.counts()).toMatchObject(
          Object.fromEntries(
            Object.entries(imported.counts).filter(([name]) => /^(gap|diffs|trades)$/.test(name)),
          ),
        );
        // A bit that was hurt may leave a level that looks right; only the snapshot at the end mends it.
        if (faults.includes("damaged")) return;
        const { bids, asks } = stream.book.copy();
        expect(bids.map((each) => [each.priceTicks, each.lots])).toEqual(sorted(last.bids, -1));
        expect(asks.map((each) => [each.priceTicks, each.lots])).toEqual(sorted(last.asks, 1));
      }),
      { numRuns: 150 },
    );
  });

  it("records the same rows and report wherever its bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.array(fault, { maxLength: 60 }),
        fc.nat(),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        (seed, faults, damage, cuts) => {
          const lines = Buffer.concat(linesOf(seed, faults, damage));
          const pieces: Uint8Array[] = [];
          for (let at = 0, i = 0; at < lines.length; i++) {
            const size = cuts[i % cuts.length] as number;
            pieces.push(lines.subarray(at, at + size));
            at += size;
          }
          expect(recorded(pieces)).toEqual(recorded([lines]));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("goes on after a price that no book holds", () => {
    const troubles: string[] = [];
    const stream = new CaptureStream({
      market: "spot",
      instrument: BTC.describe(),
      baseNs: BASE_NS,
      onMessage: () => {},
      onTrouble: (kind) => troubles.push(kind),
    });
    const line = new CaptureLine(BASE_NS);
    const far = Array.from({ length: 20_000 }, (_, i) => [`${i * 1_000 + 1}.00`, "1.00000000"]);
    for (const text of [JSON.stringify({ lastUpdateId: 1, bids: far, asks: [] })]) {
      const bytes = encoder.encode(text);
      line.write(bytes, 0, bytes.length, 0);
      stream.take(line.bytes, 0, line.length);
    }
    const bytes = encoder.encode(JSON.stringify({ lastUpdateId: 2, bids: [["9.00", "1.0"]], asks: [] }));
    line.write(bytes, 0, bytes.length, 1);
    stream.take(line.bytes, 0, line.length);
    expect(stream.isSynced).toBe(true);
    expect(stream.book.bestBid).toBe(900);
    expect(troubles.length).toBeLessThanOrEqual(1);
  });

  it("lets what its listener throws through", () => {
    const stream = new CaptureStream({
      market: "spot",
      baseNs: BASE_NS,
      onMessage: () => {
        throw new RangeError("a listener's own");
      },
    });
    const line = new CaptureLine(BASE_NS);
    const bytes = encoder.encode(JSON.stringify({ lastUpdateId: 2, bids: [], asks: [] }));
    line.write(bytes, 0, bytes.length, 1);
    expect(() => stream.take(line.bytes, 0, line.length)).toThrow("a listener's own");
  });
});

describe("bars of several periods", () => {
  it("are those of a builder each, where nothing is late", () => {
    const trade = fc.tuple(fc.nat(40_000), fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 80 }), fc.nat(90_000), (steps, startS) => {
        let ns = startS * 1_000_000_000;
        const trades = steps.map(([ms, tick, size]) => [(ns += ms * 1_000_000), 1_000 + tick, size] as const);
        const found = new Map<BarPeriod, unknown[]>();
        const ends: number[] = [];
        const ladder = new BarLadder({
          onBar: (period, bar) => {
            found.set(period, [...(found.get(period) ?? []), { ...bar }]);
            ends.push(bar.closeNs);
          },
        });
        for (const each of trades) ladder.add(...each);
        ladder.end();
        for (const period of ladder.periods) {
          const truth: unknown[] = [];
          const builder = new BarBuilder({ periodNs: BAR_PERIODS[period], onBar: (bar) => truth.push(bar) });
          for (const each of trades) builder.add(...each);
          builder.end();
          expect(found.get(period)).toEqual(truth);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("takes late trades within the lateness, carries or drops later ones, the same for all periods", () => {
    const second = 1_000_000_000;
    for (const late of ["carry", "drop"] as const) {
      const sums = new Map<BarPeriod, number>();
      const ladder = new BarLadder({
        periods: ["1m", "1s"],
        latenessNs: second,
        late,
        onBar: (period, bar) => sums.set(period, (sums.get(period) ?? 0) + bar.volume),
      });
      ladder.add(10 * second, 5, 1);
      ladder.add(11 * second, 6, 1);
      ladder.add(10 * second + 5, 4, 10);
      ladder.add(20 * second, 7, 1);
      ladder.add(12 * second, 9, 100);
      ladder.end();
      expect(ladder.counts).toMatchObject(late === "carry" ? { lateCarried: 1 } : { lateDropped: 1 });
      expect([...sums.values()]).toEqual(late === "carry" ? [113, 113] : [13, 13]);
    }
  });

  it("refuses periods that are none or stand twice", () => {
    const onBar = (): void => {};
    expect(() => new BarLadder({ onBar, periods: ["1s", "1s"] })).toThrow("bars.periods");
    expect(() => new BarLadder({ onBar, periods: [] })).toThrow("bars.periods");
    expect(() => new BarLadder({ onBar, periods: ["2s" as BarPeriod] })).toThrow("bars.periods[0]");
  });
});

function sorted(side: ReadonlyMap<string, string>, sign: number): [number, number][] {
  const levels = [...side].map(([price, size]): [number, number] => [tick(price), lots(size)]);
  return levels.sort((x, y) => sign * (x[0] - y[0]));
}

function recorded(pieces: readonly Uint8Array[]): unknown {
  const hashes: string[] = [];
  const recording = new CaptureRecording({
    market: "spot",
    instrument: BTC.describe(),
    baseNs: BASE_NS,
    bars: { late: "carry", onBar: (period, bar) => hashes.push(`${period} ${JSON.stringify(bar)}`) },
    onBlock: (block) => {
      for (let i = 0; i < block.n; i++)
        hashes.push(`${block.local[i]} ${block.kind[i]} ${block.tick[i]} ${block.lots[i]}`);
    },
  });
  for (const piece of pieces) recording.push(piece);
  return { counts: recording.end(), report: recording.report(), hashes };
}
