import { checkArray, checkKeys, checkNumber, checkPositive, Fault } from "../base/index.ts";
import { type AlmgrenTerms, almgrenShapes } from "./impact-models.ts";
import { normalQuantile } from "./normal.ts";

/** A coefficient that was found in executions, with how well it is known. */
export interface ImpactFit {
  readonly value: number;
  readonly standardError: number;
  /** The bounds of the confidence interval. */
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  /** Observations. */
  readonly count: number;
  /** The share of the squares that the model explains: below 0 where it is worse than none. */
  readonly explained: number;
}

/** Options of a fit. */
export interface ImpactFitOptions {
  /** 0.95 unless given. */
  readonly confidence?: number;
}

/**
 * An order that was executed, as impact is found in it.
 *
 * @units prices in any one unit; `sigma` the volatility of a day as a share of the price; quantities lots
 */
export interface ImpactOrder {
  readonly side: "buy" | "sell";
  readonly quantity: number;
  /** The volume of its day. */
  readonly volume: number;
  readonly sigma: number;
  /** The mid when it began, and the mean price of its executions. */
  readonly arrivalPrice: number;
  readonly averagePrice: number;
}

/**
 * The `y` of {@link squareRootImpact} by own executions: what each order paid against its arrival, by the square root of
 * its size.
 *
 * @units dimensionless
 * @throws `FAULT_CONFIG`, `FAULT_INPUT` naming what is no order; fewer than two of them, or none of any size.
 * @cost O(orders).
 * @example
 * ```ts
 * import { fitSquareRoot } from "tickwright/stat";
 * const order = { side: "buy", volume: 1_000, sigma: 0.02, arrivalPrice: 100 } as const;
 * const { value, low, high, count } = fitSquareRoot([
 *   { ...order, quantity: 40, averagePrice: 100.44 },
 *   { ...order, quantity: 90, averagePrice: 100.54 },
 *   { ...order, quantity: 160, averagePrice: 100.84 },
 * ]);
 * [value, low, high].map((each) => each.toFixed(2)); // => ["1.01", "0.91", "1.11"]
 * count; // => 3
 * ```
 */
export function fitSquareRoot(orders: readonly ImpactOrder[], options: ImpactFitOptions = {}): ImpactFit {
  const keys = ["side", "quantity", "volume", "sigma", "arrivalPrice", "averagePrice"];
  const rows = checkArray("fitSquareRoot.orders", orders, 2).map((order, i) => {
    const path = `fitSquareRoot.orders[${i}]`;
    checkKeys(path, order, keys);
    const { quantity, volume, sigma } = order;
    checkPositive(`${path}.quantity`, quantity);
    checkPositive(`${path}.volume`, volume);
    checkNumber(`${path}.sigma`, sigma, 0);
    return [sigma * Math.sqrt(quantity / volume), costOf(path, order)] as const;
  });
  return throughZero("fitSquareRoot", rows, options);
}

/** An order and what became of the price after it: {@link ImpactOrder} with what the 2005 model asks for. */
export interface AlmgrenOrder extends ImpactOrder {
  /** How long it was traded. */
  readonly days: number;
  readonly outstanding: number;
  /** The mid when what does not stay had gone again: half an hour after its end, say. */
  readonly laterPrice: number;
}

/**
 * Both coefficients of {@link almgrenImpact} by own executions: what stays by where the price was later, what does not
 * by what was paid beyond half of that.
 *
 * @units dimensionless
 * @throws as {@link fitSquareRoot}.
 * @cost O(orders).
 * @source Almgren, Thum, Hauptmann and Li, 2005, section 4
 */
export function fitAlmgren(
  orders: readonly AlmgrenOrder[],
  options: ImpactFitOptions = {},
): { readonly gamma: ImpactFit; readonly eta: ImpactFit } {
  const [stays, goes]: [Row[], Row[]] = [[], []];
  for (const [i, order] of checkArray("fitAlmgren.orders", orders, 2).entries()) {
    const path = `fitAlmgren.orders[${i}]`;
    const { quantity, volume, sigma, days, outstanding } = order;
    const terms = { sigma, quantity, volume, days, outstanding } satisfies AlmgrenTerms;
    for (const [name, value] of Object.entries(terms)) checkPositive(`${path}.${name}`, value);
    const shapes = almgrenShapes(terms);
    const moved =
      signOf(path, order) * (checkNumber(`${path}.laterPrice`, order.laterPrice) - order.arrivalPrice);
    const stayed = moved / order.arrivalPrice;
    stays.push([shapes.permanent, stayed]);
    goes.push([shapes.temporary, costOf(path, order) - stayed / 2]);
  }
  return { gamma: throughZero("fitAlmgren", stays, options), eta: throughZero("fitAlmgren", goes, options) };
}

/** What was bought on balance in some time, and how the price moved in it. */
export interface FlowBar {
  readonly signedVolume: number;
  readonly priceChange: number;
}

/**
 * Kyle's `lambda` by a tape: how the price moved in each bar, by what was bought on balance in it.
 *
 * @units price per quantity
 * @throws as {@link fitSquareRoot}.
 * @cost O(bars).
 * @example
 * ```ts
 * import { fitKyle } from "tickwright/stat";
 * const bars = [[100, 0.21], [-50, -0.09], [20, 0.03]] as const;
 * const fit = fitKyle(bars.map(([signedVolume, priceChange]) => ({ signedVolume, priceChange })));
 * fit.value.toFixed(4); // => "0.0020"
 * ```
 */
export function fitKyle(bars: readonly FlowBar[], options: ImpactFitOptions = {}): ImpactFit {
  const rows = checkArray("fitKyle.bars", bars, 2).map(({ signedVolume, priceChange }, i) => {
    checkNumber(`fitKyle.bars[${i}].signedVolume`, signedVolume);
    return [signedVolume, checkNumber(`fitKyle.bars[${i}].priceChange`, priceChange)] as const;
  });
  return throughZero("fitKyle", rows, options);
}

/** A print of a tape: `aggressor` took. @units `time` any, rising; `price` the mid or the print's */
export interface FlowPrint {
  readonly time: number;
  readonly price: number;
  readonly lots: number;
  /** Left out where the feed does not say: it counts for nothing. */
  readonly aggressor?: "buy" | "sell";
}

/**
 * A tape in bars of equal time, for {@link fitKyle}: bars without a print are left out, and so is the last one.
 *
 * @throws `FAULT_CONFIG` naming what is no time, price or quantity; times may not fall.
 * @cost O(prints).
 */
export function flowBars(prints: readonly FlowPrint[], barTime: number): FlowBar[] {
  checkPositive("flowBars.barTime", barTime);
  const bars: FlowBar[] = [];
  let [bar, signedVolume, last, first] = [Number.NaN, 0, Number.NaN, Number.NaN];
  let before = Number.NEGATIVE_INFINITY;
  for (const [i, { time, price, lots, aggressor }] of checkArray("flowBars.prints", prints, 0).entries()) {
    before = checkNumber(`flowBars.prints[${i}].time`, time, before);
    checkNumber(`flowBars.prints[${i}].price`, price);
    checkNumber(`flowBars.prints[${i}].lots`, lots, 0);
    const at = Math.floor(time / barTime);
    if (at !== bar) {
      if (!Number.isNaN(bar)) bars.push({ signedVolume, priceChange: last - first });
      first = Number.isNaN(last) ? price : last;
      signedVolume = 0;
      bar = at;
    }
    signedVolume += aggressor === "buy" ? lots : aggressor === "sell" ? -lots : 0;
    last = price;
  }
  return bars;
}

type Row = readonly [shape: number, cost: number];

/** Least squares through 0, with errors that do not ask for one variance (White). */
function throughZero(path: string, rows: readonly Row[], options: ImpactFitOptions): ImpactFit {
  checkKeys(path, options, ["confidence"]);
  const confidence = checkNumber(`${path}.confidence`, options.confidence ?? 0.95, 0.5, 0.999_999);
  const count = rows.length;
  let [squares, products, total] = [0, 0, 0];
  for (const [x, y] of rows) {
    squares += x * x;
    products += x * y;
    total += y * y;
  }
  if (!(squares > 0 && Number.isFinite(squares) && Number.isFinite(total))) {
    throw new Fault("FAULT_INPUT", { path, value: squares, expected: "observations of some size" });
  }
  const value = products / squares;
  let [left, errors] = [0, 0];
  for (const [x, y] of rows) {
    const rest = y - value * x;
    left += rest * rest;
    errors += x * x * rest * rest;
  }
  const standardError = Math.sqrt((errors * count) / (count - 1)) / squares;
  const away = normalQuantile((1 + confidence) / 2) * standardError;
  return {
    ...{ value, standardError, low: value - away, high: value + away, confidence, count },
    explained: total === 0 ? 1 : 1 - left / total,
  };
}

function signOf(path: string, { side }: ImpactOrder): number {
  if (side === "buy") return 1;
  if (side === "sell") return -1;
  throw new Fault("FAULT_INPUT", { path: `${path}.side`, value: side, expected: "buy or sell" });
}

/** What an order paid against its arrival, as a share of that. */
function costOf(path: string, order: ImpactOrder): number {
  checkPositive(`${path}.arrivalPrice`, order.arrivalPrice);
  checkNumber(`${path}.averagePrice`, order.averagePrice);
  return (signOf(path, order) * (order.averagePrice - order.arrivalPrice)) / order.arrivalPrice;
}
