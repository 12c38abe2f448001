import { describe, expect, it } from "vitest";
import { Ledger } from "../../src/ledger/index.ts";
import { Instrument, money } from "../../src/model/index.ts";

const made = (symbol: string, base: string, quote = "USDT", venue = "x"): Instrument =>
  new Instrument({ symbol, venue, tickSize: "0.01", lotSize: "0.001", base, quote });
const BTC = made("BTCUSDT", "BTC");
const usdt = (units: bigint) => money(units * 100_000_000n, "USDT");
const ledgerOf = (instruments: readonly Instrument[], cash = [usdt(1_000n)]): Ledger =>
  new Ledger({ instruments, cash, reporting: "USDT" });

describe("cash in a base currency", () => {
  it("is there without being listed, begins at 0, and takes fees", () => {
    const ledger = ledgerOf([BTC]);
    expect(ledger.currencies).toEqual(["USDT", "BTC"]);
    expect([ledger.isListed("USDT"), ledger.isListed("BTC"), ledger.isListed("ETH")]).toEqual([
      true,
      false,
      false,
    ]);
    ledger.fill(0, 1, 10_000, 5, 0n);
    ledger.charge(0, "BTC", 500n);
    expect([ledger.cashMinor("BTC"), ledger.otherFeesMinor("BTC"), ledger.feesMinor(0)]).toEqual([
      -500n,
      500n,
      0n,
    ]);
    ledger.charge(0, "BTC", -500n);
    expect([ledger.cashMinor("BTC"), ledger.otherFeesMinor("BTC")]).toEqual([0n, 0n]);
    ledger.charge(0, "USDT", 7n);
    expect([ledger.feesMinor(0), ledger.otherFeesMinor("USDT")]).toEqual([7n, 0n]);
    expect(() => ledger.charge(0, "ETH", 1n)).toThrow(/one of USDT, BTC/);
  });

  it("is worth what the mark says: nothing before the first, a rate before any mark", () => {
    const ledger = ledgerOf([BTC], [usdt(1_000n), money(200_000_000n, "BTC")]);
    expect(ledger.equityMinor()).toBe(1_000_00_000_000n);
    ledger.mark(0, 10_000.5);
    expect(ledger.equityMinor()).toBe(1_000_00_000_000n + 2n * 100_00_500_000n);
    ledger.conversion.setRate("BTC", 90n, 1n);
    expect(ledger.equityMinor()).toBe(1_000_00_000_000n + 2n * 90_00_000_000n);
  });

  it("of nobody's rate and no instrument's base is a fault, as ever", () => {
    const ledger = ledgerOf([BTC], [usdt(1_000n), money(1n, "EUR")]);
    expect([ledger.isValued("EUR"), ledger.isValued("BTC"), ledger.isValued("USDT")]).toEqual([
      false,
      true,
      true,
    ]);
    expect(() => ledger.equityMinor()).toThrow(/a rate from EUR to USDT/);
  });

  it("reconciles with profit and fees at the marks", () => {
    const ledger = ledgerOf([BTC]);
    ledger.fill(0, 1, 10_000, 50, 3n);
    ledger.charge(0, "BTC", 5_000n);
    ledger.mark(0, 12_000);
    const { realizedMinor, unrealizedMinor, feesMinor } = ledger.totals();
    expect(feesMinor).toBe(3n + 5_000n * 120n);
    expect(ledger.equityMinor() - 1_000_00_000_000n).toBe(realizedMinor + unrealizedMinor - feesMinor);
  });

  it("outlives JSON; a snapshot of before there was such cash is taken as well", () => {
    const ledger = ledgerOf([BTC]);
    const before = ledger.snapshot();
    expect(before.cash).toEqual({ USDT: "100000000000" });
    expect("otherFees" in before).toBe(false);
    ledger.fill(0, 1, 10_000, 5, 0n);
    ledger.charge(0, "BTC", 500n);
    const saved = JSON.parse(JSON.stringify(ledger.snapshot()));
    const again = ledgerOf([BTC]);
    again.restore(saved);
    expect(again.snapshot()).toEqual(saved);
    expect(again.otherFeesMinor("BTC")).toBe(500n);
    again.restore(before);
    expect(again.snapshot()).toEqual(before);
    expect(() => again.restore({ ...before, cash: { USDT: "1", ETH: "1" } })).toThrow(/cash in USDT, BTC/);
    expect(() => again.restore({ ...before, cash: { BTC: "1" } })).toThrow(/cash in USDT, BTC/);
    expect(() => again.restore({ ...before, otherFees: { ETH: "1" } })).toThrow(/cash in USDT, BTC/);
  });
});

describe("lots that can be delivered", () => {
  it("are the position, less fees in the base currency, with what is owned beside it", () => {
    const ledger = ledgerOf([BTC], [usdt(1_000n), money(150_000n, "BTC")]);
    expect(ledger.deliverableLots(0)).toBe(1);
    ledger.fill(0, 1, 10_000, 5, 0n);
    expect(ledger.deliverableLots(0)).toBe(6);
    ledger.charge(0, "BTC", 50_001n);
    expect(ledger.deliverableLots(0)).toBe(5);
    ledger.charge(0, "BTC", 1_000_000n);
    expect(ledger.deliverableLots(0)).toBe(0);
  });

  it("count what other instruments of the venue bought and sold in the same currency", () => {
    const ledger = ledgerOf([BTC, made("BTCFDUSD", "BTC", "USDT"), made("BTCUSDT", "BTC", "USDT", "y")]);
    ledger.fill(0, 1, 10_000, 5, 0n);
    ledger.fill(1, -1, 10_000, 2, 0n);
    ledger.fill(2, 1, 10_000, 9, 0n);
    expect([0, 1, 2].map((i) => ledger.deliverableLots(i))).toEqual([3, 3, 9]);
  });

  it("of an instrument without a base currency are its position, and none where that is short", () => {
    const abc = new Instrument({ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USDT" });
    const ledger = ledgerOf([abc]);
    ledger.fill(0, 1, 100, 4, 0n);
    expect(ledger.deliverableLots(0)).toBe(4);
    ledger.fill(0, -1, 100, 9, 0n);
    expect(ledger.deliverableLots(0)).toBe(0);
  });
});
