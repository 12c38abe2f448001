import { Fault, type Refusal, refuse } from "../base/index.ts";
import { type Instrument, MAX_TICKS, type Side } from "../model/index.ts";
import type { AlgoBook, AlgoPort, ChildEvent, ChildTicket } from "./algo-port.ts";
import { isSound } from "./child-price.ts";
import { mayFill } from "./children.ts";
import { NEVER } from "./never.ts";
import { pairPrices } from "./pair-prices.ts";
import { PairReserve, type SavedPairReserve } from "./pair-reserve.ts";
import { checkPairTerms, type PairQuoterOptions } from "./pair-terms.ts";
import { findInstrument } from "./parent-terms.ts";
import { type AlgoRefusalCode, FINAL_REFUSALS } from "./refusals.ts";

/** What a {@link PairQuoter} saves, JSON-safe. */
export interface SavedPairQuoter {
  /** Of the bid and the ask: id, moment it was sent, moment it was asked back; null where there is none. */
  readonly bid: readonly [number, number, number] | null;
  readonly ask: readonly [number, number, number] | null;
  readonly reference: number | null;
  /** Absent, or null, where the quotes are `spreadTicks` apart. */
  readonly spread?: number | null;
  readonly heardNs: number;
  readonly retryNs: number;
  readonly timer: number;
  readonly timerNs: number;
  readonly isOn: boolean;
  readonly stoppedBy: string;
  /** Absent without `reserves`. */
  readonly reserve?: SavedPairReserve;
}

/** Where a pair goes from now on: need not be whole. @units ticks */
export interface PairReference {
  readonly referenceTicks: number;
  /** In place of `spreadTicks`. */
  readonly spreadTicks?: number;
}

interface Quote {
  readonly ticket: ChildTicket;
  readonly sentNs: number;
  askedNs: number;
}

const SAVED_VERSION = 1;
const NAME = "pairQuoter";

/**
 * Keeps a bid and an ask around a reference, leaning against the position: the working part of a market maker. Quotes
 * are post-only and move by cancel first: a side has one order at most until its end is confirmed.
 *
 * @units ticks, lots, ns from the session's base
 * With `reserves` the gate holds what either side may still do (`PairReserve`); without, each quote for itself.
 *
 * @invariant At most one order a side can fill. With both filled the position stays within `maxPositionLots`. The bid
 * is below every own ask that can still fill. Nothing is sent on a book that is not valid, lacks a side, is crossed,
 * or was not heard of for `staleNs`; both quotes are pulled then.
 * @throws `FAULT_CONFIG` naming the option.
 * @cost An event costs some twenty comparisons and allocates a few small objects.
 * @example
 * ```ts
 * import { PairQuoter } from "tickwright/algo";
 * const pair = new PairQuoter({
 *   instrument: "ABC", lots: 10, spreadTicks: 4, maxPositionLots: 50, skewTicks: 3, staleNs: 2_000_000_000,
 * });
 * pair.bid === undefined; // => true
 * ```
 */
export class PairQuoter {
  readonly #terms: Required<PairQuoterOptions>;
  #bid: Quote | undefined = undefined;
  #ask: Quote | undefined = undefined;
  #reference: number | undefined = undefined;
  #spread: number | undefined = undefined;
  #heardNs = -1;
  #retryNs = 0;
  #timer = -1;
  #timerNs = -1;
  #isOn = true;
  #stoppedBy = "";
  readonly #reserve: PairReserve;

  constructor(options: PairQuoterOptions) {
    this.#terms = checkPairTerms(options);
    this.#reserve = new PairReserve(this.#terms);
  }

  /** The bid that can fill; undefined where there is none. */
  get bid(): ChildTicket | undefined {
    return this.#bid?.ticket;
  }

  /** The ask that can fill; undefined where there is none. */
  get ask(): ChildTicket | undefined {
    return this.#ask?.ticket;
  }

  /** The code of the refusal after which nothing is quoted any more; empty while there was none. */
  get stoppedBy(): string {
    return this.#stoppedBy;
  }

  /**
   * Quotes around a price from now on, in place of the mid.
   *
   * @refuses `ALGO_LIMIT` for no price
   */
  quoteAround(referenceTicks: number, port: AlgoPort): { readonly ok: true } | Refusal<AlgoRefusalCode> {
    if (!(Math.abs(referenceTicks) <= MAX_TICKS)) {
      return refuse("ALGO_LIMIT", "referenceTicks", referenceTicks, `a number within ${MAX_TICKS}`);
    }
    this.#reference = referenceTicks;
    this.#work(port);
    return { ok: true };
  }

  /**
   * Word of the market (`isWord`, and the first time) or only of its owner, with where to quote from now on: pulls where that is nowhere,
   * or no price.
   */
  follow(around: PairReference | undefined, isWord: boolean, port: AlgoPort): void {
    if (isWord || this.#heardNs < 0) this.#heardNs = port.clock.ns;
    const isPrice = around !== undefined && Math.abs(around.referenceTicks) <= MAX_TICKS;
    this.#isOn = isPrice && (around.spreadTicks === undefined || around.spreadTicks > 0);
    if (this.#isOn) {
      this.#reference = around?.referenceTicks;
      this.#spread = around?.spreadTicks;
    }
    this.#work(port);
  }

  /** Pulls both quotes, until `quote` is called. */
  pull(port: AlgoPort): void {
    this.#isOn = false;
    this.#work(port);
  }

  /** Pulls both quotes as `pull` does, and lets go of what is held at the gate: quotes that can still fill stay held. */
  release(port: AlgoPort): void {
    this.pull(port);
    this.#reserve.release(port);
  }

  /** Quotes again after `pull` or `release`. */
  quote(port: AlgoPort): void {
    this.#isOn = true;
    this.#work(port);
  }

  /** Word of the market. */
  onBook(book: Pick<AlgoBook, "instrument">, port: AlgoPort): void {
    if (book.instrument.key !== this.#instrument(port).key) return;
    this.#heardNs = port.clock.ns;
    this.#work(port);
  }

  onOrder(event: ChildEvent, port: AlgoPort): void {
    if (this.settle(event, port)) this.#work(port);
  }

  /**
   * Takes note of what happened to a quote and does nothing about it: for an owner that quotes elsewhere next (`follow`).
   *
   * @returns whether the order was one of its quotes
   */
  settle({ ticket, kind }: ChildEvent, port: AlgoPort): boolean {
    const { id } = ticket;
    if (id !== this.#bid?.ticket.id && id !== this.#ask?.ticket.id) return false;
    if (kind === "rejected") this.#retryNs = port.clock.ns + this.#terms.retryNs;
    if (mayFill(ticket)) return true;
    if (id === this.#bid?.ticket.id) this.#bid = undefined;
    else this.#ask = undefined;
    this.#reserve.ended(ticket);
    return true;
  }

  /** A fill changed the position: both quotes lean. */
  onFill(event: Pick<ChildEvent, "ticket">, port: AlgoPort): void {
    this.onOrder({ ticket: event.ticket }, port);
    this.#work(port);
  }

  /** @returns whether the timer was its own */
  onTimer(timer: number, port: AlgoPort): boolean {
    if (timer !== this.#timer) return false;
    this.#timer = -1;
    this.#work(port);
    return true;
  }

  /** Everything its next decisions depend on, JSON-safe. */
  onSave(): { readonly version: number; readonly state: SavedPairQuoter } {
    const state = {
      ...{ bid: savedQuote(this.#bid), ask: savedQuote(this.#ask), reference: this.#reference ?? null },
      ...(this.#spread === undefined ? {} : { spread: this.#spread }),
      ...{ heardNs: this.#heardNs, retryNs: this.#retryNs, timer: this.#timer, timerNs: this.#timerNs },
      ...{ isOn: this.#isOn, stoppedBy: this.#stoppedBy, ...this.#reserve.save() },
    };
    return { version: SAVED_VERSION, state };
  }

  /** @throws `FAULT_INPUT` on another version, or a quote that is not open. */
  onLoad(saved: { readonly version: number; readonly state: unknown }, port: AlgoPort): void {
    const { version } = saved;
    if (version !== SAVED_VERSION || typeof saved.state !== "object" || saved.state === null) {
      const expected = `${SAVED_VERSION}, with a state`;
      throw new Fault("FAULT_INPUT", { path: `${NAME}.load.version`, value: version, expected });
    }
    const state = saved.state as SavedPairQuoter;
    const open = port.openOrders(this.#instrument(port).key);
    this.#bid = loadedQuote(`${NAME}.load.bid`, state.bid, open, "buy");
    this.#ask = loadedQuote(`${NAME}.load.ask`, state.ask, open, "sell");
    this.#reference = state.reference ?? undefined;
    this.#spread = state.spread ?? undefined;
    this.#heardNs = state.heardNs;
    this.#retryNs = state.retryNs;
    this.#timer = state.timer;
    this.#timerNs = state.timerNs;
    this.#isOn = state.isOn;
    this.#stoppedBy = state.stoppedBy;
    this.#reserve.load(state.reserve);
  }

  #instrument(port: AlgoPort): Instrument {
    const found = findInstrument(port, this.#terms.instrument);
    if (found !== undefined) return found;
    const expected = `one of ${port.instruments.map(({ key }) => key).join(", ")}`;
    throw new Fault("FAULT_INPUT", { path: `${NAME}.instrument`, value: this.#terms.instrument, expected });
  }

  #work(port: AlgoPort): void {
    const nowNs = port.clock.ns;
    const instrument = this.#instrument(port);
    const book = port.book(instrument.key);
    const { staleNs, lots, maxPositionLots } = this.#terms;
    const isFresh = this.#heardNs >= 0 && nowNs - this.#heardNs < staleNs;
    const isQuoting = this.#isOn && this.#stoppedBy === "" && isFresh && isSound(book);
    const position: number = port.position(instrument.key).lots;
    const isHeld = isQuoting && this.#isHeld(port, instrument.key, position);
    const prices = isHeld ? this.#prices(book, position) : undefined;
    const most = (leaves: number, signed: number): boolean => signed + leaves <= maxPositionLots;
    const bidLots = left(this.#bid) ?? lots;
    const askLots = left(this.#ask) ?? lots;
    this.#keep(port, "buy", most(bidLots, position) ? prices?.bidTicks : undefined);
    this.#keep(port, "sell", most(askLots, -position) ? prices?.askTicks : undefined);
    this.#arm(port);
  }

  /** Whether the gate holds what both sides may do, where that is asked for. */
  #isHeld(port: AlgoPort, instrument: string, position: number): boolean {
    const nowNs = port.clock.ns;
    if (!this.#reserve.isUsed(port)) return true;
    if (this.#reserve.isRefused && nowNs < this.#retryNs) return false;
    const refusal = this.#reserve.keep(port, instrument, position, [this.#bid?.ticket, this.#ask?.ticket]);
    if (refusal === undefined) return true;
    this.#retryNs = nowNs + this.#terms.retryNs;
    if (FINAL_REFUSALS.has(refusal.code)) this.#stoppedBy = refusal.code;
    return false;
  }

  #prices(
    book: AlgoBook,
    position: number,
  ): { readonly bidTicks: number; readonly askTicks: number } | undefined {
    const { spreadTicks, maxSpreadTicks, skewTicks, maxPositionLots } = this.#terms;
    const { bestBid, bestAsk } = book;
    const prices = pairPrices({
      ...{ referenceTicks: this.#reference ?? book.midTicks, lean: position / maxPositionLots },
      ...{ spreadTicks: this.#spread ?? spreadTicks, maxSpreadTicks, skewTicks, bestBid, bestAsk },
    });
    return Math.max(Math.abs(prices.bidTicks), Math.abs(prices.askTicks)) <= MAX_TICKS ? prices : undefined;
  }

  /** Leaves a quote that is near enough, asks back one that is not, sends one where none can fill. */
  #keep(port: AlgoPort, side: Side, priceTicks: number | undefined): void {
    const nowNs = port.clock.ns;
    const quote = side === "buy" ? this.#bid : this.#ask;
    const { requoteTicks, requoteNs } = this.#terms;
    if (quote !== undefined) {
      const off = priceTicks === undefined ? NEVER : Math.abs(quote.ticket.priceTicks - priceTicks);
      const mayMove = priceTicks === undefined || nowNs - quote.sentNs >= requoteNs;
      if (off >= requoteTicks && mayMove) this.#askBack(port, quote);
      return;
    }
    if (priceTicks === undefined || nowNs < this.#retryNs) return;
    const other = (side === "buy" ? this.#ask : this.#bid)?.ticket.priceTicks;
    if (other !== undefined && (side === "buy" ? priceTicks >= other : priceTicks <= other)) return;
    this.#send(port, side, priceTicks);
  }

  #send(port: AlgoPort, side: Side, priceTicks: number): void {
    const nowNs = port.clock.ns;
    const { lots, tag } = this.#terms;
    const instrument = this.#instrument(port).key;
    const sent = port.submit({
      instrument,
      side,
      lots,
      priceTicks,
      postOnly: true,
      tag,
      ...this.#reserve.child(side),
    });
    if (!sent.ok) {
      this.#retryNs = nowNs + this.#terms.retryNs;
      if (FINAL_REFUSALS.has(sent.code)) this.#stoppedBy = sent.code;
    } else if (side === "buy") this.#bid = { ticket: sent, sentNs: nowNs, askedNs: -1 };
    else this.#ask = { ticket: sent, sentNs: nowNs, askedNs: -1 };
  }

  #askBack(port: AlgoPort, quote: Quote): void {
    const nowNs = port.clock.ns;
    if (quote.ticket.isPending || !quote.ticket.isOpen) return;
    if (quote.askedNs >= 0 && nowNs < quote.askedNs + this.#terms.retryNs) return;
    quote.askedNs = nowNs;
    port.cancel(quote.ticket);
  }

  /** Sets the one timer to the next moment at which something may be due without an event. */
  #arm(port: AlgoPort): void {
    const nowNs = port.clock.ns;
    const { staleNs, retryNs, requoteNs } = this.#terms;
    const moments = [this.#retryNs];
    if (this.#heardNs >= 0) moments.push(this.#heardNs + staleNs);
    for (const quote of [this.#bid, this.#ask]) {
      if (quote === undefined) continue;
      moments.push(quote.sentNs + requoteNs);
      if (quote.askedNs >= 0) moments.push(quote.askedNs + retryNs);
    }
    const nextNs = Math.min(...moments.filter((moment) => moment > nowNs), NEVER);
    if (this.#timer >= 0) {
      if (this.#timerNs === nextNs) return;
      port.clock.stop(this.#timer);
      this.#timer = -1;
    }
    if (nextNs === NEVER) return;
    this.#timer = port.clock.at(nextNs);
    this.#timerNs = nextNs;
  }
}

function left(quote: Quote | undefined): number | undefined {
  return quote === undefined ? undefined : quote.ticket.lots - quote.ticket.cumLots;
}

function savedQuote(quote: Quote | undefined): readonly [number, number, number] | null {
  return quote === undefined ? null : [quote.ticket.id, quote.sentNs, quote.askedNs];
}

function loadedQuote(
  path: string,
  saved: readonly [number, number, number] | null,
  all: readonly ChildTicket[],
  side: Side,
): Quote | undefined {
  if (saved === null) return undefined;
  if (!Array.isArray(saved) || saved.length !== 3 || !saved.every(Number.isSafeInteger)) {
    throw new Fault("FAULT_INPUT", { path, value: saved, expected: "null or an id and two times" });
  }
  const [id, sentNs, askedNs] = saved;
  const open = all.filter((each) => each.side === side);
  const ticket = open.find((each) => each.id === id);
  if (ticket !== undefined) return { ticket, sentNs, askedNs };
  const expected = `one of the open ${side} orders ${open.map((each) => each.id).join(", ")}`;
  throw new Fault("FAULT_INPUT", { path, value: id, expected });
}
