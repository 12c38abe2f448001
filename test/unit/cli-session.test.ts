import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { openJournal, writeTape } from "../../src/host/index.ts";
import { type Day, dayTape } from "../fixtures/run-tapes.ts";

let folder = "";
let out: string[] = [];
const path = (name: string): string => join(folder, name);

const STRATEGY = `export default class {
  name = "steps";
  #n = 0;
  constructor(params) { this.params = params; }
  onBar(bar, ctx) {
    this.#n += 1;
    if (this.#n % this.params.every !== 0) return;
    ctx.submit({ instrument: bar.instrument.key, side: this.#n % 2 ? "buy" : "sell", lots: 1, type: "market" });
  }
}
`;

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  out = [];
  const code = await runCommand(args);
  return { code, said: out.join("") };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-session-"));
  const days = Array.from({ length: 40 }, (_, i): Day => [1000 + i, 1010 + i, 990 + i, 1005 + i, 100]);
  writeTape(path("days.tape"), dayTape(days));
  writeFileSync(path("steps.mjs"), STRATEGY);
  writeFileSync(path("other.mjs"), STRATEGY.replace('this.#n % 2 ? "buy" : "sell"', '"buy"'));
  mute();
  const backtest = ["backtest", "--tape", path("days.tape"), "--param", "every=3", "--out", path("out")];
  await run(...backtest, "--strategy", path("steps.mjs"), "--journal", path("one"));
  await run(...backtest, "--strategy", path("steps.mjs"), "--journal", path("dear"), "--fees", "0.01,0.01");
});

function mute(): void {
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out.push(String(text));
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    out.push(String(text));
    return true;
  });
}

afterEach(() => {
  mute();
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

describe("tickwright replay", () => {
  it("says identical and the hash of the run", async () => {
    const { code, said } = await run("replay", path("one"), "--strategy", path("steps.mjs"));
    const { runHash } = JSON.parse(readFileSync(path("out/steps/result.json"), "utf8"));
    expect([code, said.startsWith("identical: runHash ")]).toEqual([0, true]);
    const dear = await run("replay", path("dear"), "--strategy", path("steps.mjs"), "--json");
    expect(JSON.parse(dear.said)).toMatchObject({ isIdentical: true, runHash, recordedHash: runHash });
  });

  it("says where another strategy parts from it", async () => {
    const { code, said } = await run("replay", path("one"), "--strategy", path("other.mjs"));
    expect(code).toBe(1);
    expect(said).toContain("not identical");
    expect(said).toMatch(/effect \d+: recorded .*submitted/);
  });

  it("refuses other parameters, a folder without a journal, and a wrong call", async () => {
    const params = await run("replay", path("one"), "--strategy", path("steps.mjs"), "--param", "every=4");
    expect([params.code, params.said]).toEqual([1, expect.stringContaining("FAULT_JOURNAL_FORMAT")]);
    const none = await run("replay", path("nothing"), "--strategy", path("steps.mjs"));
    expect([none.code, none.said]).toEqual([1, expect.stringContaining("FAULT_IO")]);
    expect((await run("replay", path("one"))).code).toBe(2);
    expect((await run("replay")).code).toBe(2);
    expect((await run("replay", "--help")).said).toContain("Nothing is sent");
  });

  it("never writes over a session", async () => {
    const { code, said } = await run(
      ...["backtest", "--tape", path("days.tape"), "--strategy", path("steps.mjs"), "--param", "every=3"],
      ...["--journal", path("one")],
    );
    expect([code, said]).toEqual([2, expect.stringContaining("holds a session already")]);
    expect((await run("diff", path("one"), path("one"))).code).toBe(0);
  });

  it("replays a session that was cut off", async () => {
    const { journal } = openJournal(path("cut"), { policy: "async", baseNs: 0n, create: true });
    const { readJournal } = await import("../../src/host/index.ts");
    readJournal(path("one"), ({ type, payload, seq }) => {
      if (seq <= 60) journal.append(type, payload, 0);
    });
    journal.close();
    const { code, said } = await run("replay", path("cut"), "--strategy", path("steps.mjs"));
    expect([code, said]).toEqual([0, expect.stringContaining("has no end: it was cut off")]);
  });
});

describe("tickwright diff", () => {
  it("prints causes and lines, as table, JSON and a page", async () => {
    const page = path("diff.html");
    const table = await run("diff", path("one"), path("dear"), "--most", "2", "--html", page);
    expect(table.code).toBe(1);
    expect(table.said).toMatch(/not equal: 13 orders and 13, 0 equal pairs; fee 13\n/);
    expect(table.said).toMatch(/fee +1970-01-\S+Z +steps, ABC@\w+, order 1 +fee 0, 10\n/);
    expect(table.said).toContain("and 11 more");
    const { said } = await run("diff", path("one"), path("dear"), "--json");
    expect(JSON.parse(said)).toMatchObject({ isEqual: false, causes: { fee: 13, unexplained: 0 } });
    const html = readFileSync(page, "utf8");
    expect(html).toContain("The sessions differ");
    expect(html).toMatch(/steps, ABC@\w+, order 1</);
    expect(html).not.toContain("<script");
    expect((await run("diff", path("one"), path("one"))).said).toBe(
      "equal: 13 orders and 13, 13 equal pairs\n",
    );
  });

  it("refuses a wrong call", async () => {
    expect((await run("diff", path("one"))).code).toBe(2);
    expect((await run("diff", path("one"), path("one"), "--most", "x")).code).toBe(2);
    expect((await run("diff", path("one"), path("dear"), "--html", path("no/such/file"))).said).toContain(
      "FAULT_IO",
    );
    expect((await run("diff", "--help")).code).toBe(0);
  });
});
