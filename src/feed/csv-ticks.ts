import { Fault } from "../base/index.ts";
import { type DepthBlock, type EpochNanos, Instrument, LAST, ROW, type TapeCounts } from "../model/index.ts";
import { findHeader } from "./csv-header.ts";
import { CsvLines } from "./csv-lines.ts";
import { LineJudge, LineTrouble } from "./csv-policy.ts";
import {
  CSV_TICK_TROUBLES,
  type CsvTickOptions,
  type CsvTickTrouble,
  checkTickOptions,
  tickColumns,
} from "./csv-tick-options.ts";
import { csvNanos } from "./csv-time.ts";
import { copyOf, MemoryTape } from "./tape-memory.ts";
import { DepthRows } from "./tape-rows.ts";
import { type TapeHead, TapeTally } from "./tape-tally.ts";
import { TimeBase, utcDayBase } from "./tape-time.ts";

/** One row of a message, before its times. */
type Row = readonly [kind: number, tick: number, lots: number];

/** Best bid and ask as the last quote left them; 0 lots where a side was empty. */
interface Touch {
  readonly bid: number;
  readonly bidLots: number;
  readonly ask: number;
  readonly askLots: number;
}

const NO_TOUCH: Touch = { bid: 0, bidLots: 0, ask: 0, askLots: 0 };

/**
 * Reads trades, quotes or level updates from a CSV file that comes in chunks, into blocks of a depth tape.
 *
 * A quote becomes a book of one level a side: the level before is removed where the price moved. A quote that says
 * what the one before said makes no row and is counted (`quotesUnchanged`).
 *
 * @invariant Every line becomes rows, or is counted, or ends the reading with a fault naming file and line.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` naming file and line: a missing column, an empty file, and
 * by policy a malformed line, a price or quantity off the grid, a local time that falls, a bid not below its ask,
 * another symbol.
 * @cost About 2 us a line; one block and one line in memory.
 * @example
 * ```ts
 * import { CsvTickReader } from "tickwright/feed";
 * import { DepthBlock } from "tickwright/model";
 * const rows: number[] = [];
 * const reader = new CsvTickReader(
 *   {
 *     name: "abc.csv",
 *     instrument: { symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *     holds: "quotes",
 *   },
 *   (block: DepthBlock) => rows.push(block.n),
 * );
 * reader.push(new TextEncoder().encode("time,bid,bidSize,ask,askSize\n2024-01-02T14:30,9.99,5,10.01,7\n"));
 * reader.end();
 * rows; // => [3]
 * ```
 */
export class CsvTickReader {
  readonly #options: CsvTickOptions;
  readonly #instrument: Instrument;
  readonly #judge: LineJudge<CsvTickTrouble>;
  readonly #lines: CsvLines;
  readonly #rows: DepthRows;
  #columns: ReadonlyMap<string, number> | undefined;
  #width = 0;
  #base: TimeBase | undefined;
  #lastNs: EpochNanos = -1n;
  #touch = NO_TOUCH;
  #isNew = true;
  /** Rows of the message that is not finished, and its times. */
  #pending: Row[] = [];
  #exchNs = 0;
  #localNs = 0;

  constructor(options: CsvTickOptions, onBlock: (block: DepthBlock) => void) {
    checkTickOptions(options);
    this.#options = options;
    this.#judge = new LineJudge("csv.policies", CSV_TICK_TROUBLES, options.policies);
    this.#instrument = new Instrument(options.instrument);
    this.#rows = new DepthRows({ onBlock });
    const separator = options.separator ?? ",";
    this.#lines = new CsvLines(options.name, separator, (fields, line) => this.#line(fields, line));
  }

  /** What the tape begins with; known from the first sound line on. @throws `FAULT_INPUT` before that */
  get head(): TapeHead {
    const { instrument, name, simulated } = this.#options;
    if (this.#base === undefined) {
      throw new Fault("FAULT_INPUT", {
        path: name,
        value: "0 ticks",
        expected: "at least one line of ticks",
      });
    }
    return { instrument, baseNs: this.#base.epochNs, source: name, simulated: simulated ?? false };
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** Ends the file and returns what was counted. @throws `FAULT_INPUT` where it held nothing. */
  end(): TapeCounts {
    this.#lines.end();
    this.#flush();
    if (this.#rows.rows === 0) {
      const { name } = this.#options;
      throw new Fault("FAULT_INPUT", {
        path: name,
        value: "0 ticks",
        expected: "at least one line of ticks",
      });
    }
    this.#rows.end();
    this.#judge.count("exchClamped", this.#rows.exchClamped);
    return Object.fromEntries(this.#judge.counts);
  }

  #line(fields: readonly string[], line: number): void {
    const columns = this.#columns;
    if (columns === undefined) {
      this.#columns = findHeader(this.#options.name, fields, tickColumns(this.#options));
      this.#width = fields.length;
      return;
    }
    this.#judge.judge(`${this.#options.name}:${line}`, () => this.#tick(fields, columns));
  }

  #tick(fields: readonly string[], columns: ReadonlyMap<string, number>): void {
    if (fields.length !== this.#width) {
      throw trouble("malformed", fields.join(","), `${this.#width} fields, as the header has`);
    }
    const field = (key: string): string => (fields[columns.get(key) ?? -1] ?? "").trim();
    const { symbol } = this.#instrument;
    if (columns.has("symbol") && field("symbol") !== symbol) {
      throw trouble("otherSymbol", field("symbol"), `the symbol ${symbol}`);
    }
    const exchNs = timeOf(field("time"));
    const localNs = columns.has("localTime") ? timeOf(field("localTime")) : exchNs;
    if (localNs < this.#lastNs) {
      throw trouble(
        "timeFalls",
        field(columns.has("localTime") ? "localTime" : "time"),
        "a time that does not fall",
      );
    }
    const rows = this.#rowsOf(field);
    this.#base ??= new TimeBase(utcDayBase(exchNs < localNs ? exchNs : localNs));
    if (this.#options.groupByTime !== true || localNs !== this.#lastNs) this.#flush();
    this.#lastNs = localNs;
    this.#exchNs = this.#base.offsetOf(exchNs);
    this.#localNs = this.#base.offsetOf(localNs);
    // A book starts empty, and a tape that says so can be tiled.
    if (this.#isNew && rows.length > 0 && this.#options.holds !== "trades")
      this.#pending.push([ROW.clear, 0, 0]);
    if (rows.length > 0) this.#isNew = false;
    this.#pending.push(...rows);
    if (this.#options.groupByTime !== true) this.#flush();
  }

  #rowsOf(field: (key: string) => string): readonly Row[] {
    switch (this.#options.holds) {
      case "trades":
        return this.#trade(field);
      case "quotes":
        return this.#quote(field);
      case "levels":
        return this.#level(field);
      default: {
        const isTrade = field("price") !== "" || field("quantity") !== "";
        const isQuote = ["bid", "bidSize", "ask", "askSize"].some((key) => field(key) !== "");
        if (!isTrade && !isQuote) throw trouble("malformed", "", "a trade, a quote or both");
        return [...(isTrade ? this.#trade(field) : []), ...(isQuote ? this.#quote(field) : [])];
      }
    }
  }

  #trade(field: (key: string) => string): readonly Row[] {
    const side = field("side").toLowerCase();
    if (side !== "" && side !== "buy" && side !== "sell")
      throw trouble("malformed", side, "buy, sell or nothing");
    const tick = this.#price(field("price"));
    const lots = this.#quantity(field("quantity"));
    if (lots === 0) throw trouble("malformed", field("quantity"), "a quantity above 0");
    return [[side === "buy" ? ROW.buy : side === "sell" ? ROW.sell : ROW.trade, tick, lots]];
  }

  #level(field: (key: string) => string): readonly Row[] {
    const side = field("side").toLowerCase();
    const kind = side === "bid" || side === "buy" ? ROW.bid : ROW.ask;
    if (kind === ROW.ask && side !== "ask" && side !== "sell") throw trouble("malformed", side, "bid or ask");
    return [[kind, this.#price(field("price")), this.#quantity(field("quantity"))]];
  }

  #quote(field: (key: string) => string): readonly Row[] {
    const [bid, bidLots] = this.#side(field("bid"), field("bidSize"));
    const [ask, askLots] = this.#side(field("ask"), field("askSize"));
    if (bidLots > 0 && askLots > 0 && bid >= ask) {
      throw trouble("badQuote", `${field("bid")} ${field("ask")}`, "a bid below its ask");
    }
    const now = { bid, bidLots, ask, askLots };
    const rows = rowsBetween(this.#touch, now);
    if (rows.length === 0) this.#judge.count("quotesUnchanged");
    this.#touch = now;
    return rows;
  }

  /** A side of a quote; a side without a price or without a size is empty. */
  #side(price: string, size: string): readonly [tick: number, lots: number] {
    if (price === "" && (size === "" || Number(size) === 0)) return [0, 0];
    const lots = this.#quantity(size);
    return lots === 0 ? [0, 0] : [this.#price(price), lots];
  }

  #price(text: string): number {
    const price = this.#instrument.parsePrice(text);
    if (price.ok) return price.value;
    throw trouble(
      price.code === "PRICE_OFF_GRID" ? "offGrid" : "malformed",
      text,
      price.expected ?? price.code,
    );
  }

  #quantity(text: string): number {
    const lots = this.#instrument.parseBookQuantity(text);
    if (lots.ok) return lots.value;
    const kind = lots.code === "QUANTITY_OFF_GRID" ? "offGrid" : "malformed";
    throw trouble(kind, text, `a quantity: ${lots.expected ?? lots.code}`);
  }

  /** Writes the rows of the message that is finished. */
  #flush(): void {
    const rows = this.#pending;
    for (const [i, [kind, tick, lots]] of rows.entries()) {
      const last = i === rows.length - 1 ? LAST : 0;
      this.#rows.push(this.#exchNs, this.#localNs, kind | last, tick, lots);
    }
    if (rows.length > 0) this.#pending = [];
  }
}

/** Reads a whole CSV file of ticks that is in memory. @throws as {@link CsvTickReader} */
export function readCsvTicks(bytes: Uint8Array, options: CsvTickOptions): MemoryTape<DepthBlock> {
  const blocks: DepthBlock[] = [];
  const reader = new CsvTickReader(options, (block) => blocks.push(copyOf(block)));
  reader.push(bytes);
  const counts = reader.end();
  const tally = new TapeTally("depth", reader.head);
  for (const block of blocks) tally.add(block);
  for (const [name, count] of Object.entries(counts)) tally.count(name, count);
  return new MemoryTape(tally.meta(), blocks);
}

/** What turns one quote into the next: levels that are gone first, so that the book is never crossed. */
function rowsBetween(before: Touch, now: Touch): readonly Row[] {
  const rows: Row[] = [];
  if (before.bidLots > 0 && (now.bidLots === 0 || now.bid !== before.bid))
    rows.push([ROW.bid, before.bid, 0]);
  if (before.askLots > 0 && (now.askLots === 0 || now.ask !== before.ask))
    rows.push([ROW.ask, before.ask, 0]);
  if (now.bidLots > 0 && (now.bid !== before.bid || now.bidLots !== before.bidLots)) {
    rows.push([ROW.bid, now.bid, now.bidLots]);
  }
  if (now.askLots > 0 && (now.ask !== before.ask || now.askLots !== before.askLots)) {
    rows.push([ROW.ask, now.ask, now.askLots]);
  }
  return rows;
}

function timeOf(text: string): EpochNanos {
  const at = csvNanos(text);
  if (at === undefined || at < 0n)
    throw trouble("malformed", text, "a time: ISO 8601, or a count since 1970");
  return at;
}

function trouble(kind: CsvTickTrouble, value: unknown, expected: string): LineTrouble<CsvTickTrouble> {
  return new LineTrouble(kind, value, expected);
}
