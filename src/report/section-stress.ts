import type { StressReport } from "../trial/index.ts";
import { formatNumber } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import { STRESS_COLUMNS, stressCells, stressFailures, stressRuns } from "./stress-words.ts";
import { stressSvg } from "./svg-stress.ts";
import { section, table } from "./table.ts";

/** What becomes of the run in worse worlds: a table and a picture of what is left. */
export function stressSection(report: StressReport): Markup {
  const failures = stressFailures(report);
  return section("stress", "Worse worlds", [
    stressTable(report),
    stressFigure(report),
    failures.length === 0 ? null : html`<ul>${failures.map((line) => html`<li>${line}</li>`)}</ul>`,
  ]);
}

function stressTable(report: StressReport): Markup {
  return table({
    caption: "The same backtest in worse worlds",
    note: `Each world alone${report.all === null ? "" : ", then all together"}; money in ${report.currency}.`,
    columns: [{ label: "World" }, ...STRESS_COLUMNS.map((label) => ({ label, number: true }))],
    rows: stressRuns(report).map((run) => [run.name, ...stressCells(report, run)]),
  });
}

function stressFigure(report: StressReport): Markup {
  const columns = stressRuns(report).map(({ name, figures }) => ({
    label: name,
    value: figures?.profit ?? null,
  }));
  const text = columns.map(({ label, value }) => `${label}: ${formatNumber(value, 2)}`).join("; ");
  return html`<figure class="plain"><figcaption><span class="title">Profit by world; the line is the base's</span><span
class="unit">${report.currency}</span></figcaption>
${stressSvg(columns, `Profit by world in ${report.currency}. ${text}.`)}</figure>
`;
}
