import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type ExchangeMarketOptions, ExchangeServer } from "../exchange/index.ts";
import { importBinanceCapture, openDepthTape } from "../host/index.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const HELP = `tickwright exchange [--capture FILE | --tape FILE | --seed N] [options]

A loopback exchange to rehearse against, on 127.0.0.1: Binance's spot REST and websocket protocol on a simulated venue.
The market is a recorded one, or a seeded one (--seed 1 unless something is named). No money is real, and no key.

  --capture FILE     a raw spot capture (.gz or plain) as the market
  --tape FILE        a depth tape as the market
  --seed N           a seeded market of BTCUSDT, and the randomness of faults
  --speed X          how many times faster than it was recorded the market goes; 1
  --matching         clients' orders stand in the public book and meet one another and the market's
  --repeat           a capture or tape begins anew at its end
  --port P           the port; 0, which takes a free one
  --balance LIST     what the account has, such as USDT=100000,BTC=2 (that, unless given)
  --control          take faults over HTTP too, under /control/
  --show-secret      print the generated secret, once
  --env FILE         write EXCHANGE_URL, EXCHANGE_API_KEY and EXCHANGE_SECRET to a new file that only its owner may read
  --seconds N        end by itself after that

Exit codes: 0 done, 1 trouble, 2 a wrong call.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  capture: { type: "string" },
  tape: { type: "string" },
  seed: { type: "string" },
  speed: { type: "string" },
  repeat: { type: "boolean" },
  matching: { type: "boolean" },
  port: { type: "string" },
  balance: { type: "string" },
  control: { type: "boolean" },
  "show-secret": { type: "boolean" },
  env: { type: "string" },
  seconds: { type: "string" },
} as const;

const PATHS: OptionPaths = {
  "exchange.port": "--port",
  "exchange.markets[0].speed": "--speed",
  "exchange.seed": "--seed",
  "prng.seed": "--seed",
  "market.seed": "--seed",
  "exchange.accounts[0].balances": "--balance",
};

const ACCOUNT = "rehearsal";
const DAYS_100_NS = 100 * 86_400_000_000_000;

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS });
}

/** `tickwright exchange`: serves until it is interrupted. */
export async function exchangeCommand(args: readonly string[]): Promise<number> {
  const { values } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const sources = (["capture", "tape", "seed"] as const).filter((name) => values[name] !== undefined);
  if (sources.length > 1)
    throw new Usage(`--${sources[0]} and --${sources[1]} are two markets; one is served`);
  const seconds = numberOf(values, "seconds", Number.POSITIVE_INFINITY);
  const folder = mkdtempSync(join(tmpdir(), "tickwright-exchange-"));
  try {
    const server = await usageOf(PATHS, async () => await makeServer(values, folder));
    await usageOf(PATHS, async () => await server.start());
    try {
      tell(server, values);
      await ended(seconds);
    } finally {
      await server.close();
    }
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeServer(values: Values, folder: string): Promise<ExchangeServer> {
  const seed = numberOf(values, "seed", 1);
  const market = await marketOf(values, folder, seed);
  return new ExchangeServer({
    markets: [
      {
        ...{ ...market, speed: numberOf(values, "speed", 1), repeat: values.repeat === true },
        matching: values.matching === true,
      },
    ],
    accounts: [{ name: ACCOUNT, balances: balancesOf(values.balance ?? "USDT=100000,BTC=2") }],
    port: numberOf(values, "port", 0),
    control: values.control === true,
    seed,
  });
}

async function marketOf(values: Values, folder: string, seed: number): Promise<ExchangeMarketOptions> {
  if (values.tape !== undefined) return { tape: openDepthTape(values.tape) };
  if (values.capture !== undefined) {
    const out = join(folder, `${basename(values.capture)}.tape`);
    await importBinanceCapture({ path: values.capture, out, market: "spot" });
    return { tape: openDepthTape(out) };
  }
  if (values.repeat === true) throw new Usage("--repeat does nothing for a seeded market: it has no end");
  const instrument = {
    symbol: "BTCUSDT",
    venue: "binance",
    tickSize: "0.01",
    lotSize: "0.00001",
    base: "BTC",
    quote: "USDT",
  };
  const orders = { lots: 10_000 };
  return {
    seeded: {
      instrument,
      seed,
      durationNs: DAYS_100_NS,
      priceTicks: 6_000_000,
      orders,
      makers: { lots: 20_000 },
      noise: { lots: 8_000 },
      informed: { lots: 12_000 },
    },
  };
}

function balancesOf(list: string): Record<string, string> {
  const balances: Record<string, string> = {};
  for (const pair of list.split(",")) {
    const [asset = "", amount] = pair.split("=");
    if (asset === "" || amount === undefined) throw new Usage(`--balance: ${pair} is no ASSET=AMOUNT`);
    balances[asset] = amount;
  }
  return balances;
}

function numberOf(values: Values, name: "seed" | "speed" | "port" | "seconds", fallback: number): number {
  const text = values[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text === "" || !Number.isFinite(value) || value < 0)
    throw new Usage(`--${name} is a number, not ${text}`);
  return value;
}

function tell(server: ExchangeServer, values: Values): void {
  const { rest, ws, stream, wsApi } = server.urls;
  const [key] = server.keys(ACCOUNT);
  if (key === undefined) return;
  if (values.env !== undefined) {
    const text = `EXCHANGE_URL=${rest}\nEXCHANGE_API_KEY=${key.apiKey}\nEXCHANGE_SECRET=${key.secret}\n`;
    writeFileSync(values.env, text, { mode: 0o600, flag: "wx" });
  }
  const secret =
    values["show-secret"] === true
      ? `${key.secret}   (made for this run; good nowhere else)`
      : values.env === undefined
        ? "not shown: --show-secret prints it, --env FILE writes it"
        : `in ${values.env}`;
  const lines = [
    `symbols     ${server.symbols.join(", ")}   SIMULATED FILLS${values.matching === true ? ", ONE BOOK" : ""}`,
    `REST        ${rest}/api/v3`,
    `streams     ${ws}   ${stream}`,
    `ws API      ${wsApi}`,
    `API key     ${key.apiKey}`,
    `secret      ${secret}`,
  ];
  if (values.control === true) lines.push(`control     ${rest}/control/`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Waits for the end: an interrupt, or so many seconds. */
async function ended(seconds: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      process.off("SIGINT", end);
      process.off("SIGTERM", end);
      resolve();
    };
    const timer = Number.isFinite(seconds) ? setTimeout(end, seconds * 1_000) : undefined;
    process.on("SIGINT", end);
    process.on("SIGTERM", end);
  });
}
