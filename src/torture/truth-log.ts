import { longerDoubles } from "./columns.ts";
import { WIRE } from "./wire.ts";

/**
 * Where the fields of a logged message stand. `verdict` is 0 for one that was carried out, the code of the
 * reason for one that was rejected, {@link STALE_EPOCH} for one that was fenced off.
 *
 * @units `ns` true time of arrival from the session's base
 */
export const TRUTH_LOG = { ns: 0, kind: 1, id: 2, requestId: 3, epoch: 4, verdict: 5 } as const;

/** Doubles in one line of the log. */
export const TRUTH_LOG_STRIDE = 6;

/** The verdict on a message of an epoch below the highest seen. */
export const STALE_EPOCH = -1;

/** Every message that reached a simulated venue, in order: what an oracle compares with what was sent. */
export class TruthLog {
  /** Lines so far. */
  count = 0;
  /** @shape {@link TRUTH_LOG_STRIDE} doubles a line; the first `count` lines count */
  cells: Float64Array = new Float64Array(1024 * TRUTH_LOG_STRIDE);

  /** Adds a message that arrived at `ns` with the verdict 0; returns its line. */
  add(ns: number, message: Float64Array, offset: number): number {
    const line = this.count++;
    const at = line * TRUTH_LOG_STRIDE;
    if (at === this.cells.length) this.cells = longerDoubles(this.cells, 2 * at);
    const { cells } = this;
    cells[at] = ns;
    cells[at + TRUTH_LOG.kind] = message[offset + WIRE.kind] as number;
    cells[at + TRUTH_LOG.id] = message[offset + WIRE.id] as number;
    cells[at + TRUTH_LOG.requestId] = message[offset + WIRE.requestId] as number;
    cells[at + TRUTH_LOG.epoch] = message[offset + WIRE.epoch] as number;
    cells[at + TRUTH_LOG.verdict] = 0;
    return line;
  }

  /** Sets the verdict on a line. */
  judge(line: number, verdict: number): void {
    this.cells[line * TRUTH_LOG_STRIDE + TRUTH_LOG.verdict] = verdict;
  }

  /** A field of a line. */
  field(line: number, field: number): number {
    return this.cells[line * TRUTH_LOG_STRIDE + field] as number;
  }
}
