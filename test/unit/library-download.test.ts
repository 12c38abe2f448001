import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openBarTape, openDepthTape } from "../../src/host/index.ts";
import {
  TapeDownload,
  type TapeDownloaded,
  type TapeDownloadOptions,
  TapeLibrary,
} from "../../src/library/index.ts";
import { BarBlock, DepthBlock, KIND_MASK, ROW } from "../../src/model/index.ts";
import { readParquetBars } from "../../src/store/index.ts";
import type { HistoryBar, HistoryTrade, VenueTrouble } from "../../src/venue/index.ts";
import {
  INSTRUMENT,
  Killed,
  MINUTE,
  minuteBars,
  PastClient,
  type PastVenue,
  START,
} from "../fixtures/history-venue.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwright-download-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let serial = 0;
const fresh = (ending = "tape"): string => join(folder, `${++serial}.${ending}`);
const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

interface Run {
  readonly client: PastClient;
  readonly told: TapeDownloaded;
  readonly waits: number[];
}

async function bars(
  venue: PastVenue,
  minutes: number,
  more: Partial<TapeDownloadOptions> = {},
  timeframe = "1m",
): Promise<Run> {
  return await run(new PastClient(venue, timeframe), minutes * MINUTE, more);
}

async function run(client: PastClient, lengthMs: number, more: Partial<TapeDownloadOptions>): Promise<Run> {
  const waits: number[] = [];
  const place = more.out === undefined && more.library === undefined ? { out: fresh() } : {};
  const told = await new TapeDownload({
    ...{ client, fromNs: ns(START), toNs: ns(START + lengthMs), ...place },
    wait: async (ms) => void waits.push(ms),
    ...more,
  }).run();
  return { client, told, waits };
}

/** Open times of a tape's bars, as minutes from the start. */
function minutesOf(path: string): number[] {
  const tape = openBarTape(path);
  const block = new BarBlock();
  const found: number[] = [];
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    for (let k = 0; k < block.n; k++) found.push((block.openNs[k] as number) / 1e6 / MINUTE);
  }
  tape.close();
  return found;
}

function rowsOf(path: string): [kind: number, ms: number, tick: number, lots: number][] {
  const tape = openDepthTape(path);
  const block = new DepthBlock();
  const found: [number, number, number, number][] = [];
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    for (let k = 0; k < block.n; k++) {
      const [kind, ms] = [(block.kind[k] as number) & KIND_MASK, (block.exch[k] as number) / 1e6];
      found.push([kind, ms, block.tick[k] as number, block.lots[k] as number]);
    }
  }
  tape.close();
  return found;
}

const trade = (ms: number, id: number | "", amount = "0.1", price = "100.00"): HistoryTrade => [
  ...([START + ms, price, amount] as const),
  "buy",
  id === "" ? "" : `${id}`,
];

describe("bars", () => {
  test("page by page: the first included, what is not over by the end left out", async () => {
    const all = minuteBars([-2, -1, ...range(40)]);
    const { told, client } = await bars({ bars: all }, 25);
    expect(minutesOf(told.path)).toEqual(range(25));
    expect(client.answered.map((ms) => (Number(ms) - START) / MINUTE)).toEqual([0, 10, 20]);
    expect(told.report).toMatchObject({ gapCount: 0, missing: 0, repeated: 0, altered: 0, offRhythm: 0 });
    expect(told).toMatchObject({ pages: 3, questions: 4, meta: { rows: 25, simulated: false } });
    // Asked for more rows than the venue gives, it asks for what the venue gives.
    const greedy = await bars({ bars: all }, 25, { pageRows: 1_000 });
    expect(minutesOf(greedy.told.path)).toEqual(range(25));
    expect(greedy.client.answered.map((ms) => (Number(ms) - START) / MINUTE)).toEqual([0, 10, 20]);
    // An end within a bar: that bar is not over.
    const half = await bars({ bars: all }, 24.5);
    expect(minutesOf(half.told.path)).toEqual(range(24));
  });

  test("prices, volumes and times are what was told", async () => {
    const bar: HistoryBar = [START, "100.25", "100.4", "99.99", "100", "12.3"];
    const { told } = await bars({ bars: [bar] }, 1);
    const tape = openBarTape(told.path);
    const block = new BarBlock();
    tape.read(0, block);
    tape.close();
    const names = ["open", "high", "low", "close", "volume", "openNs", "closeNs"] as const;
    expect(names.map((name) => block[name][0])).toEqual([
      10_025,
      10_040,
      9_999,
      10_000,
      123,
      0,
      MINUTE * 1e6,
    ]);
  });

  test("without an end: what is over by the venue's clock, less what may still change", async () => {
    const market = { nowMs: START + 12 * MINUTE + 3_000 };
    const past = { bars: minuteBars(range(13)), market };
    const out = fresh();
    const client = new PastClient(past, "1m");
    const told = await new TapeDownload({ client, fromNs: ns(START), out }).run();
    // The bar of minute 11 was over 3 s before: late trades may still change it.
    expect(minutesOf(out)).toEqual(range(11));
    expect(told.toMs).toBe(START + 12 * MINUTE - 7_000);
    const early = new TapeDownload({
      client,
      fromNs: ns(START),
      toNs: ns(START + 12 * MINUTE),
      out: fresh(),
    });
    await expect(early.run()).rejects.toThrow("FAULT_CONFIG download.toNs");
    // A venue that does not tell its time: this machine's clock less a minute.
    const skewed = new PastClient({ ...past, market: { ...market, isVenueTime: false } }, "1m");
    const later = await new TapeDownload({ client: skewed, fromNs: ns(START), out: fresh() }).run();
    expect(later.meta.rows).toBe(10);
  });

  test("spans without bars are walked through and told, at the begin, within and at the end", async () => {
    const all = minuteBars([...range(5).map((i) => i + 100), ...range(5).map((i) => i + 160)]);
    const { told, client } = await bars({ bars: all, windowBars: 10 }, 200);
    expect(minutesOf(told.path)).toEqual([100, 101, 102, 103, 104, 160, 161, 162, 163, 164]);
    const gap = (from: number, to: number): object => ({
      ...{ kind: "bars", fromMs: START + from * MINUTE, toMs: START + to * MINUTE, missing: to - from },
    });
    expect(told.report.gaps).toEqual([gap(0, 100), gap(105, 160), gap(165, 200)]);
    expect(told.report).toMatchObject({ gapCount: 3, missing: 190 });
    expect(told.meta.counts).toEqual({ gaps: 3, missing: 190 });
    expect(client.answered.length).toBeLessThan(25);
  });

  test("a venue that says that nothing comes later is not asked for each span", async () => {
    const { told, client } = await bars(
      { bars: minuteBars(range(5)), market: { isWindowed: false } },
      10_000,
    );
    // That it says so is asked for twice, before it is believed.
    expect(client.answered).toEqual([START, START + 5 * MINUTE, START + 5 * MINUTE]);
    expect(told.report.missing).toBe(9_995);
  });

  test("newest first, fewer than asked, twice, from before, still open: the same tape", async () => {
    const all = minuteBars(range(60));
    const plain = await bars({ bars: all }, 50);
    const odd = await bars(
      {
        bars: all,
        answer: (rows, question, told) => [
          ...told.slice(-3),
          ...rows.slice(0, 1 + (question % 4)).toReversed(),
          ...rows.slice(0, 1),
          ...told.slice(0, 2),
        ],
      },
      50,
    );
    expect(odd.told.pages).toBeGreaterThan(plain.told.pages);
    expect(odd.told.report).toMatchObject({ gapCount: 0, altered: 0 });
    expect(odd.told.report.repeated).toBeGreaterThan(0);
    expect(readFileSync(odd.told.path)).toEqual(readFileSync(plain.told.path));
  });

  test("told again otherwise: the first telling stands, and is counted", async () => {
    const all = minuteBars(range(10));
    const other: HistoryBar = [START + 3 * MINUTE, "1.00", "1.00", "1.00", "1.00", "1"];
    const { told } = await bars({ bars: all, answer: (rows) => [...rows, other] as never }, 10);
    expect(told.report).toMatchObject({ altered: 1, repeated: 0 });
    const plain = await bars({ bars: all }, 10);
    expect(told.meta.contentSha256).toBe(plain.told.meta.contentSha256);
  });

  test("a bar without any price is missing; one off the grid, or without some of them, is a fault that names it", async () => {
    const all = minuteBars(range(3));
    const blank: HistoryBar = [START + MINUTE, "", "", "", "", "0"];
    const { told } = await bars({ bars: [all[0] as HistoryBar, blank, all[2] as HistoryBar] }, 3);
    expect([minutesOf(told.path), told.report.missing]).toEqual([[0, 2], 1]);
    const off: HistoryBar = [START + MINUTE, "1.00", "1.005", "1.00", "1.00", "1"];
    const place = "FAULT_INPUT ABCUSD bar of 2024-08-09T00:01:00Z";
    await expect(bars({ bars: [off] }, 3)).rejects.toThrow(
      `${place} high: found "1.005", expected a multiple of 0.01`,
    );
    const half: HistoryBar = [START + MINUTE, "1.00", "1.00", "", "1.00", "1"];
    await expect(bars({ bars: [half] }, 3)).rejects.toThrow(`${place} low`);
    const none: HistoryBar = [START + MINUTE, "1.00", "1.00", "1.00", "1.00", "-1"];
    await expect(bars({ bars: [none] }, 3)).rejects.toThrow(`${place} volume`);
  });

  test("volumes finer than the lot make the book lot finer, exactly", async () => {
    const bar = (i: number, volume: string): HistoryBar => [
      START + i * MINUTE,
      "1.00",
      "1.00",
      "1.00",
      "1.00",
      volume,
    ];
    const { told } = await bars({ bars: [bar(0, "0.5"), bar(1, "0.1234500")] }, 2);
    expect(told.meta.instrument.bookLotSize).toBe("0.00001");
    const tape = openBarTape(told.path);
    const block = new BarBlock();
    tape.read(0, block);
    tape.close();
    expect([...block.volume.subarray(0, 2)]).toEqual([50_000, 12_345]);
    const huge = bars({ bars: [bar(0, "100000000000"), bar(1, "0.0000001")] }, 2);
    await expect(huge).rejects.toThrow("FAULT_INPUT ABCUSD bar of 2024-08-09T00:00:00Z volume");
  });

  test("months are the calendar's", async () => {
    const month = (m: number): number => Date.UTC(2024, m, 1);
    const all = [0, 1, 3].map((m): HistoryBar => [month(m), "1.00", "1.00", "1.00", "1.00", "1"]);
    const client = new PastClient({ bars: all }, "1M");
    const times = { fromNs: ns(month(0)), toNs: ns(month(5)) };
    const told = await new TapeDownload({ client, ...times, out: fresh() }).run();
    expect(told.report.gaps.map(({ fromMs, toMs, missing }) => [fromMs, toMs, missing])).toEqual([
      [month(2), month(3), 1],
      [month(4), month(5), 1],
    ]);
  });

  test("from the last days of a long month, the short month behind it is not lost", async () => {
    const months = [1, 2, 3].map((month): HistoryBar => [Date.UTC(2023, month, 1), "1", "1", "1", "1", "1"]);
    for (const [day, end, rows] of [
      [31, 2, 1],
      [29, 2, 1],
      [31, 4, 3],
    ] as const) {
      const client = new PastClient({ bars: months }, "1M");
      const fromNs = ns(Date.UTC(2023, 0, day));
      const { told } = await run(client, 0, { fromNs, toNs: ns(Date.UTC(2023, end, 1)) });
      expect([told.meta.rows, told.report.missing]).toEqual([rows, 0]);
    }
  });

  test("bars off the rhythm are told", async () => {
    const odd: HistoryBar = [START + 150_000, "1.00", "1.00", "1.00", "1.00", "1"];
    const { told } = await bars({ bars: [...minuteBars([0, 1]), odd] }, 4);
    expect(told.report).toMatchObject({ offRhythm: 1 });
  });
});

describe("trades", () => {
  const trades = async (
    venue: PastVenue,
    lengthMs: number,
    more: Partial<TapeDownloadOptions> = {},
  ): Promise<Run> => await run(new PastClient(venue), lengthMs, more);

  test("by time: no trade of a millisecond is lost between pages, none comes twice", async () => {
    const all = range(40).map((i) => trade(Math.floor(i / 4) * 10, i + 1, `0.${1 + (i % 9)}`));
    const { told } = await trades({ trades: all }, 1_000);
    expect(rowsOf(told.path).map(([, ms, , lots]) => [ms, lots])).toEqual(
      range(40).map((i) => [Math.floor(i / 4) * 10, 1 + (i % 9)]),
    );
    expect(told.report).toMatchObject({ gapCount: 0, ids: "sequential", crowded: 0, altered: 0 });
  });

  test("without numbers: equal trades of a millisecond are counted, not taken for repeats", async () => {
    const all = range(30).map((i) => trade(Math.floor(i / 6) * 10, ""));
    const { told } = await trades({ trades: all }, 1_000);
    expect(rowsOf(told.path)).toHaveLength(30);
    expect(told.report.ids).toBe("none");
  });

  test("more trades in a millisecond than an answer holds: on it goes, and says so", async () => {
    const all = [...range(25).map((i) => trade(5, i + 1)), trade(9, 26)];
    const { told } = await trades({ trades: all }, 1_000);
    expect(told.report).toMatchObject({ crowded: 1, missing: 15, ids: "sequential" });
    expect(rowsOf(told.path).map(([kind]) => kind)).toEqual([
      ...range(10).map(() => ROW.buy),
      ROW.gap,
      ROW.buy,
    ]);
  });

  test("numbers that are missing are told, and a gap row stands where they are", async () => {
    const all = range(60)
      .filter((i) => i < 20 || i >= 23)
      .map((i) => trade(i * 10, i + 1));
    const { told } = await trades({ trades: all }, 1_000);
    const gap = {
      kind: "ids",
      fromMs: START + 190,
      toMs: START + 230,
      missing: 3,
      afterId: "20",
      beforeId: "24",
    };
    expect(told.report.gaps).toEqual([gap]);
    expect(rowsOf(told.path)[20]).toEqual([ROW.gap, 230, 0, 0]);
    expect(told.meta.counts).toEqual({ gaps: 1, missing: 3 });
  });

  test("numbers that other markets share prove nothing", async () => {
    const all = range(40).map((i) => trade(i * 10, i * 5 + (i % 3)));
    const { told } = await trades({ trades: all }, 1_000);
    expect(told.report).toMatchObject({ gapCount: 0, missing: 0, ids: "sparse" });
    expect(rowsOf(told.path)).toHaveLength(40);
  });

  test("silence is walked through by the hour, and told", async () => {
    const hour = 3_600_000;
    const all = [trade(5 * hour, 1), trade(5 * hour + 1, 2), trade(30 * hour, 3)];
    const { told, client } = await trades({ trades: all, windowMs: hour }, 40 * hour);
    expect(rowsOf(told.path)).toHaveLength(3);
    expect(
      told.report.gaps.map(({ kind, fromMs, toMs }) => [
        kind,
        (fromMs - START) / hour,
        (toMs - START) / hour,
      ]),
    ).toEqual([
      ["silence", 0, 5],
      ["silence", expect.closeTo(5, 3), 30],
      ["silence", 30, 40],
    ]);
    expect(client.answered.length).toBeLessThan(50);
  });

  test("by number where the venue has that: the first trade is found, then no window is walked", async () => {
    const hour = 3_600_000;
    const all = range(35).map((i) => trade(1_000 * hour + i * hour, i + 1));
    const past = { trades: all, market: { byId: true, nowMs: START + 1e12 }, windowMs: hour };
    const young = await trades(past, 2_000 * hour);
    expect(rowsOf(young.told.path)).toHaveLength(35);
    expect(young.client.answered).toEqual(["0", "1", "11", "21", "31", "36", "36"]);
    const since = { fromNs: ns(START + 1_010.5 * hour), toNs: ns(START + 1_020 * hour) };
    const middle = await trades(past, 0, since);
    expect(rowsOf(middle.told.path)).toHaveLength(9);
    expect(middle.client.answered).toEqual(["0", START + 1_010.5 * hour, "13"]);
  });

  test("asked for from long before the first: times are exact", async () => {
    for (const from of ["1970-01-01", "2000-01-01"]) {
      const client = new PastClient({ trades: [trade(1, 1), trade(1_237, 2)], market: { byId: true } });
      const { told } = await run(client, MINUTE, { fromNs: ns(Date.parse(from)), toNs: ns(START + MINUTE) });
      expect([told.meta.fromNs, told.meta.toNs]).toEqual([`${ns(START + 1)}`, `${ns(START + 1_237)}`]);
    }
  });

  test("sides, and times that fall within numbers: kept in the order of numbers, clamped and counted", async () => {
    const all: HistoryTrade[] = [
      [START + 10, "100.00", "0.1", "buy", "1"],
      [START + 30, "100.01", "0.2", "sell", "2"],
      [START + 20, "100.02", "0.3", "", "3"],
    ];
    const { told } = await trades({ trades: all, market: { byId: true } }, 100);
    expect(rowsOf(told.path)).toEqual([
      [ROW.buy, 10, 10_000, 1],
      [ROW.sell, 30, 10_001, 2],
      [ROW.trade, 30, 10_002, 3],
    ]);
    expect(told.meta.counts).toEqual({ timeClamped: 1 });
  });

  test("a trade whose number comes again with other terms: the first telling stands, and is counted", async () => {
    const all = range(20).map((i) => trade(i * 10, i + 1));
    const changed: HistoryTrade = [START + 90, "7.00", "9", "sell", "10"];
    const answer = ((rows: readonly HistoryTrade[], question: number) =>
      question === 2 ? [changed, ...rows.slice(1)] : rows) as never;
    const { told } = await trades({ trades: all, answer }, 1_000);
    expect(told.report.altered).toBe(1);
    expect(rowsOf(told.path)).toHaveLength(20);
  });

  test("a price off the grid is a fault that names the trade", async () => {
    const told = trades({ trades: [trade(5, 77, "0.1", "100.005")] }, 100);
    await expect(told).rejects.toThrow("FAULT_INPUT ABCUSD trade 77 of 2024-08-09T00:00:00.005Z price");
  });
});

describe("trouble", () => {
  const limited: VenueTrouble = { code: "VENUE_RATE_LIMITED", words: "slower" };

  test("is waited out: as long as the venue wants, else twice as long each time", async () => {
    const heard: number[] = [];
    const past: PastVenue = {
      bars: minuteBars(range(30)),
      trouble: (question) =>
        question === 2
          ? { cause: { ...limited, retryNs: 30e9 } }
          : question >= 4 && question <= 7
            ? { cause: { code: "VENUE_UNREACHABLE", words: "no way" } }
            : undefined,
    };
    const { told, waits, client } = await bars(past, 30, { onTrouble: (_, ms) => void heard.push(ms) });
    expect(told.meta.rows).toBe(30);
    expect(waits).toEqual(heard);
    expect(waits).toHaveLength(5);
    expect(waits[0]).toBe(30_000);
    for (const [i, most] of [1_000, 2_000, 4_000, 8_000].entries()) {
      expect(waits[i + 1]).toBeGreaterThanOrEqual(most / 2);
      expect(waits[i + 1]).toBeLessThanOrEqual(most);
    }
    expect(client.answered).toHaveLength(3);
    expect(told.questions).toBe(1 + 3 + 5);
  });

  test("that does not end, ends the download; what is there stays, and is not asked again", async () => {
    const all = minuteBars(range(30));
    const out = fresh();
    const cause: VenueTrouble = { code: "VENUE_SERVER", words: "503" };
    const down: PastVenue = { bars: all, trouble: (question) => (question > 1 ? { cause } : undefined) };
    await expect(bars(down, 30, { out, attempts: 3 })).rejects.toThrow(
      'FAULT_IO past ABC/USD: found "VENUE_SERVER: 503"',
    );
    const final: PastVenue = { bars: all, trouble: () => ({ cause, isFinal: true }) };
    const once = new PastClient(final, "1m");
    await expect(run(once, 30 * MINUTE, { out })).rejects.toThrow("VENUE_SERVER");
    const far: PastVenue = { bars: all, trouble: () => ({ cause: { ...limited, retryNs: 7_200e9 } }) };
    await expect(bars(far, 30, { out })).rejects.toThrow("VENUE_RATE_LIMITED for 7200 s");
    const { told, client } = await bars({ bars: all }, 30, { out });
    expect(client.answered.map((ms) => (Number(ms) - START) / MINUTE)).toEqual([10, 20]);
    expect(minutesOf(told.path)).toEqual(range(30));
  });
});

describe("the journal", () => {
  const all = minuteBars(range(50));
  const killedAt = (question: number): PastVenue => ({ bars: all, kill: (each) => each === question });

  async function begun(out: string, question = 3): Promise<string> {
    await expect(bars(killedAt(question), 50, { out })).rejects.toThrow(Killed);
    return `${out}.download`;
  }

  test("a download goes on behind what is whole; its file is that of one that was not killed", async () => {
    const plain = await bars({ bars: all }, 50);
    const out = fresh();
    const journal = await begun(out);
    expect(existsSync(out)).toBe(false);
    // The last line is torn.
    const text = readFileSync(journal);
    writeFileSync(journal, text.subarray(0, text.length - 5));
    const { told, client } = await bars({ bars: all }, 50, { out });
    expect(client.answered.map((ms) => (Number(ms) - START) / MINUTE)).toEqual([10, 20, 30, 40]);
    expect(readFileSync(out)).toEqual(readFileSync(plain.told.path));
    expect(told.fileSha256).toBe(plain.told.fileSha256);
    expect(readdirSync(folder).filter((name) => name.startsWith(`${basename(out)}.`))).toEqual([]);
  });

  test("refuses another download's parameters by name", async () => {
    const iso = (minutes: number): string =>
      new Date(START + minutes * MINUTE).toISOString().replace(".000", "");
    const out = fresh();
    const journal = await begun(out);
    const other = bars({ bars: all }, 60, { out });
    await expect(other).rejects.toThrow(
      `FAULT_CONFIG download.toMs: found "${iso(60)}", expected ${iso(50)}, as in the download that ${journal} holds`,
    );
    await expect(bars({ bars: all }, 50, { out }, "5m")).rejects.toThrow(
      'FAULT_CONFIG download.what: found "5m", expected 1m',
    );
    await expect(bars({ bars: all }, 50, { out, simulated: true })).rejects.toThrow("download.simulated");
    expect((await bars({ bars: all }, 50, { out })).told.meta.rows).toBe(50);
  });

  test("a line that is not what was written is a fault, unless it is the last", async () => {
    const out = fresh();
    const journal = await begun(out, 4);
    const lines = readFileSync(journal, "utf8").split("\n");
    const second = lines[1] as string;
    writeFileSync(journal, [lines[0], second.replace("100", "101"), ...lines.slice(2)].join("\n"));
    await expect(bars({ bars: all }, 50, { out })).rejects.toThrow(`FAULT_JOURNAL_CORRUPT ${journal} line 2`);
    writeFileSync(journal, [lines[0], ...lines.slice(2)].join("\n"));
    await expect(bars({ bars: all }, 50, { out })).rejects.toThrow(`FAULT_JOURNAL_CORRUPT ${journal} line 2`);
    writeFileSync(journal, lines.join("\n"));
    appendFileSync(journal, "half a line");
    expect((await bars({ bars: all }, 50, { out })).told.pages).toBe(5);
  });

  test("another file in the journal's place is a fault, and stays as it is", async () => {
    const journal = join(folder, "notes.txt");
    for (const text of ["a line of notes\n", "a line without its end", "deadbeef and more"]) {
      writeFileSync(journal, text);
      await expect(bars({ bars: all }, 50, { journal })).rejects.toThrow(
        `FAULT_JOURNAL_CORRUPT ${journal} line 1`,
      );
      expect(readFileSync(journal, "utf8")).toBe(text);
    }
    // What a kill can leave of the first line.
    for (const text of ["", "0123", "01234567", "01234567 ", '01234567 {"end']) {
      writeFileSync(journal, text);
      expect((await bars({ bars: all }, 50, { journal })).told.pages).toBe(5);
    }
  });

  test("killed while the file was written: written again, without a question", async () => {
    const plain = await bars({ bars: all }, 50);
    const out = fresh();
    const journal = await begun(out, 5);
    const header = readFileSync(journal, "utf8").split("\n")[0] as string;
    expect(JSON.parse(header.slice(9))).toMatchObject({ format: 1, endMs: START + 50 * MINUTE });
    // The whole journal of a download that was killed behind its rename: everything, the word that it writes, the file.
    const kept = fresh();
    const wall: PastVenue = { bars: all, market: { pageRows: 1_000 } };
    await expect(
      bars(wall, 50, {
        out: kept,
        onProgress: () => {
          throw new Killed();
        },
      }),
    ).rejects.toThrow(Killed);
    writeFileSync(kept, "an older file");
    await expect(bars(wall, 50, { out: kept })).rejects.toThrow("FAULT_IO");
    const { crc32c } = await import("../../src/base/index.ts");
    const json = '{"written":true}';
    appendFileSync(
      `${kept}.download`,
      `${crc32c(Buffer.from(json)).toString(16).padStart(8, "0")} ${json}\n`,
    );
    const { told, client } = await bars(wall, 50, { out: kept });
    expect([client.opened, client.answered.length]).toEqual([0, 0]);
    expect(readFileSync(told.path)).toEqual(readFileSync(plain.told.path));
  });

  test("an end that was not given is settled at the first start", async () => {
    const out = fresh();
    const market = { nowMs: START + 20 * MINUTE + 10_000 };
    const kill = (question: number): boolean => question === 2;
    const first = new PastClient({ bars: all, market, kill }, "1m");
    await expect(new TapeDownload({ client: first, fromNs: ns(START), out }).run()).rejects.toThrow(Killed);
    const second = new PastClient({ bars: all }, "1m");
    await new TapeDownload({ client: second, fromNs: ns(START), out }).run();
    expect(minutesOf(out)).toEqual(range(20));
  });

  test("one process at a time", async () => {
    const out = fresh();
    const inner = { told: "" };
    const client = new PastClient({ bars: all }, "1m");
    await run(client, 50 * MINUTE, {
      out,
      onProgress: () => void (inner.told = inner.told || `${existsSync(`${out}.download.lock`)}`),
    });
    expect(inner.told).toBe("true");
    const held = new TapeDownload({
      client: new PastClient({ bars: all, kill: () => true }, "1m"),
      fromNs: ns(START),
      out: fresh(),
    });
    await expect(Promise.all([held.run(), held.run()])).rejects.toThrow("FAULT_IO");
  });

  test("other steps than at the first start count for all rows, and nothing is asked again", async () => {
    const out = fresh();
    await begun(out);
    const finer = { instrument: { ...INSTRUMENT, tickSize: "0.001" } };
    const { told, client } = await bars({ bars: all, market: finer }, 50, { out, tickSize: "0.001" });
    expect(told.meta.instrument.tickSize).toBe("0.001");
    expect(client.answered).toHaveLength(3);
  });
});

describe("places", () => {
  const all = minuteBars(range(20));

  test("a Parquet file holds the same tape", async () => {
    const plain = await bars({ bars: all }, 20);
    const { told } = await bars({ bars: all }, 20, { out: fresh("parquet"), numbers: "decimals" });
    const reading = await readParquetBars(told.path);
    expect((await reading.load()).meta).toEqual(plain.told.meta);
    reading.close();
    expect(readdirSync(folder).filter((name) => name.startsWith(`${basename(told.path)}.`))).toEqual([]);
  });

  test("a library takes it once, also from a download that was killed behind its adding", async () => {
    const library = join(folder, "library");
    const journal = `${library}.abc.download`;
    const first = await bars({ bars: all }, 20, { library, journal });
    const again = await bars({ bars: all }, 20, { library, journal });
    expect(again.told.path).toBe(first.told.path);
    const held = new TapeLibrary({ folder: library });
    expect(held.list()).toHaveLength(1);
    expect(held.verify()).toEqual([]);
  });

  test("a file that is there stays, unless it is to be replaced", async () => {
    const out = fresh();
    writeFileSync(out, "mine");
    await expect(bars({ bars: all }, 20, { out })).rejects.toThrow(`FAULT_IO ${out}`);
    expect([readFileSync(out, "utf8"), existsSync(`${out}.download`)]).toEqual(["mine", false]);
    await bars({ bars: all }, 20, { out, overwrite: true });
    expect(minutesOf(out)).toEqual(range(20));
  });

  test("nothing at all is a fault, and leaves nothing", async () => {
    const out = fresh();
    const none = bars({ bars: [] }, 100, { out });
    await expect(none).rejects.toThrow(
      'FAULT_INPUT past ABC/USD: found "no bar", expected at least one between 2024-08-09T00:00:00Z',
    );
    expect(readdirSync(folder).filter((name) => name.startsWith(`${serial}.`))).toEqual([]);
  });

  test("options are checked by name", () => {
    const client = new PastClient({}, "1m");
    const make = (more: object): unknown =>
      new TapeDownload({ client, fromNs: 0n, out: fresh(), ...more } as TapeDownloadOptions);
    expect(() => make({ toNs: 0n })).toThrow("FAULT_CONFIG download.toNs");
    expect(() => make({ fromNs: 5n })).toThrow("FAULT_CONFIG download.fromNs");
    expect(() => make({ out: "x.csv" })).toThrow("FAULT_CONFIG download.out");
    expect(() => make({ library: "y" })).toThrow("FAULT_CONFIG download.out");
    expect(() => make({ out: undefined })).toThrow("FAULT_CONFIG download.out");
    expect(() => make({ out: undefined, library: "y" })).toThrow("FAULT_CONFIG download.journal");
    expect(() => make({ pageRows: 0 })).toThrow("FAULT_CONFIG download.pageRows");
    expect(() => make({ nonsense: 1 })).toThrow("FAULT_CONFIG download.nonsense");
    expect(() => make({ client: new PastClient({}, "1q") })).toThrow("FAULT_CONFIG download.what");
  });
});
