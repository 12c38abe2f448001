import { LAST } from "../model/index.ts";
import { HELD, HeldMessages } from "./held-messages.ts";
import {
  checkLineOptions,
  type LineArbiterOptions,
  type LineCounts,
  type LineSettings,
  type LineTotals,
} from "./line-options.ts";
import { MissingRanges } from "./missing-ranges.ts";
import { type SequencedRows, sequenceBefore, unwrapped } from "./sequenced-rows.ts";

type Counters<Of> = { -readonly [Name in keyof Of]: Of[Name] };

/**
 * Makes one channel out of several lines that carry the same messages under the same numbers: the first copy of each
 * goes on, in order, the others are dropped and compared with it.
 *
 * A message whose predecessors are missing waits: until they come on any line, at most `windowNs`, and with at most
 * `windowMessages` others. Then the gap is declared and what waits goes on. A message of a declared gap that comes late
 * goes on late, once: {@link GapRecovery} behind this class can still use it. Snapshots go on as they are and change
 * nothing here. Time passes by `advance`, to be called at `nextNs`.
 *
 * @units times in ns from the session's base
 * @invariant No number goes on twice; no message waits longer than `windowNs`, where `advance` is called at `nextNs`.
 * @cost A message in order: a sum over its rows and a place in a table; nothing allocated.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { LineArbiter } from "tickwright/feed";
 * import { DepthBlock } from "tickwright/model";
 * const out: string[] = [];
 * const lines = new LineArbiter({
 *   lines: ["A", "B"],
 *   numbering: "single",
 *   listener: {
 *     release: (rows) => out.push(String(rows.lastSequence)),
 *     gap: (first, last) => out.push(`gap ${first}..${last}`),
 *     divergent: (sequence) => out.push(`divergent ${sequence}`),
 *   },
 * });
 * const block = new DepthBlock(1); // rows are left out here
 * const message = (n: number) =>
 *   ({ isSnapshot: false, firstSequence: n, lastSequence: n, previousSequence: -1, block, from: 0, to: 0 });
 * lines.message(0, message(1), 1_000);
 * lines.message(1, message(1), 1_400);
 * lines.message(0, message(3), 2_000); // A lost 2
 * lines.message(1, message(2), 2_500);
 * lines.message(1, message(5), 3_000); // nobody brings 4
 * lines.advance(lines.nextNs);
 * out.join(" "); // => "1 2 3 gap 4..4 5"
 * lines.counts(1).wins; // => 2
 * ```
 * @source CME Group, MDP 3.0: arbitration of the incremental feeds A and B
 */
export class LineArbiter {
  readonly #settings: LineSettings;
  readonly #held: HeldMessages;
  readonly #missing = new MissingRanges();
  /** Last number of what goes on, NaN before the first; when the message that waits longest must go. */
  readonly #at = new Float64Array([Number.NaN, Number.POSITIVE_INFINITY]);
  readonly #counts: readonly Counters<LineCounts>[];
  readonly #totals: Counters<LineTotals> = {
    released: 0,
    numbersReleased: 0,
    gaps: 0,
    lost: 0,
    late: 0,
    resets: 0,
  };
  /** First copies, by number: number, when it came, its sum, its line. */
  readonly #mask: number;
  readonly #numbers: Float64Array;
  readonly #firstNs: Float64Array;
  readonly #sums: Int32Array;
  readonly #winners: Uint8Array;

  constructor(options: LineArbiterOptions) {
    this.#settings = checkLineOptions(options);
    const { lines, windowMessages, rowsMax, memory } = this.#settings;
    this.#held = new HeldMessages(windowMessages, rowsMax);
    this.#counts = lines.map(newCounts);
    this.#mask = memory - 1;
    this.#numbers = new Float64Array(memory).fill(Number.NaN);
    this.#firstNs = new Float64Array(memory);
    this.#sums = new Int32Array(memory);
    this.#winners = new Uint8Array(memory);
  }

  /** What a line brought, by its place in `lines`. */
  counts(line: number): LineCounts {
    return this.#counts[line] as LineCounts;
  }

  get totals(): LineTotals {
    return this.#totals;
  }

  /** The last number that went on in order, its wrap taken out; NaN before the first. */
  get position(): number {
    return this.#at[0] as number;
  }

  /** Messages waiting. */
  get held(): number {
    return this.#held.count;
  }

  /** When `advance` must be called; Infinity where nothing waits. @units ns from the session's base */
  get nextNs(): number {
    return this.#at[1] as number;
  }

  /** The source begins its numbers anew: what waits goes on, and the next message decides where the numbers begin. */
  reset(nowNs: number): void {
    while (this.#held.count > 0) this.#declare(nowNs);
    this.#missing.clear();
    this.#numbers.fill(Number.NaN);
    this.#at[0] = Number.NaN;
    this.#totals.resets += 1;
  }

  /** A line's copy of a message. */
  message(line: number, rows: SequencedRows, nowNs: number): void {
    const { numbering, wrap, listener } = this.#settings;
    if (rows.isSnapshot) {
      listener.release(rows, nowNs);
      return;
    }
    const counts = this.#counts[line] as Counters<LineCounts>;
    counts.received += 1;
    if (Number.isNaN(this.#at[0])) this.#begin(rows);
    const position = this.#at[0] as number;
    const last = wrap === 0 ? rows.lastSequence : unwrapped(rows.lastSequence, position, wrap);
    const sum = sumOf(rows);
    const slot = last & this.#mask;
    if (this.#numbers[slot] === last) {
      this.#again(counts, slot, sum, line, nowNs);
      return;
    }
    const before = sequenceBefore(rows, last, numbering, wrap);
    if (last <= position) {
      this.#behind(line, rows, before, last, sum, nowNs);
      return;
    }
    if (before > position) {
      this.#wait(line, rows, before, last, sum, nowNs);
      return;
    }
    this.#win(line, slot, last, sum, nowNs);
    this.#release(rows, last, nowNs);
    if (this.#held.count > 0) this.#drain(nowNs);
  }

  /** Lets time pass: declares the gaps before messages that have waited long enough. */
  advance(nowNs: number): void {
    while (this.#held.count > 0 && nowNs >= (this.#at[1] as number)) this.#declare(nowNs);
  }

  #begin(rows: SequencedRows): void {
    this.#at[0] = sequenceBefore(rows, rows.lastSequence, this.#settings.numbering, this.#settings.wrap);
  }

  /** Another line brought it before. */
  #again(counts: Counters<LineCounts>, slot: number, sum: number, line: number, nowNs: number): void {
    if (this.#sums[slot] !== sum) {
      counts.divergent += 1;
      const winner = this.#winners[slot] as number;
      this.#settings.listener.divergent(this.#numbers[slot] as number, line, winner, nowNs);
      return;
    }
    const lag = nowNs - (this.#firstNs[slot] as number);
    counts.losses += 1;
    counts.lagNs += lag;
    if (lag > counts.lagNsMax) counts.lagNsMax = lag;
  }

  /** Its number was passed: it is late, or a copy of one that is no longer remembered. */
  #behind(line: number, rows: SequencedRows, before: number, last: number, sum: number, nowNs: number): void {
    if (!this.#missing.take(before, last)) {
      (this.#counts[line] as Counters<LineCounts>).unverified += 1;
      return;
    }
    this.#win(line, last & this.#mask, last, sum, nowNs);
    const totals = this.#totals;
    totals.late += 1;
    totals.lost -= last - before;
    totals.numbersReleased += last - before;
    totals.released += 1;
    this.#settings.listener.release(rows, nowNs);
  }

  #wait(line: number, rows: SequencedRows, before: number, last: number, sum: number, nowNs: number): void {
    const outcome = this.#held.add(rows, before, last, nowNs);
    if (outcome === HELD.duplicate) {
      (this.#counts[line] as Counters<LineCounts>).unverified += 1;
      return;
    }
    if (outcome === HELD.full && this.#held.count > 0) {
      this.#declare(nowNs);
      (this.#counts[line] as Counters<LineCounts>).received -= 1;
      this.message(line, rows, nowNs);
      return;
    }
    this.#win(line, last & this.#mask, last, sum, nowNs);
    if (outcome === HELD.full) {
      this.#pass(before, nowNs);
      this.#release(rows, last, nowNs);
    } else this.#schedule();
    if (this.#settings.windowNs === 0) this.advance(nowNs);
  }

  #win(line: number, slot: number, last: number, sum: number, nowNs: number): void {
    (this.#counts[line] as Counters<LineCounts>).wins += 1;
    this.#numbers[slot] = last;
    this.#firstNs[slot] = nowNs;
    this.#sums[slot] = sum;
    this.#winners[slot] = line;
  }

  #release(rows: SequencedRows, last: number, nowNs: number): void {
    const totals = this.#totals;
    totals.released += 1;
    totals.numbersReleased += last - (this.#at[0] as number);
    this.#at[0] = last;
    this.#settings.listener.release(rows, nowNs);
  }

  #drain(nowNs: number): void {
    const held = this.#held;
    while (held.count > 0 && held.before(0) <= this.position) {
      if (held.last(0) > this.position) this.#release(held.first(nowNs), held.last(0), nowNs);
      held.shift();
    }
    this.#schedule();
  }

  #schedule(): void {
    this.#at[1] = this.#held.oldestNs + this.#settings.windowNs;
  }

  /** Gives up on what is missing before the first message that waits. */
  #declare(nowNs: number): void {
    this.#pass(this.#held.before(0), nowNs);
    this.#drain(nowNs);
  }

  #pass(before: number, nowNs: number): void {
    const first = this.position + 1;
    this.#totals.gaps += 1;
    this.#totals.lost += before - this.position;
    this.#missing.add(first, before);
    this.#at[0] = before;
    this.#settings.listener.gap(first, before, nowNs);
  }
}

function newCounts(name: string): Counters<LineCounts> {
  return { name, received: 0, wins: 0, losses: 0, unverified: 0, divergent: 0, lagNs: 0, lagNsMax: 0 };
}

/** A sum over what rows say: kinds, ticks and lots, not times. */
function sumOf(rows: SequencedRows): number {
  const { block, from, to } = rows;
  const { kind, tick, lots } = block;
  let sum = to - from;
  for (let i = from; i < to; i++) {
    const size = lots[i] as number;
    sum = Math.imul(sum ^ ((kind[i] as number) & ~LAST), 0x9e3779b1) + (tick[i] as number);
    sum = Math.imul(sum ^ (sum >>> 15) ^ (size | 0), 0x85ebca6b);
    sum ^= (size / 4_294_967_296) | 0;
  }
  return sum | 0;
}
