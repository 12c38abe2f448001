import { createHash } from "node:crypto";
import { checkChoice, checkKeys, Fault } from "../base/index.ts";
import type { RunResult } from "../run/index.ts";
import { type TcaReport, tcaOfRecord } from "../stat/index.ts";
import type { StressReport } from "../trial/index.ts";
import type { Chart } from "./chart.ts";
import { html, type Markup, scriptJson, trusted } from "./markup.ts";
import { keyStrip, masthead } from "./masthead.ts";
import { checkResult } from "./result-check.ts";
import { costsSection } from "./section-costs.ts";
import { equitySection } from "./section-equity.ts";
import { instrumentsSection } from "./section-instruments.ts";
import { manifestSection } from "./section-manifest.ts";
import { moneySection } from "./section-money.ts";
import { ordersSection } from "./section-orders.ts";
import { returnsSection } from "./section-returns.ts";
import { stressSection } from "./section-stress.ts";
import { timingsSection } from "./section-timings.ts";
import { tradesSection } from "./section-trades.ts";
import { qualitySection, refusalsSection } from "./section-troubles.ts";
import { type SheetAssets, sheetAssets } from "./sheet-assets.ts";

/** How a tear sheet is made. */
export interface TearSheetOptions {
  /**
   * `interactive` (unless given) adds charts that can be pointed at and zoomed, about 55 KB of script;
   * `static` leaves the still pictures alone, which need no script and no uPlot.
   */
  readonly charts?: "interactive" | "static";
  /** What the run's orders cost, by `tcaReport` of `stat`, in place of what the run itself collected. */
  readonly tca?: TcaReport;
  /** What became of the run in worse worlds, by `stressBacktest` of `trial`. */
  readonly stress?: StressReport;
}

/**
 * Writes a run's tear sheet: one HTML file that asks nothing of any network, prints on A4 and reads without
 * scripts. Equal results give equal bytes.
 *
 * @invariant No text of the result can become markup, style or script; the page's own policy forbids every
 * request and every script but the one it was made with.
 * @throws `FAULT_INPUT` when the result is not a `tickwright.run/1` or its columns differ in length;
 * `FAULT_CONFIG` on an unknown option; `FAULT_PEER_MISSING` when run from source without `uplot`.
 * @cost Linear in samples and kept fills; the page stays below 2 MB whatever the length of the run, with at most
 * eight instruments charted; single trades, where they were kept (`drill`), add 1 MB at most.
 */
export function renderTearSheet(result: RunResult, options: TearSheetOptions = {}): string {
  checkKeys("tearSheet", options, ["charts", "tca", "stress"]);
  const mode = checkChoice("tearSheet.charts", options.charts ?? "interactive", ["interactive", "static"]);
  checkResult(result);
  const equity = equitySection(result);
  const instruments = instrumentsSection(result);
  const returns = returnsSection(result);
  const charts: Chart[] = [...equity.charts, ...instruments.charts, ...returns.charts];
  const assets = sheetAssets(mode === "interactive");
  const body = [
    masthead(result),
    keyStrip(result),
    equity.markup,
    instruments.markup,
    returns.markup,
    ordersSection(result),
    timingsSection(result),
    tradesSection(result),
    ...costReports(result, options).map((tca, nth) => costsSection(tca, nth)),
    options.stress === undefined ? null : stressSection(checkStress(options.stress, result)),
    moneySection(result),
    refusalsSection(result),
    qualitySection(result),
    manifestSection(result),
  ];
  return page(result, body, assets, mode === "interactive" ? charts : []).toString();
}

function page(
  result: RunResult,
  body: readonly (Markup | null)[],
  assets: SheetAssets,
  charts: readonly Chart[],
): Markup {
  const script = `${assets.uplotJs}\n${assets.js}`;
  const style = `${assets.uplotCss}\n${assets.css}\n${result.simulated ? SIMULATED_PAGES : ""}`;
  const kind = result.simulated ? "simulated data" : "tear sheet";
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="tickwright ${result.manifest.version}">
<title>${result.name} – ${kind}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#content">To the figures</a>
<main id="content">
${body}${colophon(result, assets)}</main>
<script type="application/json" id="chart-data">${trusted(scriptJson(charts))}</script>
<script>${trusted(script)}</script>
</body>
</html>
`;
}

/** The page may run this script and this style and ask for nothing: not even injected text could. */
function policy(script: string, style: string): string {
  const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
}

/** Every printed page of a simulated run says so in its margin. */
const SIMULATED_PAGES =
  '@page { @top-right { content: "SIMULATED DATA"; font: bold 8pt sans-serif; color: #6b4a00; } }';

function colophon(result: RunResult, assets: SheetAssets): Markup {
  const version = /\(v([\d.]+)\)/.exec(assets.uplotJs)?.[1] ?? "";
  const licence = html`<details class="on-screen"><summary>Charts drawn with uPlot ${version}, MIT licence</summary>
<pre class="licence">${assets.uplotLicense}</pre></details>
`;
  return html`<footer>
<p>Made by tickwright ${result.manifest.version}. Times are UTC. – stands for a figure that does not exist.</p>
${assets.uplotJs === "" ? null : licence}</footer>
`;
}

/** The analyses given, else those of the run itself that have orders. */
function costReports(result: RunResult, options: TearSheetOptions): TcaReport[] {
  if (options.tca !== undefined) return [checkTca(options.tca)];
  return (result.tca ?? []).map(tcaOfRecord).filter(({ counts }) => counts.orders > 0);
}

function checkTca(tca: TcaReport): TcaReport {
  if (tca?.schema === "tickwright.tca/1") return tca;
  throw new Fault("FAULT_CONFIG", { path: "tearSheet.tca", value: tca, expected: "a report of tcaReport" });
}

/** Of this run, and of no other. */
function checkStress(stress: StressReport, { runHash }: RunResult): StressReport {
  if (stress?.schema === "tickwright.stress/1" && stress.base.runHash === runHash) return stress;
  const expected = `a report of stressBacktest whose base is the run ${runHash}`;
  throw new Fault("FAULT_CONFIG", { path: "tearSheet.stress", value: stress?.base?.runHash, expected });
}
