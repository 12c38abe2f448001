import { describe, it } from "vitest";
import { BinanceOrders } from "../../src/venue/binance.ts";
import { venueConformance } from "../../src/venue/testing.ts";
import { KEY, onExchange } from "../fixtures/conformance-exchange.ts";

describe("orders over the websocket API of the loopback exchange", () => {
  const make = () =>
    onExchange(
      ({ server, terms, ccxt }) =>
        new BinanceOrders({
          ...{ ...terms, client: ccxt({ timeoutMs: 5_000 }), credentials: () => KEY, url: server.urls.wsApi },
          ...{ timeoutMs: 5_000, retryMsMin: 10, fallback: false },
        }),
    );
  for (const { name, run } of venueConformance({ make })) it(name, run, 20_000);
});
