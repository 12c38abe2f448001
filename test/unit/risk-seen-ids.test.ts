import { describe, expect, it } from "vitest";
import { SeenIds } from "../../src/risk/seen-ids.ts";

const most = Number.MAX_SAFE_INTEGER;

describe("seen ids", () => {
  it("must rise per seat", () => {
    const seen = new SeenIds({ seats: 2 });
    expect([seen.check(0, 0), seen.check(0, most), seen.check(1, 5)]).toEqual(["clear", "clear", "clear"]);
    seen.commit(0, 5);
    expect([4, 5, 6].map((id) => seen.check(0, id))).toEqual(["duplicate", "duplicate", "clear"]);
    expect(seen.check(1, 5)).toBe("clear");
    seen.commit(0, most);
    expect(seen.check(0, most)).toBe("duplicate");
  });

  it("offer the next number of a seat, from 1 on", () => {
    const seen = new SeenIds({ seats: 2 });
    expect(seen.next(0)).toBe(1);
    seen.commit(0, 0);
    expect(seen.next(0)).toBe(1);
    seen.commit(0, 5);
    expect([seen.next(0), seen.next(1), seen.check(0, seen.next(0))]).toEqual([6, 1, "clear"]);
    seen.commit(0, most);
    expect(seen.check(0, seen.next(0))).toBe("invalid");
  });

  it.each([
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
    [0, 2 ** 53],
    [0, -1],
    [0, 1.5],
    [0, ""],
    [2, 1],
    [-1, 1],
    [2, "a"],
    [Number.NaN, 1],
    [0, undefined as unknown as string],
    [0, null as unknown as string],
    [0, {} as unknown as string],
  ])("say that seat %d has no id %j", (seat, id) => {
    const seen = new SeenIds({ seats: 2, texts: 9 });
    expect(seen.check(seat, id)).toBe("invalid");
    expect(() => seen.commit(seat, id)).toThrow("FAULT_INPUT seenIds.commit");
    expect(seen.save()).toEqual({ highest: [-1, -1], texts: [] });
  });

  it("may be texts, over all seats, up to a bound", () => {
    const seen = new SeenIds({ seats: 2, texts: 2 });
    seen.commit(0, "a");
    expect([seen.check(1, "a"), seen.check(1, "b")]).toEqual(["duplicate", "clear"]);
    seen.commit(1, "b");
    expect([seen.check(0, "b"), seen.check(0, "c"), seen.check(0, 1)]).toEqual([
      "duplicate",
      "full",
      "clear",
    ]);
    expect(() => seen.commit(0, "c")).toThrow(
      'FAULT_INPUT seenIds.commit: found "c", expected an id that is clear',
    );
    expect(new SeenIds({ seats: 1 }).check(0, "a")).toBe("full");
  });

  it("continue from saved state", () => {
    const seen = new SeenIds({ seats: 2, texts: 3 });
    seen.commit(1, 7);
    seen.commit(0, "a");
    const saved = JSON.parse(JSON.stringify(seen.save()));
    expect(saved).toEqual({ highest: [-1, 7], texts: ["a"] });
    const again = new SeenIds({ seats: 2, texts: 1 });
    again.commit(0, "b");
    again.load(saved);
    expect(again.save()).toEqual(saved);
    expect([again.check(1, 7), again.check(1, 8), again.check(0, "a"), again.check(0, "b")]).toEqual([
      "duplicate",
      "clear",
      "duplicate",
      "full",
    ]);
  });

  it.each([
    [null],
    [{ highest: [1, 1] }],
    [{ highest: [1], texts: [] }],
    [{ highest: [1, -2], texts: [] }],
    [{ highest: [1, 1.5], texts: [] }],
    [{ highest: [1, 2 ** 53], texts: [] }],
    [{ highest: [1, 1], texts: ["a", "b", "c"] }],
    [{ highest: [1, 1], texts: ["a", "a"] }],
    [{ highest: [1, 1], texts: ["a", ""] }],
    [{ highest: [1, 1], texts: ["a", 1] }],
    [{ highest: [1, 1], texts: "a" }],
  ])("refuse to continue from %j", (data) => {
    const seen = new SeenIds({ seats: 2, texts: 2 });
    seen.commit(0, "z");
    expect(() => seen.load(data)).toThrow(/^FAULT_INPUT seenIds/);
    expect(seen.save()).toEqual({ highest: [-1, -1], texts: ["z"] });
  });

  it("say what texts must be", () => {
    const seen = new SeenIds({ seats: 1, texts: 2 });
    expect(() => seen.load({ highest: [0], texts: ["a", "a"] })).toThrow(
      "expected texts, none empty, none twice",
    );
  });

  it.each([
    [{ seats: 0 }, "seenIds.seats"],
    [{ seats: 65_537 }, "seenIds.seats"],
    [{ seats: 1, texts: -1 }, "seenIds.texts"],
    [{ seats: 1, texts: 4_194_305 }, "seenIds.texts"],
    [{ seats: 1, text: 1 }, "seenIds.text"],
  ])("refuse the options %j", (options, path) => {
    expect(() => new SeenIds(options)).toThrow(`FAULT_CONFIG ${path}:`);
  });
});
