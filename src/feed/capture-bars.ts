import { checkKeys } from "../base/index.ts";
import type { BarBlock, Instrument } from "../model/index.ts";
import { BarBuilder } from "./bars-builder.ts";
import { BAR_RULE_KEYS, type BarBuilderOptions } from "./bars-options.ts";
import { CAPTURE, type CaptureMessage } from "./capture-message.ts";
import { type CaptureOptions, captureProfile } from "./capture-options.ts";
import { CaptureTally } from "./capture-policy.ts";
import { CaptureReader } from "./capture-reader.ts";
import type { CaptureReport } from "./check.ts";
import { BarTapeBuilder } from "./tape-builder.ts";
import type { MemoryTape } from "./tape-memory.ts";

/** What ends a bar of a capture's trades, and what becomes of a trade whose bar is finished. */
export type CaptureBarRule = Omit<BarBuilderOptions, "onBar">;

/**
 * Makes bars of a checked capture's trades, by the exchange's time of each: trades while there was no book, too. Such
 * times may fall, which a tape's do not: late trades are late here alone.
 *
 * @units prices in ticks, volume in book lots, times in ns from the UTC midnight of the report
 * @invariant Where the bytes are cut into chunks changes nothing. Each trade is in one bar, or counted: `lateDropped`,
 * `tradesRepeated` (a number that is not above the last one's, as after a reconnect).
 * @throws `FAULT_CONFIG` naming the rule's part; `FAULT_INPUT` naming input and line, by policy, and on a late trade
 * where the rule says `fail`
 * @cost About 0.5 us a line; the bars in memory.
 */
export class CaptureBars {
  readonly instrument: Instrument;
  readonly #tally: CaptureTally;
  readonly #reader: CaptureReader;
  readonly #tape: BarTapeBuilder;
  readonly #bars: BarBuilder;
  #lastTrade = -1;

  constructor(options: CaptureOptions, report: Pick<CaptureReport, "baseNs">, rule: CaptureBarRule) {
    checkKeys("bars", rule, [...BAR_RULE_KEYS, "latenessNs", "late"]);
    const profile = captureProfile(options);
    this.instrument = profile.instrument;
    this.#tally = new CaptureTally(profile.name, profile.policies);
    this.#tape = new BarTapeBuilder({
      instrument: profile.instrument.describe(),
      baseNs: BigInt(report.baseNs),
      source: `binance ${profile.market} capture ${profile.name}: bars of trades`,
      simulated: false,
    });
    const { periodNs, alignNs = 0 } = rule;
    // Periods lie alike whatever day a capture is of: as those of `buildBars`.
    const aligned =
      periodNs === undefined ? {} : { alignNs: alignNs - Number(BigInt(report.baseNs) % BigInt(periodNs)) };
    this.#bars = new BarBuilder({ ...rule, ...aligned, onBar: (bar) => this.#tape.push(bar) });
    this.#reader = new CaptureReader(profile.market, profile.instrument, this.#tally, {
      message: (message) => this.#take(message),
      resync: () => {},
    });
    this.#reader.baseSeconds = Number(BigInt(report.baseNs) / 1_000_000_000n);
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  /** The input was cut short, as far as its container tells: counted, or thrown by policy. */
  truncated(why: string): void {
    if (this.#tally.policies.truncated === "fail")
      throw this.#tally.fault(why, "a whole file (policy truncated)");
    this.#tally.count("truncatedFile");
  }

  /** Finishes the last bars. The tape has everything that was counted in its meta. */
  end(): MemoryTape<BarBlock> {
    this.#reader.end();
    this.#bars.end();
    const { bars: _, ...counts } = this.#bars.counts;
    for (const [name, count] of Object.entries({ ...this.#tally.counts(), ...counts })) {
      if (count !== 0) this.#tape.count(name, count);
    }
    return this.#tape.build();
  }

  #take(message: CaptureMessage): void {
    if (message.kind !== CAPTURE.trade) return;
    const { exchNs, tradeId } = message;
    const lots = message.lots[0] as number;
    // Of no quantity: a row of no tape either.
    if (!(lots > 0)) return;
    if (tradeId <= this.#lastTrade) {
      this.#tally.count("tradesRepeated");
      return;
    }
    this.#lastTrade = tradeId;
    this.#bars.add(exchNs, message.tick[0] as number, lots);
  }
}
