import { checkBoolean, checkChoice, checkInteger, checkKeys } from "../base/index.ts";
import { NO_ASK, NO_BID, type OrderBook } from "../book/index.ts";

/** Ways in which venues write a book down before they take its CRC-32. */
export const CHECKSUM_STYLES = ["kraken", "okx"] as const;

/** What a {@link bookChecksum} is made from. */
export interface BookChecksumOptions {
  /**
   * `kraken`: asks from the best, then bids, price and quantity as digits without point and leading zeros, all
   * joined. `okx`: best bid, best ask, second bid, second ask, ... as `price:quantity`, joined by `:`.
   */
  readonly style: (typeof CHECKSUM_STYLES)[number];
  /** Decimals of a price, and of a quantity, as the venue writes them: one tick is 10^-priceDecimals. */
  readonly priceDecimals: number;
  readonly lotsDecimals: number;
  /** Levels a side; 10 for `kraken`, 25 for `okx` unless given. */
  readonly depth?: number;
  /** Whether zeros at the end of a fraction are left out; true for `okx`, false for `kraken` unless given. */
  readonly isTrimmed?: boolean;
}

const ZERO = 48;
const POINT = 46;
const COLON = 58;
const MINUS = 45;

const TABLE = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let word = i;
  for (let bit = 0; bit < 8; bit++) word = (word & 1) !== 0 ? (word >>> 1) ^ 0xedb88320 : word >>> 1;
  TABLE[i] = word;
}

/** Writes numbers as a venue writes them, into the CRC-32 of what it has written so far. */
class ChecksumText {
  word = 0;
  readonly #digits = new Uint8Array(32);

  byte(value: number): void {
    this.word = (TABLE[(this.word ^ value) & 0xff] as number) ^ (this.word >>> 8);
  }

  /** The digits of an integer, without leading zeros; nothing for 0. */
  digits(value: number): void {
    let rest = value;
    let count = 0;
    while (rest > 0) {
      const next = Math.floor(rest / 10);
      this.#digits[count++] = rest - next * 10 + ZERO;
      rest = next;
    }
    while (count > 0) this.byte(this.#digits[--count] as number);
  }

  /** An integer of 10^-decimals as a decimal. */
  decimal(value: number, decimals: number, isTrimmed: boolean): void {
    if (value < 0) this.byte(MINUS);
    let rest = value < 0 ? -value : value;
    let places = decimals;
    while (isTrimmed && places > 0 && rest % 10 === 0) {
      rest /= 10;
      places--;
    }
    let count = 0;
    for (; rest > 0 || count <= places; count++) {
      const next = Math.floor(rest / 10);
      this.#digits[count] = rest - next * 10 + ZERO;
      rest = next;
    }
    while (count > 0) {
      if (count === places) this.byte(POINT);
      this.byte(this.#digits[--count] as number);
    }
  }
}

/**
 * The checksum that a venue publishes of its book, worked out from ours: the option `checksum` of a
 * `MarketDataValidator`.
 *
 * @units the result is the CRC-32 (IEEE 802.3) as a signed 32-bit integer
 * @cost O(depth), nothing allocated: some 10 ns a digit.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { OrderBook } from "tickwright/book";
 * import { bookChecksum } from "tickwright/feed";
 * const book = new OrderBook();
 * book.setBid(33_661, 7);
 * book.setAsk(33_668, 9);
 * const checksum = bookChecksum({ style: "okx", priceDecimals: 1, lotsDecimals: 0 });
 * checksum(book); // => -2058547290
 * ```
 * @source Kraken, "Checksum" (websocket API); OKX, "Checksum" (order book channel); ITU-T V.42 (CRC-32)
 */
export function bookChecksum(options: BookChecksumOptions): (book: OrderBook) => number {
  checkKeys("checksum", options, ["style", "priceDecimals", "lotsDecimals", "depth", "isTrimmed"]);
  const style = checkChoice("checksum.style", options.style, CHECKSUM_STYLES);
  const isOkx = style === "okx";
  const priceDecimals = checkInteger("checksum.priceDecimals", options.priceDecimals, 0, 15);
  const lotsDecimals = checkInteger("checksum.lotsDecimals", options.lotsDecimals, 0, 15);
  const depth = checkInteger("checksum.depth", options.depth ?? (isOkx ? 25 : 10), 1, 1_000);
  const isTrimmed = checkBoolean("checksum.isTrimmed", options.isTrimmed ?? isOkx);
  const text = new ChecksumText();
  const put = (price: number, lots: number, isFirst: boolean): void => {
    if (!isFirst) text.byte(COLON);
    text.decimal(price, priceDecimals, isTrimmed);
    text.byte(COLON);
    text.decimal(lots, lotsDecimals, isTrimmed);
  };
  const joined = (book: OrderBook): void => {
    let ask = book.bestAsk;
    for (let i = 0; i < depth && ask !== NO_ASK; i++, ask = book.nextAsk(ask)) {
      text.digits(ask);
      text.digits(book.askLots(ask));
    }
    let bid = book.bestBid;
    for (let i = 0; i < depth && bid !== NO_BID; i++, bid = book.nextBid(bid)) {
      text.digits(bid);
      text.digits(book.bidLots(bid));
    }
  };
  const woven = (book: OrderBook): void => {
    let bid = book.bestBid;
    let ask = book.bestAsk;
    let isFirst = true;
    for (let i = 0; i < depth && (bid !== NO_BID || ask !== NO_ASK); i++) {
      if (bid !== NO_BID) {
        put(bid, book.bidLots(bid), isFirst);
        isFirst = false;
        bid = book.nextBid(bid);
      }
      if (ask !== NO_ASK) {
        put(ask, book.askLots(ask), isFirst);
        isFirst = false;
        ask = book.nextAsk(ask);
      }
    }
  };
  return (book) => {
    text.word = -1;
    if (isOkx) woven(book);
    else joined(book);
    return ~text.word;
  };
}
