import type { Exposure } from "./exposure.ts";
import { CELL_STRIDE, NODE, NODE_STRIDE } from "./exposure-rows.ts";
import type { StatePart, StateReader } from "./state-bytes.ts";
import { BUCKET, NEVER_DUE_NS } from "./token-bucket.ts";

/** What a node's row holds beside copies of its limits. */
const NODE_FIGURES: readonly number[] = [
  ...[NODE.gross, NODE.long, NODE.short, NODE.margin, NODE.today, NODE.openOrders, NODE.openValue],
  ...[NODE.capital, NODE.isLossLatched, NODE.sent, NODE.before, NODE.bucket + BUCKET.dueNs],
];
/** What of it stands there at the start, where it is not 0. */
const AT_FIRST = new Map([
  [NODE.capital as number, Number.NaN],
  [NODE.bucket + BUCKET.dueNs, NEVER_DUE_NS],
]);
const OTHERWISE: readonly number[] = NODE_FIGURES.map((figure) => AT_FIRST.get(figure) ?? 0);

/** Words of 32 bits in a row of a cell. */
const CELL_WORDS = 2 * CELL_STRIDE;

interface Row {
  readonly at: number;
  readonly figures: readonly (readonly [figure: number, value: number])[];
}

/**
 * The rows of all nodes: sums, capital, what was made and lost, latches of the daily loss, messages, buckets. The sums
 * are those that were kept, not new ones: what passed 2^53 or was NaN stays as it was.
 */
export function nodesPart(exposure: Exposure): StatePart {
  const { nodes } = exposure;
  const count = nodes.length / NODE_STRIDE;
  return {
    saveInto(to) {
      let last = -1;
      for (let node = 0; node < count; node++) {
        const row = node * NODE_STRIDE;
        let mask = 0;
        for (let bit = 0; bit < NODE_FIGURES.length; bit++) {
          const figure = nodes[row + (NODE_FIGURES[bit] as number)] as number;
          if (!Object.is(figure, OTHERWISE[bit])) mask |= 1 << bit;
        }
        if (mask === 0) continue;
        to.number(node - last);
        to.number(mask);
        for (let bit = 0; bit < NODE_FIGURES.length; bit++) {
          if ((mask & (1 << bit)) !== 0) to.number(nodes[row + (NODE_FIGURES[bit] as number)] as number);
        }
        last = node;
      }
      to.number(0);
    },
    loadFrom(from) {
      const rows = readRows(from, "node", count, NODE_STRIDE, NODE_FIGURES);
      return () => {
        for (let node = 0; node < count; node++) {
          for (const [bit, figure] of NODE_FIGURES.entries()) {
            exposure.setNode(node, figure, OTHERWISE[bit] as number);
          }
        }
        putRows(nodes, rows);
      };
    },
  };
}

/** The rows of the cells that hold anything: positions, open orders, their worth and their profit. */
export function cellsPart(exposure: Exposure): StatePart {
  const { cells } = exposure;
  const words = new Uint32Array(cells.buffer, cells.byteOffset, 2 * cells.length);
  const count = cells.length / CELL_STRIDE;
  const figures = Array.from({ length: CELL_STRIDE }, (_, figure) => figure);
  return {
    saveInto(to) {
      let last = -1;
      for (let cell = 0; cell < count; cell++) {
        const mask = maskOf(words, cell * CELL_WORDS);
        if (mask === 0) continue;
        to.number(cell - last);
        to.number(mask);
        for (let figure = 0; figure < CELL_STRIDE; figure++) {
          if ((mask & (1 << figure)) !== 0) to.number(cells[cell * CELL_STRIDE + figure] as number);
        }
        last = cell;
      }
      to.number(0);
    },
    loadFrom(from) {
      const rows = readRows(from, "cell", count, CELL_STRIDE, figures);
      return () => {
        cells.fill(0);
        putRows(cells, rows);
      };
    },
  };
}

/** A bit for each figure of a cell that is not 0; -0 and NaN are not. */
function maskOf(words: Uint32Array, from: number): number {
  let mask = 0;
  for (let figure = 0; figure < CELL_STRIDE; figure++) {
    const at = from + 2 * figure;
    if (((words[at] as number) | (words[at + 1] as number)) !== 0) mask |= 1 << figure;
  }
  return mask;
}

function readRows(
  from: StateReader,
  field: string,
  count: number,
  stride: number,
  figures: readonly number[],
): readonly Row[] {
  const rows: Row[] = [];
  from.places(field, count, (place) => {
    const mask = from.whole("figures", 1, (1 << figures.length) - 1);
    const named = figures.filter((_, bit) => (mask & (1 << bit)) !== 0);
    rows.push({ at: place * stride, figures: named.map((figure) => [figure, from.number()]) });
  });
  return rows;
}

function putRows(column: Float64Array, rows: readonly Row[]): void {
  for (const { at, figures } of rows) for (const [figure, value] of figures) column[at + figure] = value;
}
