import { OrderBook } from "../../src/book/index.ts";
import { FeedArbiter, LineArbiter } from "../../src/feed/index.ts";
import { DepthBlock, LAST, ROW } from "../../src/model/index.ts";
import { messageOf } from "../fixtures/feed-world.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf } from "./rounds.ts";

const MESSAGES = 200_000;
const ROWS = 4;
const STEP_NS = 200_000;

/** What a message costs on its way through arbitration while all is well, against handing its rows straight on. */
export async function bench(): Promise<BenchResult> {
  const variants = [
    { name: "straight", run: () => straight(false) },
    { name: "book", run: () => straight(true) },
    { name: "lines", run: () => lines() },
    { name: "one", run: () => sources(1) },
    { name: "three", run: () => sources(3) },
  ];
  const measured = await interleave(variants, { rounds: 7, warmUps: 2 });
  const of = (name: string): Measured => measured.get(name) as Measured;
  const row = (name: string, us: string, peer: string, them: string): BenchRow => ({
    name,
    ours: spreadOf(of(us).nsPerUnit).median,
    unit: "ns/message",
    peer,
    peerValue: spreadOf(of(them).nsPerUnit).median,
    ...ratioFields(ratioOf(of(them), of(us))),
  });
  return {
    rows: [
      row("LineArbiter, two lines, a copy", "lines", "rows straight on", "straight"),
      row("FeedArbiter, one source", "one", "rows into a book and on", "book"),
      row("FeedArbiter, three sources, a copy", "three", "rows into a book and on", "book"),
      row("FeedArbiter, one source", "one", "rows straight on", "straight"),
    ],
    notes: [
      `messages of ${ROWS} rows; a copy is one line's or source's message: each source has a book of its own`,
      "ratios below 1: what arbitration costs; every variant ends in the same sink, which adds up ticks",
    ],
  };
}

/** A message that is changed in place, as a decoder does. */
class Message {
  readonly isSnapshot = false;
  firstSequence = 0;
  lastSequence = 0;
  readonly previousSequence = -1;
  readonly block = new DepthBlock(ROWS);
  readonly from = 0;
  readonly to = ROWS;

  fill(n: number, nowNs: number): void {
    const { kind, tick, lots, exch, local } = this.block;
    for (let i = 0; i < ROWS; i++) {
      const isBid = (i & 1) === 0;
      kind[i] = (isBid ? ROW.bid : ROW.ask) | (i === ROWS - 1 ? LAST : 0);
      const away = (n * 7 + i * 13) % 50;
      tick[i] = isBid ? 9_999 - away : 10_001 + away;
      lots[i] = 1 + ((n + i) % 9);
      exch[i] = nowNs;
      local[i] = nowNs;
    }
    this.firstSequence = n;
    this.lastSequence = n;
  }
}

class Sink {
  sum = 0;

  rows(block: DepthBlock, from: number, to: number): void {
    for (let i = from; i < to; i++) this.sum += block.tick[i] as number;
  }
}

function straight(withBook: boolean): Run {
  const message = new Message();
  const sink = new Sink();
  const book = new OrderBook();
  for (let n = 1; n <= MESSAGES; n++) {
    message.fill(n, n * STEP_NS);
    const { block, from, to } = message;
    if (withBook) {
      for (let i = from; i < to; i++) {
        const tick = block.tick[i] as number;
        if (((block.kind[i] as number) & 0x1f) === ROW.bid) book.setBid(tick, block.lots[i] as number);
        else book.setAsk(tick, block.lots[i] as number);
      }
    }
    sink.rows(block, from, to);
  }
  return done(sink, 1);
}

function lines(): Run {
  const message = new Message();
  const sink = new Sink();
  const arbiter = new LineArbiter({
    lines: ["A", "B"],
    numbering: "single",
    listener: {
      release: ({ block, from, to }) => sink.rows(block, from, to),
      gap: () => undefined,
      divergent: () => undefined,
    },
  });
  for (let n = 1; n <= MESSAGES; n++) {
    message.fill(n, n * STEP_NS);
    arbiter.message(n & 1, message, n * STEP_NS);
    arbiter.message((n & 1) ^ 1, message, n * STEP_NS + 1_000);
  }
  return done(sink, 2);
}

function sources(count: number): Run {
  const message = new Message();
  const sink = new Sink();
  const quiet = (): undefined => undefined;
  const arbiter = new FeedArbiter({
    sources: Array.from({ length: count }, (_, i) => ({ name: String(i), numbering: "single" as const })),
    agreementTicks: 10,
    sink,
    listener: {
      sourceChanged: quiet,
      feedFailed: quiet,
      disqualified: quiet,
      qualified: quiet,
      gap: quiet,
      recovered: quiet,
      requestSnapshot: quiet,
    },
  });
  for (let i = 0; i < count; i++) arbiter.message(i, messageOf(0, [], { isSnapshot: true }), 0);
  for (let n = 1; n <= MESSAGES; n++) {
    message.fill(n, n * STEP_NS);
    for (let i = 0; i < count; i++) arbiter.message(i, message, n * STEP_NS + i * 1_000);
  }
  if (arbiter.switches !== 1) throw new Error(`the source changed ${arbiter.switches} times`);
  return done(sink, count);
}

function done(sink: Sink, copies: number): Run {
  if (sink.sum === 0) throw new Error("nothing came out");
  return { units: MESSAGES * copies };
}
