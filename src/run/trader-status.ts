import { NO_ASK, NO_BID } from "../book/index.ts";
import type { FeedStageFigures } from "./feed-stage.ts";
import type { OpenedSession } from "./session-recovery.ts";
import type { TraderState } from "./trader-alerts.ts";
import type { FeedFigures } from "./trader-feeds.ts";
import type { HoldReason, TraderHolds } from "./trader-holds.ts";
import type { TraderPlan } from "./trader-options.ts";
import type { StaleWatch } from "./trader-stale.ts";
import type { TraderVenue } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

/** One instrument, as a dashboard shows it. @units ticks, lots, ns */
export interface TraderInstrumentStatus {
  readonly instrument: string;
  /** Why it takes no new orders; empty where it does. */
  readonly held: readonly HoldReason[];
  readonly bidTicks: number | null;
  readonly askTicks: number | null;
  /** Since the market was last heard of. */
  readonly ageNs: number;
  readonly positionLots: number;
  readonly openOrders: number;
}

/** Where a trader stands: plain values, JSON-safe. @units ns from the session's base */
export interface TraderStatus {
  readonly name: string;
  readonly state: TraderState;
  readonly nowNs: number;
  readonly strategies: readonly { readonly name: string; readonly fault: string | null }[];
  readonly instruments: readonly TraderInstrumentStatus[];
  readonly feeds: readonly FeedFigures[];
  /** How the stage judges each source of each instrument; empty where it does not. */
  readonly sources: readonly FeedStageFigures[];
  readonly venues: readonly Readonly<Record<string, unknown>>[];
  readonly openOrders: number;
  /** Since the trader was started. */
  readonly fills: number;
  readonly rowsRefused: number;
  /** Minor units of the reporting currency, as decimal text; `null` before the session is open. */
  readonly equityMinor: string | null;
  readonly journal: { readonly lastSeq: number; readonly durableSeq: number } | null;
  readonly snapshotFault: string | null;
}

/** What a status is made of. @internal */
export interface TraderStatusParts {
  readonly plan: TraderPlan;
  readonly state: TraderState;
  readonly opened: OpenedSession | undefined;
  readonly holds: TraderHolds;
  readonly stale: StaleWatch;
  readonly feeds: readonly FeedFigures[];
  readonly sources: readonly FeedStageFigures[];
  readonly venues: readonly TraderVenue[];
  readonly fills: number;
  readonly rowsRefused: number;
  readonly nowNs: number;
}

/** Looks at a trader without changing anything. */
export function traderStatus(parts: TraderStatusParts): TraderStatus {
  const { plan, state, opened, holds, stale, feeds, sources, venues, fills, rowsRefused, nowNs } = parts;
  const kernel = opened?.session.kernel;
  const known = (ticks: number | undefined, none: number): number | null =>
    ticks === undefined || ticks === none ? null : ticks;
  return {
    name: plan.session.name,
    ...{ state, nowNs, feeds, sources, fills, rowsRefused },
    strategies: (kernel?.slots ?? []).map(({ name, fault }) => ({ name, fault: fault?.message ?? null })),
    instruments: plan.session.instruments.map(({ key }, i) => ({
      instrument: key,
      held: holds.of(i),
      bidTicks: known(kernel?.stations[i]?.book.bestBid, NO_BID),
      askTicks: known(kernel?.stations[i]?.book.bestAsk, NO_ASK),
      ageNs: stale.ageNs(i, nowNs),
      positionLots: kernel?.ledger.positionLots[i] ?? 0,
      openOrders: openOrdersOf(opened?.session, i),
    })),
    venues: venues.map((venue) => ({ venue: venue.name, isQuiet: venue.isQuiet(), ...venue.figures() })),
    openOrders: plan.session.instruments.reduce((sum, _, i) => sum + openOrdersOf(opened?.session, i), 0),
    equityMinor: kernel === undefined ? null : String(kernel.portfolio.equityMinor),
    journal:
      opened === undefined
        ? null
        : { lastSeq: opened.journal.lastSeq, durableSeq: opened.journal.durableSeq },
    snapshotFault: opened?.session.snapshotFault?.message ?? null,
  };
}

/** How many orders of an instrument are open, or not known to be over. @internal */
export function openOrdersOf(session: TradingSession | undefined, station: number): number {
  const orders = session?.kernel.orders;
  let count = 0;
  if (orders === undefined) return count;
  for (let row = orders.firstOfInstrument(station); row >= 0; row = orders.nextOfInstrument(row)) count += 1;
  return count;
}

/** Orders that are open in any instrument. */
export function openOrdersIn(session: TradingSession | undefined): number {
  const stations = session?.kernel.stations ?? [];
  return stations.reduce((sum, { index }) => sum + openOrdersOf(session, index), 0);
}
