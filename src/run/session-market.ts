import { Fault, formatScaled } from "../base/index.ts";
import { BarTapeBuilder, DepthTapeBuilder } from "../feed/index.ts";
import { INPUT } from "../kernel/index.ts";
import { BAR_ROW, type Instrument, LAST } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import type { BacktestMarket, BacktestOptions } from "./backtest-options.ts";
import { readSessionBegin, type SessionBegin } from "./session-begin.ts";
import {
  checkLength,
  readJson,
  readReport,
  SESSION,
  SESSION_BYTES,
  type SessionRecord,
  type SessionSource,
  visitRecords,
} from "./session-record.ts";

/** The markets of a recorded session: what can be traded again, by the same strategy or another. */
export interface SessionMarket {
  readonly begin: SessionBegin;
  /** When the session began, and its last input came. @units ns from `begin.baseNs` */
  readonly fromNs: number;
  readonly toNs: number;
  /** One an instrument, in the session's order; one of no rows where the session heard nothing. */
  readonly tapes: readonly TapeSource[];
  /** Rows at the end of a session that was cut off within a message: on no tape. */
  readonly cutRows: number;
}

/**
 * Takes the market data out of a recorded session: every row and bar as it came, with its exchange time and ours.
 * Nothing else of the session is on the tapes: no order, no report.
 *
 * @invariant A row's exchange time that falls is raised to the latest before it, and counted as `exchClamped`.
 * @throws `FAULT_JOURNAL_FORMAT` for a journal that is no session's; `FAULT_INPUT` for an instrument with a depth
 * feed and bars.
 * @cost One pass; about 26 bytes of memory a row.
 */
export function tapesOf(session: SessionSource): SessionMarket {
  const reader = new MarketTapes();
  visitRecords(session, (record) => reader.take(record));
  return reader.finish();
}

/** What a session's market, cash and span give a backtest; strategies and limits are code. */
export function backtestOf({
  begin,
  fromNs,
  toNs,
  tapes,
}: SessionMarket): Omit<BacktestOptions, "strategies" | "markets"> & { markets: BacktestMarket[] } {
  const cash = begin.cash.map(({ minor, currency }) => [
    currency.code,
    formatScaled(minor, currency.decimals),
  ]);
  return {
    name: begin.name,
    markets: tapes.map((tape) => ({ tape })),
    cash: {
      ...(begin.cash.length === 0 ? { [begin.reporting.code]: "0" } : {}),
      ...Object.fromEntries(cash),
    },
    reporting: begin.reporting.code,
    seed: begin.seed,
    orderCapacity: begin.orderCapacity,
    lingerNs: begin.lingerNs,
    fromNs,
    toNs,
  };
}

/** Gathers the tapes of a session from its records as they come: {@link tapesOf} in pieces. */
export class MarketTapes {
  readonly #feeds: (DepthFeed | BarFeed | undefined)[] = [];
  #begin: SessionBegin | undefined = undefined;
  #fromNs = 0;
  #toNs = 0;
  #simulated: readonly unknown[] = [];

  take(record: SessionRecord): void {
    const { type, payload, seq } = record;
    const path = `session.record ${seq}`;
    if (this.#begin === undefined) this.#begin = readSessionBegin(record);
    else if (type === SESSION.row) this.#row(checkLength(path, payload, SESSION_BYTES.row));
    else if (type === SESSION.bar) this.#bar(checkLength(path, payload, SESSION_BYTES.bar));
    else if (type === SESSION.event) this.#event(checkLength(path, payload, SESSION_BYTES.event));
    else if (type === SESSION.report) this.#toNs = readReport(path, payload).view.getFloat64(8, true);
    else if (type === SESSION.end) this.#simulated = simulatedOf(readJson(path, payload));
  }

  finish(): SessionMarket {
    const begin = this.#begin;
    if (begin === undefined) {
      throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session", value: "no record", expected: "a session" });
    }
    const cut = this.#feeds.reduce((sum, feed) => sum + (feed instanceof DepthFeed ? feed.pending : 0), 0);
    const tapes = begin.instruments.map((instrument, i): TapeSource => {
      const tape = this.#feeds[i]?.build() ?? emptyTape(instrument, begin);
      if (this.#simulated[i] !== true) return tape;
      const read = tape.read.bind(tape) as TapeSource["read"];
      return { meta: { ...tape.meta, simulated: true }, blockCount: tape.blockCount, read, close: () => {} };
    });
    return { begin, fromNs: this.#fromNs, toNs: this.#toNs, tapes, cutRows: cut };
  }

  #row(view: DataView): void {
    this.#toNs = view.getFloat64(24, true);
    const feed = this.#feed(view.getUint16(0, true), DepthFeed);
    feed.push(
      view.getFloat64(16, true),
      this.#toNs,
      view.getUint16(2, true),
      view.getInt32(4, true),
      view.getFloat64(8, true),
    );
  }

  #bar(view: DataView): void {
    this.#toNs = view.getFloat64(56, true);
    const prices = { open: 4, high: 8, low: 12, close: 16 } as const;
    this.#feed(view.getUint16(0, true), BarFeed).builder.push({
      kind: view.getUint16(2, true),
      open: view.getInt32(prices.open, true),
      high: view.getInt32(prices.high, true),
      low: view.getInt32(prices.low, true),
      close: view.getInt32(prices.close, true),
      volume: view.getFloat64(24, true),
      factor: view.getFloat64(32, true),
      openNs: view.getFloat64(40, true),
      closeNs: view.getFloat64(48, true),
    });
  }

  /** Splits and dividends are rows of a bar tape; of a depth tape they are none. */
  #event(view: DataView): void {
    const [station, kind] = [view.getInt32(0, true), view.getInt32(4, true)];
    const [a, b, ns] = [view.getFloat64(8, true), view.getFloat64(16, true), view.getFloat64(24, true)];
    this.#toNs = ns;
    if (kind === INPUT.start) this.#fromNs = ns;
    if (kind !== INPUT.split && kind !== INPUT.dividend) return;
    if (this.#feeds[station] instanceof DepthFeed) return;
    const flat = { openNs: ns, closeNs: ns, open: 0, high: 0, low: 0, close: 0, volume: 0 };
    const row =
      kind === INPUT.split
        ? { ...flat, kind: BAR_ROW.split, open: a, high: b }
        : { ...flat, kind: BAR_ROW.dividend, volume: a };
    this.#feed(station, BarFeed).builder.push(row);
  }

  #feed<Feed extends DepthFeed | BarFeed>(
    station: number,
    Kind: new (instrument: Instrument, begin: SessionBegin) => Feed,
  ): Feed {
    const known = this.#feeds[station];
    if (known instanceof Kind) return known;
    const begin = this.#begin as SessionBegin;
    const instrument = begin.instruments[station];
    if (instrument === undefined) {
      const expected = `an instrument below ${begin.instruments.length}`;
      throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session.station", value: station, expected });
    }
    if (known !== undefined) {
      const expected = "a depth feed or bars, not both";
      throw new Fault("FAULT_INPUT", { path: "session", value: instrument.key, expected });
    }
    const made = new Kind(instrument, begin);
    this.#feeds[station] = made;
    return made;
  }
}

type PendingRow = readonly [exchNs: number, localNs: number, kind: number, tick: number, lots: number];

/** A depth tape in the making; rows of a message wait for its last one. */
class DepthFeed {
  readonly #builder: DepthTapeBuilder;
  readonly #pending: PendingRow[] = [];
  #rows = 0;

  constructor(instrument: Instrument, begin: SessionBegin) {
    this.#builder = new DepthTapeBuilder(headOf(instrument, begin));
  }

  get pending(): number {
    return this.#pending.length;
  }

  push(...row: PendingRow): void {
    this.#pending.push(row);
    if ((row[2] & LAST) === 0) return;
    for (const each of this.#pending) this.#builder.push(...each);
    this.#rows += this.#pending.length;
    this.#pending.length = 0;
  }

  build(): TapeSource | undefined {
    return this.#rows === 0 ? undefined : this.#builder.build();
  }
}

/** A bar tape in the making. */
class BarFeed {
  readonly builder: BarTapeBuilder;

  constructor(instrument: Instrument, begin: SessionBegin) {
    this.builder = new BarTapeBuilder(headOf(instrument, begin));
  }

  build(): TapeSource {
    return this.builder.build();
  }
}

function headOf(instrument: Instrument, begin: SessionBegin) {
  return {
    instrument: instrument.describe(),
    baseNs: begin.baseNs,
    source: `recorded by session ${begin.name}`,
  };
}

/** The tape of an instrument that nothing was heard of. */
function emptyTape(instrument: Instrument, begin: SessionBegin): TapeSource {
  const head = headOf(instrument, begin);
  const at = begin.baseNs.toString();
  const meta = { ...head, schema: "depth", baseNs: at, fromNs: at, toNs: at, rows: 0 } as const;
  return {
    meta: { ...meta, simulated: false, contentSha256: "", counts: {} },
    blockCount: 0,
    read: () => {
      throw new Fault("FAULT_INPUT", { path: "index", value: 0, expected: "a block below 0" });
    },
    close: () => {},
  };
}

/** Which markets of a recorded backtest were made by a generator. */
function simulatedOf(end: Readonly<Record<string, unknown>>): readonly unknown[] {
  const inputs = (end.manifest as { readonly inputs?: unknown } | null | undefined)?.inputs;
  return Array.isArray(inputs) ? inputs.map((each: { readonly simulated?: unknown }) => each.simulated) : [];
}
