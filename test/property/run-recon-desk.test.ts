import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import type { OrderTicket } from "../../src/strategy/index.ts";
import { type Post, ReconRig, S } from "../fixtures/recon-rig.ts";

/** After the last event, so many comparisons are enough. */
const ENOUGH = 10;

const number = (max: number) => fc.integer({ min: 1, max });
/** What happens next: to us, to the venue, or to a report on its way. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("submit" as const), a: fc.nat(3), b: number(9) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("replace" as const), a: fc.nat(9), b: number(9) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("cancel" as const), a: fc.nat(9), b: fc.nat(1) }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constant("accept" as const), a: fc.nat(1), b: fc.nat(1) }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constant("fill" as const), a: fc.nat(9), b: number(9) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("end" as const), a: fc.nat(9), b: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("bust" as const), a: fc.nat(9), b: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("amend" as const), a: fc.nat(9), b: number(9) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("stranger" as const), a: fc.nat(3), b: number(9) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("wait" as const), a: number(8), b: fc.nat(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant("disconnect" as const), a: fc.nat(1), b: fc.nat(1) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("compare" as const), a: fc.nat(1), b: fc.nat(1) }) },
  { weight: 8, arbitrary: fc.record({ what: fc.constant("post" as const), a: fc.nat(9), b: fc.nat(9) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const history = fc.record({
  steps: fc.array(step, { minLength: 10, maxLength: 60 }),
  orphans: fc.constantFrom("adopt", "cancel"),
  lingerNs: fc.constantFrom(0, 3600 * S),
  isSaved: fc.boolean(),
  /** What becomes of the reports that are on their way at the end. */
  rest: fc.constantFrom("lost", "late", "reversed"),
});

class Play {
  readonly rig: ReconRig;
  readonly tickets: OrderTicket[] = [];
  readonly delivered: Post[] = [];

  constructor(orphans: "adopt" | "cancel", lingerNs: number) {
    const rules = { ackTimeoutNs: 2 * S, graceNs: 600 * S, orphans };
    this.rig = new ReconRig({ rules }, lingerNs);
    this.rig.isPrompt = false;
  }

  take({ what, a, b }: Step): void {
    const { rig, tickets } = this;
    const ticket = tickets[a % Math.max(1, tickets.length)];
    rig.later(1);
    if (what === "submit" && tickets.length < 20) {
      const side = a % 2 === 0 ? "buy" : "sell";
      tickets.push(rig.submit(side, b + 3 * tickets.length, 100 + b, a >> 1));
      if (b > 2) rig.later(1).venue.accept();
    } else if (what === "replace" && ticket !== undefined) {
      rig.venue.isDeaf = b % 4 === 0;
      rig.ctx.replace(ticket, { lots: ticket.lots + b, priceTicks: (90 + b) as never });
      rig.venue.isDeaf = false;
    } else if (what === "cancel" && ticket !== undefined) {
      rig.venue.isDeaf = b === 1;
      rig.ctx.cancel(ticket);
      rig.venue.isDeaf = false;
    } else if (what === "wait") rig.later(a);
    else if (what === "compare") rig.compare();
    else if (what === "post") this.#post(a, b);
    else this.#venue(what, a, b);
  }

  #venue(what: Step["what"], a: number, b: number): void {
    const { venue, desk, nowNs } = this.rig;
    const open = venue.orders.filter((row) => row.state === "open");
    const row = open[a % Math.max(1, open.length)];
    if (what === "accept") {
      if (a === 1 && b === 1) venue.waiting.length = 0;
      venue.accept();
    } else if (what === "stranger") venue.stranger(a % 2, a < 2 ? "buy" : "sell", 50 + b, b);
    else if (what === "fill" && row !== undefined) venue.fill(row.id, Math.min(b, row.lots - row.cumLots));
    else if (what === "amend" && row !== undefined) {
      Object.assign(row, { priceTicks: row.priceTicks + b, lots: row.lots + (b % 3), updatedNs: nowNs });
    } else if (what === "end" && row !== undefined) venue.end(row.id, b === 0 ? "canceled" : "expired");
    else if (what === "bust") {
      const live = venue.fills.filter((fill) => fill.isBusted !== true);
      const fill = live[a % Math.max(1, live.length)];
      if (fill !== undefined) venue.bust(fill.execId);
    } else if (what === "disconnect") {
      desk.disconnected(nowNs);
      for (const station of this.rig.kernel.stations) this.rig.kernel.disconnected(station);
      desk.connected(nowNs);
    }
  }

  /** A report arrives, is lost, or comes again; any of those on their way. */
  #post(a: number, b: number): void {
    const { post } = this.rig;
    const [one] = post.splice(a % Math.max(1, post.length), 1);
    if (one === undefined) return;
    if (b === 0) return;
    this.rig.deliver(one);
    this.delivered.push(one);
    if (b === 1) this.rig.deliver(one);
    const again = this.delivered[a % this.delivered.length];
    if (b === 2 && again !== undefined) this.rig.deliver(again);
  }
}

function finish(play: Play, rest: string): void {
  const { rig } = play;
  const late = rig.post.splice(0);
  rig.isPrompt = true;
  if (rest === "late") for (const post of late) rig.deliver(post);
  if (rest === "reversed") for (const post of late.reverse()) rig.deliver(post);
}

function openOrders(rig: ReconRig): { readonly ours: readonly string[]; readonly theirs: readonly string[] } {
  const line = (row: OrderTicket | (typeof rig.venue.orders)[number]): string =>
    JSON.stringify([row.side, row.priceTicks, row.lots, row.cumLots]);
  return {
    ours: rig.ctx.openOrders().map(line).sort(),
    theirs: rig.venue.orders
      .filter((row) => row.state === "open")
      .map(line)
      .sort(),
  };
}

describe("after a random history of lost, repeated and disordered reports", () => {
  it(`${ENOUGH} comparisons end in no breaks, the venue's position, cash and orders`, () => {
    let most = 0;
    fc.assert(
      fc.property(history, ({ steps, orphans, lingerNs, isSaved, rest }) => {
        const play = new Play(orphans, lingerNs);
        const { rig } = play;
        for (const each of steps) play.take(each);
        finish(play, rest);
        rig.later(5);
        if (isSaved) {
          const saved = JSON.parse(JSON.stringify(rig.desk.save()));
          rig.desk = rig.makeDesk();
          rig.desk.load(saved);
        }
        let count = 0;
        for (; count < ENOUGH; count++) {
          const taken = rig.compare();
          if (isRefusal(taken)) throw new Error("refused");
          if (taken.open === 0 && taken.inFlight.length === 0) break;
        }
        most = Math.max(most, count);
        expect(rig.desk.breaks()).toEqual([]);
        expect(count).toBeLessThan(ENOUGH);
        for (const station of [0, 1]) expect(rig.positions(station)[0]).toBe(rig.positions(station)[1]);
        const [ours, theirs] = rig.cash();
        expect(ours).toBe(theirs);
        const open = openOrders(rig);
        expect(open.ours).toEqual(open.theirs);
        expect(rig.desk.localView(rig.nowNs).orders.filter((order) => order.isUnknown)).toEqual([]);
        expect([rig.desk.blocks(0), rig.desk.blocks(1)]).toEqual([false, false]);
      }),
      { numRuns: 400 },
    );
    expect(most).toBeGreaterThan(2);
  });
});
