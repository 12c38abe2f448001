import type { TapeSource } from "../../src/port/index.ts";
import {
  Backtester,
  type BacktestMarket,
  backtestOf,
  readSending,
  SESSION,
  type SentItem,
  type SessionBegin,
  type SessionRecord,
  sessionHash,
  TradingSession,
  type tapesOf,
} from "../../src/run/index.ts";
import { SimBarVenue, SimVenue } from "../../src/sim/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { LiveDesk } from "./live-desk.ts";
import { PaperDesk } from "./paper-desk.ts";

/** How each instrument's venue is simulated. */
export type Venues = readonly Pick<BacktestMarket, "venue" | "bars" | "fees">[];

/** A session: its records, the hash of its kernel, what it sent. */
export interface Way {
  readonly records: readonly SessionRecord[];
  readonly runHash: string;
  readonly sent: readonly SentItem[];
}

/** Everything a session said it sends. */
export function sentOf(records: readonly SessionRecord[]): readonly SentItem[] {
  return records
    .filter(({ type }) => type === SESSION.sending)
    .map(({ payload }) => readSending(new DataView(payload.buffer, payload.byteOffset, payload.byteLength)));
}

/** A trading session made as a recorded one was. */
export function sessionLike(begin: SessionBegin, strategies: readonly Strategy[], journal: MemoryJournal) {
  const { name, instruments, cash, reporting, seed, baseNs, orderCapacity, lingerNs } = begin;
  const made = { name, instruments, cash, reporting, seed, baseNs, orderCapacity, lingerNs };
  return new TradingSession({ ...made, strategies, snapshotEveryNs: 0 }, journal);
}

/** The session's market at simulated venues, the slow way. */
export function onPaper(
  { begin, fromNs, toNs, tapes }: ReturnType<typeof tapesOf>,
  venues: Venues,
  strategies: readonly Strategy[],
  manifest: unknown = null,
): Way {
  const journal = new MemoryJournal();
  const session = sessionLike(begin, strategies, journal);
  const made = tapes.map((tape, i) => venueOf(tape, i, begin, venues, session.kernel.nowNs));
  new PaperDesk(session, tapes, made).run(fromNs, toNs);
  return wayOf(journal.records, sessionHash(manifest, session.kernel));
}

function venueOf(
  tape: TapeSource,
  i: number,
  { instruments, orderCapacity, baseNs }: SessionBegin,
  venues: Venues,
  nowNs: Float64Array,
): SimVenue | SimBarVenue {
  const instrument = instruments[i] as SessionBegin["instruments"][number];
  const options = { instrument, capacity: orderCapacity, baseNs };
  const { venue, bars } = venues[i] ?? {};
  return tape.meta.schema === "bars"
    ? new SimBarVenue({ ...bars, ...options }, nowNs)
    : new SimVenue({ ...venue, ...options }, nowNs);
}

/** The session's market through a backtest. */
export function inBacktest(
  market: ReturnType<typeof tapesOf>,
  venues: Venues,
  strategies: readonly Strategy[],
  manifest: unknown = null,
): Way {
  const journal = new MemoryJournal();
  const options = backtestOf(market);
  const markets = options.markets.map(({ tape }, i) => ({ ...venues[i], tape }));
  const backtester = new Backtester({ ...options, markets, strategies, journal });
  backtester.runToEnd();
  return wayOf(journal.records, sessionHash(manifest, backtester.kernel));
}

/** The session's inputs, reports included, through a live session whose doors only note. */
export function live(
  records: readonly SessionRecord[],
  begin: SessionBegin,
  strategies: readonly Strategy[],
  manifest: unknown = null,
): Way & { readonly noted: number } {
  const journal = new MemoryJournal();
  const session = sessionLike(begin, strategies, journal);
  const desk = new LiveDesk(session);
  desk.run(records);
  return { ...wayOf(journal.records, sessionHash(manifest, session.kernel)), noted: desk.noted.length };
}

function wayOf(records: readonly SessionRecord[], runHash: string): Way {
  return { records, runHash, sent: sentOf(records) };
}
