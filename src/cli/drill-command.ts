import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type DrillFigure, type DrillReport, drill } from "../run/index.ts";
import { ProgressBar } from "./progress-bar.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const HELP = `tickwright drill [options]

Kills a trading process at random moments, brings it up again from its journal, and measures how long that takes (RTO)
and what is gone (RPO). Nothing acknowledged may be lost, nothing sent twice. The venue is simulated.

  --dir FOLDER       where the journal goes, on the disk the drill is about: a new folder, or an empty one; it stays.
                     A temporary folder unless given, which stays only where the drill is failed
  --kills N          100 unless given
  --seed N           of the market, the venue and the moments; 1 unless given
  --rto-max MS       a recovery that takes longer fails the drill; 60000 unless given
  --json             print the report as one JSON object

Exit codes: 0 passed, 1 failed, 2 a wrong call.
`;

const ROWS: readonly (readonly [figure: DrillFigure, label: string])[] = [
  ["rtoMs", "RTO: kill to first new order, ms"],
  ["exitMs", "  the killed process ends"],
  ["startMs", "  a process starts"],
  ["openMs", "  journal read and checked"],
  ["loadMs", "  snapshot loaded"],
  ["replayMs", "  records replayed"],
  ["resumeMs", "  venue asked, first order"],
  ["retriedMs", "  recoveries killed as well"],
  ["stateAgeMs", "RPO: age of the recovered state, ms"],
  ["recordsLost", "  records no commit had covered"],
  ["recordsReplayed", "records replayed"],
];

/** Where a fault of a drill tells of an option. */
const PATHS: OptionPaths = {
  "drill.kills": "--kills",
  "drill.seed": "--seed",
  "drill.rtoMaxMs": "--rto-max",
  "drill.folder": "--dir",
};

/** `tickwright drill`: a trading process killed again and again. */
export async function drillCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h" },
      dir: { type: "string" },
      kills: { type: "string" },
      seed: { type: "string" },
      "rto-max": { type: "string" },
      json: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const numbers = {
    ...numberOf("kills", "--kills", values.kills),
    ...numberOf("seed", "--seed", values.seed),
    ...numberOf("rtoMaxMs", "--rto-max", values["rto-max"]),
  };
  const folder = values.dir ?? join(tmpdir(), `tickwright-drill-${randomUUID()}`);
  const bar = new ProgressBar("drill", "kills");
  const report = await usageOf(PATHS, () =>
    drill({ folder, ...numbers, onKill: (done, all) => bar.update(done, all) }),
  );
  bar.finish(report.kills);
  process.stdout.write(values.json === true ? `${JSON.stringify(report)}\n` : `${tableOf(report)}\n`);
  const isPassed = report.failures.length === 0;
  if (values.dir === undefined && isPassed) rmSync(folder, { recursive: true, force: true });
  else process.stderr.write(`journal ${folder}\n`);
  return isPassed ? 0 : 1;
}

function numberOf(name: string, flag: string, text: string | undefined): Record<string, number> {
  if (text === undefined) return {};
  if (/^\d{1,15}$/.test(text)) return { [name]: Number(text) };
  throw new Usage(`${flag}: ${JSON.stringify(text)} is no whole number`);
}

function tableOf(report: DrillReport): string {
  const { failures, kills, recoveries, withSnapshot, records, orders, unsent } = report;
  const cells = ROWS.map(([figure, label]) => {
    const { p50, p95, max } = report.figures[figure];
    const digits = figure.endsWith("Ms") ? 1 : 0;
    return [label, ...[p50, p95, max].map((value) => value.toFixed(digits))];
  });
  const lines = [["", "p50", "p95", "max"], ...cells].map(([label = "", ...rest]) =>
    `${label.padEnd(38)}${rest.map((cell) => cell.padStart(10)).join("")}`.trimEnd(),
  );
  const { requests, requestsLost, executions, executionsLost, duplicates } = report;
  const lost = `${requestsLost} of ${requests} requests, ${executionsLost} of ${executions} executions`;
  const replay = report.isReplayIdentical ? "identical" : "not identical";
  return [
    `${kills} kills, ${recoveries} recoveries, ${withSnapshot} from a snapshot (seed ${report.seed})`,
    ...lines,
    "",
    `acknowledged and lost   ${lost}`,
    `sent twice              ${duplicates}`,
    `replay of all records   ${replay}, ${records} records, ${orders} orders`,
    `positions at the end    ${report.isPositionEqual ? "" : "not "}as the venue has them`,
    `decided, never sent     ${unsent}`,
    "",
    failures.length === 0 ? "passed" : `failed: ${failures.join("; ")}`,
  ].join("\n");
}
