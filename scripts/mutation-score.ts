import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "./rooms.ts";

/** One mutant as Stryker reports it. Lines and columns count from 1. */
export interface Mutant {
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** A survivor with the reason why no test can or should kill it: a row of test/mutation/README.md. */
export interface Listed {
  readonly file: string;
  readonly change: string;
  readonly reason: string;
}

/** How many mutants were found out. */
export interface Score {
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly uncovered: number;
  /** Could not be compiled or run: in no sum. */
  readonly broken: number;
  /** Killed and timed out of all that could be run; 100 where there are none. */
  readonly percent: number;
}

export function scoreOf(mutants: readonly Mutant[]): Score {
  const count = (status: string): number => mutants.filter((mutant) => mutant.status === status).length;
  const [killed, timedOut] = [count("Killed"), count("Timeout")];
  const [survived, uncovered] = [count("Survived"), count("NoCoverage")];
  const all = killed + timedOut + survived + uncovered;
  const percent = all === 0 ? 100 : (100 * (killed + timedOut)) / all;
  return { killed, timedOut, survived, uncovered, broken: mutants.length - all, percent };
}

/** What no test found out. */
export function survivorsOf(mutants: readonly Mutant[]): Mutant[] {
  return mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
}

/** One line a survivor, with its reason where it is listed. */
export function survivorLines(mutants: readonly Mutant[], listed: readonly Listed[]): string[] {
  return survivorsOf(mutants).map((mutant) => {
    const { mutatorName, status, location } = mutant;
    const note = status === "NoCoverage" ? "  (reached by no test)" : "";
    const reason = reasonOf(mutant, listed);
    const place = `${fileOf(mutant)}:${location.start.line}`;
    return `${place} ${mutatorName}  ${changeOf(mutant)}${note}${reason === undefined ? "" : `  [${reason}]`}`;
  });
}

/** The reason a survivor is listed with, if it is. */
export function reasonOf(mutant: Mutant, listed: readonly Listed[]): string | undefined {
  const change = changeOf(mutant);
  return listed.find((each) => each.file === fileOf(mutant) && each.change === change)?.reason;
}

/** The rows of the table in test/mutation/README.md: `| file | change | reason |`. */
export function listedSurvivors(
  text = readFileSync(join(ROOT, "test/mutation/README.md"), "utf8"),
): Listed[] {
  return text.split("\n").flatMap((line) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
    const [, file = "", change = "", reason = ""] = cells;
    if (!file.startsWith("src/") || reason === "") return [];
    return [{ file, change: change.replace(/^`+ ?| ?`+$/g, ""), reason }];
  });
}

/** `a < b → a <= b`, on one line. */
export function changeOf({ fileName, location: { start, end }, replacement }: Mutant): string {
  const lines = readFileSync(join(ROOT, fileOf({ fileName })), "utf8")
    .split("\n")
    .slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? "").slice(0, end.column - 1);
  lines[0] = (lines[0] ?? "").slice(start.column - 1);
  return `${short(lines.join("\n"))} → ${short(replacement)}`;
}

function short(text: string): string {
  const flat = text.replace(/\s+/g, " ");
  return flat.length > 100 ? `${flat.slice(0, 60)} … ${flat.slice(-35)}` : flat;
}

function fileOf({ fileName }: Pick<Mutant, "fileName">): string {
  return relative(ROOT, join(ROOT, relative(ROOT, fileName))).replaceAll("\\", "/");
}
