import { createRequire } from "node:module";
import { MatchingBook } from "../../src/match/index.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { type MatchFlow, matchFlow } from "./flows/match-flow.ts";
import { interleave, type Measured, quantile, type Run, ratioOf, spreadOf } from "./rounds.ts";

const ROWS = 200_000;
const OURS_REPEATS = 5;
const RESTING = [1_000, 10_000, 100_000, 1_000_000] as const;
/** More takes the peer minutes. */
const PEER_RESTING_MAX = 10_000;

/** What of the peer is called here. */
interface PeerBook {
  limit(order: { id: string; side: string; size: number; price: number }): { err: unknown };
  cancel(id: string): unknown;
  depth(): [asks: [number, number][], bids: [number, number][]];
}

/** An engine driven through a flow; `step` does one row. */
interface Driven {
  readonly step: (i: number) => void;
  /** Asks and bids as [tick, lots], each side sorted by price. */
  readonly levels: () => { asks: number[][]; bids: number[][] };
}

/** The matching engine against nodejs-order-book, and against itself by how much rests. */
export async function bench(): Promise<BenchResult> {
  const flow = matchFlow({ n: ROWS, seed: 20261122 });
  const ids = Array.from({ length: flow.orders }, (_, order) => `order-${order}`);
  const engines = {
    numbers: () => byNumber(flow),
    objects: () => byObject(flow, ids),
    peer: () => peer(flow, ids),
  };
  const checked = checkEqual(
    flow,
    Object.values(engines).map((make) => make()),
  );
  const measured = await interleave(
    [
      { name: "numbers", run: () => run(flow, engines.numbers, OURS_REPEATS) },
      { name: "objects", run: () => run(flow, engines.objects, OURS_REPEATS) },
      { name: "peer", run: () => run(flow, engines.peer, 1) },
    ],
    { rounds: 5, warmUps: 2 },
  );
  const of = (name: string): Measured => measured.get(name) as Measured;
  const theirs = latency(flow, engines.peer);
  const rows: BenchRow[] = [
    {
      ...row("text ids, objects", of("objects"), of("peer")),
      ...{ floor: 15, aim: 25 },
      ...latency(flow, engines.objects),
    },
    { ...row("numbers, submitLimit", of("numbers"), of("peer")), ...latency(flow, engines.numbers) },
  ];
  const notes = [
    checked,
    `nodejs-order-book p50/p99/p99.9: ${theirs.p50Ns} ${theirs.p99Ns} ${theirs.p999Ns} ns (one clock read in each)`,
  ];
  for (const resting of RESTING) {
    const result = await benchResting(resting);
    rows.push(...result.rows);
    notes.push(...result.notes);
  }
  return { rows, notes };
}

/** The same flow over a book in which so many orders stand, against 1,000 of them. */
async function benchResting(resting: number): Promise<BenchResult> {
  const flow = matchFlow({ n: ROWS, seed: 7, resting });
  const few = matchFlow({ n: ROWS, seed: 7, resting: RESTING[0] });
  const drive = (of: MatchFlow, from: number) => () => runFrom(of, from, byNumber(of));
  const ids = Array.from({ length: flow.orders }, (_, order) => `order-${order}`);
  const hasPeer = resting <= PEER_RESTING_MAX;
  const measured = await interleave(
    [
      { name: "many", run: drive(flow, resting) },
      { name: "few", run: drive(few, RESTING[0]) },
      ...(hasPeer ? [{ name: "peer", run: () => runFrom(flow, resting, peer(flow, ids)) }] : []),
    ],
    { rounds: 5 },
  );
  const [many, few1k, other] = ["many", "few", "peer"].map((name) => measured.get(name)) as [
    Measured,
    Measured,
    Measured,
  ];
  const rows: BenchRow[] = [
    {
      ...row(`${resting.toLocaleString("en")} rest`, many, few1k),
      ...{ peer: "1,000 rest", floor: 0.5 },
    },
  ];
  if (hasPeer) rows.push(row(`${resting.toLocaleString("en")} rest`, many, other));
  return { rows, notes: [] };
}

function row(name: string, ours: Measured, other: Measured): BenchRow {
  return {
    name,
    ours: spreadOf(ours.nsPerUnit).median,
    unit: "ns/command",
    peer: "nodejs-order-book 10.1.1",
    peerValue: spreadOf(other.nsPerUnit).median,
    ...ratioFields(ratioOf(other, ours)),
  };
}

function run(flow: MatchFlow, make: () => Driven, repeats: number): Run {
  let elapsedNs = 0;
  for (let k = 0; k < repeats; k++) elapsedNs += runFrom(flow, 0, make()).elapsedNs;
  return { units: flow.n * repeats, elapsedNs };
}

/** Drives the rows from one on; those before are not timed. */
function runFrom(flow: MatchFlow, from: number, { step }: Driven): { units: number; elapsedNs: number } {
  for (let i = 0; i < from; i++) step(i);
  const start = process.hrtime.bigint();
  for (let i = from; i < flow.n; i++) step(i);
  return { units: flow.n - from, elapsedNs: Number(process.hrtime.bigint() - start) };
}

function latency(flow: MatchFlow, make: () => Driven): { p50Ns: number; p99Ns: number; p999Ns: number } {
  const { step } = make();
  const ns = new Float64Array(flow.n);
  let last = performance.now();
  for (let i = 0; i < flow.n; i++) {
    step(i);
    const now = performance.now();
    ns[i] = (now - last) * 1e6;
    last = now;
  }
  const at = (share: number) => Math.round(quantile(ns, share));
  return { p50Ns: at(0.5), p99Ns: at(0.99), p999Ns: at(0.999) };
}

function checkEqual(flow: MatchFlow, engines: readonly Driven[]): string {
  const states = engines.map(({ step, levels }) => {
    for (let i = 0; i < flow.n; i++) step(i);
    return levels();
  });
  const texts = states.map((state) => JSON.stringify(state));
  if (texts.some((text) => text !== texts[0])) throw new Error("the engines differ at the end of the flow");
  const levels = (states[0]?.asks.length ?? 0) + (states[0]?.bids.length ?? 0);
  return `${flow.n} commands, ${flow.orders} orders; equal end states (${levels} levels, every lot)`;
}

function levelsOf(book: MatchingBook): { asks: number[][]; bids: number[][] } {
  const { asks, bids } = book.depth();
  const pairs = (side: typeof asks) => side.map(({ priceTicks, lots }) => [priceTicks, lots]);
  return { asks: pairs(asks), bids: pairs(bids).reverse() };
}

function byNumber(flow: MatchFlow): Driven {
  const book = new MatchingBook({ ordersMax: 1 << 21 });
  const { isAdd, side, order, tick, lots } = flow;
  const step = (i: number): void => {
    const id = order[i] as number;
    if (isAdd[i] === 1) book.submitLimit(id, side[i] as 1 | -1, tick[i] as number, lots[i] as number);
    else book.cancel(id);
  };
  return { step, levels: () => levelsOf(book) };
}

function byObject(flow: MatchFlow, ids: readonly string[]): Driven {
  const book = new MatchingBook({ ordersMax: 1 << 21 });
  const { isAdd, side, order, tick, lots } = flow;
  const step = (i: number): void => {
    const id = ids[order[i] as number] as string;
    if (isAdd[i] !== 1) {
      book.cancel(id);
      return;
    }
    const way = (side[i] as number) > 0 ? "buy" : "sell";
    book.submit({ id, side: way, lots: lots[i] as number, priceTicks: tick[i] as number });
  };
  return { step, levels: () => levelsOf(book) };
}

function peer(flow: MatchFlow, ids: readonly string[]): Driven {
  const { OrderBook } = createRequire(import.meta.url)("nodejs-order-book") as {
    OrderBook: new () => PeerBook;
  };
  const book = new OrderBook();
  const { isAdd, side, order, tick, lots } = flow;
  const step = (i: number): void => {
    const id = ids[order[i] as number] as string;
    if (isAdd[i] !== 1) {
      book.cancel(id);
      return;
    }
    const way = (side[i] as number) > 0 ? "buy" : "sell";
    const { err } = book.limit({ id, side: way, size: lots[i] as number, price: tick[i] as number });
    if (err !== null) throw new Error(`nodejs-order-book refused row ${i}: ${JSON.stringify(err)}`);
  };
  const byPrice = (all: number[][]) => all.sort((a, b) => (a[0] as number) - (b[0] as number));
  const levels = (): { asks: number[][]; bids: number[][] } => {
    const [asks, bids] = book.depth();
    return { asks: byPrice(asks), bids: byPrice(bids) };
  };
  return { step, levels };
}
