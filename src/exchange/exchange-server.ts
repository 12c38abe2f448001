import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import { checkBoolean, checkInteger, Fault } from "../base/index.ts";
import { ApiConnection } from "./api-connection.ts";
import type { ApiKey } from "./api-keys.ts";
import type { ControlReach } from "./control-door.ts";
import { Exchange } from "./exchange.ts";
import { ExchangeFaults } from "./exchange-faults.ts";
import { checkAmount, type ExchangeAccountOptions, type ExchangeOptions } from "./exchange-options.ts";
import { type AccountTruth, accountTruth, conservationTroubles } from "./exchange-truth.ts";
import { type ExchangeUrls, exchangeCcxtUrls, exchangeUrls } from "./exchange-urls.ts";
import { answerHttp, type HttpDoorParts } from "./http-door.ts";
import { passFaults } from "./request-faults.ts";
import type { Route } from "./route.ts";
import { ACCOUNT_ROUTES } from "./routes-account.ts";
import { LIST_ROUTES } from "./routes-lists.ts";
import { MARKET_ROUTES } from "./routes-market.ts";
import { ORDER_ROUTES } from "./routes-order.ts";
import { StreamConnection, type StreamSources } from "./stream-connection.ts";
import type { DrivenMarket } from "./symbol-market.ts";
import { SymbolStreams } from "./symbol-streams.ts";
import { UserStreams } from "./user-streams.ts";

/** What a server is made from, beside its exchange. */
export interface ExchangeServerOptions extends ExchangeOptions {
  /** 0, which takes any that is free, unless given. */
  readonly port?: number;
  /** How often the exchange catches up with its clock unasked; 0 leaves it to calls of `advance`. 5. @units ms */
  readonly everyMs?: number;
  /** How often clients are pinged; one that does not answer until the next ping is cut off. 20,000. @units ms */
  readonly pingMs?: number;
  /** How long a request may take to arrive, headers and body; 10,000. @units ms */
  readonly requestMs?: number;
  /** Whether faults may be asked for over HTTP too, under `/control/`; false. */
  readonly control?: boolean;
}

type WsModule = typeof import("ws");

const FRAME_BYTES_MAX = 256 * 1024;

/**
 * A loopback exchange: Binance's spot REST and websocket protocol over a simulated venue, for rehearsals and tests. It
 * listens on 127.0.0.1 only.
 *
 * @invariant Money is conserved: see `conservation`.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_PEER_MISSING` from `start` without `ws`; `FAULT_IO` where the port
 * is taken
 * @cost One process: the venue's time, all requests and all streams share its thread.
 */
export class ExchangeServer {
  readonly faults: ExchangeFaults;
  readonly #exchange: Exchange;
  readonly #options: ExchangeServerOptions;
  readonly #users: UserStreams;
  readonly #symbols: Map<string, SymbolStreams> = new Map();
  readonly #routes: Readonly<Record<string, Route>>;
  readonly #connections: Set<StreamConnection | ApiConnection> = new Set();
  readonly #alive: WeakSet<WebSocket> = new WeakSet();
  readonly #sockets: Set<Socket> = new Set();
  readonly #timers: Set<NodeJS.Timeout> = new Set();
  #isDown = false;
  #http: Server | undefined;
  #websockets: WebSocketServer | undefined;
  #pump: NodeJS.Timeout | undefined;
  #pinger: NodeJS.Timeout | undefined;

  constructor(options: ExchangeServerOptions) {
    const { port, everyMs, pingMs, requestMs, control, ...exchange } = options;
    checkBoolean("exchange.control", control ?? false);
    checkInteger("exchange.port", port ?? 0, 0, 65_535);
    checkInteger("exchange.everyMs", everyMs ?? 5, 0, 60_000);
    checkInteger("exchange.pingMs", pingMs ?? 20_000, 10, 600_000);
    checkInteger("exchange.requestMs", requestMs ?? 10_000, 10, 600_000);
    this.#options = options;
    this.#exchange = new Exchange(exchange);
    this.#users = new UserStreams(this.#exchange);
    for (const [name, { market }] of this.#exchange.listings) {
      this.#symbols.set(name.toLowerCase(), new SymbolStreams(market, this.#exchange));
    }
    this.#routes = {
      ...MARKET_ROUTES,
      ...ORDER_ROUTES,
      ...LIST_ROUTES,
      ...ACCOUNT_ROUTES,
      ...this.#users.routes(),
    };
    this.faults = new ExchangeFaults(options.seed ?? 1, {
      clockOffset: (ms) => {
        this.#exchange.time.offsetMs = ms;
      },
      loseListenKeys: () => this.#users.loseKeys(),
      dropStreams: () => this.#cut(),
      freezeStreams: () => {
        for (const { outlet } of this.#connections) outlet.freeze();
      },
      restart: (keepOrders, downMs) => this.#restart(keepOrders, downMs),
      maintenance: (on) => {
        this.#exchange.isInMaintenance = on;
        if (on) this.#cut();
      },
    });
  }

  /** Listens; gives where. */
  async start(): Promise<ExchangeUrls> {
    const ws = await loadWs();
    const parts: HttpDoorParts = {
      exchange: this.#exchange,
      routes: this.#routes,
      faults: this.faults,
      later: (ms, work) => this.#later(ms, work),
      control: this.#control(),
    };
    const requestTimeout = this.#options.requestMs ?? 10_000;
    const bounds = { requestTimeout, headersTimeout: requestTimeout };
    const every = { connectionsCheckingInterval: Math.min(1_000, requestTimeout) };
    const http = createServer({ ...bounds, ...every }, (request, response) => {
      answerHttp(parts, request, response).catch(() => response.destroy());
    });
    http.on("connection", (socket: Socket) => {
      if (this.#isDown) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#websockets = new ws.WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX });
    http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http = http;
    await listen(http, this.#options.port ?? 0);
    const everyMs = this.#options.everyMs ?? 5;
    if (everyMs > 0) this.#pump = setInterval(() => this.#exchange.advance(), everyMs);
    this.#pinger = setInterval(() => this.#ping(), this.#options.pingMs ?? 20_000);
    return this.urls;
  }

  #control(): ControlReach | undefined {
    if (this.#options.control !== true) return undefined;
    return {
      faults: this.faults,
      truth: (account) => this.truth(account),
      conservation: () => this.conservation(),
    };
  }

  /** Where it listens. @throws `FAULT_IO` before `start` */
  get urls(): ExchangeUrls {
    const address = this.#http?.address() as AddressInfo | null | undefined;
    if (address === null || address === undefined) {
      throw new Fault("FAULT_IO", { path: "exchange", value: "not started", expected: "start() first" });
    }
    return exchangeUrls(`http://127.0.0.1:${address.port}`);
  }

  /** What ccxt's `binance` takes as `urls`, so that it trades here. */
  ccxtUrls(): { readonly api: Readonly<Record<string, unknown>> } {
    return exchangeCcxtUrls(this.urls.rest);
  }

  /** A market, for a driver. @throws `FAULT_INPUT` where there is none of that name */
  market(symbol: string): DrivenMarket {
    const listing = this.#exchange.listings.get(symbol);
    if (listing !== undefined) return listing.market;
    const expected = `one of ${this.symbols.join(", ")}`;
    throw new Fault("FAULT_INPUT", { path: "exchange.symbol", value: symbol, expected });
  }

  /** Brings the exchange up to its clock; false where more is left for the next call. */
  advance(): boolean {
    return this.#exchange.advance();
  }

  /** Opens one more account; gives its first key. */
  openAccount(options: ExchangeAccountOptions): ApiKey {
    return this.#exchange.open(options);
  }

  /** Pays into an account; below 0 (`-12.5`) out of it. */
  deposit(account: string, asset: string, amount: string): void {
    const isOut = amount.startsWith("-");
    const units = checkAmount("exchange.deposit", isOut ? amount.slice(1) : amount);
    this.#exchange.deposit(this.#account(account), asset, isOut ? -units : units);
  }

  /** The keys of an account, in the order they were given. */
  keys(account: string): ApiKey[] {
    const held = this.#account(account);
    return [...this.#exchange.keys.values()]
      .filter((key) => key.account === held)
      .map(({ apiKey, secret }) => ({ apiKey, secret }));
  }

  #account(name: string) {
    const account = this.#exchange.bank.accounts.get(name);
    if (account !== undefined) return account;
    const expected = `one of ${[...this.#exchange.bank.accounts.keys()].join(", ")}`;
    throw new Fault("FAULT_INPUT", { path: "exchange.account", value: name, expected });
  }

  /** What is true of an account, whatever its client was told. */
  truth(account: string): AccountTruth {
    return accountTruth(this.#exchange, this.#account(account));
  }

  /** What is wrong with the exchange's money now; empty where all of it is there, and locked for open orders only. */
  conservation(): string[] {
    return conservationTroubles(this.#exchange);
  }

  /** The symbols that are listed. */
  get symbols(): string[] {
    return [...this.#exchange.listings.keys()];
  }

  /** Ends everything: websockets, connections, timers. */
  async close(): Promise<void> {
    clearInterval(this.#pump);
    clearInterval(this.#pinger);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#cut();
    for (const socket of this.#sockets) socket.destroy();
    const http = this.#http;
    this.#http = undefined;
    if (http !== undefined) await new Promise<void>((resolve) => http.close(() => resolve()));
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #cut(): void {
    for (const connection of [...this.#connections]) {
      connection.end();
      connection.outlet.socket.terminate();
    }
    this.#connections.clear();
  }

  #restart(keepOrders: boolean, downMs: number): void {
    this.#cut();
    this.#isDown = downMs > 0;
    if (this.#isDown) {
      this.#later(downMs, () => {
        this.#isDown = false;
      });
    }
    for (const socket of this.#sockets) socket.destroy();
    this.#users.loseKeys();
    if (keepOrders) return;
    for (const account of this.#exchange.bank.accounts.values()) {
      for (const { desk } of this.#exchange.listings.values()) {
        for (const order of [...desk.orders.open(account)]) desk.cancel(order);
      }
    }
    this.#exchange.tellBalances();
  }

  #ping(): void {
    for (const { outlet } of this.#connections) {
      if (outlet.isFrozen) continue;
      const { socket } = outlet;
      if (!this.#alive.has(socket)) socket.terminate();
      this.#alive.delete(socket);
      socket.ping(`${this.#exchange.time.wireMs}`);
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = targetOf(request.url ?? "/");
    if (target === undefined || this.faults.maintenance) {
      const words = target === undefined ? "404 Not Found" : "503 Service Unavailable";
      // The server hears nothing of this socket any more: its errors are ours, and its end too.
      socket.on("error", () => socket.destroy());
      socket.end(`HTTP/1.1 ${words}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
      return;
    }
    this.#websockets?.handleUpgrade(request, socket, head, (client) => {
      this.#exchange.advance();
      const connection = target.isApi ? this.#apiConnection(client) : this.#streams(client, target);
      this.#connections.add(connection);
      this.#alive.add(client);
      client.on("pong", () => this.#alive.add(client));
      client.on("close", () => this.#connections.delete(connection));
    });
  }

  #streams(client: WebSocket, target: Target): StreamConnection {
    const sources: StreamSources = { symbols: this.#symbols, users: this.#users };
    const connection = new StreamConnection(client, this.faults, sources, target.isCombined);
    for (const name of target.names) connection.subscribe(name);
    return connection;
  }

  #apiConnection(client: WebSocket): ApiConnection {
    const connection = new ApiConnection(client, this.faults, {
      exchange: this.#exchange,
      routes: this.#routes,
      users: this.#users,
      around: (about, run, send, refuse) => {
        let answer: string | undefined;
        passFaults(
          this.faults,
          this.#exchange.limits,
          {
            about,
            run: () => {
              answer = run();
            },
            answer: () => send(answer),
            refuse: (error) => send(refuse(error)),
            spoil: (how) => {
              if (how === "bloat") connection.outlet.bloat(answer ?? "");
              else send(answer?.slice(0, Math.floor(answer.length / 2)));
            },
            drop: () => client.terminate(),
          },
          (ms, work) => this.#later(ms, work),
        );
      },
    });
    return connection;
  }
}

/** What a websocket is opened for. */
interface Target {
  readonly isApi: boolean;
  readonly isCombined: boolean;
  readonly names: readonly string[];
}

function targetOf(address: string): Target | undefined {
  if (!URL.canParse(address, "ws://127.0.0.1")) return undefined;
  const url = new URL(address, "ws://127.0.0.1");
  const { pathname } = url;
  if (pathname === "/ws-api/v3") return { isApi: true, isCombined: false, names: [] };
  if (pathname === "/stream") {
    const names = (url.searchParams.get("streams") ?? "").split("/").filter((name) => name !== "");
    return { isApi: false, isCombined: true, names };
  }
  if (pathname !== "/ws" && !pathname.startsWith("/ws/")) return undefined;
  const names = pathname
    .slice("/ws/".length)
    .split("/")
    .filter((name) => name !== "");
  return { isApi: false, isCombined: false, names };
}

async function listen(http: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once("error", (cause) => {
      const expected = "a port that is free";
      reject(new Fault("FAULT_IO", { path: "exchange.port", value: port, expected, cause }));
    });
    http.listen(port, "127.0.0.1", () => resolve());
  });
}

async function loadWs(): Promise<WsModule> {
  try {
    return await import("ws");
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = "the optional peer ws: npm install ws";
    throw new Fault("FAULT_PEER_MISSING", { path: "ws", value, expected, cause });
  }
}
