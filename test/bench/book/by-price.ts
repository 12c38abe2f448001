import { NO_ASK, NO_BID, OrderBook } from "../../../src/book/index.ts";
import { MapBook } from "../alternatives/map-book.ts";
import { SortedBook } from "../alternatives/sorted-book.ts";
import { UncheckedBook } from "../alternatives/unchecked-book.ts";
import { type BenchResult, type BenchRow, ratioFields } from "../bench-row.ts";
import { type LevelFlow, levelFlow } from "../flows/level-flow.ts";
import { interleave, type Measured, ratioOf, spreadOf, type Variant } from "../rounds.ts";

/** What a pass through a flow leaves: the sum of both best prices after every row, and the levels. */
interface Pass {
  readonly bests: number;
  readonly levels: { bids: number[][]; asks: number[][] };
}

type Drive = (flow: LevelFlow) => { readonly bests: number; readonly levels: () => Pass["levels"] };

/** ccxt's own book; the package exports no path to it, so it is read by file. */
interface CcxtBook {
  readonly bids: number[][] & { store(price: number, size: number): void };
  readonly asks: number[][] & { store(price: number, size: number): void };
}

export async function benchLevels(): Promise<BenchResult> {
  const ccxtFile = new URL("../../../node_modules/ccxt/js/src/base/ws/OrderBook.js", import.meta.url);
  const { OrderBook: Ccxt } = (await import(ccxtFile.href)) as { OrderBook: new () => CcxtBook };
  const drives: Record<string, Drive> = {
    OrderBook: paged,
    "ccxt 4.5 OrderBook": (flow) => ccxt(new Ccxt(), flow),
    "Map book": map,
    "sorted-array book": sorted,
    "OrderBook without guards": unchecked,
  };
  const flows = [levelFlow("dense", 400_000, 200, 7), levelFlow("sparse", 150_000, 8000, 11)];
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const flow of flows) {
    notes.push(checkEqual(flow, drives));
    const variants = Object.entries(drives).map(([name, drive]): Variant => {
      const repeats = name.startsWith("OrderBook") ? 4 : 1;
      return { name, run: () => repeated(flow, drive, repeats) };
    });
    const measured = await interleave(variants, { rounds: 9, warmUps: 2 });
    const ours = measured.get("OrderBook") as Measured;
    for (const peer of measured.values()) {
      if (peer === ours) continue;
      rows.push({
        name: `by price, ${flow.name}`,
        ours: spreadOf(ours.nsPerUnit).median,
        unit: "ns/update",
        peer: peer.name,
        peerValue: spreadOf(peer.nsPerUnit).median,
        ...ratioFields(ratioOf(peer, ours)),
      });
    }
    const collected = [...measured.values()].map((of) => `${of.name} ${spreadOf(of.collections).median}`);
    notes.push(`collections a run, ${flow.name} (median; OrderBook 4 passes): ${collected.join(", ")}`);
  }
  return { rows, notes };
}

function repeated(flow: LevelFlow, drive: Drive, repeats: number): { units: number } {
  for (let k = 0; k < repeats; k++) drive(flow);
  return { units: flow.n * repeats };
}

function checkEqual(flow: LevelFlow, drives: Record<string, Drive>): string {
  const passes = Object.entries(drives).map(([name, drive]) => {
    const { bests, levels } = drive(flow);
    return { name, text: JSON.stringify({ bests, levels: levels() }) };
  });
  for (const { name, text } of passes) {
    if (text !== passes[0]?.text) throw new Error(`${name} differs from OrderBook on the ${flow.name} flow`);
  }
  const { levels } = JSON.parse(passes[0]?.text ?? "") as Pass;
  const count = levels.bids.length + levels.asks.length;
  return `by price, ${flow.name}: ${flow.n} updates, ${count} levels at the end; every book has the same best prices after each update and the same levels`;
}

// One loop a book, word for word alike: a shared loop would be compiled for all of them at once.

function paged(flow: LevelFlow): ReturnType<Drive> {
  const book = new OrderBook();
  const { side, tick, lots, n } = flow;
  let bests = 0;
  for (let i = 0; i < n; i++) {
    if (side[i] === 0) book.setBid(tick[i] as number, lots[i] as number);
    else book.setAsk(tick[i] as number, lots[i] as number);
    bests = (bests + book.bestBid + book.bestAsk) | 0;
  }
  const pairs = (levels: readonly { priceTicks: number; lots: number }[]) =>
    levels.map((level) => [level.priceTicks, level.lots]);
  return { bests, levels: () => ({ bids: pairs(book.copy().bids), asks: pairs(book.copy().asks) }) };
}

function unchecked(flow: LevelFlow): ReturnType<Drive> {
  const book = new UncheckedBook();
  const { side, tick, lots, n } = flow;
  let bests = 0;
  for (let i = 0; i < n; i++) {
    if (side[i] === 0) book.setBid(tick[i] as number, lots[i] as number);
    else book.setAsk(tick[i] as number, lots[i] as number);
    bests = (bests + book.bestBid + book.bestAsk) | 0;
  }
  return { bests, levels: () => book.levels() };
}

function map(flow: LevelFlow): ReturnType<Drive> {
  const book = new MapBook();
  const { side, tick, lots, n } = flow;
  let bests = 0;
  for (let i = 0; i < n; i++) {
    if (side[i] === 0) book.setBid(tick[i] as number, lots[i] as number);
    else book.setAsk(tick[i] as number, lots[i] as number);
    bests = (bests + book.bestBid + book.bestAsk) | 0;
  }
  return { bests, levels: () => book.levels() };
}

function sorted(flow: LevelFlow): ReturnType<Drive> {
  const book = new SortedBook();
  const { side, tick, lots, n } = flow;
  let bests = 0;
  for (let i = 0; i < n; i++) {
    if (side[i] === 0) book.setBid(tick[i] as number, lots[i] as number);
    else book.setAsk(tick[i] as number, lots[i] as number);
    bests = (bests + book.bestBid + book.bestAsk) | 0;
  }
  return { bests, levels: () => book.levels() };
}

function ccxt(book: CcxtBook, flow: LevelFlow): ReturnType<Drive> {
  const { side, tick, lots, n } = flow;
  const { bids, asks } = book;
  let bests = 0;
  for (let i = 0; i < n; i++) {
    if (side[i] === 0) bids.store(tick[i] as number, lots[i] as number);
    else asks.store(tick[i] as number, lots[i] as number);
    bests = (bests + (bids[0]?.[0] ?? NO_BID) + (asks[0]?.[0] ?? NO_ASK)) | 0;
  }
  const pairs = (levels: number[][]) =>
    Array.from(levels, (level) => [level[0] as number, level[1] as number]);
  return { bests, levels: () => ({ bids: pairs(bids), asks: pairs(asks) }) };
}
