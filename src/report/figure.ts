import type { Chart } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { histogramSvg } from "./svg-histogram.ts";
import { timeSvg } from "./svg-time.ts";

/** What a {@link figure} is made from. */
export interface FigureOptions {
  readonly chart: Chart;
  readonly title: string;
  /** One or two sentences of what the chart shows, read aloud in its place. */
  readonly summary: string;
  /** Further lines below the chart, such as how fills were thinned out. */
  readonly notes?: readonly Markup[];
}

/**
 * Makes a chart's place on the page: a still picture for paper and for readers without scripts, and the
 * empty element that the page's script draws the interactive chart into.
 */
export function figure(options: FigureOptions): Markup {
  const { chart, title, summary } = options;
  const still = chart.kind === "time" ? timeSvg(chart, summary) : histogramSvg(chart, summary);
  const time = chart.kind === "time";
  const idle = "Point at a fill to read it.";
  const readout = html`<p class="fill-readout" aria-live="polite" data-idle="${idle}">${idle}</p>\n`;
  const keys = `${summary} Arrow keys read values, plus and minus zoom, 0 shows all.`;
  return html`<figure>
<figcaption><span class="title">${title}</span><span class="unit">${chart.unit}</span>${
    time ? html`<button type="button" class="reset-zoom" hidden>Show all</button>` : null
  }</figcaption>
${still}
<div class="chart" id="${chart.id}" tabindex="0" role="group" aria-label="${keys}"></div>
${time && chart.fills !== null ? readout : null}<p class="note">${summary}</p>
${options.notes ?? null}</figure>
`;
}
