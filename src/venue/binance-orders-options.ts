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
import { type BinanceKeySource, type BinanceKeys, readBinanceKeys } from "./binance-keys.ts";
import { checkUrl } from "./binance-options.ts";
import type { VenueClient } from "./venue-client.ts";
import type { VenueClock } from "./venue-clock.ts";

/** Gives the keys of an account when a client opens. */
export type BinanceKeysProvider = () => BinanceKeys | Promise<BinanceKeys>;

/** What a `BinanceOrders` is made from. */
export interface BinanceOrdersOptions {
  /** Does everything but orders, and orders that this client cannot carry: ccxt's, of the same account. */
  readonly client: VenueClient;
  /** What is traded, by Binance's own symbols: the inner client's. Orders in others are the inner client's. */
  readonly instruments: readonly Instrument[];
  /** Epoch ns that times count from: the session's. */
  readonly baseNs: bigint;
  /** Steady time and timers, from the same base. */
  readonly clock: VenueClock;
  /**
   * Where keys come from: a function, the prefix of environment variables (`BINANCE` reads `BINANCE_API_KEY` and
   * `BINANCE_SECRET`), or a file that only this user may read. There is no option for a key itself.
   */
  readonly credentials: BinanceKeysProvider | BinanceKeySource;
  /** What jitter of waits is drawn with. */
  readonly seed: number;
  /** The websocket API; Binance's own unless given. */
  readonly url?: string;
  /**
   * Whether new orders and replaces go over the inner client while there is no connection: true unless given, since an
   * order that is late by less than a millisecond is better than none. False answers `notSent`. Cancels always go.
   */
  readonly fallback?: boolean;
  /** How old a request may be when it arrives; 5,000 unless given. @units ms */
  readonly recvWindowMs?: number;
  /** Until an answer, or a connection, is given up; 4,000 unless given. @units ms */
  readonly timeoutMs?: number;
  /** Requests that wait for an answer; more are `VENUE_BUSY`. 1,000 unless given. */
  readonly requestsMax?: number;
  /** Between two readings of the venue's clock; 10 min unless given. @units ms */
  readonly clockEveryMs?: number;
  /** How often a ping is sent; 1,000 unless given. @units ms */
  readonly heartbeatMs?: number;
  /** A connection that is silent for so long, pongs included, is given up; 5,000 unless given. @units ms */
  readonly silenceMs?: number;
  /** When a connection is replaced, before Binance ends it at 24 h; 23 h unless given, 0: never. @units ms */
  readonly renewMs?: number;
  /** The first and the longest wait before connecting again; 250 and 30,000. @units ms */
  readonly retryMsMin?: number;
  readonly retryMsMax?: number;
  /** A longer message ends the connection; 64 KiB unless given. @units bytes */
  readonly frameBytesMax?: number;
}

/** {@link BinanceOrdersOptions} with every default in place. */
export interface BinanceOrdersPlan extends Required<Omit<BinanceOrdersOptions, "credentials">> {
  readonly credentials: BinanceKeysProvider;
}

const DEFAULTS = {
  url: "wss://ws-api.binance.com:443/ws-api/v3",
  fallback: true,
  recvWindowMs: 5_000,
  timeoutMs: 4_000,
  requestsMax: 1_000,
  clockEveryMs: 600_000,
  heartbeatMs: 1_000,
  silenceMs: 5_000,
  renewMs: 23 * 3_600_000,
  retryMsMin: 250,
  retryMsMax: 30_000,
  frameBytesMax: 65_536,
} as const;
const NEEDED = ["client", "instruments", "baseNs", "clock", "credentials", "seed"];
const METHODS = ["open", "submit", "cancel", "replace", "cancelAll", "queryOrder", "query", "close"] as const;
const SYMBOL = /^[A-Z0-9_.-]{1,20}$/;
const PATH = "orders";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIB = 1024 * 1024;

/** Checks options and fills in what was left out. @throws `FAULT_CONFIG` naming the option */
export function planOrders(options: BinanceOrdersOptions): BinanceOrdersPlan {
  checkKeys(PATH, options, [...NEEDED, ...Object.keys(DEFAULTS)]);
  const plan = { ...DEFAULTS, ...options };
  if (typeof plan.baseNs !== "bigint") throw wrong("baseNs", plan.baseNs, "epoch ns, a bigint");
  checkMethods(`${PATH}.clock`, plan.clock, ["nowNs", "after"]);
  checkMethods(`${PATH}.client`, plan.client, METHODS);
  for (const [i, { symbol }] of checkArray(`${PATH}.instruments`, plan.instruments).entries()) {
    if (SYMBOL.test(symbol)) continue;
    throw wrong(`instruments[${i}].symbol`, symbol, "a symbol as Binance writes it, such as BTCUSDT");
  }
  checkUrl(`${PATH}.url`, plan.url, ["ws:", "wss:"]);
  checkBoolean(`${PATH}.fallback`, plan.fallback);
  const whole = (
    name: Exclude<keyof typeof DEFAULTS, "url" | "fallback">,
    least: number,
    most: number,
  ): void => void checkInteger(`${PATH}.${name}`, plan[name], least, most);
  checkInteger(`${PATH}.seed`, plan.seed, 0);
  whole("recvWindowMs", 1, 60_000);
  whole("timeoutMs", 1, HOUR);
  whole("requestsMax", 1, 100_000);
  whole("clockEveryMs", 100, DAY);
  whole("heartbeatMs", 1, HOUR);
  whole("silenceMs", plan.heartbeatMs + 1, HOUR);
  whole("renewMs", 0, DAY);
  whole("retryMsMin", 1, HOUR);
  whole("retryMsMax", plan.retryMsMin, HOUR);
  whole("frameBytesMax", 1_024, 16 * MIB);
  return { ...plan, credentials: providerOf(plan.credentials) };
}

function providerOf(credentials: BinanceOrdersOptions["credentials"]): BinanceKeysProvider {
  const path = `${PATH}.credentials`;
  if (typeof credentials === "function") return checkFunction(path, credentials);
  if (typeof credentials === "string") checkText(path, credentials);
  else {
    checkKeys(path, credentials, ["file"]);
    checkText(`${path}.file`, credentials.file);
  }
  return () => readBinanceKeys(path, credentials);
}

function wrong(name: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_CONFIG", { path: `${PATH}.${name}`, value, expected });
}
