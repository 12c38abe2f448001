import process from "node:process";
import { parseArgs, styleText } from "node:util";
import { isRefusal } from "../base/index.ts";
import {
  LATENCY_TIERS,
  type LatencyCheck,
  type LatencyTier,
  latencyChecks,
  tierReached,
} from "../host/index.ts";
import { type Examined, examineMachine } from "./doctor-facts.ts";
import { type Measured, measureMachine } from "./doctor-measure.ts";
import { Usage } from "./usage.ts";

const HELP = `tickwright doctor [options]

What this machine offers a trading process, and what to change for each tier of latency (from an input to the order that
answers it): medium 1 to 100 ms, high 100 µs to 1 ms, ultra below 100 µs. It looks and changes nothing.

  --tier NAME    only what medium, high or ultra asks for; exit code 1 unless all of it holds
  --measure      also measure, for about 2 s: what takes the core away, the clocks, a message between two threads
  --json         print everything that was found as one JSON object

What a machine does not say is unknown, and does not hold. Nothing here measures the way to an exchange.
Exit codes: 0 done, 1 the tier that was asked for is not reached, 2 a wrong call.
`;

const TIERS: Readonly<Record<LatencyTier, string>> = {
  medium: "medium: 1 to 100 ms",
  high: "high: 100 µs to 1 ms",
  ultra: "ultra: below 100 µs",
};

/** `tickwright doctor`: what this machine offers, and what to change. */
export async function doctorCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h" },
      tier: { type: "string" },
      measure: { type: "boolean" },
      json: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const tier = tierOf(values.tier);
  const examined = await examineMachine();
  const asked = LATENCY_TIERS.slice(0, tier === undefined ? undefined : LATENCY_TIERS.indexOf(tier) + 1);
  const checks = latencyChecks(examined.facts).filter((check) => asked.includes(check.tier));
  const measured = values.measure === true ? await measureMachine() : undefined;
  const reached = tierReached(checks);
  const text =
    values.json === true
      ? JSON.stringify({ reached: reached ?? null, checks, ...examined, measured }, (_key, value: unknown) =>
          typeof value === "bigint" ? value.toString() : value === Infinity ? "unlimited" : value,
        )
      : [
          ...checkLines(checks, asked),
          ...clockLines(examined),
          ...measuredLines(measured),
          verdict(reached, checks),
        ].join("\n");
  process.stdout.write(`${text}\n`);
  return tier === undefined || checks.every(({ state }) => state === "holds") ? 0 : 1;
}

function tierOf(text: string | undefined): LatencyTier | undefined {
  const tier = LATENCY_TIERS.find((each) => each === text);
  if (text !== undefined && tier === undefined) {
    throw new Usage(`--tier: ${JSON.stringify(text)} is none of ${LATENCY_TIERS.join(", ")}`);
  }
  return tier;
}

const MARKS = { holds: "✓", lacks: "✗", unknown: "?" } as const;
const COLOURS = { holds: "green", lacks: "red", unknown: "yellow" } as const;

function checkLines(checks: readonly LatencyCheck[], tiers: readonly LatencyTier[]): string[] {
  return tiers.flatMap((tier) => [
    styleText("bold", TIERS[tier]),
    ...checks.filter((check) => check.tier === tier).flatMap(linesOf),
    "",
  ]);
}

function linesOf({ name, state, found, expected, why, change }: LatencyCheck): string[] {
  const line = `  ${styleText(COLOURS[state], MARKS[state])} ${name.padEnd(20)} ${found}`;
  if (state === "holds") return [line];
  return [line, `      wanted  ${expected}`, `      why     ${why}`, `      change  ${change}`];
}

function clockLines({ survey }: Examined): string[] {
  const { finding, sources } = survey;
  const state = isRefusal(finding)
    ? finding.message
    : `${finding.state}, by ${finding.source}; hardware ${finding.hardware}; proof ${finding.proof}`;
  return [
    styleText("bold", "clock"),
    `  ${state}`,
    ...sources.map(
      ({ name, answers, trouble, parts }) => `  ${name}: ${answers ? parts.join(", ") : trouble}`,
    ),
    "",
  ];
}

function measuredLines(measured: Measured | undefined): string[] {
  if (measured === undefined) return [];
  const rows = measured.figures.map(({ name, value, unit }) => `  ${name.padEnd(44)} ${value} ${unit}`);
  return [
    styleText("bold", "measured here and now, on a machine that may be busy"),
    ...rows,
    ...measured.notes,
    "",
  ];
}

function verdict(reached: LatencyTier | undefined, checks: readonly LatencyCheck[]): string {
  const left = (state: LatencyCheck["state"]): number =>
    checks.filter((check) => check.state === state).length;
  const rest = `${left("lacks")} of ${checks.length} lack, ${left("unknown")} unknown`;
  return `${reached === undefined ? "no tier is reached" : `reached: ${TIERS[reached]}`} (${rest})`;
}
