import { describe, it } from "vitest";
import { venueConformance } from "../../src/venue/testing.ts";
import { MATCHING, onExchange } from "../fixtures/conformance-exchange.ts";

describe("ccxt's binance on the loopback exchange", () => {
  const make = () => onExchange(({ ccxt }) => ccxt({ timeoutMs: 1_500 }));
  for (const { name, run } of venueConformance({ make })) it(name, run, 20_000);
});

describe("ccxt's binance on a market where clients' orders meet", () => {
  const make = () => onExchange(({ ccxt }) => ccxt({ timeoutMs: 1_500 }), MATCHING);
  for (const { name, run } of venueConformance({ make })) it(name, run, 20_000);
});
