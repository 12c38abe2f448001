import { Fault } from "../base/index.ts";
import type { Station } from "../kernel/index.ts";
import { MESSAGE_FIELD as FIELD, MESSAGE_STRIDE, REASON, REPORT } from "../model/index.ts";
import { ReconDesk } from "./recon-desk.ts";
import type { ReconDeskOptions } from "./recon-desk-options.ts";
import type { ReconHands } from "./recon-hands.ts";
import type { SavedReconDesk } from "./recon-memory.ts";
import type { TradingSession } from "./trading-session.ts";

/** The hands a session cannot be: those that ask the venue or call a human. */
export type SessionDeskHands = Pick<
  ReconHands,
  "queryOrder" | "queryFills" | "cancelOrphan" | "alert" | "halt"
>;

/** What a desk of a session is made from: {@link ReconDeskOptions} without what the session knows. */
export interface SessionDeskOptions extends Omit<ReconDeskOptions, "kernel" | "hands"> {
  /** Asks the venue and calls a human; a hand of the kernel that is given is used instead of the session's. */
  readonly hands: SessionDeskHands & Partial<ReconHands>;
}

/**
 * A reconciliation desk of a session: it hears what the session sends and is told; what it corrects, holds and finds is
 * recorded, and its state is saved and recovered with the session. Call it in the `prepare` of `openSession`.
 *
 * Still the caller's: `connected` and `disconnected`, `due`, and `take` with what the venue answers.
 *
 * @throws `FAULT_CONFIG` naming the option, `FAULT_INPUT` for a session that has begun or a second desk of one account
 * @example
 * ```ts
 * import { Instrument, money } from "tickwright/model";
 * import type { Journal } from "tickwright/port";
 * import { openDesk, TradingSession } from "tickwright/run";
 * const append = (): number => 1; // yours is a journal on a disk: `openSession`
 * const journal: Journal = {
 *   ...{ policy: "sync", epoch: 1, lastSeq: 0, durableSeq: 0, append, appendClosing: append },
 *   ...{ commit: () => 1, close: () => {} },
 * };
 * const session = new TradingSession(
 *   {
 *     name: "desk",
 *     instruments: [new Instrument({ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" })],
 *     ...{ strategies: [{ name: "quiet", onStart: () => {} }], cash: [money(100_000n, "USD")] },
 *     ...{ reporting: "USD", seed: 1, baseNs: 0n },
 *   },
 *   journal,
 * );
 * const desk = openDesk(session, {
 *   ...{ venue: "x", account: "main", stations: [0], schedule: { startNs: 0 } },
 *   rules: { ackTimeoutNs: 1e9, graceNs: 60e9, orphans: "cancel" },
 *   hands: { queryOrder() {}, queryFills() {}, cancelOrphan() {}, alert() {}, halt() {} },
 * });
 * desk.connected(1e9);
 * desk.due(1e9)?.sections; // => ["orders", "fills", "positions"]
 * ```
 */
export function openDesk(session: TradingSession, options: SessionDeskOptions): ReconDesk {
  const { kernel } = session;
  const part = `recon ${options.venue} ${options.account}`;
  const quoteOf = (station: number): string | undefined => kernel.instruments[station]?.quote.code;
  const desk = new ReconDesk({
    ...options,
    kernel,
    hands: {
      report: (station, cells, offset, note, fee) => {
        const now = Math.max(kernel.nowNs[0] as number, cells[offset + FIELD.timeNs] as number);
        session.report(station, cells, offset, now, note, fee);
      },
      adjust: (currency, minor, _execId, note, feeOf) => {
        const station =
          feeOf ?? options.stations.find((each) => quoteOf(each) === currency) ?? options.stations[0];
        if (station === undefined || kernel.ledger.currencyOf(currency) === undefined) return false;
        const named = quoteOf(station) === currency ? {} : { currency };
        const terms = feeOf === undefined ? named : { ...named, isFee: true };
        session.adjust(station, minor, kernel.nowNs[0] as number, note, terms);
        return true;
      },
      restate: (station, id, priceTicks, lots) => {
        const { orders } = kernel;
        const row = orders.rowOf(id);
        if (row < 0) return false;
        const now = kernel.nowNs[0] as number;
        const said = { timeNs: now, exchNs: now, kind: REPORT.restated, row, id, priceTicks, lots };
        const cells = new Float64Array(MESSAGE_STRIDE);
        for (const [name, value] of Object.entries({ ...said, reason: REASON.reconciled }))
          cells[FIELD[name as keyof typeof FIELD]] = value;
        session.report(station, cells, 0, now);
        return (
          orders.isCurrent(row, id) && orders.lots[row] === lots && orders.priceTicks[row] === priceTicks
        );
      },
      hold: (station, isHeld) => session.hold(station, isHeld, kernel.nowNs[0] as number),
      remark: ({ says, note }) => session.remark({ says, part, ...(note === undefined ? {} : { note }) }),
      ...options.hands,
    },
  });
  const mine = new Set(options.stations);
  session.attach({
    name: part,
    save: () => desk.save(),
    load: (saved) => desk.load(saved as SavedReconDesk),
    replay: (note) => desk.replayingRemark(textOf(note)),
  });
  const isMine = ({ index }: Station): boolean => mine.has(index);
  session.watch({
    sending: ({ station, id, requestId, ns }) => {
      if (mine.has(station)) desk.sent(id, requestId, ns);
    },
    noted: (station, note, isSettled) => {
      if (mine.has(station)) desk.replaying(station, note, isSettled);
    },
    reported: (kind, ticket, reason, nowNs, exchNs) => {
      if (isMine(kernel.stationOf(ticket.instrument.key))) desk.reported(kind, ticket, reason, nowNs, exchNs);
    },
    filled: (fill, ticket, station) => {
      if (isMine(station)) desk.filled(fill, ticket, station);
    },
    amended: (ticket, station, exchNs) => {
      if (isMine(station)) desk.amended(ticket, station, exchNs);
    },
  });
  return desk;
}

function textOf(note: unknown): string {
  if (typeof note === "string") return note;
  throw new Fault("FAULT_JOURNAL_FORMAT", { path: "recon.approval", value: note, expected: "a text" });
}
