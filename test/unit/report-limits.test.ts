import { describe, expect, it } from "vitest";
import { renderTearSheet } from "../../src/report/index.ts";
import { LIMIT_NAMES, NO_LIMITS, type RiskLimits } from "../../src/risk/index.ts";
import { textOf } from "../fixtures/html-shape.ts";
import { runResult } from "../fixtures/run-results.ts";

/** The words of a tear sheet from its risk limits on, with plain spaces. */
function limitsOf(risk: Readonly<Record<string, unknown>> | null): string {
  const result = runResult("empty");
  const page = renderTearSheet({ ...result, manifest: { ...result.manifest, risk } }, { charts: "static" });
  const text = textOf(page).replaceAll("\u00a0", " ");
  return text.slice(text.indexOf("Fees"), text.indexOf("Manifest as JSON"));
}

const ALL: RiskLimits = {
  maxOrderLots: 5_000,
  maxOrderValue: "1000000",
  maxVolumeShare: 0.1,
  maxLongLots: 10_000,
  maxShortLots: 9_000,
  maxGrossValue: "2000000",
  maxNetValue: "1500000.5",
  maxOpenOrders: 20,
  maxOpenValue: "unlimited",
  maxConcentration: 0.25,
  maxDailyLoss: "500",
  maxOrdersPerSecond: { rate: 10, burst: 20 },
  maxOrdersPerMinute: 1_200,
  priceCollarBps: 500,
  priceCollarTicks: 3,
  maxTicksThrough: 7,
  maxMarginShare: 0.9,
  maxLeverage: 4,
  maxValueAtRisk: "0",
  maxWindowLoss: "250",
  maxDrawdown: "750",
  maxDrawdownShare: 0.2,
};

describe("the limits on a tear sheet", () => {
  it("prints every limit in its unit", () => {
    expect(Object.keys(ALL)).toEqual(LIMIT_NAMES);
    const text = limitsOf({ currency: "USD", limits: [{ level: "account", name: "A1", limits: ALL }] });
    for (const line of [
      "account A1 Quantity of an order 5,000 lots",
      "Value of an order 1,000,000.00 USD",
      "Order, of the daily volume 10.00 %",
      "Net value 1,500,000.50 USD",
      "Value of open orders no limit",
      "Messages a second 10, 20 at once Messages a minute 1,200",
      "Price from its reference 5.00 % Price from its reference, always allowed 3 ticks",
      "Leverage 4.00 ×",
      "Fall from the highest equity 750.0000 USD Fall from the highest equity, of it 20.00 %",
    ]) {
      expect(text).toContain(line);
    }
  });

  it("says what the gate was made from beside its limits", () => {
    const text = limitsOf({
      currency: { code: "USDT", decimals: 2 },
      seats: [{ desk: "crypto", account: "A", user: "mara", strategy: "maker" }],
      limits: [{ level: "firm", limits: NO_LIMITS }],
      capital: [{ level: "firm", amount: "100000" }],
      hours: ["BTC@x"],
      status: { staleNs: 5_000_000_000, unknownIs: "halted" },
      rules: [],
      protectsMarketOrders: false,
    });
    expect(text).toContain("firm Quantity of an order no limit");
    expect(text).toContain("Currency USDT Capital of firm 100,000.00 USDT Seat crypto / A / mara / maker");
    expect(text).toContain("Hours BTC@x Status stale 5.00 s, unknown is halted Rules none");
    expect(text).toContain("Protects market orders false");
  });

  it("says so where a run had none", () => {
    expect(limitsOf(null)).toContain("The run had no risk limits.");
  });

  it("takes a result of another version as it comes", () => {
    const text = limitsOf({
      currency: 5,
      limits: [7, { level: 1, limits: { maxOrderLots: "x", maxDailyLoss: 3 } }, {}],
    });
    expect(text).toContain("1 Quantity of an order x Loss in a day 3");
  });
});
