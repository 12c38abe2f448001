import { describe, expect, it } from "vitest";
import { renderSummary } from "../../src/report/index.ts";
import { RUN_SHAPES, runResult } from "../fixtures/run-results.ts";

describe("the summary for a terminal", () => {
  it("prints one run as names and values", () => {
    const run = runResult("empty");
    const money = { ...run.money, initialEquity: "1000000", finalEquity: "1023456.789", fees: "1234.5" };
    const trades = { count: 8, wins: 5, losses: 3, grossProfit: 9_000, grossLoss: 4_500 };
    const fills = { ...run.fills, count: 16_000, turnover: 6_172_500 };
    const stats = { sharpe: 1.234, sortino: 1.9, probabilisticSharpe: 0.9731 };
    expect(renderSummary([{ ...run, money, trades, fills, stats }])).toBe(`Run                 Nothing crossed
Data                recorded
Instruments         SPX@index
From                2019-01-02
To                  2019-12-31
Length              363 d
Final equity        1,023,456.79 USD
Return              +2.35 %
Sharpe (annual)     1.23
Sortino (annual)    1.90
Max drawdown        0.00 %
Hit rate            62.5 %
Profit factor       2.00
Fees                1,234.50 USD
Fill rate           –
Turnover            6,172,500 USD
P(true Sharpe > 0)  97.3 %
Fills               16,000
Warnings            0
Run hash            ${run.runHash.slice(0, 16)}
`);
  });

  it.each([40, 60, 80, 110, 200])("keeps to a width of %s and loses no figure", (width) => {
    const text = renderSummary(RUN_SHAPES.map(runResult), { width });
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
    expect(text).toContain("5,617,960.28 USD");
    expect(text).toContain("SIMULATED DATA");
    expect(text).toContain("117,944,640 USD");
    const tables = text.split("\n\n");
    expect(tables.flatMap((one) => one.split("\n").filter((line) => line.startsWith("Return")))).toHaveLength(
      tables.length,
    );
  });

  it("lets no name move the cursor", () => {
    const text = renderSummary([{ ...runResult("empty"), name: "a\u001b[2Jb\rc\nd\u202ee" }]);
    expect(text.split("\n")[0]).toBe("Run                 a\ufffd[2Jb\ufffdc d\ufffde");
    expect(text.includes("\u001b") || text.includes("\r")).toBe(false);
  });

  it("says so when there are no runs, and refuses a width that cannot be", () => {
    expect(renderSummary([])).toBe("No runs.\n");
    expect(() => renderSummary([], { width: 10 })).toThrow("FAULT_CONFIG summary.width");
    expect(() => renderSummary([], { wide: 80 } as never)).toThrow("FAULT_CONFIG");
  });
});
