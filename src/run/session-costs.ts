import type { TcaReport } from "../stat/index.ts";
import { type CostOptions, CostWatch, checkCosts } from "./cost-watch.ts";
import type { SessionSource } from "./session-record.ts";
import { type ReplayOptions, type ReplayResult, replaySession } from "./session-replay.ts";

/** What a session's orders cost, and the replay that told it. */
export interface SessionCosts {
  /** One analysis for each currency in which anything was ordered. */
  readonly reports: readonly TcaReport[];
  readonly replay: ReplayResult;
}

/**
 * Analyses what the orders of a recorded session cost: a replay, watched. Of a live session own executions are among
 * the prints (`ownPrints`), of a backtest they are not.
 *
 * @throws as {@link replaySession}; `FAULT_CONFIG` naming an option of the analysis
 * @cost A replay, and what `MarketTrace` costs a message.
 */
export function sessionCosts(
  records: SessionSource,
  options: ReplayOptions & { readonly costs?: CostOptions },
): SessionCosts {
  const { costs: asked, ...replayed } = options;
  const checked = checkCosts("tca", asked) ?? {};
  let costs: CostWatch | undefined;
  const replay = replaySession(records, {
    ...replayed,
    prepare: (kernel) => {
      costs = new CostWatch(kernel, checked);
      return costs;
    },
  });
  const reports = costs?.finish(replay.kernel.nowNs[0] as number) ?? [];
  return { reports, replay };
}
