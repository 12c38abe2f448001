import process from "node:process";
import { canonicalJson, Digest, formatScaled } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import { REPORT } from "../model/index.ts";
import { closedMarketHead, type MatchingVenue, type SimBarVenue, type SimVenue } from "../sim/index.ts";
import { inferSampling, type Performance, performance, sumTrades, tcaRecord } from "../stat/index.ts";
import { type BacktestPlan, isClosed, type PlannedMarket } from "./backtest-options.ts";
import type { Recorder } from "./recorder.ts";
import type { RunInput, RunManifest, RunResult } from "./result.ts";
import { buildDrill } from "./trade-drill-build.ts";
import { VERSION } from "./version.ts";

/** What a result is built from. */
export interface FinishedRun {
  readonly plan: BacktestPlan;
  readonly kernel: TradingKernel;
  readonly venues: readonly (SimVenue | SimBarVenue | MatchingVenue)[];
  readonly recorder: Recorder;
  readonly fromNs: number;
  readonly elapsedMs: number;
  readonly events: number;
}

/** Builds the result of a finished run. */
export function buildResult(run: FinishedRun): RunResult {
  const { plan, kernel, recorder } = run;
  const manifest = buildManifest(run);
  const runHash = new Digest()
    .update(canonicalJson(manifest))
    .update(kernel.effects.hex())
    .update(canonicalJson(kernel.finalState()))
    .hex();
  kernel.portfolio.mark();
  const epoch = (ns: number): string => (kernel.baseNs + BigInt(ns)).toString();
  const { samples } = recorder;
  const simulated = plan.markets.some((market) => isClosed(market) || market.tape.meta.simulated);
  return {
    schema: "tickwright.run/1",
    name: plan.name,
    simulated,
    manifest,
    runHash,
    environment: { node: process.version, platform: process.platform, elapsedMs: run.elapsedMs },
    currency: plan.reporting.code,
    fromNs: epoch(run.fromNs),
    toNs: epoch(kernel.nowNs[0] as number),
    events: run.events,
    money: buildMoney(run),
    positions: kernel.stations.map((station, i) => {
      const { instrument } = station;
      const format = (minor: bigint): string => formatScaled(minor, instrument.quote.decimals);
      return {
        instrument: instrument.key,
        quantity: instrument.formatQuantity(kernel.ledger.positionLots[i] as number),
        realized: format(kernel.ledger.realizedMinor(i)),
        unrealized: format(kernel.ledger.unrealizedMinor(i)),
        fees: format(kernel.ledger.feesMinor(i)),
      };
    }),
    samples: {
      periodNs: samples.periodNs,
      ms: samples.atNs.map((ns) => Number((kernel.baseNs + BigInt(ns)) / 1_000_000n)),
      equity: samples.equity,
      exposure: samples.exposure,
      instruments: samples.series(),
    },
    orders: buildOrders(recorder),
    fills: buildFills(run),
    trades: buildTrades(run),
    ...buildCosts(run),
    ...drillOf(run),
    stats: buildStats(run),
    warnings: buildWarnings(run),
    ...buildStopped(run),
  };
}

function buildStopped({ recorder, kernel }: FinishedRun): Pick<RunResult, "stopped"> {
  const { stopped } = recorder;
  if (stopped === undefined) return {};
  const { cause, ns, share } = stopped;
  return { stopped: { cause, ms: Number((kernel.baseNs + BigInt(ns)) / 1_000_000n), share } };
}

function buildManifest(run: FinishedRun): RunManifest {
  const { plan, kernel, venues } = run;
  return {
    version: VERSION,
    seed: plan.seed,
    strategies: kernel.slots.map(({ name, strategy }) => ({ name, params: strategy.params ?? {} })),
    inputs: plan.markets.map((market, i) => inputOf(run, market, i)),
    models: Object.fromEntries(venues.map((venue) => [venue.instrument.key, venue.describe()])),
    risk: kernel.gate.describe(),
    cash: Object.fromEntries(
      plan.cash.map(({ minor, currency }) => [currency.code, formatScaled(minor, currency.decimals)]),
    ),
  };
}

function inputOf({ venues, plan }: FinishedRun, market: PlannedMarket, i: number): RunInput {
  const instrument = market.instrument.key;
  if (!isClosed(market)) {
    const { schema, source, simulated, rows, fromNs, toNs, contentSha256, counts } = market.tape.meta;
    return { instrument, schema, source, simulated, rows, fromNs, toNs, contentSha256, counts };
  }
  const { rows, counts, settings } = venues[i] as MatchingVenue;
  const { source } = closedMarketHead(market.closed);
  const epoch = (ns: number): string => (plan.baseNs + BigInt(ns)).toString();
  return {
    ...{ instrument, schema: "closed", source, simulated: true, rows: rows.count, counts },
    ...{ fromNs: epoch(settings.startNs), toNs: epoch(settings.endNs), contentSha256: rows.digest() },
  };
}

function buildMoney({ plan, kernel, recorder }: FinishedRun): RunResult["money"] {
  const { ledger } = kernel;
  const format = (minor: bigint): string => formatScaled(minor, plan.reporting.decimals);
  const totals = ledger.totals();
  const initial = recorder.initialEquityMinor;
  return {
    initialEquity: format(initial),
    finalEquity: format(ledger.equityMinor()),
    realized: format(totals.realizedMinor),
    unrealized: format(totals.unrealizedMinor),
    fees: format(totals.feesMinor),
    funding: format(totals.fundingMinor),
    dividends: format(totals.dividendsMinor),
  };
}

function buildOrders(recorder: Recorder): RunResult["orders"] {
  const count = (kind: number): number => recorder.counts[kind] as number;
  const refused = [...recorder.refusals.values()].reduce((sum, value) => sum + value, 0);
  return {
    submitted: recorder.sent,
    accepted: count(REPORT.accepted),
    refused,
    rejected: count(REPORT.rejected),
    canceled: count(REPORT.canceled),
    expired: count(REPORT.expired),
    replaced: count(REPORT.replaced),
    filled: recorder.filledOrders,
    partiallyFilled: recorder.partlyFilledOrders,
    fillRate: recorder.orderedQuantity === 0 ? 0 : recorder.filledQuantity / recorder.orderedQuantity,
    refusals: Object.fromEntries([...recorder.refusals].sort()),
    reasons: Object.fromEntries([...recorder.orderReasons].sort()),
    entryLatency: recorder.entryLatency.distribution(),
    reportLatency: recorder.reportLatency.distribution(),
  };
}

function buildFills({ recorder, kernel }: FinishedRun): RunResult["fills"] {
  const horizons = new Map<number, { sum: number; count: number }>();
  for (const markouts of recorder.markouts) {
    for (const { horizonNs, bp, count } of markouts.means()) {
      const at = horizons.get(horizonNs) ?? { sum: 0, count: 0 };
      horizons.set(horizonNs, { sum: at.sum + bp * count, count: at.count + count });
    }
  }
  return {
    count: recorder.fills,
    makerCount: recorder.makers,
    volume: recorder.filledQuantity,
    turnover: recorder.turnover,
    reasons: Object.fromEntries([...recorder.fillReasons].sort()),
    kept: recorder.kept.rows(kernel.instruments, kernel.baseNs),
    slippageBp: recorder.slippage.meanBp,
    markouts: [...horizons].map(([horizonNs, { sum, count }]) => ({ horizonNs, bp: sum / count, count })),
  };
}

function buildCosts({ recorder, kernel }: FinishedRun): Pick<RunResult, "tca"> {
  const { costs } = recorder;
  return costs === undefined ? {} : { tca: costs.finish(kernel.nowNs[0] as number).map(tcaRecord) };
}

function drillOf({ plan, kernel, recorder }: FinishedRun): Pick<RunResult, "drill"> {
  const { lives } = recorder;
  if (plan.drill === undefined || lives === undefined) return {};
  return { drill: buildDrill({ plan: plan.drill, markets: plan.markets, kernel, lives }) };
}

function buildTrades({ recorder, plan }: FinishedRun): RunResult["trades"] {
  const totals = sumTrades(recorder.trips.map((trips) => trips.totals(plan.reporting)));
  return totals;
}

function buildStats(run: FinishedRun): Readonly<Record<string, number | null>> {
  const { recorder } = run;
  const { samples } = recorder;
  const ms = samples.atNs.map((ns) => Number((run.kernel.baseNs + BigInt(ns)) / 1_000_000n));
  const sampling = inferSampling(ms);
  if (sampling === null) return {};
  const figures: Performance = performance({
    ms,
    equity: samples.equity,
    exposure: samples.exposure,
    periodsPerYear: sampling.periodsPerYear,
    trades: buildTrades(run),
    turnover: recorder.turnover,
  });
  return { ...figures };
}

function buildWarnings({ plan, kernel, recorder }: FinishedRun): readonly string[] {
  const warnings: string[] = [];
  for (const market of plan.markets) {
    const { key } = market.instrument;
    if (isClosed(market)) {
      warnings.push(`${key}: simulated market (${closedMarketHead(market.closed).source})`);
    } else if (market.tape.meta.simulated) {
      warnings.push(`${key}: simulated data (${market.tape.meta.source})`);
    }
  }
  for (const station of kernel.stations) {
    if (station.gaps > 0) warnings.push(`${station.instrument.key}: ${station.gaps} gaps in the feed`);
  }
  const amended = recorder.costs?.amendedCount ?? 0;
  if (amended > 0)
    warnings.push(`${amended} executions were busted or corrected: costs are those of the first word`);
  if (kernel.anomalies > 0) warnings.push(`${kernel.anomalies} reports were not legal where they came`);
  for (const slot of kernel.slots) {
    if (!slot.isWarm) warnings.push(`${slot.name}: the tape ended before its warm-up did`);
  }
  const { stopped } = recorder;
  if (stopped !== undefined)
    warnings.push(`stopped early by ${stopped.cause}: ${(100 * stopped.share).toFixed(1)} % lost`);
  if (recorder.sent === 0) warnings.push("no order was sent");
  return warnings;
}
