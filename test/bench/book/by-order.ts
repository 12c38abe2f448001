import { OrderBookL3 } from "../../../src/book/index.ts";
import type { BenchResult, BenchRow } from "../bench-row.ts";
import {
  checkEqual,
  type Driven,
  drivenPeer,
  latency,
  levelsOf,
  peerRow,
  timedAgain,
} from "../driven-book.ts";
import { type FULLNESS, ORDER_ROW, type OrderFlow, orderFlow, takeFront } from "../flows/order-flow.ts";
import { interleave, type Measured, spreadOf } from "../rounds.ts";

const ROWS = 200_000;
const OURS_REPEATS = 6;

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
  const levels = checkEqual(
    flow.n,
    Object.values(books).map((make) => make()),
  );
  const measured = await interleave(
    [
      { name: "dense", run: () => timedAgain(flow.n, OURS_REPEATS, books.dense) },
      { name: "text", run: () => timedAgain(flow.n, OURS_REPEATS, books.text) },
      { name: "peer", run: () => timedAgain(flow.n, 1, books.peer) },
    ],
    { rounds: 5, warmUps: 2 },
  );
  const of = (name: string): Measured => measured.get(name) as Measured;
  const floor = fullness === "full" ? { floor: 25 } : {};
  const rows: BenchRow[] = [
    {
      ...peerRow(`by order, ${fullness}, slots`, of("dense"), of("peer")),
      ...floor,
      ...latency(flow.n, books.dense),
    },
    { ...peerRow(`by order, ${fullness}, text ids`, of("text"), of("peer")), ...latency(flow.n, books.text) },
  ];
  const theirs = latency(flow.n, books.peer);
  const collections = (name: string) => spreadOf(of(name).collections).median;
  return {
    rows,
    notes: [
      `by order, ${fullness}: ${flow.n} commands, ${flow.orders} orders, ${flow.live} live at the end; equal end states ` +
        `(${levels} levels, every lot)`,
      `nodejs-order-book p50/p99/p99.9: ${theirs.p50Ns} ${theirs.p99Ns} ${theirs.p999Ns} ns (one clock read in each)`,
      `collections a run (median): slots ${collections("dense")}, text ${collections("text")} (${OURS_REPEATS} ` +
        `passes), nodejs-order-book ${collections("peer")} (1 pass)`,
    ],
  };
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
  return { step, levels: () => levelsOf(book.copy()) };
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
  return { step, levels: () => levelsOf(book.copy()) };
}

function peer({ kind, side, order, tick, lots }: OrderFlow, ids: readonly string[]): Driven {
  return drivenPeer((book, i) => {
    const id = ids[order[i] as number] as string;
    const own = (side[i] as number) > 0 ? "buy" : "sell";
    const size = lots[i] as number;
    switch (kind[i]) {
      case ORDER_ROW.add:
        return book.limit({ id, side: own, size, price: tick[i] as number }).err;
      case ORDER_ROW.cancel:
        book.cancel(id);
        return null;
      case ORDER_ROW.modify:
        return book.modify(id, { size, price: tick[i] as number }).err;
      default:
        return book.market({ side: own === "buy" ? "sell" : "buy", size }).err;
    }
  });
}
