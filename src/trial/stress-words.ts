import { checkInteger, checkText, Fault, parseScaled, type Scaled } from "../base/index.ts";
import type { StressWorld } from "./stress.ts";
import { dearerFees, furtherMarket, longerLatency, lossyFeed, lossyOrders } from "./stress-worlds.ts";

/** A part's amount, as it is said. */
interface Said {
  /** `x`: times as much; `+`: more; `%`: a share. */
  readonly how: "x" | "+" | "%";
  readonly amount: Scaled;
  readonly value: number;
  readonly unit: string;
}

interface Part {
  readonly expected: string;
  /** Undefined where it is not said so. */
  readonly read: (said: Said, name: string, seed: number) => StressWorld | undefined;
}

const NANOS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
const HALF = 0.5;

const PARTS: Readonly<Record<string, Part>> = {
  latency: {
    expected: "a multiple above 1 such as 2x, or a longer time such as +5ms (ns, us, ms, s)",
    read: ({ how, value, unit }, name) => {
      if (how === "x" && value > 1) return longerLatency(name, value, 0);
      const ns = Math.round(value * (NANOS[unit] ?? 0));
      return how === "+" && ns > 0 ? longerLatency(name, 1, ns) : undefined;
    },
  },
  fees: {
    expected: "a multiple above 1 such as 1.5x, or a higher rate such as +2bp",
    read: ({ how, amount, value, unit }, name) => {
      if (how === "x" && value > 1) return dearerFees(name, { times: amount });
      if (how !== "+" || unit !== "bp" || value === 0) return undefined;
      return dearerFees(name, { plus: { digits: amount.digits, scale: amount.scale + 4 } });
    },
  },
  spread: {
    expected: "whole ticks such as +1tick",
    read: ({ how, value, unit }, name) =>
      how === "+" && /^ticks?$/.test(unit) && value > 0 && Number.isInteger(value)
        ? furtherMarket(name, value)
        : undefined,
  },
  drop: {
    expected: "a share of the feed's messages above 0% and up to 50%, such as 0.1%",
    read: ({ how, value }, name, seed) =>
      how === "%" && isShare(value) ? lossyFeed(name, value / 100, seed) : undefined,
  },
  lost: {
    expected: "a share of what is sent above 0% and up to 50%, such as 0.1%",
    read: ({ how, value }, name, seed) =>
      how === "%" && isShare(value) ? lossyOrders(name, value / 100, seed) : undefined,
  },
};

function isShare(percent: number): boolean {
  return percent > 0 && percent / 100 <= HALF;
}

/** How stress is said, for messages and help. */
export const STRESS_FORM = "latency=2x,fees=1.5x,spread=+1tick,drop=0.1%,lost=0.1%";

/**
 * Reads worse worlds from words such as `latency=2x,fees=1.5x,spread=+1tick,drop=0.1%,lost=0.1%`: each part once.
 *
 * | Part | |
 * |---|---|
 * | `latency=2x`, `latency=+5ms` | every way to the venue and back takes so much longer; the feed's own latency stays |
 * | `fees=1.5x`, `fees=+2bp` | all that is charged; of a rebate `1.5x` leaves two thirds |
 * | `spread=+1tick` | orders meet the market a tick further away: takers pay it, makers are filled by it later |
 * | `drop=0.1%` | that share of the feed's messages reaches us only with the next one; the venue lives them in time |
 * | `lost=0.1%` | that share of orders, cancels and replaces never reaches the venue: rejected when the answer was due
 * |
 *
 * @param seed - of what is dropped and lost; 1 unless given
 * @throws `FAULT_CONFIG` naming the part, such as `stress.latency`
 * @example
 * ```ts
 * import { parseStress } from "tickwright/trial";
 * parseStress("latency=2x,spread=+1tick").map(({ name }) => name); // => ["latency=2x", "spread=+1tick"]
 * ```
 */
export function parseStress(text: string, seed = 1): StressWorld[] {
  checkText("stress", text);
  checkInteger("stress.seed", seed, 0, 2 ** 31);
  const taken = new Set<string>();
  return text.split(",").map((words) => {
    const [, name = "", amount = ""] = /^\s*([a-z]+)\s*=\s*(.*?)\s*$/.exec(words) ?? [];
    const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (part === undefined)
      throw new Fault("FAULT_CONFIG", { path: "stress", value: words, expected: `parts of ${STRESS_FORM}` });
    if (taken.has(name))
      throw new Fault("FAULT_CONFIG", { path: `stress.${name}`, value: amount, expected: "it once" });
    taken.add(name);
    const said = readAmount(amount);
    const world = said === undefined ? undefined : part.read(said, `${name}=${amount}`, seed);
    if (world === undefined)
      throw new Fault("FAULT_CONFIG", { path: `stress.${name}`, value: amount, expected: part.expected });
    return world;
  });
}

function readAmount(text: string): Said | undefined {
  const [, plus, number = "", unit = ""] = /^(\+?)(\d{1,12}(?:\.\d{1,12})?)\s*(x|%|[a-z]+)$/.exec(text) ?? [];
  const amount = parseScaled(number);
  if (amount === undefined) return undefined;
  const isBare = unit === "x" || unit === "%";
  if (isBare === (plus === "+")) return undefined;
  return { how: isBare ? unit : "+", amount, value: Number(number), unit };
}
