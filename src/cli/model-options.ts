import { type FeeSchedule, flatFees } from "../model/index.ts";
import { ConstantLatency, type QueueModelOptions } from "../sim/index.ts";
import { type OptionPaths, Usage } from "./usage.ts";

/** Options that mean something for some kinds of market alone, and those kinds. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  "latency-ms": ["depth", "closed"],
  queue: ["depth"],
  fills: ["depth"],
  participation: ["bars"],
  "slippage-ticks": ["bars"],
};

/** Where a fault of a simulated venue tells of an option. */
export const MODEL_PATHS: OptionPaths = {
  "queue.model": "--queue",
  "queue.n": "--queue, the number",
  "venue.fills": "--fills",
  "venue.participation": "--participation",
  "venue.slippageTicks": "--slippage-ticks",
  "latency.entryNs": "--latency-ms, ns to the venue",
  "latency.responseNs": "--latency-ms, ns back",
  "instrument.fees": "--fees",
};

/**
 * Refuses options for a kind of market that is not there: they would do nothing.
 *
 * @param schemas - of the tapes or feeds that are there; `closed` of a closed market
 */
export function checkModels(
  values: Readonly<Partial<Record<string, unknown>>>,
  schemas: Iterable<string>,
  what: string,
): void {
  const there = new Set([...schemas].map((schema) => (KINDS_OF_THEIR_OWN.has(schema) ? schema : "depth")));
  const idle = Object.entries(KINDS).find(
    ([name, kinds]) => values[name] !== undefined && !kinds.some((kind) => there.has(kind)),
  );
  if (idle === undefined) return;
  const [name, [kind]] = idle;
  const others = [...there].map((each) => (each === "closed" ? "closed markets" : each)).join(" and ");
  throw new Usage(
    `--${name} is for ${kind === "depth" ? `depth tapes: there are only ${others}` : "bars: there are none"}${what}`,
  );
}

const KINDS_OF_THEIR_OWN: ReadonlySet<string> = new Set(["bars", "closed"]);

/** A queue model from words such as `power3:3`. */
export function queueOf(text: string): QueueModelOptions {
  const [model = "", n] = text.split(":");
  if (n === "") throw new Usage(`--queue: ${text} has no number behind its colon`);
  if (n !== undefined && ["riskAverse", "log", "log2"].includes(model))
    throw new Usage(`--queue: ${model} takes no number`);
  return (n === undefined ? { model } : { model, n: Number(n) }) as QueueModelOptions;
}

/** A latency from milliseconds to the venue and back. */
export function latencyOf(text: string): ConstantLatency {
  const [entry, response] = pairOf("--latency-ms", text, "5,5");
  const nanos = (part: string): number => Math.round(numberOf("--latency-ms", part, 0) * 1e6);
  return new ConstantLatency({ entryNs: nanos(entry), responseNs: nanos(response) });
}

/** Fees from a maker's and a taker's rate. */
export function feesOf(text: string): FeeSchedule {
  const rates = pairOf("--fees", text, "0.0002,0.0004");
  for (const rate of rates) numberOf("--fees", rate, 0);
  return flatFees(...rates);
}

function pairOf(name: string, text: string, such: string): readonly [string, string] {
  const [first = "", second, third] = text.split(",");
  if (second === undefined || third !== undefined)
    throw new Usage(`${name}: ${text} is no pair such as ${such}`);
  return [first, second];
}

/** The number of an option, or what it is unless given. */
export function numberOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new Usage(`${name}: ${text} is no number`);
  return value;
}
