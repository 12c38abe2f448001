import { nativeReport } from "../../../src/base/native.ts";
import { ORDER_COMMAND, OrderBookL3, OrderCommands } from "../../../src/book/index.ts";
import { OrderBookL3 as NativeBook } from "../../../src/book/native.ts";
import { type BenchResult, type BenchRow, ratioFields } from "../bench-row.ts";
import { type FULLNESS, ORDER_ROW, orderFlow } from "../flows/order-flow.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf } from "../rounds.ts";

const ROWS = 200_000;
const REPEATS = 6;
const BATCHES = [1, 16, 128, 1024];
const FLOOR = 1.5;

/** Commands that name their orders, executions too: as a feed gives them. Orders count up from 0. */
interface NamedFlow {
  readonly n: number;
  readonly orders: number;
  readonly kind: Uint8Array;
  /** The same as numbers of `ORDER_COMMAND`. */
  readonly code: Int8Array;
  readonly side: Int8Array;
  readonly order: Int32Array;
  readonly tick: Int32Array;
  readonly lots: Float64Array;
}

/** Runs a whole flow through a new book; `hash` is asked outside of the time. */
type Pass = (flow: NamedFlow) => { readonly elapsedNs: number; readonly hash: () => string };

/** The native book in batches against the book in TypeScript: the same commands, the writing of them counted. */
export async function benchBatches(): Promise<BenchResult> {
  const { isAvailable, cause } = nativeReport();
  if (!isAvailable) return { rows: [], notes: [`native batches: left out, no binary: ${cause}`] };
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
  const flow = namedFlow(fullness);
  const passes = new Map<string, Pass>([
    ["slots", bySlots],
    ["ids", byIds],
    ...BATCHES.map((size): [string, Pass] => [`batch ${size}`, inBatches(size)]),
  ]);
  const hashes = [...passes.values()].map((pass) => pass(flow).hash());
  if (hashes.some((hash) => hash !== hashes[0])) throw new Error("the books differ at the end of the flow");
  const variants = [...passes].map(([name, pass]) => ({ name, run: () => repeated(flow, pass) }));
  const measured = await interleave(variants, { rounds: 5, warmUps: 2 });
  const of = (name: string): Measured => measured.get(name) as Measured;
  const rows = BATCHES.flatMap((size) =>
    (["slots", "ids"] as const).map(
      (peer): BenchRow => ({
        name: `native, ${fullness}, batches of ${size}`,
        ours: spreadOf(of(`batch ${size}`).nsPerUnit).median,
        unit: "ns/command",
        peer: peer === "slots" ? "OrderBookL3, slots in a column" : "OrderBookL3, number ids",
        peerValue: spreadOf(of(peer).nsPerUnit).median,
        ...ratioFields(ratioOf(of(peer), of(`batch ${size}`))),
        ...(size >= 128 && peer === "ids" ? { floor: FLOOR } : {}),
      }),
    ),
  );
  return { rows, notes: [`native batches, ${fullness}: ${flow.n} commands, equal state hashes; aim 2.5x`] };
}

function repeated(flow: NamedFlow, pass: Pass): Run {
  let elapsedNs = 0;
  for (let k = 0; k < REPEATS; k++) elapsedNs += pass(flow).elapsedNs;
  return { units: flow.n * REPEATS, elapsedNs };
}

/** {@link orderFlow} with each execution from the front written as the executions of the orders it met. */
function namedFlow(fullness: keyof typeof FULLNESS): NamedFlow {
  const flow = orderFlow(ROWS, 20261121, fullness);
  const book = new OrderBookL3();
  const rows: [kind: number, side: number, order: number, tick: number, lots: number][] = [];
  for (let i = 0; i < flow.n; i++) {
    const [kind, side] = [flow.kind[i] as number, flow.side[i] as 1 | -1];
    const [order, tick, lots] = [flow.order[i] as number, flow.tick[i] as number, flow.lots[i] as number];
    if (kind === ORDER_ROW.add) book.add(order, side, tick, lots);
    else if (kind === ORDER_ROW.cancel) book.cancel(order);
    else if (kind === ORDER_ROW.modify) book.modify(order, tick, lots);
    else {
      for (let left = lots; left > 0; ) {
        const slot = book.frontSlot(side);
        const front = book.orderAt(slot);
        if (front === undefined) break;
        const took = Math.min(left, front.lots);
        rows.push([kind, side, front.id as number, 0, took]);
        book.executeSlot(slot, took);
        left -= took;
      }
      continue;
    }
    rows.push([kind, side, order, tick, lots]);
  }
  return {
    n: rows.length,
    orders: flow.orders,
    kind: Uint8Array.from(rows, (row) => row[0]),
    code: Int8Array.from(rows, ([kind, side]) => codeOf(kind, side)),
    side: Int8Array.from(rows, (row) => row[1]),
    order: Int32Array.from(rows, (row) => row[2]),
    tick: Int32Array.from(rows, (row) => row[3]),
    lots: Float64Array.from(rows, (row) => row[4]),
  };
}

function codeOf(kind: number, side: number): number {
  if (kind === ORDER_ROW.add) return side;
  if (kind === ORDER_ROW.cancel) return ORDER_COMMAND.cancel;
  return kind === ORDER_ROW.modify ? ORDER_COMMAND.modify : ORDER_COMMAND.execute;
}

// One loop a book: a shared loop would be compiled for all of them at once.

function bySlots(flow: NamedFlow): ReturnType<Pass> {
  const book = new OrderBookL3();
  const slots = new Int32Array(flow.orders);
  const { kind, side, order, tick, lots, n } = flow;
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) {
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
        book.executeSlot(slots[id] as number, lots[i] as number);
    }
  }
  const elapsedNs = Number(process.hrtime.bigint() - start);
  return { elapsedNs, hash: () => levelsText(book) };
}

function byIds(flow: NamedFlow): ReturnType<Pass> {
  const book = new OrderBookL3();
  const { kind, side, order, tick, lots, n } = flow;
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) {
    const id = order[i] as number;
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
        book.execute(id, lots[i] as number);
    }
  }
  const elapsedNs = Number(process.hrtime.bigint() - start);
  return { elapsedNs, hash: () => levelsText(book) };
}

function inBatches(size: number): Pass {
  const commands = new OrderCommands({ capacity: size });
  return (flow) => {
    const book = new NativeBook();
    const { code, order, tick, lots, n } = flow;
    const start = process.hrtime.bigint();
    for (let i = 0; i < n; i++) {
      commands.put(code[i] as number, order[i] as number, tick[i] as number, lots[i] as number);
      if (commands.count === size) book.process(commands);
    }
    book.process(commands);
    const elapsedNs = Number(process.hrtime.bigint() - start);
    return { elapsedNs, hash: () => levelsText(book) };
  };
}

/** Every queue, order by order, without the ids: the book by slots has none. */
function levelsText(book: OrderBookL3 | NativeBook): string {
  return JSON.stringify(book.copyOrders().map(({ side, priceTicks, lots }) => [side, priceTicks, lots]));
}
