import { type Content, html, type Markup } from "./markup.ts";

/** A column of a {@link table}: its heading, and whether it holds numbers (set right, in even digits). */
export interface Column {
  readonly label: string;
  readonly number?: boolean;
}

/** What a {@link table} is made from. The first cell of a row names the row. */
export interface TableOptions {
  readonly caption: string;
  /** A line under the caption: how the figures were made. */
  readonly note?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Content[])[];
  /** Rows set apart below the others: sums. */
  readonly foot?: readonly (readonly Content[])[];
  readonly className?: string;
}

/** Makes a table that reads well aloud: caption, column and row headings; wide ones scroll by keyboard too. */
export function table(options: TableOptions): Markup {
  const { caption, columns, note } = options;
  const heads = columns.map((column) => html`<th scope="col"${numberClass(column)}>${column.label}</th>`);
  const row = (cells: readonly Content[]): Markup =>
    html`<tr>${cells.map((cell, i) => bodyCell(cell, columns[i], i === 0))}</tr>\n`;
  const foot = options.foot ?? [];
  return html`<div class="table ${options.className ?? ""}" role="region" tabindex="0" aria-label="${caption}"><table>
${captionOf(caption, note)}
<thead><tr>${heads}</tr></thead>
<tbody>
${options.rows.map(row)}</tbody>
${foot.length === 0 ? null : html`<tfoot>${foot.map(row)}</tfoot>`}</table></div>
`;
}

/** A caption stays in view while its table scrolls sideways. */
export function captionOf(caption: string, note: string | undefined): Markup {
  const below = note === undefined ? null : html`<span class="note">${note}</span>`;
  return html`<caption><span class="held">${caption}${below}</span></caption>`;
}

function bodyCell(cell: Content, column: Column | undefined, first: boolean): Markup {
  if (first) return html`<th scope="row">${cell}</th>`;
  return html`<td${column === undefined ? null : numberClass(column)}>${cell}</td>`;
}

function numberClass(column: Column): Markup | null {
  return column.number === true ? html` class="number"` : null;
}

/** Makes a section of the sheet with its heading; the heading's id is what links point to. */
export function section(id: string, title: string, content: Content): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
}

/** A sentence in place of a figure or table that the run has nothing for. */
export function nothing(text: string): Markup {
  return html`<p class="nothing">${text}</p>\n`;
}
