import { describe, expect, it } from "vitest";
import { renderTearSheet } from "../../src/report/index.ts";
import { type TcaOrder, type TcaReport, tcaReport } from "../../src/stat/index.ts";
import { htmlShape, textOf } from "../fixtures/html-shape.ts";
import { runResult } from "../fixtures/run-results.ts";

function report(count: number, name = (i: number): string => `order-${i}`): TcaReport {
  const orders = Array.from(
    { length: count },
    (_, i): TcaOrder => ({
      id: name(i),
      strategy: name(0),
      side: i % 2 === 0 ? "buy" : "sell",
      lots: 12,
      startNs: i,
      endNs: i + 5,
      decisionHalfTicks: 200,
      arrivalHalfTicks: 201,
      endHalfTicks: 204,
      fills: [
        { venue: name(1), ns: i, lots: 10, priceTicks: 101, feeMinor: 7n, bidTicks: 100, askTicks: 101 },
      ],
    }),
  );
  return tcaReport({
    orders,
    market: {
      tradeNs: [0],
      tradeTicks: [101],
      tradeLots: [50],
      quoteNs: [0, 1e12],
      midHalfTicks: [201, 202],
    },
    currency: "USD",
    decimals: 2,
    tickValue: [100n, 1n],
  });
}

function sheet(tca?: TcaReport): string {
  return renderTearSheet(runResult("daily"), { charts: "static", ...(tca === undefined ? {} : { tca }) });
}

describe("transaction costs on the tear sheet", () => {
  it("stand after the orders, and only where they were given", () => {
    const ids = (page: string) =>
      htmlShape(page)
        .opened.filter(({ name }) => name === "section")
        .map(({ attributes }) => attributes.get("id"));
    expect(ids(sheet())).not.toContain("costs");
    const all = ids(sheet(report(2)));
    expect(all.indexOf("costs")).toBe(all.indexOf("orders") + 1);
    expect(htmlShape(sheet(report(2))).faults).toEqual([]);
  });

  it("show the total, every item and what the tables leave out", () => {
    const tca = report(55);
    const text = textOf(sheet(tca));
    expect(tca.total.total).toBe(28n * 1_407n - 27n * 1_393n);
    expect(text).toContain("Implementation shortfall");
    expect(text).toContain("17.85");
    expect(text).toContain("5 more orders are not listed.");
    expect(text).toContain("Effective = realised + price impact.");
  });

  it("print an analysis of nothing without a number that is none", () => {
    const text = textOf(sheet(report(0)));
    expect(text).toContain("No orders to analyse.");
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("make no markup of names", () => {
    const tags = (page: string) => htmlShape(page).opened.map(({ name }) => name);
    const hostile = report(3, (i) => `</td><script>alert(${i})</script>"'&`);
    expect(tags(sheet(hostile))).toEqual(tags(sheet(report(3))));
  });

  it("are refused where they are no report", () => {
    expect(() => renderTearSheet(runResult("daily"), { tca: {} as TcaReport })).toThrow("tearSheet.tca");
  });
});
