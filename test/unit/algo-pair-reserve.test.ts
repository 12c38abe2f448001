import { describe, expect, it } from "vitest";
import { PairQuoter, type PairQuoterOptions } from "../../src/algo/index.ts";
import { isRefusal, Prng } from "../../src/base/index.ts";
import { NO_LIMITS, type RiskLimits } from "../../src/risk/index.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { figures } from "../fixtures/gate-setup.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

const SECOND = 1_000_000_000;
const RISK = { currency: "USD", capital: [], hours: "always", status: "trusted" } as const;
const TERMS = {
  ...{ instrument: "ABC", lots: 4, spreadTicks: 4, maxPositionLots: 10, staleNs: 3_600 * SECOND },
  ...{ reserves: true, retryNs: SECOND },
};

/** A kernel with a gate: the first strategy quotes by a pair, the second trades beside it. */
class Quoting {
  pair: PairQuoter;
  readonly to: KernelDriver;
  readonly #options: PairQuoterOptions;
  readonly refusals: string[] = [];
  #ns = 1_000;
  #seen = 0;

  constructor(limits: RiskLimits, options: Partial<PairQuoterOptions> = {}) {
    this.#options = { ...TERMS, ...options };
    this.pair = new PairQuoter(this.#options);
    const maker: Strategy = {
      name: "maker",
      onBook: (book, ctx) => this.pair.onBook(book, ctx),
      onOrder: (order, ctx) => this.pair.onOrder(order, ctx),
      onFill: (fill, ctx) => this.pair.onFill(fill, ctx),
      onTimer: (timer, ctx) => void this.pair.onTimer(timer, ctx),
    };
    const all = [{ level: "firm" as const, limits: { ...NO_LIMITS, ...limits } }];
    // Quotes that stand where one stood are no repetition: whoever quotes says so.
    const risk = { ...RISK, limits: all, duplicates: { count: 1_000 } };
    this.to = new KernelDriver([maker, { name: "other", onStop: () => undefined }], { risk });
    this.to.kernel.desk.onRefused = (_, { code }) => void this.refusals.push(code);
  }

  get ctx(): StrategyContext {
    return this.to.ctx();
  }

  tell(bid: number, ask: number): this {
    this.#ns += SECOND;
    this.to.at(this.#ns).row("bid", bid, 100).row("ask", ask, 100);
    return this;
  }

  /** Lots held for buys and sells, and the position, of the firm. */
  get held(): readonly number[] {
    const { buyLots, sellLots, positionLots } = figures(this.to.kernel.gate);
    return [buyLots, sellLots, positionLots];
  }

  other(side: "buy" | "sell", lots: number): string {
    const priceTicks = side === "buy" ? 90 : 110;
    const answer = this.to.ctx(1).submit({ instrument: "ABC", side, lots, priceTicks });
    return isRefusal(answer) ? answer.code : "ok";
  }

  /** The place of an order among those that were sent. */
  nth(ticket: { readonly id: number } | undefined): number {
    const orders = this.to.door.sent.filter(({ what }) => what === "submit");
    return orders.findIndex(({ id }) => id === ticket?.id);
  }

  fill(side: "bid" | "ask", lots: number): void {
    const quote = this.pair[side] as OrderTicket;
    this.to.report("trade", this.nth(quote), { lots, tick: quote.priceTicks });
  }

  /** Every cancel that was asked for is confirmed. */
  confirm(): void {
    const { sent } = this.to.door;
    for (; this.#seen < sent.length; this.#seen++) {
      const each = sent[this.#seen];
      if (each?.what === "cancel") {
        this.to.report("canceled", this.nth(each), { requestId: each.requestId });
      }
    }
  }

  restart(): void {
    const saved: ReturnType<PairQuoter["onSave"]> = JSON.parse(JSON.stringify(this.pair.onSave()));
    this.pair = new PairQuoter(this.#options);
    this.pair.onLoad(saved, this.ctx);
  }
}

const BOUND = { maxLongLots: 10, maxShortLots: 10 };

describe("a pair that reserves", () => {
  it("holds its most on both sides, wherever its position is, and leaves others none of it", () => {
    for (const isRestarted of [false, true]) {
      const quoting = new Quoting(BOUND).tell(99, 101);
      if (isRestarted) quoting.restart();
      expect(quoting.held).toEqual([10, 10, 0]);
      expect([quoting.other("buy", 1), quoting.other("sell", 1)]).toEqual([
        "RISK_POSITION_EXCEEDED",
        "RISK_POSITION_EXCEEDED",
      ]);
      quoting.fill("bid", 3);
      expect(quoting.held).toEqual([7, 13, 3]);
      if (isRestarted) quoting.restart();
      quoting.fill("bid", 1);
      expect(quoting.held).toEqual([6, 14, 4]);
      quoting.fill("ask", 4);
      expect(quoting.held).toEqual([10, 10, 0]);
      expect([quoting.other("buy", 1), quoting.other("sell", 1)]).toEqual([
        "RISK_POSITION_EXCEEDED",
        "RISK_POSITION_EXCEEDED",
      ]);
      quoting.pair.release(quoting.ctx);
      quoting.confirm();
      expect(quoting.held).toEqual([0, 0, 0]);
      expect(quoting.other("buy", 10)).toBe("ok");
    }
  });

  it("quotes nothing where it is refused, asks again after a while, and not for ever by the event", () => {
    const quoting = new Quoting(BOUND, { retryNs: 10 * SECOND });
    quoting.to.at(1).row("bid", 99, 1);
    expect(quoting.other("buy", 1)).toBe("ok");
    for (let i = 0; i < 5; i++) quoting.tell(99, 101);
    expect([quoting.pair.bid, quoting.pair.ask, quoting.held]).toEqual([undefined, undefined, [1, 0, 0]]);
    quoting.to.report("canceled", 0);
    quoting.tell(99, 101);
    expect(quoting.held).toEqual([0, 0, 0]);
    for (let i = 0; i < 10; i++) quoting.tell(99, 101);
    expect(quoting.held).toEqual([10, 10, 0]);
    expect([quoting.pair.bid?.lots, quoting.pair.ask?.lots]).toEqual([4, 4]);
  });
});

describe("a pair that does not", () => {
  it("holds its quotes alone", () => {
    const quoting = new Quoting(BOUND, { reserves: false }).tell(99, 101);
    expect(quoting.held).toEqual([4, 4, 0]);
    expect(quoting.other("buy", 6)).toBe("ok");
  });

  it.each([true, false])(
    "as one that does (%s) stays within limits that are tighter than its own",
    (reserves) => {
      const limits = { maxLongLots: 6, maxShortLots: 7 };
      const quoting = new Quoting(limits, { reserves, maxPositionLots: reserves ? 6 : 10 });
      const prng = new Prng(3);
      let [fills, refused] = [0, 0];
      for (let i = 0; i < 400; i++) {
        const mid = 100 + prng.below(5);
        quoting.tell(mid - 1, mid + 1);
        const side = prng.below(2) === 0 ? "bid" : "ask";
        const quote = quoting.pair[side];
        if (quote?.isOpen === true && prng.below(3) === 0) {
          quoting.fill(side, 1 + prng.below(quote.lots - quote.cumLots));
          fills += 1;
        }
        quoting.confirm();
        const [buys, sells, position] = quoting.held as [number, number, number];
        expect(position + buys).toBeLessThanOrEqual(6);
        expect(position - sells).toBeGreaterThanOrEqual(-7);
        if (quoting.pair.bid === undefined || quoting.pair.ask === undefined) refused += 1;
      }
      expect(fills).toBeGreaterThan(10);
      // What is held is there when it is quoted; what is not may be refused, and is asked again.
      expect(quoting.refusals.length > 0).toBe(!reserves);
      expect(refused).toBeGreaterThan(0);
    },
  );
});
