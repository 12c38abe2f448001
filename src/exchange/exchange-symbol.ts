import { checkChoice, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { Instrument, type InstrumentOptions } from "../model/index.ts";
import { ONE, parseUnits, type Units } from "./units.ts";

/** The highest price of a matching market. @units ticks */
export const MATCHING_TICKS_MAX = 67_000_000;

/** The rules of a symbol, all optional: decimal text as the wire has it. */
export interface SymbolRules {
  readonly minPrice?: string;
  readonly maxPrice?: string;
  readonly minQty?: string;
  readonly maxQty?: string;
  readonly minNotional?: string;
  readonly maxNotional?: string;
  /** How far an order's price may be from the average price, as factors of it. */
  readonly bidMultiplierUp?: string;
  readonly bidMultiplierDown?: string;
  readonly askMultiplierUp?: string;
  readonly askMultiplierDown?: string;
  /** Open orders of one account in this symbol. */
  readonly maxNumOrders?: number;
  /** Untriggered stops among them. */
  readonly maxNumAlgoOrders?: number;
  readonly status?: "TRADING" | "HALT" | "BREAK";
  /** Parts an iceberg may have at most, and open icebergs of one account: on a matching market. */
  readonly icebergParts?: number;
  readonly maxNumIcebergOrders?: number;
  /** Least and most of a trailing stop: on a matching market. @units basis points */
  readonly minTrailingDelta?: number;
  readonly maxTrailingDelta?: number;
}

const RULES = [
  "minPrice",
  "maxPrice",
  "minQty",
  "maxQty",
  "minNotional",
  "maxNotional",
  "bidMultiplierUp",
  "bidMultiplierDown",
  "askMultiplierUp",
  "askMultiplierDown",
  "maxNumOrders",
  "maxNumAlgoOrders",
  "status",
  "icebergParts",
  "maxNumIcebergOrders",
  "minTrailingDelta",
  "maxTrailingDelta",
] as const;

const DEFAULTS = {
  minPrice: "0.01",
  maxPrice: "1000000",
  maxQty: "9000",
  minNotional: "5",
  maxNotional: "9000000",
  bidMultiplierUp: "5",
  bidMultiplierDown: "0.2",
  askMultiplierUp: "5",
  askMultiplierDown: "0.2",
} as const;

/**
 * A symbol of the exchange: its assets, the grid of its prices and quantities in units of 1e-8, its filters.
 *
 * @invariant One tick times one lot is a whole number of units of the quote asset: every notional is exact.
 * @throws `FAULT_CONFIG` naming the rule, or where the grid is finer than amounts of eight decimals can pay for
 */
export class ExchangeSymbol {
  readonly name: string;
  readonly base: string;
  readonly quote: string;
  readonly instrument: Instrument;
  readonly tickUnits: Units;
  readonly lotUnits: Units;
  readonly bookLotUnits: Units;
  /** The worth of one tick times one lot. @units 1e-8 of the quote asset */
  readonly quantumUnits: Units;
  readonly minPrice: Units;
  readonly maxPrice: Units;
  readonly minQty: Units;
  readonly maxQty: Units;
  readonly minNotional: Units;
  readonly maxNotional: Units;
  /** Factors of the average price, in units of 1e-8. */
  readonly multipliers: {
    readonly bidUp: Units;
    readonly bidDown: Units;
    readonly askUp: Units;
    readonly askDown: Units;
  };
  readonly maxNumOrders: number;
  readonly maxNumAlgoOrders: number;
  readonly icebergParts: number;
  readonly maxNumIcebergOrders: number;
  readonly minTrailingDelta: number;
  readonly maxTrailingDelta: number;
  /** Whether clients' orders stand in the public book and meet one another. */
  readonly isMatching: boolean;
  /** Changes when trading is halted on command. */
  status: "TRADING" | "HALT" | "BREAK";

  constructor(options: InstrumentOptions, rules: SymbolRules = {}, isMatching = false) {
    checkKeys("market.rules", rules, RULES);
    this.instrument = new Instrument(options);
    const { instrument } = this;
    this.name = checkText("market.instrument.symbol", options.symbol);
    this.base = baseOf(instrument);
    this.quote = instrument.quote.code;
    this.tickUnits = amount("market.instrument.tickSize", options.tickSize);
    this.lotUnits = amount("market.instrument.lotSize", options.lotSize);
    this.bookLotUnits = amount("market.instrument.bookLotSize", options.bookLotSize ?? options.lotSize);
    const product = this.tickUnits * this.lotUnits;
    if (product % ONE !== 0n || instrument.multiplier !== 1) {
      throw new Fault("FAULT_CONFIG", {
        path: "market.instrument",
        value: options,
        expected: "one tick times one lot in eight decimals, and no multiplier",
      });
    }
    this.quantumUnits = product / ONE;
    const rule = (name: keyof typeof DEFAULTS): Units =>
      amount(`market.rules.${name}`, rules[name] ?? DEFAULTS[name]);
    this.minPrice = rules.minPrice === undefined ? this.tickUnits : rule("minPrice");
    this.isMatching = isMatching;
    this.maxPrice = this.#highest(rule("maxPrice"), rules.maxPrice);
    this.minQty = rules.minQty === undefined ? this.lotUnits : amount("market.rules.minQty", rules.minQty);
    this.maxQty = rule("maxQty");
    this.minNotional = rule("minNotional");
    this.maxNotional = rule("maxNotional");
    this.multipliers = {
      bidUp: rule("bidMultiplierUp"),
      bidDown: rule("bidMultiplierDown"),
      askUp: rule("askMultiplierUp"),
      askDown: rule("askMultiplierDown"),
    };
    this.maxNumOrders = checkInteger("market.rules.maxNumOrders", rules.maxNumOrders ?? 200, 1, 10_000);
    this.maxNumAlgoOrders = checkInteger("market.rules.maxNumAlgoOrders", rules.maxNumAlgoOrders ?? 5, 0);
    this.icebergParts = checkInteger("market.rules.icebergParts", rules.icebergParts ?? 10, 1, 1_000);
    this.maxNumIcebergOrders = checkInteger(
      "market.rules.maxNumIcebergOrders",
      rules.maxNumIcebergOrders ?? 5,
      0,
    );
    const least = rules.minTrailingDelta ?? 10;
    this.minTrailingDelta = checkInteger("market.rules.minTrailingDelta", least, 1, 9_999);
    const most = rules.maxTrailingDelta ?? Math.max(least, 2_000);
    this.maxTrailingDelta = checkInteger("market.rules.maxTrailingDelta", most, least, 9_999);
    this.status = checkChoice("market.rules.status", rules.status ?? "TRADING", ["TRADING", "HALT", "BREAK"]);
  }

  /** A matching book has a highest price: what nobody asked for is lowered to it. */
  #highest(price: Units, asked: string | undefined): Units {
    const highest = BigInt(MATCHING_TICKS_MAX) * this.tickUnits;
    if (!this.isMatching || price <= highest) return price;
    if (asked === undefined) return highest;
    throw new Fault("FAULT_CONFIG", {
      path: "market.rules.maxPrice",
      value: asked,
      expected: `at most ${MATCHING_TICKS_MAX} ticks in a matching market`,
    });
  }

  price(ticks: number): Units {
    return BigInt(ticks) * this.tickUnits;
  }

  quantity(lots: number): Units {
    return BigInt(lots) * this.lotUnits;
  }

  /** What `lots` at `ticks` are worth. @units 1e-8 of the quote asset */
  notional(ticks: number, lots: number): Units {
    return BigInt(ticks) * BigInt(lots) * this.quantumUnits;
  }
}

function baseOf(instrument: Instrument): string {
  const { base, quote, symbol } = instrument;
  if (base !== undefined) return base.code;
  if (symbol.endsWith(quote.code) && symbol !== quote.code) return symbol.slice(0, -quote.code.length);
  throw new Fault("FAULT_CONFIG", {
    path: "market.instrument.base",
    value: base,
    expected: "the asset that is bought",
  });
}

function amount(path: string, text: string): Units {
  const units = typeof text === "string" ? parseUnits(text) : "malformed";
  if (typeof units === "bigint") return units;
  throw new Fault("FAULT_CONFIG", {
    path,
    value: text,
    expected: "a decimal as text, with at most eight decimals",
  });
}
