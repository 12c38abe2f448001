/**
 * Paper trading: the strategy of a backtest on live market data, filled by the simulator's models. Two sources tell of
 * the market; a validator judges each, and when one is lost the other takes its place. The market is made up and time is
 * virtual, so that it runs offline and at once; with an exchange's `FeedClient`s and without `time` it is real.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { readJournal } from "tickwright/host";
import { DepthBlock, Instrument, LAST, money } from "tickwright/model";
import { MarketDataStage, PaperTrader, replaySession, type SessionRecord, VirtualTime } from "tickwright/run";
import { ConstantLatency, generateDepthTape } from "tickwright/sim";
import type { Strategy } from "tickwright/strategy";
import type { FeedClient, FeedListener } from "tickwright/venue";

const MS = 1_000_000;
const tape = generateDepthTape({
  instrument: { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" },
  ...{ durationNs: 120_000 * MS, seed: 7 },
});
const instrument = new Instrument(tape.meta.instrument);
const time = new VirtualTime(BigInt(tape.meta.baseNs));

/** Yours is an adapter of an exchange; this one tells the tape as it would have come, until its line is cut. */
const feed = (source: string, cutNs = Number.POSITIVE_INFINITY): FeedClient => ({
  source,
  async open(listener: FeedListener): Promise<void> {
    listener.connected(source);
    const cause = { code: "VENUE_DISCONNECTED", words: "the line was cut" } as const;
    if (Number.isFinite(cutNs)) time.call(cutNs, () => listener.disconnected(source, cause));
    for (let b = 0; b < tape.blockCount; b++) {
      const block = new DepthBlock();
      tape.read(b, block);
      for (let to = 1, from = 0; to <= block.n; to++) {
        if (((block.kind[to - 1] ?? 0) & LAST) === 0) continue;
        const numbers = { firstSequence: -1, lastSequence: -1, previousSequence: -1 };
        const message = {
          instrument,
          channel: "depth",
          isSnapshot: from === 0,
          ...numbers,
          block,
          from,
          to,
        } as const;
        const at = block.local[from] ?? 0;
        if (at < cutNs) time.call(at, () => listener.message(source, message));
        from = to;
      }
    }
  },
  subscribe: async () => {},
  requestSnapshot: async () => {},
  close: async () => {},
});

/** Joins the bid with one lot, and sells what it has got at the ask. */
const maker = (): Strategy => ({
  name: "maker",
  onStart: (ctx) => void ctx.clock.every(500 * MS),
  onTimer: (_, ctx) => {
    const book = ctx.book(instrument.key);
    for (const ticket of ctx.openOrders()) ctx.cancel(ticket);
    if (book.validity !== "valid" || !book.hasBid || !book.hasAsk) return;
    const held = ctx.position(instrument.key).lots;
    const order = { instrument: instrument.key, lots: 1, postOnly: true } as const;
    if (held > 0) ctx.submit({ ...order, side: "sell", priceTicks: book.bestAsk });
    else ctx.submit({ ...order, side: "buy", priceTicks: book.bestBid });
  },
});

const folder = join(mkdtempSync(join(tmpdir(), "paper-")), "journal");
const trader = new PaperTrader({
  ...{ name: "paper desk", instruments: [instrument], strategies: [maker()], time },
  ...{ cash: [money(10_000_000n, instrument.quote.code)], reporting: instrument.quote.code, seed: 1 },
  ...{
    folder,
    journal: { policy: "async", create: true },
    feeds: [{ client: feed("one", 40_000 * MS) }, { client: feed("two") }],
  },
  stage: new MarketDataStage({ validation: { tier: "thin" } }),
  venues: [{ latency: new ConstantLatency({ entryNs: 5 * MS, responseNs: 50 * MS }) }],
  stale: [{ afterNs: 30_000 * MS, does: "cancel" }],
});
trader.on("alert", ({ level, words }) => process.stdout.write(`${level}: ${words}\n`));
await trader.start();
await time.runTo(100_000 * MS);
const [{ positionLots } = { positionLots: 0 }] = trader.status().instruments;
process.stdout.write(`${trader.status().fills} fills, ${positionLots} lots held\n`);
const { runHash } = await trader.stop();

const records: SessionRecord[] = [];
readJournal(folder, ({ seq, type, payload }) => records.push({ seq, type, payload: payload.slice() }));
const replay = replaySession(records, { strategies: [maker()] });
process.stdout.write(
  `replay of ${records.length} records: ${replay.runHash === runHash ? "identical" : "differs"}\n`,
);
