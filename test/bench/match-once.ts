import { readFileSync } from "node:fs";
import { MATCH_EVENT, MatchingBook } from "../../src/match/index.ts";
import { PUBLISHED_ROW, PUBLISHED_WORDS } from "./flows/published-flow.ts";
import { quantile } from "./rounds.ts";

/** Our matching of a flow in a file, for `bench:peers -- match`: `match-once.ts PATH PASSES`. */
const [path = "", passes = "5"] = process.argv.slice(2);
const bytes = readFileSync(path);
const cells = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const rows = cells.length / PUBLISHED_WORDS;

interface Total {
  trades: number;
  lots: number;
}

function step(book: MatchingBook, at: number, total: Total): void {
  const order = cells[at + 1] as number;
  switch (cells[at]) {
    case PUBLISHED_ROW.cancel:
      book.cancel(order);
      break;
    case PUBLISHED_ROW.move:
      book.move(order, cells[at + 3] as number);
      break;
    default: {
      const [side, tick, lots] = [cells[at + 2] as 1 | -1, cells[at + 3] as number, cells[at + 4] as number];
      book.submitLimit(order, side, tick, lots, cells[at + 5], cells[at]);
    }
  }
  const { events } = book;
  for (let i = 0; i < events.count; i++) {
    if (events.kind[i] !== MATCH_EVENT.traded) continue;
    total.trades++;
    total.lots += events.lots[i] as number;
  }
}

let elapsedNs = Number.POSITIVE_INFINITY;
let total: Total = { trades: 0, lots: 0 };
let live = 0;
for (let pass = 0; pass < Number(passes); pass++) {
  const book = new MatchingBook({ ordersMax: 1 << 20 });
  total = { trades: 0, lots: 0 };
  const start = process.hrtime.bigint();
  for (let at = 0; at < cells.length; at += PUBLISHED_WORDS) step(book, at, total);
  elapsedNs = Math.min(elapsedNs, Number(process.hrtime.bigint() - start));
  live = book.orderCount;
}
const book = new MatchingBook({ ordersMax: 1 << 20 });
const ns = new Float64Array(rows);
const clock = new Float64Array(10_000);
for (let i = 0; i < clock.length; i++) clock[i] = -performance.now() + performance.now();
let last = performance.now();
for (let at = 0, i = 0; at < cells.length; at += PUBLISHED_WORDS, i++) {
  step(book, at, total);
  const now = performance.now();
  ns[i] = (now - last) * 1e6;
  last = now;
}
const lookNs = quantile(clock, 0.5) * 1e6;
const at = (share: number): number => Math.max(0, quantile(ns, share) - lookNs);
process.stdout.write(
  `${JSON.stringify({
    ...{ units: rows, elapsedNs, trades: total.trades / 2, lots: total.lots / 2, live },
    ...{ p50Ns: at(0.5), p99Ns: at(0.99), p999Ns: at(0.999) },
  })}\n`,
);
