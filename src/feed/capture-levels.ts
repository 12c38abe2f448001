import { MAX_TICKS } from "../model/index.ts";
import { FRACTION_MAX, type StepGrid, TENS } from "./capture-grid.ts";
import type { CaptureMessage } from "./capture-message.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const ZERO = 0x30;
const POINT = 0x2e - ZERO;

/**
 * The hot loop: levels `["price","size"],...` from the first `[` to the `]` behind the last, appended to a
 * message. The digits of price and size are read in place: a call per decimal costs as much as the decimal.
 *
 * @returns the position after the closing bracket, or -1 at anything but plain decimals on the grid.
 * @cost About 20 ns a level with 3 decimals, 28 ns with 8.
 */
export function scanLevels(
  bytes: Uint8Array,
  start: number,
  m: CaptureMessage,
  price: StepGrid,
  size: StepGrid,
): number {
  let p = start;
  let n = m.levels;
  for (;;) {
    if (bytes[p] !== OPEN_BRACKET || bytes[p + 1] !== QUOTE) return -1;
    p += 2;
    let from = p;
    let whole = 0;
    let digit = (bytes[p] as number) - ZERO;
    for (; digit >= 0 && digit <= 9; digit = (bytes[++p] as number) - ZERO) whole = (whole * 10 + digit) | 0;
    if (p === from || p - from > 9) return -1;
    let scale = 0;
    let part = 0;
    if (digit === POINT) {
      from = ++p;
      digit = (bytes[p] as number) - ZERO;
      for (; digit >= 0 && digit <= 9; digit = (bytes[++p] as number) - ZERO) part = (part * 10 + digit) | 0;
      scale = p - from;
      if (scale === 0 || scale > FRACTION_MAX) return -1;
    }
    if (bytes[p] !== QUOTE || bytes[p + 1] !== COMMA || bytes[p + 2] !== QUOTE) return -1;
    let digits = (whole * (TENS[scale] as number) + part) * (price.multiply[scale] as number);
    const tick = digits / (price.divide[scale] as number);
    if ((tick | 0) !== tick || tick > MAX_TICKS || digits > Number.MAX_SAFE_INTEGER) return -1;
    p += 3;
    from = p;
    whole = 0;
    digit = (bytes[p] as number) - ZERO;
    for (; digit >= 0 && digit <= 9; digit = (bytes[++p] as number) - ZERO) whole = (whole * 10 + digit) | 0;
    if (p === from || p - from > 9) return -1;
    scale = 0;
    part = 0;
    if (digit === POINT) {
      from = ++p;
      digit = (bytes[p] as number) - ZERO;
      for (; digit >= 0 && digit <= 9; digit = (bytes[++p] as number) - ZERO) part = (part * 10 + digit) | 0;
      scale = p - from;
      if (scale === 0 || scale > FRACTION_MAX) return -1;
    }
    if (bytes[p] !== QUOTE || bytes[p + 1] !== CLOSE_BRACKET) return -1;
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
