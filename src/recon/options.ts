import { checkChoice, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import type { Minor } from "./view.ts";

const HOURS_MAX = 86_400_000_000_000;
const ROWS_MAX = 1_000_000;

/** What becomes of an order that is open at the venue and not with us. */
export type OrphanPolicy = "adopt" | "cancel";

/**
 * Options of a reconciliation of one account at one venue.
 *
 * @units ns; lots; minor units
 */
export interface ReconOptions {
  readonly venue: string;
  readonly account: string;
  /** A request or report younger than this is on its way, no break. */
  readonly ackTimeoutNs: number;
  /** A break older than this is confirmed, however often it was seen. */
  readonly graceNs: number;
  readonly orphans: OrphanPolicy;
  /** A request unanswered for longer than this is stuck; `ackTimeoutNs` unless given, and at least that. */
  readonly stuckNs?: number;
  /** How far the venue's clock and ours may be apart; 0 unless given. */
  readonly clockErrorNs?: number;
  /** Consecutive mismatches that confirm a break; 2 unless given. */
  readonly confirmations?: number;
  /** A position drift up to this is corrected without a human; 0 unless given. */
  readonly positionToleranceLots?: number;
  /** A cash or fee drift up to this is adjusted without a human, in every currency; 0 unless given. */
  readonly cashToleranceMinor?: Minor;
  /** The most rows of each section; 100,000 unless given. */
  readonly rowsMax?: number;
}

/** {@link ReconOptions} with every default in place. */
export interface ReconRules extends Required<Omit<ReconOptions, "cashToleranceMinor">> {
  readonly cashToleranceMinor: bigint;
}

/** The names of all {@link ReconOptions}. */
export const RECON_OPTIONS = [
  "venue",
  "account",
  "ackTimeoutNs",
  "graceNs",
  "orphans",
  "stuckNs",
  "clockErrorNs",
  "confirmations",
  "positionToleranceLots",
  "cashToleranceMinor",
  "rowsMax",
] as const satisfies readonly (keyof ReconOptions)[];

/**
 * Checks options and fills in what was left out.
 *
 * @throws `FAULT_CONFIG` naming the option.
 */
export function checkReconOptions(options: ReconOptions): ReconRules {
  checkKeys("recon", options, RECON_OPTIONS);
  const ackTimeoutNs = checkInteger("recon.ackTimeoutNs", options.ackTimeoutNs, 1, HOURS_MAX);
  return {
    venue: checkText("recon.venue", options.venue),
    account: checkText("recon.account", options.account),
    ackTimeoutNs,
    graceNs: checkInteger("recon.graceNs", options.graceNs, 1, HOURS_MAX),
    orphans: checkChoice("recon.orphans", options.orphans, ["adopt", "cancel"]),
    stuckNs: checkInteger("recon.stuckNs", options.stuckNs ?? ackTimeoutNs, ackTimeoutNs, HOURS_MAX),
    clockErrorNs: checkInteger("recon.clockErrorNs", options.clockErrorNs ?? 0, 0, HOURS_MAX),
    confirmations: checkInteger("recon.confirmations", options.confirmations ?? 2, 1, 16),
    positionToleranceLots: checkInteger("recon.positionToleranceLots", options.positionToleranceLots ?? 0, 0),
    cashToleranceMinor: checkTolerance(options.cashToleranceMinor ?? 0n),
    rowsMax: checkInteger("recon.rowsMax", options.rowsMax ?? 100_000, 1, ROWS_MAX),
  };
}

function checkTolerance(value: Minor): bigint {
  const minor = minorOf(value);
  if (minor !== undefined && minor >= 0n) return minor;
  const expected = "a bigint of at least 0, or its decimal text";
  throw new Fault("FAULT_CONFIG", { path: "recon.cashToleranceMinor", value, expected });
}

/** The amount as a bigint; undefined where the value is none. */
export function minorOf(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value !== "string" || !/^-?(0|[1-9]\d{0,37})$/.test(value)) return undefined;
  return BigInt(value);
}
