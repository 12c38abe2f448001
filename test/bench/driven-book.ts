import { createRequire } from "node:module";
import { type BenchRow, ratioFields } from "./bench-row.ts";
import { type Measured, quantile, type Run, ratioOf, spreadOf } from "./rounds.ts";

/** Asks and bids as [tick, lots], each side sorted by price. */
export interface Levels {
  readonly asks: number[][];
  readonly bids: number[][];
}

/** A book driven through a flow; `step` does one row. */
export interface Driven {
  readonly step: (i: number) => void;
  readonly levels: () => Levels;
}

/** What of nodejs-order-book is called here; its ESM entry does not load, its CommonJS entry does. */
export interface PeerBook {
  limit(order: { id: string; side: string; size: number; price: number }): { err: unknown };
  market(order: { side: string; size: number }): { err: unknown };
  modify(id: string, update: { size: number; price: number }): { err: unknown };
  cancel(id: string): unknown;
  depth(): [asks: [number, number][], bids: [number, number][]];
}

/** nodejs-order-book, driven by `step`, which returns what a call refused with. */
export function drivenPeer(step: (book: PeerBook, i: number) => unknown): Driven {
  const { OrderBook } = createRequire(import.meta.url)("nodejs-order-book") as {
    OrderBook: new () => PeerBook;
  };
  const book = new OrderBook();
  const byPrice = (side: number[][]): number[][] => side.sort((a, b) => (a[0] as number) - (b[0] as number));
  return {
    step: (i) => {
      const err = step(book, i) ?? null;
      if (err !== null) throw new Error(`nodejs-order-book refused row ${i}: ${JSON.stringify(err)}`);
    },
    levels: () => {
      const [asks, bids] = book.depth();
      return { asks: byPrice(asks), bids: byPrice(bids) };
    },
  };
}

/** Levels of ours, the best bid first, in the order of {@link Levels}. */
export function levelsOf({ asks, bids }: Record<"asks" | "bids", readonly Level[]>): Levels {
  const pairs = (side: readonly Level[]): number[][] =>
    side.map(({ priceTicks, lots }) => [priceTicks, lots]);
  return { asks: pairs(asks), bids: pairs(bids).reverse() };
}

interface Level {
  readonly priceTicks: number;
  readonly lots: number;
}

/** Runs each through all rows; throws where they differ at the end. Returns how many levels were compared. */
export function checkEqual(n: number, books: readonly Driven[]): number {
  const states = books.map(({ step, levels }) => {
    for (let i = 0; i < n; i++) step(i);
    return levels();
  });
  const texts = states.map((state) => JSON.stringify(state));
  if (texts.some((text) => text !== texts[0])) throw new Error("the books differ at the end of the flow");
  return (states[0]?.asks.length ?? 0) + (states[0]?.bids.length ?? 0);
}

/** Rows from one on, timed; those before are not. */
export function timed(n: number, from: number, { step }: Driven): { units: number; elapsedNs: number } {
  for (let i = 0; i < from; i++) step(i);
  const start = process.hrtime.bigint();
  for (let i = from; i < n; i++) step(i);
  return { units: n - from, elapsedNs: Number(process.hrtime.bigint() - start) };
}

/** All rows, several times, each by a new book. */
export function timedAgain(n: number, repeats: number, make: () => Driven): Run {
  let elapsedNs = 0;
  for (let k = 0; k < repeats; k++) elapsedNs += timed(n, 0, make()).elapsedNs;
  return { units: n * repeats, elapsedNs };
}

/** What single rows take, one reading of the clock in each. */
export function latency(n: number, make: () => Driven): { p50Ns: number; p99Ns: number; p999Ns: number } {
  const { step } = make();
  const ns = new Float64Array(n);
  let last = performance.now();
  for (let i = 0; i < n; i++) {
    step(i);
    const now = performance.now();
    ns[i] = (now - last) * 1e6;
    last = now;
  }
  const at = (share: number): number => Math.round(quantile(ns, share));
  return { p50Ns: at(0.5), p99Ns: at(0.99), p999Ns: at(0.999) };
}

/** Ours against the peer. */
export function peerRow(name: string, ours: Measured, peer: Measured): BenchRow {
  return {
    name,
    ours: spreadOf(ours.nsPerUnit).median,
    unit: "ns/command",
    peer: "nodejs-order-book 10.1.1",
    peerValue: spreadOf(peer.nsPerUnit).median,
    ...ratioFields(ratioOf(peer, ours)),
  };
}
