import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tryMutants } from "./mutation-run.ts";
import { listedSurvivors, scoreOf, survivorLines } from "./mutation-score.ts";
import { ROOT } from "./rooms.ts";

const USAGE = "usage: npm run mutate -- <room | src/file.ts[:first-last]>... [--floor 90] [--minutes n]";

/** `npm run mutate -- order`: the mutation score of rooms or files; exit 1 below the floor, 2 on wrong use. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { floor: { type: "string", default: "90" }, minutes: { type: "string", default: "Infinity" } },
  });
  const floor = Number(values.floor);
  const minutes = Number(values.minutes);
  if (positionals.length === 0 || !(floor >= 0 && floor <= 100) || !(minutes > 0)) throw new Error(USAGE);
  const targets = positionals.flatMap(filesOf);
  const { mutants, tried, ended } = await tryMutants(targets, minutes);
  const score = scoreOf(tried);
  for (const line of survivorLines(tried, listedSurvivors())) console.log(line);
  const skipped = mutants - tried.length;
  console.log(
    `score ${score.percent.toFixed(2)} %: ${score.killed} killed, ${score.timedOut} timed out, ` +
      `${score.survived} survived, ${score.uncovered} reached by no test, of ${tried.length} mutants` +
      (score.broken > 0 ? `; ${score.broken} left out because they could not be run` : ""),
  );
  if (ended !== undefined) console.log(`${ended}: ${skipped} of ${mutants} mutants were not tried`);
  const isEnough = score.percent >= floor && (ended === undefined || tried.length > 0);
  console.log(
    isEnough ? `at or above the floor of ${floor} %` : `below the floor of ${floor} %, or not all tried`,
  );
  return isEnough ? 0 : 1;
}

/** The files a room or a path on the command line stands for. */
function filesOf(target: string): string[] {
  const path = target.replace(/:\d+-\d+$/, "");
  if (path.startsWith("src/") && path.endsWith(".ts") && existsSync(join(ROOT, path))) return [target];
  const folder = join("src", target);
  if (
    !/^[a-z]+$/.test(target) ||
    !existsSync(join(ROOT, folder)) ||
    !statSync(join(ROOT, folder)).isDirectory()
  ) {
    throw new Error(`mutate: ${JSON.stringify(target)} is neither a room nor a file of src\n${USAGE}`);
  }
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `src/${target}/${file}`)
    .sort();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
