import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { tryMutants } from "./mutation-run.ts";
import { listedSurvivors, reasonOf, scoreOf, survivorLines, survivorsOf } from "./mutation-score.ts";
import { ROOT } from "./rooms.ts";

/** The rooms whose changes are mutated: what stands between a strategy and a venue. */
const ROOMS = ["order", "risk"];

/**
 * `npm run mutate:changed [-- --minutes 2] [--floor 90]`: mutates the lines of the rooms `order` and `risk`
 * that differ from a base, HEAD~1 unless MUTATE_BASE names another. Exit 1 when fewer than the floor's share of
 * those tried were found out or are listed in test/mutation/README.md.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: "string", default: "2" }, floor: { type: "string", default: "90" } },
  });
  const [minutes, floor] = [Number(values.minutes), Number(values.floor)];
  if (!(minutes > 0) || !(floor >= 0 && floor <= 100)) {
    console.error("usage: npm run mutate:changed [-- --minutes 2] [--floor 90]");
    return 2;
  }
  const base = process.env.MUTATE_BASE || "HEAD~1";
  if (git("rev-parse", "--verify", "--quiet", `${base}^{commit}`) === undefined) {
    console.log(
      `mutate:changed: nothing done, ${base} is not here (a shallow checkout, a first commit or no git)`,
    );
    return 0;
  }
  const targets = changedLines(base);
  if (targets.length === 0) {
    console.log(`mutate:changed: nothing done, no line of ${ROOMS.join(" or ")} differs from ${base}`);
    return 0;
  }
  const { mutants, tried, ended } = await tryMutants(targets, minutes);
  const listed = listedSurvivors();
  for (const line of survivorLines(tried, listed)) console.log(line);
  const score = scoreOf(tried);
  const pardoned = survivorsOf(tried).filter((mutant) => reasonOf(mutant, listed) !== undefined).length;
  const found = score.killed + score.timedOut;
  const all = found + score.survived + score.uncovered;
  const rest = mutants === 0 ? "before any was tried" : `${mutants - tried.length} of ${mutants} NOT tried`;
  const left = ended === undefined ? "none left out" : `${ended}: ${rest}`;
  console.log(
    `mutate:changed against ${base}: ${found} of ${all} mutants found out, ${pardoned} survivors listed with a reason; ` +
      left,
  );
  return found + pardoned >= (floor / 100) * all ? 0 : 1;
}

/** Files and lines that were added or changed since a base, as Stryker wants them; files new to git whole. */
function changedLines(base: string): string[] {
  const folders = ROOMS.map((room) => `src/${room}`);
  const diff =
    git("diff", "-U0", "--no-color", "--no-ext-diff", "--no-renames", base, "--", ...folders) ?? "";
  const untracked = git("ls-files", "--others", "--exclude-standard", "--", ...folders) ?? "";
  return [...linesOfDiff(diff), ...untracked.split("\n").filter((path) => path.endsWith(".ts"))];
}

/** `src/order/apply.ts:10-20` for every run of lines that a diff without context adds to a source file. */
export function linesOfDiff(diff: string): string[] {
  let path = "";
  return diff.split("\n").flatMap((line) => {
    if (line.startsWith("+++ ")) path = line.startsWith("+++ b/") ? line.slice(6) : "";
    const hunk = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk === null || !path.endsWith(".ts")) return [];
    const first = Number(hunk[1]);
    const count = Number(hunk[2] ?? 1);
    return count === 0 ? [] : [`${path}:${first}-${first + count - 1}`];
  });
}

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 });
  return status === 0 ? stdout : undefined;
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
