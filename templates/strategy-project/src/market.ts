import { openTape } from "tickwright/host";
import { flatFees } from "tickwright/model";
import type { TapeSource } from "tickwright/port";
import type { BacktestOptions } from "tickwright/run";
import { ConstantLatency, generateDepthTape } from "tickwright/sim";
import type { Strategy } from "tickwright/strategy";

const MS = 1_000_000;
const HOUR = 3_600_000 * MS;

/** A made-up instrument: a tick is 0.01 USDT, a lot 1 SIM. */
export const INSTRUMENT = {
  symbol: "SIMUSDT",
  venue: "sim",
  tickSize: "0.01",
  lotSize: "1",
  base: "SIM",
  quote: "USDT",
};

/** An hour of a simulated market, the same each time. Simulated: what is earned here says nothing about any market. */
export function sampleTape(): ReturnType<typeof generateDepthTape> {
  return generateDepthTape({ instrument: INSTRUMENT, seed: 1, durationNs: HOUR });
}

/** Tapes from files, as `tickwright tape` makes them; the sample where none is named. */
export function openTapes(paths: readonly string[]): readonly TapeSource[] {
  return paths.length === 0 ? [sampleTape()] : paths.map((path) => openTape(path));
}

/** What a strategy is tested with: the one place for fees, latency and cash of backtest, sweep and tests. */
export function backtestOf(tapes: readonly TapeSource[], strategy: Strategy): BacktestOptions {
  const fees = flatFees("0.0001", "0.0004"); // of the value of a fill, as maker and as taker
  const latency = new ConstantLatency({ entryNs: 5 * MS, responseNs: 5 * MS });
  const quotes = tapes.map(({ meta }) => meta.instrument.quote);
  return {
    markets: tapes.map((tape) =>
      tape.meta.schema === "bars" ? { tape, fees } : { tape, fees, venue: { latency } },
    ),
    strategies: [strategy],
    cash: Object.fromEntries(
      quotes.map((quote) => [typeof quote === "string" ? quote : quote.code, "10000"]),
    ),
  };
}
