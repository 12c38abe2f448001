import { writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { canonicalJson, Fault } from "../base/index.ts";
import { readJournal } from "../host/index.ts";
import { formatNanos } from "../model/index.ts";
import { renderSessionDiff } from "../report/index.ts";
import {
  DIFF_CAUSES,
  diffSessions,
  type ReplayResult,
  readSessionBegin,
  readStory,
  replaySession,
  type SessionDiff,
  type SessionRecord,
  type SessionSource,
} from "../run/index.ts";
import { loadStrategy, readParams } from "./load-strategy.ts";
import { Usage } from "./usage.ts";

const REPLAY_HELP = `tickwright replay JOURNAL --strategy FILE [options]

  --strategy FILE    the module the session ran; its parameters come from the journal
  --param NAME=VALUE in place of the journal's parameters; give it again for more
  --json             print the result as one JSON object

Exit codes: 0 identical, 1 not, 2 a wrong call. Nothing is sent.
`;

const DIFF_HELP = `tickwright diff JOURNAL JOURNAL [options]

  --json             print every difference as one JSON object
  --html FILE        write them as a page
  --most N           lines to print; 40 unless given

Exit codes: 0 equal, 1 not, 2 a wrong call.
`;

/** `tickwright replay`: the session again, and whether it did the same. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      strategy: { type: "string" },
      param: { type: "string", multiple: true },
      json: { type: "boolean" },
    },
  });
  if (values.help === true) return say(REPLAY_HELP);
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new Usage("which journal?");
  if (values.strategy === undefined) throw new Usage("--strategy which file?");
  const params = values.param === undefined ? paramsOf(path) : readParams(values.param);
  const strategy = await loadStrategy(values.strategy, params);
  const result = replaySession(sessionOf(path), { strategies: [strategy] });
  const { kernel: _, ...plain } = result;
  if (values.json === true) say(`${JSON.stringify(plain)}\n`);
  else say(`${wordsOf(result)}\n`);
  return result.isIdentical ? 0 : 1;
}

/** `tickwright diff`: two sessions, order by order. */
export async function diffCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      json: { type: "boolean" },
      html: { type: "string" },
      most: { type: "string" },
    },
  });
  if (values.help === true) return say(DIFF_HELP);
  const [left, right] = positionals;
  if (left === undefined || right === undefined || positionals.length > 2)
    throw new Usage("which two journals?");
  const most = Number(values.most ?? 40);
  if (!Number.isInteger(most) || most < 0) throw new Usage(`--most: ${values.most} is no number of lines`);
  const diff = diffSessions(readStory(sessionOf(left)), readStory(sessionOf(right)));
  if (values.html !== undefined) write(values.html, renderSessionDiff(diff, [left, right]));
  say(values.json === true ? `${canonicalJson(diff)}\n` : `${tableOf(diff, most)}\n`);
  return diff.isEqual ? 0 : 1;
}

function sessionOf(path: string): SessionSource {
  return (visit: (record: SessionRecord) => void) => {
    readJournal(path, visit);
  };
}

/** The parameters of the session's one strategy. */
function paramsOf(path: string): Readonly<Record<string, unknown>> {
  let params: unknown;
  readJournal(path, (record) => {
    if (record.seq !== 1) return;
    const { strategies } = readSessionBegin(record);
    params = Array.isArray(strategies)
      ? (strategies[0] as { params?: unknown } | undefined)?.params
      : undefined;
  });
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
  const shown = diff.lines.slice(0, most).map(({ cause, ns, nth, strategy, station, what }) => {
    const order = nth === 0 ? "session" : `strategy ${strategy}, instrument ${station}, order ${nth}`;
    const at = formatNanos(BigInt(diff.baseNs) + BigInt(Math.floor(ns)));
    return `  ${cause.padEnd(12)}${at}  ${order.padEnd(38)}  ${what}`;
  });
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
