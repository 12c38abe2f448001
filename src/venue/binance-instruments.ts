import { Fault } from "../base/index.ts";
import { Instrument } from "../model/index.ts";
import { checkUrl } from "./binance-options.ts";
import { httpGet } from "./http-get.ts";

const BYTES_MAX = 32 * 1024 * 1024;

/** Which instruments of Binance spot to ask for. */
export interface BinanceInstrumentsOptions {
  readonly symbols: readonly string[];
  /** Binance's own unless given. */
  readonly restUrl?: string;
  /** 10,000 unless given. @units ms */
  readonly timeoutMs?: number;
}

/**
 * Asks Binance for instruments by their symbols: tick and lot sizes as its filters say, in the order asked.
 *
 * @throws `FAULT_IO` naming a `VenueTroubleCode` where it does not answer; `FAULT_INPUT` where it knows a symbol not
 */
export async function binanceInstruments(options: BinanceInstrumentsOptions): Promise<Instrument[]> {
  const { symbols, restUrl = "https://api.binance.com", timeoutMs = 10_000 } = options;
  checkUrl("restUrl", restUrl, ["http:", "https:"]);
  const url = new URL(`${restUrl.replace(/\/$/, "")}/api/v3/exchangeInfo`);
  url.searchParams.set("symbols", JSON.stringify(symbols));
  const answer = await httpGet(url, { timeoutMs, bytesMax: BYTES_MAX });
  if (!answer.ok) {
    const value = `${answer.cause.code}: ${answer.cause.words}`;
    throw new Fault("FAULT_IO", { path: url.href, value, expected: "the instruments of the exchange" });
  }
  const known = symbolsOf(new TextDecoder().decode(answer.bytes));
  return symbols.map((symbol) => {
    const found = known.find((each) => each.symbol === symbol);
    if (found !== undefined) return new Instrument(termsOf(found));
    throw new Fault("FAULT_INPUT", { path: "symbols", value: symbol, expected: "a symbol of the exchange" });
  });
}

interface Listed {
  readonly symbol?: unknown;
  readonly baseAsset?: unknown;
  readonly quoteAsset?: unknown;
  readonly filters?: unknown;
}

function symbolsOf(text: string): readonly Listed[] {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (cause) {
    throw new Fault("FAULT_INPUT", {
      path: "exchangeInfo",
      value: text.slice(0, 80),
      expected: "JSON",
      cause,
    });
  }
  const listed = typeof said === "object" && said !== null && "symbols" in said ? said.symbols : undefined;
  return Array.isArray(listed) ? (listed as Listed[]) : [];
}

function termsOf(listed: Listed): ConstructorParameters<typeof Instrument>[0] {
  const symbol = String(listed.symbol);
  return {
    symbol,
    venue: "binance",
    tickSize: filterOf(listed, "PRICE_FILTER", "tickSize"),
    lotSize: filterOf(listed, "LOT_SIZE", "stepSize"),
    bookLotSize: "0.00000001",
    base: String(listed.baseAsset),
    quote: String(listed.quoteAsset),
  };
}

/** A filter's field, without the zeros at its end. */
function filterOf(listed: Listed, type: string, field: string): string {
  const filters: readonly Readonly<Record<string, unknown>>[] = Array.isArray(listed.filters)
    ? listed.filters
    : [];
  const value = filters.find((each) => each.filterType === type)?.[field];
  if (typeof value === "string" && /^\d+(\.\d+)?$/.test(value)) {
    return value.includes(".") ? value.replace(/\.?0+$/, "") : value;
  }
  throw new Fault("FAULT_INPUT", {
    path: `${String(listed.symbol)} ${type}.${field}`,
    value,
    expected: "a decimal, as the exchange writes it",
  });
}
