import { describe, it } from "vitest";
import { venueConformance } from "../../src/venue/testing.ts";
import { onExchange } from "../fixtures/conformance-exchange.ts";

describe("ccxt's binance on the loopback exchange", () => {
  const make = () => onExchange(({ ccxt }) => ccxt({ timeoutMs: 1_500 }));
  for (const { name, run } of venueConformance({ make })) it(name, run, 20_000);
});
