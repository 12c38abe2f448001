import { describe, expect, it } from "vitest";
import { FeedArbiter, type FeedArbiterOptions, type SavedFeedArbiter } from "../../src/feed/index.ts";
import { KIND_MASK, LAST, ROW, SNAPSHOT } from "../../src/model/index.ts";
import { FailoverWorld } from "../fixtures/feed-failover-world.ts";
import { type Level, messageOf, type PlainBook, playRows, textOf } from "../fixtures/feed-world.ts";

const MS = 1e6;
const bid = (tick: number, lots = 1): Level => ({ side: "bid", tick, lots });
const ask = (tick: number, lots = 1): Level => ({ side: "ask", tick, lots });

function make(options: Partial<FeedArbiterOptions> = {}) {
  const said: string[] = [];
  const book: PlainBook = new Map();
  const rows: string[] = [];
  const arbiter = new FeedArbiter({
    sources: ["a", "b", "c"].map((name) => ({ name, numbering: "single" as const })),
    agreementTicks: 5,
    scoreNs: 1e9,
    ...options,
    sink: {
      rows: (block, from, to, source) => {
        playRows(book, block, from, to);
        for (let i = from; i < to; i++) {
          const kind = block.kind[i] as number;
          const flags = `${kind & SNAPSHOT ? "S" : ""}${kind & LAST ? "L" : ""}`;
          rows.push(
            `${source}:${kind & KIND_MASK}${flags} ${block.tick[i]} @${block.local[i]}/${block.exch[i]}`,
          );
        }
      },
    },
    listener: {
      sourceChanged: (to, from, reason) => said.push(`${from}>${to} ${reason}`),
      feedFailed: (reason) => said.push(`failed ${reason}`),
      disqualified: (source, reason) => said.push(`-${source} ${reason}`),
      qualified: (source) => said.push(`+${source}`),
      gap: (source, first, last) => said.push(`gap ${source} ${first}-${last}`),
      recovered: (source, tookNs) => said.push(`recovered ${source} ${tookNs / MS}`),
      requestSnapshot: (source) => said.push(`ask ${source}`),
    },
  });
  const snapshot = (source: number, n: number, levels: readonly Level[], atMs: number, exchMs = atMs) => {
    const at = { exchNs: exchMs * MS, localNs: atMs * MS };
    arbiter.message(source, messageOf(n, levels, { isSnapshot: true, ...at }), atMs * MS);
  };
  const change = (source: number, n: number, levels: readonly Level[], atMs: number, exchMs = atMs) => {
    arbiter.message(source, messageOf(n, levels, { exchNs: exchMs * MS, localNs: atMs * MS }), atMs * MS);
  };
  const take = (): string => said.splice(0).join(" ");
  return { arbiter, book, rows, snapshot, change, take };
}

/** Three sources with equal books, the first current. */
function three(options: Partial<FeedArbiterOptions> = {}) {
  const made = make(options);
  for (const source of [0, 1, 2]) made.snapshot(source, 10, [bid(99), ask(101)], 1);
  expect(made.take()).toBe("ask 0 +0 -1>0 first ask 1 +1 ask 2 +2");
  made.rows.length = 0;
  return made;
}

describe("a feed arbiter", () => {
  it("passes on the rows of the current source alone, and keeps the books of all", () => {
    const { change, rows, book } = three();
    change(0, 11, [bid(98, 2)], 2);
    change(1, 11, [bid(98, 3)], 2);
    expect(rows).toEqual(["0:0L 98 @2000000/2000000"]);
    expect(textOf(book)).toBe("ask 101=1 bid 98=2 bid 99=1");
  });

  it("replaces the book by the next source's at a disconnection, in one message", () => {
    const { arbiter, change, rows, book, take } = three();
    change(1, 11, [bid(98, 3), bid(97, 4)], 2);
    arbiter.disconnected(0, 3 * MS);
    expect(take()).toBe("-0 disconnected 0>1 disconnected");
    const at = "@3000000/2000000";
    expect(rows).toEqual([
      `1:5S 0 ${at}`,
      `1:0S 99 ${at}`,
      `1:0S 98 ${at}`,
      `1:0S 97 ${at}`,
      `1:1SL 101 ${at}`,
    ]);
    expect(textOf(book)).toBe("ask 101=1 bid 97=4 bid 98=3 bid 99=1");
  });

  it("never lets times fall, whatever the sources' own", () => {
    const { arbiter, change, rows } = three();
    change(0, 11, [bid(98)], 9);
    arbiter.disconnected(0, 9 * MS);
    change(1, 11, [bid(98)], 10, 4);
    expect(rows.at(-1)).toBe("1:0L 98 @10000000/9000000");
    expect(arbiter.raised).toBe(1);
  });

  it("fails with a gap row where no source is left, and begins anew with the first that is good", () => {
    const { arbiter, rows, take, snapshot } = three();
    for (const source of [2, 1, 0]) arbiter.disconnected(source, 3 * MS);
    expect(take()).toBe("-2 disconnected -1 disconnected -0 disconnected failed disconnected");
    expect([rows, arbiter.current]).toEqual([["0:10L 0 @3000000/1000000"], -1]);
    arbiter.connected(2, 4 * MS);
    snapshot(2, 40, [bid(90), ask(91)], 5);
    expect(take()).toBe("ask 2 +2 -1>2 first recovered 2 2");
  });

  it("waits for a gap as long as it may be filled, then takes another source", () => {
    const { arbiter, change, take } = three();
    change(0, 12, [bid(97)], 2);
    expect(take()).toBe("gap 0 11-11");
    change(0, 11, [bid(98)], 5);
    expect(take()).toBe("recovered 0 3");
    change(0, 14, [bid(97)], 6);
    arbiter.advance(16 * MS);
    expect(take()).toBe("gap 0 13-13 -0 gap 0>1 gap");
    arbiter.advance(26 * MS);
    expect(take()).toBe("ask 0");
  });

  it("leaves a source whose book is crossed for too long", () => {
    const { arbiter, change, take, book } = three();
    change(0, 11, [bid(101)], 2);
    change(0, 12, [ask(101, 0)], 10);
    change(0, 13, [ask(101), bid(101, 0)], 11);
    arbiter.advance(40 * MS);
    expect([take(), arbiter.current]).toEqual(["", 0]);
    change(0, 14, [bid(101)], 50);
    expect(arbiter.nextNs).toBe(70 * MS);
    arbiter.advance(70 * MS);
    expect(take()).toBe("-0 crossed 0>1 crossed");
    expect(textOf(book)).toBe("ask 101=1 bid 99=1");
  });

  it("leaves a source whose book is corrupt, until a snapshot came and its probation is over", () => {
    const { arbiter, snapshot, take, change } = three({ probationNs: 100 * MS });
    arbiter.corrupt(0, 2 * MS);
    expect(take()).toBe("-0 corrupt 0>1 corrupt ask 0");
    snapshot(0, 10, [bid(99), ask(101)], 5);
    expect(take()).toBe("+0 recovered 0 3");
    arbiter.disconnected(1, 6 * MS);
    expect(take()).toBe("-1 disconnected 1>2 disconnected");
    arbiter.corrupt(2, 7 * MS);
    expect(take()).toBe("-2 corrupt 2>0 corrupt ask 2");
    change(0, 11, [], 8);
  });

  it("takes rows that no book can hold for a corrupt source", () => {
    const { arbiter, change, take, rows } = three();
    change(0, 11, [bid(2 ** 30)], 2);
    expect(take()).toBe("-0 corrupt 0>1 corrupt ask 0");
    expect(rows.some((row) => row.startsWith("0:"))).toBe(false);
    expect(arbiter.report(0)).toMatchObject({ name: "a", disqualifiers: ["gap", "corrupt"], messages: 2 });
  });

  it("passes rows beside the book on, of the current source", () => {
    const { arbiter, rows } = three();
    const trade = messageOf(-1, [bid(100)], { exchNs: 3 * MS, localNs: 3 * MS });
    trade.block.kind[0] = ROW.buy | LAST;
    arbiter.aside(0, trade, 3 * MS);
    arbiter.aside(1, trade, 3 * MS);
    expect(rows).toEqual(["0:2L 100 @3000000/3000000"]);
  });

  it("keeps a source without numbers, from its snapshot on", () => {
    const { arbiter, change, snapshot, take, book } = make({ sources: [{ name: "a", numbering: "none" }] });
    change(0, -1, [bid(5)], 1);
    expect(take()).toBe("ask 0");
    snapshot(0, -1, [bid(7), ask(9)], 2);
    change(0, -1, [bid(8)], 3);
    expect([take(), textOf(book)]).toEqual(["+0 -1>0 first", "ask 9=1 bid 7=1 bid 8=1"]);
    arbiter.corrupt(0, 4 * MS);
    expect(take()).toBe("-0 corrupt failed corrupt ask 0");
  });

  it("leaves a source without a sign of life, and takes heartbeats for one", () => {
    const sources = ["a", "b"].map((name) => ({ name, numbering: "single" as const, heartbeatNs: 20 * MS }));
    const made = make({ sources });
    for (const source of [0, 1]) made.snapshot(source, 10, [bid(99), ask(101)], 1);
    made.take();
    expect(made.arbiter.detectionBoundNs(0)).toBe(60 * MS);
    for (const ms of [20, 40, 60]) made.arbiter.alive(1, ms * MS);
    made.arbiter.alive(0, 20 * MS);
    made.arbiter.advance(79 * MS);
    expect(made.take()).toBe("");
    made.arbiter.advance(80 * MS);
    expect(made.take()).toBe("-0 silent 0>1 silent");
    made.arbiter.alive(0, 85 * MS);
    expect(made.take()).toBe("+0");
  });

  it("asks for what a heartbeat shows to be missing", () => {
    const { arbiter, take } = three();
    arbiter.heartbeat(0, 12, 2 * MS);
    expect(take()).toBe("gap 0 11-11");
  });

  it("begins a source's numbers anew", () => {
    const { arbiter, take, snapshot } = three();
    arbiter.reset(0, 1, 2 * MS);
    expect(take()).toBe("-0 gap 0>1 gap ask 0");
    snapshot(0, 1, [bid(99), ask(101)], 3);
    expect(take()).toBe("+0 recovered 0 1");
  });
});

describe("a feed arbiter's choice by quality", () => {
  it("goes to the better source after 500 ms, not within the hold-down, and goes back to the primary", () => {
    const world = new FailoverWorld({ seed: 7, rate: 200, arbiter: { primary: "source 0" } });
    world.run(6_000 * MS);
    expect(world.changes.map(({ to, from, reason }) => `${from}>${to} ${reason}`)).toEqual(["-1>0 first"]);
    // Of the current source's messages more are rejected than taken, and they come later and later.
    const first = world.lines[0] as { baseNs: number };
    const beganNs = world.nowNs;
    for (let i = 0; i < 300; i++) {
      for (let k = 0; k < 3; k++) world.arbiter.rejected(0);
      if (i < 90) first.baseNs += MS;
      world.run(10 * MS);
    }
    const [, change] = world.changes;
    expect(change).toMatchObject({ from: 0, to: 1, reason: "score" });
    expect((change?.atNs ?? 0) - beganNs).toBeGreaterThan(500 * MS);
    first.baseNs -= 90 * MS;
    world.run(60_000 * MS);
    const back = world.changes[2];
    expect(back).toMatchObject({ from: 1, to: 0, reason: "primary" });
    expect((back?.atNs ?? 0) - (change?.atNs ?? 0)).toBeGreaterThanOrEqual(5_000 * MS);
    expect(world.changes.length).toBe(3);
  });

  it("prefers the fastest, where told to, and ranks by latency", () => {
    const world = new FailoverWorld({ seed: 8, rate: 200, arbiter: { primary: "latency" } });
    world.run(100 * MS);
    world.inject(0, "disconnect");
    world.run(100 * MS);
    expect(world.arbiter.current).not.toBe(0);
    world.heal(0);
    world.run(20_000 * MS);
    expect(world.arbiter.current).toBe(0);
    expect(world.arbiter.ranking()).toEqual([0, 1, 2]);
    const { latencyP50Ns, latencyP99Ns, score, parts } = world.arbiter.report(1);
    expect(latencyP50Ns / MS).toBeGreaterThan(5);
    expect(latencyP99Ns / MS).toBeLessThan(15);
    expect(score).toBeCloseTo(1, 1);
    expect(parts).toMatchObject({ gapRate: 0, staleShare: 0, rejectShare: 0, latencyScore: 1 });
  });

  it("scores by the weights of all parts", () => {
    const { arbiter, change } = three({ windowNs: 1e12, scoreNs: 10 * MS });
    for (let i = 0; i < 30; i++) {
      change(0, 11 + i, [bid(99)], 2 + i);
      change(1, 11 + i, [bid(99)], 2 + i);
      change(2, 11 + i, [bid(99, 1), ask(101, i === 0 ? 0 : 1), ask(131)], 2 + i);
      arbiter.rejected(1);
    }
    arbiter.advance(200 * MS);
    expect(arbiter.report(1).parts).toMatchObject({ gapRate: 0, staleShare: 0, latencyScore: 1 });
    expect(arbiter.report(1).parts.rejectShare).toBeCloseTo(30 / 61, 5);
    expect(arbiter.quality(0) - arbiter.quality(1)).toBeCloseTo((0.15 * 30) / 61, 5);
  });
});

describe("a feed arbiter's expectations", () => {
  it("go over a restart", () => {
    const world = new FailoverWorld({ seed: 9, rate: 300 });
    world.run(8_000 * MS);
    const saved = JSON.parse(JSON.stringify(world.arbiter.save())) as SavedFeedArbiter;
    const again = new FailoverWorld({ seed: 10, rate: 300 });
    expect(again.arbiter.detectionBoundNs(0)).toBe(2_000 * MS);
    again.arbiter.load(saved);
    expect(again.arbiter.detectionBoundNs(0)).toBeLessThan(100 * MS);
    expect(again.arbiter.save().sources.map(({ watch }) => watch)).toEqual(
      saved.sources.map(({ watch }) => watch),
    );
  });

  it.each([
    [{ version: 2, sources: [] }, "feedArbiter"],
    [{ version: 1, sources: [{ name: "a", quality: { sums: [1] } }] }, "feedArbiter.sources[0].quality.sums"],
    [
      {
        version: 1,
        sources: [{ name: "a", quality: { sums: Array(9).fill(0), latency: { unit: 3, weights: [] } } }],
      },
      "feedArbiter.sources[0].quality.latency",
    ],
  ])("are refused where they are none: %j", (saved, path) => {
    const load = () => three().arbiter.load(saved as unknown as SavedFeedArbiter);
    expect(load).toThrow(expect.objectContaining({ code: "FAULT_INPUT", path }));
  });

  it("state what bounds the detection of each kind", () => {
    const { arbiter } = three();
    expect(arbiter.detectionBoundNs(0, "disconnected")).toBe(0);
    expect(arbiter.detectionBoundNs(0, "gap")).toBe(10 * MS);
    expect(arbiter.detectionBoundNs(0, "crossed")).toBe(20 * MS);
    expect(arbiter.detectionBoundNs(0, "stale")).toBe(Infinity);
    expect(arbiter.expectedSilenceNs(0)).toBe(2_000 * MS);
    expect(() => arbiter.quality(3)).toThrow(expect.objectContaining({ path: "feedArbiter.source" }));
  });
});

describe("feed arbiter options", () => {
  const listener = {
    sourceChanged() {},
    feedFailed() {},
    disqualified() {},
    qualified() {},
    gap() {},
    recovered() {},
    requestSnapshot() {},
  };
  const source = { name: "a", numbering: "single" };
  it.each([
    [{ sources: [] }, "feedArbiter.sources"],
    [{ sources: [source, source] }, "feedArbiter.sources[1]"],
    [{ sources: [{ ...source, numbering: "x" }] }, "feedArbiter.sources[0].numbering"],
    [{ sources: [{ ...source, rank: 1 }] }, "feedArbiter.sources[0].rank"],
    [{ sources: [{ ...source, latencyTargetNs: 0 }] }, "feedArbiter.sources[0].latencyTargetNs"],
    [{ primary: "z" }, "feedArbiter.primary"],
    [
      { weights: { gaps: 1, stale: 0, latency: 0, rejects: 0, agreement: 0, uptime: 0.1 } },
      "feedArbiter.weights",
    ],
    [{ weights: { gaps: 1 } }, "feedArbiter.weights.stale"],
    [{ agreementTicks: undefined }, "feedArbiter.agreementTicks"],
    [{ switchMargin: 2 }, "feedArbiter.switchMargin"],
    [{ holdDownMs: 5 }, "feedArbiter.holdDownMs"],
    [{ silentNsMin: 5e9 }, "feedArbiter.silentNsMax"],
    [{ sink: {} }, "feedArbiter.sink.rows"],
    [{ listener: { ...listener, gap: 1 } }, "feedArbiter.listener.gap"],
  ])("refuse %j by name", (options, path) => {
    const whole = { sources: [source], sink: { rows() {} }, listener, agreementTicks: 1, ...options };
    expect(() => new FeedArbiter(whole as unknown as FeedArbiterOptions)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });
});
