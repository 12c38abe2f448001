import { Fault } from "../base/index.ts";

/** A column of an order store or of its executions. */
export type Column = Float64Array | Int32Array | Uint16Array | Uint8Array | Int8Array;

/** Writes numbers behind one another, little-endian, into bytes that grow. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** What was written so far; good until the next number is. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#room(8);
    this.#view.setFloat64(at, value, true);
  }

  /** One item of each column, as wide as the column's items are: `widths`, beside the columns. */
  items(columns: readonly Column[], widths: readonly number[], index: number): void {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as Column;
      const width = widths[i] as number;
      const at = this.#room(width);
      // Each width has one kind of column, and reading one kind at one place is cheap.
      if (width === 8) this.#view.setFloat64(at, column[index] as number, true);
      else if (width === 4) this.#view.setInt32(at, column[index] as number, true);
      else if (width === 2) this.#view.setUint16(at, column[index] as number, true);
      else this.#view.setUint8(at, column[index] as number);
    }
  }

  #room(width: number): number {
    const at = this.#length;
    this.#length += width;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}

/**
 * Reads what a {@link ByteWriter} wrote.
 *
 * @throws `FAULT_INPUT` naming `orderSnapshot.length` where the bytes end too early.
 */
export class ByteReader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes not read yet. */
  get rest(): number {
    return this.#view.byteLength - this.#at;
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#step(8), true);
  }

  /** The counterpart of `ByteWriter.items`. */
  items(columns: readonly Column[], widths: readonly number[], index: number): void {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as Column;
      const width = widths[i] as number;
      const at = this.#step(width);
      if (width === 8) column[index] = this.#view.getFloat64(at, true);
      else if (width === 4) column[index] = this.#view.getInt32(at, true);
      else if (width === 2) column[index] = this.#view.getUint16(at, true);
      else column[index] = this.#view.getUint8(at);
    }
  }

  #step(width: number): number {
    const at = this.#at;
    if (this.rest < width) {
      const expected = `at least ${width - this.rest} bytes more`;
      throw new Fault("FAULT_INPUT", {
        path: "orderSnapshot.length",
        value: this.#view.byteLength,
        expected,
      });
    }
    this.#at += width;
    return at;
  }
}
