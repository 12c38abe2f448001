import { describe, expect, it } from "vitest";
import { BORROW, Locates } from "../../src/risk/locates.ts";

const make = () => new Locates({ accounts: 2, instruments: 3, orders: 4 });

describe("Locates", () => {
  it("needs a locate for what nobody spoke about", () => {
    const locates = make();
    expect(BORROW).toEqual({ hard: 0, easy: 1, never: 2 });
    expect([locates.borrowOf(0), locates.availableLots(0, 0, 0), locates.reserve(0, 0, 0, 1, 0)]).toEqual([
      BORROW.hard,
      0,
      false,
    ]);
    locates.setBorrow(1, "easy");
    expect([locates.borrowOf(1), locates.availableLots(1, 1, 0), locates.reserve(0, 1, 1, 1e9, 0)]).toEqual([
      BORROW.easy,
      Infinity,
      true,
    ]);
    expect(locates.reservedLots(0)).toBe(0);
    locates.commit(0, 5);
    locates.release(0, 5);
    locates.close(0);
    locates.setBorrow(1, "hard");
    expect([locates.availableLots(1, 1, 0), locates.reserve(0, 1, 1, 1, 0)]).toEqual([0, false]);
    locates.setBorrow(2, "never");
    locates.grant(0, 2, 10, 100);
    expect([locates.availableLots(0, 2, 0), locates.reserve(0, 0, 2, 1, 0)]).toEqual([0, false]);
  });

  it("reserves, uses and gives back by lots", () => {
    const locates = make();
    locates.grant(1, 2, 100, 1_000);
    expect(locates.reserve(3, 1, 2, 101, 0)).toBe(false);
    expect(locates.reserve(3, 1, 2, 60, 0)).toBe(true);
    expect(locates.reserve(2, 1, 2, 41, 0)).toBe(false);
    expect(locates.reserve(2, 1, 2, 40, 0)).toBe(true);
    expect([locates.availableLots(1, 2, 0), locates.reservedLots(3), locates.reservedLots(2)]).toEqual([
      0, 60, 40,
    ]);
    locates.commit(3, 25);
    expect([locates.reservedLots(3), locates.availableLots(1, 2, 0)]).toEqual([35, 0]);
    locates.release(3, 10);
    expect([locates.reservedLots(3), locates.availableLots(1, 2, 0)]).toEqual([25, 10]);
    expect(locates.reserve(3, 1, 2, 4, 0)).toBe(true);
    expect([locates.reservedLots(3), locates.availableLots(1, 2, 0)]).toEqual([29, 6]);
    locates.close(3);
    expect([locates.reservedLots(3), locates.availableLots(1, 2, 0)]).toEqual([0, 35]);
    locates.release(2, 1_000);
    expect([locates.reservedLots(2), locates.availableLots(1, 2, 0)]).toEqual([0, 75]);
    expect([locates.availableLots(0, 2, 0), locates.availableLots(1, 1, 0)]).toEqual([0, 0]);
  });

  it("keeps every pair of account and instrument apart", () => {
    const locates = make();
    const pairs = [0, 1, 2, 3, 4, 5].map((n) => [Math.floor(n / 3), n % 3] as const);
    for (const [n, [account, instrument]] of pairs.entries()) locates.grant(account, instrument, 10 + n, 100);
    expect(pairs.map(([account, instrument]) => locates.availableLots(account, instrument, 0))).toEqual([
      10, 11, 12, 13, 14, 15,
    ]);
    expect(locates.reserve(0, 0, 1, 4, 0)).toBe(true);
    expect(() => locates.reserve(0, 0, 0, 1, 0)).toThrow("FAULT_INPUT locates.slot");
    locates.commit(0, 3);
    locates.commit(1, 3);
    locates.release(2, 3);
    locates.close(0);
    expect(pairs.map(([account, instrument]) => locates.availableLots(account, instrument, 0))).toEqual([
      10, 8, 12, 13, 14, 15,
    ]);
  });

  it("counts an overfill against the locate", () => {
    const locates = make();
    locates.grant(0, 0, 10, 1_000);
    locates.reserve(0, 0, 0, 4, 0);
    locates.commit(0, 6);
    expect([locates.reservedLots(0), locates.availableLots(0, 0, 0)]).toEqual([0, 4]);
    locates.commit(0, 9);
    expect(locates.availableLots(0, 0, 0)).toBe(0);
    locates.grant(0, 0, 6, 1_000);
    expect(locates.availableLots(0, 0, 0)).toBe(1);
    locates.close(0);
    locates.commit(0, 1);
    expect(locates.availableLots(0, 0, 0)).toBe(1);
  });

  it("is good before its expiry, the earlier of two", () => {
    const locates = make();
    locates.grant(0, 0, 10, 100);
    expect([99, 100, Number.NaN].map((ns) => locates.availableLots(0, 0, ns))).toEqual([10, 0, 0]);
    locates.grant(0, 0, 5, 200, 50);
    expect([99, 100].map((ns) => locates.availableLots(0, 0, ns))).toEqual([15, 0]);
    locates.grant(0, 0, 1, 80, 60);
    expect([79, 80].map((ns) => locates.availableLots(0, 0, ns))).toEqual([16, 0]);
    expect(locates.reserve(1, 0, 0, 16, 80)).toBe(false);
    expect(locates.reserve(1, 0, 0, 6, 79)).toBe(true);
    locates.commit(1, 2);
    locates.grant(0, 0, 7, 300, 80);
    expect(locates.availableLots(0, 0, 299)).toBe(3);
    locates.grant(0, 0, 7, Infinity, 300);
    expect(locates.availableLots(0, 0, 1e15)).toBe(3);
    locates.grant(0, 1, 2, 5, 4);
    expect(() => locates.grant(0, 0, 1, 0)).toThrow(
      "FAULT_INPUT locates.untilNs: found 0, expected a later moment",
    );
    expect(() => locates.grant(0, 0, 1, Number.NaN)).toThrow("locates.untilNs");
    expect(() => locates.grant(0, 0, 1, 9, 9)).toThrow("locates.untilNs");
  });

  it("frees the slot of a finished order", () => {
    const locates = make();
    locates.grant(0, 0, 10, 100);
    locates.grant(1, 0, 10, 100);
    locates.reserve(0, 0, 0, 1, 0);
    expect(() => locates.reserve(0, 1, 0, 1, 0)).toThrow(
      "FAULT_INPUT locates.slot: found 0, expected an order of one account and instrument",
    );
    expect(locates.availableLots(1, 0, 0)).toBe(10);
    locates.close(0);
    expect(locates.reserve(0, 1, 0, 1, 0)).toBe(true);
    expect([locates.availableLots(0, 0, 0), locates.availableLots(1, 0, 0)]).toEqual([10, 9]);
  });

  it("comes back from JSON", () => {
    const locates = make();
    locates.setBorrow(0, "easy");
    locates.setBorrow(1, "never");
    locates.grant(1, 2, 10, Infinity);
    locates.grant(0, 2, 10, 0.5);
    locates.reserve(3, 1, 2, 5, 0);
    locates.commit(3, 1);
    const copy = make();
    copy.load(JSON.parse(JSON.stringify(locates.save())));
    expect(copy.save()).toEqual(locates.save());
    copy.close(3);
    expect([0, 1, 2].map((i) => copy.availableLots(1, i, 0))).toEqual([Infinity, 0, 9]);
  });

  it.each([
    ["borrow", [0, 0, 3]],
    ["borrow", [0, 0, -1]],
    ["borrow", [0, 0]],
    ["grantedLots", [0, 0, 0, 0, 0, -1]],
    ["grantedLots", [0, 0, 0, 0, 0, null]],
    ["usedLots", [0, 0, 0, 0, 0, 0.5]],
    ["reservedLots", [0, 0, 0, 0, 0, -1]],
    ["untilNs", [0, 0, 0, 0, 0]],
    ["orderKey", [-2, 0, 0, 0]],
    ["orderKey", [6, 0, 0, 0]],
    ["orderLots", [0, 0, 0, -1]],
    ["orderLots", [0, 0, 0]],
  ])("takes no state whose %s is %j", (name, column) => {
    const locates = make();
    locates.setBorrow(0, "easy");
    const before = locates.save();
    expect(() => locates.load({ ...make().save(), [name]: column })).toThrow(`FAULT_INPUT locates.${name}`);
    expect(locates.save()).toEqual(before);
  });

  it.each<[string, (locates: Locates) => unknown]>([
    ["instrument", (l) => l.setBorrow(3, "easy")],
    ["instrument", (l) => l.borrowOf(-1)],
    ["account", (l) => l.grant(2, 0, 1, 1)],
    ["instrument", (l) => l.grant(0, 3, 1, 1)],
    ["lots", (l) => l.grant(0, 0, 0, 1)],
    ["account", (l) => l.availableLots(-1, 0, 0)],
    ["slot", (l) => l.reserve(4, 0, 0, 1, 0)],
    ["lots", (l) => l.reserve(0, 0, 0, 0, 0)],
    ["lots", (l) => l.reserve(0, 0, 0, Number.NaN, 0)],
    ["lots", (l) => l.commit(0, 0)],
    ["slot", (l) => l.commit(4, 1)],
    ["lots", (l) => l.release(0, 0.5)],
    ["slot", (l) => l.close(-1)],
    ["slot", (l) => l.reservedLots(4)],
  ])("faults on a wrong %s", (name, call) => {
    expect(() => call(make())).toThrow(`FAULT_INPUT locates.${name}`);
  });

  it.each([
    ["accounts", { accounts: 0 }],
    ["accounts", { accounts: 2 ** 16 + 1 }],
    ["instruments", { instruments: 0 }],
    ["instruments", { instruments: 2 ** 24 + 1 }],
    ["orders", { orders: 0 }],
    ["orders", { orders: 2 ** 24 + 1 }],
    ["accounts * instruments", { accounts: 2 ** 16, instruments: 1_025 }],
    ["order", { order: 1 }],
  ])("refuses the option %s: %j", (name, options) => {
    const all = { accounts: 1, instruments: 1, orders: 1, ...options };
    expect(() => new Locates(all)).toThrow(`FAULT_CONFIG locates.${name}:`);
  });

  it("refuses a borrow it does not know", () => {
    expect(() => make().setBorrow(0, "maybe" as "easy")).toThrow("FAULT_CONFIG locates.borrow");
  });
});
