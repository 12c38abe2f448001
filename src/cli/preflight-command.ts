import process from "node:process";
import { parseArgs } from "node:util";
import { type PreflightReport, preflightSetup } from "../run/index.ts";
import { loadDesk } from "./load-desk.ts";
import { environmentRedaction, hidden, hiddenJson } from "./trade-log.ts";
import { Usage } from "./usage.ts";

const HELP = `tickwright preflight --config FILE [options]

Looks at everything that a live start depends on: clock, feeds, venues and what their keys may do, balances, limits,
disk, recovery, kill switch, the paper gate. Nothing is sent.

  --config FILE      a module whose default export makes the desk, with \`preflight\`
  --json             print the report as one JSON object

Exit codes: 0 green, 1 red, 2 a wrong call.
`;

/** `tickwright preflight`: what speaks against a live start. */
export async function preflightCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: "boolean", short: "h" }, config: { type: "string" }, json: { type: "boolean" } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.config === undefined) throw new Usage("--config which file?");
  let redaction = environmentRedaction();
  try {
    const setup = await loadDesk(values.config, "preflight", undefined, []);
    redaction = environmentRedaction(setup.live?.credentials ?? []);
    const report = await preflightSetup(setup);
    const safe = JSON.parse(hiddenJson(report, redaction)) as PreflightReport;
    process.stdout.write(values.json === true ? `${JSON.stringify(safe)}\n` : tableOf(safe));
    return report.isGreen ? 0 : 1;
  } catch (error) {
    throw hidden(error, redaction);
  }
}

function tableOf({ checks, isGreen, failed, warned }: PreflightReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, state, measured, expected, change }) => [
    `${state.padEnd(5)}${name.padEnd(width + 2)}${measured}`,
    ...(state === "ok" ? [] : [`${" ".repeat(width + 7)}expected ${expected}; ${change}`]),
  ]);
  return `${lines.join("\n")}\n\n${isGreen ? "green" : "red"}: ${failed} fail, ${warned} warn\n`;
}
