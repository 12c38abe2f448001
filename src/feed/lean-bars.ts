import { Fault, rescale } from "../base/index.ts";
import {
  BAR_ROW,
  type BarBlock,
  type EpochNanos,
  formatNanos,
  Instrument,
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MINUTE,
  NANOS_PER_SECOND,
} from "../model/index.ts";
import { CsvLines } from "./csv-lines.ts";
import { LineJudge } from "./csv-policy.ts";
import { leanDay } from "./lean-day.ts";
import type { CorporateAction, LeanFactors } from "./lean-factors.ts";
import { type LeanMoment, LeanPriceReader, leanMoment, leanTrouble } from "./lean-line.ts";
import { newYorkNanos } from "./lean-new-york.ts";
import { checkLean, LEAN_TROUBLES, type LeanBarOptions, type LeanSession } from "./lean-options.ts";
import { ZipArchive } from "./lean-zip.ts";
import { BarTapeBuilder } from "./tape-builder.ts";
import type { MemoryTape } from "./tape-memory.ts";
import { TimeBase, utcDayBase } from "./tape-time.ts";

const LENGTHS = {
  daily: NANOS_PER_DAY,
  hour: NANOS_PER_HOUR,
  minute: NANOS_PER_MINUTE,
  second: NANOS_PER_SECOND,
} as const;

/**
 * Reads bars out of Lean zip files, in the order of their days, into one bar tape.
 *
 * Equities are written in ten-thousandths and New York time, crypto and forex in plain decimals and UTC. A daily
 * equity bar is stamped 09:30 to 16:00 also on days that close early: its close is then known later than it was
 * made, never earlier. With factors, split and dividend rows stand before the first bar of their day, at its
 * open: a dividend before a split of the same day, since it is paid on what was held.
 *
 * @invariant Every line becomes a bar, or is counted, or ends the reading with a fault naming zip, entry and line.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` naming zip, entry and line: a damaged zip, a zip without
 * entries, an entry not named by its day, and by policy a bad line.
 * @example
 * ```ts
 * import { leanInstrument, LeanBarReader } from "tickwright/feed";
 * const reader = new LeanBarReader({
 *   name: "spy",
 *   market: "equity",
 *   resolution: "daily",
 *   instrument: leanInstrument("equity", "spy"),
 * });
 * reader.pushText("spy.csv", new TextEncoder().encode("19980102 00:00,973100,975300,965300,973600,2150000\n"));
 * reader.end().meta.fromNs; // => "883774800000000000"
 * ```
 */
export class LeanBarReader {
  readonly #options: LeanBarOptions;
  readonly #session: LeanSession | undefined;
  readonly #instrument: Instrument;
  readonly #prices: LeanPriceReader;
  readonly #judge: LineJudge<(typeof LEAN_TROUBLES)[number]>;
  #builder: BarTapeBuilder | undefined = undefined;
  #base: TimeBase | undefined = undefined;
  #lastNs: EpochNanos = -1n;
  #action = 0;
  #unit = 1;

  constructor(options: LeanBarOptions) {
    this.#session = checkLean(options);
    this.#options = options;
    this.#instrument = new Instrument(options.instrument);
    this.#prices = new LeanPriceReader(this.#instrument, options.market, options.quotes);
    this.#judge = new LineJudge("lean.policies", LEAN_TROUBLES, options.policies);
  }

  /** Reads all entries of a zip file. */
  push(name: string, zip: Uint8Array): void {
    const archive = new ZipArchive(name, zip);
    if (archive.entries.length === 0) throw inputFault(name, "0 entries", "at least one file of bars");
    for (const entry of archive.entries) this.pushText(`${name}/${entry.name}`, entry.unpack());
  }

  /** Reads one file of bars that is unpacked already; for minutes and seconds its name begins with its day. */
  pushText(name: string, bytes: Uint8Array): void {
    const { resolution } = this.#options;
    const isDated = resolution === "minute" || resolution === "second";
    const file = name.slice(name.lastIndexOf("/") + 1);
    const day = isDated ? leanDay(file.slice(0, 8)) : undefined;
    if (isDated && day === undefined)
      throw inputFault(name, file, "a name that begins with its day, yyyyMMdd");
    const lines = new CsvLines(name, ",", (fields, line) => {
      this.#judge.judge(`${name}:${line}`, () => this.#line(fields, day));
    });
    lines.push(bytes);
    lines.end();
  }

  /** Ends the tape. @throws `FAULT_INPUT` where there was no bar. */
  end(): MemoryTape<BarBlock> {
    const builder = this.#builder;
    if (builder === undefined) throw inputFault(this.#options.name, "0 bars", "at least one bar");
    const { factors } = this.#options;
    if (factors !== undefined) this.#judge.count("actionsAfterEnd", factors.actions.length - this.#action);
    for (const [name, count] of this.#judge.counts) builder.count(name, count);
    return builder.build();
  }

  #line(fields: readonly string[], fileDay: number | undefined): void {
    const { resolution, factors } = this.#options;
    const moment = leanMoment(fields[0] as string, resolution, fileDay);
    if (resolution !== "daily" && !this.#isWithin(moment)) {
      this.#judge.count("outsideSession");
      return;
    }
    const prices = this.#prices.read(fields);
    const [openNs, closeNs] = this.#times(moment);
    if (openNs < this.#lastNs) {
      throw leanTrouble("timeFalls", fields[0], `a bar from ${formatNanos(this.#lastNs)} on`);
    }
    const [builder, base] = this.#start(openNs, moment.day);
    const open = base.offsetOf(openNs);
    let factor = 1;
    if (factors !== undefined) {
      factor = factors.factorOf(moment.day) / this.#unit;
      this.#act(builder, factors, moment.day, open, factor);
    }
    builder.push({ openNs: open, closeNs: base.offsetOf(closeNs), ...prices, factor });
    this.#lastNs = closeNs;
  }

  #isWithin(moment: LeanMoment): boolean {
    const session = this.#session;
    if (session === undefined) return true;
    return moment.millis >= session.opens * 1_000 && moment.millis < session.closes * 1_000;
  }

  #times(moment: LeanMoment): readonly [EpochNanos, EpochNanos] {
    const { market, resolution } = this.#options;
    const { day, millis } = moment;
    if (market !== "equity") {
      const openNs = BigInt(day) * BigInt(NANOS_PER_DAY) + BigInt(millis) * 1_000_000n;
      return [openNs, openNs + BigInt(LENGTHS[resolution])];
    }
    if (resolution === "daily" && this.#session !== undefined) {
      return [newYorkNanos(day, this.#session.opens), newYorkNanos(day, this.#session.closes)];
    }
    const openNs = newYorkNanos(day, Math.floor(millis / 1_000)) + BigInt(millis % 1_000) * 1_000_000n;
    return [openNs, openNs + BigInt(LENGTHS[resolution])];
  }

  /** The first bar decides what times are counted from, and where forward adjustment begins. */
  #start(openNs: EpochNanos, day: number): readonly [BarTapeBuilder, TimeBase] {
    if (this.#builder !== undefined && this.#base !== undefined) return [this.#builder, this.#base];
    const { instrument, name, factors, adjusted } = this.#options;
    const baseNs = utcDayBase(openNs);
    this.#base = new TimeBase(baseNs);
    this.#builder = new BarTapeBuilder({ instrument, baseNs, source: `lean ${name}` });
    if (factors !== undefined) {
      if (adjusted === "forward") this.#unit = factors.factorOf(day);
      while ((factors.actions[this.#action]?.afterDay ?? day) < day) {
        this.#action += 1;
        this.#judge.count("actionsBeforeStart");
      }
    }
    return [this.#builder, this.#base];
  }

  /** Writes the rows of the actions that take effect on `day`. */
  #act(builder: BarTapeBuilder, factors: LeanFactors, day: number, ns: number, factor: number): void {
    for (;;) {
      const action = factors.actions[this.#action];
      if (action === undefined || action.afterDay >= day) return;
      const { split, dividend } = action;
      const row = { openNs: ns, closeNs: ns, open: 0, high: 0, low: 0, close: 0, volume: 0, factor };
      if (dividend !== undefined) {
        builder.push({ ...row, kind: BAR_ROW.dividend, volume: this.#minorPerLot(dividend) });
        this.#judge.count("dividends");
      }
      if (split !== undefined) {
        builder.push({ ...row, kind: BAR_ROW.split, open: split.numerator, high: split.denominator });
        this.#judge.count("splits");
      }
      this.#action += 1;
    }
  }

  /** Cash for one lot, in minor units of the quote currency. */
  #minorPerLot(dividend: NonNullable<CorporateAction["dividend"]>): number {
    const { quote } = this.#instrument;
    const lots = BigInt(Math.round(1 / this.#instrument.lotSize));
    const minor = rescale(dividend, quote.decimals);
    if (this.#instrument.lotSize <= 1 && minor !== undefined && minor % lots === 0n)
      return Number(minor / lots);
    throw new Fault("FAULT_CONFIG", {
      path: "lean.instrument.quote",
      value: quote,
      expected: `a currency fine enough for a dividend of ${dividend.digits}e-${dividend.scale} a unit`,
    });
  }
}

function inputFault(path: string, value: string, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path, value, expected });
}
