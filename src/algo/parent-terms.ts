import { type Refusal, refuse } from "../base/index.ts";
import {
  type AlgoKind,
  type AlgoSpec,
  type CatchUp,
  type Instrument,
  MAX_TICKS,
  parseMoney,
  type ReplanTerms,
} from "../model/index.ts";
import type { AlgoPort } from "./algo-port.ts";
import { PARENT_LOTS_MAX } from "./apportion.ts";
import { NEVER } from "./never.ts";
import { PROGRAM_FIELDS, readProgram } from "./program-terms.ts";
import type { AlgoRefusalCode } from "./refusals.ts";
import { TermsReader } from "./terms-reader.ts";

/** What each algorithm adds to {@link BaseTerms}, every default filled in. */
export type ProgramTerms =
  | (SlicedTerms & { readonly algo: "twap"; readonly slices: number })
  | (SlicedTerms & VwapTerms)
  | (SlicedTerms & {
      readonly algo: "shortfall";
      readonly slices: number;
      readonly impact: ImpactModel;
      readonly replan?: ReplanTerms & { readonly slices: number };
    })
  | {
      readonly algo: "pov";
      readonly participation: number;
      readonly intervalNs: number;
      readonly maxSliceLots: number;
      readonly catchUp: CatchUp;
      readonly maxCatchUp: number;
    }
  | {
      readonly algo: "iceberg";
      readonly displayLots: number;
      readonly displayJitterLots: number;
      readonly refreshNs: number;
    }
  | { readonly algo: "sweep"; readonly levels: number; readonly minLots: number };

/** What a VWAP adds, every default filled in. */
export interface VwapTerms {
  readonly algo: "vwap";
  readonly curve: readonly number[];
  readonly rescales: boolean;
  /** `Number.MAX_SAFE_INTEGER` for all of the time. */
  readonly lookbackNs: number;
  /** Shares of the whole; 1 for none. */
  readonly lead: number;
  readonly lag: number;
  readonly auctions?: AuctionShares;
}

/** The auctions' shares of a parent: 0, and the begin or the end of the time, where there is none. */
export interface AuctionShares {
  readonly opening: number;
  readonly untilNs: number;
  readonly closing: number;
  readonly fromNs: number;
}

/** What a schedule is worked out from: ticks, lots and seconds, as `ImpactTerms`. */
export interface ImpactModel {
  readonly riskAversion: number;
  readonly sigma: number;
  readonly eta: number;
  readonly gamma: number;
  readonly epsilon: number;
}

/** Of parents that are worked in slices, every default filled in. */
export interface SlicedTerms {
  readonly catchUp: "spread" | "aggressive" | "drop";
  readonly maxCatchUp: number;
  readonly timeJitter: number;
  readonly sizeJitter: number;
}

/** What every parent has, every default filled in; JSON-safe. */
export interface BaseTerms {
  readonly instrument: string;
  readonly side: "buy" | "sell";
  readonly lots: number;
  readonly limitTicks: number;
  readonly startNs: number;
  /** `Number.MAX_SAFE_INTEGER` for none. */
  readonly endNs: number;
  readonly tag: string;
  readonly urgency: number;
  readonly throughTicks: number;
  readonly requoteTicks: number;
  readonly requoteNs: number;
  readonly retryNs: number;
  readonly refusalsMax: number;
  readonly minChildLots: number;
  readonly maxChildLots: number;
  /** Minor units of the quote currency; 0 for none. */
  readonly minNotionalMinor: number;
  readonly maxParticipation: number;
  readonly ownPrints: boolean;
  readonly blockLots: number;
  readonly marketLots: number;
  readonly residual: "cancel" | "cross" | "carry";
  readonly cleanupNs: number;
}

/** A parent order's terms, checked, every default filled in; JSON-safe. */
export type Terms = BaseTerms & { readonly program: ProgramTerms };

/** The words of algorithms. */
export const ALGO_KINDS = [
  "twap",
  "vwap",
  "pov",
  "shortfall",
  "iceberg",
  "sweep",
] as const satisfies AlgoKind[];

const FIELDS = [
  "algo",
  "instrument",
  "side",
  "lots",
  "limitTicks",
  "startNs",
  "endNs",
  "tag",
  "seed",
  "urgency",
  "throughTicks",
  "requoteTicks",
  "requoteNs",
  "retryNs",
  "refusalsMax",
  "minChildLots",
  "maxChildLots",
  "minNotional",
  "maxParticipation",
  "ownPrints",
  "blockLots",
  "marketLots",
  "residual",
  "cleanupNs",
];

/**
 * Checks what is asked for and fills in the defaults; the first refusal by the precedence of the codes.
 *
 * @refuses `ALGO_MALFORMED`, `ALGO_KIND`, `ALGO_INSTRUMENT_UNKNOWN`, `ALGO_SIDE`, `ALGO_QUANTITY`, `ALGO_LIMIT`,
 * `ALGO_TIME`, `ALGO_PARAMETER`, `ALGO_LARGER_THAN_MARKET`
 */
export function readTerms(spec: AlgoSpec, port: AlgoPort, id: number): Terms | Refusal<AlgoRefusalCode> {
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) {
    return refuse("ALGO_MALFORMED", "spec", spec, "an AlgoSpec");
  }
  if (!ALGO_KINDS.includes(spec.algo)) {
    return refuse("ALGO_KIND", "algo", spec.algo, `one of ${ALGO_KINDS.join(", ")}`);
  }
  const known = [...FIELDS, ...PROGRAM_FIELDS[spec.algo]];
  for (const key of Object.keys(spec)) {
    if (known.includes(key)) continue;
    return refuse("ALGO_MALFORMED", key, Reflect.get(spec, key), `one of ${known.join(", ")}`);
  }
  const instrument = findInstrument(port, spec.instrument);
  if (instrument === undefined) {
    const keys = port.instruments.map(({ key }) => key).join(", ");
    return refuse("ALGO_INSTRUMENT_UNKNOWN", "instrument", spec.instrument, `one of ${keys}`);
  }
  const reader = new TermsReader(spec);
  const base = readBase(reader, spec, instrument, port.clock.ns, id);
  const program = readProgram(reader, spec, base);
  if (reader.refusal !== undefined) return reader.refusal;
  if (base.lots > base.marketLots) {
    const expected = `at most the ${base.marketLots} lots of marketLots`;
    return refuse("ALGO_LARGER_THAN_MARKET", "lots", base.lots, expected);
  }
  return { ...base, program };
}

/** The instrument of a key or of a symbol that is there once. */
export function findInstrument(port: AlgoPort, name: string): Instrument | undefined {
  const exact = port.instruments.find(({ key }) => key === name);
  if (exact !== undefined) return exact;
  const named = port.instruments.filter(({ symbol }) => symbol === name);
  return named.length === 1 ? named[0] : undefined;
}

function readBase(
  reader: TermsReader,
  spec: AlgoSpec,
  instrument: Instrument,
  nowNs: number,
  id: number,
): BaseTerms {
  const side = reader.choice("ALGO_SIDE", "side", ["buy", "sell"], undefined);
  const minChildLots = reader.integer(
    "ALGO_QUANTITY",
    "minChildLots",
    instrument.minLots,
    1,
    PARENT_LOTS_MAX,
  );
  const lots = reader.integer("ALGO_QUANTITY", "lots", undefined, minChildLots, PARENT_LOTS_MAX);
  const most = Math.min(instrument.maxLots, PARENT_LOTS_MAX);
  const maxChildLots = reader.integer("ALGO_QUANTITY", "maxChildLots", most, minChildLots, most);
  const needsLimit = spec.algo === "iceberg" || spec.algo === "sweep";
  const open = needsLimit ? undefined : side === "buy" ? MAX_TICKS : -MAX_TICKS;
  const limitTicks = reader.integer("ALGO_LIMIT", "limitTicks", open, -MAX_TICKS, MAX_TICKS);
  const startNs = reader.integer("ALGO_TIME", "startNs", nowNs, nowNs, NEVER - 1);
  const endNs = reader.integer("ALGO_TIME", "endNs", needsLimit ? NEVER : undefined, startNs + 1, NEVER);
  const wholeNs = endNs - startNs;
  return {
    ...{ instrument: instrument.key, side, lots, limitTicks, startNs, endNs },
    tag: reader.text("tag", `algo-${id}`),
    urgency: reader.number("urgency", 0.2, 0, 1),
    throughTicks: reader.integer("ALGO_PARAMETER", "throughTicks", 0, 0, MAX_TICKS),
    requoteTicks: reader.integer("ALGO_PARAMETER", "requoteTicks", 1, 1, MAX_TICKS),
    requoteNs: reader.integer("ALGO_PARAMETER", "requoteNs", 1_000_000_000, 0, NEVER),
    retryNs: reader.integer("ALGO_PARAMETER", "retryNs", 500_000_000, 1, 1e15),
    refusalsMax: reader.integer("ALGO_PARAMETER", "refusalsMax", 10, 1, 1_000_000),
    ...{ minChildLots, maxChildLots, minNotionalMinor: readNotional(reader, spec, instrument) },
    maxParticipation: reader.number("maxParticipation", 1, 0, 1),
    ownPrints: reader.flag("ownPrints", true),
    blockLots: reader.integer("ALGO_PARAMETER", "blockLots", NEVER, 1, NEVER),
    marketLots: reader.integer("ALGO_PARAMETER", "marketLots", NEVER, 1, NEVER),
    residual: reader.choice("ALGO_PARAMETER", "residual", ["cancel", "cross", "carry"], "cancel"),
    cleanupNs: reader.integer("ALGO_PARAMETER", "cleanupNs", Math.floor(wholeNs / 20), 0, wholeNs),
  };
}

function readNotional(reader: TermsReader, spec: AlgoSpec, instrument: Instrument): number {
  if (spec.minNotional === undefined) return 0;
  const amount = parseMoney(spec.minNotional, instrument.quote);
  const minor = "minor" in amount ? Number(amount.minor) : Number.NaN;
  if (Number.isSafeInteger(minor) && minor >= 0) return minor;
  reader.refuse(
    "ALGO_PARAMETER",
    "minNotional",
    spec.minNotional,
    `an amount of ${instrument.quote.code} as text`,
  );
  return 0;
}
