/**
 * A text in ASCII to be found in bytes, four bytes at a compare.
 *
 * @shape at least 4 letters
 */
export class FixedText {
  readonly length: number;
  /** The text as 32-bit words; the last one ends with the text and may overlap the one before. */
  readonly #words: Int32Array;

  constructor(text: string) {
    const view = new DataView(new ArrayBuffer(text.length));
    for (let i = 0; i < text.length; i++) view.setUint8(i, text.charCodeAt(i));
    this.length = text.length;
    const whole = (text.length - 1) >> 2;
    this.#words = Int32Array.from({ length: whole + 1 }, (_, i) =>
      view.getInt32(i < whole ? 4 * i : text.length - 4, true),
    );
  }

  /** Whether the text stands at `at`; `end` is the length of the view, whose own getter costs a call. */
  isAt(view: DataView, at: number, end: number): boolean {
    if (at + this.length > end) return false;
    const words = this.#words;
    const last = words.length - 1;
    for (let i = 0; i < last; i++) {
      if (view.getInt32(at + 4 * i, true) !== words[i]) return false;
    }
    return view.getInt32(at + this.length - 4, true) === words[last];
  }
}

/**
 * The value of the four digits at `at`, or -1 where there are not four: one load and a few multiplications in
 * place of four compares and four products.
 */
export function fourDigits(view: DataView, at: number, end: number): number {
  if (at + 4 > end) return -1;
  const word = view.getInt32(at, true);
  // A byte is a digit when its high half is 3 and still is after 6 is added.
  if (((word & 0xf0f0f0f0) | (((word + 0x06060606) & 0xf0f0f0f0) >>> 4)) !== 0x33333333) return -1;
  const pairs = (Math.imul(word & 0x0f0f0f0f, 2_561) >>> 8) & 0x00ff00ff;
  return Math.imul(pairs, 6_553_601) >>> 16;
}

const QUOTE = 0x22;
const ZERO = 0x30;
const TRUE = new FixedText("true");
const FALSE = new FixedText("false");
const NULL = new FixedText("null");

/** The position after a quoted text in printable ASCII without escapes, or -1. */
export function skipText(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== QUOTE) return -1;
  let p = start + 1;
  for (;;) {
    const byte = bytes[p++] as number;
    if (byte === QUOTE) return p;
    if (byte < 0x20 || byte === 0x5c || byte > 0x7e) return -1;
  }
}

/** The position after a text, a whole number, true, false or null; -1 at anything else. */
export function skipScalar(bytes: Uint8Array, view: DataView, start: number): number {
  if (bytes[start] === QUOTE) return skipText(bytes, start);
  if (TRUE.isAt(view, start, bytes.length) || NULL.isAt(view, start, bytes.length)) return start + 4;
  if (FALSE.isAt(view, start, bytes.length)) return start + 5;
  let p = start;
  let byte = bytes[p] as number;
  while (byte >= ZERO && byte <= 0x39) byte = bytes[++p] as number;
  return p === start || (bytes[start] === ZERO && p > start + 1) ? -1 : p;
}
