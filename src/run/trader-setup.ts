import type { KillReadiness } from "./live-refusals.ts";
import type { LiveStages } from "./live-stages.ts";
import type { PaperTraderOptions } from "./paper-trader.ts";
import type { PreflightReport } from "./preflight.ts";
import { type PreflightParts, runPreflight } from "./preflight-collect.ts";
import { planTrader, type TraderOptions } from "./trader-options.ts";
import type { TraderVenue } from "./trader-venue.ts";

/**
 * A desk as the command knows it: what a module given by `--config` makes, anew for each start, by its default export,
 * a function of the mode `paper`, `live` or `preflight`.
 */
export interface TraderSetup extends TraderOptions {
  readonly paper?: Pick<PaperTraderOptions, "venues" | "settleNs" | "exchangeTimes">;
  readonly live?: {
    readonly venues: readonly TraderVenue[];
    readonly kill: KillReadiness;
    readonly stages?: LiveStages;
    /** Names of environment variables that have to be set: keys stand nowhere else. */
    readonly credentials?: readonly string[];
  };
  /** Clients of their own: a preflight closes what it has opened. */
  readonly preflight?: PreflightParts;
  /** Lets go of what the module has opened itself, such as a kill agent. */
  readonly close?: () => Promise<void>;
}

/** The options of a trader of either kind, without what a setup has beside them. */
export function traderOptionsOf(setup: TraderSetup): TraderOptions {
  const { paper: _paper, live: _live, preflight: _preflight, close: _close, ...options } = setup;
  return options;
}

/**
 * The preflight of a setup that was made for it: looks through its own clients, then lets go of all it holds. Where the
 * setup that is to trade is given, that one's limits and kill agent are looked at.
 */
export async function preflightSetup(
  setup: TraderSetup,
  trading: TraderSetup = setup,
): Promise<PreflightReport> {
  try {
    const kill = trading.live?.kill ?? setup.preflight?.kill ?? setup.live?.kill;
    const { risk } = trading;
    const plan = planTrader({ ...traderOptionsOf(setup), ...(risk && { risk }) }, []);
    return await runPreflight(plan, { venues: [], ...setup.preflight, ...(kill && { kill }) });
  } finally {
    await setup.close?.();
  }
}
