import { describe, expect, it } from "vitest";
import { AlgoDesk } from "../../src/algo/index.ts";
import { kernelStateHash, saveKernel } from "../../src/kernel/index.ts";
import type { AlgoSpec } from "../../src/model/index.ts";
import { NO_LIMITS } from "../../src/risk/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

const SECOND = 1_000_000_000;
const TWAP = {
  ...({ algo: "twap", instrument: "ABC", side: "buy" } as const),
  ...{ lots: 100, endNs: 100 * SECOND, urgency: 1, timeJitter: 0, sizeJitter: 0 },
} as const;

/** A strategy's desk in a kernel with limits, one parent at work, and a hash of all that either keeps. */
function working() {
  const desk = new AlgoDesk({ parentsMax: 2 });
  const strategy: Strategy = {
    name: "algo",
    onSave: () => desk.onSave(),
    onLoad: (saved, ctx) => desk.onLoad(saved, ctx),
  };
  const limits = { ...NO_LIMITS, maxLongLots: 1_000_000 };
  const risk = { currency: "USD", capital: [], hours: "always", status: "trusted" } as const;
  const to = new KernelDriver([strategy], { risk: { ...risk, limits: [{ level: "firm", limits }] } });
  to.at(1_000).row("bid", 99, 100).row("ask", 101, 100);
  const started = desk.start(TWAP, to.ctx());
  if (!started.ok) throw new Error(started.message);
  const hash = (): string => kernelStateHash(saveKernel(to.kernel));
  return { desk, to, hash, id: started.parent.id };
}

const NUMBERS = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1.5, 1e-9, 2 ** 53, 1e300, "9", null];
const bad: readonly (readonly [string, object])[] = [
  ...NUMBERS.map((lots) => ["ALGO_QUANTITY", { lots }] as const),
  ...[0.5, Number.NaN, Number.NEGATIVE_INFINITY, 1e300, -2e9, "100"].map(
    (limitTicks) => ["ALGO_LIMIT", { limitTicks }] as const,
  ),
  ...[...NUMBERS, 1_000].filter((each) => each !== 2 ** 53).map((endNs) => ["ALGO_TIME", { endNs }] as const),
  ...NUMBERS.filter((each) => each !== 2 ** 53).map((slices) => ["ALGO_PARAMETER", { slices }] as const),
  ...["0.001", "-1", "1e400", 5, Number.NaN].map(
    (minNotional) => ["ALGO_PARAMETER", { minNotional }] as const,
  ),
  ["ALGO_LARGER_THAN_MARKET", { marketLots: 99 }],
  ["ALGO_MALFORMED", { lot: 5 }],
  ["ALGO_KIND", { algo: "snipe" }],
  ["ALGO_INSTRUMENT_UNKNOWN", { instrument: "" }],
  ["ALGO_SIDE", { side: "BUY" }],
];

describe("what no parent can be made of", () => {
  it("is refused by its code, and neither the desk nor the kernel has changed", () => {
    const { desk, to, hash } = working();
    const before = hash();
    for (const [code, more] of bad) {
      const answer = desk.start({ ...TWAP, ...more } as AlgoSpec, to.ctx());
      expect([answer.ok ? "" : answer.code, JSON.stringify(more)]).toEqual([code, JSON.stringify(more)]);
      expect(hash()).toBe(before);
    }
  });

  it("as is a book that is no market", () => {
    const { desk, to, hash } = working();
    const refused = (code: string): void => {
      const before = hash();
      const answer = desk.start(TWAP, to.ctx());
      expect([answer.ok ? "" : answer.code, hash()]).toEqual([code, before]);
    };
    to.row("ask", 101, 0);
    refused("ALGO_BOOK_SIDE_MISSING");
    // A level that crosses takes what it crosses off the kernel's book; crossed ones are in `algo-desk.test.ts`.
    to.row("ask", 98, 5);
    refused("ALGO_BOOK_SIDE_MISSING");
    to.row("ask", 98, 0);
    refused("ALGO_BOOK_SIDE_MISSING");
  });

  it("as is what is asked of a parent that is not there, or no change of one that is", () => {
    const { desk, to, hash, id } = working();
    const before = hash();
    const asked: [string, () => { readonly ok: boolean; readonly code?: string }][] = [];
    for (const other of [0, -1, 2, Number.NaN, 2 ** 53]) {
      asked.push(["ALGO_PARENT_UNKNOWN", () => desk.pause(other, to.ctx())]);
      asked.push(["ALGO_PARENT_UNKNOWN", () => desk.resume(other, to.ctx())]);
      asked.push(["ALGO_PARENT_UNKNOWN", () => desk.cancel(other, to.ctx())]);
      asked.push(["ALGO_PARENT_UNKNOWN", () => desk.amend(other, { lots: 50 }, to.ctx())]);
    }
    for (const lots of NUMBERS) {
      asked.push(["ALGO_QUANTITY", () => desk.amend(id, { lots } as never, to.ctx())]);
    }
    asked.push(["ALGO_QUANTITY_AT_WORK", () => desk.amend(id, { lots: 1 }, to.ctx())]);
    asked.push(["ALGO_LIMIT", () => desk.amend(id, { limitTicks: 0.5 }, to.ctx())]);
    asked.push(["ALGO_TIME", () => desk.amend(id, { endNs: 1_000 }, to.ctx())]);
    asked.push(["ALGO_MALFORMED", () => desk.amend(id, {}, to.ctx())]);
    asked.push(["ALGO_MALFORMED", () => desk.amend(id, { side: "sell" } as never, to.ctx())]);
    for (const [code, ask] of asked) {
      const answer = ask();
      expect([answer.ok ? "" : answer.code, hash()]).toEqual([code, before]);
    }
  });
});
