import { createRequire } from "node:module";
import { OrderBookL3 } from "../../../src/book/index.ts";
import { type BenchResult, type BenchRow, ratioFields } from "../bench-row.ts";
import { type FULLNESS, ORDER_ROW, type OrderFlow, orderFlow, takeFront } from "../flows/order-flow.ts";
import { interleave, type Measured, quantile, type Run, ratioOf, spreadOf } from "../rounds.ts";

const ROWS = 200_000;
const OURS_REPEATS = 6;

/** What of the peer is called here; its ESM entry does not load, its CommonJS entry does. */
interface PeerBook {
  limit(order: { id: string; side: string; size: number; price: number }): { err: unknown };
  market(order: { side: string; size: number }): { err: unknown };
  modify(id: string, update: { size: number; price: number }): { err: unknown };
  cancel(id: string): unknown;
  depth(): [asks: [number, number][], bids: [number, number][]];
}

/** A book driven through a whole flow; `step` does one row. */
interface Driven {
  readonly step: (i: number) => void;
  /** Asks and bids as [tick, lots], each side sorted by price. */
  readonly levels: () => { asks: number[][]; bids: number[][] };
}

export async function benchOrders(): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const fullness of ["full", "thin"] as const) {
    const result = await benchFlow(fullness);
    rows.push(...result.rows);
    notes.push(...result.notes);
  }
  return { rows, notes };
}

async function benchFlow(fullness: keyof typeof FULLNESS): Promise<BenchResult> {
  const flow = orderFlow(ROWS, 20261121, fullness);
  const ids = Array.from({ length: flow.orders }, (_, order) => `order-${order}`);
  const books = {
    dense: () => dense(flow),
    text: () => byText(flow, ids),
    peer: () => peer(flow, ids),
  };
  const checked = checkEqual(
    flow,
    Object.values(books).map((make) => make()),
  );
  const measured = await interleave(
    [
      { name: "dense", run: () => run(flow, books.dense, OURS_REPEATS) },
      { name: "text", run: () => run(flow, books.text, OURS_REPEATS) },
      { name: "peer", run: () => run(flow, books.peer, 1) },
    ],
    { rounds: 5, warmUps: 2 },
  );
  const of = (name: string): Measured => measured.get(name) as Measured;
  const floor = fullness === "full" ? { floor: 25 } : {};
  const rows: BenchRow[] = [
    {
      ...row(`by order, ${fullness}, slots`, of("dense"), of("peer")),
      ...floor,
      ...latency(flow, books.dense),
    },
    { ...row(`by order, ${fullness}, text ids`, of("text"), of("peer")), ...latency(flow, books.text) },
  ];
  const theirs = latency(flow, books.peer);
  const collections = (name: string) => spreadOf(of(name).collections).median;
  return {
    rows,
    notes: [
      `by order, ${fullness}: ${checked}`,
      `nodejs-order-book p50/p99/p99.9: ${theirs.p50Ns} ${theirs.p99Ns} ${theirs.p999Ns} ns (one clock read in each)`,
      `collections a run (median): slots ${collections("dense")}, text ${collections("text")} (${OURS_REPEATS} ` +
        `passes), nodejs-order-book ${collections("peer")} (1 pass)`,
    ],
  };
}

function row(name: string, ours: Measured, peer: Measured): BenchRow {
  return {
    name,
    ours: spreadOf(ours.nsPerUnit).median,
    unit: "ns/command",
    peer: "nodejs-order-book 10.1.1",
    peerValue: spreadOf(peer.nsPerUnit).median,
    ...ratioFields(ratioOf(peer, ours)),
  };
}

function run(flow: OrderFlow, make: () => Driven, repeats: number): Run {
  let elapsed = 0;
  for (let k = 0; k < repeats; k++) {
    const { step } = make();
    const start = process.hrtime.bigint();
    for (let i = 0; i < flow.n; i++) step(i);
    elapsed += Number(process.hrtime.bigint() - start);
  }
  return { units: flow.n * repeats, elapsedNs: elapsed };
}

function latency(flow: OrderFlow, make: () => Driven): { p50Ns: number; p99Ns: number; p999Ns: number } {
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

function checkEqual(flow: OrderFlow, books: readonly Driven[]): string {
  const states = books.map(({ step, levels }) => {
    for (let i = 0; i < flow.n; i++) step(i);
    return levels();
  });
  const texts = states.map((state) => JSON.stringify(state));
  if (texts.some((text) => text !== texts[0])) throw new Error("the books differ at the end of the flow");
  const levels = (states[0]?.asks.length ?? 0) + (states[0]?.bids.length ?? 0);
  return `${flow.n} commands, ${flow.orders} orders, ${flow.live} live at the end; equal end states (${levels} levels, every lot)`;
}

function levelsOf(book: OrderBookL3): { asks: number[][]; bids: number[][] } {
  const { asks, bids } = book.copy();
  const pairs = (side: typeof asks) => side.map(({ priceTicks, lots }) => [priceTicks, lots]);
  return { asks: pairs(asks), bids: pairs(bids).reverse() };
}

function dense(flow: OrderFlow): Driven {
  const book = new OrderBookL3();
  const slots = new Int32Array(flow.orders);
  const { kind, side, order, tick, lots } = flow;
  const step = (i: number): void => {
    const id = order[i] as number;
    switch (kind[i]) {
      case ORDER_ROW.add:
        slots[id] = book.addSlot(side[i] as 1 | -1, tick[i] as number, lots[i] as number);
        break;
      case ORDER_ROW.cancel:
        book.cancelSlot(slots[id] as number);
        break;
      case ORDER_ROW.modify:
        book.modifySlot(slots[id] as number, tick[i] as number, lots[i] as number);
        break;
      default:
        takeFront(book, side[i] as 1 | -1, lots[i] as number);
    }
  };
  return { step, levels: () => levelsOf(book) };
}

function byText(flow: OrderFlow, ids: readonly string[]): Driven {
  const book = new OrderBookL3();
  const { kind, side, order, tick, lots } = flow;
  const step = (i: number): void => {
    const id = ids[order[i] as number] as string;
    switch (kind[i]) {
      case ORDER_ROW.add:
        book.add(id, side[i] as 1 | -1, tick[i] as number, lots[i] as number);
        break;
      case ORDER_ROW.cancel:
        book.cancel(id);
        break;
      case ORDER_ROW.modify:
        book.modify(id, tick[i] as number, lots[i] as number);
        break;
      default:
        takeFront(book, side[i] as 1 | -1, lots[i] as number);
    }
  };
  return { step, levels: () => levelsOf(book) };
}

function peer(flow: OrderFlow, ids: readonly string[]): Driven {
  const { OrderBook } = createRequire(import.meta.url)("nodejs-order-book") as {
    OrderBook: new () => PeerBook;
  };
  const book = new OrderBook();
  const { kind, side, order, tick, lots } = flow;
  const step = (i: number): void => {
    const id = ids[order[i] as number] as string;
    const own = (side[i] as number) > 0 ? "buy" : "sell";
    const size = lots[i] as number;
    let err: unknown = null;
    switch (kind[i]) {
      case ORDER_ROW.add:
        err = book.limit({ id, side: own, size, price: tick[i] as number }).err;
        break;
      case ORDER_ROW.cancel:
        book.cancel(id);
        break;
      case ORDER_ROW.modify:
        err = book.modify(id, { size, price: tick[i] as number }).err;
        break;
      default:
        err = book.market({ side: own === "buy" ? "sell" : "buy", size }).err;
    }
    if (err !== null) throw new Error(`nodejs-order-book refused row ${i}: ${JSON.stringify(err)}`);
  };
  const byPrice = (side: number[][]) => side.sort((a, b) => (a[0] as number) - (b[0] as number));
  const levels = (): { asks: number[][]; bids: number[][] } => {
    const [asks, bids] = book.depth();
    return { asks: byPrice(asks), bids: byPrice(bids) };
  };
  return { step, levels };
}
