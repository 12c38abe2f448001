import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { writeTape } from "../../src/host/index.ts";
import { barMarket } from "../fixtures/sweep-bars.ts";

let folder = "";
let out: string[] = [];
let told: string[] = [];
const path = (name: string): string => join(folder, name);

/** Long above what it compares with, else flat. */
const over = (head: string, level: string, warmup = 0): string => `${head}
  return {
    name: "planted",
    warmup: ${warmup},
    onBar(bar, ctx) {
      i++;
      closes.push(bar.closeTicks);
      const lots = bar.closeTicks < ${level} ? 10 : 0;
      const by = lots - ctx.position(bar.instrument.key).lots;
      if (!ctx.isWarm || by === 0 || ctx.openOrders().length > 0) return;
      ctx.submit({ instrument: bar.instrument.key, side: by > 0 ? "buy" : "sell", lots: Math.abs(by), type: "market" });
    },
  };
};
`;
const HEAD = "export default (params, given) => {\n  let i = -1;\n  const closes = [];";
/** Compares with tomorrow's close, which it has from the tapes that it is given. */
const LEAKY = over(
  `${HEAD}
  const block = { openNs: [], closeNs: [], kind: [], open: [], high: [], low: [], close: [], volume: [], factor: [] };
  const future = [];
  for (let b = 0; b < given.tapes[0].blockCount; b++) {
    const rows = given.tapes[0].meta.rows;
    given.tapes[0].read(b, params.block(rows));
    future.push(...params.read());
  }`,
  "(future[i + 1] ?? 0)",
);
const MEAN = "closes.slice(-5).reduce((a, b) => a + b, 0) / 5";
const EVER = "closes.reduce((a, b) => a + b, 0) / closes.length";

async function trial(
  strategy: string,
  ...more: string[]
): Promise<{ code: number; said: string; told: string }> {
  [out, told] = [[], []];
  const args = [
    "trial",
    "--strategy",
    path(strategy),
    "--tape",
    path("abc.tape"),
    "--cuts",
    "4",
    "--starts",
    "2",
  ];
  const code = await runCommand([...args, ...more]);
  return { code, said: out.join(""), told: told.join("") };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-trial-"));
  writeTape(path("abc.tape"), barMarket(120, 11));
  const model = new URL("../../src/model/index.ts", import.meta.url).href;
  const leaky = LEAKY.replace("params.block(rows)", "(held = new BarBlock(rows))")
    .replace("params.read()", "held.close.slice(0, held.n)")
    .replace(/\n {2}const block = .*\n/, "\n  let held;\n");
  writeFileSync(path("leaky.mjs"), `import { BarBlock } from ${JSON.stringify(model)};\n${leaky}`);
  writeFileSync(path("clean.mjs"), over(HEAD, MEAN, 5));
  writeFileSync(path("cold.mjs"), over(HEAD, EVER, 3));
  writeFileSync(path("idle.mjs"), "export default () => ({ name: 'idle', onBar() {} });\n");
  writeFileSync(path("object.mjs"), "export default { name: 'object', onBar() {} };\n");
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => told.push(String(text)) > 0);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

describe("tickwright trial", () => {
  it("names the callback that knows tomorrow, when, and what it asked for in each world", async () => {
    const { code, said } = await trial("leaky.mjs");
    expect(code).toBe(1);
    expect(said).toMatch(/^look-ahead: \d leaks; \d+ decisions, \d+ compared in 14 runs$/m);
    expect(said).toMatch(
      /^ {2}onBar at 1970-0\d-\d\dT12:00:00\.000000000Z knows what comes at 1970-.* \(future \w+\)$/m,
    );
    expect(said).toMatch(/^ {4}asked for {7}(nothing|\["submit",\{"instrument":"ABC@test".*)$/m);
    expect(said).toMatch(/^ {4}in the other {4}(nothing|\["submit",.*)$/m);
  });

  it("finds nothing in what knows the past alone, and a warm-up that is enough", async () => {
    const { code, said, told: progress } = await trial("clean.mjs");
    expect(said).toMatch(/^look-ahead: none found; /m);
    expect(said).toMatch(/^warm-up: 5 events are enough; 2 starts/m);
    expect(code).toBe(0);
    expect(progress).toContain("14 runs");
  });

  it("says that a warm-up is too short, and what differs", async () => {
    const { code, said } = await trial("cold.mjs");
    expect(code).toBe(1);
    expect(said).toMatch(/^look-ahead: none found; /m);
    expect(said).toMatch(/^warm-up: 3 events are not enough, /m);
    expect(said).toMatch(/^ {2}onBar at 1970-.*, begun at 1970-/m);
  });

  it("says that nothing was decided", async () => {
    const { code, said } = await trial("idle.mjs");
    expect([code, said.includes("nothing was decided")]).toEqual([0, true]);
  });

  it("--json is one object, with moments in words", async () => {
    const { code, said } = await trial("leaky.mjs", "--json");
    const { schema, lookAhead, warmUp } = JSON.parse(said);
    expect([code, schema]).toEqual([1, "tickwright.trial/1"]);
    expect(lookAhead.leaks[0]).toMatchObject({ kind: "future", callback: "onBar", strategy: 0 });
    expect(lookAhead.leaks[0].at).toMatch(/^1970-/);
    expect(warmUp).toMatchObject({ warmup: 0, starts: expect.any(Array) });
  });

  it.each([
    [["--cuts", "0"], "--cuts: found 0"],
    [["--starts", "0.5"], "--starts: found 0.5"],
    [["--queue", "power:3"], "--queue is for depth tapes"],
    [["--cash", "USD"], "--cash: USD"],
  ])("%j is a wrong call", async (more, says) => {
    const { code, told: said } = await trial("clean.mjs", ...more);
    expect(said).toContain(says);
    expect(code).toBe(2);
  });

  it("wants what makes a strategy for each run, a file and a tape", async () => {
    expect(await trial("object.mjs")).toMatchObject({
      code: 1,
      told: expect.stringContaining("a class or a function"),
    });
    expect(await runCommand(["trial", "--tape", path("abc.tape")])).toBe(2);
    expect(await runCommand(["trial", "--strategy", path("clean.mjs")])).toBe(2);
  });
});
