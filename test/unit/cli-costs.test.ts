import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { writeTape } from "../../src/host/index.ts";
import { type TcaReport, tcaOfRecord } from "../../src/stat/index.ts";
import { type Day, dayTape } from "../fixtures/run-tapes.ts";

let folder = "";
let out: string[] = [];
const path = (name: string): string => join(folder, name);

const STRATEGY = `export default class {
  name = "steps";
  #n = 0;
  onBar(bar, ctx) {
    this.#n += 1;
    if (this.#n % 3 === 0)
      ctx.submit({ instrument: bar.instrument.key, side: this.#n % 2 ? "buy" : "sell", lots: 3, type: "market" });
  }
}
`;

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  out = [];
  const code = await runCommand(args);
  return { code, said: out.join("") };
}

/** A backtest into a folder of its own. */
const backtest = (name: string, ...more: string[]) =>
  run("backtest", "--tape", path("days.tape"), "--strategy", path("steps.mjs"), ...common(name), ...more);
const common = (name: string): string[] => ["--out", path("out"), "--name", name];

function analysisOf(name: string): TcaReport | undefined {
  const { tca } = JSON.parse(readFileSync(join(path("out"), name, "result.json"), "utf8"));
  return tca === undefined ? undefined : tca.map(tcaOfRecord)[0];
}

function mute(): void {
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      out.push(String(text));
      return true;
    });
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-costs-"));
  const days = Array.from({ length: 40 }, (_, i): Day => [1000 + i, 1010 + i, 990 + i, 1005 + i, 100]);
  writeTape(path("days.tape"), dayTape(days));
  writeFileSync(path("steps.mjs"), STRATEGY);
  mute();
  await backtest("recorded", "--journal", path("journal"));
});
afterEach(mute);
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

describe("backtest --tca", () => {
  it("table prints what the orders cost and writes it, as without the flag", async () => {
    const { code, said } = await backtest("table", "--tca", "table");
    expect(code).toBe(0);
    for (const text of ["Costs in USD", "Opportunity", "decision", "steps"]) expect(said).toContain(text);
    expect(analysisOf("table")).toEqual(analysisOf("recorded"));
    expect(readFileSync(join(path("out"), "table", "costs.csv"), "utf8")).toMatch(/^table,name,fees,/);
    expect(readFileSync(join(path("out"), "table", "report.html"), "utf8")).toContain("Transaction costs");
  });

  it("off analyses nothing, and the run is the same", async () => {
    const { code, said } = await backtest("off", "--tca", "off");
    expect([code, said.includes("Costs in")]).toEqual([0, false]);
    expect(analysisOf("off")).toBeUndefined();
    expect(existsSync(join(path("out"), "off", "costs.csv"))).toBe(false);
    const hashOf = (name: string): unknown =>
      JSON.parse(readFileSync(join(path("out"), name, "result.json"), "utf8")).runHash;
    expect(hashOf("off")).toBe(hashOf("recorded"));
  });

  it.each([
    [["--tca", "csv"], "--tca: csv is neither table nor off"],
    [["--tca", ""], "--tca: "],
    [["--tca"], "--tca"],
    [["--tca", "off", "--infrastructure", "USD=1"], "--infrastructure is for --tca table"],
  ])("%j is a wrong call", async (args, says) => {
    const { code, said } = await backtest("wrong", ...args);
    expect([code, said]).toEqual([2, expect.stringContaining(says)]);
    expect(existsSync(join(path("out"), "wrong"))).toBe(false);
  });
});

describe("backtest --infrastructure", () => {
  it("shares an amount a day with orders out among them, to the cent", async () => {
    expect(await backtest("dear", "--infrastructure", "USD=12.55")).toMatchObject({ code: 0 });
    const [dear, plain] = [analysisOf("dear"), analysisOf("recorded")];
    const days = new Set(
      dear?.byDay.filter(({ items }) => items.infrastructure > 0n).map(({ name }) => name),
    );
    expect(days.size).toBe(dear?.orders.length);
    expect(dear?.total.items.infrastructure).toBe(1_255n * BigInt(days.size));
    expect(dear?.orders.every(({ items }) => items.infrastructure === 1_255n)).toBe(true);
    expect((dear?.total.total ?? 0n) - (dear?.total.items.infrastructure ?? 0n)).toBe(plain?.total.total);
  });

  it.each([
    ["USD", "USD is no currency=amount"],
    ["EUR=1", "--infrastructure"],
    ["USD=", "--infrastructure"],
    ["USD=-1", "--infrastructure"],
    ["USD=much", "--infrastructure"],
    ["USD=0.001", "--infrastructure"],
    ["USD=1e400", "--infrastructure"],
    ["=5", "--infrastructure"],
    ["USD=1=2", "--infrastructure"],
  ])("%s is a wrong call", async (pair, says) => {
    const { code, said } = await backtest("wrong", "--infrastructure", pair);
    expect([code, said]).toEqual([2, expect.stringContaining(says)]);
    expect(said).not.toMatch(/\n\s+at /);
    expect(existsSync(join(path("out"), "wrong"))).toBe(false);
  });

  it("of a currency given twice is a wrong call", async () => {
    const { code, said } = await backtest("wrong", "--infrastructure", "USD=1", "--infrastructure", "USD=2");
    expect([code, said]).toEqual([2, expect.stringContaining("--infrastructure")]);
  });
});

describe("replay --tca", () => {
  const replay = (...more: string[]) =>
    run("replay", path("journal"), "--strategy", path("steps.mjs"), ...more);
  const read = (name: string): TcaReport => JSON.parse(readFileSync(path(name), "utf8")).map(tcaOfRecord)[0];

  it("writes the analysis of the run and prints it", async () => {
    const { code, said } = await replay("--tca", path("costs.json"));
    expect(code).toBe(0);
    expect(said).toContain("Costs in USD");
    expect(read("costs.json")).toEqual(analysisOf("recorded"));
    expect(read("costs.json").counts.ownPrints).toBe(false);
  });

  it("--own-prints counts own executions among the market's prints", async () => {
    expect(await replay("--tca", path("live.json"), "--own-prints")).toMatchObject({ code: 0 });
    const [live, plain] = [read("live.json"), read("costs.json")];
    expect(live.counts.ownPrints).toBe(true);
    expect(live.total).toEqual(plain.total);
    // Nothing was printed between a decision at the close and the fill at the next open, but the fill itself.
    expect([live.orders[0]?.participation, plain.orders[0]?.participation]).toEqual([null, 1]);
  });

  it("keeps --json one object", async () => {
    const { said } = await replay("--tca", path("json.json"), "--json");
    expect(JSON.parse(said)).toMatchObject({ isIdentical: true });
  });

  it.each([
    [["--own-prints"], 2, "--own-prints is for --tca"],
    [["--tca"], 2, "--tca"],
    [["--tca", ""], 2, "--tca"],
    [["--tca", "/proc/none/costs.json"], 1, "FAULT_IO"],
  ])("%j is refused", async (args, code, says) => {
    expect(await replay(...args)).toEqual({ code, said: expect.stringContaining(says) });
  });
});
