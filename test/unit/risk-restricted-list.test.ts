import { describe, expect, it } from "vitest";
import { MAX_PRODUCT_CLASSES, ProductPermissions } from "../../src/risk/product-permissions.ts";
import { EVERY_NODE, RestrictedList, type Restriction } from "../../src/risk/restricted-list.ts";
import { RESTRICTION, RESTRICTIONS, restrictionAllows } from "../../src/risk/restriction.ts";

const make = (entries = 8) => new RestrictedList({ instruments: 3, entries });
const entry = (more: Partial<Restriction> = {}): Restriction => ({
  instrument: 1,
  restriction: "noTrade",
  reason: "inside information",
  ...more,
});
const { closeOnly, noBuy, noTrade, none } = RESTRICTION;

describe("restrictionAllows", () => {
  it.each([
    [none, [true, true, true, true]],
    [noBuy, [true, false, true, true]],
    [closeOnly, [true, false, true, false]],
    [noTrade, [false, false, false, false]],
    [4, [false, false, false, false]],
    [Number.NaN, [false, false, false, false]],
  ])("code %i: %j to a buy and a sell, each reducing and not", (code, allowed) => {
    const asked = [
      [1, true],
      [1, false],
      [-1, true],
      [-1, false],
    ] as const;
    expect(asked.map(([side, reduces]) => restrictionAllows(code, side, reduces))).toEqual(allowed);
  });

  it("takes a side that is none for a buy", () => {
    for (const side of [0, Number.NaN]) expect(restrictionAllows(noBuy, side, false)).toBe(false);
  });

  it("numbers its codes", () => {
    expect(RESTRICTION).toEqual({ none: 0, noBuy: 1, closeOnly: 2, noTrade: 3 });
    expect([RESTRICTIONS, EVERY_NODE]).toEqual([["none", "noBuy", "closeOnly", "noTrade"], -1]);
  });
});

describe("RestrictedList", () => {
  it("binds everyone, or one node", () => {
    const list = make();
    expect([list.version, list.find(1, 0, 0), list.codeOf(1, 0, 0)]).toEqual([0, -1, none]);
    expect(list.restrict(entry({ restriction: "noBuy" }))).toBe(1);
    expect(list.restrict(entry({ node: 5, restriction: "closeOnly", reason: "watch" }))).toBe(2);
    expect([list.codeOf(1, 4, 0), list.codeOf(1, 5, 0), list.codeOf(0, 5, 0), list.codeOf(2, 5, 0)]).toEqual([
      noBuy,
      closeOnly,
      none,
      none,
    ]);
    expect(list.entryAt(list.find(1, 5, 0))).toEqual({
      number: 2,
      instrument: 1,
      node: 5,
      restriction: "closeOnly",
      reason: "watch",
      fromNs: -Infinity,
      untilNs: Infinity,
    });
    expect(list.entryAt(list.find(1, 4, 0))).toMatchObject({ number: 1, node: EVERY_NODE });
    expect(list.entryAt(-1)).toBeUndefined();
    expect(list.version).toBe(2);
  });

  it("holds from its begin until before its end", () => {
    const list = make();
    list.restrict(entry({ fromNs: 10, untilNs: 20 }));
    expect([9, 10, 19, 20, Number.NaN].map((ns) => list.codeOf(1, 0, ns))).toEqual([
      none,
      noTrade,
      noTrade,
      none,
      noTrade,
    ]);
  });

  it("lets the strictest count, of equals the oldest", () => {
    const list = make();
    const first = list.restrict(entry({ restriction: "closeOnly", reason: "a" }));
    list.restrict(entry({ restriction: "noBuy", reason: "b" }));
    list.restrict(entry({ restriction: "closeOnly", reason: "c" }));
    expect(list.entryAt(list.find(1, 0, 0))?.reason).toBe("a");
    list.lift(first);
    list.restrict(entry({ restriction: "closeOnly", reason: "d" }));
    expect(list.entryAt(list.find(1, 0, 0))?.reason).toBe("c");
    list.restrict(entry({ restriction: "noTrade", reason: "e", untilNs: 5 }));
    expect([4, 5].map((ns) => list.entryAt(list.find(1, 0, ns))?.reason)).toEqual(["e", "c"]);
  });

  it("lifts one entry by its number, and never gives a number twice", () => {
    const list = make(2);
    expect(list.restrict(entry())).toBe(1);
    expect(list.restrict(entry({ instrument: 2, restriction: "noBuy" }))).toBe(2);
    expect(() => list.restrict(entry())).toThrow(
      "FAULT_CAPACITY restrictedList.entries: found 2, expected a free place",
    );
    expect(list.version).toBe(2);
    expect([list.lift(3), list.lift(1), list.lift(1), list.version]).toEqual([false, true, false, 3]);
    expect([list.codeOf(1, 0, 0), list.codeOf(2, 0, 0)]).toEqual([none, noBuy]);
    expect(list.restrict(entry({ instrument: 2 }))).toBe(4);
    expect([list.lift(1), list.codeOf(2, 0, 0)]).toEqual([false, noTrade]);
    expect(list.entries().map((each) => each.number)).toEqual([2, 4]);
  });

  it("comes back from JSON with its numbers", () => {
    const list = make();
    list.restrict(entry({ restriction: "noBuy", node: 3, fromNs: 5 }));
    const lifted = list.restrict(entry());
    list.restrict(entry({ instrument: 0, restriction: "closeOnly", untilNs: 9 }));
    list.lift(lifted);
    const copy = make();
    copy.restrict(entry({ instrument: 2 }));
    copy.load(JSON.parse(JSON.stringify(list.save())));
    expect(copy.save()).toEqual(list.save());
    expect([copy.version, copy.entries()]).toEqual([4, list.entries()]);
    expect([copy.codeOf(2, 0, 0), copy.codeOf(1, 3, 5), copy.codeOf(1, 3, 4), copy.codeOf(0, 9, 8)]).toEqual([
      none,
      noBuy,
      none,
      closeOnly,
    ]);
    expect(copy.restrict(entry())).toBe(5);
    const other = make();
    other.restrict(entry({ instrument: 2 }));
    other.load({ version: 1, entries: [[1, 0, -1, 3, "x", null, null]] });
    expect([0, 1, 2].map((i) => other.codeOf(i, 0, 0))).toEqual([noTrade, none, none]);
  });

  it.each([
    ["restriction.restriction", [1, 1, -1, 0, "x", null, null]],
    ["restriction.restriction", [1, 1, -1, 4, "x", null, null]],
    ["restrictedList.number", [0, 1, -1, 1, "x", null, null]],
    ["restriction.instrument", [1, 3, -1, 1, "x", null, null]],
    ["restrictedList.version", [3, 1, -1, 1, "x", null, null]],
  ])("takes no state with a wrong %s", (path, row) => {
    expect(() => make().load({ version: 2, entries: [row as never] })).toThrow(path);
  });

  it.each<[string, unknown]>([
    ["restriction.node", { node: -2 }],
    ["restriction.node", { node: 2 ** 31 }],
    ["restriction.restriction", { restriction: "none" }],
    ["restriction.reason", { reason: "" }],
    ["restriction.untilNs: found 5, expected later than fromNs", { fromNs: 5, untilNs: 5 }],
    ["restriction.untilNs", { untilNs: Number.NaN }],
    ["restriction.until", { until: 5 }],
  ])("refuses an entry with a wrong %s", (path, more) => {
    const list = make();
    expect(() => list.restrict(entry(more as Restriction))).toThrow(`FAULT_CONFIG ${path}`);
    expect([list.version, list.codeOf(1, 0, 0)]).toEqual([0, none]);
  });

  it("faults on an instrument there is none of, and on wrong options", () => {
    expect(() => make().restrict(entry({ instrument: 3 }))).toThrow("FAULT_INPUT restriction.instrument");
    expect(() => make().find(3, 0, 0)).toThrow("FAULT_INPUT restrictedList.instrument");
    expect(() => make().codeOf(-1, 0, 0)).toThrow("FAULT_INPUT restrictedList.instrument");
    expect(() => make(0)).toThrow("FAULT_CONFIG restrictedList.entries");
    expect(() => make(2 ** 20 + 1)).toThrow("FAULT_CONFIG restrictedList.entries");
    for (const instruments of [0, 2 ** 24 + 1]) {
      expect(() => new RestrictedList({ instruments, entries: 1 })).toThrow(
        "FAULT_CONFIG restrictedList.instruments",
      );
    }
    expect(() => new RestrictedList({ instruments: 1, entries: 1, size: 1 } as never)).toThrow(
      "FAULT_CONFIG restrictedList.size",
    );
  });
});

describe("ProductPermissions", () => {
  it("allows nothing but what it was told", () => {
    const permissions = new ProductPermissions({ nodes: 3 });
    const all = (node: number) =>
      [...Array(34).keys()].filter((productClass) => permissions.allows(node, productClass));
    expect(all(1)).toEqual([]);
    for (const productClass of [0, 5, 31]) permissions.allow(1, productClass);
    permissions.allow(1, 5);
    expect([all(0), all(1), all(2)]).toEqual([[], [0, 5, 31], []]);
    permissions.deny(1, 5);
    permissions.deny(1, 5);
    permissions.deny(1, 6);
    expect(all(1)).toEqual([0, 31]);
    expect([permissions.allows(3, 0), permissions.allows(-1, 0), permissions.allows(1, 32)]).toEqual([
      false,
      false,
      false,
    ]);
    const copy = new ProductPermissions({ nodes: 3 });
    copy.load(JSON.parse(JSON.stringify(permissions.save())));
    expect([copy.save(), copy.allows(1, 31), copy.allows(1, 5)]).toEqual([permissions.save(), true, false]);
    expect(MAX_PRODUCT_CLASSES).toBe(32);
  });

  it("faults on what is no node or class", () => {
    const permissions = new ProductPermissions({ nodes: 2 });
    for (const call of ["allow", "deny"] as const) {
      expect(() => permissions[call](2, 0)).toThrow("FAULT_INPUT productPermissions.node");
      expect(() => permissions[call](0, 32)).toThrow("FAULT_INPUT productPermissions.productClass");
    }
    expect(() => permissions.load([0])).toThrow("FAULT_INPUT productPermissions");
    expect(() => permissions.load([0, 2 ** 32])).toThrow("FAULT_INPUT productPermissions[1]");
    expect(() => permissions.load([0, -1])).toThrow("FAULT_INPUT productPermissions[1]");
    for (const nodes of [0, 2 ** 24 + 1]) {
      expect(() => new ProductPermissions({ nodes })).toThrow("FAULT_CONFIG productPermissions.nodes");
    }
    expect(() => new ProductPermissions({ nodes: 1, classes: 1 } as never)).toThrow(
      "productPermissions.classes",
    );
  });
});
