import { EFFECT } from "../kernel/index.ts";

const FIELDS = 8;
const BYTES = FIELDS * 8;
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(EFFECT).map(([name, code]) => [code, name]),
);

/** One record of the kernel's effects in words. */
export interface EffectRow {
  /** A name of `EFFECT`. */
  readonly kind: string;
  readonly ns: number;
  readonly orderId: number;
  /** The five fields of its kind. */
  readonly fields: readonly number[];
}

/** Where two streams of effects part. */
export interface EffectDifference {
  /** How many effects before it are equal. */
  readonly at: number;
  /** Absent where one side has no more effects. */
  readonly recorded?: EffectRow;
  readonly replayed?: EffectRow;
}

/**
 * Compares the effects that were recorded with those of a replay, as both come in, block by block.
 *
 * @invariant Memory is bounded by how far one side is ahead: a block of effects.
 */
export class EffectMatch {
  compared = 0;
  #recorded: Uint8Array[] = [];
  #replayed: Uint8Array[] = [];
  #difference: EffectDifference | undefined = undefined;

  recorded(bytes: Uint8Array): void {
    this.#recorded.push(bytes.slice());
    this.#compare();
  }

  replayed(bytes: Uint8Array): void {
    this.#replayed.push(bytes.slice());
    this.#compare();
  }

  /** What the replay did beyond the last effect that was recorded. */
  ahead(): Uint8Array {
    return Buffer.concat(this.#replayed);
  }

  /** The first difference; a session without an end may have effects that were not written any more. */
  finish(isWhole: boolean): EffectDifference | undefined {
    const [recorded, replayed] = [this.#recorded[0], this.#replayed[0]];
    if (this.#difference === undefined && recorded !== undefined) {
      return { at: this.compared, recorded: rowOf(recorded) };
    }
    if (this.#difference === undefined && replayed !== undefined && isWhole) {
      return { at: this.compared, replayed: rowOf(replayed) };
    }
    return this.#difference;
  }

  #compare(): void {
    while (this.#difference === undefined) {
      const [a, b] = [this.#recorded[0], this.#replayed[0]];
      if (a === undefined || b === undefined) return;
      if (!a.subarray(0, BYTES).every((byte, i) => byte === b[i])) {
        this.#difference = { at: this.compared, recorded: rowOf(a), replayed: rowOf(b) };
        return;
      }
      this.compared += 1;
      shift(this.#recorded);
      shift(this.#replayed);
    }
  }
}

/** Takes the first record off a list of blocks. */
function shift(blocks: Uint8Array[]): void {
  const [first] = blocks;
  if (first === undefined) return;
  if (first.length <= BYTES) blocks.shift();
  else blocks[0] = first.subarray(BYTES);
}

function rowOf(bytes: Uint8Array): EffectRow {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cells = Array.from({ length: FIELDS }, (_, k) => view.getFloat64(8 * k, true));
  const [kind = 0, ns = 0, orderId = 0, ...fields] = cells;
  return { kind: NAMES.get(kind) ?? `effect ${kind}`, ns, orderId, fields };
}
