import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { BarTapeBuilder, DepthTapeBuilder } from "../../src/feed/index.ts";
import { TapeDownload, type TapeDownloaded } from "../../src/library/index.ts";
import { LAST, ROW } from "../../src/model/index.ts";
import type { HistoryBar, HistoryTrade } from "../../src/venue/index.ts";
import {
  INSTRUMENT,
  Killed,
  MINUTE,
  minuteBars,
  PastClient,
  type PastVenue,
  START,
} from "../fixtures/history-venue.ts";

const RUNS = Number(process.env["TICKWRIGHT_DOWNLOAD_RUNS"] ?? 60);
const folder = mkdtempSync(join(tmpdir(), "tickwright-downloads-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let serial = 0;

/** What goes wrong on the way: sizes of answers, what they have beside, troubles, kills and what they tear. */
const way = fc.record({
  sizes: fc.array(fc.integer({ min: 6, max: 14 }), { minLength: 1, maxLength: 8 }),
  noise: fc.array(fc.constantFrom("none", "twice", "early", "newestFirst", "trouble", "silent"), {
    minLength: 1,
    maxLength: 9,
  }),
  kills: fc.array(
    fc.record({ after: fc.integer({ min: 1, max: 6 }), tear: fc.constantFrom("nothing", "line", "more") }),
    { maxLength: 5 },
  ),
});
type Way = typeof way extends fc.Arbitrary<infer Value> ? Value : never;

/** Downloads over kills; what was answered more than once is at most a page a kill. */
async function over(
  { sizes, noise, kills }: Way,
  past: PastVenue,
  toMs: number,
  timeframe: string | undefined,
): Promise<{ told: TapeDownloaded; bytes: Buffer }> {
  const out = join(folder, `${++serial}.tape`);
  const [answered, torn] = [{ count: 0 }, { count: 0 }];
  let wasEmpty = false;
  for (let start = 0; ; start++) {
    const kill = kills[start];
    const client = new PastClient(
      {
        ...past,
        kill: (question) => kill !== undefined && question > kill.after,
        trouble: (question) =>
          noise[(question + start) % noise.length] === "trouble" && question % 2 === 0
            ? { cause: { code: "VENUE_SERVER", words: "again" } }
            : undefined,
        answer: (rows, question, all) => {
          const short = rows.slice(0, sizes[(question + start) % sizes.length]);
          const kind = noise[(question * 7 + start) % noise.length];
          // An answer behind rows that is empty for once: the same question brings what is there.
          const isSilent = kind === "silent" && !wasEmpty;
          wasEmpty = isSilent || short.length === 0;
          if (isSilent) return [];
          if (kind === "twice") return [...short, ...short];
          if (kind === "early")
            return [...all.slice(0, Math.max(0, all.indexOf(rows[0] as never))).slice(-2), ...short];
          return kind === "newestFirst" ? short.toReversed() : short;
        },
      },
      timeframe,
    );
    try {
      const told = await new TapeDownload({
        ...{ client, fromNs: BigInt(START) * 1_000_000n, toNs: BigInt(toMs) * 1_000_000n, out },
        wait: async () => {},
      }).run();
      answered.count += client.answered.length;
      expect(answered.count).toBeLessThanOrEqual(told.pages + torn.count);
      return { told, bytes: readFileSync(out) };
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      answered.count += client.answered.length;
      const journal = `${out}.download`;
      if (kill?.tear === "more") appendFileSync(journal, "0badc0de {");
      if (kill?.tear === "line" && client.answered.length > 0) {
        truncateSync(journal, readFileSync(journal).length - 7);
        torn.count += 1;
      }
    }
  }
}

test("bars: whatever the pages and the kills, the tape is that of all bars at once", {
  timeout: 60_000,
}, async () => {
  const market = fc.record({
    times: fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 90 }),
    length: fc.integer({ min: 1, max: 121 }),
    isWindowed: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(market, way, async ({ times, length, isWindowed }, odd) => {
      const all = minuteBars(times.toSorted((a, b) => a - b));
      const meant = all.filter(([ms]) => ms + MINUTE <= START + length * MINUTE);
      fc.pre(meant.length > 0);
      // A venue that answers about all that comes later may be brief, but it is never silent before the end.
      const window = isWindowed ? { windowBars: 10 } : {};
      const past: PastVenue = { bars: all, market: { isWindowed }, ...window };
      const { told, bytes } = await over(odd, past, START + length * MINUTE, "1m");
      expect(told.meta.rows).toBe(meant.length);
      expect(told.meta.contentSha256).toBe(barsHash(meant));
      expect(told.report.missing).toBe(length - meant.length);
      const plain = await over(
        { sizes: [100], noise: ["none"], kills: [] },
        past,
        START + length * MINUTE,
        "1m",
      );
      expect(bytes.equals(plain.bytes)).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

test("trades: numbered or not, by time or by number: each once, in order", { timeout: 60_000 }, async () => {
  const market = fc.record({
    steps: fc.array(fc.constantFrom(0, 0, 1, 3, 50, 700), { minLength: 1, maxLength: 80 }),
    kind: fc.constantFrom("none", "numbered", "byId"),
    lengthMs: fc.integer({ min: 1, max: 12_000 }),
  });
  await fc.assert(
    fc.asyncProperty(market, way, async ({ steps, kind, lengthMs }, odd) => {
      const all = pastTrades(steps, kind !== "none");
      const meant = all.filter(([ms]) => ms < START + lengthMs);
      fc.pre(meant.length > 0);
      // Without numbers nobody can tell a row that comes twice in one answer from two trades, nor their order in it.
      const noise =
        kind === "none"
          ? odd.noise.filter((each) => each !== "twice" && each !== "newestFirst").concat("none")
          : odd.noise;
      const past: PastVenue = {
        trades: all,
        market: { byId: kind === "byId", pageRows: 14 },
        windowMs: 3_600_000,
      };
      const { told, bytes } = await over({ ...odd, noise }, past, START + lengthMs, undefined);
      expect(told.meta.contentSha256).toBe(tradesHash(meant));
      expect(told.report).toMatchObject({ missing: 0, crowded: 0, altered: 0 });
      const plain = await over(
        { sizes: [14], noise: ["none"], kills: [] },
        past,
        START + lengthMs,
        undefined,
      );
      expect(bytes.equals(plain.bytes)).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

/** At most five in a millisecond: fewer than the shortest answer holds. */
function pastTrades(steps: readonly number[], isNumbered: boolean): HistoryTrade[] {
  let [ms, same] = [0, 0];
  return steps.map((step, i): HistoryTrade => {
    same = step === 0 ? same + 1 : 0;
    if (same > 4) [ms, same] = [ms + 1, 0];
    ms += step;
    const side = i % 3 === 0 ? "sell" : "buy";
    return [START + ms, `${100 + (i % 2)}.00`, `0.${1 + (i % 3)}`, side, isNumbered ? `${i + 1}` : ""];
  });
}

const head = {
  instrument: INSTRUMENT,
  baseNs: BigInt(START) * 1_000_000n,
  source: "oracle",
  simulated: false,
};
const cents = (text: string): number => Math.round(Number(text) * 100);
const tenths = (text: string): number => Math.round(Number(text) * 10);

function barsHash(bars: readonly HistoryBar[]): string {
  const tape = new BarTapeBuilder(head);
  for (const [ms, open, high, low, close, volume] of bars) {
    const openNs = (ms - START) * 1e6;
    const prices = { open: cents(open), high: cents(high), low: cents(low), close: cents(close) };
    tape.push({ openNs, closeNs: openNs + MINUTE * 1e6, ...prices, volume: tenths(volume) });
  }
  return tape.build().meta.contentSha256;
}

function tradesHash(trades: readonly HistoryTrade[]): string {
  const tape = new DepthTapeBuilder(head);
  for (const [ms, price, amount, side] of trades) {
    const at = (ms - START) * 1e6;
    tape.push(at, at, (side === "buy" ? ROW.buy : ROW.sell) | LAST, cents(price), tenths(amount));
  }
  return tape.build().meta.contentSha256;
}
