import { Fault, type Scaled } from "../base/index.ts";
import { type DepthBlock, type FeeSchedule, NO_FEES } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import type { BacktestMarket, BacktestOptions, ClosedBacktestMarket } from "../run/index.ts";
import type { LatencyModel } from "../sim/index.ts";
import { multipliedFees, raisedFees } from "./dearer-fees.ts";
import { LateTape } from "./late-tape.ts";
import type { StressWorld } from "./stress.ts";
import { isNoLatency, LongerLatency, LossyLatency, NO_LATENCY } from "./worse-latency.ts";

type Market = BacktestMarket | ClosedBacktestMarket;

/** A venue's latency is so many times as long, and so much longer. @units ns */
export function longerLatency(name: string, factor: number, addNs: number): StressWorld {
  return world(name, "a market of depth whose latency is not 0", (market) =>
    withLatency(market, (latency) =>
      addNs === 0 && isNoLatency(latency) ? latency : new LongerLatency(latency, factor, addNs),
    ),
  );
}

/** A share of what is sent is lost on the way to the venue. */
export function lossyOrders(name: string, share: number, seed: number): StressWorld {
  return world(name, "a market of depth: bars know no way to the venue", (market, i) =>
    withLatency(market, (latency) => new LossyLatency(latency, share, seed + i)),
  );
}

/** A share of the feed's messages comes only with the next one. */
export function lossyFeed(name: string, share: number, seed: number): StressWorld {
  return world(name, "a depth tape: bars and closed markets lose no messages", (market, i) => {
    if ("closed" in market || market.tape.meta.schema === "bars") return market;
    return { ...market, tape: new LateTape(market.tape as TapeSource<DepthBlock>, share, seed + i) };
  });
}

/** Orders meet the market so many ticks further away. */
export function furtherMarket(name: string, ticks: number): StressWorld {
  return world(name, "a tape: what a closed market's spread is, its own orders make", (market) => {
    if ("closed" in market) return market;
    if (market.tape.meta.schema === "bars") {
      return { ...market, bars: { ...market.bars, spreadTicks: (market.bars?.spreadTicks ?? 0) + ticks } };
    }
    return { ...market, venue: { ...market.venue, spreadTicks: (market.venue?.spreadTicks ?? 0) + ticks } };
  });
}

/** Everything that is charged is so many times as much, or every rate higher by so much. */
export function dearerFees(
  name: string,
  by: { readonly times: Scaled } | { readonly plus: Scaled },
): StressWorld {
  return world(name, "fees that are not 0", (market) => {
    const fees = feesOf(market);
    const dearer = "times" in by ? multipliedFees(fees, by.times) : raisedFees(fees, by.plus);
    return JSON.stringify(dearer) === JSON.stringify(fees) ? market : { ...market, fees: dearer };
  });
}

/** A world in which each market is changed for itself. A change that leaves all of them as they are is refused. */
function world(name: string, needs: string, change: (market: Market, i: number) => Market): StressWorld {
  const [part = ""] = name.split("=");
  return {
    name,
    apply: (options: BacktestOptions): BacktestOptions => {
      const markets = options.markets.map(change);
      if (markets.some((market, i) => market !== options.markets[i])) return { ...options, markets };
      const expected = `${needs}; here it would change nothing`;
      throw new Fault("FAULT_CONFIG", {
        path: `stress.${part}`,
        value: name.slice(part.length + 1),
        expected,
      });
    },
  };
}

function withLatency(market: Market, change: (latency: LatencyModel) => LatencyModel): Market {
  if (!("closed" in market) && market.tape.meta.schema === "bars") return market;
  const before = market.venue?.latency ?? NO_LATENCY;
  const latency = change(before);
  return latency === before ? market : ({ ...market, venue: { ...market.venue, latency } } as Market);
}

function feesOf(market: Market): FeeSchedule {
  const { instrument } = "closed" in market ? market.closed : market.tape.meta;
  return market.fees ?? instrument.fees ?? NO_FEES;
}
