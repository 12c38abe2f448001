import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { writeTape } from "../../src/host/index.ts";
import { Backtester, type ClosedBacktestMarket, type RunResult } from "../../src/run/index.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { wanderingTape } from "../fixtures/run-tapes.ts";

let folder = "";
let out: string[] = [];
let told: string[] = [];
const path = (name: string): string => join(folder, name);

/** Buys once, when a book is there. */
const BUYER = `export default class {
  name = "buyer";
  bought = false;
  onBook(book, ctx) {
    if (this.bought) return;
    this.bought = true;
    ctx.submit({ instrument: "ABC", side: "buy", lots: 40, type: "market" });
  }
}
`;
class Buyer implements Strategy {
  readonly name = "buyer";
  bought = false;
  onBook: NonNullable<Strategy["onBook"]> = (_book, ctx) => {
    if (this.bought) return;
    this.bought = true;
    ctx.submit({ instrument: "ABC", side: "buy", lots: 40, type: "market" });
  };
}

const instrument = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" };
const closed = { instrument, seed: 7, durationNs: 2_000_000_000 };
const day = 1_704_067_200_000_000_000n;

async function run(...args: string[]): Promise<{ code: number; said: string; told: string }> {
  out = [];
  told = [];
  const code = await runCommand(args.map((each) => each.replace(/^@/, `${folder}/`)));
  return { code, said: out.join(""), told: told.join("") };
}

function mute(): void {
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => told.push(String(text)) > 0);
}

const write = (name: string, value: unknown): void => writeFileSync(path(name), JSON.stringify(value));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-closed-"));
  writeFileSync(path("buyer.mjs"), BUYER);
  write("abc.json", { closed: { ...closed, startNs: String(day) } });
  write("early.json", { closed: { ...closed, startNs: "0" } });
  const phases = [{ atNs: 0, phase: "opening" }];
  write("opening.json", { closed, venue: { phases } });
  const made = { closed, venue: { luld: { tier: 1, priorCloseTicks: 10_000 } } };
  writeFileSync(
    path("abc.mjs"),
    `const act = (desk) => { desk.submit({ side: "sell", lots: 500, priceTicks: 10050 }); return Infinity; };
     const made = ${JSON.stringify(made)};
     export default { ...made, venue: { ...made.venue, participants: [{ name: "wall", act }] } };`,
  );
  writeTape(path("book.tape"), wanderingTape(61, 200, { symbol: "BOOK" }));
  mute();
});
afterEach(mute);
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const call = (...more: string[]): string[] => [
  "backtest",
  "--strategy",
  "@buyer.mjs",
  "--out",
  "@out",
  ...more,
];
const resultOf = async (...more: string[]): Promise<RunResult> => {
  const { code, said, told: errors } = await run(...call("--json", ...more));
  expect([code, errors.match(/FAULT.*/)?.[0]]).toEqual([0, undefined]);
  return JSON.parse(said) as RunResult;
};

function ranHere(market: ClosedBacktestMarket, ms = 5): RunResult {
  const latency = new ConstantLatency({ entryNs: ms * 1e6, responseNs: ms * 1e6 });
  const markets = [{ ...market, venue: { latency, ...market.venue } }];
  return new Backtester({ markets, strategies: [new Buyer()], cash: { USD: "100000" } }).runToEnd();
}

describe("tickwright backtest --closed", () => {
  it("runs the market of a file as a program does", async () => {
    const result = await resultOf("--closed", "@abc.json");
    const same = ranHere({ closed: { ...closed, startNs: day } });
    expect([result.runHash, result.fills.count]).toEqual([same.runHash, same.fills.count]);
    expect(result.fills.count).toBeGreaterThan(1);
    expect(result.simulated).toBe(true);
    expect(readFileSync(path("out/buyer/report.html"), "utf8")).toContain("<html");
  });

  it("takes another seed, fees and latency in place of the file's", async () => {
    const [plain, seeded, slow] = [
      await resultOf("--closed", "@abc.json"),
      await resultOf("--closed", "@abc.json", "--market-seed", "8"),
      await resultOf("--closed", "@abc.json", "--latency-ms", "9,9"),
    ];
    const { runHash } = ranHere({ closed: { ...closed, startNs: day, seed: 8 } });
    expect(seeded.runHash).toBe(runHash);
    expect(slow.runHash).toBe(ranHere({ closed: { ...closed, startNs: day } }, 9).runHash);
    expect(new Set([plain.runHash, seeded.runHash, slow.runHash]).size).toBe(3);
    const dear = await resultOf("--closed", "@abc.json", "--fees", "0.01,0.01");
    expect(Number(plain.money.finalEquity)).toBeGreaterThan(Number(dear.money.finalEquity));
  });

  it("loads modules with participants and the venue's options, and several markets beside tapes", async () => {
    const { manifest } = await resultOf("--closed", "@abc.mjs");
    expect(JSON.stringify(manifest)).toMatch(/"participants":\["wall"\]/);
    expect(JSON.stringify(manifest)).toMatch(/"tier":1/);
    const both = await resultOf("--closed", "@early.json", "--tape", "@book.tape", "--queue", "log");
    expect(JSON.stringify(both.manifest)).toMatch(/BOOK[\s\S]*ABC/);
    const opening = await resultOf("--closed", "@opening.json");
    expect(opening.fills.count).toBe(0);
  });

  it("is in the help", async () => {
    const { said } = await run("backtest", "--help");
    expect(said).toMatch(/--closed FILE[\s\S]*--market-seed N/);
  });

  it.each<[readonly string[], string]>([
    [[], "--tape which file? Or --closed which market?"],
    [
      ["--closed", "@abc.json", "--queue", "log"],
      "--queue is for depth tapes: there are only closed markets in ",
    ],
    [
      ["--closed", "@abc.json", "--fills", "partial"],
      "--fills is for depth tapes: there are only closed markets in ",
    ],
    [["--closed", "@abc.json", "--participation", "0.5"], "--participation is for bars: there are none in "],
    [["--closed", "@abc.json", "--latency-ms", "5"], "--latency-ms: 5 is no pair such as 5,5"],
    [["--closed", "@abc.json", "--market-seed", "x"], "--market-seed: x is no number"],
    [["--closed", "@abc.json", "--market-seed", "1.5"], "--market-seed: 1.5 is no integer"],
    [["--closed", "@abc.json", "--cash", "EUR=5"], "are in EUR, USD: no rate is known"],
    [["--tape", "@book.tape", "--market-seed", "3"], "--market-seed is for --closed"],
  ])("%j is a wrong call", async (more, says) => {
    const { code, said, told: errors } = await run(...call(...more));
    expect([code, said]).toEqual([2, ""]);
    expect(errors).toContain(says);
  });

  it.each<[string, unknown, string]>([
    ["no JSON", "{", "a file of JSON"],
    ["no object", "5", "market: found 5"],
    ["no market", "{}", "closed: found undefined, expected an object { closed"],
    ["an option that there is none of", { closd: closed }, "market.closd"],
    ["no seed", { closed: { ...closed, seed: undefined } }, "market.seed: found undefined"],
    [
      "a crowd's option that is none",
      { closed: { ...closed, makers: { lots: 0 } } },
      "market.makers.lots: found 0",
    ],
    ["a start that is no time", { closed: { ...closed, startNs: "2024-01-01" } }, "market.startNs"],
    ["no duration", { closed: { instrument, seed: 1 } }, "market.durationNs"],
    ["a venue's option that is none", { closed, venue: { speed: 1 } }, "venue.speed"],
    [
      "a phase that is none",
      { closed, venue: { phases: [{ atNs: 0, phase: "lunch" }] } },
      "venue.phases[0].phase",
    ],
    ["a latency that is none", { closed, venue: { latency: 5 } }, "latency"],
    [
      "an instrument without a tick",
      { closed: { ...closed, instrument: { ...instrument, tickSize: "0" } } },
      "tickSize",
    ],
  ])("a file with %s is a fault that names file and option", async (_what, content, says) => {
    writeFileSync(path("bad.json"), typeof content === "string" ? content : JSON.stringify(content));
    const { code, said, told: errors } = await run(...call("--closed", "@bad.json"));
    expect([code, said]).toEqual([1, ""]);
    expect(errors).toContain("bad.json");
    expect(errors).toContain(says);
    expect(errors).not.toMatch(/\n\s+at /);
  });

  it("a file that is not there, or is no module, is a fault", async () => {
    writeFileSync(path("bad.mjs"), "export default (");
    for (const name of ["@none.json", "@none.mjs", "@bad.mjs"]) {
      const { code, told: errors } = await run(...call("--closed", name));
      expect([code, errors.slice(0, 8)]).toEqual([1, "FAULT_IO"]);
    }
  });
});
