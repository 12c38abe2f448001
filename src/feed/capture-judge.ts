import { reasonOf } from "../model/index.ts";
import type { CaptureMessage } from "./capture-message.ts";
import { CaptureRows } from "./capture-rows.ts";
import type { CaptureSink } from "./capture-sequencer.ts";
import { MarketDataValidator } from "./market-data-validator.ts";
import { MessageRows } from "./message-rows.ts";
import type { ValidatorOptions } from "./validation-options.ts";
import { reasonCodeOf } from "./validation-rules.ts";

/**
 * A validator over the messages of a capture, joined as a book's are: what it finds is told by its reason. A day's
 * lines are judged alike whether they are read as they come or again.
 */
export class CaptureJudge implements CaptureSink {
  readonly #validator: MarketDataValidator;
  readonly #gathered = new MessageRows();
  readonly #rows: CaptureRows;
  readonly #found: (reason: string) => void;

  constructor(options: ValidatorOptions, latencyFloorNs: number, found: (reason: string) => void) {
    this.#validator = new MarketDataValidator(options);
    this.#rows = new CaptureRows(this.#gathered, { shiftNs: 0, floorNs: latencyFloorNs });
    this.#found = found;
  }

  note(message: CaptureMessage): void {
    this.#rows.note(message);
  }

  snapshot(message: CaptureMessage): void {
    this.#rows.snapshot(message);
    this.#judge(true, message.lastId, message.lastId, -1);
  }

  diff(message: CaptureMessage): void {
    this.#rows.diff(message);
    const previous = message.market === "spot" ? -1 : message.previousId;
    this.#judge(false, message.firstId, message.lastId, previous);
  }

  quote(message: CaptureMessage): void {
    this.#rows.quote(message);
    this.#judge(false, -1, message.lastId, -1);
  }

  trade(message: CaptureMessage): void {
    this.#rows.trade(message);
    this.#judge(false, message.tradeId, message.tradeId, -1);
  }

  gap(message?: CaptureMessage): void {
    this.#rows.gap(message);
    this.#judge(false, -1, -1, -1);
  }

  #judge(isSnapshot: boolean, firstSequence: number, lastSequence: number, previousSequence: number): void {
    const to = this.#gathered.seal();
    const { block } = this.#gathered;
    const numbers = { firstSequence, lastSequence, previousSequence };
    const reason = reasonOf(
      reasonCodeOf(this.#validator.take({ block, from: 0, to, isSnapshot, ...numbers })),
    );
    if (reason !== "") this.#found(reason);
  }
}
