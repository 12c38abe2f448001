import { checkArray, checkInteger, checkKeys, checkNumber, checkPositive, Fault } from "../base/index.ts";

/**
 * What Almgren and Chriss's model depends on.
 *
 * @units any consistent ones: `sigma` price per square root of time, `eta` price per quantity per time, `gamma` price
 * per quantity, `epsilon` price, `riskAversion` per price and quantity
 */
export interface AlmgrenChrissOptions {
  /** The whole quantity. */
  readonly quantity: number;
  /** The whole time. */
  readonly horizon: number;
  /** Trades, at equal distances. */
  readonly periods: number;
  readonly sigma: number;
  readonly eta: number;
  readonly gamma: number;
  readonly epsilon: number;
  /** 0 gives equal trades. */
  readonly riskAversion: number;
}

/** What a schedule is expected to cost, against the price at its start. */
export interface ScheduleCost {
  /** In units of price times quantity. */
  readonly expected: number;
  /** Of the cost: the square of that unit. */
  readonly variance: number;
}

/** The schedule of least expected cost plus risk aversion times variance. */
export interface AlmgrenChrissSchedule extends ScheduleCost {
  readonly kappaTilde: number;
  readonly kappa: number;
  /** What is left at each moment, `periods + 1` of them: from the whole quantity to 0. */
  readonly holdings: readonly number[];
  /** What is traded in each period. */
  readonly trades: readonly number[];
  /** The time in which holdings fall by e, where time is long; Infinity without risk aversion. */
  readonly halfLife: number;
}

const KEYS = ["quantity", "horizon", "periods", "sigma", "eta", "gamma", "epsilon", "riskAversion"] as const;

/**
 * The optimal schedule in closed form: holdings fall as sinh(kappa (T - t)) does, with kappa from its discrete
 * equation, exactly.
 *
 * @units those of the options
 * @invariant Holdings never rise; trades add up to the quantity. Without risk aversion all trades are equal.
 * @throws `FAULT_CONFIG` naming the option: `eta` must be above `gamma` times half a period.
 * @cost O(periods): one or two exponentials each.
 * @source Almgren and Chriss, Optimal Execution of Portfolio Transactions, 2000, equations 15 to 20
 * @example
 * ```ts
 * import { almgrenChriss } from "tickwright/algo";
 * const schedule = almgrenChriss({
 *   quantity: 1e6, horizon: 5, periods: 5,
 *   sigma: 0.95, eta: 2.5e-6, gamma: 2.5e-7, epsilon: 0.0625, riskAversion: 1e-6,
 * });
 * schedule.trades.map(Math.round); // => [458_044, 252_101, 141_957, 85_756, 62_142]
 * Math.round(schedule.expected); // => 911_227
 * ```
 */
export function almgrenChriss(options: AlmgrenChrissOptions): AlmgrenChrissSchedule {
  const { quantity, horizon, periods, sigma, eta, gamma, riskAversion } = checkModel(options);
  const tau = horizon / periods;
  const etaTilde = eta - (gamma * tau) / 2;
  const kappaTilde = sigma * Math.sqrt(riskAversion / etaTilde);
  // (2 / tau^2)(cosh(kappa tau) - 1) = kappaTilde^2 is sinh(kappa tau / 2) = kappaTilde tau / 2.
  const kappa = (2 * areaSinh((kappaTilde * tau) / 2)) / tau;
  const holdings: number[] = [];
  for (let j = 0; j <= periods; j++) {
    const left = (periods - j) / periods;
    const share = kappa * horizon < 1e-9 ? left : sinhRatio(kappa * horizon * left, kappa * horizon);
    holdings.push(j === 0 ? quantity : quantity * share);
  }
  const trades = holdings.slice(1).map((held, j) => (holdings[j] as number) - held);
  return {
    ...{ kappaTilde, kappa, holdings, trades },
    halfLife: kappa === 0 ? Number.POSITIVE_INFINITY : 1 / kappa,
    ...scheduleCost(trades, options),
  };
}

/**
 * What any schedule is expected to cost in the model: permanent and temporary impact linear in what is traded, half
 * of the spread for each unit, the price an arithmetic random walk.
 *
 * @units price times quantity; the variance its square
 * @throws `FAULT_CONFIG` naming the option: `trades` are to be `periods` of them, of the sign of the quantity.
 * @cost O(periods).
 * @source Almgren and Chriss, 2000, equations 4 and 5
 * @example
 * ```ts
 * import { scheduleCost } from "tickwright/algo";
 * const model = {
 *   quantity: 1e6, horizon: 5, periods: 5,
 *   sigma: 0.95, eta: 2.5e-6, gamma: 2.5e-7, epsilon: 0.0625, riskAversion: 0,
 * };
 * scheduleCost([2e5, 2e5, 2e5, 2e5, 2e5], model).expected; // => 662_500
 * ```
 */
export function scheduleCost(trades: readonly number[], options: AlmgrenChrissOptions): ScheduleCost {
  const { horizon, periods, sigma, eta, gamma, epsilon } = checkModel(options);
  checkArray("almgrenChriss.trades", trades, periods);
  checkInteger("almgrenChriss.trades.length", trades.length, periods, periods);
  const tau = horizon / periods;
  let held = 0;
  let cost = 0;
  let risk = 0;
  for (let k = periods - 1; k >= 0; k--) {
    const traded = trades[k] as number;
    checkNumber(`almgrenChriss.trades[${k}]`, traded);
    // Permanent impact of this trade is paid by what is held after it.
    cost += epsilon * Math.abs(traded) + (eta / tau) * traded * traded + gamma * traded * held;
    risk += held * held;
    held += traded;
  }
  return { expected: cost, variance: sigma * sigma * tau * risk };
}

/**
 * The risk aversion of an urgency: the one at which holdings fall by e in `(1 - urgency) / urgency` of the whole time.
 * 0 is none: equal trades.
 *
 * @units as of the options
 * @invariant Rises with the urgency. Without volatility, or with an urgency of 0, it is 0.
 * @throws `FAULT_CONFIG` naming the option; `urgency` is at least 0 and below 1.
 * @cost O(1).
 * @example
 * ```ts
 * import { almgrenChriss, riskAversionOf } from "tickwright/algo";
 * const model = { horizon: 5, periods: 5, sigma: 0.95, eta: 2.5e-6, gamma: 2.5e-7, epsilon: 0.0625 };
 * const riskAversion = riskAversionOf(0.75, model);
 * almgrenChriss({ quantity: 1e6, ...model, riskAversion }).halfLife.toFixed(9); // => "1.666666667"
 * ```
 */
export function riskAversionOf(
  urgency: number,
  model: Omit<AlmgrenChrissOptions, "riskAversion" | "quantity">,
): number {
  checkNumber("riskAversionOf.urgency", urgency, 0, 1 - 1e-9);
  const { horizon, periods, sigma, eta, gamma } = checkModel({ ...model, quantity: 1, riskAversion: 0 });
  if (urgency === 0 || sigma === 0) return 0;
  const tau = horizon / periods;
  const kappa = urgency / (1 - urgency) / horizon;
  const kappaTilde = (2 * Math.sinh((kappa * tau) / 2)) / tau;
  const riskAversion = (kappaTilde * kappaTilde * (eta - (gamma * tau) / 2)) / (sigma * sigma);
  return Math.min(riskAversion, Number.MAX_VALUE);
}

/** One point of an {@link efficientFrontier}. */
export interface FrontierPoint extends ScheduleCost {
  readonly riskAversion: number;
}

/**
 * The least expected cost at each variance: one point for each risk aversion.
 *
 * @units as {@link ScheduleCost}
 * @invariant With rising risk aversion the cost never falls and the variance never rises, but for rounding.
 * @throws `FAULT_CONFIG` naming the option.
 * @cost O(points * periods).
 * @source Almgren and Chriss, 2000, section 3.1
 * @example
 * ```ts
 * import { efficientFrontier } from "tickwright/algo";
 * const model = {
 *   quantity: 1e6, horizon: 5, periods: 5, sigma: 0.95, eta: 2.5e-6, gamma: 2.5e-7, epsilon: 0.0625,
 * };
 * const [calm, wary] = efficientFrontier(model, [0, 2e-6]);
 * [calm, wary].map((point) => Math.round(point?.expected ?? 0)); // => [662_500, 1_140_715]
 * ```
 */
export function efficientFrontier(
  model: Omit<AlmgrenChrissOptions, "riskAversion">,
  riskAversions: readonly number[],
): FrontierPoint[] {
  return riskAversions.map((riskAversion) => {
    const { expected, variance } = almgrenChriss({ ...model, riskAversion });
    return { riskAversion, expected, variance };
  });
}

function checkModel(options: AlmgrenChrissOptions): AlmgrenChrissOptions {
  checkKeys("almgrenChriss", options, KEYS);
  checkNumber("almgrenChriss.quantity", options.quantity);
  checkPositive("almgrenChriss.horizon", options.horizon);
  checkInteger("almgrenChriss.periods", options.periods, 1, 1_000_000);
  checkNumber("almgrenChriss.sigma", options.sigma, 0);
  checkNumber("almgrenChriss.gamma", options.gamma, 0);
  checkNumber("almgrenChriss.epsilon", options.epsilon, 0);
  checkNumber("almgrenChriss.riskAversion", options.riskAversion, 0);
  checkPositive("almgrenChriss.eta", options.eta);
  const least = (options.gamma * options.horizon) / options.periods / 2;
  if (options.eta > least) return options;
  const expected = `more than gamma times half a period, ${least}`;
  throw new Fault("FAULT_CONFIG", { path: "almgrenChriss.eta", value: options.eta, expected });
}

/** The inverse of sinh for numbers of at least 0; by its series where the logarithm would lose digits. */
function areaSinh(x: number): number {
  const square = x * x;
  if (x < 0.02)
    return x * (1 - square * (1 / 6 - square * (3 / 40 - square * (15 / 336 - (square * 105) / 3456))));
  return Math.log(x + Math.sqrt(square + 1));
}

/** sinh(part) / sinh(whole) for 0 <= part <= whole, without overflow. */
function sinhRatio(part: number, whole: number): number {
  if (whole < 20) return Math.sinh(part) / Math.sinh(whole);
  return (Math.exp(part - whole) * (1 - Math.exp(-2 * part))) / (1 - Math.exp(-2 * whole));
}
