import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { writeTape } from "../../src/host/index.ts";
import { type Day, dayTape, wanderingTape } from "../fixtures/run-tapes.ts";

let folder = "";
let out: string[] = [];
const path = (name: string): string => join(folder, name);

const STRATEGY = `export default class {
  name = "quotes";
  constructor(params) { this.params = params; }
  onStart(ctx) { ctx.clock.every(this.params.periodMs * 1e6); }
  onTimer(_, ctx) {
    for (const { key } of ctx.instruments) {
      const book = ctx.book(key);
      if (!book.hasBid || !book.hasAsk) continue;
      for (const order of ctx.openOrders(key)) ctx.cancel(order);
      const side = ctx.rng.below(2) === 0 ? "buy" : "sell";
      const priceTicks = side === "buy" ? book.bestBid : book.bestAsk;
      ctx.submit({ instrument: key, side, lots: 3, priceTicks });
    }
  }
  onBar(bar, ctx) { ctx.submit({ instrument: bar.instrument.key, side: "buy", lots: 1, type: "market" }); }
}
`;

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  out = [];
  const code = await runCommand(args);
  return { code, said: out.join("") };
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
  folder = mkdtempSync(join(tmpdir(), "tickwright-resimulate-"));
  writeTape(path("book.tape"), wanderingTape(61, 2_000, { symbol: "BOOK" }));
  const days = Array.from({ length: 30 }, (_, i): Day => [1000 + i, 1010 + i, 990 + i, 1005 + i, 100]);
  writeTape(path("days.tape"), dayTape(days));
  writeFileSync(path("quotes.mjs"), STRATEGY);
  writeFileSync(path("other.mjs"), STRATEGY.replace("lots: 3", "lots: 2"));
  mute();
  const backtest = [
    "backtest",
    "--strategy",
    path("quotes.mjs"),
    "--param",
    "periodMs=7",
    "--out",
    path("out"),
  ];
  const book = [
    "--tape",
    path("book.tape"),
    "--latency-ms",
    "0.3,0.2",
    "--queue",
    "log",
    "--param",
    "periodMs=7",
  ];
  await run(...backtest, ...book, "--journal", path("live"));
  await run(
    ...backtest,
    "--tape",
    path("days.tape"),
    "--param",
    "periodMs=1e9",
    "--slippage-ticks",
    "2",
    "--journal",
    path("bars"),
  );
  expect(out.join("")).not.toContain("FAULT");
});
afterEach(() => {
  mute();
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const again = (...args: string[]) => run("diff", "--resimulate", "--strategy", path("quotes.mjs"), ...args);

describe("tickwright diff --resimulate", () => {
  it("finds a recorded backtest equal to one of its market data, with the models it names", async () => {
    expect(await again(path("live"))).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^equal: \d+ orders/),
    });
    expect(await again(path("bars"))).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^equal: 30 orders/),
    });
  });

  it("gives every difference of other models its cause, as table, JSON and page", async () => {
    const causes: Record<string, readonly string[]> = {
      latency: [path("live"), "--latency-ms", "2,1"],
      queue: [path("live"), "--fills", "noPartial"],
      fee: [path("bars"), "--fees", "0.01,0.02"],
    };
    for (const [cause, args] of Object.entries(causes)) {
      const { code, said } = await again(...args, "--json");
      const diff = JSON.parse(said) as { causes: Record<string, number>; lines: { cause: string }[] };
      expect([code, diff.lines[0]?.cause, diff.causes.unexplained]).toEqual([1, cause, 0]);
    }
    const table = await again(
      path("bars"),
      "--slippage-ticks",
      "0",
      "--html",
      path("page.html"),
      "--most",
      "1",
    );
    expect(table.code).toBe(1);
    expect(table.said).toMatch(/^not equal: 30 orders and 30, 1 equal pairs; queue 29\n {2}queue /);
    expect(readFileSync(path("page.html"), "utf8")).toContain("simulated from its market data (right)");
  });

  it("names other code and parameters, and records what it did", async () => {
    const other = await run("diff", path("live"), "--resimulate", "--strategy", path("other.mjs"), "--json");
    expect([other.code, JSON.parse(other.said).lines[0].cause]).toEqual([1, "code"]);
    const slower = await again(path("live"), "--param", "periodMs=8", "--journal", path("slower"), "--json");
    expect(JSON.parse(slower.said).lines[0]).toMatchObject({ cause: "code", nth: 0 });
    expect(await run("diff", path("live"), path("slower"), "--json")).toEqual({ code: 1, said: slower.said });
    expect((await run("replay", path("slower"), "--strategy", path("quotes.mjs"))).code).toBe(0);
    expect((await again(path("live"), "--journal", path("slower"))).said).toContain(
      "holds a session already",
    );
  });

  it("refuses a wrong call", async () => {
    const codes = await Promise.all([
      run("diff", path("live"), "--resimulate"),
      again(path("live"), path("bars")),
      again(),
      run("diff", path("live"), path("live"), "--queue", "log"),
      again(path("live"), "--latency-ms", "5"),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    expect(await again(path("live"), "--queue", "none")).toMatchObject({
      code: 2,
      said: expect.stringContaining('diff: --queue: found "none", expected one of riskAverse'),
    });
    expect(await again(path("live"), "--slippage-ticks", "1")).toMatchObject({
      code: 2,
      said: expect.stringContaining("--slippage-ticks is for bars: there are none in the session"),
    });
    expect(await again(path("bars"), "--queue", "log")).toMatchObject({
      code: 2,
      said: expect.stringContaining("--queue is for depth tapes: there are only bars in the session"),
    });
    expect((await again(path("nothing"))).said).toContain("FAULT_IO");
  });
});
