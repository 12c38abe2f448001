import { LAST, ROW, SNAPSHOT } from "../model/index.ts";
import type { CaptureMessage } from "./capture-message.ts";
import type { CaptureSink } from "./capture-sequencer.ts";

/** How a capture's clocks are set against each other. */
export interface CaptureClock {
  /** Added to every local time. @units ns */
  readonly shiftNs: number;
  /** The latency assumed for rows before the first exchange time. @units ns */
  readonly floorNs: number;
}

/** Takes rows one by one, as `DepthRows` does. */
export interface RowTaker {
  push(exchNs: number, localNs: number, kind: number, tick: number, lots: number): void;
}

/**
 * Turns messages into depth rows: clear and snapshot, diff levels, trades, quotes, gaps.
 *
 * Rows without an exchange time take the latest one before them.
 */
export class CaptureRows implements CaptureSink {
  readonly #rows: RowTaker;
  readonly #clock: CaptureClock;
  /** Local and exchange time of the message at hand, and the latest exchange time of any so far. */
  readonly #times = new Float64Array([0, 0, Number.NEGATIVE_INFINITY]);

  constructor(rows: RowTaker, clock: CaptureClock) {
    this.#rows = rows;
    this.#clock = clock;
  }

  /** Takes note of the exchange time of a message, whether it gets on the tape or not. */
  note(message: CaptureMessage): void {
    const exch = message.exchNs;
    if (exch > (this.#times[2] as number)) this.#times[2] = exch;
  }

  snapshot(message: CaptureMessage): void {
    this.#take(message);
    this.#put(ROW.clear | SNAPSHOT | (this.#present(message) === 0 ? LAST : 0), 0, 0);
    this.#levels(message, SNAPSHOT);
  }

  diff(message: CaptureMessage): void {
    this.#take(message);
    this.#levels(message, 0);
  }

  quote(message: CaptureMessage): void {
    this.#take(message);
    this.#put(ROW.quoteBid, message.tick[0] as number, message.lots[0] as number);
    this.#put(ROW.quoteAsk | LAST, message.tick[1] as number, message.lots[1] as number);
  }

  trade(message: CaptureMessage): void {
    this.#take(message);
    const kind = message.buyerIsMaker === 1 ? ROW.sell : ROW.buy;
    this.#put(kind | LAST, message.tick[0] as number, message.lots[0] as number);
  }

  /** At the time of the message that shows the gap, or of the last one before where a line was left out. */
  gap(message?: CaptureMessage): void {
    if (message !== undefined) this.#take(message);
    this.#put(ROW.gap | LAST, 0, 0);
  }

  #take(message: CaptureMessage): void {
    const local = message.localNs + this.#clock.shiftNs;
    this.#times[0] = local;
    const exch = message.exchNs;
    const latest = this.#times[2] as number;
    if (!Number.isNaN(exch)) this.#times[1] = exch;
    else this.#times[1] = latest > Number.NEGATIVE_INFINITY ? latest : local - this.#clock.floorNs;
  }

  /** Levels that are on the grid. */
  #present(message: CaptureMessage): number {
    let count = message.levels;
    for (let i = 0; i < message.levels; i++) if (Number.isNaN(message.lots[i])) count--;
    return count;
  }

  #levels(message: CaptureMessage, flags: number): void {
    const { bids, levels, tick, lots } = message;
    let left = this.#present(message);
    for (let i = 0; i < levels; i++) {
      const size = lots[i] as number;
      if (Number.isNaN(size)) continue;
      left -= 1;
      const kind = (i < bids ? ROW.bid : ROW.ask) | flags | (left === 0 ? LAST : 0);
      this.#put(kind, tick[i] as number, size);
    }
  }

  #put(kind: number, tick: number, lots: number): void {
    this.#rows.push(this.#times[1] as number, this.#times[0] as number, kind, tick, lots);
  }
}
