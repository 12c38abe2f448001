import type { TapeCounts } from "../model/index.ts";
import type { CaptureMessage } from "./capture-message.ts";
import { type CaptureOptions, type CaptureProfile, captureProfile } from "./capture-options.ts";
import { CaptureTally } from "./capture-policy.ts";
import { CaptureReader } from "./capture-reader.ts";
import { CaptureSequencer } from "./capture-sequencer.ts";
import { TouchComparison, type TouchMismatch } from "./check-touch.ts";

/** What a check of a capture found. */
export interface CaptureReport {
  /** Lines read. */
  readonly events: number;
  readonly snapshots: number;
  /** Diffs applied, and levels they and the snapshots set. */
  readonly diffs: number;
  readonly levels: number;
  readonly quotes: number;
  readonly trades: number;
  readonly gaps: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly crossed: number;
  /** Diffs after which the book's best bid and ask were compared with the feed's quotes, and were equal. */
  readonly bboCompared: number;
  readonly bboEqual: number;
  /** Diffs with no quote to be compared with: those applied before the first quote after a snapshot. */
  readonly bboWithout: number;
  readonly firstMismatch?: TouchMismatch;
  /** The least local minus exchange time; negative where the recorder's clock was behind. @units ns */
  readonly leastLatencyNs: number;
  /** What has to be added to local times. @units ns */
  readonly clockShiftNs: number;
  /** The UTC midnight that times count from. */
  readonly baseNs: string;
  /** Everything counted, by name. */
  readonly counts: TapeCounts;
}

/**
 * Checks a capture that comes in chunks: sequence, book against quotes, clocks.
 *
 * @throws `FAULT_INPUT` naming input and line, by policy; always where there is no line or no snapshot.
 */
export class CaptureCheck {
  readonly #profile: CaptureProfile;
  readonly #tally: CaptureTally;
  readonly #touch = new TouchComparison();
  readonly #sequencer: CaptureSequencer;
  readonly #reader: CaptureReader;

  constructor(options: CaptureOptions) {
    const profile = captureProfile(options);
    this.#profile = profile;
    this.#tally = new CaptureTally(profile.name, profile.policies);
    this.#sequencer = new CaptureSequencer(profile.market, this.#tally, {
      snapshot: () => this.#touch.reset(),
      diff: (message) => this.#touch.diff(message, this.#sequencer.book, this.#tally.line),
      quote: (message) => this.#touch.quote(message, this.#tally.line),
      trade: ignore,
      gap: () => this.#touch.reset(),
    });
    this.#reader = new CaptureReader(profile.market, profile.instrument, this.#tally, this.#sequencer);
  }

  /** Lines read so far. */
  get lines(): number {
    return this.#tally.line;
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

  end(): CaptureReport {
    this.#reader.end();
    this.#sequencer.end();
    this.#touch.reset();
    const tally = this.#tally;
    if (tally.of("snapshots") === 0) {
      throw tally.fault(
        "the end of the capture",
        "a snapshot (lastUpdateId, bids, asks) that its diffs join",
      );
    }
    const least = Number.isFinite(this.#reader.leastLatencyNs) ? this.#reader.leastLatencyNs : 0;
    const { compared, equal, without, mismatch } = this.#touch;
    const { latencyFloorNs, clockShiftNs } = this.#profile;
    return {
      events: tally.line,
      snapshots: tally.of("snapshots"),
      diffs: tally.of("diffs"),
      levels: tally.of("levels"),
      quotes: tally.of("quotes"),
      trades: tally.of("trades"),
      gaps: tally.of("gap"),
      duplicates: tally.of("duplicate"),
      outOfOrder: tally.of("outOfOrder"),
      crossed: tally.of("crossed"),
      bboCompared: compared,
      bboEqual: equal,
      bboWithout: without,
      ...(mismatch === undefined ? {} : { firstMismatch: mismatch }),
      leastLatencyNs: least,
      clockShiftNs: clockShiftNs ?? Math.max(0, latencyFloorNs - least),
      baseNs: (BigInt(this.#reader.baseSeconds) * 1_000_000_000n).toString(),
      counts: tally.counts(),
    };
  }
}

/** Checks a capture given as chunks of bytes; see {@link CaptureCheck}. */
export function checkCapture(options: CaptureOptions, chunks: Iterable<Uint8Array>): CaptureReport {
  const check = new CaptureCheck(options);
  for (const chunk of chunks) check.push(chunk);
  return check.end();
}

function ignore(_message: CaptureMessage): void {}
