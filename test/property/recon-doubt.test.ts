import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DoubtOutcome } from "../../src/recon/index.ts";
import { DoubtBook } from "../../src/recon/index.ts";
import { END_NS, fate, S, SCOPE, World } from "./recon-world.ts";

const look = fc.record({
  gap: fc.integer({ min: 1, max: 30 }),
  sections: fc.subarray(["orders", "fills", "positions"]),
  isComplete: fc.boolean(),
  asks: fc.boolean(),
});

/** What is true of an order at a time: the obvious reading of its fate. */
function truthAt(world: World, i: number, nowNs: number): DoubtOutcome {
  const truth = world.truths[i];
  if (truth === undefined || truth.arriveNs > nowNs) return "notReceived";
  if (truth.endNs > nowNs) return "live";
  return truth.endState === "filled" ? "filled" : "canceled";
}

describe("orders in doubt", () => {
  it("never lose sight of what is true, nor the worst case of what still fills", () => {
    fc.assert(
      fc.property(
        fc.array(fate, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 5, max: 70 }),
        fc.array(look, { minLength: 1, maxLength: 8 }),
        (all, cut, looks) => {
          const world = new World(all.map((each) => ({ ...each, replace: null })));
          const cutNs = cut * S;
          const book = new DoubtBook({ ...SCOPE, ackTimeoutNs: 2 * S });
          const inDoubt = new Set<number>();
          for (const [i, truth] of world.truths.entries()) {
            const sentNs = truth.fate.sent * S;
            const known = truthAt(world, i, cutNs);
            if (sentNs > cutNs || known === "filled" || known === "canceled") continue;
            const cumLots = world
              .fillsAt(cutNs)
              .filter((fill) => fill.orderId === truth.orderId)
              .reduce((sum, fill) => sum + fill.lots, 0);
            inDoubt.add(i);
            book.open({
              clientOrderIds: [truth.clientOrderId],
              instrument: truth.fate.instrument,
              side: truth.fate.side,
              lots: truth.lots,
              cumLots,
              sentNs,
              isAcknowledged: known === "live",
              mayBeCanceled: true,
            });
          }
          let nowNs = cutNs;
          for (const { gap, sections, isComplete, asks } of looks) {
            nowNs += gap * S;
            if (asks) world.askAll();
            const resolved = book.observe(world.snapshot(nowNs, sections, isComplete));
            if ("ok" in resolved) throw new Error(resolved.message);
            for (const each of resolved) {
              const i = Number(each.clientOrderId.slice(1));
              inDoubt.delete(i);
              expect(each.outcomes).toContain(truthAt(world, i, nowNs));
            }
            for (const i of inDoubt) expect(book.outcomesOf(`c${i}`)).toContain(truthAt(world, i, nowNs));
            checkWorst(world, book, inDoubt);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Whatever orders in doubt fill in the end and is not booked is within the worst case. */
function checkWorst(world: World, book: DoubtBook, inDoubt: ReadonlySet<number>): void {
  const booked = new Map(book.save().map((state) => [state.clientOrderIds[0], state.cumLots]));
  const worst = book.worstCase();
  for (const instrument of ["AAA", "BBB"]) {
    for (const side of ["buy", "sell"] as const) {
      let lots = 0;
      for (const i of inDoubt) {
        const truth = world.truths[i];
        if (truth?.fate.instrument !== instrument || truth.fate.side !== side) continue;
        const all = world.fillsAt(END_NS * 9).filter((fill) => fill.orderId === truth.orderId);
        lots += all.reduce((sum, fill) => sum + fill.lots, 0) - (booked.get(`c${i}`) ?? 0);
      }
      const row = worst.find((each) => each.instrument === instrument);
      expect((side === "buy" ? row?.buyLots : row?.sellLots) ?? 0).toBeGreaterThanOrEqual(lots);
    }
  }
}
