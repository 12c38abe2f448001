import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields, savedList } from "./saved-state.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const SEATS_MAX = 65_536;
const TEXTS_MAX = 4_194_304;
/** Below every id. */
const NO_ID = -1;

/**
 * What a check of a client order id says: `full` that there is no place to remember a text, `invalid` that it is no
 * whole number from 0 to 2^53 - 1 and no text, or of no seat. Only `clear` may go on.
 */
export type IdVerdict = "clear" | "duplicate" | "full" | "invalid";

/** Options of {@link SeenIds}. */
export interface SeenIdsOptions {
  /** Seats there are, within 1 and 65,536. */
  readonly seats: number;
  /** Texts remembered, at most 4,194,304; 0 unless given: numbers only. */
  readonly texts?: number;
}

/** What {@link SeenIds} keeps over a restart. */
export interface SavedSeenIds {
  readonly highest: readonly number[];
  readonly texts: readonly string[];
}

/**
 * Client order ids that were used: none passes twice, ever. Numbers must rise per seat, so one number a seat
 * remembers them all; texts are remembered one by one over all seats, up to a bound.
 *
 * @invariant An id that was committed is never clear again, across `save` and `load` too.
 * @cost O(1); nothing allocated for a number, one entry of a set for a text.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { SeenIds } from "tickwright/risk";
 * const seen = new SeenIds({ seats: 2, texts: 1000 });
 * seen.commit(0, 41);
 * seen.commit(0, "A-1");
 * [seen.check(0, 41), seen.check(0, 42), seen.check(1, 41)]; // => ["duplicate", "clear", "clear"]
 * [seen.check(1, "A-1"), seen.check(1, "A-2"), seen.check(0, NaN)]; // => ["duplicate", "clear", "invalid"]
 * ```
 */
export class SeenIds implements StatePart {
  readonly #highest: Float64Array;
  readonly #texts = new Set<string>();
  readonly #textsMax: number;

  constructor(options: SeenIdsOptions) {
    checkKeys("seenIds", options, ["seats", "texts"]);
    this.#highest = new Float64Array(checkInteger("seenIds.seats", options.seats, 1, SEATS_MAX)).fill(NO_ID);
    this.#textsMax = checkInteger("seenIds.texts", options.texts ?? 0, 0, TEXTS_MAX);
  }

  /** What to say to this id now. Changes nothing. */
  check(seat: number, id: number | string): IdVerdict {
    const highest = this.#highest[seat];
    if (highest === undefined) return "invalid";
    if (typeof id === "number") {
      if (!(Number.isSafeInteger(id) && id >= 0)) return "invalid";
      return id > highest ? "clear" : "duplicate";
    }
    if (typeof id !== "string" || id === "") return "invalid";
    if (this.#texts.has(id)) return "duplicate";
    return this.#texts.size < this.#textsMax ? "clear" : "full";
  }

  /**
   * Remembers the id of an approved order.
   *
   * @throws `FAULT_INPUT` for an id that is not clear.
   */
  commit(seat: number, id: number | string): void {
    if (this.check(seat, id) !== "clear") {
      throw new Fault("FAULT_INPUT", { path: "seenIds.commit", value: id, expected: "an id that is clear" });
    }
    if (typeof id === "number") this.#highest[seat] = id;
    else this.#texts.add(id);
  }

  /** The lowest number a seat has not passed yet. */
  next(seat: number): number {
    return Math.max(0, this.#highest[seat] as number) + 1;
  }

  /** The state. */
  save(): SavedSeenIds {
    return { highest: [...this.#highest], texts: [...this.#texts] };
  }

  /**
   * Continues from saved state.
   *
   * @throws `FAULT_INPUT` for another number of seats, more texts than fit, the same text twice; nothing has changed
   * then.
   */
  load(data: unknown): void {
    const saved = savedFields<SavedSeenIds>("seenIds", data, ["highest", "texts"]);
    const most = Number.MAX_SAFE_INTEGER;
    const highest = readColumn("seenIds.highest", saved.highest, this.#highest.length, NO_ID, most);
    const texts = new Set(savedList<string>("seenIds.texts", saved.texts, 0, this.#textsMax));
    const areTexts = [...texts].every((each) => typeof each === "string" && each !== "");
    if (!areTexts || texts.size !== saved.texts.length) {
      throw new Fault("FAULT_INPUT", { path: "seenIds.texts", expected: "texts, none empty, none twice" });
    }
    this.#highest.set(highest);
    this.#texts.clear();
    for (const text of texts) this.#texts.add(text);
  }

  /** The state, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
    to.number(this.#texts.size);
    for (const text of this.#texts) to.text(text);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const apply = from.columns(this.#saved());
    const count = from.whole("texts", 0, this.#textsMax);
    const texts = Array.from({ length: count }, () => from.text("texts"));
    return () => {
      apply();
      this.#texts.clear();
      for (const text of texts) this.#texts.add(text);
    };
  }

  #saved(): readonly StateColumn[] {
    return [["highest", this.#highest, NO_ID, NO_ID, Number.MAX_SAFE_INTEGER]];
  }
}
