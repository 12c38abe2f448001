import { describe, expect, it } from "vitest";
import {
  addMoney,
  checkMoney,
  currency,
  formatMoney,
  type Money,
  money,
  moneyToNumber,
  parseMoney,
  scaleMoney,
  subtractMoney,
  toCurrency,
} from "../../src/model/index.ts";

describe("currencies", () => {
  it.each([
    ["USD", 2],
    ["JPY", 0],
    ["USDT", 8],
    ["BTC", 8],
    ["constructor", 8],
    ["__proto__", 8],
  ])("%s has %d decimals by its code", (code, decimals) => {
    expect(currency(code)).toEqual({ code, decimals });
    expect(toCurrency("x", code)).toEqual({ code, decimals });
  });

  it("take the decimals they are given", () => {
    expect(currency("USD", 6)).toEqual({ code: "USD", decimals: 6 });
    expect(toCurrency("x", { code: "USD", decimals: 0 })).toEqual({ code: "USD", decimals: 0 });
  });

  it.each([
    ["", 2, "currency.code"],
    [5, 2, "currency.code"],
    [undefined, undefined, "currency.code"],
    ["USD", -1, "currency.decimals"],
    ["USD", 19, "currency.decimals"],
    ["USD", 0.5, "currency.decimals"],
    ["USD", "2", "currency.decimals"],
  ])("refuse %j with %j decimals", (code, decimals, path) => {
    expect(() => currency(code as string, decimals as number)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it.each([
    [5, "quote:"],
    [null, "quote:"],
    [undefined, "quote:"],
    ["", "quote.code"],
    [{}, "quote.code"],
    [{ code: "USD", decimals: 2, name: "dollar" }, "quote.name"],
  ])("are refused by their path: %j", (value, path) => {
    expect(() => toCurrency("quote", value as string)).toThrow(`FAULT_CONFIG ${path}`);
  });
});

describe("money", () => {
  it.each([
    ["12.50", "USD", 1250n, "12.50 USD"],
    ["12.5", "USD", 1250n, "12.50 USD"],
    ["12.500", "USD", 1250n, "12.50 USD"],
    ["-0.01", "USD", -1n, "-0.01 USD"],
    ["1e3", "JPY", 1000n, "1000 JPY"],
    ["0.00000001", "BTC", 1n, "0.00000001 BTC"],
    [
      "123456789012345678901234567890.12",
      "EUR",
      12345678901234567890123456789012n,
      "123456789012345678901234567890.12 EUR",
    ],
  ])("reads %s %s", (text, code, minor, written) => {
    const amount = parseMoney(text, code);
    expect(amount).toEqual({ minor, currency: currency(code) });
    expect(formatMoney(amount as Money)).toBe(written);
    expect(checkMoney("cash", text, code)).toEqual(amount);
  });

  it.each([
    ["0.001", "USD", "MONEY_TOO_FINE"],
    ["0.5", "JPY", "MONEY_TOO_FINE"],
    ["1e-400", "BTC", "MONEY_TOO_FINE"],
    ["", "USD", "MONEY_NOT_A_NUMBER"],
    ["12,50", "USD", "MONEY_NOT_A_NUMBER"],
    ["$5", "USD", "MONEY_NOT_A_NUMBER"],
    [5, "USD", "MONEY_NOT_A_NUMBER"],
    [null, "USD", "MONEY_NOT_A_NUMBER"],
    [5n, "USD", "MONEY_NOT_A_NUMBER"],
  ])("refuses %s %s", (text, code, refusal) => {
    expect(parseMoney(text as string, code)).toMatchObject({ ok: false, code: refusal, field: "amount" });
    expect(() => checkMoney("portfolio.cash", text as string, code)).toThrow("FAULT_CONFIG portfolio.cash");
  });

  it.each([5, 5.5, "5", null, undefined])("is made of bigints only, not of %s", (minor) => {
    expect(() => money(minor as unknown as bigint, "USD")).toThrow("FAULT_INPUT minor");
  });

  it("adds and subtracts within one currency", () => {
    const [a, b] = [money(150n, "USD"), money(-50n, "USD")];
    expect(addMoney(a, b)).toEqual(money(100n, "USD"));
    expect(subtractMoney(a, b)).toEqual(money(200n, "USD"));
  });

  it.each([
    [money(1n, "USD"), money(1n, "EUR")],
    [money(1n, "USD"), money(1n, { code: "USD", decimals: 6 })],
  ])("does not mix currencies or scales", (left, right) => {
    expect(() => addMoney(left, right)).toThrow("FAULT_INPUT currency");
    expect(() => subtractMoney(left, right)).toThrow("FAULT_INPUT currency");
  });

  it("scales by a fraction and names the rounding", () => {
    expect(scaleMoney(money(5n, "USD"), 1n, 2n, "halfEven").minor).toBe(2n);
    expect(scaleMoney(money(5n, "USD"), 1n, 2n, "halfUp").minor).toBe(3n);
    expect(scaleMoney(money(-5n, "USD"), 1n, 2n, "floor").minor).toBe(-3n);
    expect(() => scaleMoney(money(5n, "USD"), 1n, 0n, "down")).toThrow("FAULT_ARITHMETIC");
  });

  it("gives the nearest double, for charts", () => {
    expect(moneyToNumber(money(1250n, "USD"))).toBe(12.5);
    expect(moneyToNumber(money(-1n, "BTC"))).toBe(-1e-8);
    expect(moneyToNumber(money(9007199254740993n, { code: "X", decimals: 0 }))).toBe(9007199254740992);
  });
});
