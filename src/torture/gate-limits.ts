import type { Prng } from "../base/index.ts";
import type { ControlRequest, Person, RiskLimits } from "../risk/index.ts";
import type { TradingSession } from "../run/index.ts";
import type { TortureEngine } from "./torture-engine.ts";

const RISK: Person = { name: "rob", role: "risk" };
const TRADER: Person = { name: "tom", role: "trader" };
const SECOND_NS = 1_000_000_000;

/** The limits of a run that change while it runs. @units lots */
export interface RunLimits {
  readonly positionLots: number;
  readonly orderLots: number;
}

/**
 * Somebody of the risk function who changes limits of the engine while it trades, and remembers which are in force.
 *
 * @invariant After a recovery the limits are those of the last change that was answered, or of one that was not.
 */
export class GateLimits {
  readonly #usual: RunLimits;
  readonly #rng: Prng;
  /** What is to be in force, what is, and what was asked for and not answered. */
  #wanted: RunLimits;
  #held: RunLimits;
  #asked: RunLimits | undefined = undefined;
  /** The position limit in force when an order left last, by instrument: of buys, then of sells. */
  readonly #allowed: readonly [Float64Array, Float64Array];
  /** The most lots that each order was asked for. */
  readonly #askedFor = new Map<number, number>();

  constructor(instruments: number, usual: RunLimits, rng: Prng) {
    this.#usual = usual;
    this.#wanted = usual;
    this.#held = usual;
    this.#rng = rng;
    const { positionLots } = usual;
    this.#allowed = [
      new Float64Array(instruments).fill(positionLots),
      new Float64Array(instruments).fill(positionLots),
    ];
  }

  /** Lots that may be possible on a side of an instrument at its venue: whatever left last on it was within them. */
  allowedLots(instrument: number, sideSign: 1 | -1): number {
    return this.#allowed[sideSign > 0 ? 0 : 1][instrument] as number;
  }

  /**
   * An order leaves, or a replace by so many lots in all. Says what is wrong with it. A replace that adds nothing to
   * what its order had asked for may leave whatever the position limit is by now.
   */
  leaving(
    { kernel: { orders } }: TradingSession,
    id: number,
    lots: number,
    isReplace: boolean,
  ): string | undefined {
    const row = orders.id.indexOf(id);
    const side = (orders.side[row] as number) > 0 ? 0 : 1;
    // An order that is taken for sent, because nobody can know, is replaced all the same.
    const held = isReplace ? (orders.lots[row] as number) : 0;
    if (lots > Math.max(this.#askedFor.get(id) ?? 0, held)) {
      this.#askedFor.set(id, lots);
      this.#allowed[side][orders.instrument[row] as number] = this.#held.positionLots;
    }
    if (lots <= this.#held.orderLots) return undefined;
    return `order ${id} of ${lots} lots, ${this.#held.orderLots} allowed`;
  }

  /** A process has recovered. Says what is wrong with its limits. */
  booted(session: TradingSession): string | undefined {
    const { limits } = session.kernel.gate.parts;
    const found = {
      positionLots: limits.of(0, "maxLongLots"),
      orderLots: limits.of(0, "maxOrderLots"),
    };
    const isKnown = isSame(found, this.#held) || (this.#asked !== undefined && isSame(found, this.#asked));
    const expected = JSON.stringify([this.#held, this.#asked]);
    this.#held = found;
    this.#asked = undefined;
    return isKnown ? undefined : `${JSON.stringify(found)} after a recovery, not one of ${expected}`;
  }

  /** The position limit is cut by so many percent. */
  cut(percent: number, engine: TortureEngine | undefined): void {
    const positionLots = Math.floor((this.#usual.positionLots * (100 - percent)) / 100);
    this.#wanted = { ...this.#wanted, positionLots };
    this.apply(engine);
  }

  /** The position limit is what it usually is. */
  lift(engine: TortureEngine | undefined): void {
    this.#wanted = { ...this.#wanted, positionLots: this.#usual.positionLots };
    this.apply(engine);
  }

  /** Every limit is what it usually is. */
  restore(engine: TortureEngine | undefined): void {
    this.#wanted = this.#usual;
    this.apply(engine);
  }

  /** Something is changed by somebody, or would be, were they allowed to. */
  meddle(engine: TortureEngine | undefined): void {
    const dice = this.#rng.below(4);
    if (dice === 0) {
      const orderLots = 1 + this.#rng.below(this.#usual.orderLots);
      this.#wanted = { ...this.#wanted, orderLots };
      this.apply(engine);
      return;
    }
    const amount = String(1_000_000_000 + this.#rng.below(1000));
    engine?.ask((session, nowNs) => {
      const requests: readonly ControlRequest[] = [
        { call: "setCapital", args: [{ level: "firm", amount }, RISK, "a deposit"] },
        { call: "change", args: [firm({ maxOrderLots: 1000 }), TRADER, "a trader's wish"] },
        { call: "override", args: [widerCollar(nowNs + 3 * SECOND_NS)] },
      ];
      session.control(requests[dice - 1] as ControlRequest, nowNs);
    });
  }

  /** Has the engine take what is wanted, when it runs next. */
  apply(engine: TortureEngine | undefined): void {
    if (isSame(this.#wanted, this.#held)) return;
    engine?.ask((session, nowNs) => {
      const wanted = this.#wanted;
      if (isSame(wanted, this.#held)) return;
      const { positionLots, orderLots } = wanted;
      const limits = { maxOrderLots: orderLots, maxLongLots: positionLots, maxShortLots: positionLots };
      this.#asked = wanted;
      const answer = session.control({ call: "change", args: [firm(limits), RISK, "torture"] }, nowNs);
      this.#asked = undefined;
      if (answer.ok) this.#held = wanted;
    });
  }
}

function firm(limits: RiskLimits): readonly [{ readonly level: "firm"; readonly limits: RiskLimits }] {
  return [{ level: "firm", limits }];
}

function widerCollar(untilNs: number): Extract<ControlRequest, { call: "override" }>["args"][0] {
  return {
    ...{ level: "firm", limits: { priceCollarBps: 4000 }, reason: "a fast market" },
    ...{ requestedBy: TRADER, approvedBy: RISK, untilNs },
  };
}

function isSame(a: RunLimits, b: RunLimits): boolean {
  return a.positionLots === b.positionLots && a.orderLots === b.orderLots;
}
