import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type FileJournal, openJournal, openTape } from "../host/index.ts";
import type { TapeSource } from "../port/index.ts";
import { renderCosts, renderStress, renderSummary } from "../report/index.ts";
import {
  Backtester,
  type BacktestMarket,
  type BacktestOptions,
  type ClosedBacktestMarket,
  type CostOptions,
} from "../run/index.ts";
import type { FillModel } from "../sim/index.ts";
import type { Strategy } from "../strategy/index.ts";
import { checkWorlds, stressWithProgress, worldsOf } from "./backtest-stress.ts";
import { loadMarket } from "./load-market.ts";
import { loadStrategySource, readParams, type StrategyGiven } from "./load-strategy.ts";
import { checkModels, feesOf, latencyOf, MODEL_PATHS, numberOf, queueOf } from "./model-options.ts";
import { costsOf, folderName, runWithProgress, writeRun } from "./run-files.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const HELP = `tickwright backtest --strategy FILE --tape FILE [more tapes] [options]
tickwright backtest --strategy FILE --closed FILE [options]

  --strategy FILE    a module whose default export is a strategy, a class, or a function of the parameters and of
                     { tapes }, the tapes of the run: (params, { tapes }) => strategy
  --tape FILE        a tape (tickwright tape import makes them); give it again for more instruments
  --closed FILE      a closed market, where orders and a seeded crowd meet in one book: JSON, or a module that exports
                     { closed: { instrument, seed, durationNs, ... }, venue, fees }; give it again for more
  --market-seed N    the seed of closed markets; that of their files unless given
  --param NAME=VALUE a parameter for the class or function; give it again for more
  --cash C=AMOUNT    cash at the start, such as USD=100000; 100000 of each tape's currency unless given
  --fees MAKER,TAKER rates such as 0.0002,0.0004; those of the tape or market unless given
  --latency-ms E,R   to the venue and back, for depth tapes and closed markets; 5,5 unless given here
                     or in a market's file
  --queue MODEL      riskAverse, log, log2, power:N, power2:N or power3:N, for depth tapes; power3:3 unless given
  --fills MODEL      partial or noPartial, for depth tapes; partial unless given
  --participation S  the most of a bar's volume our fills may be, for bars; 0.1 unless given
  --slippage-ticks N what a market order pays beyond a bar's open, for bars; 0 unless given
  --seed N           for ctx.rng; 1 unless given
  --name NAME        the run's name
  --out FOLDER       where runs go; out unless given
  --journal FOLDER   records the run as a session: see tickwright replay, tickwright diff
  --tca MODE         table: print what the orders cost after the run; off: do not analyse it; table unless given
  --infrastructure C=AMOUNT  what feeds and servers cost a day, such as USD=12.50, shared out among the orders
  --stress WORLDS    runs it again in worse worlds, each alone and all together: latency=2x (or +5ms), fees=1.5x (or
                     +2bp), spread=+1tick, drop=0.1% of the feed's messages (they come with the next one), lost=0.1% of
                     orders, cancels and replaces; the strategy has to be a class or a function
  --drill            keeps single trades with the book around their fills, for the report; takes a second walk over
                     the tapes, the run's hash stays
  --debug            views kept beyond their callback fault
  --json             print the result as one JSON object in place of the table

Writes <out>/<name>/report.html, <out>/<name>/result.json and, of the costs, <out>/<name>/costs.csv; with --stress also
stress.json and stress.csv.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  strategy: { type: "string" },
  tape: { type: "string", multiple: true },
  closed: { type: "string", multiple: true },
  "market-seed": { type: "string" },
  param: { type: "string", multiple: true },
  cash: { type: "string", multiple: true },
  fees: { type: "string" },
  "latency-ms": { type: "string" },
  queue: { type: "string" },
  fills: { type: "string" },
  participation: { type: "string" },
  "slippage-ticks": { type: "string" },
  seed: { type: "string" },
  name: { type: "string" },
  out: { type: "string" },
  journal: { type: "string" },
  tca: { type: "string" },
  drill: { type: "boolean" },
  infrastructure: { type: "string", multiple: true },
  stress: { type: "string" },
  debug: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** Where a fault of a backtest tells of an option. */
const PATHS: OptionPaths = {
  ...MODEL_PATHS,
  "backtest.seed": "--seed",
  "backtest.cash": "--cash",
  "backtest.name": "--name",
  "backtest.tca.infrastructure": "--infrastructure",
};

const COST_PATHS: OptionPaths = { "tca.infrastructure": "--infrastructure" };

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
}

/** `tickwright backtest`: one run, its report and its result. */
export async function backtestCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.strategy === undefined) throw new Usage("--strategy which file?");
  const paths = [...(values.tape ?? []), ...positionals];
  const closed = values.closed ?? [];
  if (paths.length + closed.length === 0) throw new Usage("--tape which file? Or --closed which market?");
  if (values.name?.trim() === "") throw new Usage("--name: a name has letters");
  const worlds = values.stress === undefined ? undefined : await worldsOf(values.stress);
  const makeStrategy = await strategiesOf(values, worlds !== undefined);
  const closedMarkets = await closedMarketsOf(closed, values);
  const tapes = paths.map((path) => openTape(path));
  let journal: FileJournal | undefined;
  try {
    checkModels(
      values,
      [...tapes.map(({ meta }) => meta.schema), ...closed.map(() => "closed")],
      ` in ${[...paths, ...closed].join(" ")}`,
    );
    const markets = await usageOf(MODEL_PATHS, () => [
      ...tapes.map((tape) => marketOf(tape, values)),
      ...closedMarkets.map((market) => closedOf(market, values)),
    ]);
    const make = (): BacktestOptions => ({
      markets,
      strategies: [makeStrategy({ tapes })],
      cash: cashOf(values.cash, markets),
      seed: numberOf("--seed", values.seed, 1),
      debug: values.debug === true,
      tca: tcaOf(values),
      ...(values.name === undefined ? {} : { name: values.name }),
    });
    const options = make();
    const [strategy] = options.strategies;
    if (worlds !== undefined) await checkWorlds(worlds, options);
    journal = values.journal === undefined ? undefined : newJournal(values.journal);
    const backtester = await usageOf(
      PATHS,
      () =>
        new Backtester({
          ...options,
          ...(journal === undefined ? {} : { journal }),
          // Of this run alone: worse worlds have no page of their own.
          drill: values.drill === true,
        }),
    );
    const name = values.name ?? strategy?.name ?? "backtest";
    // Which currencies and decimals there are is known only to a run.
    const result = await usageOf(COST_PATHS, () => runWithProgress(name, backtester));
    const stress =
      worlds === undefined ? undefined : stressWithProgress(name, { make, worlds, base: result });
    const files = writeRun(join(values.out ?? "out", folderName(result.name)), result, stress);
    const tables = [renderSummary([result]), ...(stress === undefined ? [] : [renderStress(stress)])];
    process.stdout.write(
      values.json === true
        ? `${JSON.stringify(stress === undefined ? result : { ...result, stress })}\n`
        : [...tables, renderCosts(costsOf(result))].join("\n"),
    );
    process.stderr.write(`${files.report}\n${files.result}\n`);
  } finally {
    journal?.close();
    for (const tape of tapes) tape.close();
  }
  return 0;
}

/** What makes the run's strategies; only one of them where the file exports a strategy as it is. */
async function strategiesOf(
  { strategy: path = "", param = [] }: Values,
  isStressed: boolean,
): Promise<(given: StrategyGiven) => Strategy> {
  const params = readParams(param);
  const source = await loadStrategySource(path);
  if (isStressed && !source.isMaker) {
    throw new Usage(`--stress: ${path} exports one strategy; each run needs its own: a class or a function`);
  }
  return (given) => source.make(params, given);
}

/** A journal for a session that can be run again: what is lost with the power is worth nothing. */
export function newJournal(path: string): FileJournal {
  const { journal } = openJournal(path, { policy: "async", baseNs: 0n, create: true });
  if (journal.lastSeq === 0) return journal;
  journal.close();
  throw new Usage(`--journal: ${path} holds a session already`);
}

/** The options that say what a backtest trades, and at which venues. */
export type BacktestValues = Pick<
  Values,
  "cash" | "fees" | "latency-ms" | "queue" | "fills" | "participation" | "slippage-ticks" | "seed"
>;

/** A tape's market, its venue as the options say. */
export function marketOf(tape: BacktestMarket["tape"], values: BacktestValues): BacktestMarket {
  const fees = values.fees === undefined ? {} : { fees: feesOf(values.fees) };
  if (tape.meta.schema === "bars") {
    const participation = numberOf("--participation", values.participation, 0.1);
    const slippageTicks = numberOf("--slippage-ticks", values["slippage-ticks"], 0);
    return { tape, ...fees, bars: { participation, slippageTicks } };
  }
  const latency = latencyOf(values["latency-ms"] ?? "5,5");
  const fills = (values.fills ?? "partial") as FillModel;
  return { tape, ...fees, venue: { latency, fills, queue: queueOf(values.queue ?? "power3:3") } };
}

async function closedMarketsOf(
  paths: readonly string[],
  values: Values,
): Promise<readonly ClosedBacktestMarket[]> {
  const text = values["market-seed"];
  if (text !== undefined && paths.length === 0) throw new Usage("--market-seed is for --closed");
  const seed = text === undefined ? undefined : numberOf("--market-seed", text, 0);
  if (seed !== undefined && !Number.isSafeInteger(seed))
    throw new Usage(`--market-seed: ${text} is no integer`);
  return await Promise.all(paths.map((path) => loadMarket(path, seed)));
}

function closedOf(market: ClosedBacktestMarket, values: Values): ClosedBacktestMarket {
  const asked = values["latency-ms"];
  const own = market.venue?.latency;
  const latency = asked === undefined && own !== undefined ? own : latencyOf(asked ?? "5,5");
  const fees = values.fees === undefined ? {} : { fees: feesOf(values.fees) };
  return { ...market, ...fees, venue: { ...market.venue, latency } };
}

function tcaOf({ tca = "table", infrastructure = [] }: Values): boolean | CostOptions {
  if (tca !== "table" && tca !== "off") throw new Usage(`--tca: ${tca} is neither table nor off`);
  if (tca === "off" && infrastructure.length > 0) throw new Usage("--infrastructure is for --tca table");
  if (infrastructure.length === 0) return tca === "table";
  const perDay: Record<string, string> = {};
  for (const pair of infrastructure) {
    const [, code, amount] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
    if (code === undefined || amount === undefined)
      throw new Usage(`--infrastructure: ${pair} is no currency=amount`);
    if (Object.hasOwn(perDay, code)) throw new Usage(`--infrastructure: ${code} is given twice`);
    perDay[code] = amount;
  }
  return { infrastructure: { perDay } };
}

/** What a strategy is backtested with over tapes, as the options say. */
export function backtestOver(
  tapes: readonly TapeSource[],
  values: BacktestValues,
  strategy: Strategy,
): BacktestOptions {
  const markets = tapes.map((tape) => marketOf(tape, values));
  const seed = numberOf("--seed", values.seed, 1);
  return { markets, strategies: [strategy], cash: cashOf(values.cash, markets), seed };
}

/** Cash as `--cash` says it; of each quote currency unless given. */
export function cashOf(
  pairs: readonly string[] | undefined,
  markets: readonly (BacktestMarket | ClosedBacktestMarket)[],
): Record<string, string> {
  const cash: Record<string, string> = {};
  for (const pair of pairs ?? []) {
    const [code = "", amount] = pair.split("=");
    if (amount === undefined) throw new Usage(`--cash: ${pair} is no currency=amount`);
    cash[code] = amount;
  }
  const quotes = markets.map((market) => {
    const { quote } = "closed" in market ? market.closed.instrument : market.tape.meta.instrument;
    return typeof quote === "string" ? quote : quote.code;
  });
  const codes = [...new Set([...Object.keys(cash), ...quotes])];
  if (codes.length > 1)
    throw new Usage(`--cash and tapes are in ${codes.join(", ")}: no rate is known, one currency a run`);
  return pairs === undefined ? Object.fromEntries(codes.map((code) => [code, "100000"])) : cash;
}
