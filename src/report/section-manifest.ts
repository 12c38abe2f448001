import type { RunResult } from "../run/index.ts";
import { DASH, formatCount, formatDecimal, moneyDecimals } from "./figures.ts";
import { formatDuration, formatInstant, readNanos } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { bigintText, plain } from "./plain-value.ts";
import { limitsTable } from "./section-limits.ts";
import { section, table } from "./table.ts";

/** What it takes to run this again and get the same hash: inputs, strategies, models, limits, seed, versions. */
export function manifestSection(result: RunResult): Markup {
  return section("manifest", "Manifest of the run", [
    hashLine(result),
    runTable(result),
    inputsTable(result),
    strategies(result),
    models(result),
    limitsTable(result),
    manifestText(result),
  ]);
}

function hashLine(result: RunResult): Markup {
  return html`<p class="hash"><span class="label">Run hash (SHA-256)</span><code id="run-hash">${
    result.runHash
  }</code><button type="button" data-copy="run-hash" hidden>Copy</button></p>
<p class="note">Over inputs, decisions, effects and final state: equal for equal runs, on any machine.</p>
`;
}

function runTable(result: RunResult): Markup {
  const { environment, manifest } = result;
  const cash = Object.entries(manifest.cash).map(
    ([currency, amount]) => `${formatDecimal(amount, moneyDecimals(Number(amount)))}\u00a0${currency}`,
  );
  return table({
    caption: "Run",
    columns: [{ label: "Item" }, { label: "Value" }],
    rows: [
      ["Package version", html`<code>${manifest.version}</code>`],
      ["Seed", html`<code>${manifest.seed}</code>`],
      ["Starting cash", cash.length === 0 ? DASH : cash.join(", ")],
      ["Events", formatCount(result.events)],
      ["Node (not in the hash)", html`<code>${environment.node}</code>`],
      ["Platform (not in the hash)", html`<code>${environment.platform}</code>`],
      ["Time taken (not in the hash)", formatDuration(environment.elapsedMs * 1e6)],
    ],
    className: "facts",
  });
}

function inputsTable(result: RunResult): Markup {
  const { inputs } = result.manifest;
  const moment = (text: string): Markup => {
    const pieces = formatInstant(readNanos("manifest.inputs", text)).split(" ");
    return html`${pieces.map((piece) => html`<span class="piece">${piece}</span> `)}`;
  };
  return table({
    caption: "Inputs",
    columns: [
      { label: "Instrument" },
      { label: "Source" },
      { label: "Rows", number: true },
      { label: "From" },
      { label: "To" },
      { label: "Content, SHA-256" },
    ],
    rows: inputs.map((input) => [
      input.instrument,
      html`${input.source}, ${input.schema}${input.simulated ? html` <b class="tag">simulated</b>` : null}`,
      formatCount(input.rows),
      moment(input.fromNs),
      moment(input.toNs),
      html`<code>${input.contentSha256}</code>`,
    ]),
    className: "wide",
  });
}

function strategies(result: RunResult): Markup {
  return table({
    caption: "Strategies",
    columns: [{ label: "Strategy" }, { label: "Parameters" }],
    rows: result.manifest.strategies.map((one) => [one.name, html`<code>${plain(one.params)}</code>`]),
    className: "facts",
  });
}

function models(result: RunResult): Markup {
  return table({
    caption: "Models",
    note: "How the simulation answered: latency, queue, fills, fees.",
    columns: [{ label: "Of" }, { label: "Model" }],
    rows: Object.entries(result.manifest.models).map(([key, model]) => [key, modelText(model)]),
    className: "facts",
  });
}

function modelText(model: unknown): Markup {
  if (typeof model !== "object" || model === null || Array.isArray(model)) return html`${plain(model)}`;
  const parts = Object.entries(model).map(
    ([name, value]) => html`<div><dt>${name}</dt><dd><code>${plain(value)}</code></dd></div>`,
  );
  return html`<dl class="model">${parts}</dl>`;
}

function manifestText(result: RunResult): Markup {
  const text = JSON.stringify(result.manifest, bigintText, 2);
  return html`<details class="on-screen"><summary>Manifest as JSON</summary>
<button type="button" data-copy="manifest-json" hidden>Copy</button>
<pre id="manifest-json" tabindex="0">${text}</pre></details>
`;
}
