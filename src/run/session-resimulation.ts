import type { Instrument } from "../model/index.ts";
import type { Journal } from "../port/index.ts";
import {
  ConstantLatency,
  FeedMultipleLatency,
  InterpolatedLatency,
  type LatencyModel,
  type RecordedLatency,
} from "../sim/index.ts";
import type { BacktestMarket } from "./backtest-options.ts";
import { Backtester } from "./backtester.ts";
import type { RunResult } from "./result.ts";
import { withOwnLatch } from "./session-begin.ts";
import { diffSessions, type SessionDiff } from "./session-diff.ts";
import { backtestOf, MarketTapes } from "./session-market.ts";
import { readJson, SESSION, type SessionSource, visitRecords } from "./session-record.ts";
import type { ReplayOptions } from "./session-replay.ts";
import { type SessionStory, StoryReader } from "./session-story.ts";

/** How one instrument's venue is simulated: a {@link BacktestMarket} without its tape. */
export type SimulatedMarket = Omit<BacktestMarket, "tape">;

/** What {@link resimulate} needs beside the session. */
export interface ResimulationOptions extends Omit<ReplayOptions, "prepare"> {
  /**
   * How an instrument's venue is simulated. `recorded` is what the session itself tells: the models of a recorded
   * backtest, else latency as its orders had it; it is used as it is unless this is given.
   */
  readonly market?: (instrument: Instrument, recorded: SimulatedMarket) => SimulatedMarket;
  /** Records the simulation as a session, too. */
  readonly journal?: Journal;
}

/** A session, the same market traded again, and how they differ. */
export interface Resimulation {
  readonly recorded: SessionStory;
  readonly simulated: SessionStory;
  readonly diff: SessionDiff;
  readonly result: RunResult;
}

/**
 * Trades the market of a recorded session again: its strategies over its market data alone, at simulated venues, from
 * its first moment to its last. Where the session itself traded at simulated venues, equal models give an equal
 * session; a live one differs, and every difference has a cause.
 *
 * @invariant No report, fill or answer of the record is used, but for the latency that is measured from them unless
 * `market` says otherwise.
 * @throws what `tapesOf` and {@link Backtester} throw.
 * @cost A backtest, and memory for the market and all orders.
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { BarTapeBuilder } from "tickwright/feed";
 * import { openJournal, readJournal } from "tickwright/host";
 * import { flatFees } from "tickwright/model";
 * import { Backtester, resimulate, type SessionRecord } from "tickwright/run";
 * import type { Strategy } from "tickwright/strategy";
 * const day = 86_400_000_000_000;
 * const tape = new BarTapeBuilder({
 *   instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *   baseNs: 0n, source: "by hand", simulated: true,
 * });
 * for (let i = 0; i < 3; i++) {
 *   const bar = { open: 1000, high: 1010, low: 990, close: 1005, volume: 0 };
 *   tape.push({ openNs: i * day, closeNs: (i + 1) * day - 1_000_000_000, ...bar });
 * }
 * const buyer: Strategy = {
 *   name: "buyer",
 *   onBar: (_, ctx) => void ctx.submit({ instrument: "ABC", side: "buy", lots: 1, type: "market" }),
 * };
 * const path = join(mkdtempSync(join(tmpdir(), "session-")), "journal");
 * const { journal } = openJournal(path, { policy: "async", baseNs: 0n, create: true });
 * const cash = { USD: "1000" };
 * new Backtester({ markets: [{ tape: tape.build() }], strategies: [buyer], cash, journal }).runToEnd();
 * journal.close();
 * const session = (visit: (record: SessionRecord) => void): void => void readJournal(path, visit);
 * resimulate(session, { strategies: [buyer] }).diff.isEqual; // => true
 * const { causes } = resimulate(session, {
 *   strategies: [buyer],
 *   market: (_, recorded) => ({ ...recorded, fees: flatFees("0.01", "0.01") }),
 * }).diff;
 * [causes.fee, causes.unexplained]; // => [2, 0]
 * ```
 */
export function resimulate(session: SessionSource, options: ResimulationOptions): Resimulation {
  const [tapes, reader] = [new MarketTapes(), new StoryReader()];
  let models: Readonly<Record<string, unknown>> = {};
  visitRecords(session, (record) => {
    tapes.take(record);
    reader.take(record);
    if (record.type === SESSION.end) models = modelsOf(readJson("session.end", record.payload));
  });
  const [market, recorded] = [tapes.finish(), reader.finish()];
  const base = backtestOf(market);
  const { strategies, debug, journal } = options;
  const risk = withOwnLatch(options.risk, market.begin.latchScopes);
  const again = new StoryJournal(journal);
  const backtester = new Backtester({
    ...base,
    strategies,
    markets: base.markets.map(({ tape }, i) => {
      const instrument = market.begin.instruments[i] as Instrument;
      const told = recordedMarket(recorded, i, tape.meta.schema === "bars", models[instrument.key]);
      return { tape, ...(options.market?.(instrument, told) ?? told) };
    }),
    ...(debug === undefined ? {} : { debug }),
    ...(risk === undefined ? {} : { risk }),
    journal: again,
  });
  const result = backtester.runToEnd();
  const simulated = again.reader.finish();
  return { recorded, simulated, diff: diffSessions(recorded, simulated), result };
}

/**
 * How long an instrument's orders took to the venue and their first reports back, as a session recorded them; no time
 * at all where it sent none. A clock of the venue that is ahead or behind is bent to the order of things.
 */
export function recordedLatency(story: SessionStory, station: number): LatencyModel {
  const records = story.orders.flatMap((order): readonly RecordedLatency[] => {
    const [report] = order.reports;
    if (order.station !== station || report === undefined) return [];
    const sentNs = order.ns;
    if (report.reason === "lostOnTheWay") return [{ sentNs, exchNs: 0, reportNs: report.ns }];
    const exchNs = Math.max(report.exchNs, sentNs, 1);
    return [{ sentNs, exchNs, reportNs: Math.max(report.ns, exchNs) }];
  });
  if (records.length === 0) return new ConstantLatency({ entryNs: 0, responseNs: 0 });
  return new InterpolatedLatency({ records });
}

/** What a session tells of an instrument's venue. */
function recordedMarket(
  story: SessionStory,
  station: number,
  isBars: boolean,
  model: unknown,
): SimulatedMarket {
  if (isBars) return typeof model === "object" ? { bars: without(model, "model", "fees") } : {};
  const latency = recordedLatency(story, station);
  if (typeof model !== "object" || model === null) return { venue: { latency } };
  const { latency: told, ...rest } = without(model, "fees") as Readonly<Record<string, unknown>>;
  // Of a closed market there is what it told, and no crowd: what can be simulated over that is a tape's venue.
  if (rest.venue === "matching") return { venue: { latency: latencyOf(told) ?? latency } };
  return { venue: { ...rest, latency: latencyOf(told) ?? latency } };
}

/** A latency model from its own description; undefined for one that says less than it is. */
function latencyOf(described: unknown): LatencyModel | undefined {
  const { model, ...options } = (described ?? {}) as Readonly<Record<string, number | string>>;
  if (model === "constant") return new ConstantLatency(options as { entryNs: number; responseNs: number });
  if (model === "feedMultiple")
    return new FeedMultipleLatency(options as { entry: number; response: number });
  return undefined;
}

function without(value: unknown, ...names: readonly string[]): Readonly<Record<string, never>> {
  const entries = Object.entries((value ?? {}) as object).filter(([name]) => !names.includes(name));
  return Object.fromEntries(entries) as Readonly<Record<string, never>>;
}

function modelsOf(end: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const manifest = end.manifest as { readonly models?: unknown } | null | undefined;
  return (manifest?.models ?? {}) as Readonly<Record<string, unknown>>;
}

/** A journal that keeps no records: it reads them into a story, and hands them on where there is another. */
class StoryJournal implements Journal {
  readonly policy = "async";
  readonly reader = new StoryReader();
  readonly #next: Journal | undefined;
  #seq = 0;

  constructor(next: Journal | undefined) {
    this.#next = next;
  }

  get epoch(): number {
    return this.#next?.epoch ?? 1;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  get durableSeq(): number {
    return this.#next?.durableSeq ?? this.#seq;
  }

  append(type: number, payload: Uint8Array, tsNs: number): number {
    this.#seq += 1;
    this.reader.take({ seq: this.#seq, type, payload });
    return this.#next?.append(type, payload, tsNs) ?? this.#seq;
  }

  appendClosing(type: number, payload: Uint8Array, tsNs: number): number {
    return this.append(type, payload, tsNs);
  }

  commit(): number {
    return this.#next?.commit() ?? this.#seq;
  }

  close(): void {
    this.#next?.close();
  }
}
