import fc from "fast-check";
import { expect, test } from "vitest";
import { MatchingBook, type MatchOrder, type MatchRefusalCode } from "../../src/match/index.ts";
import { type MatchCommand, matchCommand, matchOptions } from "../fixtures/matching-commands.ts";
import { SlowMatching } from "../fixtures/slow-matching.ts";

/** How many commands: more find more. */
const COMMANDS = Number(process.env.MATCH_COMMANDS ?? 12_000);
const SEED = process.env.MATCH_SEED === undefined ? {} : { seed: Number(process.env.MATCH_SEED) };
const LENGTH = 80;
const numRuns = Math.ceil(COMMANDS / LENGTH);
const { steps: stepsOf, seed: seedOf } = {
  steps: fc.array(fc.noShrink(fc.nat(0xffffffff)), { minLength: LENGTH, maxLength: LENGTH }),
  seed: fc.noShrink(fc.nat(0xffffffff)),
};

type Outcome = MatchRefusalCode | number | undefined;

function onBook(book: MatchingBook, step: MatchCommand): Outcome {
  switch (step.kind) {
    case "submit":
      return book.submit(step.order)?.code;
    case "limit":
      return book.submitLimit(step.id, step.side, step.tick, step.lots, step.owner, step.time)?.code;
    case "list":
      return book.submitList(step.list)?.code;
    case "cancel":
      return book.cancel(step.id)?.code;
    case "cancelAll":
      return book.cancelAll(step.owner);
    case "replace":
      return book.replace(step.id, step.terms)?.code;
    case "tell":
      return book.tell(step.source, step.ticks)?.code;
    case "advance":
      return book.advance(step.now)?.code;
    case "turn":
      return book.turn(step.phase)?.code;
    case "bands":
      return book.setBands(step.bands)?.code;
  }
}

function onSlow(slow: SlowMatching, step: MatchCommand): Outcome {
  switch (step.kind) {
    case "submit":
      return slow.submit(step.order);
    case "limit":
      return slow.submit(limitOf(step));
    case "list":
      return slow.submitList(step.list);
    case "cancel":
      return slow.cancel(step.id);
    case "cancelAll":
      return slow.cancelAll(step.owner);
    case "replace":
      return slow.replace(step.id, step.terms);
    case "tell":
      return slow.tell(step.source, step.ticks);
    case "advance":
      return slow.advance(step.now);
    case "turn":
      return slow.turn(step.phase);
    case "bands":
      return slow.setBands(step.bands);
  }
}

function limitOf({ id, side, tick, lots, owner, time }: MatchCommand & { kind: "limit" }): MatchOrder {
  const timeInForce = (["GTC", "IOC", "FOK"] as const)[time] ?? "GTC";
  return { id, side: side > 0 ? "buy" : "sell", priceTicks: tick, lots, owner, timeInForce };
}

/** Throws where two values differ; `toEqual` on every command would be slow. */
function same(left: unknown, right: unknown, about: unknown): void {
  if (JSON.stringify(left) !== JSON.stringify(right)) expect({ about, value: left }).toEqual({ about, value: right });
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([one], [than]) => (one < than ? -1 : 1));
}

function compare(book: MatchingBook, slow: SlowMatching, about: unknown): void {
  same(book.events.list().map(sorted), slow.events.map(sorted), about);
  const flat = (levels: readonly { priceTicks: number; lots: number; orders: number }[]) =>
    levels.map((level) => [level.priceTicks, level.lots, level.orders]);
  const { bids, asks } = book.depth();
  same([flat(bids), flat(asks)], [slow.levels(1), slow.levels(-1)], about);
  same(book.orderCount, slow.s.orders.length, about);
  for (const order of slow.s.orders) same(sorted(book.order(order.id) ?? {}), sorted(slow.view(order)), about);
  same([...book.positions], slow.s.positions, about);
  same([book.phase, book.indicative()], [slow.s.phase, slow.indicative()], about);
  if (book.positions.reduce((sum, each) => sum + each, 0) !== 0) expect.fail("lots bought are not lots sold");
}

/** No order trades beyond its limit or its quantity, whatever either book says. */
class Limits {
  readonly #left = new Map<unknown, { side: 1 | -1; limit: number }>();

  look(slow: SlowMatching, book: MatchingBook): void {
    for (const { kind, id, otherId, priceTicks, leavesLots, otherLeavesLots } of book.events.list()) {
      if (kind !== "traded") continue;
      expect(Math.min(leavesLots, otherLeavesLots)).toBeGreaterThanOrEqual(0);
      for (const each of [id, otherId]) {
        const known = this.#left.get(each);
        if (known !== undefined) expect(known.side * (known.limit - priceTicks)).toBeGreaterThanOrEqual(0);
      }
    }
    this.#left.clear();
    for (const { id, side, limit, isMarket } of slow.s.orders) if (!isMarket) this.#left.set(id, { side, limit });
  }

  forget(step: MatchCommand): void {
    if (step.kind === "replace") this.#left.delete(step.id);
  }
}

test("MatchingBook answers as arrays of orders do, after every command", () => {
  fc.assert(
    fc.property(seedOf, stepsOf, (seed, steps) => {
      const options = matchOptions(seed);
      const book = new MatchingBook(options);
      const slow = new SlowMatching(options);
      const limits = new Limits();
      for (const [i, each] of steps.entries()) {
        const step = matchCommand(each);
        const about = [i, step];
        limits.forget(step);
        const outcome = onSlow(slow, step);
        const before = typeof outcome === "string" ? book.stateHash() : "";
        same([onBook(book, step)], [outcome], about);
        if (typeof outcome === "string") same(book.stateHash(), before, about);
        compare(book, slow, about);
        limits.look(slow, book);
      }
    }),
    { numRuns, ...SEED },
  );
});

test("a book that was saved goes on as the one that was not, and equal streams give equal hashes", () => {
  fc.assert(
    fc.property(seedOf, stepsOf, (seed, steps) => {
      const options = matchOptions(seed);
      const book = new MatchingBook(options);
      let other = new MatchingBook(options);
      for (const [i, each] of steps.entries()) {
        const step = matchCommand(each);
        same([onBook(book, step)], [onBook(other, step)], [i, step]);
        same(book.events.list(), other.events.list(), [i, step]);
        if (i % 7 !== 3) continue;
        same(other.stateHash(), book.stateHash(), [i, step]);
        other = MatchingBook.restore(JSON.parse(JSON.stringify(other.save())), options);
        same(other.stateHash(), book.stateHash(), [i, step]);
      }
    }),
    { numRuns: Math.ceil(numRuns / 4), ...SEED },
  );
});
