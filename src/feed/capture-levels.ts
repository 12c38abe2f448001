import { MAX_TICKS } from "../model/index.ts";
import { fourDigits, oneDigit } from "./capture-digits.ts";
import { FRACTION_MAX, type StepGrid, TENS } from "./capture-grid.ts";
import type { CaptureMessage } from "./capture-message.ts";

const POINT = 0x2e - 0x30;
/** The bytes `","` and `"]` and `["`, two or three to a number, as they follow one another. */
const QUOTE_COMMA = 0x2c22;
const QUOTE_CLOSE = 0x5d22;
const OPEN_QUOTE = 0x225b;
const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_BRACKET = 0x5d;

/**
 * The hot loop: levels `["price","size"],...` from the first `[` to the `]` behind the last, appended to a
 * message. The digits of price and size are read in place, four at a time: a call per decimal would cost as
 * much as the decimal.
 *
 * @returns the position after the closing bracket, or -1 at anything but plain decimals on the grid.
 * @cost About 25 ns a level.
 */
export function scanLevels(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  m: CaptureMessage,
  price: StepGrid,
  size: StepGrid,
): number {
  let p = start;
  let n = m.levels;
  for (;;) {
    if (view.getUint16(p, true) !== OPEN_QUOTE) return -1;
    p += 2;
    let from = p;
    let whole = fourDigits(view, p);
    if (whole < 0) whole = 0;
    else p += 4;
    let digit = oneDigit(bytes, p);
    while (digit >= 0 && digit <= 9) {
      whole = (whole * 10 + digit) | 0;
      digit = oneDigit(bytes, ++p);
    }
    if (p === from || p - from > 9) return -1;
    let scale = 0;
    let part = 0;
    if (digit === POINT) {
      from = ++p;
      for (let four = fourDigits(view, p); four >= 0; four = fourDigits(view, p)) {
        part = (part * 10_000 + four) | 0;
        p += 4;
      }
      for (digit = oneDigit(bytes, p); digit >= 0 && digit <= 9; digit = oneDigit(bytes, ++p)) {
        part = (part * 10 + digit) | 0;
      }
      scale = p - from;
      if (scale === 0 || scale > FRACTION_MAX) return -1;
    }
    if (view.getUint16(p, true) !== QUOTE_COMMA || bytes[p + 2] !== QUOTE) return -1;
    let digits = (whole * (TENS[scale] as number) + part) * (price.multiply[scale] as number);
    const tick = digits / (price.divide[scale] as number);
    if ((tick | 0) !== tick || tick > MAX_TICKS || digits > Number.MAX_SAFE_INTEGER) return -1;
    p += 3;
    from = p;
    whole = 0;
    for (digit = oneDigit(bytes, p); digit >= 0 && digit <= 9; digit = oneDigit(bytes, ++p)) {
      whole = (whole * 10 + digit) | 0;
    }
    if (p === from || p - from > 9) return -1;
    scale = 0;
    part = 0;
    if (digit === POINT) {
      from = ++p;
      for (let four = fourDigits(view, p); four >= 0; four = fourDigits(view, p)) {
        part = (part * 10_000 + four) | 0;
        p += 4;
      }
      for (digit = oneDigit(bytes, p); digit >= 0 && digit <= 9; digit = oneDigit(bytes, ++p)) {
        part = (part * 10 + digit) | 0;
      }
      scale = p - from;
      if (scale === 0 || scale > FRACTION_MAX) return -1;
    }
    if (view.getUint16(p, true) !== QUOTE_CLOSE) return -1;
    digits = (whole * (TENS[scale] as number) + part) * (size.multiply[scale] as number);
    const lots = digits / (size.divide[scale] as number);
    if (digits > Number.MAX_SAFE_INTEGER || Math.floor(lots) !== lots) return -1;
    if (n === m.tick.length) m.grow();
    m.tick[n] = tick;
    m.lots[n] = lots;
    n++;
    const next = bytes[p + 2];
    p += 3;
    if (next === COMMA) continue;
    m.levels = n;
    return next === CLOSE_BRACKET ? p : -1;
  }
}
