import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { commandOf, type SimulateOrder } from "../../src/cli/simulate-order.ts";

let folder = "";
let out: string[] = [];
let errors: string[] = [];
const path = (name: string): string => join(folder, name);

/** Trades like anybody, and breaks down at the fifth report of an order. */
const FRAGILE = `export default class Fragile {
  name = "fragile";
  #reports = 0;
  constructor(params) { this.params = params; }
  onStart(ctx) { ctx.clock.every(50_000_000); }
  onTimer(timer, ctx) {
    const { key } = ctx.instruments[0];
    const book = ctx.book(key);
    if (book.hasAsk) ctx.submit({ instrument: key, side: "buy", lots: 1, priceTicks: book.bestAsk, timeInForce: "IOC" });
  }
  onOrder() {
    this.#reports += 1;
    if (this.#reports >= this.params.most) throw new Error("five is too many");
  }
  onSave() { return { version: 1, state: this.#reports }; }
  onLoad({ state }) { this.#reports = state; }
}
`;

/** Counts its timers, and does not save the count. */
const FORGETS = `export default class Forgets {
  name = "forgets";
  #turns = 0;
  onStart(ctx) { ctx.clock.every(100_000_000); }
  onTimer(timer, ctx) {
    this.#turns += 1;
    const { key } = ctx.instruments[0];
    const book = ctx.book(key);
    if (this.#turns % 3 === 0 && book.hasBid) ctx.submit({ instrument: key, side: "buy", lots: 1, priceTicks: book.bestBid });
  }
  onSave() { return { version: 1, state: null }; }
  onLoad() {}
}
`;

async function run(...args: string[]): Promise<{ code: number; said: string; told: string }> {
  out = [];
  errors = [];
  const code = await runCommand(["simulate", ...args]);
  return { code, said: out.join(""), told: errors.join("") };
}

function mute(): void {
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out.push(String(text));
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    errors.push(String(text));
    return true;
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-simulate-"));
  writeFileSync(path("fragile.mjs"), FRAGILE);
  writeFileSync(path("forgets.mjs"), FORGETS);
  writeFileSync(path("object.mjs"), 'export default { name: "one" };\n');
  writeFileSync(
    path("endless.mjs"),
    'export default () => ({ name: "endless", onStart() { for (;;); } });\n',
  );
  mute();
});
afterEach(mute);
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** Nothing goes wrong in such runs but the strategy. */
const calm = ["--seconds", "2", "--faults", "clockDrift", "--rows", "200", "--venues", "1"];

describe("tickwright simulate", () => {
  it("runs seeds on threads and ends with the coverage", async () => {
    const { code, said, told } = await run(...calm, "--seeds", "3", "--jobs", "2");
    expect(code).toBe(0);
    expect(said).toMatch(/^3 runs$/m);
    expect(said).toMatch(/^clockDrift {12} +[1-9]/m);
    expect(said).toMatch(/^crash points$/m);
    expect(said).toMatch(/^3 of 3 seeds: 0 failed, 0 ended at damage.*; 6 virtual s at \d+ x real time$/m);
    expect(told).toMatch(/simulate {2}3 seeds in .* x real time/);
  });

  it("gives the same whatever the threads, as one JSON object", async () => {
    const one = await run(...calm, "--seeds", "4", "--jobs", "1", "--json");
    const two = await run(...calm, "--seeds", "4", "--jobs", "2", "--json");
    const [a, b] = [JSON.parse(one.said), JSON.parse(two.said)];
    expect(a).toMatchObject({
      from: 1,
      seeds: 4,
      ran: 4,
      isInterrupted: false,
      virtualSeconds: 8,
      failed: [],
    });
    expect(b.coverage).toEqual(a.coverage);
    expect(a.coverage.faults.clockDrift.planned).toBeGreaterThan(3);
    expect(a.coverage.crashPoints["anywhere: power lost"]).toBe(0);
    expect(a.coverage.missing.crashPoints).toContain("anywhere: power lost");
    expect(a.coverage.events["pendingNew + ack"]).toBeGreaterThan(0);
    expect(a.coverage.changes["new -> filled"]).toBeGreaterThan(-1);
  });

  it("tells which seed a strategy breaks, with the command that runs it again", async () => {
    const strategy = ["--strategy", path("fragile.mjs"), "--param", "most=5"];
    const { code, said } = await run(
      ...calm,
      ...strategy,
      "--seeds",
      "2",
      "--jobs",
      "1",
      "--shrink",
      "--out",
      path("o"),
    );
    expect(code).toBe(1);
    expect(said).toMatch(/seed 1 failed\n +\d+\.\d+ s {2}noFault .*five is too many/);
    const again = `tickwright simulate --seed 1 --seconds 2 --strategy ${path("fragile.mjs")} --param most=5`;
    expect(said).toContain(`  ${again} --faults clockDrift --venues 1 --rows 200\n`);
    expect(said).toMatch(/^failed: 1, 2$/m);
    expect(said).toContain(`seed 1 needs each of these, in ${path("o/simulate/seed-1.json")}`);
    const plan = JSON.parse(readFileSync(path("o/simulate/seed-1.json"), "utf8"));
    expect(plan.faults).toEqual([]);
    const replayed = await run(...calm, ...strategy, "--seed", "1", "--plan", path("o/simulate/seed-1.json"));
    expect([replayed.code, replayed.said]).toEqual([1, expect.stringContaining("five is too many")]);
    const tough = await run(
      ...calm,
      "--strategy",
      path("fragile.mjs"),
      "--param",
      "most=1e9",
      "--seeds",
      "1",
    );
    expect(tough.code).toBe(0);
  });

  it("replays one seed: hash, plan and what broke", async () => {
    const first = await run(...calm, "--seed", "7");
    expect(first.code).toBe(0);
    expect(first.said).toMatch(/^seed 7: trace [0-9a-f]{64}, the same twice$/m);
    expect(first.said).toMatch(/clockDrift +at 0 {2}ppm/);
    expect(first.said).toContain("no violation");
    const json = JSON.parse((await run(...calm, "--seed", "7", "--json")).said);
    expect(first.said).toContain(json.traceHash);
    expect(json).toMatchObject({ seed: 7, isSame: true, violations: [] });
    expect(json.plan.faults.every(({ fault }: { fault: string }) => fault === "clockDrift")).toBe(true);
  });

  it("saves snapshots as often as it is told: what a strategy forgets shows behind one", async () => {
    const crash = ["--seconds", "4", "--rest", "1", "--seed", "3", "--faults", "outOfMemory"];
    const forgets = ["--strategy", path("forgets.mjs"), ...crash];
    expect((await run(...forgets)).code).toBe(0);
    const { code, said } = await run(...forgets, "--snapshot-every", "0.7");
    expect([code, said]).toEqual([1, expect.stringContaining("session.recovery")]);
    expect(said).toContain("--faults outOfMemory --snapshot-every 0.7");
  });

  it("prints what was found so far when it is interrupted, also out of an endless loop", async () => {
    setTimeout(() => process.emit("SIGINT"), 700);
    const { code, said } = await run("--strategy", path("endless.mjs"), "--seeds", "5", "--jobs", "1");
    expect(code).toBe(130);
    expect(said).toMatch(/^0 of 5 seeds, interrupted: 0 failed/m);
  });

  it.each<[readonly string[], number, string]>([
    [["--seeds", "0"], 2, "--seeds: 0 is no whole number from 1 on"],
    [["--seeds", "1.5"], 2, "--seeds: 1.5"],
    [["--from", "-1"], 2, "--from"],
    [["--seconds", "1"], 2, "--seconds: 1 is no whole number from 2 on"],
    [["--seconds", "20", "--rest", "21"], 2, "--rest, ns: found 21000000000"],
    [["--jobs", "x"], 2, "--jobs: x"],
    [["--force", "2"], 2, "--force: 2 is not within 0 and 1"],
    [["--force", ""], 2, "--force"],
    [["--faults", "bust,nonsense"], 2, '--faults[1]: found "nonsense"'],
    [["--faults", "splitBrain"], 2, "--faults[0]"],
    [["--venues", "0"], 2, "--venues: 0"],
    [["--venues", "65"], 2, "--venues: found 65"],
    [["--snapshot-every", "0"], 2, "--snapshot-every: 0 is no number of seconds above 0"],
    [["--snapshot-every", "often"], 2, "--snapshot-every: often"],
    [["--seed", "x"], 2, "--seed: x"],
    [["--plan", "p.json"], 2, "--plan: of which --seed?"],
    [["--param", "a=1"], 2, "--param: of which --strategy?"],
    [["--nonsense"], 2, "--nonsense"],
    [["seeds"], 2, "seeds"],
    [["--strategy", "/nowhere.mjs"], 1, "FAULT_IO /nowhere.mjs"],
    [["--seed", "1", "--plan", "/nowhere.json"], 1, "FAULT_IO /nowhere.json"],
  ])("refuses %j", async (args, code, said) => {
    const result = await run(...args);
    expect([result.code, result.said]).toEqual([code, ""]);
    expect(result.told).toContain(said);
  });

  it("refuses a strategy that is made already, since every start makes its own", async () => {
    const { code, told } = await run("--strategy", path("object.mjs"));
    expect([code, told]).toEqual([1, expect.stringContaining("a class or a function")]);
  });

  it("has help", async () => {
    const { code, said } = await run("--help");
    expect([code, said]).toEqual([0, expect.stringContaining("--shrink")]);
  });
});

describe("the command of a seed", () => {
  it("names what is not usual, quoted where a shell would not take it as one word", () => {
    const order: SimulateOrder = {
      strategy: { path: "my strategy.ts", params: { size: 3, isBold: true } },
      seconds: 20,
      rest: 15,
      faults: ["bust", "halt"],
      force: 0.5,
      shrinkRuns: 0,
    };
    expect(commandOf(9, order)).toBe(
      "tickwright simulate --seed 9 --seconds 20 --rest 15 --strategy 'my strategy.ts' --param size=3 --param isBold=true " +
        "--faults bust,halt --force 0.5",
    );
    expect(commandOf(9, { seconds: 60, shrinkRuns: 0 }, "it's.json")).toBe(
      "tickwright simulate --seed 9 --seconds 60 --plan 'it'\\''s.json'",
    );
  });
});
