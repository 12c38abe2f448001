import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Fault } from "../base/index.ts";
import { renderCosts, renderSummary, renderTearSheet } from "../report/index.ts";
import { costFiles, costsOf, readResult, readStress } from "./run-files.ts";
import { Usage } from "./usage.ts";

const HELP = `tickwright report <result.json> [more results] [options]

Makes the tear sheet of each result anew, beside it, and costs.csv, and prints a summary table and what orders cost.

  --static      no scripts in the page, for mail and archives
  --out FILE    where to write (one result only)
`;

/** `tickwright report`: tear sheets from results. */
export async function reportCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, static: { type: "boolean" }, out: { type: "string" } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length === 0) throw new Usage("which result.json?");
  if (values.out !== undefined && positionals.length > 1) throw new Usage("--out takes one result");
  const results = positionals.map((path) => ({ path, result: readResult(path) }));
  for (const { path, result } of results) {
    const out = values.out ?? join(dirname(path), "report.html");
    const stress = readStress(dirname(path), result);
    const page = renderTearSheet(result, {
      charts: values.static === true ? "static" : "interactive",
      ...(stress === undefined ? {} : { stress }),
    });
    try {
      writeFileSync(out, page);
      for (const [file, text] of costFiles(dirname(out), result)) writeFileSync(file, text);
    } catch (cause) {
      const expected = "a file that can be written";
      throw new Fault("FAULT_IO", { path: out, value: String(cause), expected, cause });
    }
    process.stderr.write(`wrote ${out}\n`);
  }
  process.stdout.write(`${renderSummary(results.map(({ result }) => result))}\n`);
  process.stdout.write(renderCosts(results.flatMap(({ result }) => costsOf(result))));
  return 0;
}
