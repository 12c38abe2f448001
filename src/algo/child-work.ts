import { Prng, type PrngState } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { AlgoBook, AlgoPort, ChildTicket } from "./algo-port.ts";
import { childPrice, isSound, type Rung } from "./child-price.ts";
import { childLots, leastChildLots } from "./child-size.ts";
import { CHILDREN_MAX, type Child, Children, type SavedChildren } from "./children.ts";
import type { ParentReserve } from "./parent-reserve.ts";
import type { Terms } from "./parent-terms.ts";
import type { Program, ProgramView } from "./program.ts";
import { programOf } from "./programs.ts";
import { FINAL_REFUSALS } from "./refusals.ts";
import { sweepLevels } from "./sweep.ts";
import { VolumeMeter } from "./volume-meter.ts";

/** What a `ChildWork` saves, JSON-safe. */
export interface SavedWork {
  readonly children: SavedChildren;
  readonly program: readonly (number | readonly number[])[];
  readonly rng: PrngState;
  readonly volumeLots: number;
  readonly retryNs: number;
  readonly refusals: number;
  /** The number of the last child that was tried. */
  readonly slice: number;
}

/** What a child is asked for by where it is placed. */
const HOW = {
  ...({ cross: { timeInForce: "IOC" }, join: { postOnly: true }, mid: { postOnly: true } } as const),
  ...{ limit: {}, auction: {} },
};

/** Longest wait after refusals, as a multiple of `retryNs`. */
const BACKOFF_MAX = 64;

/**
 * Sends a parent's children and asks them back, as its program says.
 *
 * @invariant No child is beyond the limit, none makes what is filled and at work more than the whole or the bounds of
 * volume.
 */
export class ChildWork {
  readonly children: Children = new Children();
  readonly meter: VolumeMeter;
  /** Why nothing more can be sent; empty while it can. */
  stoppedBy = "";
  readonly #instrument: Instrument;
  readonly #rng: Prng;
  readonly #reserve: ParentReserve;
  #terms: Terms;
  #program: Program;
  /** Nothing is sent before it. */
  #retryNs = 0;
  /** Refusals and rejections in a row. */
  #refusals = 0;
  /** Children that were tried: each has a number of its own. */
  #slice = 0;

  constructor(terms: Terms, instrument: Instrument, seed: number, reserve: ParentReserve) {
    this.#reserve = reserve;
    this.#terms = terms;
    this.#instrument = instrument;
    this.#program = programOf(terms);
    this.#rng = new Prng(seed);
    this.meter = new VolumeMeter(terms.blockLots, terms.ownPrints);
  }

  /** Nothing is sent before it. */
  get retryNs(): number {
    return this.#retryNs;
  }

  /** What is filled and what still could be. */
  get doneLots(): number {
    return this.children.filledLots + this.children.workingLots;
  }

  /** Plans what is not filled yet. */
  plan(nowNs: number, book: AlgoBook): void {
    this.#program.plan(this.#view(nowNs, book), this.#terms.lots - this.children.filledLots);
  }

  /** Takes other terms; what its program knows of what is out stays. */
  amend(terms: Terms): void {
    const saved = this.#program.save();
    this.#terms = terms;
    this.#program = programOf(terms);
    this.#program.load(saved);
  }

  /** Asks back children that stand where they should not. */
  tend(port: AlgoPort, book: AlgoBook): void {
    const nowNs = port.clock.ns;
    const { side, limitTicks, requoteTicks, requoteNs } = this.#terms;
    const { rung, price } = this.#place(nowNs, book);
    for (const child of this.children.open) {
      if (child.rung === "cross") continue;
      const at = child.ticket.priceTicks;
      const isBeyond = side === "buy" ? at > limitTicks : at < limitTicks;
      const isOff = price !== undefined && (rung === "cross" || Math.abs(at - price) >= requoteTicks);
      const mayMove = rung !== child.rung || nowNs - child.sentNs >= requoteNs;
      if (isBeyond || (isOff && mayMove)) this.#askBack(port, child);
    }
  }

  /** Sends one child of what is due, where any is. */
  send(port: AlgoPort, book: AlgoBook): void {
    const nowNs = port.clock.ns;
    if (nowNs < this.#retryNs) return;
    const { lots, maxParticipation, maxChildLots } = this.#terms;
    const done = this.doneLots;
    const { isStrict } = this.#program;
    const target = this.#program.targetLots(this.#view(nowNs, book));
    const wanted = this.isCleaning(nowNs) && !isStrict ? lots : target;
    const bound = Math.min(lots, this.meter.budget(maxParticipation), isStrict ? target : lots);
    const dueLots = Math.min(wanted, bound) - done;
    const { rung, price } = this.#place(nowNs, book);
    if (price === undefined || dueLots <= 0) return;
    const size = childLots({
      ...{ dueLots, leftLots: lots - done, allowedLots: bound - done },
      ...{ leastLots: this.#leastLots(price), mostLots: maxChildLots },
    });
    if (size > 0) this.#submit(port, size, price, rung);
  }

  /** Takes what the book shows, one child a level, until one is refused. */
  sweep(port: AlgoPort, book: AlgoBook): void {
    for (const { priceTicks, lots } of sweepLevels(book, this.#terms, (price) => this.#leastLots(price))) {
      if (!this.#submit(port, lots, priceTicks, "cross")) return;
    }
  }

  /** Asks all children back; those that wait for an auction alone stay where its call is what halts (`isCalled`). */
  withdraw(port: AlgoPort, isCalled = false): void {
    for (const child of this.children.open) {
      if (!isCalled || child.rung !== "auction") this.#askBack(port, child);
    }
  }

  /**
   * Takes a child as it is now.
   *
   * @returns what it filled after its end was told
   */
  settle(ticket: ChildTicket, nowNs: number): number {
    let isShort = false;
    for (const child of this.children.open) {
      if (child.ticket.id !== ticket.id || child.rung !== "cross") continue;
      isShort = !ticket.isOpen && ticket.cumLots < ticket.lots;
    }
    if (isShort) this.#retryNs = Math.max(this.#retryNs, nowNs + this.#terms.retryNs);
    return this.children.settle(ticket);
  }

  /** A child was accepted or filled: what was refused before counts no more. */
  went(): void {
    this.#refusals = 0;
  }

  /** A child was refused by us or by the venue: waits, longer each time, or gives up. */
  refused(code: string, nowNs: number): void {
    this.#refusals += 1;
    const { retryNs, refusalsMax } = this.#terms;
    let wait = 1;
    for (let i = 1; i < this.#refusals && wait < BACKOFF_MAX; i++) wait *= 2;
    this.#retryNs = nowNs + retryNs * wait;
    if (FINAL_REFUSALS.has(code) || this.#refusals >= refusalsMax) this.stoppedBy = code;
  }

  /** Whether what is left is taken now, at the end. */
  isCleaning(nowNs: number): boolean {
    const { residual, endNs, cleanupNs } = this.#terms;
    return residual === "cross" && nowNs >= endNs - cleanupNs && !this.isAuction(nowNs);
  }

  /** Whether an auction is called for it now: then it sends whatever the book looks like. */
  isAuction(nowNs: number): boolean {
    return this.#program.auction?.(nowNs) !== undefined;
  }

  /** The moments at which it has something to do, while it sends (`sends`) or asks back. */
  moments(nowNs: number, sends: boolean): number[] {
    const { requoteNs, retryNs, residual, endNs, cleanupNs } = this.#terms;
    const moments = sends ? [this.#program.nextNs(nowNs), this.#retryNs] : [];
    if (sends && residual === "cross") moments.push(endNs - cleanupNs);
    for (const { askedNs, sentNs } of this.children.open) {
      if (askedNs >= 0) moments.push(askedNs + retryNs);
      if (sends) moments.push(sentNs + requoteNs);
    }
    return moments;
  }

  /** What it holds, JSON-safe. */
  save(): SavedWork {
    return {
      ...{ children: this.children.save(), program: this.#program.save(), rng: this.#rng.state() },
      ...{ volumeLots: this.meter.lots, retryNs: this.#retryNs, refusals: this.#refusals },
      slice: this.#slice,
    };
  }

  /** Goes on from what `save` gave. */
  load(saved: SavedWork, find: (id: number) => ChildTicket): void {
    this.children.load(saved.children, find);
    this.#program.load(saved.program);
    this.#rng.restore(saved.rng);
    this.meter.load(saved.volumeLots);
    this.#retryNs = saved.retryNs;
    this.#refusals = saved.refusals;
    this.#slice = saved.slice;
  }

  #view(nowNs: number, book: AlgoBook): ProgramView {
    const { filledLots, workingLots } = this.children;
    const midTicks = isSound(book) ? book.midTicks : Number.NaN;
    return { nowNs, filledLots, workingLots, volumeLots: this.meter.lots, midTicks, rng: this.#rng };
  }

  /** Where a child goes now; the slice is that of now. */
  #place(nowNs: number, book: AlgoBook): { readonly rung: Rung; readonly price: number | undefined } {
    const { side, limitTicks, throughTicks } = this.#terms;
    this.#program.targetLots(this.#view(nowNs, book));
    const rung = this.isCleaning(nowNs) ? "cross" : this.#program.rung(nowNs);
    return { rung, price: childPrice(book, side, rung, limitTicks, throughTicks) };
  }

  #submit(port: AlgoPort, lots: number, priceTicks: number, rung: Rung): boolean {
    const { side, tag } = this.#terms;
    const auction = rung === "limit" ? this.#program.auction?.(port.clock.ns) : undefined;
    this.#slice += 1;
    const { id } = this.#reserve;
    const child = id === 0 ? {} : { parent: id, slice: this.#slice };
    const instrument = this.#instrument.key;
    if (this.children.count >= CHILDREN_MAX) {
      this.stoppedBy = "childrenMax";
      return false;
    }
    const request = { instrument, side, lots, priceTicks, tag, ...child };
    let sent =
      auction === undefined
        ? port.submit({ ...request, ...HOW[rung] })
        : port.submit({ ...request, timeInForce: auction });
    // A venue that has no orders for an auction alone takes one that rests through it.
    const hasNone = auction !== undefined && !sent.ok && sent.code === "ORDER_TIME_IN_FORCE";
    if (hasNone) sent = port.submit(request);
    if (sent.ok) this.children.add(sent, port.clock.ns, auction === undefined || hasNone ? rung : "auction");
    else this.refused(sent.code, port.clock.ns);
    return sent.ok;
  }

  #leastLots(priceTicks: number): number {
    const { minChildLots, minNotionalMinor } = this.#terms;
    return leastChildLots(minChildLots, minNotionalMinor, priceTicks, this.#instrument.quantumMinor);
  }

  /** Asks for a child back, unless that was asked of late: it counts as able to fill until its end is told. */
  #askBack(port: AlgoPort, child: Child): void {
    const nowNs = port.clock.ns;
    if (child.ticket.isPending || !child.ticket.isOpen) return;
    if (child.askedNs >= 0 && nowNs < child.askedNs + this.#terms.retryNs) return;
    child.askedNs = nowNs;
    port.cancel(child.ticket);
  }
}
