import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { openBarTape, openDepthTape } from "../../src/host/index.ts";
import { BarBlock, DepthBlock, KIND_MASK, ROW } from "../../src/model/index.ts";
import { HistoryExchange, type PastTrade } from "../fixtures/history-exchange.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const MINUTE = 60_000;
const LOTS_PER_UNIT = 1e5;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let folder: string;
let exchange: HistoryExchange;
const running = new Set<ChildProcess>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tape-download-"));
});
afterEach(async () => {
  await exchange.close();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

const WHERE = (): string[] => [
  "--exchange",
  "binance",
  "--symbol",
  "BTC/USDT",
  "--url",
  exchange.url,
  "--simulated",
];

/** `tickwright tape download` in this process. */
async function download(...args: readonly string[]): Promise<Ended> {
  const said = { out: "", err: "" };
  const [out, err] = [process.stdout.write, process.stderr.write];
  process.stdout.write = ((text: string) => Boolean((said.out += text))) as typeof out;
  process.stderr.write = ((text: string) => Boolean((said.err += text))) as typeof err;
  try {
    return { code: await runCommand(["tape", "download", ...WHERE(), ...args]), ...said };
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
  }
}

/** The same in a process of its own, which can be killed. */
function start(...args: readonly string[]): {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
} {
  const all = ["--conditions=tickwright-source", MAIN, "tape", "download", ...WHERE(), ...args];
  const child = spawn(process.execPath, all, { cwd: folder });
  running.add(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => {
      running.delete(child);
      resolve({ code, out, err });
    });
  });
  return { child, ended };
}

/** Downloads over kills: SIGKILL when the exchange is asked for the n-th time, before or after it answers. */
async function killed(at: readonly number[], args: readonly string[]): Promise<Ended> {
  let next = 0;
  for (;;) {
    const kill = at[next];
    const { child, ended } = start(...args);
    exchange.between = (_path, count) => {
      if (kill === undefined || count < kill) return false;
      child.kill("SIGKILL");
      return next % 2 === 0;
    };
    const told = await ended;
    if (told.code !== null) return told;
    expect(kill).toBeDefined();
    next += 1;
  }
}

const at = (name: string): string => join(folder, name);

/** The bars of minutes that trades make, empty ones at the last close where nothing traded, up to a moment. */
function minuteBars(trades: readonly PastTrade[], toMs: number): number[][] {
  const bars: number[][] = [];
  for (const { timeMs, cents, lots } of trades) {
    const openMs = timeMs - (timeMs % MINUTE);
    for (
      let last = bars.at(-1);
      last !== undefined && (last[0] as number) + MINUTE < openMs;
      last = bars.at(-1)
    ) {
      const close = last[4] as number;
      bars.push([(last[0] as number) + MINUTE, close, close, close, close, 0]);
    }
    const bar = bars.at(-1);
    if (bar?.[0] === openMs) {
      bar[2] = Math.max(bar[2] as number, cents);
      bar[3] = Math.min(bar[3] as number, cents);
      bar[4] = cents;
      bar[5] = (bar[5] as number) + lots;
    } else bars.push([openMs, cents, cents, cents, cents, lots]);
  }
  return bars.filter(([openMs]) => (openMs as number) + MINUTE <= toMs);
}

function barsOf(path: string): number[][] {
  const tape = openBarTape(path);
  const base = Number(BigInt(tape.meta.baseNs) / 1_000_000n);
  const block = new BarBlock();
  const found: number[][] = [];
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    for (let k = 0; k < block.n; k++) {
      const columns = [block.open, block.high, block.low, block.close, block.volume];
      found.push([base + (block.openNs[k] as number) / 1e6, ...columns.map((column) => column[k] as number)]);
    }
  }
  tape.close();
  return found;
}

function tradesOf(path: string): PastTrade[] {
  const tape = openDepthTape(path);
  const base = Number(BigInt(tape.meta.baseNs) / 1_000_000n);
  const block = new DepthBlock();
  const found: PastTrade[] = [];
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    for (let k = 0; k < block.n; k++) {
      const kind = (block.kind[k] as number) & KIND_MASK;
      found.push({
        timeMs: base + (block.exch[k] as number) / 1e6,
        side: kind === ROW.buy ? "buy" : "sell",
        cents: block.tick[k] as number,
        lots: block.lots[k] as number,
      });
    }
  }
  tape.close();
  return found;
}

test("bars: killed again and again, the file is that of one download, and no answer is fetched twice", {
  timeout: 120_000,
}, async () => {
  exchange = await new HistoryExchange().start();
  exchange.live(1_500, 45_000, [300, 700]);
  const from = ["--bars", "1m", "--from", "2024-08-08T23:00Z", "--page-rows", "100"];
  const plain = await download(...from, "--out", at("plain.tape"));
  expect(plain).toMatchObject({ code: 0 });
  const questions = exchange.asked.splice(0);
  const told = await killed([3, 9], [...from, "--out", at("killed.tape"), "--json"]);
  expect(told).toMatchObject({ code: 0 });
  expect(readFileSync(at("killed.tape"))).toEqual(readFileSync(at("plain.tape")));
  // One kill came while an answer was on its way: that alone is asked again.
  expect(new Set(exchange.asked)).toEqual(new Set(questions));
  expect(exchange.asked.length).toBeLessThanOrEqual(questions.length + 1);
  expect(readdirSync(folder).toSorted()).toEqual(["killed.tape", "plain.tape"]);

  const expected = minuteBars(exchange.trades, exchange.clock.ms - 10_000);
  expect(barsOf(at("plain.tape"))).toEqual(expected);
  const json = JSON.parse(told.out) as Record<string, unknown>;
  const startMs = Date.UTC(2024, 7, 8, 23);
  const first = expected[0]?.[0] as number;
  expect(json).toMatchObject({
    meta: { rows: expected.length, simulated: true, instrument: { symbol: "BTCUSDT", tickSize: "0.01" } },
    report: {
      missing: (first - startMs) / MINUTE,
      gaps: [{ kind: "bars", fromMs: startMs, toMs: first }],
    },
  });
});

test("trades: by number, killed and gone on, into Parquet and into a library", {
  timeout: 120_000,
}, async () => {
  exchange = await new HistoryExchange().start();
  exchange.live(2_600, 700, [900, 1_100]);
  const from = ["--trades", "--from", "2024-08-09", "--to", "2024-08-09T00:29Z"];
  const plain = await download(...from, "--out", at("plain.tape"));
  expect(plain).toMatchObject({ code: 0 });
  expect(plain.out).toContain("gaps      none");
  const meant = exchange.trades.filter(({ timeMs }) => timeMs < Date.UTC(2024, 7, 9, 0, 29));
  expect(tradesOf(at("plain.tape"))).toEqual(meant);
  expect(meant.every(({ lots }) => lots / LOTS_PER_UNIT < 1)).toBe(true);
  const questions = exchange.asked.splice(0);
  expect(questions.some((path) => path.includes("fromId="))).toBe(true);
  await killed([3], [...from, "--out", at("killed.tape")]);
  expect(readFileSync(at("killed.tape"))).toEqual(readFileSync(at("plain.tape")));
  expect(exchange.asked.length).toBeLessThanOrEqual(questions.length + 1);

  exchange.between = () => false;
  const whole = [
    await download(...from, "--out", at("whole.parquet"), "--json"),
    await download(...from, "--library", at("library"), "--json"),
  ];
  const { contentSha256 } = openAndClose(at("plain.tape"));
  for (const { code, out } of whole) {
    expect(code).toBe(0);
    expect((JSON.parse(out) as { meta: { contentSha256: string } }).meta.contentSha256).toBe(contentSha256);
  }
  expect(readdirSync(folder).toSorted()).toEqual(["killed.tape", "library", "plain.tape", "whole.parquet"]);
});

function openAndClose(path: string): { readonly contentSha256: string } {
  const tape = openDepthTape(path);
  tape.close();
  return tape.meta;
}

test("429 and 418 are waited out, as long as the exchange says", { timeout: 120_000 }, async () => {
  // Markets 20, time 1, bars 2 each: the minute's weight is used up on the way.
  exchange = await new HistoryExchange({ requestWeight: 31 }).start();
  exchange.live(600, MINUTE);
  exchange.clock.move(58_500);
  let refusals = 0;
  exchange.between = (_path, count, response) => {
    if (count === 2 && refusals++ === 0) {
      const msg = `Way too much request weight used; IP banned until ${Date.now() + 1_000}. Use streams.`;
      response
        .writeHead(418, { "content-type": "application/json" })
        .end(JSON.stringify({ code: -1003, msg }));
      return true;
    }
    // The exchange's own clock stands still unless it is moved: the next minute begins while it is waited for.
    if (count === 7) exchange.clock.move(2_000);
    return false;
  };
  const args = [
    "--bars",
    "1m",
    "--from",
    "2024-08-09",
    "--to",
    "2024-08-09T09:00Z",
    "--page-rows",
    "80",
    "--out",
    at("bars.tape"),
  ];
  const { code, err } = await download(...args);
  expect(err).toContain("VENUE_BANNED");
  expect(err).toMatch(/VENUE_RATE_LIMITED .*: again in 2\.0 s/);
  expect(code).toBe(0);
  exchange.between = () => false;
  exchange.clock.move(120_000);
  const plain = [...args.slice(0, 6), "--out", at("plain.tape")];
  expect(await download(...plain)).toMatchObject({ code: 0 });
  expect(readFileSync(at("bars.tape"))).toEqual(readFileSync(at("plain.tape")));
});

test("wrong calls are told by option, and leave nothing", { timeout: 120_000 }, async () => {
  exchange = await new HistoryExchange().start();
  exchange.live(10, MINUTE);
  const from = ["--from", "2024-08-09"];
  const wrong: readonly (readonly [args: readonly string[], says: string])[] = [
    [["--bars", "7m", ...from], '--bars: found "7m", expected one that binance has: 1s, 1m'],
    [
      ["--bars", "1m", ...from, "--symbol", "ETH/USDT"],
      '--symbol: found "ETH/USDT", expected a market of binance, such as BTC/USDT',
    ],
    [["--bars", "1m", ...from, "--to", "2024-08-08"], "--to is a moment after --from, not 2024-08-08"],
    [["--trades", "--from", "1969-12-31"], "--from is a moment since 1970, not 1969-12-31"],
    [
      ["--trades", "--from", "2024-08-09T00:00:00.0001Z"],
      "--from is a whole millisecond, not 2024-08-09T00:",
    ],
    [
      ["--trades", ...from, "--tick-size", "abc"],
      '--tick-size: found "abc", expected a decimal number above 0',
    ],
    [
      ["--trades", ...from, "--lot-size", "0.0"],
      '--lot-size: found "0.0", expected a decimal number above 0',
    ],
    [["--bars", "1m", ...from, "--to", "2031-01-01"], '--to: found "2031-01-01T00:00:00Z", expected at most'],
    [["--bars", "1m", ...from, "--out", "x.csv"], '--out: found "x.csv"'],
  ];
  for (const [args, says] of wrong) {
    const out = args.includes("--out") ? [] : ["--out", at("none.tape")];
    const { code, err } = await download(...args, ...out);
    expect(err).toContain(says);
    expect(code).toBe(2);
  }
  expect(readdirSync(folder)).toEqual([]);
});
