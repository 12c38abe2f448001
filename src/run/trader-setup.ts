import type { KillReadiness } from "./live-refusals.ts";
import type { LiveStages } from "./live-stages.ts";
import type { PaperTraderOptions } from "./paper-trader.ts";
import type { PreflightParts } from "./preflight-collect.ts";
import type { TraderOptions } from "./trader-options.ts";
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
