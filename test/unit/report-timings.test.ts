import { describe, expect, it } from "vitest";
import { renderTearSheet } from "../../src/report/index.ts";
import type { OrderTiming, QueueFigures, RunResult, TradeDrill } from "../../src/run/index.ts";
import { timingSummary } from "../../src/stat/index.ts";
import { htmlShape } from "../fixtures/html-shape.ts";
import { runResult } from "../fixtures/run-results.ts";

const timing = (key: OrderTiming["key"], times: readonly number[]): OrderTiming => ({
  key,
  ...(timingSummary(times) as NonNullable<ReturnType<typeof timingSummary>>),
});

const QUEUE: QueueFigures = {
  orders: 14,
  classes: [
    {
      place: "improved",
      from: 0,
      to: null,
      orders: 4,
      filled: 3,
      fillRate: 0.6,
      ahead: 0,
      toFillNs: 2e6,
      atFill: 1.5,
    },
    {
      place: "best",
      from: 30,
      to: null,
      orders: 9,
      filled: 0,
      fillRate: 0,
      ahead: 44,
      toFillNs: null,
      atFill: null,
    },
    {
      place: "behind",
      from: 0,
      to: 1,
      orders: 1,
      filled: 1,
      fillRate: 1,
      ahead: 8,
      toFillNs: 9e9,
      atFill: 2,
    },
  ],
  leftOut: { marketable: 3, replaced: 2, unseen: 0 },
};

function sheet(timings: readonly OrderTiming[], queue: QueueFigures | null, keptOrders = 40): string {
  const drill: TradeDrill = {
    ...{
      schema: "tickwright.drill/1",
      levels: 5,
      beforeNs: 1,
      afterNs: 1,
      trades: [],
      fills: [],
      orders: [],
    },
    ...{ timings, queue, counts: { fills: 0, trades: 0, keptFills: 0, orders: 40, keptOrders } },
  };
  const result: RunResult = { ...runResult("empty"), drill };
  return renderTearSheet(result, { charts: "static" });
}

function textOf(page: string): string {
  const from = page.indexOf('<section id="timings"');
  const text = page.slice(from, page.indexOf("</section>", from));
  return text.replace(/<[^>]+>/g, " ").replace(/[\s\u00a0]+/g, " ");
}

describe("order times and queues on a sheet", () => {
  const entry = timing(
    "entry",
    Array.from({ length: 200 }, (_, i) => 1e6 + i * 1e4),
  );
  const aged = timing("ageEnded", [0, 5e6, 7e9]);

  it("print percentiles, those that there are, and draw a line and a histogram of each", () => {
    const page = sheet([entry, aged, timing("ack", [5e6, 5e6])], null, 30);
    expect(htmlShape(page).faults).toEqual([]);
    expect(page.includes("NaN")).toBe(false);
    const text = textOf(page);
    expect(text).toContain("Of the first 30 of 40 orders.");
    expect(text).toMatch(/p50 p75 p90 p95 p99 Greatest/);
    expect(text).toContain(
      "Submission to exchange 200 1.00 ms 1.99 ms 2.49 ms 2.79 ms 2.89 ms 2.97 ms 2.99 ms",
    );
    expect(text).toContain("Age when canceled or expired 3 0 ns 5.00 ms – – – – 7.00 s");
    expect(text).toContain("All 2 took 5.00 ms.");
    expect(page).toMatch(
      /aria-label="Times by percentile\. Submission to exchange: half within 1\.99\u00a0ms, all within 2\.99\u00a0ms;/,
    );
    expect(page).toMatch(
      /aria-label="Age when canceled or expired: 3 orders, 0\u00a0ns to 7\.00\u00a0s, 1 of them at once"/,
    );
    const lines = page.match(/<path class="run run-\d( dashed)?" d="M[\d.]+ [\d.]+L/g) ?? [];
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(text).toContain("no queues");
  });

  it("draw the share that was filled by where orders joined, and say who is left out", () => {
    const page = sheet([entry], QUEUE);
    const text = textOf(page);
    expect(htmlShape(page).faults).toEqual([]);
    expect(text).toContain("Of 14 orders that rested");
    expect(text).toContain("Left out: 3 took at once, 2 were replaced.");
    expect(text).toContain("Ahead of the best 4 75.0 % 60.0 % 0.0× 1.5× 2.00 ms");
    expect(text).toContain("At the best, more than 30× ahead 9 0.0 % 0.0 % 44.0× – –");
    expect(text).toContain("Behind the best, up to 1 ticks 1 100.0 % 100.0 % 8.0× 2.0× 9.00 s");
    const heights = [...page.matchAll(/<rect class="column (?:main|fall)"[^>]* height="([\d.]+)"/g)].map(
      ([, height]) => Number(height),
    );
    expect(heights.slice(-3)[0]).toBeCloseTo((heights.at(-1) as number) * 0.75, 0);
  });

  it("say so where no order reached an exchange", () => {
    expect(textOf(sheet([], null))).toContain("reached an exchange");
  });
});
