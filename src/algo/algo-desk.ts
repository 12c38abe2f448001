import { checkFunction, checkInteger, checkKeys, Fault, type Refusal, refuse } from "../base/index.ts";
import type { AlgoSpec, Instrument } from "../model/index.ts";
import type { AlgoBook, AlgoPort, AlgoTrade, ChildEvent } from "./algo-port.ts";
import { isSound } from "./child-price.ts";
import type { ParentChange } from "./parent-change.ts";
import { ParentOrder, type SavedParent } from "./parent-order.ts";
import { checkRisk, isNotYet, ParentReserve } from "./parent-reserve.ts";
import { findInstrument, readTerms, type Terms } from "./parent-terms.ts";
import type { AlgoRefusalCode } from "./refusals.ts";
import { shownLots } from "./sweep.ts";

/** What an {@link AlgoDesk} is made from. */
export interface AlgoDeskOptions {
  /** Parents that are not over, at one time; 64 unless given. As many that are over are kept for what is told late. */
  readonly parentsMax?: number;
  /** Told when a parent's status becomes another, after the event was dealt with. */
  readonly onStatus?: (parent: ParentOrder, port: AlgoPort) => void;
}

/** What an {@link AlgoDesk} saves, JSON-safe. */
export interface SavedAlgoDesk {
  readonly count: number;
  readonly parents: readonly SavedParent[];
}

/** The version of what `onSave` gives. */
const SAVED_VERSION = 2;

/** What a change of a parent comes to. */
export type ParentAnswer = { readonly ok: true } | Refusal;

/**
 * Holds the parent orders of a strategy, which hands it its callbacks: the same in backtest, paper and live.
 *
 * Every child is an order of the strategy and passes the gate alone. A parent that cannot start is refused, and
 * nothing has changed. Where the port can `reserve`, the gate holds what the parent may still do from its start until
 * nothing more is sent for it; where it can only `explain`, the whole parent is asked once, before its start.
 *
 * @invariant Equal events in equal order give equal children. What is saved and loaded goes on as if nothing had been.
 * @throws `FAULT_CONFIG` naming the option.
 * @cost An event costs O(parents of its instrument).
 * @example
 * ```ts
 * import { AlgoDesk } from "tickwright/algo";
 * import type { Strategy } from "tickwright/strategy";
 * const desk = new AlgoDesk();
 * const execution: Strategy = {
 *   name: "execution",
 *   onStart(ctx) {
 *     const startNs = ctx.clock.ns + 1_000_000_000;
 *     const spec = { algo: "twap", instrument: "ABC", side: "buy", lots: 100, startNs, endNs: startNs + 60e9 } as
 * const;     const parent = desk.start(spec, ctx);
 *     if (!parent.ok) ctx.log(parent.message, "warn");
 *   },
 *   onBook: (book, ctx) => desk.onBook(book, ctx),
 *   onTrade: (trade, ctx) => desk.onTrade(trade, ctx),
 *   onOrder: (order, ctx) => desk.onOrder(order, ctx),
 *   onFill: (fill, ctx) => desk.onFill(fill, ctx),
 *   onTimer: (timer, ctx) => void desk.onTimer(timer, ctx),
 *   onSave: () => desk.onSave(),
 *   onLoad: (saved, ctx) => desk.onLoad(saved, ctx),
 * };
 * [execution.name, desk.parents.length]; // => ["execution", 0]
 * ```
 */
export class AlgoDesk {
  readonly #parentsMax: number;
  readonly #onStatus: ((parent: ParentOrder, port: AlgoPort) => void) | undefined;
  readonly #parents: Map<number, ParentOrder> = new Map();
  #count = 0;

  constructor(options: AlgoDeskOptions = {}) {
    checkKeys("algoDesk", options, ["parentsMax", "onStatus"]);
    this.#parentsMax = checkInteger("algoDesk.parentsMax", options.parentsMax ?? 64, 1, 100_000);
    this.#onStatus =
      options.onStatus === undefined ? undefined : checkFunction("algoDesk.onStatus", options.onStatus);
  }

  /** All parents it holds, oldest first: those at work, and the last that are over. */
  get parents(): readonly ParentOrder[] {
    return [...this.#parents.values()];
  }

  /** A parent by its number; undefined where it is not held. */
  parent(id: number): ParentOrder | undefined {
    return this.#parents.get(id);
  }

  /**
   * Starts a parent order.
   *
   * @refuses `ALGO_MALFORMED` to `ALGO_CAPACITY`, in the order of `ALGO_REFUSALS`; the book is looked at where it
   * starts at once. Then what the gate refuses its reservation with, but for what it does not know yet: a fresh price
   */
  start(spec: AlgoSpec, port: AlgoPort): { readonly ok: true; readonly parent: ParentOrder } | Refusal {
    const terms = readTerms(spec, port, this.#count + 1);
    if ("ok" in terms) return terms;
    const instrument = findInstrument(port, terms.instrument) as Instrument;
    const refusal =
      checkSeed(spec.seed) ??
      checkBook(terms, port) ??
      checkRisk(terms, instrument, port) ??
      this.#checkRoom();
    if (refusal !== undefined) return refusal;
    const reserve = new ParentReserve();
    const broken = reserve.hold(terms, port);
    if (broken !== undefined && !isNotYet(broken)) return broken;
    this.#makeRoom();
    this.#count += 1;
    const seed = spec.seed ?? port.rng.uint32();
    const parent = new ParentOrder(this.#count, terms, instrument, seed, reserve);
    this.#parents.set(parent.id, parent);
    port.tellParent?.(parent);
    this.#watched(parent, port, () => parent.work(port));
    return { ok: true, parent };
  }

  /** @refuses `ALGO_PARENT_UNKNOWN`, `ALGO_PARENT_OVER` */
  pause(id: number, port: AlgoPort): ParentAnswer {
    return this.#on(id, port, (parent) => parent.pause(port));
  }

  /** @refuses `ALGO_PARENT_UNKNOWN`, `ALGO_PARENT_OVER` */
  resume(id: number, port: AlgoPort): ParentAnswer {
    return this.#on(id, port, (parent) => parent.resume(port));
  }

  /** Asked again, or of one that is over, it changes nothing. @refuses `ALGO_PARENT_UNKNOWN` */
  cancel(id: number, port: AlgoPort): ParentAnswer {
    return this.#on(id, port, (parent) => parent.cancel(port));
  }

  /** @refuses as {@link ParentOrder.amend}; `ALGO_PARENT_UNKNOWN` */
  amend(id: number, change: ParentChange, port: AlgoPort): ParentAnswer {
    return this.#on(id, port, (parent) => parent.amend(change, port));
  }

  onBook(book: Pick<AlgoBook, "instrument">, port: AlgoPort): void {
    this.#each(book.instrument, port, (parent) => parent.work(port));
  }

  /** A quote changes no book: a feed of quotes alone moves nothing but time. */
  onQuote(quote: Pick<AlgoBook, "instrument">, port: AlgoPort): void {
    this.#each(quote.instrument, port, (parent) => parent.work(port));
  }

  onTrade(trade: AlgoTrade, port: AlgoPort): void {
    const lots = trade.lots / trade.instrument.bookLotsPerLot;
    this.#each(trade.instrument, port, (parent) => {
      parent.print(lots);
      parent.work(port);
    });
  }

  onOrder(event: ChildEvent, port: AlgoPort): void {
    this.#settle(event, port);
  }

  onFill(event: Pick<ChildEvent, "ticket">, port: AlgoPort): void {
    this.#settle({ ticket: event.ticket }, port);
  }

  /** @returns whether the timer was one of its own */
  onTimer(timer: number, port: AlgoPort): boolean {
    for (const parent of this.#parents.values()) {
      if (!parent.takeTimer(timer)) continue;
      this.#watched(parent, port, () => parent.work(port));
      return true;
    }
    return false;
  }

  /** Everything its next decisions depend on, JSON-safe. */
  onSave(): { readonly version: number; readonly state: SavedAlgoDesk } {
    const parents = [...this.#parents.values()].map((parent) => parent.save());
    return { version: SAVED_VERSION, state: { count: this.#count, parents } };
  }

  /**
   * Goes on from what `onSave` gave, in a new desk: timers and open orders are there already under their ids.
   *
   * @throws `FAULT_INPUT` on another version or shape, an unknown instrument, or a child that is not open.
   */
  onLoad(saved: { readonly version: number; readonly state: unknown }, port: AlgoPort): void {
    const { version, state } = saved;
    if (version !== SAVED_VERSION) {
      const expected = `${SAVED_VERSION}`;
      throw new Fault("FAULT_INPUT", { path: "algo.load.version", value: version, expected });
    }
    const { count, parents } = checkSaved(state);
    this.#parents.clear();
    this.#count = count;
    for (const [i, each] of parents.entries()) {
      const instrument = findInstrument(port, each.terms?.instrument);
      if (instrument === undefined) {
        const expected = "an instrument of the run";
        const path = `algo.load.parents[${i}].terms.instrument`;
        throw new Fault("FAULT_INPUT", { path, value: each.terms?.instrument, expected });
      }
      this.#parents.set(each.id, ParentOrder.load(each, instrument, port));
    }
  }

  #settle(event: ChildEvent, port: AlgoPort): void {
    for (const parent of this.#parents.values()) {
      if (!parent.knows(event.ticket.id)) continue;
      this.#watched(parent, port, () => parent.settle(event, port));
      return;
    }
  }

  #each(instrument: Instrument, port: AlgoPort, work: (parent: ParentOrder) => void): void {
    for (const parent of [...this.#parents.values()]) {
      if (parent.isOver || parent.instrument.key !== instrument.key) continue;
      this.#watched(parent, port, () => work(parent));
    }
  }

  #on(id: number, port: AlgoPort, work: (parent: ParentOrder) => ParentAnswer): ParentAnswer {
    const parent = this.#parents.get(id);
    if (parent === undefined) {
      const expected = `one of ${[...this.#parents.keys()].join(", ")}`;
      return refuse("ALGO_PARENT_UNKNOWN", "parent", id, expected);
    }
    return this.#watched(parent, port, () => work(parent));
  }

  #watched<Result>(parent: ParentOrder, port: AlgoPort, work: () => Result): Result {
    const before = parent.status;
    const { childCount, lots } = parent;
    const result = work();
    if (parent.childCount !== childCount || parent.lots !== lots || parent.status !== before)
      port.tellParent?.(parent);
    if (parent.status !== before) this.#onStatus?.(parent, port);
    return result;
  }

  /** Room for one more. */
  #checkRoom(): Refusal<AlgoRefusalCode> | undefined {
    const atWork = [...this.#parents.values()].filter((parent) => !parent.isOver).length;
    if (atWork < this.#parentsMax) return undefined;
    return refuse("ALGO_CAPACITY", "parents", atWork, `at most ${this.#parentsMax} at one time`);
  }

  /** The oldest of those that are over is let go where as many are kept as may be at work. */
  #makeRoom(): void {
    const over = [...this.#parents.values()].filter((parent) => parent.isOver);
    if (over.length >= this.#parentsMax) this.#parents.delete((over[0] as ParentOrder).id);
  }
}

function checkSeed(seed: number | undefined): Refusal<AlgoRefusalCode> | undefined {
  if (seed === undefined || Number.isSafeInteger(seed)) return undefined;
  return refuse("ALGO_PARAMETER", "seed", seed, "an integer within 2^53");
}

/** Looks at the book of a parent that starts at once. */
function checkBook(terms: Terms, port: AlgoPort): Refusal<AlgoRefusalCode> | undefined {
  if (terms.startNs > port.clock.ns) return undefined;
  const book = port.book(terms.instrument);
  if (book.validity !== "valid") return refuse("ALGO_DATA_INVALID", "book", book.validity, "valid data");
  const { program } = terms;
  // An auction is where a book of one side, or a crossed one, is made whole.
  if (program.algo === "vwap" && (program.auctions?.opening ?? 0) > 0) return undefined;
  if (!book.hasBid || !book.hasAsk) {
    const missing = book.hasBid ? "asks" : book.hasAsk ? "bids" : "bids and asks";
    return refuse("ALGO_BOOK_SIDE_MISSING", "book", `no ${missing}`, "both sides of the book");
  }
  if (!isSound(book)) {
    const found = `${book.bestBid} / ${book.bestAsk}`;
    return refuse("ALGO_BOOK_CROSSED", "book", found, "a bid below the ask");
  }
  if (terms.program.algo !== "sweep") return undefined;
  const shown = shownLots(book, terms);
  const { minLots } = terms.program;
  if (shown >= minLots) return undefined;
  return refuse("ALGO_BOOK_TOO_THIN", "book", shown, `at least ${minLots} lots up to ${terms.limitTicks}`);
}

function checkSaved(state: unknown): SavedAlgoDesk {
  const found = typeof state === "object" && state !== null ? (state as Partial<SavedAlgoDesk>) : {};
  if (Number.isSafeInteger(found.count) && Array.isArray(found.parents)) return found as SavedAlgoDesk;
  const expected = "an object with count and parents";
  throw new Fault("FAULT_INPUT", { path: "algo.load.state", value: Object.keys(found), expected });
}
