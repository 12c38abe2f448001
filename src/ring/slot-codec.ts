import { checkChoice, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import type { RingBuffer } from "./ring-buffer.ts";

/**
 * The kinds of fields: `i64` is read and written as a bigint, which allocates; `i64Number` is the same 8 bytes as a
 * safe integer, which does not.
 */
export type SlotFieldKind = "f64" | "i32" | "u32" | "i64" | "i64Number";

/** Named fields of a slot, in order. */
export type SlotFields = Readonly<Record<string, SlotFieldKind>>;

/** Reads and writes the fields of one slot at a time, in place. */
export type SlotView<Fields extends SlotFields> = {
  -readonly [Name in keyof Fields]: Fields[Name] extends "i64" ? bigint : number;
} & {
  /** Moves the view to a slot and returns it. */
  at(slot: number): SlotView<Fields>;
};

const KINDS = ["f64", "i32", "u32", "i64", "i64Number"] as const;
const TWO_32 = 4_294_967_296;

/**
 * Where the named fields of a message stand in its slot: fields of 8 bytes first, then those of 4, each in the order
 * they were given.
 *
 * @units bytes from the beginning of the slot
 * @throws `FAULT_CONFIG` for a kind there is not, no fields, or a field called `at`.
 * @example
 * ```ts
 * import { RingBuffer, SlotCodec } from "tickwright/ring";
 * const codec = new SlotCodec({ instrument: "u32", price: "f64", ns: "i64Number", lots: "i32" });
 * codec.offsets; // => { price: 0, ns: 8, instrument: 16, lots: 20 }
 * const ring = new RingBuffer({ capacity: 16, slotBytes: codec.slotBytes });
 * const [producer, consumer] = [ring.producer(), ring.consumer()];
 * const message = codec.view(ring);
 * message.at(producer.claim()).price = 100.5;
 * message.ns = 1_732_187_000_000_000;
 * producer.publish();
 * const { price, ns } = message.at(consumer.available() > 0 ? consumer.slot() : 0);
 * [price, ns]; // => [100.5, 1732187000000000]
 * ```
 */
export class SlotCodec<const Fields extends SlotFields> {
  readonly fields: Fields;
  readonly offsets: Readonly<Record<keyof Fields & string, number>>;
  /** The least size of a slot that holds them. */
  readonly slotBytes: number;

  constructor(fields: Fields) {
    checkKeys("slotCodec", fields, Object.keys(fields ?? {}));
    const names = Object.keys(fields);
    checkInteger("slotCodec.length", names.length, 1, 8192);
    for (const name of names) {
      checkText("slotCodec.name", name);
      checkChoice(`slotCodec.${name}`, fields[name], KINDS);
      if (name === "at") throw new Fault("FAULT_CONFIG", { path: "slotCodec.at", expected: "another name" });
    }
    const offsets: Record<string, number> = {};
    let bytes = 0;
    for (const size of [8, 4]) {
      for (const name of names) {
        if (sizeOf(fields[name]) !== size) continue;
        offsets[name] = bytes;
        bytes += size;
      }
    }
    this.fields = Object.freeze({ ...fields });
    this.offsets = Object.freeze(offsets) as Readonly<Record<keyof Fields & string, number>>;
    this.slotBytes = Math.ceil(bytes / 8) * 8;
  }

  /**
   * A view of the ring's slots with a property for each field.
   *
   * @cost One object; reading and writing a field allocates nothing, `i64` but for its bigint.
   * @throws `FAULT_CONFIG` for a ring whose slots are too small. Writing anything but a safe integer to an `i64Number`
   * is `FAULT_INPUT`, and so is reading one that is none.
   */
  view(ring: RingBuffer): SlotView<Fields> {
    if (ring.slotBytes < this.slotBytes) {
      const expected = `slots of at least ${this.slotBytes} bytes`;
      throw new Fault("FAULT_CONFIG", { path: "ring.slotBytes", value: ring.slotBytes, expected });
    }
    const cursor = { slot: 0 };
    const view: object = {};
    for (const [name, kind] of Object.entries(this.fields)) {
      const access = ACCESS[kind](ring, cursor, this.offsets[name] as number, name);
      Object.defineProperty(view, name, { ...access, enumerable: true });
    }
    const at = (slot: number): object => {
      cursor.slot = slot;
      return view;
    };
    Object.defineProperty(view, "at", { value: at });
    return Object.preventExtensions(view) as SlotView<Fields>;
  }
}

interface Access {
  readonly get: () => number | bigint;
  readonly set: (value: never) => void;
}

type MakeAccess = (ring: RingBuffer, cursor: { slot: number }, offset: number, name: string) => Access;

const ACCESS: Readonly<Record<SlotFieldKind, MakeAccess>> = {
  f64: ({ f64, f64PerSlot }, cursor, offset) => numbers(f64, f64PerSlot, cursor, offset / 8),
  i32: ({ i32, i32PerSlot }, cursor, offset) => numbers(i32, i32PerSlot, cursor, offset / 4),
  u32: ({ u32, i32PerSlot }, cursor, offset) => numbers(u32, i32PerSlot, cursor, offset / 4),
  i64: ({ i64, f64PerSlot }, cursor, offset) => {
    const at = offset / 8;
    return {
      get: () => i64[cursor.slot * f64PerSlot + at] as bigint,
      set: (value: bigint) => {
        i64[cursor.slot * f64PerSlot + at] = value;
      },
    };
  },
  i64Number: ({ i32, u32, i32PerSlot }, cursor, offset, name) => {
    const low = offset / 4 + (IS_LITTLE_ENDIAN ? 0 : 1);
    const high = offset / 4 + (IS_LITTLE_ENDIAN ? 1 : 0);
    return {
      get: () => {
        const from = cursor.slot * i32PerSlot;
        return checkSafe((i32[from + high] as number) * TWO_32 + (u32[from + low] as number), name);
      },
      set: (value: number) => {
        const from = cursor.slot * i32PerSlot;
        i32[from + high] = Math.floor(checkSafe(value, name) / TWO_32);
        u32[from + low] = value;
      },
    };
  },
};

const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function numbers(
  cells: Float64Array | Int32Array | Uint32Array,
  perSlot: number,
  cursor: { slot: number },
  at: number,
): Access {
  return {
    get: () => cells[cursor.slot * perSlot + at] as number,
    set: (value: number) => {
      cells[cursor.slot * perSlot + at] = value;
    },
  };
}

function checkSafe(value: number, name: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw new Fault("FAULT_INPUT", {
    path: `slot.${name}`,
    value,
    expected: "a safe integer, or a field of kind i64",
  });
}

function sizeOf(kind: SlotFieldKind | undefined): number {
  return kind === "i32" || kind === "u32" ? 4 : 8;
}
