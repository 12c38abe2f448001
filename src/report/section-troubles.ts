import type { RunInput, RunResult } from "../run/index.ts";
import { formatCount, formatPercent } from "./figures.ts";
import { formatDuration } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { words } from "./stat-names.ts";
import { nothing, section, table } from "./table.ts";

/** What our rules said no to, by code, and what the run warns of. */
export function refusalsSection(result: RunResult): Markup {
  return section(
    "refusals",
    "Refusals and warnings",
    html`<div class="pair">${refusalsTable(result)}${warningsList(result)}</div>`,
  );
}

function refusalsTable(result: RunResult): Markup {
  const { refusals, refused } = result.orders;
  const rows = Object.entries(refusals).sort((a, b) => b[1] - a[1]);
  if (rows.length === 0) return nothing("No order was refused by our rules.");
  return table({
    caption: "Refusals by code",
    columns: [{ label: "Code" }, { label: "Orders", number: true }, { label: "Share", number: true }],
    rows: rows.map(([code, count]) => [
      html`<code>${code}</code>`,
      formatCount(count),
      formatPercent(refused === 0 ? null : count / refused, 1),
    ]),
    foot: [["All", formatCount(refused), ""]],
  });
}

function warningsList(result: RunResult): Markup {
  if (result.warnings.length === 0) return nothing("The run warns of nothing.");
  const items = result.warnings.map((warning) => html`<li>${warning}</li>`);
  return html`<div><h3>Warnings</h3>
<ul class="warnings">${items}</ul></div>
`;
}

/** Everything that was dropped, repaired or adjusted on import, for each input. */
export function qualitySection(result: RunResult): Markup {
  const { inputs } = result.manifest;
  if (inputs.length === 0) return section("quality", "Data quality", nothing("The run had no inputs."));
  return section("quality", "Data quality", html`<div class="pair">${inputs.map(countsTable)}</div>`);
}

function countsTable(input: RunInput): Markup {
  const rows = Object.entries(input.counts);
  const name = `${input.instrument}, ${input.schema}`;
  if (rows.length === 0) {
    return nothing(`${name}: the import of ${formatCount(input.rows)} rows counted nothing.`);
  }
  return table({
    caption: `Import of ${name}`,
    note: `${formatCount(input.rows)} rows kept, from ${input.source}${input.simulated ? " (simulated)" : ""}.`,
    columns: [
      { label: "Counted on import" },
      { label: "Count", number: true },
      { label: "Of rows kept", number: true },
    ],
    rows: rows.map(([key, count]) =>
      key.endsWith("Ns")
        ? [words(key.slice(0, -2)), formatDuration(count), ""]
        : [words(key), formatCount(count), formatPercent(input.rows === 0 ? null : count / input.rows, 4)],
    ),
  });
}
