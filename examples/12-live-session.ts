/** A live session from door to recovery: a trading process that may be killed at any moment, and is, half way. */
import process from "node:process";
import { isRefusal } from "tickwright/base";
import type { KernelRisk } from "tickwright/kernel";
import * as model from "tickwright/model";
import { type ApprovalTaker, outboundOrder, type VenueDoor } from "tickwright/port";
import type { VenueSnapshot } from "tickwright/recon";
import { type ApprovedOrder, NO_LIMITS } from "tickwright/risk";
import {
  openDesk,
  openSession,
  type ReconDesk,
  resumeSession,
  type SessionOptions,
  type TradingSession,
} from "tickwright/run";
import type { BookView, Strategy, StrategyContext } from "tickwright/strategy";
import { clockNs, type FromExchange, killAndRecover, tellExchange, type Word } from "./fake-exchange.ts";

const { MESSAGE_FIELD: FIELD, REASON, ROW } = model;
const instrument = { symbol: "ABC", venue: "fake", tickSize: "0.01", lotSize: "1", quote: "USD" };

/** Buys five lots at a time until it holds sixty; what rested for 40 books is canceled. */
class Buyer implements Strategy {
  readonly name = "buyer";
  #books = 0; // all that it knows beyond what the context tells

  onBook(book: BookView, ctx: StrategyContext): void {
    const [open] = ctx.openOrders();
    this.#books = open === undefined ? 0 : this.#books + 1;
    const wants = open === undefined && book.hasBid && ctx.position("ABC").lots < 60;
    if (open !== undefined && this.#books === 40) ctx.cancel(open);
    if (!wants) return;
    const order = ctx.submit({ instrument: "ABC", side: "buy", lots: 5, priceTicks: book.bestBid });
    if (!order.ok) ctx.log(order.message);
  }
  // Without these two a recovery has no snapshots, and replays from the first record.
  onSave(): { version: number; state: unknown } {
    return { version: 1, state: this.#books };
  }
  onLoad({ state }: { readonly state: unknown }): void {
    this.#books = Number(state);
  }
}

const risk: KernelRisk = {
  ...{ currency: "USD", capital: [], hours: "always", status: "trusted" },
  limits: [{ level: "firm", limits: { ...NO_LIMITS, maxOrderLots: 10, maxLongLots: 60 } }],
};

/** The same in every life of the process: a session goes on with what it was made from, or not at all. */
const optionsOf = (baseNs: bigint): SessionOptions => ({
  name: "desk",
  instruments: [new model.Instrument(instrument)],
  strategies: [new Buyer()],
  cash: [model.money(10_000_000n, "USD")],
  ...{ reporting: "USD", seed: 1, baseNs, snapshotEveryNs: 100_000_000 }, // a second unless given
  risk,
});

/** The way out. Yours calls your exchange's API, and returns at once. */
class Door implements VenueDoor<ApprovedOrder> {
  #gate: ApprovalTaker<ApprovedOrder> | undefined;
  readonly #terms = outboundOrder(); // filled anew for each order

  bind(gate: ApprovalTaker<ApprovedOrder>): void {
    this.#gate = gate;
  }
  send(approved: ApprovedOrder): void {
    this.#gate?.take(approved, this.#terms); // faults on anything but the gate's own, fresh approval
    const { id, priceTicks, lots } = this.#terms; // and `requestId`, above 0 for a replace: Buyer makes none
    tellExchange({ order: { id, priceTicks, lots } });
  }
  cancel(_row: number, id: number, requestId: number): void {
    tellExchange({ cancel: { orderName: `tw-${id}`, requestId } });
  }
}

/** Compares what we hold with what the exchange says: after a recovery before anything else, then on a schedule. */
function deskOf(session: TradingSession): ReconDesk {
  return openDesk(session, {
    ...{ venue: "fake", account: "main", stations: [0] },
    rules: { ackTimeoutNs: 20_000_000, graceNs: 10_000_000_000, orphans: "cancel" }, // a real ack takes longer
    schedule: { startNs: 0 }, // every five minutes
    hands: {
      cancelOrphan: (orderName) => tellExchange({ cancel: { orderName, requestId: 0 } }),
      ...{ queryOrder: () => {}, queryFills: () => {} }, // `due` asks for these
      alert: ({ reason, detail }) => console.log("call a human:", reason, detail),
      halt: () => {}, // the session takes no new order there until `desk.resume`
    },
  });
}

/** The trading process, the first and every one after it. */
function trade(folder: string, baseNs: bigint): void {
  let desk!: ReconDesk;
  const opened = openSession(folder, optionsOf(baseNs), { policy: "sync", create: true }, (made) => {
    desk = deskOf(made); // before anything is replayed: the desk hears it
  });
  const { session, recovery } = opened;
  const now = (): number => Math.max(clockNs(baseNs), session.kernel.nowNs[0] ?? 0);
  session.connect(0, new Door());
  if (recovery.isNew) session.start(now());
  else resumeSession(opened, now()); // what may be at the exchange is `unknown` from here on
  const { snapshotSeq, inputs, unsent } = recovery;
  console.log(
    recovery.isNew ? "a new session" : `recovered: snapshot ${snapshotSeq}, ${inputs} inputs behind it`,
  );
  console.log(`${unsent.length} decided and never sent`);
  desk.promoted(now());

  const block = new model.DepthBlock(1);
  const cells = new Float64Array(model.MESSAGE_STRIDE);
  let mayTrade = false; // no row, and so no order, before the exchange has said where everything stands
  const onBook = (bidTicks: number, ns: number): void => {
    const rows = [
      [ROW.clear | model.SNAPSHOT, 0, 0], // this feed sends whole books: the old one goes
      [ROW.bid | model.SNAPSHOT | model.LAST, bidTicks, 10], // the last row of its message
    ] as const;
    for (const [kind, tick, lots] of rows) {
      [block.kind[0], block.tick[0], block.lots[0]] = [kind, tick, lots];
      [block.exch[0], block.local[0]] = [ns, ns]; // when it happened there, when it came here
      session.row(0, block, 0, ns);
    }
  };
  const onWord = (
    { kind, id, requestId = 0, priceTicks = 0, lots = 0, execId = 0 }: Word,
    ns: number,
  ): void => {
    cells.fill(0);
    [cells[FIELD.timeNs], cells[FIELD.exchNs], cells[FIELD.kind]] = [ns, ns, kind];
    [cells[FIELD.row], cells[FIELD.id]] = [session.kernel.orders.id.indexOf(id), id];
    [cells[FIELD.requestId], cells[FIELD.priceTicks], cells[FIELD.lots]] = [requestId, priceTicks, lots];
    [cells[FIELD.execId], cells[FIELD.reason]] = [execId, execId > 0 ? REASON.reported : REASON.none];
    session.report(0, cells, 0, ns);
  };
  const onSnapshot = (snapshot: VenueSnapshot, ns: number): void => {
    const taken = desk.take(snapshot, ns);
    if (isRefusal(taken)) return; // the desk has told `alert`, and asks again
    for (const { break: found, result } of taken.carried)
      console.log(`reconciliation: ${found.kind} ${found.key}: ${found.action.type} ${result}`);
    mayTrade = desk.breaks().length === 0 && !desk.blocks(0);
  };
  const timer = setInterval(() => {
    session.idle(now()); // fires the strategy's timers, and makes durable what came so far
    const ask = desk.due(now());
    if (ask !== undefined) tellExchange({ ask: ask.clientOrderIds });
  }, 10);
  process.on("message", ({ bidTicks, word, snapshot, isOver }: FromExchange) => {
    if (!session.isRunning) return;
    const ns = now();
    if (bidTicks !== undefined && mayTrade) onBook(bidTicks, ns);
    if (word !== undefined) onWord(word, ns);
    if (snapshot !== undefined) onSnapshot(snapshot, ns);
    if (isOver !== true) return;
    clearInterval(timer);
    const hash = session.stop(ns);
    opened.journal.close();
    tellExchange({ bye: { held: session.kernel.ledger.positionLots[0] ?? 0, hash } });
    process.disconnect?.();
  });
}

const [, , mode, folder = "", baseNs = "0"] = process.argv;
if (mode === "trade") trade(folder, BigInt(baseNs));
else await killAndRecover(import.meta.filename, { strategies: [new Buyer()], risk });
