import ccxt from "ccxt";
import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../src/exchange/index.ts";
import type { CcxtConfig, CcxtExchange } from "../../src/venue/ccxt.ts";
import type { VenueOrderTerms } from "../../src/venue/index.ts";
import { type ConformanceVenue, venueConformance } from "../../src/venue/testing.ts";
import { onExchange } from "../fixtures/conformance-exchange.ts";

/** Checks that a stream has a part in. */
const STREAMED =
  /rests|a cancel ends|replace leaves|executions|partly|market order|answer|lost|cut|closed|key may|have to be/;

type Reduced = (exchange: CcxtExchange) => CcxtExchange;

/** ccxt's binance without websockets, or with fewer of them. */
const CLASSES: Readonly<Record<string, (config: CcxtConfig) => CcxtExchange>> = {
  "a class of REST alone": (config) => new ccxt.binance(config) as unknown as CcxtExchange,
  "a class without watchMyTrades": (config) => without("watchMyTrades")(pro(config)),
  "a class without watchOrders": (config) => without("watchOrders")(pro(config)),
};

function pro(config: CcxtConfig): CcxtExchange {
  return new ccxt.pro.binance(config) as unknown as CcxtExchange;
}

function without(name: string): Reduced {
  return (exchange) => {
    Object.assign(exchange.has, { [name]: false });
    const no = (): never => {
      throw new Error(`${name} was called`);
    };
    return Object.assign(exchange, { [name]: no });
  };
}

async function made(make: (config: CcxtConfig) => CcxtExchange): Promise<ConformanceVenue> {
  const rateLimits = { requestWeight: 10_000_000, ordersPer10s: 10_000 };
  const client = async (_id: string, config: CcxtConfig): Promise<CcxtExchange> => make(config);
  const polled = { timeoutMs: 1_500, pollMs: 15, make: client };
  const venue = await onExchange(({ ccxt }) => ccxt(polled), { rateLimits });
  return {
    ...venue,
    cut: () => void venue.server.faults.add({ kind: "errorBefore", on: "queryOrder" } as FaultRule),
  };
}

describe("ccxt's binance, asked again and again", () => {
  const make = CLASSES["a class of REST alone"] as (config: CcxtConfig) => CcxtExchange;
  const checks = venueConformance({ make: () => made(make) });
  for (const { name, run } of checks) if (STREAMED.test(name)) it(name, run, 20_000);
});

describe.each(Object.keys(CLASSES).slice(1))("%s", (name) => {
  it("is polled: executions and ends are told", async () => {
    const checks = venueConformance({
      make: () => made(CLASSES[name] as (config: CcxtConfig) => CcxtExchange),
    });
    const chosen = checks.filter((each) => /^executions|^a cancel ends/.test(each.name));
    expect(chosen.length).toBe(2);
    for (const { run } of chosen) await run();
  }, 40_000);
});

it("asks for the end of an order that no list showed open, and for the name of one whose answer was lost", async () => {
  const venue = await made(CLASSES["a class of REST alone"] as (config: CcxtConfig) => CcxtExchange);
  const { client, instrument } = venue;
  const told: string[] = [];
  let isConnected = false;
  await client.open({
    report: ({ kind, clientOrderId, lots }) =>
      void told.push(`${kind} ${clientOrderId} ${lots ?? ""}`.trim()),
    connected: () => {
      isConnected = true;
    },
    disconnected: () => void told.push("disconnected"),
    trouble: ({ words }) => void told.push(words),
  });
  await venue.until(() => isConnected);
  const terms: Omit<VenueOrderTerms, "clientOrderId" | "priceTicks"> = {
    instrument,
    side: "buy",
    type: "limit",
    timeInForce: "GTC",
    postOnly: false,
    reduceOnly: false,
    stopTicks: 0,
    lots: 40,
    displayLots: 0,
    expireNs: Number.POSITIVE_INFINITY,
  };
  venue.loseAnswer?.();
  const outcome = await client.submit({ ...terms, clientOrderId: "taker1", priceTicks: 10_100 });
  expect(outcome.outcome).toBe("unknown");
  await venue.until(() => told.some((each) => each.startsWith("trade taker1")));
  expect(told.filter((each) => each.startsWith("trade"))).toEqual(["trade taker1 40"]);
  await client.submit({ ...terms, clientOrderId: "rests1", priceTicks: 9_950 });
  await client.cancelAll(instrument);
  await venue.until(() => told.some((each) => each.startsWith("canceled rests1")));
  expect(told.filter((each) => each.startsWith("canceled"))).toEqual(["canceled rests1 40"]);
  await client.close();
  await venue.close();
}, 30_000);
