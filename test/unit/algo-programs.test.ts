import { describe, expect, it } from "vitest";
import { AlgoDesk, almgrenChriss, riskAversionOf, volumeProfile } from "../../src/algo/index.ts";
import type { AlgoSpec } from "../../src/model/index.ts";
import { AlgoWorld } from "../fixtures/algo-world.ts";

const SECOND = 1_000_000_000;
const BASE = { instrument: "ABC", side: "buy", endNs: 100 * SECOND } as const;
const EVEN = { timeJitter: 0, sizeJitter: 0 } as const;
const VWAP = { ...BASE, ...EVEN, algo: "vwap", lots: 1_000, limitTicks: 10_010 } as const;

/** Every child that was sent: its moment in seconds, lots and how. */
function notes(world: AlgoWorld): string[] {
  return world.take().filter((note) => note.includes("+"));
}

/** Lets the time of a parent go by on a still market, each child answered at once. */
function pass(world: AlgoWorld, seconds: number, stepNs = SECOND, each = () => {}): void {
  for (let ns = 0; ns < seconds * SECOND; ns += stepNs) {
    world.advance(stepNs);
    each();
    world.told();
    world.answer();
  }
}

describe("the band of a VWAP", () => {
  it("is never left ahead of the curve by more than its lead", () => {
    const run = (lead: number): number => {
      const world = new AlgoWorld();
      const parent = world.start({ ...VWAP, urgency: 1, curve: [1, 3], lead });
      let most = 0;
      pass(world, 100, SECOND / 4, () => {
        const part = world.nowNs / (50 * SECOND);
        const curve = part < 1 ? 250 * part : Math.min(1_000, 250 + 750 * (part - 1));
        most = Math.max(most, parent.filledLots + parent.workingLots - curve);
      });
      expect(parent.filledLots).toBeGreaterThan(980);
      return most;
    };
    expect(run(0.02)).toBeLessThanOrEqual(20);
    expect(run(1)).toBeGreaterThan(600);
  });

  it("is crossed back into when children that rest fall behind by more than its lag", () => {
    const first = (lag: number): string | undefined => {
      const world = new AlgoWorld();
      world.start({ ...VWAP, urgency: 0, curve: [1, 1, 1, 1], lag });
      pass(world, 100, SECOND);
      return notes(world).find((note) => note.includes("IOC"));
    };
    // A tenth of the whole is behind after 10 s, and seen with the next event.
    expect(first(0.1)).toMatch(/^11000000000 \+ buy/);
    expect(first(0.3)).toMatch(/^31000000000 \+ buy/);
    expect(first(1)).toBe(undefined);
  });
});

describe("the live rate of a VWAP", () => {
  it("is that of its lookback, or of all the time", () => {
    const terms = { rescales: true, marketLots: 10_000, maxCatchUp: 10 } as const;
    const at = (lookbackNs: number | undefined): number => {
      const own = new AlgoWorld();
      const look = lookbackNs === undefined ? {} : { lookbackNs };
      const parent = own.start({ ...VWAP, urgency: 1, curve: [1, 1, 1, 1], ...terms, ...look });
      own.answer();
      own.print(500);
      pass(own, 25, SECOND);
      return parent.filledLots;
    };
    // 500 came where 2,500 were expected. Without a lookback the rest is as planned: (500 + 2,500) of 8,000.
    expect(at(undefined)).toBe(375);
    // By the rate of the last 25 s a fifth of the rest is expected: (500 + 500) of 2,000.
    expect(at(25 * SECOND)).toBe(500);
  });
});

describe("the auctions of a VWAP", () => {
  const auctions = {
    opening: { share: 0.1, untilNs: 10 * SECOND },
    closing: { share: 0.2, fromNs: 90 * SECOND },
  };
  const SPEC = { ...VWAP, urgency: 1, curve: [1, 1], auctions } as const;

  it("get one child each at the limit, on any book; the curve has what is between", () => {
    for (const isRestored of [false, true]) {
      const world = new AlgoWorld().quote(10_003, 10_001);
      const parent = world.start(SPEC);
      world.isRestored = isRestored;
      expect(notes(world)).toEqual(["0 + buy 100 @ 10010 rest"]);
      const [opening] = world.open();
      if (opening === undefined) throw new Error("no child");
      world.accept(opening);
      world.fill(opening, 60);
      expect(Number.isNaN(world.desk.parents[0]?.arrivalTicks)).toBe(true);
      world.quote(9_999, 10_001);
      pass(world, 10);
      expect(world.desk.parents[0]?.arrivalTicks).toBe(10_000);
      expect(world.take()).toEqual([
        `${10 * SECOND} - 1`,
        `${10 * SECOND} + buy 330 @ 10001 IOC`,
        `${10 * SECOND} + buy 40 @ 10001 IOC`,
      ]);
      pass(world, 79);
      expect(notes(world)).toEqual([`${50 * SECOND} + buy 370 @ 10001 IOC`]);
      world.quote(10_005, undefined);
      world.advance(SECOND);
      expect(notes(world)).toEqual([`${90 * SECOND} + buy 200 @ 10010 rest`]);
      for (const child of world.open()) world.fill(child);
      expect(world.desk.parent(parent.id)?.status).toBe("filled");
    }
  });

  it("are sent as orders for that auction alone where the venue has them", () => {
    const world = new AlgoWorld().quote(9_999, 10_001);
    world.takesAuctionOrders = true;
    world.start(SPEC);
    expect(notes(world)).toEqual(["0 + buy 100 @ 10010 atOpen"]);
    pass(world, 91);
    expect(notes(world).at(-1)).toBe(`${90 * SECOND} + buy 200 @ 10010 atClose`);
    const [closing] = world.open();
    if (closing === undefined) throw new Error("no child");
    world.accept(closing);
    // The call of the auction halts the book: what waits for it stays, data in doubt asks it back.
    world.take();
    world.validity = "halted";
    world.told();
    expect(world.take()).toEqual([]);
    world.validity = "suspect";
    world.told();
    expect(world.take().map((note) => note.replace(/^\d+ /, ""))).toEqual([`- ${closing.id}`]);
  });

  it("are asked back where the book is halted and they could trade before their auction", () => {
    const world = new AlgoWorld().quote(9_999, 10_001);
    world.start(SPEC);
    for (const child of world.open()) world.accept(child);
    world.take();
    world.validity = "halted";
    world.advance(SECOND);
    expect(world.take().map((note) => note.replace(/^\d+ /, ""))).toEqual(["- 1"]);
  });

  it("are never crossed at the end, and keep their share where what was missed is dropped", () => {
    const last = (catchUp: "spread" | "drop"): readonly [number, boolean] => {
      const world = new AlgoWorld();
      world.start({ ...SPEC, urgency: 0, catchUp, residual: "cross", cleanupNs: 5 * SECOND });
      pass(world, 100);
      const late = world.tickets.filter(({ sentNs }) => sentNs >= 90 * SECOND);
      const rests = late.every(
        ({ request }) => request.priceTicks === 10_010 && request.timeInForce === undefined,
      );
      return [late.reduce((sum, { lots }) => sum + lots, 0), rests];
    };
    // What stood in the book at 90 s is sent when its cancel is confirmed.
    expect([last("drop"), last("spread")]).toEqual([
      [200, true],
      [1_000, true],
    ]);
  });

  it.each([
    ["ALGO_LIMIT", { limitTicks: undefined }],
    ["ALGO_PARAMETER", { auctions: 3 }],
    ["ALGO_MALFORMED", { auctions: { midday: {} } }],
    ["ALGO_MALFORMED", { auctions: { opening: { share: 0.1, untilNs: SECOND, price: 1 } } }],
    ["ALGO_PARAMETER", { auctions: { opening: { share: 0, untilNs: SECOND } } }],
    ["ALGO_PARAMETER", { auctions: { opening: { share: Number.NaN, untilNs: SECOND } } }],
    ["ALGO_TIME", { auctions: { opening: { share: 0.1, untilNs: 100 * SECOND } } }],
    ["ALGO_TIME", { auctions: { ...auctions, closing: { share: 0.1, fromNs: 5 * SECOND } } }],
    ["ALGO_PARAMETER", { auctions: { ...auctions, closing: { share: 0.9, fromNs: 90 * SECOND } } }],
    ["ALGO_PARAMETER", { lead: 0 }],
    ["ALGO_PARAMETER", { lag: 1.5 }],
    ["ALGO_PARAMETER", { lookbackNs: 0 }],
  ])("%s: %j", (code, more) => {
    const answer = new AlgoDesk().start({ ...SPEC, ...more } as AlgoSpec, new AlgoWorld());
    expect(answer.ok ? "" : answer.code).toBe(code);
  });
});

describe("what a POV missed", () => {
  const filled = (catchUp: "spread" | "aggressive" | "drop"): number => {
    const world = new AlgoWorld();
    const terms = { participation: 0.1, intervalNs: 10 * SECOND, urgency: 1, catchUp } as const;
    const parent = world.start({ ...BASE, algo: "pov", lots: 1_000, limitTicks: 10_001, ...terms });
    // The market is beyond the limit while a thousand lots trade, and comes back for a hundred.
    world.quote(10_005, 10_006);
    world.print(1_000);
    pass(world, 10);
    world.quote(9_999, 10_001);
    world.print(100);
    pass(world, 9);
    return parent.filledLots;
  };

  it("is wanted at once, spread, or given up", () => {
    expect([filled("aggressive"), filled("spread"), filled("drop")]).toEqual([110, 20, 10]);
  });
});

describe("an implementation shortfall", () => {
  const MODEL = { horizon: 100, periods: 10, sigma: 2, eta: 5, gamma: 0.1, epsilon: 0 };
  const IMPACT = { riskAversion: 1e-3, sigma: 2, eta: 5 };
  const SPEC = { ...BASE, ...EVEN, algo: "shortfall", lots: 1_000, urgency: 1, impact: IMPACT } as const;

  it("has its half-life by an urgency", () => {
    for (const urgency of [0.1, 0.5, 0.9]) {
      const riskAversion = riskAversionOf(urgency, MODEL);
      const { halfLife } = almgrenChriss({ quantity: 1e6, ...MODEL, riskAversion });
      expect(halfLife).toBeCloseTo((100 * (1 - urgency)) / urgency, 9);
    }
    expect([riskAversionOf(0, MODEL), riskAversionOf(0.5, { ...MODEL, sigma: 0 })]).toEqual([0, 0]);
    expect(() => riskAversionOf(1, MODEL)).toThrow(/FAULT_CONFIG riskAversionOf.urgency/);
    const world = new AlgoWorld();
    const parent = world.start({ ...SPEC, impact: { urgency: 0.9, sigma: 2, eta: 5, gamma: 0.1 } });
    const { program } = parent.terms;
    if (program.algo !== "shortfall") throw new Error("another program");
    expect(program.impact.riskAversion).toBeCloseTo(riskAversionOf(0.9, MODEL), 15);
    const both = new AlgoDesk().start({ ...SPEC, impact: { ...IMPACT, urgency: 0.5 } }, new AlgoWorld());
    expect(both.ok ? "" : both.code).toBe("ALGO_PARAMETER");
  });

  /** The children of a market whose mid moves so many ticks up and down each second, and prints so many lots. */
  const children = (more: object, tick: number, lots: number, isRestored = false): string[] => {
    const world = new AlgoWorld();
    world.start({ ...SPEC, ...more } as AlgoSpec);
    world.isRestored = isRestored;
    world.answer();
    let up = 0;
    pass(world, 100, SECOND, () => {
      up = tick - up;
      world.quote(9_999 + up, 10_001 + up, 5_000, 5_000);
      if (lots > 0) world.print(lots);
    });
    return notes(world).map((note) => note.replace(/ @.*/, ""));
  };

  it("is planned anew where volatility is another, and only where it is asked to", () => {
    const replan = { volatility: 1.5, slices: 2 };
    const calm = children({}, 0, 0);
    expect(children({}, 30, 0)).toEqual(calm);
    // The mid is where it was at the begin of each slice of 10 s, but for an odd number of moves in 11 s.
    const wild = children({ replan, slices: 9, endNs: 99 * SECOND }, 30, 0);
    const quiet = children({ slices: 9, endNs: 99 * SECOND }, 30, 0);
    expect(wild.slice(0, 2)).toEqual(quiet.slice(0, 2));
    expect(wild).not.toEqual(quiet);
    const third = (list: readonly string[]): number => Number(/buy (\d+)/.exec(list[2] ?? "")?.[1]);
    expect(third(wild)).toBeGreaterThan(third(quiet));
    expect(children({ replan, slices: 9, endNs: 99 * SECOND }, 30, 0, true)).toEqual(wild);
  });

  it("is planned anew where volume is another: more volume, less impact, sooner", () => {
    const replan = { volume: 2, slices: 2 };
    const market = { marketLots: 10_000 };
    const planned = children({ ...market }, 0, 500);
    const more = children({ ...market, replan }, 0, 500);
    expect(children({ ...market, replan }, 0, 100)).toEqual(children({ ...market }, 0, 100));
    expect(more).not.toEqual(planned);
    expect(more.length).toBeGreaterThan(3);
    const sum = (list: readonly string[]): number =>
      list.slice(0, 5).reduce((total, each) => total + Number(/buy (\d+)/.exec(each)?.[1]), 0);
    expect(sum(more)).toBeGreaterThan(sum(planned));
  });

  it.each([{ replan: {} }, { replan: { volatility: 1 } }, { replan: { volume: 2 } }, { replan: 7 }])(
    "is refused with %j",
    (more) => {
      const answer = new AlgoDesk().start({ ...SPEC, ...more } as AlgoSpec, new AlgoWorld());
      expect(answer.ok ? "" : answer.code).toBe("ALGO_PARAMETER");
    },
  );
});

describe("a volume profile", () => {
  const day = { parts: [1, 2, 1], opening: 1, closing: 3 };

  it("is the mean of each whole day's shares, auctions by themselves", () => {
    const days = [...Array.from({ length: 20 }, () => day), { ...day, parts: [90, 0, 0], hasHalt: true }];
    const { curve, opening, closing, days: count } = volumeProfile(days);
    expect(curve.map((each) => each.toFixed(12))).toEqual([
      "0.250000000000",
      "0.500000000000",
      "0.250000000000",
    ]);
    expect([opening, closing, count]).toEqual([expect.closeTo(1 / 8, 12), expect.closeTo(3 / 8, 12), 20]);
  });

  it.each([
    [Array.from({ length: 19 }, () => day), {}],
    [[...Array.from({ length: 19 }, () => day), { ...day, isHalf: true }], {}],
    [[day, { parts: [1, 2] }], { daysMin: 1 }],
    [[{ parts: [0, 0, 0] }], { daysMin: 1 }],
    [[{ parts: [1, Number.NaN, 0] }], { daysMin: 1 }],
    [[{ parts: [1, -1, 3] }], { daysMin: 1 }],
    [[{ ...day, opening: -1 }], { daysMin: 1 }],
    [[{ ...day, midday: 1 } as never], { daysMin: 1 }],
    [[day], { daysMin: 0 }],
    [[], {}],
  ])("faults on %#", (days, options) => {
    expect(() => volumeProfile(days, options)).toThrow(/FAULT_(CONFIG|INPUT) volumeProfile/);
  });
});

describe("a parent of many children", () => {
  it("counts what is told late of each, however many ended since", () => {
    const world = new AlgoWorld();
    const SPECS = { ...BASE, algo: "iceberg", lots: 5_000, limitTicks: 9_999, displayLots: 1 } as const;
    const parent = world.start(SPECS);
    const [first] = world.open();
    if (first === undefined) throw new Error("no child");
    world.finish(first, "canceled");
    world.advance(SECOND);
    for (let i = 0; i < 1_500; i++) {
      for (const child of world.open()) world.fill(child);
      world.told();
    }
    expect(parent.childCount).toBeGreaterThan(1_400);
    const before = parent.filledLots;
    world.fill(first, 1);
    expect([parent.filledLots - before, parent.lateLots]).toEqual([1, 1]);
  });
});
