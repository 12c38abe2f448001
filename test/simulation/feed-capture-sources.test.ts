import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { OrderBook } from "../../src/book/index.ts";
import type { CaptureMessage } from "../../src/feed/capture-message.ts";
import { captureProfile } from "../../src/feed/capture-options.ts";
import { CaptureTally } from "../../src/feed/capture-policy.ts";
import { CaptureReader } from "../../src/feed/capture-reader.ts";
import { CaptureSequencer } from "../../src/feed/capture-sequencer.ts";
import { type CaptureMarket, FeedArbiter, GapRecovery, LineArbiter } from "../../src/feed/index.ts";
import { type DepthBlock, KIND_MASK, LAST, ROW } from "../../src/model/index.ts";
import { type Level, type Message, messageOf } from "../fixtures/feed-world.ts";

const MS = 1e6;
const data = process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data/", import.meta.url));
/** The recorder's clock was behind the exchange's by so much. */
const SHIFT_NS = 1_276 * MS;
const EVENTS_MAX = 40_000;

interface Event {
  readonly atNs: number;
  readonly isNumbered: boolean;
  readonly message: Message;
}

/** The events of a capture from its snapshot on, under the exchange's own numbers. */
function eventsOf(market: CaptureMarket): Event[] {
  const raw = gunzipSync(readFileSync(join(data, `binance-raw/${market}_btcusdt_20240808.gz`)));
  const profile = captureProfile({ market });
  const tally = new CaptureTally("capture", profile.policies);
  const events: Event[] = [];
  let exchNs = 0;
  const put = (from: CaptureMessage, isNumbered: boolean, isSnapshot = false): void => {
    const atNs = from.localNs + SHIFT_NS;
    if (from.exchNs > exchNs) exchNs = from.exchNs;
    const levels: Level[] = [];
    for (let i = 0; i < from.levels; i++) {
      levels.push({ side: i < from.bids ? "bid" : "ask", tick: from.tick[i] ?? 0, lots: from.lots[i] ?? 0 });
    }
    const numbers = { first: from.firstId, last: from.lastId, previous: from.previousId };
    const message = messageOf(numbers, levels, { isSnapshot, exchNs, localNs: atNs });
    if (!isNumbered)
      for (let i = 0; i < message.to; i++)
        message.block.kind[i] = ROW.mark | (i + 1 === message.to ? LAST : 0);
    events.push({ atNs, isNumbered, message });
  };
  const sink = {
    snapshot: (message: CaptureMessage) => put(message, true, true),
    diff: (message: CaptureMessage) => put(message, true),
    quote: (message: CaptureMessage) => put(message, false),
    trade: (message: CaptureMessage) => put(message, false),
    gap: () => undefined,
  };
  const sequencer = new CaptureSequencer(market, tally, sink);
  const reader = new CaptureReader(market, profile.instrument, tally, sequencer);
  reader.push(raw);
  return events.slice(0, EVENTS_MAX);
}

function play(book: OrderBook, block: DepthBlock, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const kind = (block.kind[i] as number) & KIND_MASK;
    if (kind === ROW.clear) book.clear();
    else if (kind === ROW.bid) book.setBid(block.tick[i] as number, block.lots[i] as number);
    else if (kind === ROW.ask) book.setAsk(block.tick[i] as number, block.lots[i] as number);
  }
}

function snapshotOf(book: OrderBook, last: number, nowNs: number): Message {
  const { bids, asks } = book.copy();
  const levels: Level[] = [];
  for (const { priceTicks, lots } of bids) levels.push({ side: "bid", tick: priceTicks, lots });
  for (const { priceTicks, lots } of asks) levels.push({ side: "ask", tick: priceTicks, lots });
  return messageOf(last, levels, { isSnapshot: true, exchNs: 0, localNs: nowNs });
}

/** Events that each of several lines brings, in the order of their arrival. */
function arrivals(events: readonly Event[], delaysMs: readonly number[], seed: number) {
  const rng = new Prng(seed);
  const all: { atNs: number; line: number; event: Event; index: number }[] = [];
  for (const [line, delayMs] of delaysMs.entries()) {
    let lastNs = 0;
    for (const [index, event] of events.entries()) {
      lastNs = Math.max(lastNs, event.atNs + delayMs * MS + (rng.uint32() % (2 * MS)));
      all.push({ atNs: lastNs, line, event, index });
    }
  }
  return all.sort((a, b) => a.atNs - b.atNs);
}

const isHere = (market: CaptureMarket): boolean => {
  const path = join(data, `binance-raw/${market}_btcusdt_20240808.gz`);
  if (existsSync(path)) return true;
  console.log(`skipped: ${path} is absent (set TICKWRIGHT_DATA)`);
  return false;
};

describe.each(["spot", "usdm"] as const)("%s BTCUSDT as recorded", (market) => {
  const here = isHere(market);
  const numbering = market === "spot" ? "range" : "previous";
  const events = here ? eventsOf(market) : [];

  it.skipIf(!here)("over two lines that lose messages: the book is the true one at every message", () => {
    const rng = new Prng(5);
    const truth = new OrderBook({ pagesMax: 16_384 });
    const book = new OrderBook({ pagesMax: 16_384 });
    const trueAt = new Map<number, readonly [bid: number, ask: number, bidLots: number, askLots: number]>();
    const asked: { atNs: number; message: Message }[] = [];
    let latest = 0;
    let compared = 0;
    const compare = (last: number): void => {
      const expected = trueAt.get(last);
      if (expected === undefined) return;
      compared += 1;
      expect([book.bestBid, book.bestAsk, book.bestBidLots, book.bestAskLots]).toEqual(expected);
    };
    const recovery: GapRecovery = new GapRecovery({
      numbering,
      listener: {
        apply: ({ block, from, to, lastSequence }) => {
          play(book, block, from, to);
          compare(lastSequence);
        },
        snapshot: ({ block, from, to, lastSequence }) => {
          book.clear();
          play(book, block, from, to);
          compare(lastSequence);
        },
        retransmit: () => undefined,
        requestSnapshot: (nowNs) =>
          asked.push({ atNs: nowNs + 40 * MS, message: snapshotOf(truth, latest, nowNs) }),
        state: () => undefined,
      },
    });
    const lines = new LineArbiter({
      lines: ["A", "B"],
      numbering,
      windowNs: 5 * MS,
      listener: {
        release: (rows, nowNs) => recovery.message(rows, nowNs),
        gap: () => undefined,
        divergent: (sequence) => expect.fail(`divergent at ${sequence}`),
      },
    });
    const [first, ...rest] = events.filter(({ isNumbered }) => isNumbered);
    play(truth, (first as Event).message.block, 0, (first as Event).message.to);
    latest = (first as Event).message.lastSequence;
    recovery.start(0);
    recovery.message((first as Event).message, (first as Event).atNs);
    const last = rest.at(-1) as Event;
    for (const { atNs, line, event, index } of arrivals(rest, [0, 1], 3)) {
      if (event.message.lastSequence > latest) {
        play(truth, event.message.block, event.message.from, event.message.to);
        latest = event.message.lastSequence;
        trueAt.set(latest, [truth.bestBid, truth.bestAsk, truth.bestBidLots, truth.bestAskLots]);
      }
      lines.advance(atNs);
      recovery.advance(atNs);
      for (const { message } of asked.splice(0, asked[0] !== undefined && asked[0].atNs <= atNs ? 1 : 0)) {
        recovery.message(message, atNs);
      }
      // Both lines lose messages, each its own, and now and then both lose the same ones.
      const isLost = rng.uint32() % 20 === 0 || (index % 500 > 496 && event !== last);
      if (!isLost || event === last) lines.message(line, event.message, atNs);
    }
    const { counts } = recovery;
    console.log(
      `${market}: ${lines.totals.released} messages, wins ${lines.counts(0).wins} and ${lines.counts(1).wins}; ` +
        `${counts.gaps} gaps, ${counts.recovered} recovered, ${counts.lost} ids lost, ` +
        `longest ${(counts.recoverNsMax / MS).toFixed(0)} ms; ${compared} books compared`,
    );
    expect([recovery.state, counts.gaps, compared > 500]).toEqual(["live", counts.recovered, true]);
    expect(counts.gaps).toBeGreaterThan(3);
    expect(book.stateHash()).toBe(truth.stateHash());
  });

  it.skipIf(!here)("from three sources that fail in turn: the composite book is the true one", () => {
    const composite = new OrderBook({ pagesMax: 16_384 });
    const truth = new OrderBook({ pagesMax: 16_384 });
    let latest = 0;
    const asked: { atNs: number; source: number; message: Message }[] = [];
    const changes: { atNs: number; reason: string }[] = [];
    const failed: number[] = [];
    const arbiter: FeedArbiter = new FeedArbiter({
      sources: ["a", "b", "c"].map((name) => ({ name, numbering })),
      agreementTicks: 100,
      sink: { rows: (block, from, to) => play(composite, block, from, to) },
      listener: {
        sourceChanged: (_to, from, reason, atNs) => from >= 0 && changes.push({ atNs, reason }),
        feedFailed: (_reason, atNs) => failed.push(atNs),
        disqualified: () => undefined,
        qualified: () => undefined,
        gap: () => undefined,
        recovered: () => undefined,
        requestSnapshot: (source, nowNs) =>
          asked.push({ atNs: nowNs + 40 * MS, source, message: snapshotOf(truth, latest, nowNs) }),
      },
    });
    const kinds = ["disconnect", "silent", "gap", "checksum"] as const;
    const waits = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
    const spare: number[] = [];
    let fault:
      | { kind: (typeof kinds)[number]; source: number; atNs: number; seen: number; boundNs: number }
      | undefined;
    let nextNs = (events[0]?.atNs ?? 0) + 30_000 * MS;
    let injected = 0;
    for (const { atNs, line, event } of arrivals(events, [0, 3, 6], 9)) {
      while (arbiter.nextNs <= atNs) arbiter.advance(arbiter.nextNs);
      if (event.isNumbered && event.message.lastSequence > latest) {
        if (event.message.isSnapshot) truth.clear();
        play(truth, event.message.block, event.message.from, event.message.to);
        latest = event.message.lastSequence;
      }
      for (const due of asked.splice(0, asked[0] !== undefined && asked[0].atNs <= atNs ? 1 : 0)) {
        if (!(fault?.kind === "disconnect" && fault.source === due.source))
          arbiter.message(due.source, due.message, atNs);
      }
      if (fault === undefined && atNs >= nextNs && arbiter.current >= 0) {
        const kind = kinds[injected % kinds.length] as (typeof kinds)[number];
        injected += 1;
        const source = arbiter.current;
        const of = { disconnect: "disconnected", silent: "silent", gap: "gap", checksum: "corrupt" } as const;
        fault = {
          kind,
          source,
          atNs,
          seen: changes.length,
          boundNs: arbiter.detectionBoundNs(source, of[kind]),
        };
        if (kind === "disconnect") arbiter.disconnected(source, atNs);
        if (kind === "checksum") arbiter.corrupt(source, atNs);
      } else if (fault !== undefined && atNs >= fault.atNs + 1_500 * MS) {
        const change = changes[fault.seen];
        if (change !== undefined) {
          waits.get(fault.kind)?.push(change.atNs - fault.atNs);
          spare.push(fault.boundNs);
        }
        if (fault.kind === "disconnect") arbiter.connected(fault.source, atNs);
        fault = undefined;
        nextNs = atNs + 1_500 * MS;
      }
      const isCut = fault?.source === line && (fault.kind === "disconnect" || fault.kind === "silent");
      const isHole =
        fault?.source === line && fault.kind === "gap" && event.isNumbered && atNs < fault.atNs + 120 * MS;
      if (isCut || isHole) continue;
      if (event.isNumbered) arbiter.message(line, event.message, atNs);
      else arbiter.aside(line, event.message, atNs);
    }
    const text = [...waits].map(([kind, ns]) => {
      const sorted = ns.map((each) => each / MS).sort((a, b) => a - b);
      const p50 = sorted[sorted.length >> 1] ?? Number.NaN;
      return `${kind} ${sorted.length}: p50 ${p50.toFixed(1)} max ${(sorted.at(-1) ?? Number.NaN).toFixed(1)}`;
    });
    console.log(
      `${market}: ${injected} faults, ms to the new book: ${text.join("; ")}; failures ${failed.length}`,
    );
    console.log(
      `${market}: bound of a silence at the end ${(arbiter.detectionBoundNs(arbiter.current) / MS).toFixed(0)} ms`,
    );
    expect(injected).toBeGreaterThan(10);
    expect([...waits.values()].flat().length).toBeGreaterThanOrEqual(injected - 2);
    expect(failed).toEqual([]);
    expect(arbiter.current).not.toBe(-1);
    expect(composite.bestBid).toBe(truth.bestBid);
    expect(composite.bestAsk).toBe(truth.bestAsk);
  });
});
