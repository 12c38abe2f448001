import { formatScaled, parseScaled } from "../base/index.ts";
import type { Instrument, Ticks } from "../model/index.ts";
import { LineTrouble } from "./csv-policy.ts";
import { leanDay } from "./lean-day.ts";
import type { LeanMarket, LeanResolution, LeanTrouble } from "./lean-options.ts";

const PRICES = ["open", "high", "low", "close"] as const;
/** Fields of a line of trades: time, four prices, volume. */
const TRADE_FIELDS = 6;
/** Fields of a line of quotes: time, four bids, bid size, four asks, ask size. */
const QUOTE_FIELDS = 11;
const MILLIS_PER_DAY = 86_400_000;

/** Prices in ticks, volume in book lots. */
export interface LeanPrices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** When a bar begins by its market's own clock. */
export interface LeanMoment {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly millis: number;
}

/** A line that cannot be used, for the policies. */
export function leanTrouble(kind: LeanTrouble, value: unknown, expected: string): LineTrouble<LeanTrouble> {
  return new LineTrouble(kind, value, expected);
}

/**
 * Reads a line's time: `yyyyMMdd HH:mm` for days and hours, milliseconds after midnight of the file's own day for
 * anything shorter.
 */
export function leanMoment(
  text: string,
  resolution: LeanResolution,
  fileDay: number | undefined,
): LeanMoment {
  if (resolution === "daily" || resolution === "hour") {
    const day = leanDay(text.slice(0, 8));
    const match = /^ ([01]\d|2[0-3]):([0-5]\d)$/.exec(text.slice(8));
    if (day === undefined || match === null) throw leanTrouble("malformed", text, "a time yyyyMMdd HH:mm");
    const millis = Number(match[1]) * 3_600_000 + Number(match[2]) * 60_000;
    if (resolution === "daily" && millis !== 0) throw leanTrouble("malformed", text, "a day at 00:00");
    return { day, millis };
  }
  const millis = /^\d{1,8}$/.test(text) ? Number(text) : MILLIS_PER_DAY;
  if (fileDay === undefined || millis >= MILLIS_PER_DAY) {
    throw leanTrouble("malformed", text, `milliseconds after midnight, below ${MILLIS_PER_DAY}`);
  }
  return { day: fileDay, millis };
}

/** Reads the prices and the volume of a line, in ticks and book lots. */
export class LeanPriceReader {
  readonly #instrument: Instrument;
  /** Digits that a price's integer hides: equities are written times 10,000. */
  readonly #hidden: number;
  readonly #quotes: "bid" | "ask" | "mid" | undefined;

  constructor(instrument: Instrument, market: LeanMarket, quotes: "bid" | "ask" | "mid" | undefined) {
    this.#instrument = instrument;
    this.#hidden = market === "equity" ? 4 : 0;
    this.#quotes = quotes;
  }

  read(fields: readonly string[]): LeanPrices {
    const wanted = this.#quotes === undefined ? TRADE_FIELDS : QUOTE_FIELDS;
    if (fields.length !== wanted) {
      const kind = this.#quotes === undefined ? "of trades (time, 4 prices, volume)" : "of bids and asks";
      throw leanTrouble("malformed", fields.join(","), `${wanted} fields, ${kind}`);
    }
    if (this.#quotes === undefined) {
      return checkBar(fields, { ...this.#side(fields, 1), volume: this.#volume(fields[5] as string) });
    }
    return checkBar(fields, { ...this.#quote(fields, this.#quotes), volume: 0 });
  }

  #quote(fields: readonly string[], which: "bid" | "ask" | "mid"): Omit<LeanPrices, "volume"> {
    if (which === "bid") return this.#side(fields, 1);
    const ask = this.#side(fields, 6);
    if (which === "ask") return ask;
    const bid = this.#side(fields, 1);
    const mid = (name: (typeof PRICES)[number]): number => {
      const twice = bid[name] + ask[name];
      if (twice % 2 === 0) return twice / 2;
      throw leanTrouble("offGrid", `${twice}/2 ticks`, "a tick that halves the file's own, for mids");
    };
    return { open: mid("open"), high: mid("high"), low: mid("low"), close: mid("close") };
  }

  #side(fields: readonly string[], from: number): Omit<LeanPrices, "volume"> {
    const texts = fields.slice(from, from + 4);
    if (texts.every((text) => text === "")) {
      throw leanTrouble("oneSided", fields.join(","), "a quote with both sides");
    }
    const [open, high, low, close] = texts.map((text) => this.#price(text)) as [Ticks, Ticks, Ticks, Ticks];
    return { open, high, low, close };
  }

  #price(text: string): Ticks {
    const scaled = parseScaled(text);
    if (scaled === undefined) throw leanTrouble("malformed", text, "a price");
    const price = this.#instrument.parsePrice(formatScaled(scaled.digits, scaled.scale + this.#hidden));
    if (price.ok) return price.value;
    const kind = price.code === "PRICE_OFF_GRID" ? "offGrid" : "malformed";
    throw leanTrouble(kind, text, price.expected ?? price.code);
  }

  #volume(text: string): number {
    const volume = this.#instrument.parseBookQuantity(text);
    if (volume.ok) return volume.value;
    const kind = volume.code === "QUANTITY_OFF_GRID" ? "offGrid" : "malformed";
    throw leanTrouble(kind, text, `a volume: ${volume.expected ?? volume.code}`);
  }
}

function checkBar(fields: readonly string[], bar: LeanPrices): LeanPrices {
  const { open, high, low, close } = bar;
  if (low <= Math.min(open, close) && high >= Math.max(open, close)) return bar;
  throw leanTrouble("badBar", fields.join(","), "low <= open, close <= high");
}
