import {
  checkArray,
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKeys,
  checkMethods,
  checkText,
  Fault,
} from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { CcxtConfig, CcxtMaker } from "./ccxt-exchange.ts";
import type { VenueCapabilities } from "./venue-client.ts";
import type { VenueClock } from "./venue-clock.ts";

/** What an exchange asks for; which of them, the exchange says. */
export interface CcxtCredentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly password?: string;
  readonly uid?: string;
}

/** Gives credentials when a client opens: out of a vault, a file that only this user may read, a human. */
export type CcxtCredentialsProvider = () => CcxtCredentials | Promise<CcxtCredentials>;

/** What a `CcxtClient` is made from. */
export interface CcxtOptions {
  /** The exchange's id in ccxt, such as `binance`. */
  readonly exchange: string;
  /** The account's name here; `main` unless given. */
  readonly account?: string;
  /** What is traded, by the ids or the symbols of the exchange's markets: `ccxtInstrument`. */
  readonly instruments: readonly Instrument[];
  /** Epoch ns that times count from: the session's. */
  readonly baseNs: bigint;
  /** Steady time and timers, from the same base. */
  readonly clock: VenueClock;
  /**
   * Where keys come from: a function, or the prefix of environment variables (`BINANCE` reads `BINANCE_API_KEY`,
   * `BINANCE_SECRET`, and `BINANCE_PASSWORD`, `BINANCE_UID` where they are set). There is no option for a key itself.
   */
  readonly credentials: CcxtCredentialsProvider | string;
  /** Whether the exchange's sandbox is traded on: said, never assumed. */
  readonly isSandbox: boolean;
  /** What back-off is drawn with. */
  readonly seed: number;
  /** Addresses that take the place of the exchange's own, part by part. */
  readonly urls?: Readonly<Record<string, unknown>>;
  /** The exchange class's own `options`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** What the venue can do, where it is not what the class says. */
  readonly capabilities?: Partial<VenueCapabilities>;
  /** Further parameters of each replace, such as what a venue asks for so that it is safe. */
  readonly replaceParams?: Readonly<Record<string, unknown>>;
  /** Until a request of HTTP is given up; 4 s unless given. @units ms */
  readonly timeoutMs?: number;
  /** How often a socket is asked for a word; two answers missing end it. 5 s unless given. @units ms */
  readonly keepAliveMs?: number;
  /** The first pause before connecting again; it doubles up to a minute. 500 ms unless given. @units ms */
  readonly backOffMs?: number;
  /** Executions of each market kept for comparisons, older ones as a sum; 50,000 unless given. */
  readonly fillsKept?: number;
  /** Orders and executions remembered by their ids, so that none is told twice; 20,000 each unless given. */
  readonly idsKept?: number;
  /**
   * Between two questions for orders and executions, where the exchange class has no `watchOrders`; 1 s unless given.
   * Each draws on the venue's budget. @units ms
   */
  readonly pollMs?: number;
  /** Makes the exchange class; the optional peer ccxt unless given. */
  readonly make?: CcxtMaker;
}

/** {@link CcxtOptions} with every default in place. */
export interface CcxtPlan
  extends Required<Omit<CcxtOptions, "make" | "credentials" | "capabilities" | "urls" | "options">> {
  readonly urls: Readonly<Record<string, unknown>> | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly capabilities: Partial<VenueCapabilities>;
  readonly credentials: CcxtCredentialsProvider;
}

const KEYS = [
  "exchange",
  "account",
  "instruments",
  "baseNs",
  "clock",
  "credentials",
  "isSandbox",
  "seed",
  "urls",
  "options",
  "capabilities",
  "replaceParams",
  "timeoutMs",
  "keepAliveMs",
  "backOffMs",
  "fillsKept",
  "idsKept",
  "pollMs",
  "make",
] as const satisfies readonly (keyof CcxtOptions)[];

/** What makes a replace safe, by exchange: only while nothing is executed, only where the cancel was done. */
const REPLACE_PARAMS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  binance: { cancelReplaceMode: "STOP_ON_FAILURE", cancelRestrictions: "ONLY_NEW" },
};

/** Checks options and fills in what was left out. @throws `FAULT_CONFIG` naming the option. */
export function planCcxt(options: CcxtOptions): CcxtPlan {
  checkKeys("ccxt", options, KEYS);
  const { credentials, baseNs, clock } = options;
  if (typeof baseNs !== "bigint") {
    throw new Fault("FAULT_CONFIG", { path: "ccxt.baseNs", value: baseNs, expected: "epoch ns, a bigint" });
  }
  checkMethods("ccxt.clock", clock, ["nowNs", "after"]);
  const exchange = checkText("ccxt.exchange", options.exchange);
  const fromEnvironment = (): CcxtCredentials => readEnvironment(String(credentials));
  return {
    ...{ exchange, baseNs, clock },
    account: checkText("ccxt.account", options.account ?? "main"),
    instruments: checkArray("ccxt.instruments", options.instruments),
    credentials:
      typeof credentials === "string" ? fromEnvironment : checkFunction("ccxt.credentials", credentials),
    isSandbox: checkBoolean("ccxt.isSandbox", options.isSandbox),
    seed: checkInteger("ccxt.seed", options.seed, 0),
    urls: options.urls,
    options: options.options ?? {},
    capabilities: options.capabilities ?? {},
    replaceParams: options.replaceParams ?? REPLACE_PARAMS[exchange] ?? {},
    timeoutMs: checkInteger("ccxt.timeoutMs", options.timeoutMs ?? 4000, 1),
    keepAliveMs: checkInteger("ccxt.keepAliveMs", options.keepAliveMs ?? 5_000, 1),
    backOffMs: checkInteger("ccxt.backOffMs", options.backOffMs ?? 500, 1),
    fillsKept: checkInteger("ccxt.fillsKept", options.fillsKept ?? 50_000, 1),
    idsKept: checkInteger("ccxt.idsKept", options.idsKept ?? 20_000, 1),
    pollMs: checkInteger("ccxt.pollMs", options.pollMs ?? 1_000, 1),
  };
}

/** What the exchange class is made with: text for every number, no queue of its own, no keys yet. */
export function ccxtConfig({ options, timeoutMs, keepAliveMs }: CcxtPlan): CcxtConfig {
  return {
    number: String,
    // What the class would print may be whole messages.
    log: () => {},
    newUpdates: true,
    enableRateLimit: false,
    timeout: timeoutMs,
    options: { ...options, maxRetriesOnFailure: 0 },
    streaming: { keepAlive: keepAliveMs, maxPingPongMisses: 1.5 },
  };
}

/** Reads keys of the environment. The fault names the variable, never a value. */
function readEnvironment(prefix: string): CcxtCredentials {
  const read = (name: string): string | undefined => process.env[`${prefix}_${name}`];
  const [apiKey, secret, password, uid] = [read("API_KEY"), read("SECRET"), read("PASSWORD"), read("UID")];
  const missing = apiKey === undefined ? "API_KEY" : secret === undefined ? "SECRET" : undefined;
  if (apiKey === undefined || secret === undefined) {
    const expected = `the environment variable ${prefix}_${missing}`;
    throw new Fault("FAULT_CONFIG", { path: "ccxt.credentials", value: undefined, expected });
  }
  return {
    ...{ apiKey, secret },
    ...(password === undefined ? {} : { password }),
    ...(uid === undefined ? {} : { uid }),
  };
}
