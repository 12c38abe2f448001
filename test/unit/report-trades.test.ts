import { describe, expect, it } from "vitest";
import { renderTearSheet } from "../../src/report/index.ts";
import type { DrilledFill, DrilledOrder, DrilledTrade, RunResult, TradeDrill } from "../../src/run/index.ts";
import { htmlShape } from "../fixtures/html-shape.ts";
import { runResult } from "../fixtures/run-results.ts";

const BASE = runResult("empty");
const AT = 1_723_161_253_000_000_000n;

function fillOf(place: number, change: Partial<DrilledFill> = {}): DrilledFill {
  const exchNs = AT + BigInt(place) * 1_000_000_000n;
  return {
    ...{ orderId: place + 1, exchNs: String(exchNs), ns: String(exchNs + 5_000_000n) },
    ...{
      instrument: "ABC@test",
      side: place % 2 === 0 ? "buy" : "sell",
      price: 100.5,
      quantity: 2,
      maker: true,
    },
    ...{ reason: "queueReached", fee: 0.25, market: null },
    ...change,
  };
}

const MARKET: NonNullable<DrilledFill["market"]> = {
  before: {
    ns: String(AT - 2_000_000n),
    bids: [
      [100.5, 8],
      [100, 4],
    ],
    asks: [[101, 16]],
  },
  after: {
    ns: String(AT + 3_000_000n),
    bids: [[100, 4]],
    asks: [
      [101, 16],
      [101.5, 1],
    ],
  },
  quotes: [
    [-4e9, 100, 101],
    [-2e6, 100.5, 101],
    [3e6, 100, null],
  ],
  prints: [
    [-1e6, 101, 1, 1],
    [0, 100.5, 10, -1],
  ],
  hasAllPrints: false,
  bars: [],
};

function orderOf(id: number, change: Partial<DrilledOrder> = {}): DrilledOrder {
  return {
    ...{ id, strategy: "maker", instrument: "ABC@test", side: "buy", quantity: 4, filled: 2, price: 100.5 },
    ...{
      submittedNs: String(AT - 10_000_000n),
      arrivedNs: String(AT - 7_000_000n),
      ackNs: String(AT - 5_000_000n),
    },
    ...{ firstFillNs: String(AT + 5_000_000n), cancelNs: null, endNs: null, end: "open", replaced: 0 },
    ...change,
  };
}

function tradeOf(number: number, fills: readonly number[], change: Partial<DrilledTrade> = {}): DrilledTrade {
  return {
    ...{
      number,
      instrument: "ABC@test",
      side: "buy",
      openedNs: String(AT),
      closedNs: String(AT + 90_000_000_000n),
    },
    ...{ quantity: 2, realized: 12.5, fees: 0.5, fillCount: fills.length, fills },
    ...change,
  };
}

function sheet(drill: Partial<TradeDrill>, charts: "static" | "interactive" = "static"): string {
  const counts = {
    fills: drill.fills?.length ?? 0,
    trades: drill.trades?.length ?? 0,
    keptFills: 99,
    orders: 2,
    keptOrders: 2,
  };
  const made: TradeDrill = {
    ...{ schema: "tickwright.drill/1", levels: 2, beforeNs: 5e9, afterNs: 1e10 },
    ...{ trades: [], fills: [], orders: [], timings: [], queue: null, counts },
    ...drill,
  };
  const result: RunResult = { ...BASE, drill: made };
  return renderTearSheet(result, { charts });
}

/** The section's text, tags taken away. */
function textOf(page: string): string {
  const section = page.slice(
    page.indexOf('<section id="trades"'),
    page.indexOf("</section>", page.indexOf('id="trades"')),
  );
  return section.replace(/<[^>]+>/g, " ").replace(/[\s\u00a0]+/g, " ");
}

describe("the trades of a sheet", () => {
  it("are absent unless they were kept, and say so where there were none", () => {
    expect(renderTearSheet(BASE, { charts: "static" }).includes('id="trades"')).toBe(false);
    expect(textOf(sheet({}))).toContain("Nothing was traded");
  });

  it("open to fills, orders and the book around a fill", () => {
    const page = sheet({
      trades: [tradeOf(1, [0, 1], { fillCount: 5 })],
      fills: [fillOf(0, { market: MARKET }), fillOf(1)],
      orders: [orderOf(1, { replaced: 2 }), orderOf(2, { price: null, end: "filled", endNs: String(AT) })],
      counts: { fills: 700, trades: 30, keptFills: 600, orders: 2, keptOrders: 2 },
    });
    expect(htmlShape(page).faults).toEqual([]);
    const text = textOf(page);
    expect(text).toContain(
      "1 of 30 trades, evenly over the run, with 2 of 700 fills, and the market around 1",
    );
    expect(text).toContain("Fills after the first 600 were not kept");
    expect(text).toContain("3 between the first and the last are not listed");
    expect(text).toMatch(/1 ABC@test long 2024-08-08 23:54:13 UTC 1 min 30 s 2 5 \+12\.00/);
    expect(text).toMatch(/#1, maker .* 100\.5 2 \/ 4 3\.00 ms 5\.00 ms 15\.0 ms – open, replaced 2 times/);
    expect(text).toMatch(/#2, maker .* market 2 \/ 4 .* filled/);
    expect(text).toContain("Before the fill: the book since 2.00 ms before it");
    expect(text).toContain("After the fill: the book since 3.00 ms after it");
    expect(text).toContain("Only the prints next to the fill are drawn");
    expect(page).toMatch(
      /aria-label="The book before: bid 8 at 100\.5, ask 16 at 101; after: bid 4 at 100, ask 16 at 101; buy 2 at 100\.5"/,
    );
    // The longest bar is the largest quantity of both ladders, the fill's price is marked where it stands.
    expect(page.match(/class="own"/g)).toHaveLength(1);
    const bars = [...page.matchAll(/class="depth (bid|ask)"[^>]* width="([\d.]+)"/g)].map(
      ([, side, width]) => [side, Number(width)],
    );
    expect(bars.map(([side]) => side)).toEqual(["ask", "bid", "bid", "ask", "ask", "bid"]);
    expect([bars[0]?.[1], bars[3]?.[1]]).toEqual([66, 66]);
    expect(bars[1]?.[1]).toBeCloseTo((bars[0]?.[1] as number) / 2, 6);
  });

  it("draw bars where there is no book, open trades, and a side that is missing", () => {
    const bars = {
      ...MARKET,
      before: null,
      after: null,
      quotes: [],
      prints: [],
      bars: [
        [-8.64e13, 0, 100, 102, 99, 101],
        [1e9, 8.64e13, 101, 103, 100, 102],
      ] as const,
    };
    const page = sheet({
      trades: [tradeOf(1, [0, 1], { closedNs: null })],
      fills: [
        fillOf(0, { market: bars }),
        fillOf(1, { market: { ...MARKET, before: null, after: null, quotes: [] } }),
      ],
    });
    expect(htmlShape(page).faults).toEqual([]);
    expect(page).toContain("2 bars around buy 2 at 100.5");
    expect(textOf(page)).toContain("Before: not on the tape");
    expect(textOf(page)).toMatch(/long [^<]* open 2 2/);
    expect(page).not.toContain("NaN");
  });

  it("stay few and small: 40 markets are drawn of however many", () => {
    const fills = Array.from({ length: 400 }, (_, i) => fillOf(i, { market: MARKET }));
    const trades = Array.from({ length: 200 }, (_, i) => tradeOf(i + 1, [2 * i, 2 * i + 1]));
    const page = sheet({ trades, fills });
    expect(page.match(/aria-label="The book before/g)).toHaveLength(40);
    expect(page.match(/<details class="trade"/g)).toHaveLength(200);
    expect(page.length).toBeLessThan(1_200_000);
    expect(textOf(page)).toContain("the market around 40 of those");
  });

  it("can be searched where scripts run, and stand in full where none do", () => {
    const page = sheet({ trades: [tradeOf(1, [0])], fills: [fillOf(0)] }, "interactive");
    expect(page).toMatch(/id="trade-tools" hidden/);
    expect(page).toContain("function startTrades()");
    expect(page).not.toMatch(/<details class="trade"[^>]* hidden/);
  });
});
