import { crc32cOfCells } from "../base/index.ts";
import { WIRE, WIRE_FLAG } from "./wire.ts";

/** Messages whose checksums are kept, to tell one that came twice from a wrong number. */
const KEPT_CHECKS = 256;
/** Stands for the checksum of a number that was passed over. */
const PASSED = -2;

/** How a message's number stands to those that came: as expected, too high, known, or an error. */
export const ARRIVAL = { next: 0, ahead: 1, again: 2, wrong: 3 } as const;

/**
 * The numbers that one end of a session received: which is next, and whether some are missing.
 *
 * @units ns
 * @invariant `next` never falls but by {@link ReceivedNumbers.restart}.
 * @cost O(1); nothing is allocated.
 */
export class ReceivedNumbers {
  /** The number of the next message that is expected. */
  next = 1;
  readonly #resent = new Float64Array(WIRE.check);
  readonly #checks = new Float64Array(KEPT_CHECKS);
  /** The highest number that came out of turn; numbers are missing while it is not below `next`. */
  #top = 0;
  /** The last number that came out of turn. */
  #lastAhead = 0;
  /** Whether any came in turn since they were asked for, and when they were asked for or one came. */
  #hasMoved = false;
  #movedNs = 0;

  /** Begins a new numbering; `next` is expected first. */
  restart(next = 1): void {
    this.next = next;
    this.#top = 0;
    this.#checks.fill(-1);
  }

  /** A new connection: what came out of turn over the last one is forgotten. */
  forgetGap(): void {
    this.#top = 0;
  }

  /**
   * Judges a numbered message and counts it where it is the next one.
   *
   * An old number is known where the message says that it was sent again, is the very one that had come under
   * that number, sent again or not, or where nothing came under it; anything else is an error.
   */
  take(cells: Float64Array, offset: number, nowNs: number): number {
    const seq = cells[offset + WIRE.seq] as number;
    const check = cells[offset + WIRE.check] as number;
    const at = seq & (KEPT_CHECKS - 1);
    if (seq === this.next) {
      this.next = seq + 1;
      this.#checks[at] = check;
      if (this.#top >= seq) {
        this.#hasMoved = true;
        this.#movedNs = nowNs;
      }
      return ARRIVAL.next;
    }
    if (seq > this.next) return ARRIVAL.ahead;
    const isResent = ((cells[offset + WIRE.flags] as number) & WIRE_FLAG.possDup) !== 0;
    const known = this.#checks[at] as number;
    if (isResent || known === check || known === PASSED) return ARRIVAL.again;
    return known === this.#checkResent(cells, offset) ? ARRIVAL.again : ARRIVAL.wrong;
  }

  /** Passes over the numbers from `next` to below `toSeq`. */
  pass(toSeq: number): void {
    const fromSeq = Math.max(this.next, toSeq - KEPT_CHECKS);
    for (let seq = fromSeq; seq < toSeq; seq++) this.#checks[seq & (KEPT_CHECKS - 1)] = PASSED;
    this.next = toSeq;
  }

  /** The checksum that a message has when it is sent again: the first copy may come late, behind the second. */
  #checkResent(cells: Float64Array, offset: number): number {
    const resent = this.#resent;
    for (let i = 0; i < WIRE.check; i++) resent[i] = cells[offset + i] as number;
    resent[WIRE.flags] = (resent[WIRE.flags] as number) | WIRE_FLAG.possDup;
    return crc32cOfCells(resent, 0, WIRE.check);
  }

  /**
   * A number came that is too high.
   *
   * What is missing is asked for at once, and while higher and higher numbers come not again: they were sent
   * before the asking arrived. Where a number came in turn since, or the numbers went back, the answer is
   * there and has gaps itself.
   *
   * @returns whether to ask for what is missing now.
   */
  sawAhead(seq: number, isResent: boolean, nowNs: number, retryNs: number): boolean {
    const isNew = this.#top < this.next;
    const isAnswer = this.#hasMoved || seq < this.#lastAhead || (isResent && seq === this.#lastAhead);
    this.#lastAhead = seq;
    if (seq > this.#top) this.#top = seq;
    if (!isNew && !isAnswer && nowNs - this.#movedNs < retryNs) return false;
    this.#hasMoved = false;
    this.#movedNs = nowNs;
    return true;
  }

  /** Whether to ask again, where nothing out of turn came either. */
  isOverdue(nowNs: number, retryNs: number): boolean {
    if (this.#top < this.next || nowNs - this.#movedNs < retryNs) return false;
    this.#hasMoved = false;
    this.#movedNs = nowNs;
    return true;
  }
}
