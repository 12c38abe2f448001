import { spawn } from "node:child_process";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "./mutation-score.ts";
import { ROOT } from "./rooms.ts";

const STRYKER = join(ROOT, "node_modules/@stryker-mutator/core/bin/stryker.js");
const PROGRESS_MS = 20_000;

/** What one run of Stryker did. */
export interface MutationRun {
  /** Mutants there are. */
  readonly mutants: number;
  /** Those that were tried, in the order of files and lines. */
  readonly tried: readonly Mutant[];
  /** Why it stopped before all were tried; undefined where it did not. */
  readonly ended: string | undefined;
}

/** The tests that belong to a room: named after it. */
export function testsOf(room: string): string[] {
  const kinds = "{unit,property,golden}";
  return globSync([`test/${kinds}/${room}.test.ts`, `test/${kinds}/${room}-*.test.ts`], { cwd: ROOT }).sort();
}

/**
 * Tries every mutant of some files (`src/order/apply.ts`, or with lines: `src/order/apply.ts:10-20`) against
 * the tests of their rooms, for so many minutes at most. A run that fails, throws what Stryker wrote.
 */
export async function tryMutants(targets: readonly string[], minutes: number): Promise<MutationRun> {
  const rooms = new Set(targets.map((target) => target.split("/")[1] ?? ""));
  const tests = [...rooms].flatMap(testsOf);
  if (tests.length === 0) throw new Error(`mutate: no test is named after ${[...rooms].join(", ")}`);
  const files = new Set(targets.map((target) => target.replace(/:.*/, "")));
  console.log(
    `mutating ${files.size} files against ${tests.length} test files of ${[...rooms].join(" and ")}`,
  );
  const folder = `out/mutation/${[...rooms].join("-")}`;
  const events = join(ROOT, folder, "events");
  const args = [STRYKER, "run", writeConfig(folder, targets)];
  const data = join(ROOT, "../shared/data");
  const shared = existsSync(data) ? { TICKWRIGHT_DATA: data } : {};
  const env = { ...shared, ...process.env, MUTATION_TESTS: tests.join(",") };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => (said += text.toString()));
  let isLate = false;
  const limit = setTimeout(
    () => {
      isLate = true;
      child.kill("SIGTERM");
    },
    Math.min(minutes * 60_000, 2 ** 31 - 1),
  );
  const stop = (): boolean => child.kill("SIGTERM");
  process.once("SIGTERM", stop);
  const progress = setInterval(
    () => console.log(`… ${namesOf(events, "onMutantTested").length} tried`),
    PROGRESS_MS,
  );
  const code = await new Promise<number | null>((done, fail) => {
    child.on("error", fail);
    child.on("close", done);
  });
  clearTimeout(limit);
  clearInterval(progress);
  process.removeListener("SIGTERM", stop);
  if (code !== 0 && !isLate) {
    throw new Error(`mutate: Stryker ended with ${code}\n${said.slice(0, 4000)}`);
  }
  return { ...readEvents(events), ended: isLate ? `stopped after ${minutes} minutes` : undefined };
}

/** The settings of stryker.config.json, with everything of this run in a folder of its own. */
function writeConfig(folder: string, targets: readonly string[]): string {
  rmSync(join(ROOT, folder), { recursive: true, force: true });
  mkdirSync(join(ROOT, folder), { recursive: true });
  const config = {
    ...(JSON.parse(readFileSync(join(ROOT, "stryker.config.json"), "utf8")) as object),
    mutate: targets,
    tempDirName: `${folder}/sandbox`,
    eventReporter: { baseDir: `${folder}/events` },
    jsonReporter: { fileName: `${folder}/report.json` },
    htmlReporter: { fileName: `${folder}/report.html` },
  };
  const path = `${folder}/stryker.config.json`;
  writeFileSync(join(ROOT, path), JSON.stringify(config, null, 2));
  return path;
}

/** The files of one kind of event, with their path. */
function namesOf(events: string, kind: string): string[] {
  if (!existsSync(events)) return [];
  const names = readdirSync(events).filter((name) => name.endsWith(`-${kind}.json`));
  return names.map((name) => join(events, name));
}

function readEvents(events: string): { mutants: number; tried: Mutant[] } {
  const [plan] = namesOf(events, "onMutationTestingPlanReady").map(readEvent) as { mutantPlans: unknown[] }[];
  const tried = namesOf(events, "onMutantTested").flatMap((path) => {
    const mutant = readEvent(path) as Mutant | undefined;
    return mutant === undefined ? [] : [mutant];
  });
  tried.sort(
    (a, b) => a.fileName.localeCompare(b.fileName, "en") || a.location.start.line - b.location.start.line,
  );
  return { mutants: plan?.mutantPlans.length ?? 0, tried };
}

/** One recorded event; undefined where the file was cut off when the run was stopped. */
function readEvent(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
