import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../base/index.ts";
import { renderTearSheet } from "../report/index.ts";
import type { Backtester, RunResult } from "../run/index.ts";
import { type TcaReport, tcaCsv, tcaOfRecord } from "../stat/index.ts";
import { ProgressBar } from "./progress-bar.ts";

/** Runs a backtest with a progress bar. */
export function runWithProgress(label: string, backtester: Backtester): RunResult {
  const bar = new ProgressBar(label);
  const result = backtester.runToEnd(({ events, totalEvents }) => bar.update(events, totalEvents));
  bar.finish(result.events);
  return result;
}

/** Writes `report.html`, `result.json` and, where costs were analysed, `costs.csv` of a run into a folder of its own. */
export function writeRun(
  folder: string,
  result: RunResult,
): { readonly report: string; readonly result: string } {
  const report = join(folder, "report.html");
  const json = join(folder, "result.json");
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(json, `${JSON.stringify(result)}\n`);
    writeFileSync(report, renderTearSheet(result));
    for (const [path, text] of costFiles(folder, result)) writeFileSync(path, text);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("FAULT_IO", {
      path: folder,
      value: String(cause),
      expected: "a folder that can be written",
      cause,
    });
  }
  return { report, result: json };
}

/** The costs of a run as files: one for each currency, which all but the first have in their name. */
export function costFiles(folder: string, result: RunResult): (readonly [path: string, text: string])[] {
  return costsOf(result).map((tca, i) => [
    join(folder, i === 0 ? "costs.csv" : `costs-${folderName(tca.currency)}.csv`),
    tcaCsv(tca),
  ]);
}

/** The analyses of a run that have orders. */
export function costsOf(result: RunResult): readonly TcaReport[] {
  return (result.tca ?? []).map(tcaOfRecord).filter(({ counts }) => counts.orders > 0);
}

/** Reads a result that `writeRun` wrote. @throws `FAULT_IO` where it cannot be read or is no JSON */
export function readResult(path: string): RunResult {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as RunResult;
  } catch (cause) {
    throw new Fault("FAULT_IO", { path, value: String(cause), expected: "a result.json of a run", cause });
  }
}

/** A run's name as the name of its folder. */
export function folderName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "run" : plain;
}
