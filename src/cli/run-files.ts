import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../base/index.ts";
import { renderTearSheet } from "../report/index.ts";
import type { Backtester, RunResult } from "../run/index.ts";
import { type TcaReport, tcaCsv, tcaOfRecord } from "../stat/index.ts";
import { type StressReport, stressCsv } from "../trial/index.ts";
import { ProgressBar } from "./progress-bar.ts";

/** Runs a backtest with a progress bar. */
export function runWithProgress(label: string, backtester: Backtester): RunResult {
  const bar = new ProgressBar(label);
  const result = backtester.runToEnd(({ events, totalEvents }) => bar.update(events, totalEvents));
  bar.finish(result.events);
  return result;
}

/**
 * Writes `report.html`, `result.json` and, where costs were analysed, `costs.csv` of a run into a folder of its own; of one
 * that was stressed also `stress.json` and `stress.csv`. Those of an earlier run there are taken away.
 */
export function writeRun(
  folder: string,
  result: RunResult,
  stress?: StressReport,
): { readonly report: string; readonly result: string } {
  const report = join(folder, "report.html");
  const json = join(folder, "result.json");
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(json, `${JSON.stringify(result)}\n`);
    writeFileSync(report, renderTearSheet(result, stress === undefined ? {} : { stress }));
    writeStress(folder, stress);
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

function writeStress(folder: string, stress: StressReport | undefined): void {
  const [json, csv] = [join(folder, "stress.json"), join(folder, "stress.csv")];
  if (stress === undefined) {
    rmSync(json, { force: true });
    rmSync(csv, { force: true });
    return;
  }
  writeFileSync(json, `${JSON.stringify(stress)}\n`);
  writeFileSync(csv, stressCsv(stress));
}

/** What was written beside a result of its run in worse worlds; undefined where there is none, or another run's. */
export function readStress(folder: string, { runHash }: RunResult): StressReport | undefined {
  const path = join(folder, "stress.json");
  if (!existsSync(path)) return undefined;
  try {
    const stress = JSON.parse(readFileSync(path, "utf8")) as StressReport;
    return stress.base.runHash === runHash ? stress : undefined;
  } catch (cause) {
    const expected = "a stress.json of a run";
    throw new Fault("FAULT_IO", { path, value: String(cause), expected, cause });
  }
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
