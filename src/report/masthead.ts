import type { RunResult } from "../run/index.ts";
import { formatCount } from "./figures.ts";
import { keyFigures, runLengthNs } from "./headline.ts";
import { formatDuration, formatInstant, readNanos } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { statOf } from "./stat-names.ts";

const MONTH_NS = 30 * 86_400e9;

/** The head of the sheet: what ran, on what, when; whether its market was real; what to be careful of. */
export function masthead(result: RunResult): Markup {
  const strategies = result.manifest.strategies.map((one) => one.name);
  return html`<header class="masthead">
<div class="top"><p class="eyebrow">Tear sheet</p><button type="button" id="theme" hidden>Theme</button></div>
<h1>${result.name}</h1>
${result.simulated ? simulatedLabel() : null}<dl class="facts">
<div><dt>${strategies.length === 1 ? "Strategy" : "Strategies"}</dt><dd>${
    strategies.length === 0 ? "none" : strategies.join(", ")
  }</dd></div>
<div><dt>Instruments</dt><dd>${instrumentNames(result)}</dd></div>
<div><dt>Period</dt><dd>${pieces(period(result))}</dd></div>
<div><dt>Events</dt><dd>${formatCount(result.events)}</dd></div>
<div><dt>Run hash</dt><dd><a href="#manifest"><code>${result.runHash.slice(0, 16)}…</code></a></dd></div>
</dl>
${cautions(result)}</header>
`;
}

function simulatedLabel(): Markup {
  return html`<p class="simulated" role="note"><b>SIMULATED DATA</b> <span>The market of this run was generated, in
whole or in part. Its figures say nothing about a real market.</span></p>
`;
}

/** The names of what was traded, at most six of them. */
export function instrumentNames(result: RunResult): string {
  const all = [...new Set(result.manifest.inputs.map((input) => input.instrument))];
  if (all.length === 0) return "none";
  return all.length <= 6 ? all.join(", ") : `${all.slice(0, 6).join(", ")} and ${all.length - 6} more`;
}

/** Lets a line break between words only, not within a date. */
function pieces(text: string): Markup[] {
  return text.split(" ").map((piece) => html`<span class="piece">${piece}</span> `);
}

/** From when to when a run went, and how long that is. */
export function period(result: RunResult): string {
  const from = formatInstant(readNanos("fromNs", result.fromNs));
  const to = formatInstant(readNanos("toNs", result.toNs));
  return `${from} to ${to} (${formatDuration(runLengthNs(result))})`;
}

function cautions(result: RunResult): Markup {
  const lines: Markup[] = [];
  if (result.warnings.length > 0) {
    const count = result.warnings.length === 1 ? "1 warning" : `${result.warnings.length} warnings`;
    lines.push(html`<li><a href="#refusals">${count}</a> from the run.</li>`);
  }
  if (result.fills.count === 0) lines.push(html`<li>Nothing was traded: most figures are absent.</li>`);
  if (statOf(result.stats, "sharpe") !== null && runLengthNs(result) < MONTH_NS) {
    const length = formatDuration(runLengthNs(result));
    lines.push(html`<li>The run covers ${length}: ratios scaled to a year carry little information.</li>`);
  }
  return lines.length === 0 ? html`` : html`<ul class="cautions">${lines}</ul>\n`;
}

/** Sets the unit of a printed figure smaller than the figure. */
function smallUnit(printed: string): Markup {
  const [value = "", ...unit] = printed.split("\u00a0");
  return unit.length === 0 ? html`${value}` : html`${value} <small>${unit.join(" ")}</small>`;
}

/** The strip of key figures. */
export function keyStrip(result: RunResult): Markup {
  const cells = keyFigures(result).map(
    (figure) =>
      html`<div id="figure-${figure.id}"><dt>${figure.label}</dt><dd><span class="value">${smallUnit(
        figure.value,
      )}</span><span class="note">${figure.note}</span></dd></div>\n`,
  );
  return html`<section aria-label="Key figures"><dl class="strip">
${cells}</dl></section>
`;
}
