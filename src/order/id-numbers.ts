/** An id as its sender writes it; `7` and `"7"` are the same id. */
export type EventId = number | string;

/**
 * Gives ids rising numbers from 1, in the order they are first seen.
 *
 * @cost One Map entry an id; not for hot paths.
 */
export class IdNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #ids: EventId[] = [];

  numberOf(id: EventId): number {
    const key = String(id);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#ids.push(id);
    this.#numbers.set(key, number);
    return number;
  }

  /** The number of an id nobody chose: `#1`, `#2`, ... */
  nextNumber(): number {
    return this.numberOf(`#${this.#ids.length + 1}`);
  }

  idOf(number: number): EventId {
    return this.#ids[number - 1] as EventId;
  }
}
