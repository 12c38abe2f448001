import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Instrument } from "../../src/model/index.ts";
import { GridText } from "../../src/venue/binance-grid-text.ts";
import { BinanceOrderFrames, NO_FRAME, type NoFrame } from "../../src/venue/binance-order-frames.ts";
import { BinanceSigner } from "../../src/venue/binance-signer.ts";
import type { VenueOrderTerms } from "../../src/venue/index.ts";
import { type Json, signatureOf } from "../fixtures/websocket-api.ts";

const KEYS = { apiKey: "K".repeat(64), secret: "the secret" };
const BTC = new Instrument({
  ...{
    symbol: "BTCUSDT",
    venue: "binance",
    tickSize: "0.01",
    lotSize: "0.00001",
    base: "BTC",
    quote: "USDT",
  },
});
const NOW_MS = 1_723_161_600_123;
const frames = new BinanceOrderFrames([BTC], new BinanceSigner(KEYS), 5_000);
const TERMS: VenueOrderTerms = {
  ...{ instrument: BTC, clientOrderId: "tw1", side: "buy", type: "limit", timeInForce: "GTC" },
  ...{ postOnly: false, reduceOnly: false, priceTicks: 6_000_005, stopTicks: 0, lots: 123 },
  ...{ displayLots: 0, expireNs: Number.POSITIVE_INFINITY },
};
const SIGNED = { apiKey: KEYS.apiKey, recvWindow: 5_000, symbol: "BTCUSDT", timestamp: NOW_MS };
const NEW = {
  ...SIGNED,
  newClientOrderId: "tw1",
  newOrderRespType: "RESULT",
  quantity: "0.00123",
  side: "BUY",
};

/** A frame's parameters, once it is known that it is signed and that they stand in their order. */
function parametersOf(frame: string | NoFrame, method: string): Json {
  const said = JSON.parse(String(frame)) as Json;
  expect([said.id, said.method, Object.keys(said)]).toEqual([7, method, ["id", "method", "params"]]);
  const { signature, ...parameters } = said.params;
  expect(signature).toBe(signatureOf(parameters, KEYS.secret));
  const names = Object.keys(parameters);
  expect(names).toEqual([...names].sort());
  return parameters;
}

const placed = (terms: Partial<VenueOrderTerms>): Json =>
  parametersOf(frames.place(7, { ...TERMS, ...terms }, NOW_MS), "order.place");

describe("a frame of an order", () => {
  it.each<[string, Partial<VenueOrderTerms>, object]>([
    ["a limit order", {}, { type: "LIMIT", price: "60000.05", timeInForce: "GTC" }],
    [
      "one that is immediate",
      { timeInForce: "IOC" },
      { type: "LIMIT", price: "60000.05", timeInForce: "IOC" },
    ],
    ["all or nothing", { timeInForce: "FOK" }, { type: "LIMIT", price: "60000.05", timeInForce: "FOK" }],
    ["one that only rests", { postOnly: true }, { type: "LIMIT_MAKER", price: "60000.05" }],
    ["at the market", { type: "market", timeInForce: "IOC", priceTicks: 0 }, { type: "MARKET" }],
    [
      "a stop",
      { type: "stop", stopTicks: 5_999_999, priceTicks: 0 },
      { type: "STOP_LOSS", stopPrice: "59999.99" },
    ],
    [
      "a stop with a limit",
      { type: "stopLimit", stopTicks: 5_999_999 },
      { type: "STOP_LOSS_LIMIT", price: "60000.05", stopPrice: "59999.99", timeInForce: "GTC" },
    ],
    [
      "one of which a part is shown",
      { displayLots: 23 },
      { type: "LIMIT", price: "60000.05", timeInForce: "GTC", icebergQty: "0.00023" },
    ],
    [
      "one that is shown whole",
      { displayLots: 123 },
      { type: "LIMIT", price: "60000.05", timeInForce: "GTC" },
    ],
  ])("%s", (_, terms, expected) => {
    expect(placed(terms)).toEqual({ ...NEW, ...expected });
  });

  it("sells, at prices and in quantities of full length", () => {
    const { side, price, quantity } = placed({ side: "sell", priceTicks: 1, lots: 900_000_000 });
    expect([side, price, quantity]).toEqual(["SELL", "0.01", "9000.00000"]);
  });

  it("cancels by our id, or by the venue's where there is none", () => {
    const cancel = (name: object): Json =>
      parametersOf(frames.cancel(7, { instrument: BTC, clientOrderId: "", ...name }, NOW_MS), "order.cancel");
    expect(cancel({ clientOrderId: "tw1", orderId: "12" })).toEqual({ ...SIGNED, origClientOrderId: "tw1" });
    expect(cancel({ orderId: "12" })).toEqual({ ...SIGNED, orderId: 12 });
  });

  it("replaces only what was canceled, and cancels only what nothing of was executed", () => {
    const replace = (name: object): Json => {
      const frame = frames.replace(7, { instrument: BTC, clientOrderId: "tw0", ...name }, TERMS, NOW_MS);
      return parametersOf(frame, "order.cancelReplace");
    };
    const safe = { cancelReplaceMode: "STOP_ON_FAILURE", cancelRestrictions: "ONLY_NEW" };
    const all = { ...NEW, ...safe, type: "LIMIT", price: "60000.05", timeInForce: "GTC" };
    expect(replace({ orderId: "12" })).toEqual({ ...all, cancelOrderId: 12 });
    expect(replace({})).toEqual({ ...all, cancelOrigClientOrderId: "tw0" });
  });

  it("is none of what the inner client has to carry, of what is off the grid, and of what nobody can", () => {
    const other = new Instrument({ ...BTC.describe(), symbol: "ETHUSDT" });
    const of = (terms: Partial<VenueOrderTerms>): string | NoFrame =>
      frames.place(7, { ...TERMS, ...terms }, NOW_MS);
    expect(of({ instrument: other })).toBe(NO_FRAME.notOurs);
    expect(of({ reduceOnly: true })).toBe(NO_FRAME.notOurs);
    expect(of({ timeInForce: "GTD" })).toBe(NO_FRAME.notOurs);
    expect(of({ clientOrderId: 'a","price":"1' })).toBe(NO_FRAME.notOurs);
    expect(of({ clientOrderId: "a".repeat(37) })).toBe(NO_FRAME.notOurs);
    expect(of({ priceTicks: 1.5 })).toBe(NO_FRAME.offGrid);
    expect(of({ priceTicks: -1 })).toBe(NO_FRAME.offGrid);
    expect(of({ lots: Number.NaN })).toBe(NO_FRAME.offGrid);
    expect(of({ type: "stop", stopTicks: 0.5 })).toBe(NO_FRAME.offGrid);
    expect(of({ displayLots: 0.5 })).toBe(NO_FRAME.offGrid);
    expect(of({ type: "stopLimit", postOnly: true, stopTicks: 1 })).toBe(NO_FRAME.unsupported);
    expect(of({ type: "market", postOnly: true })).toBe(NO_FRAME.unsupported);
    const name = { instrument: BTC, clientOrderId: "" };
    expect(frames.cancel(7, { ...name, orderId: "1,2" }, NOW_MS)).toBe(NO_FRAME.notOurs);
    expect(frames.cancel(7, { ...name, clientOrderId: '"' }, NOW_MS)).toBe(NO_FRAME.notOurs);
    expect(frames.cancel(7, { ...name, instrument: other, orderId: "1" }, NOW_MS)).toBe(NO_FRAME.notOurs);
    expect(frames.replace(7, name, TERMS, NOW_MS)).toBe(NO_FRAME.notOurs);
    expect(frames.replace(7, { ...name, orderId: "x" }, TERMS, NOW_MS)).toBe(NO_FRAME.notOurs);
  });
});

describe("texts of numbers", () => {
  it("are those of the instrument, for every grid", () => {
    const steps = fc.tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 0, max: 8 }));
    const counts = fc.oneof(fc.integer({ min: 0, max: 1_000_000_000 }), fc.maxSafeNat());
    fc.assert(
      fc.property(steps, counts, ([digits, scale], count) => {
        const padded = String(digits).padStart(scale + 1, "0");
        const at = padded.length - scale;
        const step = scale === 0 ? padded : `${padded.slice(0, at)}.${padded.slice(at)}`;
        const instrument = new Instrument({ ...BTC.describe(), tickSize: "1", lotSize: step, quote: "USDT" });
        expect(new GridText(step).text(count)).toBe(instrument.formatQuantity(count));
      }),
      { numRuns: 500 },
    );
    for (const odd of [-1, 0.5, Number.NaN, 2 ** 53]) expect(new GridText("0.1").text(odd)).toBeUndefined();
  });
});

describe("signatures", () => {
  it("are HMAC-SHA256 of every payload under every key, one after another", () => {
    const ascii = (max: number) => fc.string({ maxLength: max, unit: "grapheme-ascii" });
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 150 }),
        fc.array(ascii(5_000), { maxLength: 4 }),
        (secret, payloads) => {
          const signer = new BinanceSigner({ apiKey: "k", secret });
          for (const payload of [...payloads, "", "x".repeat(4_096), "x".repeat(4_097)]) {
            expect(signer.sign(payload)).toBe(createHmac("sha256", secret).update(payload).digest("hex"));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
