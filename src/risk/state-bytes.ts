import { crc32c, Fault } from "../base/index.ts";

/** Integers below it are one byte: what stands above it says how the number that follows is written. */
const ONE_BYTE = 224;
const [TWO, FOUR, SIX, NEGATIVE] = [224, 225, 226, 227];
const [DOUBLE, NAN, INFINITE, MINUS_INFINITE] = [228, 229, 230, 231];
const [POW_16, POW_32, POW_48] = [0x1_0000, 0x1_0000_0000, 0x1_0000_0000_0000];
/** No number is longer. */
const NUMBER_BYTES = 16;
const TRAILER_BYTES = 4;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true });

/** A column of figures that is saved and loaded. */
export type StateFigures = Float64Array | Int32Array | Uint32Array | Uint8Array | Int8Array;

/**
 * How a column is saved: its name, its figures, what most of them are (it is not written), and the least and the most
 * of them; without these a figure may be anything, NaN included.
 */
export type StateColumn = readonly [
  name: string,
  figures: StateFigures,
  otherwise: number,
  least?: number,
  most?: number,
];

/** What a gate's snapshot has a section of. */
export interface StatePart {
  /** Writes all that later decisions can depend on. */
  saveInto(to: StateWriter): void;
  /**
   * Reads what `saveInto` wrote, and changes nothing: the function that is returned does, and can't fail.
   *
   * @throws `FAULT_INPUT` naming the field.
   */
  loadFrom(from: StateReader): () => void;
}

/**
 * Writes numbers, texts and columns behind one another: the same values give the same bytes, a small whole number
 * one, and what most figures of a column are gives none.
 *
 * @invariant Every double comes back as it was, -0 included; every NaN is the same one.
 * @cost Some ns a number; grows to the longest state there was and stays so.
 */
export class StateWriter {
  #bytes = new Uint8Array(8192);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
  }

  u32(value: number): void {
    this.#grow(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** Any number. */
  number(value: number): void {
    if (this.#length + NUMBER_BYTES > this.#bytes.length) this.#grow(NUMBER_BYTES);
    const low = value | 0;
    if (low !== value || (low === 0 && Object.is(value, -0))) this.#wide(value);
    else if (low >= 0) this.#whole(low);
    else {
      this.#bytes[this.#length++] = NEGATIVE;
      this.#whole(-low);
    }
  }

  /** Any text. */
  text(value: string): void {
    const bytes = ENCODER.encode(value);
    this.number(bytes.length);
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Each figure that is not what most are, behind how far it stands from the one before; 0 ends the column. */
  columns(columns: readonly StateColumn[]): void {
    for (const [, figures, otherwise] of columns) {
      this.number(figures.length);
      if (figures instanceof Float64Array) this.#doubles(figures, otherwise);
      else this.#integers(figures, otherwise);
      this.number(0);
    }
  }

  /** A section: its name, how many bytes it has, and what `part` writes. */
  section(name: string, part: StatePart): void {
    this.text(name);
    this.u32(0);
    const from = this.#length;
    part.saveInto(this);
    this.#view.setUint32(from - 4, this.#length - from, true);
  }

  /** All that was written, and its CRC-32C. */
  seal(): Uint8Array {
    this.u32(crc32c(this.#bytes.subarray(0, this.#length)));
    return this.#bytes.slice(0, this.#length);
  }

  /** Bits are compared first: most columns are long, and nearly all of them is what most figures are. */
  #doubles(figures: Float64Array, otherwise: number): void {
    const bits = new Int32Array(figures.buffer, figures.byteOffset, 2 * figures.length);
    const [low, high] = new Int32Array(Float64Array.of(otherwise).buffer) as Int32Array & [number, number];
    let last = -1;
    for (let i = 0; i < figures.length; i++) {
      if (bits[2 * i] === low && bits[2 * i + 1] === high) continue;
      const figure = figures[i] as number;
      if (Object.is(figure, otherwise)) continue;
      this.number(i - last);
      this.number(figure);
      last = i;
    }
  }

  #integers(figures: StateFigures, otherwise: number): void {
    let last = -1;
    for (let i = 0; i < figures.length; i++) {
      const figure = figures[i] as number;
      if (figure === otherwise) continue;
      this.number(i - last);
      this.number(figure);
      last = i;
    }
  }

  /** A number that is no whole one of 32 bits. */
  #wide(value: number): void {
    const isWhole = Number.isSafeInteger(value) && value < POW_48 && value > -POW_48 && value !== 0;
    if (!isWhole) this.#double(value);
    else if (value > 0) this.#whole(value);
    else {
      this.#bytes[this.#length++] = NEGATIVE;
      this.#whole(-value);
    }
  }

  #whole(value: number): void {
    const at = this.#length;
    if (value < ONE_BYTE) {
      this.#bytes[at] = value;
      this.#length = at + 1;
    } else if (value < POW_16) {
      this.#bytes[at] = TWO;
      this.#view.setUint16(at + 1, value, true);
      this.#length = at + 3;
    } else if (value < POW_32) {
      this.#bytes[at] = FOUR;
      this.#view.setUint32(at + 1, value, true);
      this.#length = at + 5;
    } else {
      this.#bytes[at] = SIX;
      const high = Math.floor(value / POW_32);
      this.#view.setUint32(at + 1, value - high * POW_32, true);
      this.#view.setUint16(at + 5, high, true);
      this.#length = at + 7;
    }
  }

  #double(value: number): void {
    const at = this.#length;
    const isReal = Number.isFinite(value);
    if (isReal) this.#view.setFloat64(at + 1, value, true);
    this.#bytes[at] = isReal ? DOUBLE : value > 0 ? INFINITE : value < 0 ? MINUS_INFINITE : NAN;
    this.#length = at + (isReal ? 9 : 1);
  }

  #grow(room: number): void {
    const needed = this.#length + room;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/**
 * Reads what a {@link StateWriter} wrote.
 *
 * @throws `FAULT_INPUT` naming the path: bytes that end too early, a number out of its range.
 */
export class StateReader {
  readonly path: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(path: string, bytes: Uint8Array) {
    this.path = path;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The bytes that `seal` sealed. @throws `FAULT_INPUT` naming `checksum` where a bit is another */
  static open(path: string, bytes: Uint8Array): StateReader {
    if (!(bytes instanceof Uint8Array)) {
      throw new Fault("FAULT_INPUT", { path, value: bytes, expected: "the bytes of a snapshot" });
    }
    const body = bytes.subarray(0, Math.max(0, bytes.length - TRAILER_BYTES));
    const sum = new StateReader(path, bytes.subarray(body.length)).u32();
    const reader = new StateReader(path, body);
    reader.check("checksum", sum, sum === crc32c(body), `${crc32c(body)}`);
    return reader;
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  /** Any number. */
  number(): number {
    const first = this.#bytes[this.#step(1)] as number;
    if (first < ONE_BYTE) return first;
    switch (first) {
      case TWO:
        return this.#view.getUint16(this.#step(2), true);
      case FOUR:
        return this.u32();
      case SIX:
        return this.u32() + POW_32 * this.#view.getUint16(this.#step(2), true);
      case NEGATIVE:
        return -this.number();
      case DOUBLE:
        return this.#view.getFloat64(this.#step(8), true);
      case INFINITE:
        return Number.POSITIVE_INFINITY;
      case MINUS_INFINITE:
        return Number.NEGATIVE_INFINITY;
      default:
        this.check("number", first, first === NAN, "the first byte of a number");
        return Number.NaN;
    }
  }

  /** A number within `least` and `most`, both included. */
  within(field: string, least: number, most: number): number {
    const value = this.number();
    this.check(field, value, value >= least && value <= most, `a number within ${least} and ${most}`);
    return value;
  }

  /** A whole number within `least` and `most`, both included. */
  whole(field: string, least: number, most: number): number {
    const value = this.number();
    const isRight = Number.isInteger(value) && value >= least && value <= most;
    this.check(field, value, isRight, `a whole number within ${least} and ${most}`);
    return value;
  }

  text(field: string): string {
    const length = this.whole(field, 0, this.#bytes.length - this.#at);
    const from = this.#step(length);
    try {
      return DECODER.decode(this.#bytes.subarray(from, from + length));
    } catch {
      return this.fail(field, "bytes", "a text in UTF-8");
    }
  }

  /**
   * The places that a list of rows names by how far each is from the one before, up to the 0 at its end: `take` reads
   * the rest of the row.
   */
  places(field: string, length: number, take: (place: number) => void): void {
    let last = -1;
    for (;;) {
      const step = this.whole(field, 0, length - 1 - last);
      if (step === 0) return;
      last += step;
      take(last);
    }
  }

  /** The columns that were written, into their figures once the function is called that is returned. */
  columns(columns: readonly StateColumn[]): () => void {
    const read = columns.map(([field, figures, otherwise, least, most]) => {
      const { length } = figures;
      const count = this.number();
      this.check(field, count, count === length, `a column of ${length} figures`);
      const [places, values]: [number[], number[]] = [[], []];
      this.places(field, length, (place) => {
        places.push(place);
        const isAny = least === undefined || most === undefined;
        const isDouble = figures instanceof Float64Array;
        if (isAny) values.push(this.number());
        else values.push(isDouble ? this.within(field, least, most) : this.whole(field, least, most));
      });
      return { figures, otherwise, places, values };
    });
    return () => {
      for (const { figures, otherwise, places, values } of read) {
        figures.fill(otherwise);
        for (let k = 0; k < places.length; k++) figures[places[k] as number] = values[k] as number;
      }
    };
  }

  /** Reads a section that must be the one of this name, to its end. */
  section(name: string, part: StatePart): () => void {
    const found = this.text("sections");
    this.check("sections", found, found === name, `the section ${name}`);
    const length = this.u32();
    const from = this.#step(length);
    const inner = new StateReader(`${this.path}.${name}`, this.#bytes.subarray(from, from + length));
    const apply = part.loadFrom(inner);
    inner.end();
    return apply;
  }

  /** Whether everything was read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Everything must have been read. */
  end(): void {
    const rest = this.#bytes.length - this.#at;
    this.check("length", this.#bytes.length, rest === 0, `${rest} bytes less`);
  }

  /** @throws `FAULT_INPUT` naming the field unless `isRight` */
  check(field: string, value: unknown, isRight: boolean, expected: string): void {
    if (!isRight) this.fail(field, value, expected);
  }

  /** @throws `FAULT_INPUT` naming the field */
  fail(field: string, value: unknown, expected: string): never {
    throw new Fault("FAULT_INPUT", { path: `${this.path}.${field}`, value, expected });
  }

  #step(width: number): number {
    const at = this.#at;
    const missing = at + width - this.#bytes.length;
    if (missing > 0) this.fail("length", this.#bytes.length, `at least ${missing} bytes more`);
    this.#at += width;
    return at;
  }
}
