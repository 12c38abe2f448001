import type { Prng } from "../base/index.ts";
import { DepthBlock, Instrument, LAST, MESSAGE_STRIDE, money, ROW } from "../model/index.ts";
import { NO_LIMITS } from "../risk/index.ts";
import { DrillDoor, writeWord } from "./drill-door.ts";
import type { DrillHello, DrillQuestion, DrillRequest, DrillWord } from "./drill-message.ts";
import { DrillStrategy } from "./drill-strategy.ts";
import type { SessionOptions } from "./session-options.ts";
import {
  type OpenedSession,
  openSession,
  resumeSession,
  type SessionJournalOptions,
} from "./session-recovery.ts";
import type { TradingSession } from "./trading-session.ts";

/** Instruments of a drill's session. */
export const DRILL_INSTRUMENTS = 5;
/** Session time between two rows of its market. @units ns */
export const DRILL_ROW_NS = 50_000;

/** What a drill's session is made from. @param snapshotRows - rows of the market between two snapshots */
export function drillSession(snapshotRows: number): SessionOptions {
  const instruments = Array.from(
    { length: DRILL_INSTRUMENTS },
    (_, i) =>
      new Instrument({ symbol: `DRILL${i}`, venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" }),
  );
  const limits = {
    ...NO_LIMITS,
    maxOrderLots: 50,
    maxLongLots: 100,
    maxShortLots: 100,
    maxOpenOrders: 60,
    maxOrdersPerSecond: 10_000,
    priceCollarBps: 500,
    maxDailyLoss: "1000000",
  };
  return {
    name: "drill",
    instruments,
    strategies: [new DrillStrategy()],
    cash: [money(10_000_000_00n, "USD")],
    reporting: "USD",
    seed: 5,
    baseNs: 1_700_000_000_000_000_000n,
    orderCapacity: 256,
    lingerNs: 50_000_000,
    snapshotEveryNs: snapshotRows * DRILL_ROW_NS,
    risk: {
      currency: "USD",
      limits: [{ level: "firm", limits }],
      capital: [{ level: "firm", amount: "10000000" }],
      hours: "always",
      status: "trusted",
    },
  };
}

/** A drill's trading: the session of a folder, its market by a seed, and what it says to its venue. */
export class DrillDesk {
  readonly session: TradingSession;
  readonly hello: DrillHello;
  readonly #opened: OpenedSession;
  readonly #rng: Prng;
  readonly #block = new DepthBlock(1);
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  #nowNs: number;

  constructor(folder: string, snapshotRows: number, journal: SessionJournalOptions, rng: Prng) {
    this.#opened = openSession(folder, drillSession(snapshotRows), journal);
    const { session, recovery } = this.#opened;
    const {
      isNew,
      snapshotSeq,
      records,
      openMs,
      loadMs,
      replayMs,
      difference,
      sendDifference,
      unusable,
      unsent,
    } = recovery;
    this.session = session;
    this.#rng = rng;
    this.#nowNs = session.kernel.nowNs[0] as number;
    this.hello = {
      ...{ isNew, snapshotSeq, records, openMs, loadMs, replayMs },
      lastSeq: recovery.journal.lastSeq,
      tornRecords: recovery.journal.torn?.records ?? 0,
      unusable: unusable.length,
      unsent: unsent.length,
      isDifferent: difference !== undefined || sendDifference !== undefined,
    };
  }

  /** The last record appended, durable or not. */
  get lastSeq(): number {
    return this.#opened.journal.lastSeq;
  }

  /** Connects the doors and begins, or goes on. */
  go(leave: (request: DrillRequest) => void): void {
    const { session, recovery } = this.#opened;
    for (let i = 0; i < DRILL_INSTRUMENTS; i++) session.connect(i, new DrillDoor(i, leave));
    if (recovery.isNew) session.start(this.#nowNs);
    else resumeSession(this.#opened, this.#nowNs);
  }

  /** What the venue must be asked: every order that may be there. */
  questions(): DrillQuestion[] {
    const { orders } = this.session.kernel;
    const questions: DrillQuestion[] = [];
    for (let row = 0; row < orders.capacity; row++) {
      const id = orders.id[row] as number;
      if (id === 0) continue;
      questions.push({ instrument: orders.instrument[row] as number, id, lots: orders.lots[row] as number });
    }
    return questions;
  }

  /** One random row of a market that hardly moves. */
  row(): void {
    const rng = this.#rng;
    const block = this.#block;
    this.#nowNs += DRILL_ROW_NS;
    const station = rng.below(DRILL_INSTRUMENTS);
    const isBid = rng.below(2) === 0;
    const dice = rng.float();
    block.kind[0] = (dice < 0.1 ? ROW.trade : isBid ? ROW.bid : ROW.ask) | LAST;
    block.tick[0] = isBid ? 1000 - rng.below(5) : 1002 + rng.below(5);
    block.lots[0] = dice < 0.1 ? 1 : 1 + rng.below(20);
    block.exch[0] = this.#nowNs;
    block.local[0] = this.#nowNs;
    this.session.row(station, block, 0, this.#nowNs);
  }

  idle(): void {
    this.session.idle(this.#nowNs);
  }

  /** Hands a word of the venue to the session. */
  tell(word: DrillWord): void {
    writeWord(word, this.session.kernel.orders.rowOf(word.id), this.#nowNs, this.#cells);
    this.session.report(word.instrument, this.#cells, 0, this.#nowNs);
  }

  /** Ends session and journal. */
  stop(): { readonly positions: readonly number[]; readonly runHash: string } {
    const positions = Array.from(this.session.kernel.ledger.positionLots);
    const runHash = this.session.stop(this.#nowNs);
    this.#opened.journal.close();
    return { positions, runHash };
  }
}
