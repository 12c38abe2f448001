import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { runCommand } from "../../src/cli/command.ts";
import { Usage, usageOf } from "../../src/cli/usage.ts";
import { writeTape } from "../../src/host/index.ts";
import { type Day, dayTape, wanderingTape } from "../fixtures/run-tapes.ts";

let folder = "";
let out: string[] = [];
let told: string[] = [];
/** Paths of the folder stand in the arguments as `@name`. */
const path = (name: string): string => join(folder, name);

const STRATEGY = `import { Fault } from "${new URL("../../src/base/index.ts", import.meta.url).href}";
export default class {
  name = "picky";
  constructor({ lots }) {
    if (lots === "many") throw new Fault("FAULT_CONFIG", { path: "picky.lots", value: lots, expected: "a number" });
  }
  onStart() {}
}
`;

async function run(...args: string[]): Promise<{ code: number; said: string; told: string }> {
  out = [];
  told = [];
  const code = await runCommand(args.map((each) => each.replace(/^@/, `${folder}/`)));
  return { code, said: out.join(""), told: told.join("") };
}

function mute(): void {
  for (const [stream, into] of [
    [process.stdout, () => out],
    [process.stderr, () => told],
  ] as const) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      into().push(String(text));
      return true;
    });
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-usage-"));
  writeTape(path("book.tape"), wanderingTape(61, 200, { symbol: "BOOK" }));
  const days = Array.from({ length: 9 }, (_, i): Day => [1000 + i, 1010 + i, 990 + i, 1005 + i, 100]);
  writeTape(path("days.tape"), dayTape(days));
  writeFileSync(path("picky.mjs"), STRATEGY);
  writeFileSync(path("days.csv"), "date,open,high,low,close,volume\n2024-01-02,1,2,1,2,9\n");
  writeFileSync(path("days.out"), "there");
  mute();
});
afterEach(mute);
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const book = ["backtest", "--strategy", "@picky.mjs", "--out", "@out", "--tape", "@book.tape"] as const;
const days = ["backtest", "--strategy", "@picky.mjs", "--out", "@out", "--tape", "@days.tape"] as const;
const csv = ["tape", "import", "@days.csv", "--out", "@new.tape", "--tick-size", "0.01"] as const;

describe("a wrong call ends with 2 and names the option", () => {
  it.each<[readonly string[], string]>([
    [[...book, "--queue", "foo"], '--queue: found "foo", expected one of riskAverse'],
    [[...book, "--queue", "power:x"], "--queue, the number: found NaN"],
    [[...book, "--queue", "power3:"], "--queue: power3: has no number"],
    [[...book, "--queue", "log:2"], "--queue: log takes no number"],
    [[...book, "--fills", "maybe"], '--fills: found "maybe"'],
    [[...book, "--latency-ms", "5"], "--latency-ms: 5 is no pair such as 5,5"],
    [[...book, "--latency-ms", "5,x"], "--latency-ms: x is no number"],
    [[...book, "--latency-ms=-5,5"], "--latency-ms, ns to the venue: found -5000000"],
    [[...book, "--fees", "a,b"], "--fees: a is no number"],
    [[...book, "--seed", "1.5"], "--seed: found 1.5, expected an integer"],
    [[...book, "--cash", "USD=x"], '--cash USD: found "x", expected a decimal number'],
    [[...book, "--cash", "EUR=5"], "--cash and tapes are in EUR, USD: no rate is known"],
    [[...book, "--name", " "], "--name: a name has letters"],
    [[...book, "--param", "lots"], "--param: lots is no name=value"],
    [
      [...book, "--param", "lots=many"],
      '--param: the strategy does not take {"lots":"many"}: FAULT_CONFIG picky.lots',
    ],
    [[...book, "--nonsense"], "--nonsense"],
    [[...book, "--participation", "0.5"], "--participation is for bars: there are none in "],
    [[...book, "--slippage-ticks", "1"], "--slippage-ticks is for bars: there are none in "],
    [[...days, "--queue", "log"], "--queue is for depth tapes: there are only bars in "],
    [[...days, "--fills", "partial"], "--fills is for depth tapes: there are only bars in "],
    [[...days, "--latency-ms", "5,5"], "--latency-ms is for depth tapes: there are only bars in "],
    [[...days, "--participation", "3"], "--participation: found 3, expected a finite number within 0 and 1"],
    [[...days, "--slippage-ticks", "0.5"], "--slippage-ticks: found 0.5"],
    [["tape", "import", "@days.csv", "--out", "@new.tape", "--tick-size", "abc"], '--tick-size: found "abc"'],
    [[...csv, "--lot-size", "0"], '--lot-size: found "0"'],
    [[...csv, "--columns", "tme=date"], "--columns tme: found"],
    [[...csv, "--columns", "time"], "--columns: time is no name=column"],
    [[...csv, "--snap-within", "x"], '--snap-within: found "x"'],
    [[...csv, "--codec", "zip"], "--codec is none or zstd, not zip"],
    [[...csv, "--market", "spot"], "--market does nothing in tape import of a CSV"],
    [
      ["tape", "import", "@days.csv", "--out", "@days.out", "--tick-size", "1"],
      "is there already; --overwrite",
    ],
    [["tape", "import", "@capture.gz", "--out", "@new.tape", "--tick-size", "1"], "--tick-size does nothing"],
    [["tape", "check", "@capture.gz", "--out", "@new.tape"], "--out does nothing in tape check"],
    [["tape", "info", "@days.tape", "--market", "spot"], "--market does nothing in tape info"],
    [["tape", "info", "@days.tape", "@book.tape"], "tape info takes one file"],
    [["tape", "weigh"], "there is no tape weigh"],
    [["report", "--nonsense"], "--nonsense"],
    [["replay", "@nothing", "--nonsense"], "--nonsense"],
    [["diff", "@a", "@b", "--most=-1"], "--most: -1"],
    [["demo", "now"], "now"],
    [["drill", "--nonsense"], "--nonsense"],
    [["simulate", "--strategy", "@picky.mjs", "--param", "lots=many"], "the strategy does not take"],
  ])("%j", async (args, says) => {
    const { code, said, told: errors } = await run(...args);
    expect([code, said]).toEqual([2, ""]);
    expect(errors).toContain(says);
    expect(errors.trimEnd().split("\n").length).toBeLessThan(6);
    expect([existsSync(path("out")), existsSync(path("new.tape"))]).toEqual([false, false]);
  });
});

describe("usageOf", () => {
  const fault = (code: "FAULT_CONFIG" | "FAULT_IO", name: string) =>
    new Fault(code, { path: name, value: 1 });

  it("takes the longest path that the fault's begins with, and keeps the fault as its cause", async () => {
    const paths = { a: "--a", "a.b": "--ab" };
    const cause = fault("FAULT_CONFIG", "a.b.c[2]");
    const usage: unknown = await usageOf(paths, () => Promise.reject(cause)).catch((error: unknown) => error);
    expect(usage).toBeInstanceOf(Usage);
    expect(usage).toMatchObject({ message: "--ab c[2]: found 1", cause });
    await expect(usageOf(paths, () => 7)).resolves.toBe(7);
  });

  it.each([
    fault("FAULT_CONFIG", "ab"),
    fault("FAULT_CONFIG", "b.a"),
    fault("FAULT_IO", "a"),
    new Error("a"),
  ])("leaves %s as it is", async (error) => {
    await expect(usageOf({ a: "--a" }, () => Promise.reject(error))).rejects.toBe(error);
  });
});
