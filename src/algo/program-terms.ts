import { type AlgoKind, type AlgoSpec, type ImpactTerms, NANOS_PER_SECOND } from "../model/index.ts";
import type { BaseTerms, ProgramTerms, SlicedTerms } from "./parent-terms.ts";
import { TermsReader } from "./terms-reader.ts";

/** The most slices of a parent. */
const SLICES_MAX = 100_000;

const SLICED = ["catchUp", "maxCatchUp", "timeJitter", "sizeJitter"];

/** The fields of each algorithm's spec beside those of every parent. */
export const PROGRAM_FIELDS: Readonly<Record<AlgoKind, readonly string[]>> = {
  twap: [...SLICED, "slices"],
  vwap: [...SLICED, "curve", "rescales"],
  shortfall: [...SLICED, "slices", "impact"],
  pov: ["participation", "intervalNs", "maxSliceLots"],
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
      return { algo: "vwap", ...readSliced(reader, 0), curve, rescales };
    }
    case "shortfall": {
      const count = slices();
      const impact = readImpact(reader, spec.impact, base, count);
      return { algo: "shortfall", ...readSliced(reader, 0), slices: count, impact };
    }
    case "pov":
      return {
        algo: "pov",
        participation: reader.number("participation", undefined, 0, 1 - 1e-9, true),
        intervalNs: reader.integer("ALGO_PARAMETER", "intervalNs", 10 * NANOS_PER_SECOND, 1, 1e15),
        maxSliceLots: reader.integer("ALGO_PARAMETER", "maxSliceLots", base.lots, 1, Number.MAX_SAFE_INTEGER),
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
    catchUp: reader.choice("ALGO_PARAMETER", "catchUp", ["spread", "aggressive", "drop"], "spread"),
    maxCatchUp: reader.number("maxCatchUp", 2, 1, 1_000_000),
    timeJitter: reader.number("timeJitter", jitter, 0, 0.5),
    sizeJitter: reader.number("sizeJitter", jitter, 0, 0.99),
  };
}

type Shortfall = Extract<ProgramTerms, { readonly algo: "shortfall" }>;

/** Reads the terms of Almgren and Chriss's model; what is wrong is kept by the reader. */
export function readImpact(
  reader: TermsReader,
  spec: ImpactTerms,
  base: BaseTerms,
  slices: number,
): Shortfall["impact"] {
  const isObject = typeof spec === "object" && spec !== null;
  if (!isObject) reader.refuse("ALGO_PARAMETER", "impact", spec, "an object of impact terms");
  const given = isObject ? spec : { riskAversion: 0, sigma: 0, eta: 1 };
  const inner = new TermsReader(given, "impact.");
  const impact = {
    riskAversion: inner.number("riskAversion", undefined, 0, 1e100),
    sigma: inner.number("sigma", undefined, 0, 1e100),
    eta: inner.number("eta", undefined, 0, 1e100, true),
    gamma: inner.number("gamma", 0, 0, 1e100),
    epsilon: inner.number("epsilon", 0, 0, 1e100),
  };
  const known = Object.keys(impact);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) inner.refuse("ALGO_MALFORMED", key, Reflect.get(given, key), known.join(", "));
  }
  const halfSlice = (base.endNs - base.startNs) / slices / 2 / NANOS_PER_SECOND;
  if (!(impact.eta > impact.gamma * halfSlice)) {
    inner.refuse("ALGO_PARAMETER", "eta", impact.eta, "more than gamma times half of a slice in seconds");
  }
  const { refusal } = inner;
  if (refusal !== undefined) {
    reader.refuse(refusal.code, refusal.field ?? "impact", refusal.value, refusal.expected ?? "");
  }
  return impact;
}
