import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Fault } from "../base/index.ts";
import {
  compareRuns,
  comparisonCsv,
  renderComparison,
  renderCosts,
  renderSummary,
  renderTearSheet,
} from "../report/index.ts";
import type { RunResult } from "../run/index.ts";
import { costFiles, costsOf, readResult, readStress } from "./run-files.ts";
import { Usage } from "./usage.ts";

const MOST_RUNS = 8;

const HELP = `tickwright report <run> [more runs, ${MOST_RUNS} at most] [options]

Of one run: makes its tear sheet anew, beside its result.json, and costs.csv, and prints a summary and what orders cost.
Of several: compares them in one page without scripts, and prints the summary of all side by side.
A run is the folder that tickwright backtest wrote, or its result.json.

  --out FILE    where to write; compare.html unless given, of one run report.html in its folder
  --static      no scripts in the tear sheet, for mail and archives
  --json        the comparison as JSON, in place of the summary; no page unless --out is given
  --csv         the comparison as CSV, in the same way
`;

/** A run as it was named, and what stands there. */
interface NamedRun {
  readonly path: string;
  readonly result: RunResult;
}

/** `tickwright report`: the tear sheet of a run, or several runs compared. */
export async function reportCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      static: { type: "boolean" },
      out: { type: "string" },
      json: { type: "boolean" },
      csv: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length === 0) throw new Usage("which result.json?");
  if (positionals.length > MOST_RUNS) throw new Usage(`${positionals.length} runs: ${MOST_RUNS} at most`);
  if (values.json === true && values.csv === true) throw new Usage("--json or --csv: one of them");
  const isMachine = values.json === true || values.csv === true;
  const isOne = positionals.length === 1 && !isMachine;
  if (values.static === true && !isOne) throw new Usage("--static is for the tear sheet of one run");
  const runs = positionals.map((path) => namedRun(path));
  if (isOne) return tearSheet(runs[0] as NamedRun, values.static === true, values.out);
  return compare(runs, values);
}

function namedRun(given: string): NamedRun {
  const isFolder = existsSync(given) && statSync(given).isDirectory();
  const path = isFolder ? join(given, "result.json") : given;
  return { path, result: readResult(path) };
}

function tearSheet({ path, result }: NamedRun, isStatic: boolean, given: string | undefined): number {
  const out = given ?? join(dirname(path), "report.html");
  const stress = readStress(dirname(path), result);
  const page = renderTearSheet(result, {
    charts: isStatic ? "static" : "interactive",
    ...(stress === undefined ? {} : { stress }),
  });
  write(out, () => {
    writeFileSync(out, page);
    for (const [file, text] of costFiles(dirname(out), result)) writeFileSync(file, text);
  });
  process.stdout.write(`${renderSummary([result])}\n`);
  process.stdout.write(renderCosts(costsOf(result)));
  return 0;
}

function compare(
  runs: readonly NamedRun[],
  { out, json, csv }: { readonly out?: string; readonly json?: boolean; readonly csv?: boolean },
): number {
  const results = runs.map(({ result }) => result);
  const comparison = compareRuns(results, { labels: labelsOf(runs) });
  const isMachine = json === true || csv === true;
  if (out !== undefined || !isMachine) {
    const file = out ?? "compare.html";
    write(file, () => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, renderComparison(comparison));
    });
  }
  for (const { text } of comparison.notices)
    process.stderr.write(`${text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd")}\n`);
  if (json === true) process.stdout.write(`${JSON.stringify(comparison)}\n`);
  else if (csv === true) process.stdout.write(comparisonCsv(comparison));
  else process.stdout.write(`${renderSummary(results)}\n`);
  return 0;
}

/** Names of runs where they differ, else with the folders they stand in. */
function labelsOf(runs: readonly NamedRun[]): readonly string[] {
  const names = runs.map(({ result }) => result.name);
  const labels = runs.map(({ path, result }) =>
    names.indexOf(result.name) === names.lastIndexOf(result.name)
      ? result.name
      : `${result.name} in ${basename(dirname(dirname(resolve(path))))}/${basename(dirname(resolve(path)))}`,
  );
  return labels.map((label, i) =>
    labels.indexOf(label) === labels.lastIndexOf(label) ? label : `${label} (${i + 1})`,
  );
}

function write(out: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const expected = "a file that can be written";
    throw new Fault("FAULT_IO", { path: out, value: String(cause), expected, cause });
  }
  process.stderr.write(`wrote ${out}\n`);
}
