import type { TradingSession } from "../run/index.ts";
import type { ClientSession } from "./client-session.ts";
import type { EngineParts } from "./engine-parts.ts";
import type { FeedClient } from "./feed-client.ts";

/** Tells what a process has noticed of what went wrong, by the class of fault. */
export function tellFound(
  found: EngineParts["found"],
  feeds: readonly FeedClient[],
  clients: readonly ClientSession[],
  session: TradingSession,
): void {
  const sum = <Of>(all: readonly Of[], pick: (each: Of) => number): number =>
    all.reduce((total, each) => total + pick(each), 0);
  const counts = {
    feedGap: sum(feeds, (feed) => feed.counts.gaps),
    feedDiverge: sum(feeds, (feed) => feed.counts.divergent),
    messageCorrupt: sum(clients, (client) => client.counts.unsound),
    hostClockJump: session.clockBackwards,
  } as const;
  for (const name of Object.keys(counts) as (keyof typeof counts)[]) {
    if (counts[name] > 0) found(name, counts[name]);
  }
}
