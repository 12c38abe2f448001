import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readJournal } from "../../src/host/index.ts";
import { replaySession, type SessionRecord } from "../../src/run/index.ts";
import { Command } from "../fixtures/command.ts";
import make, { strategies } from "../fixtures/exchange-desk-config.ts";

const CONFIG = join(import.meta.dirname, "../fixtures/exchange-desk-config.ts");
const home = mkdtempSync(join(tmpdir(), "cli-live-"));
const baseNs = BigInt(Math.floor(Date.now() / 1000)) * 1_000_000_000n;
const commands: Command[] = [];
let exchange: Command;
let rest = "";
let keys: { readonly EXCHANGE_API_KEY: string; readonly EXCHANGE_SECRET: string };

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Command {
  const command = new Command(args, env);
  commands.push(command);
  return command;
}

function desk(name: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const where = { TICKWRIGHT_TEST_FOLDER: join(home, name), TICKWRIGHT_TEST_REST: rest };
  return { ...where, TICKWRIGHT_TEST_BASE: String(baseNs), ...keys, ...more };
}

const live = (
  name: string,
  args: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Command => start(["live", "--live", "--config", CONFIG, ...args], desk(name, more));

async function control<Value>(path: string, body?: unknown): Promise<Value> {
  const post = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(`${rest}/control/${path}`, body === undefined ? {} : post);
  return (await response.json()) as Value;
}

/** How many orders are open at the exchange, by its own word. */
async function open(): Promise<number> {
  const { orders } = await control<{ orders: { status: string }[] }>("truth?account=rehearsal");
  return orders.filter(({ status }) => status === "NEW" || status === "PARTIALLY_FILLED").length;
}

function records(name: string): readonly SessionRecord[] {
  const all: SessionRecord[] = [];
  readJournal(join(home, name), ({ seq, type, payload }) =>
    all.push({ seq, type, payload: payload.slice() }),
  );
  return all;
}

beforeAll(async () => {
  const file = join(home, "keys.env");
  exchange = start(["exchange", "--seed", "5", "--control", "--env", file]);
  await exchange.until("it serves", () => exchange.out.includes("control  "));
  rest = /REST\s+(\S+)\/api\/v3/.exec(exchange.out)?.[1] ?? "";
  expect(statSync(file).mode & 0o077).toBe(0);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  keys = Object.fromEntries(lines.map((line) => line.split("=", 2))) as typeof keys;
}, 90_000);

afterEach(async () => {
  for (const command of commands)
    if (command !== exchange && command.child.exitCode === null) await command.stop("SIGKILL");
  if (rest !== "")
    await fetch(`${rest}/control/faults`, {
      method: "DELETE",
      headers: { "content-type": "application/json" },
    });
});

afterAll(async () => {
  const served = readdirSync(tmpdir()).filter((name) => name.startsWith("tickwright-exchange-"));
  const { code } = await exchange.stop("SIGTERM");
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith("tickwright-exchange-"));
  rmSync(home, { recursive: true, force: true });
  expect([code, left.length < served.length]).toEqual([0, true]);
});

it("the exchange serves what its lines say, and shows no secret", async () => {
  expect(exchange.out).not.toContain(keys.EXCHANGE_SECRET);
  const info = (await (await fetch(`${rest}/api/v3/exchangeInfo`)).json()) as {
    symbols: { symbol: string }[];
  };
  expect(info.symbols.map(({ symbol }) => symbol)).toEqual(["BTCUSDT"]);
  const book = (await (await fetch(`${rest}/api/v3/depth?symbol=BTCUSDT`)).json()) as Record<
    string,
    string[][]
  >;
  expect(Number(book["bids"]?.[0]?.[0])).toBeLessThan(Number(book["asks"]?.[0]?.[0]));
});

describe("tickwright live on a loopback exchange", () => {
  it("keeps orders where it is told to, goes on with them, then cancels and ends", async () => {
    const log = join(home, "first.log");
    const first = live("desk", [
      "--suspend",
      "--keep-orders",
      "--json",
      "--log",
      log,
      "--log-level",
      "trace",
    ]);
    await first.until("an order rests", async () => (await open()) === 1);
    await first.until("it is known here", () => first.told.includes("TRADER_FREED"));
    expect((await first.stop("SIGTERM")).code).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({ isClean: true, openOrders: 1 });
    expect(await open()).toBe(1);
    const logged = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(logged.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["TRADER_STARTED", "TRADER_STOPPED"]),
    );

    const second = live("desk", ["--json"]);
    await second.until("it goes on", () => second.told.includes("TRADER_FREED"));
    expect(second.told).toContain("TRADER_RECOVERED");
    expect((await second.stop("SIGINT")).code).toBe(0);
    const said = JSON.parse(second.out) as { readonly runHash: string };
    expect([said, await open()]).toMatchObject([{ isClean: true, openOrders: 0 }, 0]);
    const { risk } = make("replay");
    const replay = replaySession(records("desk"), { strategies: strategies(), ...(risk && { risk }) });
    expect([replay.isIdentical, replay.runHash]).toEqual([true, said.runHash]);
    secretless([first.out, first.told, second.out, second.told, readFileSync(log, "utf8")]);
  }, 120_000);

  it("ends at once at a second signal, and the next start takes up what was left", async () => {
    const first = live("twice", ["--json"]);
    await first.until("an order rests", async () => (await open()) === 1);
    await control("faults", { kind: "dropRequest", on: "massCancel", count: "always" });
    first.child.kill("SIGTERM");
    await first.until("it stops", async () =>
      (await control<{ struck: number }[]>("faults")).some(({ struck }) => struck > 0),
    );
    expect((await first.stop("SIGTERM")).code).toBe(143);
    expect(first.told).toContain("stopped at once");
    expect(await open()).toBe(1);
    await fetch(`${rest}/control/faults`, {
      method: "DELETE",
      headers: { "content-type": "application/json" },
    });
    const second = live("twice", ["--json"]);
    await second.until("it goes on", () => second.told.includes("TRADER_FREED"));
    expect((await second.stop("SIGTERM")).code).toBe(0);
    expect([JSON.parse(second.out), await open()]).toMatchObject([{ isClean: true, openOrders: 0 }, 0]);
  }, 120_000);

  it.each([
    [
      "a secret that is wrong",
      { EXCHANGE_SECRET: "w".repeat(20).concat("Zq8xT5rWvNp3LkJh2GfD") },
      "LIVE_PREFLIGHT_RED",
    ],
    [
      "a key that nobody has",
      { EXCHANGE_API_KEY: "B".repeat(30).concat("xY7uR4eW1qAzSxDcFvGb") },
      "LIVE_PREFLIGHT_RED",
    ],
    ["a provider that tells its secret", { TICKWRIGHT_TEST_VAULT: "1" }, "LIVE_PREFLIGHT_RED"],
    ["no secret", { EXCHANGE_SECRET: "" }, "environment EXCHANGE_SECRET"],
  ])(
    "refuses to start, and says nothing of keys: %s",
    async (name, env, said) => {
      const log = join(home, `${name}.log`);
      const command = live(name, ["--json", "--log", log, "--log-level", "trace"], env);
      expect((await command.ended).code).toBe(1);
      expect(command.told).toContain(said);
      const logged = existsSync(log) ? readFileSync(log, "utf8") : "";
      secretless([command.out, command.told, logged], { ...keys, ...env });
    },
    60_000,
  );
});

it("tickwright preflight looks at the venue, and says nothing of keys", async () => {
  const command = start(["preflight", "--config", CONFIG, "--json"], desk("looked"));
  await command.ended;
  const { checks } = JSON.parse(command.out) as {
    checks: { name: string; state: string; measured: string }[];
  };
  const of = Object.fromEntries(
    checks.map(({ name, state }) => [name.replace("venue.binance.main.", ""), state]),
  );
  expect(of).toMatchObject({
    ...{
      clock: "ok",
      lookUp: "ok",
      canTrade: "ok",
      canWithdraw: "ok",
      ipRestricted: "ok",
      accountType: "ok",
    },
    ...{ "cash.USDT": "ok", "BTCUSDT@binance.grid": "ok", "BTCUSDT@binance.least": "ok", rate: "ok" },
    ...{
      "BTCUSDT@binance.openOrders": "ok",
      "BTCUSDT@binance.trading": "ok",
      "feed.binance.BTCUSDT@binance": "ok",
    },
  });
  secretless([command.out, command.told]);
}, 60_000);

/** No text has a key or a secret, nor 10 characters of one. */
function secretless(texts: readonly string[], env: Readonly<Record<string, string>> = keys): void {
  for (const name of ["EXCHANGE_API_KEY", "EXCHANGE_SECRET"]) {
    const secret = env[name] ?? "";
    for (let at = 0; at + 10 <= secret.length; at++)
      for (const text of texts) expect(text).not.toContain(secret.slice(at, at + 10));
  }
}
