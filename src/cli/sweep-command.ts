import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Fault, sha256Hex } from "../base/index.ts";
import { openTape, threadModule } from "../host/index.ts";
import type { TapeSource } from "../port/index.ts";
import { renderSweep } from "../report/index.ts";
import { Backtester } from "../run/index.ts";
import {
  Sweep,
  type SweepOptions,
  type SweepProgress,
  type SweepResult,
  type SweepStudy,
  sweepCsv,
  sweepJson,
  sweepStudy,
  ThreadExecutor,
  writeSweepParquet,
} from "../sweep/index.ts";
import { cashOf, marketOf } from "./backtest-command.ts";
import { readParams } from "./load-strategy.ts";
import { checkModels, MODEL_PATHS, numberOf } from "./model-options.ts";
import { ProgressBar } from "./progress-bar.ts";
import { folderName } from "./run-files.ts";
import { StopSignals } from "./stop-signals.ts";
import { studyJson, studyLines } from "./study-words.ts";
import { pruneOf, searchOf, spaceOf, whereOf } from "./sweep-words.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const HELP = `tickwright sweep --strategy FILE --tape FILE --space NAME=VALUES [more] [options]

  --strategy FILE    a module whose default export is a class or a function of the parameters (defineStrategy makes
                     one), and of { tapes }, the tapes of the run: called anew for each point
  --tape FILE        a tape; again for more instruments
  --space N=VALUES   fast=5:50:5 (from:to:step), mode=long,both (a list), gamma=0.001~0.1:log (any number between, even
                     on a logarithmic scale), n=1~100:int (whole ones); again for each parameter
  --search HOW       grid, random:POINTS, random:POINTS:SEED or sobol:POINTS; grid unless given
  --where TEST       leaves out points where it does not hold: fast<slow, mode!=both; again for more
  --objective FIGURE what is wanted high, or with a - before it low; sharpe unless given
  --patience N       ends behind N points in a row, by their number, none of which is better than the best before
  --prune-loss S     ends a point's backtest where it has lost this share of its initial equity, such as 10%
  --prune-drawdown S ends it where its equity lies this share below its highest, such as 20%
  --prune-after S    but no earlier than this part of the tapes' time, such as 25%; 0% unless given
                     judged at each --period; the point counts as a trial, and is never the best
  --param NAME=VALUE a parameter of all points
  --jobs N           threads; as many as the machine runs at once unless given
  --period SECONDS   of the returns that are kept of each point; the longest that makes 250 unless given
  --parquet          writes results.parquet too
  --name NAME        the sweep's name; sweep unless given
  --out FOLDER       where sweeps go; out unless given
  --json             prints one JSON object in place of the table
  and of tickwright backtest: --cash --fees --latency-ms --queue --fills --participation --slippage-ticks --seed

What every point is made from, in a strategy's file, and in the recipe that a program gives to Sweep in its place:

  export default (params, { tapes }) => new Cross(params, tapes[0].meta.instrument);
  export const recipe = () => (params, tapes) => ({ markets: [{ tape: tapes[0] }], cash: { USD: "100000" },
    strategies: [new Cross(params, tapes[0].meta.instrument)] });

Keeps what is done in <out>/<name>/points.log: after an interruption the same command goes on there, and only what
ran then runs again. With another strategy file, space or tape it is another sweep, refused there: --name gives it a
folder of its own. What the file imports is not looked at. p and Enter pause it, p and Enter again let it go on.
Writes report.html, results.csv and results.json.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  strategy: { type: "string" },
  tape: { type: "string", multiple: true },
  space: { type: "string", multiple: true },
  search: { type: "string" },
  where: { type: "string", multiple: true },
  objective: { type: "string" },
  patience: { type: "string" },
  "prune-loss": { type: "string" },
  "prune-drawdown": { type: "string" },
  "prune-after": { type: "string" },
  param: { type: "string", multiple: true },
  jobs: { type: "string" },
  period: { type: "string" },
  parquet: { type: "boolean" },
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
  json: { type: "boolean" },
} as const;

const PATHS: OptionPaths = {
  ...MODEL_PATHS,
  space: "--space",
  where: "--where",
  "search.points": "--search",
  "search.seed": "--search",
  "backtest.cash": "--cash",
  "sweep.objective": "--objective",
  "sweep.patience.points": "--patience",
  "sweep.prune.loss": "--prune-loss, as a share",
  "sweep.prune.maxDrawdown": "--prune-drawdown, as a share",
  "sweep.prune.after": "--prune-after, as a share",
  "sweep.prune": "--prune-loss or --prune-drawdown",
  "sweep.periodNs": "--period, in ns",
  "sweep.name": "--name",
  "executor.threads": "--jobs",
};

/** Options that go to the threads as they are. */
const MARKET_OPTIONS = [
  ...(["cash", "fees", "latency-ms", "queue", "fills", "participation", "slippage-ticks", "seed"] as const),
];
const SHOWN = 10;

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS });
}

/** `tickwright sweep`: backtests over a space of parameters. */
export async function sweepCommand(args: readonly string[]): Promise<number> {
  const { values } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.strategy === undefined) throw new Usage("--strategy which file?");
  if (values.tape === undefined) throw new Usage("--tape which file?");
  if (values.space === undefined) throw new Usage("--space of which parameters?");
  const folder = join(values.out ?? "out", folderName(values.name ?? "sweep"));
  const tapes = values.tape.map((path) => openTape(path));
  let sweep: Sweep;
  try {
    checkModels(
      values,
      tapes.map(({ meta }) => meta.schema),
      ` in ${values.tape.join(" ")}`,
    );
    // What is wrong with these options is wrong with every point: it is told before the first.
    await usageOf(PATHS, () => {
      const markets = tapes.map((tape) => marketOf(tape, values));
      return new Backtester({
        markets,
        strategies: [{ onStart: () => {} }],
        cash: cashOf(values.cash, markets),
      });
    });
    sweep = await usageOf(
      PATHS,
      () => new Sweep(optionsOf(values, values.strategy as string, tapes, folder)),
    );
  } finally {
    for (const tape of tapes) tape.close();
  }
  const result = await runWatched(sweep);
  const study = sweepStudy(result);
  const files = await writeFiles(folder, result, study, values.parquet === true);
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify({ ...sweepJson(result), study: studyJson(study) })}\n`
      : `${table(result)}${studyLines(study)}`,
  );
  process.stderr.write(`${files.join("\n")}\n`);
  return result.end === "stopped" || result.points.length === 0 ? 1 : 0;
}

function optionsOf(
  values: Values,
  strategy: string,
  tapes: readonly TapeSource[],
  folder: string,
): SweepOptions {
  const space = spaceOf(values.space ?? []);
  const kept = Object.fromEntries(MARKET_OPTIONS.map((name) => [name, values[name]]));
  // What an earlier text of the strategy came to is not this one's: a folder of its points belongs to another sweep.
  const code = existsSync(strategy) ? sha256Hex(readFileSync(strategy)) : "";
  const args = { strategy: resolve(strategy), code, params: readParams(values.param ?? []), values: kept };
  const module = fileURLToPath(threadModule(import.meta.url, "cli", "sweep-recipe"));
  return {
    ...{ name: values.name ?? "sweep", space, tapes, folder, search: searchOf(values.search ?? "grid") },
    recipe: { module, name: "recipe", args: JSON.parse(JSON.stringify(args)) as unknown },
    executor: new ThreadExecutor(
      values.jobs === undefined ? {} : { threads: numberOf("--jobs", values.jobs, 1) },
    ),
    ...(values.where === undefined ? {} : { where: whereOf(values.where, space) }),
    ...(values.objective === undefined ? {} : { objective: values.objective }),
    ...(values.patience === undefined
      ? {}
      : { patience: { points: numberOf("--patience", values.patience, 1) } }),
    ...pruneOf(values),
    ...(values.period === undefined
      ? {}
      : { periodNs: Math.round(numberOf("--period", values.period, 1) * 1e9) }),
  };
}

/** Runs a sweep with a bar; interruptions stop it, `p` pauses it. */
async function runWatched(sweep: Sweep): Promise<SweepResult> {
  const bar = new ProgressBar(sweep.plan.name, "points");
  const signals = new StopSignals(() => {});
  const keys = (line: Buffer): void => {
    if (!/^p\s*$/i.test(line.toString())) return;
    if (sweep.progress.isPaused) sweep.resume();
    else sweep.pause();
    bar.clear();
    process.stderr.write(sweep.progress.isPaused ? "paused; p and Enter go on\n" : "goes on\n");
  };
  const isWatched = process.stdin.isTTY === true;
  if (isWatched) process.stdin.on("data", keys);
  try {
    let last: SweepProgress | undefined;
    void signals.told.then(() => sweep.stop());
    const result = await sweep.run({
      onProgress: (progress) => {
        last = progress;
        bar.update(progress.done, progress.total);
      },
    });
    bar.finish(last?.done ?? 0);
    if ((last?.kept ?? 0) > 0)
      process.stderr.write(`${last?.kept} of them were there from an earlier start\n`);
    return result;
  } finally {
    signals.close();
    if (isWatched) {
      process.stdin.off("data", keys);
      process.stdin.pause();
    }
  }
}

async function writeFiles(
  folder: string,
  result: SweepResult,
  study: SweepStudy,
  withParquet: boolean,
): Promise<string[]> {
  const names = ["report.html", "results.csv", "results.json", "results.parquet"];
  const [html, csv, json, parquet] = names.map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(html, renderSweep(result, study));
    writeFileSync(csv, sweepCsv(result));
    writeFileSync(json, `${JSON.stringify({ ...sweepJson(result), study: studyJson(study) })}\n`);
  } catch (cause) {
    const value = String(cause);
    throw new Fault("FAULT_IO", { path: folder, value, expected: "a folder that can be written", cause });
  }
  if (!withParquet) return [html, csv, json];
  await writeSweepParquet(parquet, result);
  return [html, csv, json, parquet];
}

/** The best points, and what failed. */
function table({ plan, points, failures, pruned, end }: SweepResult): string {
  const of = ({ stats }: (typeof points)[number]): number => {
    const figure = stats[plan.objective] ?? null;
    return figure === null ? Number.NEGATIVE_INFINITY : plan.sign * figure;
  };
  const best = [...points].sort((a, b) => of(b) - of(a) || a.index - b.index).slice(0, SHOWN);
  const names = plan.axes.map(({ name }) => name);
  const rows = [
    [...names, plan.objective, "return", "drawdown", "trades"],
    ...best.map(({ params, stats, trades }) => [
      ...names.map((name) => String(params[name])),
      figure(stats[plan.objective]),
      figure(stats["totalReturn"]),
      figure(stats["maxDrawdown"]),
      String(trades),
    ]),
  ];
  const widths = rows[0]?.map((_, k) => Math.max(...rows.map((row) => row[k]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => row.map((text, k) => text.padStart(widths[k] ?? 0)).join("  "));
  const word = {
    complete: "complete",
    patience: "ended by patience",
    stopped: "stopped: the same command goes on",
  };
  const early = plan.prune === undefined ? "" : ` (and ${pruned.length} ended early)`;
  const head = `${plan.name}: ${points.length} of ${plan.points.length} points${early}, ${word[end]}`;
  const failed = failures.slice(0, 3).map(({ failed }) => `  ${failed.message}`);
  const trouble = failures.length === 0 ? [] : [`${failures.length} points failed, such as`, ...failed];
  return `${[head, ...lines, ...trouble].join("\n")}\n`;
}

function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(4);
}
