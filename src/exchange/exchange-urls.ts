import { Fault } from "../base/index.ts";

/** Where a server is reached. */
export interface ExchangeUrls {
  /** The root of the REST paths, without a slash at its end. */
  readonly rest: string;
  /** Raw streams, combined streams, the websocket API. */
  readonly ws: string;
  readonly stream: string;
  readonly wsApi: string;
}

/**
 * Where an `ExchangeServer` is reached, from its origin alone: for a desk in another process.
 *
 * @throws `FAULT_INPUT` unless it is the origin of an HTTP server
 * @example
 * ```ts
 * import { exchangeUrls } from "tickwright/exchange";
 * exchangeUrls("http://127.0.0.1:8080").stream; // => "ws://127.0.0.1:8080/stream"
 * ```
 */
export function exchangeUrls(origin: string): ExchangeUrls {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "") {
    throw new Fault("FAULT_INPUT", {
      path: "origin",
      value: origin,
      expected: "such as http://127.0.0.1:8080",
    });
  }
  const rest = url.origin;
  const sockets = rest.replace(/^http/, "ws");
  return { rest, ws: `${sockets}/ws`, stream: `${sockets}/stream`, wsApi: `${sockets}/ws-api/v3` };
}

/** What ccxt's `binance` takes as `urls`, so that it trades there. @throws as {@link exchangeUrls} */
export function exchangeCcxtUrls(origin: string): { readonly api: Readonly<Record<string, unknown>> } {
  const { rest, ws, wsApi } = exchangeUrls(origin);
  const v3 = `${rest}/api/v3`;
  return {
    api: {
      public: v3,
      private: v3,
      v1: `${rest}/api/v1`,
      sapi: `${rest}/sapi/v1`,
      sapiV2: `${rest}/sapi/v2`,
      sapiV3: `${rest}/sapi/v3`,
      sapiV4: `${rest}/sapi/v4`,
      ws: { spot: ws, margin: ws, "ws-api": { spot: wsApi } },
    },
  };
}
