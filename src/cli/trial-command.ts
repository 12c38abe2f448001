import process from "node:process";
import { parseArgs } from "node:util";
import { openTape } from "../host/index.ts";
import {
  checkWarmUp,
  findLookAhead,
  type LookAheadReport,
  type TrialOptions,
  type WarmUpReport,
} from "../trial/index.ts";
import { backtestOver } from "./backtest-command.ts";
import { loadStrategyMaker, readParams } from "./load-strategy.ts";
import { checkModels, MODEL_PATHS, numberOf } from "./model-options.ts";
import { ProgressBar } from "./progress-bar.ts";
import { lookAheadLines, trialJson, warmUpLines } from "./trial-words.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const HELP = `tickwright trial --strategy FILE --tape FILE [more tapes] [options]

Looks for look-ahead: runs the backtest again over tapes whose future is another from some moment on, and compares what
was decided before. Then checks the warm-up: begins in the midst of the tapes, and compares with what knew all the past.

  --strategy FILE    a module whose default export is a class, or a function of the parameters and of { tapes }, the
                     tapes of the run: what computes ahead from them has to take them from there, or is not found
  --tape FILE        a tape; again for more instruments
  --cuts N           moments behind which the future is another, a half of them right behind decisions; 12 unless given
  --starts N         beginnings in the midst of the tapes for the warm-up; 4 unless given
  --trial-seed N     of the other futures; 1 unless given
  --param NAME=VALUE a parameter for the class or function
  --json             prints one JSON object in place of the lines
  and of tickwright backtest: --cash --fees --latency-ms --queue --fills --participation --slippage-ticks --seed

Runs 2 + 3 N backtests, and 2 for each start and length of warm-up tried. Exit code 1: a leak, or a warm-up too short.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  strategy: { type: "string" },
  tape: { type: "string", multiple: true },
  cuts: { type: "string" },
  starts: { type: "string" },
  "trial-seed": { type: "string" },
  param: { type: "string", multiple: true },
  cash: { type: "string", multiple: true },
  fees: { type: "string" },
  "latency-ms": { type: "string" },
  queue: { type: "string" },
  fills: { type: "string" },
  participation: { type: "string" },
  "slippage-ticks": { type: "string" },
  seed: { type: "string" },
  json: { type: "boolean" },
} as const;

const PATHS: OptionPaths = {
  ...MODEL_PATHS,
  "backtest.seed": "--seed",
  "backtest.cash": "--cash",
  "lookAhead.cuts": "--cuts",
  "lookAhead.seed": "--trial-seed",
  "lookAhead.tapes": "--tape",
  "warmUp.cuts": "--starts",
};

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
}

/** `tickwright trial`: look-ahead and warm-up of one's own strategy. */
export async function trialCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.strategy === undefined) throw new Usage("--strategy which file?");
  const paths = [...(values.tape ?? []), ...positionals];
  if (paths.length === 0) throw new Usage("--tape which file?");
  const makeStrategy = await loadStrategyMaker(values.strategy);
  const tapes = paths.map((path) => openTape(path));
  try {
    const schemas = tapes.map(({ meta }) => meta.schema);
    checkModels(values, schemas, ` in ${paths.join(" ")}`);
    const params = readParams(values.param ?? []);
    const make: TrialOptions["make"] = (over) =>
      backtestOver(over, values, makeStrategy(params, { tapes: over }));
    const options = { make, tapes, seed: numberOf("--trial-seed", values["trial-seed"], 1) };
    const lookAhead = await usageOf(PATHS, () => searched(options, numberOf("--cuts", values.cuts, 12)));
    const warmUp = await usageOf(PATHS, () => checked(options, numberOf("--starts", values.starts, 4)));
    return told(values, { lookAhead, warmUp }, baseOf(tapes.map(({ meta }) => BigInt(meta.baseNs))));
  } finally {
    for (const tape of tapes) tape.close();
  }
}

/** The run's base: the tapes' earliest. */
function baseOf(bases: readonly bigint[]): bigint {
  return bases.reduce((a, b) => (a < b ? a : b));
}

function searched(options: TrialOptions, cuts: number): LookAheadReport {
  const bar = new ProgressBar("look-ahead", "runs");
  const onProgress = (done: number, total: number): void => bar.update(done, total);
  const report = findLookAhead({ ...options, cuts, onProgress });
  bar.finish(report.runs);
  return report;
}

function checked(options: TrialOptions, cuts: number): WarmUpReport {
  const bar = new ProgressBar("warm-up", "runs");
  const onProgress = (done: number, total: number): void => bar.update(done, total);
  const report = checkWarmUp({ ...options, cuts, onProgress });
  bar.finish(report.runs);
  return report;
}

interface Reports {
  readonly lookAhead: LookAheadReport;
  readonly warmUp: WarmUpReport;
}

function told(values: Values, { lookAhead, warmUp }: Reports, baseNs: bigint): number {
  const lines = [...lookAheadLines(lookAhead, baseNs), ...warmUpLines(warmUp, baseNs)];
  const json = trialJson(lookAhead, warmUp, baseNs);
  process.stdout.write(values.json === true ? `${JSON.stringify(json)}\n` : `${lines.join("\n")}\n`);
  return lookAhead.leaks.length > 0 || !isWarmUpEnough(warmUp) ? 1 : 0;
}

/** A tape too short for a start says nothing of a warm-up: that is no finding. */
function isWarmUpEnough({ starts, isEnough }: WarmUpReport): boolean {
  return isEnough || starts.length === 0;
}
