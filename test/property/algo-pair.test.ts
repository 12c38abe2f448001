import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PairQuoterOptions } from "../../src/algo/index.ts";
import { pairPrices } from "../../src/algo/pair-prices.ts";
import { PairWorld } from "../fixtures/pair-world.ts";

const RUNS = Number(process.env.ALGO_RUNS ?? 150);
const SECOND = 1_000_000_000;

const step = fc.tuple(fc.nat(9), fc.nat(10_000), fc.nat(10_000));
const script = fc.array(step, { minLength: 20, maxLength: 150 });
const options: fc.Arbitrary<PairQuoterOptions> = fc.record({
  instrument: fc.constant("ABC"),
  lots: fc.constantFrom(1, 5),
  spreadTicks: fc.integer({ min: 1, max: 6 }),
  maxSpreadTicks: fc.integer({ min: 6, max: 9 }),
  maxPositionLots: fc.constantFrom(5, 12),
  skewTicks: fc.constantFrom(0, 3, 40),
  requoteTicks: fc.constantFrom(1, 3),
  requoteNs: fc.constantFrom(0, SECOND),
  staleNs: fc.constantFrom(SECOND, 5 * SECOND),
});

/** Plays random events to a pair, and holds every quote that is sent against the slow rules. */
function play(
  terms: PairQuoterOptions,
  events: readonly (readonly number[])[],
  isRestored = false,
): PairWorld {
  const it = new PairWorld(terms);
  it.isRestored = isRestored;
  const { world } = it;
  let heardNs = Number.NEGATIVE_INFINITY;
  world.onSubmit = (ticket) => {
    const open = world.open();
    expect(open.filter(({ side }) => side === ticket.side)).toEqual([ticket]);
    const [bid, ask] = [open.find(({ side }) => side === "buy"), open.find(({ side }) => side === "sell")];
    if (bid !== undefined && ask !== undefined) expect(bid.priceTicks).toBeLessThan(ask.priceTicks);
    const worst = world.heldLots + (ticket.side === "buy" ? ticket.leaves : -ticket.leaves);
    expect(ticket.side === "buy" ? worst : -worst).toBeLessThanOrEqual(terms.maxPositionLots);
    expect(ticket.request.postOnly).toBe(true);
    const book = world.book();
    expect(book.hasBid && book.hasAsk && book.validity === "valid" && book.bestBid < book.bestAsk).toBe(true);
    if (ticket.side === "buy") expect(ticket.priceTicks).toBeLessThan(book.bestAsk);
    else expect(ticket.priceTicks).toBeGreaterThan(book.bestBid);
    expect(world.nowNs - heardNs).toBeLessThan(terms.staleNs);
  };
  for (const [kind = 0, a = 0, b = 0] of events) {
    const open = world.open();
    const ticket = open[a % Math.max(1, open.length)];
    if (kind < 2) it.advance(1 + (a % 30) * 100_000_000);
    else if (kind < 4) {
      const bid = 9_990 + (a % 20);
      world.quote(bid, bid + 1 + (b % 4));
      world.validity = "valid";
      heardNs = world.nowNs;
      it.told();
    } else if (kind === 4) {
      if (a % 3 === 0) world.quote(undefined, 10_001);
      else if (a % 3 === 1) world.quote(10_005, 10_001);
      else world.validity = "halted";
      heardNs = world.nowNs;
      it.told();
      for (const quote of world.open()) expect(quote.isPending || quote.sentNs < world.nowNs).toBe(true);
    } else if (kind === 5 && a % 5 === 0) it.pair.pull(world);
    else if (kind === 5) it.pair.quote(world);
    else if (ticket === undefined) continue;
    else if (kind === 6) it.fill(ticket, 1 + (b % ticket.leaves));
    else if (kind === 7 && ticket.isPending) it.finish(ticket, "canceled");
    else if (ticket.status !== "pendingNew") continue;
    else if (a % 6 === 0) it.finish(ticket, "rejected");
    else it.accept(ticket);
    expect(world.timers.length).toBeLessThanOrEqual(1);
    expect(Math.abs(world.heldLots)).toBeLessThanOrEqual(terms.maxPositionLots);
  }
  return it;
}

describe("a pair of quotes among random events", () => {
  it("has one order a side, within its position, on sound and fresh data, never meeting itself", () => {
    let quotes = 0;
    fc.assert(
      fc.property(options, script, (terms, events) => {
        quotes += play(terms, events).world.tickets.length;
      }),
      { numRuns: RUNS },
    );
    expect(quotes).toBeGreaterThan(RUNS);
  });

  it("sends the same quotes when it is saved and loaded after every event", () => {
    fc.assert(
      fc.property(options, script, (terms, events) => {
        expect(play(terms, events, true).world.notes).toEqual(play(terms, events).world.notes);
      }),
      { numRuns: RUNS },
    );
  });

  it("keeps its spread within bounds and off the other side, wherever the reference and the position are", () => {
    const terms = fc.record({
      referenceTicks: fc.double({ min: 9_000, max: 11_000, noNaN: true }),
      lean: fc.double({ min: -2, max: 2, noNaN: true }),
      spreadTicks: fc.integer({ min: 1, max: 20 }),
      wider: fc.integer({ min: 0, max: 10 }),
      skewTicks: fc.nat(50),
      bestBid: fc.integer({ min: 9_900, max: 10_100 }),
      gap: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(terms, ({ wider, gap, ...rest }) => {
        const bestAsk = rest.bestBid + gap;
        const maxSpreadTicks = rest.spreadTicks + wider;
        const { bidTicks, askTicks } = pairPrices({ ...rest, maxSpreadTicks, bestAsk });
        expect(askTicks - bidTicks).toBeGreaterThanOrEqual(rest.spreadTicks);
        expect(askTicks - bidTicks).toBeLessThanOrEqual(maxSpreadTicks);
        expect(bidTicks).toBeLessThan(bestAsk);
        expect(askTicks).toBeGreaterThan(rest.bestBid);
      }),
      { numRuns: 10 * RUNS },
    );
  });
});
