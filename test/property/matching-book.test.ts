import fc from "fast-check";
import { test } from "vitest";
import { MatchingBook } from "../../src/match/index.ts";
import { aimed, matchCommand, matchOptions } from "../fixtures/matching-commands.ts";
import { onBook, runBoth, same } from "../fixtures/matching-pair.ts";

/** How many commands: more find more. */
const COMMANDS = Number(process.env.MATCH_COMMANDS ?? 12_000);
const SEED = process.env.MATCH_SEED === undefined ? {} : { seed: Number(process.env.MATCH_SEED) };
const LENGTH = 80;
const numRuns = Math.ceil(COMMANDS / LENGTH);
const { steps: stepsOf, seed: seedOf } = {
  steps: fc.array(fc.noShrink(fc.nat(0xffffffff)), { minLength: LENGTH, maxLength: LENGTH }),
  seed: fc.noShrink(fc.nat(0xffffffff)),
};

test("MatchingBook answers as arrays of orders do, after every command", () => {
  fc.assert(
    fc.property(seedOf, stepsOf, (seed, steps) => {
      runBoth(seed, steps);
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
        const living = book.save().orders.map(({ id }) => id);
        const step = aimed(matchCommand(each), living);
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
