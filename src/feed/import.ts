import type { DepthBlock, TapeCounts } from "../model/index.ts";
import type { CaptureMessage } from "./capture-message.ts";
import { type CaptureOptions, captureProfile } from "./capture-options.ts";
import { CaptureTally } from "./capture-policy.ts";
import { CaptureReader } from "./capture-reader.ts";
import { CaptureRows } from "./capture-rows.ts";
import { CaptureSequencer } from "./capture-sequencer.ts";
import { type CaptureReport, checkCapture } from "./check.ts";
import { copyOf, MemoryTape } from "./tape-memory.ts";
import { DepthRows } from "./tape-rows.ts";
import { type TapeHead, TapeTally } from "./tape-tally.ts";

/**
 * Turns a capture that comes in chunks into blocks of depth rows, by what {@link CaptureCheck} found out
 * about it: a capture is read twice, since its clock is known only at its end.
 *
 * @invariant Equal captures give equal blocks, however they are cut into chunks.
 * @throws `FAULT_INPUT` naming input and line, by policy.
 * @cost About 0.5 us a line; one block and one line in memory.
 */
export class CaptureImport {
  readonly head: TapeHead;
  readonly #tally: CaptureTally;
  readonly #depth: DepthRows;
  readonly #sequencer: CaptureSequencer;
  readonly #reader: CaptureReader;
  readonly #report: CaptureReport;

  constructor(options: CaptureOptions, report: CaptureReport, onBlock: (block: DepthBlock) => void) {
    const profile = captureProfile(options);
    this.#report = report;
    this.#tally = new CaptureTally(profile.name, profile.policies);
    this.#depth = new DepthRows({ onBlock });
    const clock = { shiftNs: report.clockShiftNs, floorNs: profile.latencyFloorNs };
    const rows = new CaptureRows(this.#depth, clock);
    this.#sequencer = new CaptureSequencer(profile.market, this.#tally, rows);
    this.#reader = new CaptureReader(profile.market, profile.instrument, this.#tally, {
      message: (message: CaptureMessage) => {
        rows.note(message);
        this.#sequencer.message(message);
      },
      resync: () => this.#sequencer.resync(),
    });
    this.head = {
      instrument: profile.instrument.describe(),
      baseNs: BigInt(report.baseNs),
      source: `binance ${profile.market} capture ${profile.name}`,
      simulated: false,
    };
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

  /** Hands over the last block; returns everything counted, for the tape's meta. */
  end(): TapeCounts {
    this.#reader.end();
    this.#sequencer.end();
    this.#depth.end();
    return {
      ...this.#tally.counts(),
      lines: this.#tally.line,
      clockShiftNs: this.#report.clockShiftNs,
      leastLatencyNs: this.#report.leastLatencyNs,
      ...(this.#depth.exchClamped === 0 ? {} : { exchClamped: this.#depth.exchClamped }),
    };
  }
}

/**
 * Imports a capture into a tape in memory.
 *
 * `chunks` is called twice: once to check the capture and find its clock, once to read its rows.
 *
 * @throws `FAULT_INPUT` naming input and line, by policy.
 */
export function importCapture(
  options: CaptureOptions,
  chunks: () => Iterable<Uint8Array>,
): { readonly tape: MemoryTape<DepthBlock>; readonly report: CaptureReport } {
  const report = checkCapture(options, chunks());
  const blocks: DepthBlock[] = [];
  const reading = new CaptureImport(options, report, (block) => {
    tally.add(block);
    blocks.push(copyOf(block));
  });
  const tally = new TapeTally("depth", reading.head);
  for (const chunk of chunks()) reading.push(chunk);
  for (const [name, count] of Object.entries(reading.end())) tally.count(name, count);
  return { tape: new MemoryTape(tally.meta(), blocks), report };
}
