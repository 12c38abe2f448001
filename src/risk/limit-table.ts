import { checkKeys, Fault, normalizeScaled, parseScaled, rescale } from "../base/index.ts";
import {
  LIMIT,
  LIMIT_NAMES,
  LIMIT_UNITS,
  type LimitName,
  REQUIRED_LIMITS,
  type RiskLimits,
} from "./limits.ts";

/** Columns of one node. */
export const LIMIT_COLUMNS: number = LIMIT_NAMES.length;

/** How far into a limit its warning begins. */
export const WARN_SHARE = 0.8;

/** The bits of the required limits in `said`. */
export const REQUIRED_MASK: number = REQUIRED_LIMITS.reduce((mask, name) => mask | (1 << LIMIT[name]), 0);

/** Limits that are measured against equity. */
const SHARES = ["maxConcentration", "maxMarginShare", "maxLeverage"] as const;

/** Limits of windows: 0 would be broken before anything happened. */
const LEAST: Partial<Readonly<Record<LimitName, number>>> = {
  maxWindowLoss: 1,
  maxDrawdown: 1,
  maxDrawdownShare: 0.0001,
};
/** What their windows can hold: 2^50 minor units. */
const WINDOW_MOST = 1_125_899_906_842_624;
const MOST: Partial<Readonly<Record<LimitName, number>>> = {
  maxWindowLoss: WINDOW_MOST,
  maxDrawdown: WINDOW_MOST,
  maxDrawdownShare: 1,
};

/** Values a limit of each unit may have; `whole` ones are integers. */
const RANGES = {
  lots: { whole: true, most: Number.MAX_SAFE_INTEGER },
  count: { whole: true, most: 1_000_000 },
  bps: { whole: false, most: 1_000_000 },
  ticks: { whole: true, most: 1_000_000_000 },
  share: { whole: false, most: 1_000_000 },
  ratio: { whole: false, most: 1_000_000_000 },
} as const;

/**
 * The limits of all nodes, as columns: the hard limit, and the soft one where its warning begins. Absent and
 * unlimited ones are Infinity.
 *
 * @shape `hard`, `soft`: at `node * LIMIT_COLUMNS + LIMIT[name]`
 * @invariant No value is NaN; `said` holds a bit for each limit that was given, "unlimited" included.
 */
export class LimitTable {
  readonly hard: Float64Array;
  readonly soft: Float64Array;
  /** How many messages may come at once, of nodes with a limit a second. */
  readonly burst: Float64Array;
  readonly said: Int32Array;
  readonly #decimals: number;

  constructor(nodes: number, decimals: number) {
    this.hard = new Float64Array(nodes * LIMIT_COLUMNS).fill(Number.POSITIVE_INFINITY);
    this.soft = new Float64Array(nodes * LIMIT_COLUMNS).fill(Number.POSITIVE_INFINITY);
    this.burst = new Float64Array(nodes);
    this.said = new Int32Array(nodes);
    this.#decimals = decimals;
    for (let node = 0; node < nodes; node++) this.set(node, "priceCollarTicks", 0);
  }

  /** Whether no node has a finite limit; the width of a collar that is not there is none. */
  get isUnlimited(): boolean {
    return this.hard.every(
      (value, at) => value === Number.POSITIVE_INFINITY || at % LIMIT_COLUMNS === LIMIT.priceCollarTicks,
    );
  }

  /** Whether a node has a limit that is measured against equity. */
  hasShares(node: number): boolean {
    return SHARES.some((name) => this.of(node, name) < Number.POSITIVE_INFINITY);
  }

  /** The hard limit of a node. */
  of(node: number, name: LimitName): number {
    return this.hard[node * LIMIT_COLUMNS + LIMIT[name]] as number;
  }

  /** Sets a limit to a number that {@link LimitTable.parse} returned. */
  set(node: number, name: LimitName, value: number): void {
    const at = node * LIMIT_COLUMNS + LIMIT[name];
    this.hard[at] = value;
    this.soft[at] = value * WARN_SHARE;
  }

  /** Marks a limit as said at a node. */
  say(node: number, name: LimitName): void {
    this.said[node] = (this.said[node] as number) | (1 << LIMIT[name]);
  }

  /**
   * Reads limits into numbers, Infinity where unlimited, without changing anything.
   *
   * @throws `FAULT_CONFIG` naming the limit: unknown, not a number, below 0, or too fine for its unit.
   */
  parse(path: string, limits: RiskLimits): Map<LimitName, number> {
    checkKeys(path, limits, LIMIT_NAMES);
    const parsed = new Map<LimitName, number>();
    for (const name of LIMIT_NAMES) {
      const value = limits[name];
      if (value === undefined) continue;
      const number = this.#value(`${path}.${name}`, name, value);
      const [least, most] = [LEAST[name] ?? 0, MOST[name] ?? Number.POSITIVE_INFINITY];
      if (number < least || (number > most && number !== Number.POSITIVE_INFINITY)) {
        const expected = `at least ${least} and at most ${most} in its smallest unit, or "unlimited"`;
        throw new Fault("FAULT_CONFIG", { path: `${path}.${name}`, value, expected });
      }
      parsed.set(name, number);
    }
    return parsed;
  }

  #value(path: string, name: LimitName, value: unknown): number {
    if (value === "unlimited" && name !== "priceCollarTicks") return Number.POSITIVE_INFINITY;
    const unit = LIMIT_UNITS[name];
    if (unit === "money") return parseMoneyBound(path, value, this.#decimals);
    const number = name === "maxOrdersPerSecond" ? rateOf(path, value) : value;
    const { whole, most } = RANGES[unit];
    if (typeof number === "number" && number >= 0 && number <= most) {
      if (!whole || Number.isInteger(number)) return number + 0;
    }
    const expected = `${whole ? "a whole number" : "a number"} within 0 and ${most}, or "unlimited"`;
    throw new Fault("FAULT_CONFIG", { path, value, expected });
  }
}

/** The number of messages that may come at once: the burst where it is given, else the rate. */
export function burstOf(path: string, value: RiskLimits["maxOrdersPerSecond"]): number {
  if (typeof value !== "object") return typeof value === "number" ? value : Number.POSITIVE_INFINITY;
  const { burst } = value;
  if (Number.isInteger(burst) && burst >= 0 && burst <= RANGES.count.most) return burst;
  const expected = `a whole number within 0 and ${RANGES.count.most}`;
  throw new Fault("FAULT_CONFIG", { path: `${path}.burst`, value: burst, expected });
}

/**
 * Reads an amount given as decimal text into whole minor units.
 *
 * @throws `FAULT_CONFIG` unless it is a decimal of at least 0 with no more decimals than the gate's money, within
 * 2^53 minor units.
 */
export function parseMoneyBound(path: string, value: unknown, decimals: number): number {
  const scaled = typeof value === "string" ? parseScaled(value) : undefined;
  const minor = scaled === undefined ? undefined : rescale(normalizeScaled(scaled), decimals);
  if (minor !== undefined && minor >= 0n && minor <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(minor);
  const expected = `an amount of at least 0 as text with at most ${decimals} decimals, or "unlimited"`;
  throw new Fault("FAULT_CONFIG", { path, value, expected });
}

function rateOf(path: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  checkKeys(path, value, ["rate", "burst"]);
  return Reflect.get(value, "rate");
}
