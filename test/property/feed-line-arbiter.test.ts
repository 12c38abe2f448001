import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineArbiter } from "../../src/feed/index.ts";
import { type Message, messageOf } from "../fixtures/feed-world.ts";

/** A copy of message `n` on a line, `atUs` microseconds after the message was sent; none where it is lost. */
interface Copy {
  readonly line: number;
  readonly n: number;
  readonly atNs: number;
}

const LINES = ["A", "B", "C"];
const WINDOW_NS = 5_000;
const fate = fc.record({ isLost: fc.boolean(), isDoubled: fc.boolean(), delay: fc.nat(12) });
const worlds = fc.array(fc.array(fate, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 60 });

interface Outcome {
  readonly arbiter: LineArbiter;
  readonly released: number[];
  readonly gaps: [number, number][];
  readonly waits: number[];
  readonly divergent: number[];
}

function copiesOf(
  messages: readonly (readonly { isLost: boolean; isDoubled: boolean; delay: number }[])[],
): Copy[] {
  const copies: Copy[] = [];
  for (const [n, lines] of messages.entries()) {
    for (const [line, { isLost, isDoubled, delay }] of lines.entries()) {
      const atNs = n * 1_000 + delay * 1_000;
      if (!isLost) copies.push({ line, n, atNs });
      if (!isLost && isDoubled) copies.push({ line, n, atNs: atNs + 300 });
    }
  }
  return copies.sort((a, b) => a.atNs - b.atNs);
}

function play(copies: readonly Copy[], bodies: (copy: Copy) => Message, size = 256): Outcome {
  const released: number[] = [];
  const gaps: [number, number][] = [];
  const waits: number[] = [];
  const divergent: number[] = [];
  const came = new Map<number, number>();
  const arbiter = new LineArbiter({
    lines: LINES,
    numbering: "single",
    windowNs: WINDOW_NS,
    windowMessages: size,
    listener: {
      release: (rows, nowNs) => {
        released.push(rows.lastSequence);
        expect(rows.block.tick[rows.from]).toBe(rows.lastSequence % 1_000);
        waits.push(nowNs - (came.get(rows.lastSequence) ?? Number.NaN));
      },
      gap: (first, last) => gaps.push([first, last]),
      divergent: (sequence) => divergent.push(sequence),
    },
  });
  for (const copy of copies) {
    while (arbiter.nextNs <= copy.atNs) arbiter.advance(arbiter.nextNs);
    if (!came.has(copy.n)) came.set(copy.n, copy.atNs);
    arbiter.message(copy.line, bodies(copy), copy.atNs);
  }
  while (arbiter.nextNs < Infinity) arbiter.advance(arbiter.nextNs);
  return { arbiter, released, gaps, waits, divergent };
}

const body = ({ n }: Copy): Message => messageOf(n, [{ side: "bid", tick: n % 1_000, lots: n }]);

describe("a line arbiter", () => {
  it("lets each number through once, none waits longer than the window, and all that is missing is told", () => {
    fc.assert(
      fc.property(worlds, (messages) => {
        const copies = copiesOf(messages);
        const { arbiter, released, gaps, waits } = play(copies, body);
        const came = new Set(copies.map(({ n }) => n));
        const first = copies[0]?.n ?? 0;
        // Numbers below the first one that came are before the beginning.
        const expected = [...came].filter((n) => n >= first).sort((a, b) => a - b);
        expect([...released].sort((a, b) => a - b)).toEqual(expected);
        expect(Math.max(0, ...waits)).toBeLessThanOrEqual(WINDOW_NS);
        const told = new Set(
          gaps.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
        );
        const { totals } = arbiter;
        expect(totals.lost).toBe([...told].filter((n) => !came.has(n)).length);
        const last = Math.max(first - 1, ...came);
        for (let n = first; n <= last; n++) expect(came.has(n) || told.has(n)).toBe(true);
        expect(totals.released).toBe(expected.length);
        expect(totals.late).toBe([...told].filter((n) => came.has(n)).length);
        expect(totals.numbersReleased + totals.lost).toBe(last - first + 1);
      }),
      { numRuns: 300 },
    );
  });

  it("accounts for every copy, and gives each number one winner: the line that was first", () => {
    fc.assert(
      fc.property(worlds, (messages) => {
        const copies = copiesOf(messages);
        const { arbiter, divergent } = play(copies, body);
        const first = copies[0]?.n ?? 0;
        const winners = new Map<number, number>();
        for (const { n, line } of copies) if (n >= first && !winners.has(n)) winners.set(n, line);
        for (const line of LINES.keys()) {
          const counts = arbiter.counts(line);
          expect(counts.received).toBe(copies.filter((copy) => copy.line === line).length);
          expect(counts.wins + counts.losses + counts.unverified + counts.divergent).toBe(counts.received);
          expect(counts.wins).toBe([...winners.values()].filter((winner) => winner === line).length);
        }
        expect(divergent).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("with little room, still lets each number through once", () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 4 }), (messages, size) => {
        const { released, arbiter } = play(copiesOf(messages), body, size);
        expect(new Set(released).size).toBe(released.length);
        const { totals } = arbiter;
        expect(totals.released).toBe(released.length);
      }),
    );
  });

  it("tells of every copy that says something else", () => {
    fc.assert(
      fc.property(worlds, fc.nat(59), fc.integer({ min: 0, max: 2 }), (messages, n, field) => {
        const copies = copiesOf(messages);
        const other = (copy: Copy): Message => {
          if (copy.n !== n || copy.line !== 1) return body(copy);
          if (field === 0) return messageOf(n, [{ side: "ask", tick: n % 1_000, lots: n }]);
          if (field === 1) return messageOf(n, [{ side: "bid", tick: n % 1_000, lots: n + 2 ** 40 }]);
          return messageOf(n, [
            { side: "bid", tick: n % 1_000, lots: n },
            { side: "bid", tick: 5, lots: 1 },
          ]);
        };
        const { divergent } = play(copies, other);
        const begun = copies[0]?.n ?? 0;
        const mine = copies.filter((copy) => copy.n === n && n >= begun);
        const isFirst = mine[0]?.line === 1;
        const against = mine.filter(({ line }) => (line === 1) !== isFirst).length;
        expect(divergent).toEqual(Array.from({ length: against }, () => n));
      }),
      { numRuns: 200 },
    );
  });
});
