import { checkText, Fault } from "../base/index.ts";

/** A value that an exchange class writes as text, since it is made with `number: String`. */
export type CcxtText = string | number | undefined | null;

/** An order as an exchange class of ccxt tells it; only what is read here. */
export interface CcxtOrder {
  readonly id?: string | null;
  readonly clientOrderId?: string | null;
  readonly symbol?: string | null;
  readonly status?: string | null;
  readonly side?: string | null;
  readonly type?: string | null;
  readonly price?: CcxtText;
  readonly amount?: CcxtText;
  readonly filled?: CcxtText;
  readonly timestamp?: CcxtText;
  readonly lastUpdateTimestamp?: CcxtText;
  readonly lastTradeTimestamp?: CcxtText;
  readonly info?: Readonly<Record<string, unknown>>;
}

/** An execution of one's own, or a public trade. */
export interface CcxtTrade {
  readonly id?: string | null;
  readonly order?: string | null;
  readonly clientOrderId?: string | null;
  readonly symbol?: string | null;
  readonly side?: string | null;
  readonly price?: CcxtText;
  readonly amount?: CcxtText;
  readonly timestamp?: CcxtText;
  readonly takerOrMaker?: string | null;
  readonly fee?: { readonly currency?: string | null; readonly cost?: CcxtText } | null;
  readonly info?: Readonly<Record<string, unknown>>;
}

/** A market, as `loadMarkets` gives it. */
export interface CcxtMarket {
  readonly id: string;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly settle?: string | null;
  readonly type?: string;
  readonly contract?: boolean;
  readonly linear?: boolean | null;
  readonly inverse?: boolean | null;
  readonly contractSize?: CcxtText;
  readonly active?: boolean | null;
  readonly precision: { readonly price?: CcxtText; readonly amount?: CcxtText };
  readonly limits: {
    readonly amount?: { readonly min?: CcxtText; readonly max?: CcxtText };
    readonly price?: { readonly min?: CcxtText; readonly max?: CcxtText };
    readonly cost?: { readonly min?: CcxtText; readonly max?: CcxtText };
  };
  readonly maker?: CcxtText;
  readonly taker?: CcxtText;
  /** The market as the exchange wrote it. */
  readonly info?: Readonly<Record<string, unknown>>;
}

/** A socket of an exchange class. */
export interface CcxtSocket {
  future?(messageHash: string): Promise<unknown>;
  readonly futures?: Readonly<Record<string, unknown>>;
  readonly connection?: { readonly readyState?: number; terminate?(): void } | null;
  readonly error?: unknown;
  readonly connected?: unknown;
  future?(hash: string): unknown;
}

/** An answer of HTTP whose body is still to be read. */
export interface CcxtBody {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: { destroy(error: Error): unknown };
}

/** Further parameters of a request. */
export type CcxtParams = Readonly<Record<string, unknown>>;

/** An exchange class of ccxt, as far as it is used here. */
export interface CcxtExchange {
  readonly id: string;
  readonly has: Readonly<Record<string, unknown>>;
  urls: Record<string, unknown>;
  options: Record<string, unknown>;
  timeout: number;
  precisionMode: number;
  markets?: Readonly<Record<string, CcxtMarket>>;
  markets_by_id?: Readonly<Record<string, readonly CcxtMarket[]>>;
  orders?: readonly CcxtOrder[] | undefined;
  myTrades?: readonly CcxtTrade[] | undefined;
  clients?: Readonly<Record<string, CcxtSocket>>;
  apiKey?: string;
  secret?: string;
  password?: string;
  uid?: string;
  setSandboxMode(isOn: boolean): void;
  loadMarkets(reload?: boolean): Promise<unknown>;
  loadHttpProxyAgent?(): Promise<unknown>;
  fetchTime?(): Promise<number>;
  readonly timeframes?: Readonly<Record<string, unknown>>;
  readonly features?: Readonly<Record<string, unknown>>;
  /** Of the last answer, by names such as `Retry-After`. */
  last_response_headers?: Readonly<Record<string, string>> | undefined;
  fetchOHLCV?(
    symbol: string,
    timeframe: string,
    since?: number,
    limit?: number,
    params?: CcxtParams,
  ): Promise<readonly (readonly CcxtText[])[]>;
  fetchTrades?(
    symbol: string,
    since?: number,
    limit?: number,
    params?: CcxtParams,
  ): Promise<readonly CcxtTrade[]>;
  loadTimeDifference?(): Promise<unknown>;
  handleMessage(socket: unknown, message: unknown): unknown;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price: string | undefined,
    params: CcxtParams,
  ): Promise<CcxtOrder>;
  editOrder(
    id: string,
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price: string | undefined,
    params: CcxtParams,
  ): Promise<CcxtOrder>;
  cancelOrder(id: string | undefined, symbol: string, params: CcxtParams): Promise<CcxtOrder>;
  cancelAllOrders(symbol: string | undefined, params: CcxtParams): Promise<unknown>;
  fetchOrder(id: string | undefined, symbol: string, params: CcxtParams): Promise<CcxtOrder>;
  fetchOpenOrders(
    symbol: string | undefined,
    since?: number,
    limit?: number,
    params?: CcxtParams,
  ): Promise<readonly CcxtOrder[]>;
  fetchMyTrades(
    symbol: string,
    since?: number,
    limit?: number,
    params?: CcxtParams,
  ): Promise<readonly CcxtTrade[]>;
  fetchBalance(params?: CcxtParams): Promise<Readonly<Record<string, unknown>>>;
  fetchPositions(
    symbols?: readonly string[],
    params?: CcxtParams,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  watchOrders(symbol?: string, since?: number, limit?: number, params?: CcxtParams): Promise<unknown>;
  watchMyTrades(symbol?: string, since?: number, limit?: number, params?: CcxtParams): Promise<unknown>;
  /** The socket of an address, made where there is none. */
  client?(url: string): CcxtSocket;
  fetch?(...asked: readonly unknown[]): Promise<unknown>;
  undiciBody?(answer: CcxtBody, binary?: boolean): Promise<unknown>;
  /** What single exchanges have beyond what all have: Binance's account, and what its key may do. */
  privateGetAccount?(params?: CcxtParams): Promise<Readonly<Record<string, unknown>>>;
  sapiGetAccountApiRestrictions?(params?: CcxtParams): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<unknown>;
}

/** What an exchange class is made with. */
export type CcxtConfig = Readonly<Record<string, unknown>>;

/** Loads an exchange class and makes one: with websockets where the library has them. */
export type CcxtMaker = (id: string, config: CcxtConfig) => Promise<CcxtExchange>;

/**
 * Makes an exchange class of the optional peer ccxt.
 *
 * @throws `FAULT_PEER_MISSING` saying what to install; `FAULT_CONFIG` for an exchange it does not have
 */
export async function makeCcxt(id: string, config: CcxtConfig): Promise<CcxtExchange> {
  checkText("ccxt.exchange", id);
  const library = (await load()) as object as {
    readonly default?: { readonly pro?: Record<string, unknown> } & Record<string, unknown>;
    readonly pro?: Record<string, unknown>;
  } & Record<string, unknown>;
  const pro = library.pro ?? library.default?.pro ?? {};
  const made = pro[id] ?? library.default?.[id];
  const known = library.default?.["exchanges"];
  if (typeof made !== "function" || (Array.isArray(known) && !known.includes(id))) {
    const expected = "the id of an exchange that ccxt has, such as binance";
    throw new Fault("FAULT_CONFIG", { path: "ccxt.exchange", value: id, expected });
  }
  const Exchange = made as new (config: CcxtConfig) => CcxtExchange;
  return new Exchange(config);
}

async function load(): Promise<object> {
  try {
    return await import("ccxt");
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = "the optional peer ccxt: npm install ccxt";
    throw new Fault("FAULT_PEER_MISSING", { path: "ccxt", value, expected, cause });
  }
}
