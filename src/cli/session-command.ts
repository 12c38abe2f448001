import { writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { canonicalJson, Fault } from "../base/index.ts";
import { readJournal } from "../host/index.ts";
import type { KernelRisk } from "../kernel/index.ts";
import { formatNanos } from "../model/index.ts";
import { renderCosts, renderSessionDiff } from "../report/index.ts";
import {
  DIFF_CAUSES,
  diffSessions,
  type ReplayResult,
  type ResimulationOptions,
  readSessionBegin,
  readStory,
  replaySession,
  resimulate,
  type SessionBegin,
  type SessionDiff,
  type SessionRecord,
  type SessionSource,
  type SimulatedMarket,
  sessionCosts,
} from "../run/index.ts";
import type { FillModel } from "../sim/index.ts";
import { tcaRecord } from "../stat/index.ts";
import { newJournal } from "./backtest-command.ts";
import { loadRisk, loadStrategy, readParams } from "./load-strategy.ts";
import { checkModels, feesOf, latencyOf, MODEL_PATHS, numberOf, queueOf } from "./model-options.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const REPLAY_HELP = `tickwright replay JOURNAL --strategy FILE [options]

  --strategy FILE    the module the session ran; its parameters come from the journal
  --param NAME=VALUE in place of the journal's parameters; give it again for more
  --risk FILE        the module whose default export is the session's limits, where it had any
  --tca FILE         write what the orders cost, as JSON, and print it as a table
  --own-prints       own executions are among the market's prints, as at a live venue
  --json             print the result as one JSON object

Exit codes: 0 identical, 1 not, 2 a wrong call. Nothing is sent.
`;

const DIFF_HELP = `tickwright diff JOURNAL JOURNAL [options]
tickwright diff JOURNAL --resimulate --strategy FILE [options]

  --json             print every difference as one JSON object
  --html FILE        write them as a page
  --most N           lines to print; 40 unless given

  --resimulate       compare a session with a backtest of the market data it recorded, and of nothing else
  --strategy FILE    the module to run; its parameters come from the journal
  --param NAME=VALUE in place of the journal's parameters; give it again for more
  --risk FILE        the module whose default export is the session's limits; none unless given
  --latency-ms E,R   to the venue and back
  --queue MODEL      riskAverse, log, log2, power:N, power2:N or power3:N
  --fills MODEL      partial or noPartial
  --fees MAKER,TAKER rates such as 0.0002,0.0004
  --participation S  the most of a bar's volume our fills may be
  --slippage-ticks N what a market order pays beyond a bar's open
  --journal FOLDER   records the simulation as a session

Models that are not given are those of the session where it was a backtest; else latency is what its orders took, fees
are its instruments', and the rest is as tickwright backtest has it.

Exit codes: 0 equal, 1 not (or a fault), 2 a wrong call.
`;

const DIFF_OPTIONS = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  html: { type: "string" },
  most: { type: "string" },
  resimulate: { type: "boolean" },
  strategy: { type: "string" },
  param: { type: "string", multiple: true },
  risk: { type: "string" },
  "latency-ms": { type: "string" },
  queue: { type: "string" },
  fills: { type: "string" },
  fees: { type: "string" },
  participation: { type: "string" },
  "slippage-ticks": { type: "string" },
  journal: { type: "string" },
} as const;

type DiffValues = ReturnType<typeof parseDiff>["values"];

function parseDiff(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options: DIFF_OPTIONS });
}

/** Options that mean something with `--resimulate` alone. */
const SIMULATION = [
  "strategy",
  "param",
  "risk",
  "latency-ms",
  "queue",
  "fills",
  "fees",
  "participation",
  "slippage-ticks",
  "journal",
] as const;

/** `tickwright replay`: the session again, and whether it did the same. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      strategy: { type: "string" },
      param: { type: "string", multiple: true },
      risk: { type: "string" },
      tca: { type: "string" },
      "own-prints": { type: "boolean" },
      json: { type: "boolean" },
    },
  });
  if (values.help === true) return say(REPLAY_HELP);
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new Usage("which journal?");
  if (values.strategy === undefined) throw new Usage("--strategy which file?");
  const params = values.param === undefined ? paramsOf(beginOf(path)) : readParams(values.param);
  const strategy = await loadStrategy(values.strategy, params);
  if (values.tca?.trim() === "") throw new Usage("--tca which file?");
  if (values["own-prints"] === true && values.tca === undefined) throw new Usage("--own-prints is for --tca");
  const options = { strategies: [strategy], ...(await riskOf(values.risk)) };
  const costs = { ownPrints: values["own-prints"] === true };
  const { replay: result, reports } =
    values.tca === undefined
      ? { replay: replaySession(sessionOf(path), options), reports: [] }
      : sessionCosts(sessionOf(path), { ...options, costs });
  if (values.tca !== undefined) write(values.tca, `${JSON.stringify(reports.map(tcaRecord))}\n`);
  const { kernel: _, ...plain } = result;
  if (values.json === true) say(`${JSON.stringify(plain)}\n`);
  else say(`${wordsOf(result)}\n${renderCosts(reports)}`);
  return result.isIdentical ? 0 : 1;
}

/** `tickwright diff`: two sessions, or a session and its simulation, order by order. */
export async function diffCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseDiff(args);
  if (values.help === true) return say(DIFF_HELP);
  const most = Number(values.most ?? 40);
  if (!Number.isInteger(most) || most < 0) throw new Usage(`--most: ${values.most} is no number of lines`);
  const [left, right] = positionals;
  if (left === undefined || positionals.length !== (values.resimulate === true ? 1 : 2))
    throw new Usage(values.resimulate === true ? "which journal?" : "which two journals?");
  let diff: SessionDiff;
  if (right === undefined) diff = await simulated(left, values);
  else {
    const idle = SIMULATION.find((name) => values[name] !== undefined);
    if (idle !== undefined) throw new Usage(`--${idle} is for --resimulate`);
    diff = diffSessions(readStory(sessionOf(left)), readStory(sessionOf(right)));
  }
  const names: readonly [string, string] = [left, right ?? "simulated from its market data"];
  if (values.html !== undefined) write(values.html, renderSessionDiff(diff, names));
  say(values.json === true ? `${canonicalJson(diff)}\n` : `${tableOf(diff, most)}\n`);
  return diff.isEqual ? 0 : 1;
}

/** A session and what a backtest of its market data comes to. */
async function simulated(path: string, values: DiffValues): Promise<SessionDiff> {
  if (values.strategy === undefined) throw new Usage("--strategy which file?");
  const begin = beginOf(path);
  const market = await usageOf(pathsOf(values), () => marketOf(values, begin?.instruments.length ?? 0));
  const params = values.param === undefined ? paramsOf(begin) : readParams(values.param);
  const strategy = await loadStrategy(values.strategy, params);
  const journal = values.journal === undefined ? undefined : newJournal(values.journal);
  try {
    const risk = await riskOf(values.risk);
    const options = {
      strategies: [strategy],
      market,
      ...risk,
      ...(journal === undefined ? {} : { journal }),
    };
    return await usageOf(pathsOf(values), () => resimulate(sessionOf(path), options).diff);
  } finally {
    journal?.close();
  }
}

/**
 * What the session tells of a venue, and what was given in its place.
 *
 * @param instruments - of the session: when all were asked about, options for markets that it lacks are refused
 */
function marketOf(values: DiffValues, instruments: number): NonNullable<ResimulationOptions["market"]> {
  const { queue, fills, participation: share, "slippage-ticks": slippage, "latency-ms": latency } = values;
  const venue: SimulatedMarket["venue"] = {
    ...(latency === undefined ? {} : { latency: latencyOf(latency) }),
    ...(queue === undefined ? {} : { queue: queueOf(queue) }),
    ...(fills === undefined ? {} : { fills: fills as FillModel }),
  };
  const bars: SimulatedMarket["bars"] = {
    ...(share === undefined ? {} : { participation: numberOf("--participation", share, 0) }),
    ...(slippage === undefined ? {} : { slippageTicks: numberOf("--slippage-ticks", slippage, 0) }),
  };
  const fees = values.fees === undefined ? {} : { fees: feesOf(values.fees) };
  const schemas: string[] = [];
  return (_, { venue: depth, bars: barred }) => {
    schemas.push(depth === undefined ? "bars" : "depth");
    if (schemas.length === instruments) checkModels(values, schemas, " in the session");
    return depth === undefined
      ? { ...fees, bars: { ...barred, ...bars } }
      : { ...fees, venue: { ...depth, ...venue } };
  };
}

/** Of {@link MODEL_PATHS} those of options that were given: a model of the session's own is no wrong call. */
function pathsOf(values: DiffValues): OptionPaths {
  const isGiven = (option: string): boolean =>
    SIMULATION.some((name) => option.startsWith(`--${name}`) && values[name] !== undefined);
  return Object.fromEntries(Object.entries(MODEL_PATHS).filter(([, option]) => isGiven(option)));
}

async function riskOf(path: string | undefined): Promise<{ readonly risk?: KernelRisk }> {
  return path === undefined ? {} : { risk: await loadRisk(path) };
}

function sessionOf(path: string): SessionSource {
  return (visit: (record: SessionRecord) => void) => {
    readJournal(path, visit);
  };
}

/** What a session was made from; undefined for an empty journal. */
function beginOf(path: string): SessionBegin | undefined {
  let begin: SessionBegin | undefined;
  readJournal(path, (record) => {
    if (record.seq === 1) begin = readSessionBegin(record);
  });
  return begin;
}

/** The parameters of the session's one strategy. */
function paramsOf(begin: SessionBegin | undefined): Readonly<Record<string, unknown>> {
  const { strategies } = begin ?? {};
  const params = Array.isArray(strategies)
    ? (strategies[0] as { params?: unknown } | undefined)?.params
    : undefined;
  return typeof params === "object" && params !== null ? (params as Readonly<Record<string, unknown>>) : {};
}

function wordsOf({ isIdentical, runHash, recordedHash, inputs, effects, ...rest }: ReplayResult): string {
  const counts = `${inputs} inputs, ${effects} effects`;
  if (isIdentical) {
    const end = recordedHash === undefined ? " (the session has no end: it was cut off)" : "";
    const open = rest.unanswered.length;
    const sent = open === 0 ? "" : `\n${open} sent and not answered: they may be at the venue`;
    return `identical: runHash ${runHash}${end}\n${counts}${sent}`;
  }
  const lines = [`not identical: runHash ${runHash}, recorded ${recordedHash ?? "none"}`, counts];
  if (rest.difference !== undefined) {
    lines.push(`effect ${rest.difference.at + 1}: recorded ${JSON.stringify(rest.difference.recorded)}`);
    lines.push(`effect ${rest.difference.at + 1}: replayed ${JSON.stringify(rest.difference.replayed)}`);
  }
  if (rest.sendDifference !== undefined) lines.push(`sent: ${JSON.stringify(rest.sendDifference)}`);
  return lines.join("\n");
}

function tableOf(diff: SessionDiff, most: number): string {
  const orders = `${diff.leftOrders} orders and ${diff.rightOrders}, ${diff.equalOrders} equal pairs`;
  if (diff.isEqual) return `equal: ${orders}`;
  const counts = DIFF_CAUSES.filter((cause) => diff.causes[cause] > 0).map(
    (cause) => `${cause} ${diff.causes[cause]}`,
  );
  const lines = diff.lines.slice(0, most).map(({ cause, ns, nth, strategy, station, what }) => {
    const order =
      nth === 0 ? "session" : `${diff.strategies[strategy]}, ${diff.instruments[station]}, order ${nth}`;
    const at = formatNanos(BigInt(diff.baseNs) + BigInt(Math.floor(ns)));
    return { head: `  ${cause.padEnd(12)}${at}  `, order, what };
  });
  const width = Math.max(...lines.map(({ order }) => order.length));
  const shown = lines.map(({ head, order, what }) => `${head}${order.padEnd(width)}  ${what}`);
  const rest = diff.lines.length - shown.length;
  return [
    `not equal: ${orders}; ${counts.join(", ")}`,
    ...shown,
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ].join("\n");
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    const expected = "a file that can be written";
    throw new Fault("FAULT_IO", { path, value: String(cause), expected, cause });
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
