import { MatchingBook } from "../../src/match/index.ts";
import type { BenchResult, BenchRow } from "./bench-row.ts";
import {
  checkEqual,
  type Driven,
  drivenPeer,
  latency,
  levelsOf,
  peerRow,
  timed,
  timedAgain,
} from "./driven-book.ts";
import { type MatchFlow, matchFlow } from "./flows/match-flow.ts";
import { interleave, type Measured } from "./rounds.ts";

const ROWS = 200_000;
const OURS_REPEATS = 5;
const RESTING = [1_000, 10_000, 100_000, 1_000_000] as const;
/** More takes the peer minutes. */
const PEER_RESTING_MAX = 10_000;

/** The matching engine against nodejs-order-book, and against itself by how much rests. */
export async function bench(): Promise<BenchResult> {
  const flow = matchFlow({ n: ROWS, seed: 20261122 });
  const ids = Array.from({ length: flow.orders }, (_, order) => `order-${order}`);
  const engines = {
    numbers: () => byNumber(flow),
    texts: () => byText(flow, ids),
    objects: () => byObject(flow, ids),
    peer: () => peer(flow, ids),
  };
  const levels = checkEqual(
    flow.n,
    Object.values(engines).map((make) => make()),
  );
  const measured = await interleave(
    [
      { name: "numbers", run: () => timedAgain(flow.n, OURS_REPEATS, engines.numbers) },
      { name: "texts", run: () => timedAgain(flow.n, OURS_REPEATS, engines.texts) },
      { name: "objects", run: () => timedAgain(flow.n, OURS_REPEATS, engines.objects) },
      { name: "peer", run: () => timedAgain(flow.n, 1, engines.peer) },
    ],
    { rounds: 5, warmUps: 2 },
  );
  const of = (name: string): Measured => measured.get(name) as Measured;
  const theirs = latency(flow.n, engines.peer);
  const rows: BenchRow[] = [
    {
      ...peerRow("text ids, objects", of("objects"), of("peer")),
      ...{ floor: 15, aim: 25 },
      ...latency(flow.n, engines.objects),
    },
    {
      ...peerRow("text ids, submitLimit", of("texts"), of("peer")),
      ...{ floor: 15, aim: 25 },
      ...latency(flow.n, engines.texts),
    },
    { ...peerRow("numbers, submitLimit", of("numbers"), of("peer")), ...latency(flow.n, engines.numbers) },
  ];
  const notes = [
    `${flow.n} commands, ${flow.orders} orders; equal end states (${levels} levels, every lot)`,
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
  const drive = (of: MatchFlow, from: number) => () => timed(of.n, from, byNumber(of));
  const ids = Array.from({ length: flow.orders }, (_, order) => `order-${order}`);
  const hasPeer = resting <= PEER_RESTING_MAX;
  const measured = await interleave(
    [
      { name: "many", run: drive(flow, resting) },
      { name: "few", run: drive(few, RESTING[0]) },
      ...(hasPeer ? [{ name: "peer", run: () => timed(flow.n, resting, peer(flow, ids)) }] : []),
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
      ...peerRow(`${resting.toLocaleString("en")} rest`, many, few1k),
      ...{ peer: "1,000 rest", floor: 0.5 },
    },
  ];
  if (hasPeer) rows.push(peerRow(`${resting.toLocaleString("en")} rest`, many, other));
  return { rows, notes: [] };
}

function byNumber(flow: MatchFlow): Driven {
  const book = new MatchingBook({ ordersMax: 1 << 21 });
  const { isAdd, side, order, tick, lots } = flow;
  const step = (i: number): void => {
    const id = order[i] as number;
    if (isAdd[i] === 1) book.submitLimit(id, side[i] as 1 | -1, tick[i] as number, lots[i] as number);
    else book.cancel(id);
  };
  return { step, levels: () => levelsOf(book.depth()) };
}

function byText(flow: MatchFlow, ids: readonly string[]): Driven {
  const book = new MatchingBook({ ordersMax: 1 << 21 });
  const { isAdd, side, order, tick, lots } = flow;
  const step = (i: number): void => {
    const id = ids[order[i] as number] as string;
    if (isAdd[i] === 1) book.submitLimit(id, side[i] as 1 | -1, tick[i] as number, lots[i] as number);
    else book.cancel(id);
  };
  return { step, levels: () => levelsOf(book.depth()) };
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
  return { step, levels: () => levelsOf(book.depth()) };
}

function peer({ isAdd, side, order, tick, lots }: MatchFlow, ids: readonly string[]): Driven {
  return drivenPeer((book, i) => {
    const id = ids[order[i] as number] as string;
    if (isAdd[i] !== 1) {
      book.cancel(id);
      return null;
    }
    const way = (side[i] as number) > 0 ? "buy" : "sell";
    return book.limit({ id, side: way, size: lots[i] as number, price: tick[i] as number }).err;
  });
}
