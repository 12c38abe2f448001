import type { QualityChannel, QualityGap, QualityNumbers } from "./quality-report.ts";

/** Gaps kept one by one; more are only counted. */
export const GAPS_MAX = 1_000;

/** What a gap is told to. */
export type GapSink = (gap: QualityGap) => void;

/** Follows the numbers of one channel. @cost O(1) a message, no allocation but for gaps */
export class ChannelNumbers {
  readonly #channel: QualityChannel;
  readonly #onGap: GapSink;
  readonly #epochText: (ns: number) => string;
  /** First and last number, missing numbers, last local time, longest silence. */
  readonly #cells = new Float64Array([-1, -1, 0, -1, 0]);
  #messages = 0;
  #recorded = 0;
  #gaps = 0;
  #duplicates = 0;
  #outOfOrder = 0;

  constructor(channel: QualityChannel, epochText: (ns: number) => string, onGap: GapSink) {
    this.#channel = channel;
    this.#epochText = epochText;
    this.#onGap = onGap;
  }

  /** A message of numbers `from` to `to`, each of which comes once. */
  numbered(from: number, to: number, localNs: number): void {
    const last = this.#cells[1] as number;
    if (last < 0) this.#cells[0] = from;
    else if (from > last + 1) {
      this.#cells[2] = (this.#cells[2] as number) + from - last - 1;
      this.#gap(last + 1, from - 1, localNs);
    }
    const isNew = this.#forward(to, localNs);
    if (isNew) this.#recorded += to - Math.max(from - 1, last < 0 ? from - 1 : last);
  }

  /** A message that says which one it follows. */
  linked(previous: number, from: number, to: number, localNs: number): void {
    const last = this.#cells[1] as number;
    if (last < 0) this.#cells[0] = from;
    else if (to > last && previous !== last) {
      this.#cells[2] = (this.#cells[2] as number) + 1;
      this.#gap(last + 1, previous, localNs);
    }
    if (this.#forward(to, localNs)) this.#recorded += 1;
  }

  /** A message whose numbers rise and skip. */
  rising(id: number, localNs: number): void {
    if ((this.#cells[1] as number) < 0) this.#cells[0] = id;
    if (this.#forward(id, localNs)) this.#recorded += 1;
  }

  numbers(): QualityNumbers {
    const [firstId = -1, lastId = -1, missing = 0, , longestSilenceNs = 0] = this.#cells;
    return {
      messages: this.#messages,
      firstId,
      lastId,
      expected: this.#recorded + missing,
      recorded: this.#recorded,
      missing,
      gaps: this.#gaps,
      duplicates: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      longestSilenceNs,
    };
  }

  /** Whether the number is new: moves on to it. */
  #forward(to: number, localNs: number): boolean {
    const cells = this.#cells;
    const before = cells[3] as number;
    if (before >= 0 && localNs - before > (cells[4] as number)) cells[4] = localNs - before;
    cells[3] = localNs;
    this.#messages += 1;
    const last = cells[1] as number;
    if (to > last) {
      cells[1] = to;
      return true;
    }
    if (to === last) this.#duplicates += 1;
    else this.#outOfOrder += 1;
    return false;
  }

  #gap(firstMissing: number, lastMissing: number, localNs: number): void {
    this.#gaps += 1;
    this.#onGap({
      channel: this.#channel,
      fromNs: this.#epochText(this.#cells[3] as number),
      toNs: this.#epochText(localNs),
      firstMissing,
      lastMissing,
    });
  }
}
