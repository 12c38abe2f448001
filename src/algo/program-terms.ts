import {
  type AlgoKind,
  type AlgoSpec,
  type ImpactTerms,
  NANOS_PER_SECOND,
  type ReplanTerms,
} from "../model/index.ts";
import { riskAversionOf } from "./almgren-chriss.ts";
import { NEVER } from "./never.ts";
import type { AuctionShares, BaseTerms, ImpactModel, ProgramTerms, SlicedTerms } from "./parent-terms.ts";
import { TermsReader } from "./terms-reader.ts";

const CATCH_UPS = ["spread", "aggressive", "drop"] as const;
/** The most slices of a parent. */
const SLICES_MAX = 100_000;

const SLICED = ["catchUp", "maxCatchUp", "timeJitter", "sizeJitter"];

/** The fields of each algorithm's spec beside those of every parent. */
export const PROGRAM_FIELDS: Readonly<Record<AlgoKind, readonly string[]>> = {
  twap: [...SLICED, "slices"],
  vwap: [...SLICED, "curve", "rescales", "lookbackNs", "lead", "lag", "auctions"],
  shortfall: [...SLICED, "slices", "impact", "replan"],
  pov: ["participation", "intervalNs", "maxSliceLots", "catchUp", "maxCatchUp"],
  iceberg: ["displayLots", "displayJitterLots", "refreshNs"],
  sweep: ["levels", "minLots"],
};

/** Reads what one algorithm adds; what is wrong is kept by the reader. */
export function readProgram(reader: TermsReader, spec: AlgoSpec, base: BaseTerms): ProgramTerms {
  const wholeNs = base.endNs - base.startNs;
  const slices = (): number =>
    reader.integer("ALGO_PARAMETER", "slices", Math.min(10, wholeNs), 1, Math.min(SLICES_MAX, wholeNs));
  switch (spec.algo) {
    case "twap":
      return { algo: "twap", ...readSliced(reader, 0.1), slices: slices() };
    case "vwap": {
      const rescales = reader.flag("rescales", false);
      if (rescales && spec.marketLots === undefined) {
        reader.refuse("ALGO_PARAMETER", "marketLots", undefined, "the expected volume, for rescales");
      }
      const curve = reader.weights("curve", Math.min(SLICES_MAX, wholeNs));
      const band = {
        lookbackNs: reader.integer("ALGO_PARAMETER", "lookbackNs", NEVER, 1, NEVER),
        lead: reader.number("lead", 1, 0, 1, true),
        lag: reader.number("lag", 1, 0, 1, true),
      };
      const auctions = spec.auctions === undefined ? undefined : readAuctions(reader, spec, base);
      const all = { algo: "vwap" as const, ...readSliced(reader, 0), curve, rescales, ...band };
      return auctions === undefined ? all : { ...all, auctions };
    }
    case "shortfall": {
      const count = slices();
      const impact = readImpact(reader, spec.impact, base, count);
      const all = { algo: "shortfall" as const, ...readSliced(reader, 0), slices: count, impact };
      return spec.replan === undefined ? all : { ...all, replan: readReplan(reader, spec) };
    }
    case "pov":
      return {
        algo: "pov",
        participation: reader.number("participation", undefined, 0, 1 - 1e-9, true),
        intervalNs: reader.integer("ALGO_PARAMETER", "intervalNs", 10 * NANOS_PER_SECOND, 1, 1e15),
        maxSliceLots: reader.integer("ALGO_PARAMETER", "maxSliceLots", base.lots, 1, Number.MAX_SAFE_INTEGER),
        catchUp: reader.choice("ALGO_PARAMETER", "catchUp", CATCH_UPS, "aggressive"),
        maxCatchUp: reader.number("maxCatchUp", 2, 1, 1_000_000),
      };
    case "iceberg": {
      const { lots, minChildLots, maxChildLots } = base;
      const most = Math.max(minChildLots, Math.min(lots, maxChildLots));
      const displayLots = reader.integer("ALGO_PARAMETER", "displayLots", undefined, minChildLots, most);
      const room = Math.min(displayLots - minChildLots, maxChildLots - displayLots);
      return {
        ...{ algo: "iceberg", displayLots },
        displayJitterLots: reader.integer("ALGO_PARAMETER", "displayJitterLots", 0, 0, Math.max(0, room)),
        refreshNs: reader.integer("ALGO_PARAMETER", "refreshNs", 0, 0, 4_294_967_295),
      };
    }
    case "sweep":
      if (base.maxParticipation < 1) {
        const expected = "nothing: a sweep waits for no volume";
        reader.refuse("ALGO_PARAMETER", "maxParticipation", base.maxParticipation, expected);
      }
      return {
        algo: "sweep",
        levels: reader.integer("ALGO_PARAMETER", "levels", 20, 1, 1_000),
        minLots: reader.integer("ALGO_PARAMETER", "minLots", 1, 1, base.lots),
      };
  }
}

function readSliced(reader: TermsReader, jitter: number): SlicedTerms {
  return {
    catchUp: reader.choice("ALGO_PARAMETER", "catchUp", CATCH_UPS, "spread"),
    maxCatchUp: reader.number("maxCatchUp", 2, 1, 1_000_000),
    timeJitter: reader.number("timeJitter", jitter, 0, 0.5),
    sizeJitter: reader.number("sizeJitter", jitter, 0, 0.99),
  };
}

/** Reads the shares of the auctions and their times; what is wrong is kept by the reader. */
function readAuctions(
  reader: TermsReader,
  spec: AlgoSpec & { readonly algo: "vwap" },
  base: BaseTerms,
): AuctionShares {
  const { startNs, endNs } = base;
  const given = readObject(reader, "auctions", spec.auctions, ["opening", "closing"]);
  const of = (name: "opening" | "closing", moment: string, otherwise: number): readonly [number, number] => {
    const value: unknown = Reflect.get(given, name);
    if (value === undefined) return [0, otherwise];
    const inner = new TermsReader(
      readObject(reader, `auctions.${name}`, value, ["share", moment]),
      `auctions.${name}.`,
    );
    const read = [
      inner.number("share", undefined, 0, 1, true),
      inner.integer("ALGO_TIME", moment, undefined, startNs + 1, endNs - 1),
    ] as const;
    take(reader, inner);
    return read;
  };
  const [opening, untilNs] = of("opening", "untilNs", startNs);
  const [closing, fromNs] = of("closing", "fromNs", endNs);
  if (spec.limitTicks === undefined) {
    reader.refuse(
      "ALGO_LIMIT",
      "limitTicks",
      undefined,
      "a limit: in an auction nothing else bounds the price",
    );
  }
  if (!(untilNs < fromNs)) reader.refuse("ALGO_TIME", "auctions", untilNs, `a time before ${fromNs}`);
  if (!(opening + closing < 1)) {
    reader.refuse("ALGO_PARAMETER", "auctions", opening + closing, "shares that leave something between");
  }
  return { opening, untilNs, closing, fromNs };
}

function readReplan(
  reader: TermsReader,
  spec: AlgoSpec & { readonly algo: "shortfall" },
): ReplanTerms & { readonly slices: number } {
  const given = readObject(reader, "replan", spec.replan, ["volatility", "volume", "slices"]);
  const inner = new TermsReader(given, "replan.");
  const bound = (name: "volatility" | "volume"): object =>
    Reflect.get(given, name) === undefined ? {} : { [name]: inner.number(name, undefined, 1, 1_000, true) };
  const read = { ...bound("volatility"), ...bound("volume") };
  const slices = inner.integer("ALGO_PARAMETER", "slices", 3, 1, SLICES_MAX);
  if (Object.keys(read).length === 0) inner.refuse("ALGO_PARAMETER", "", given, "volatility or volume");
  if ("volume" in read && spec.marketLots === undefined) {
    reader.refuse("ALGO_PARAMETER", "marketLots", undefined, "the expected volume, for replan.volume");
  }
  take(reader, inner);
  return { ...read, slices };
}

/** An object of known fields; what is wrong is kept by the reader. */
function readObject(reader: TermsReader, path: string, value: unknown, known: readonly string[]): object {
  if (typeof value !== "object" || value === null) {
    reader.refuse("ALGO_PARAMETER", path, value, `an object of ${known.join(", ")}`);
    return {};
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    reader.refuse("ALGO_MALFORMED", `${path}.${key}`, Reflect.get(value, key), known.join(", "));
  }
  return value;
}

/** Keeps what a reader of a part found wrong. */
function take(reader: TermsReader, { refusal }: TermsReader): void {
  if (refusal === undefined) return;
  reader.refuse(refusal.code, refusal.field ?? "", refusal.value, refusal.expected ?? "");
}

/** Reads the terms of Almgren and Chriss's model; what is wrong is kept by the reader. */
export function readImpact(
  reader: TermsReader,
  spec: ImpactTerms,
  base: BaseTerms,
  slices: number,
): ImpactModel {
  const isObject = typeof spec === "object" && spec !== null;
  if (!isObject) reader.refuse("ALGO_PARAMETER", "impact", spec, "an object of impact terms");
  const given = isObject ? spec : { riskAversion: 0, sigma: 0, eta: 1 };
  const inner = new TermsReader(given, "impact.");
  const byUrgency = given.urgency !== undefined && given.riskAversion === undefined;
  const rest = {
    sigma: inner.number("sigma", undefined, 0, 1e100),
    eta: inner.number("eta", undefined, 0, 1e100, true),
    gamma: inner.number("gamma", 0, 0, 1e100),
    epsilon: inner.number("epsilon", 0, 0, 1e100),
  };
  const urgency = byUrgency ? inner.number("urgency", undefined, 0, 1 - 1e-9) : 0;
  const riskAversion = byUrgency ? 0 : inner.number("riskAversion", undefined, 0, 1e100);
  if (given.urgency !== undefined && !byUrgency) {
    inner.refuse("ALGO_PARAMETER", "urgency", given.urgency, "none beside a riskAversion");
  }
  const known = ["riskAversion", "urgency", ...Object.keys(rest)];
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) inner.refuse("ALGO_MALFORMED", key, Reflect.get(given, key), known.join(", "));
  }
  const halfSlice = (base.endNs - base.startNs) / slices / 2 / NANOS_PER_SECOND;
  if (!(rest.eta > rest.gamma * halfSlice)) {
    inner.refuse("ALGO_PARAMETER", "eta", rest.eta, "more than gamma times half of a slice in seconds");
  }
  take(reader, inner);
  if (!byUrgency || inner.refusal !== undefined) return { riskAversion, ...rest };
  const horizon = (base.endNs - base.startNs) / NANOS_PER_SECOND;
  return { riskAversion: riskAversionOf(urgency, { horizon, periods: slices, ...rest }), ...rest };
}
