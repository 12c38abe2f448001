import { describe, expect, it } from "vitest";
import { KeyRing } from "../../src/risk/key-ring.ts";

function ring(capacity = 4): KeyRing {
  return new KeyRing({ width: 2, capacity, keepNs: 100 });
}

function add(made: KeyRing, key: readonly number[], nowNs: number): void {
  made.key.set(key);
  made.add(nowNs);
}

function count(made: KeyRing, key: readonly number[], windowNs: number, nowNs: number): number {
  made.key.set(key);
  return made.count(windowNs, nowNs);
}

describe("a key ring", () => {
  it("counts equal keys that are younger than the window", () => {
    const made = ring();
    add(made, [1, 2], 0);
    add(made, [1, 2], 10);
    add(made, [2, 1], 10);
    expect([50, 59, 60, 99, 100, 109, 110].map((nowNs) => count(made, [1, 2], 50, nowNs - 50))).toEqual([
      2, 2, 2, 2, 1, 1, 0,
    ]);
    expect([
      count(made, [2, 1], 100, 50),
      count(made, [1, 1], 100, 50),
      count(made, [2, 2], 100, 50),
    ]).toEqual([1, 0, 0]);
  });

  it("is full while the oldest is younger than it is kept", () => {
    const made = ring(2);
    expect(made.isFull(0)).toBe(false);
    add(made, [1, 1], 0);
    add(made, [1, 1], 50);
    expect([made.isFull(99), made.isFull(100), made.isFull(Number.NaN)]).toEqual([true, false, true]);
    expect(() => made.add(99)).toThrow(
      "FAULT_CAPACITY keyRing.add: found 99, expected at most 2 keys within 100 ns",
    );
    add(made, [1, 1], 100);
    expect([count(made, [1, 1], 100, 149), made.save()]).toEqual([
      2,
      {
        timesNs: [50, 100],
        keys: [
          [1, 1],
          [1, 1],
        ],
      },
    ]);
  });

  it("faults for a time that is no number, also when empty", () => {
    const made = ring();
    expect(() => made.add(Number.NaN)).toThrow("FAULT_CAPACITY");
    expect(made.save()).toEqual({ timesNs: [], keys: [] });
  });

  it("takes a time before the newest as the newest", () => {
    const made = ring();
    add(made, [1, 1], 100);
    add(made, [1, 1], 0);
    expect([
      count(made, [1, 1], 100, 150),
      count(made, [1, 1], 100, 199),
      count(made, [1, 1], 100, 200),
    ]).toEqual([2, 2, 0]);
  });

  it("ends a chain where a place was used again", () => {
    const made = ring(1);
    for (let i = 0; i < 5; i++) {
      add(made, [i % 2, 0], i * 100);
      expect(count(made, [i % 2, 0], 100, i * 100)).toBe(1);
      expect(count(made, [1 - (i % 2), 0], 1000, i * 100)).toBe(0);
    }
  });

  it("holds one key", () => {
    const made = ring(1);
    add(made, [3, 4], 0);
    expect([count(made, [3, 4], 100, 0), made.isFull(0)]).toEqual([1, true]);
  });

  it("tells numbers past 2^32 and fractions apart", () => {
    const made = ring();
    add(made, [2 ** 32, 0.25], 0);
    expect([
      count(made, [0, 0.25], 100, 0),
      count(made, [2 ** 32, 0.5], 100, 0),
      count(made, [2 ** 32, 0.25], 100, 0),
    ]).toEqual([0, 0, 1]);
  });

  it("continues from saved state, after it went round too", () => {
    const made = ring(2);
    for (let i = 0; i < 5; i++) add(made, [i, i], i * 50);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved).toEqual({
      timesNs: [150, 200],
      keys: [
        [3, 3],
        [4, 4],
      ],
    });
    const again = ring(2);
    add(again, [9, 9], 190);
    again.load(saved);
    expect([
      count(again, [3, 3], 100, 200),
      count(again, [9, 9], 100, 200),
      again.isFull(249),
      again.isFull(250),
    ]).toEqual([1, 0, true, false]);
    expect(again.save()).toEqual(saved);
    again.load({ timesNs: [], keys: [] });
    expect([count(again, [3, 3], 100, 200), again.isFull(200)]).toEqual([0, false]);
  });

  it.each([
    [undefined],
    [{ timesNs: [1], keys: [] }],
    [{ timesNs: [], keys: [[1, 1]] }],
    [{ timesNs: [1], keys: [[1]] }],
    [{ timesNs: [1], keys: [[1, 1, 1]] }],
    [{ timesNs: [1], keys: [[1, null]] }],
    [
      {
        timesNs: [2, 1],
        keys: [
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      {
        timesNs: [1, 2, 3, 4, 5],
        keys: [
          [1, 1],
          [1, 1],
          [1, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [{ timesNs: [], keys: [], at: 1 }],
  ])("refuses to continue from %j", (data) => {
    const made = ring();
    add(made, [7, 7], 7);
    expect(() => made.load(data)).toThrow(/^FAULT_INPUT keyRing/);
    expect(made.save()).toEqual({ timesNs: [7], keys: [[7, 7]] });
  });

  it("names the place that is wrong", () => {
    expect(() => ring().load({ timesNs: [1], keys: [[1, "1"]] })).toThrow("FAULT_INPUT keyRing.keys[0][1]");
    expect(() => ring().load({ timesNs: [1], keys: [1] })).toThrow("FAULT_INPUT keyRing.keys[0]:");
    expect(() => ring().load({ timesNs: 1, keys: [] })).toThrow("FAULT_INPUT keyRing.timesNs:");
    expect(() => ring().load({ timesNs: [], keys: 1 })).toThrow("FAULT_INPUT keyRing.keys:");
  });

  it.each([
    [{ width: 0, capacity: 1, keepNs: 1 }, "keyRing.width"],
    [{ width: 65, capacity: 1, keepNs: 1 }, "keyRing.width"],
    [{ width: 1, capacity: 0, keepNs: 1 }, "keyRing.capacity"],
    [{ width: 1, capacity: 3, keepNs: 1 }, "keyRing.capacity: found 3, expected a power of two"],
    [{ width: 1, capacity: 8_388_608, keepNs: 1 }, "keyRing.capacity"],
    [{ width: 1, capacity: 1, keepNs: 0 }, "keyRing.keepNs"],
    [{ width: 1, capacity: 1, keepNs: 1, size: 1 }, "keyRing.size"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new KeyRing(options)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it("counts each of thousands of keys once, also such as share a chain", () => {
    const made = new KeyRing({ width: 2, capacity: 4096, keepNs: 100 });
    const keys = Array.from({ length: 4096 }, (_, i) => [i % 2 === 0 ? i : i * 2 ** 32, 5]);
    for (const key of keys) add(made, key, 0);
    expect(keys.map((key) => count(made, key, 100, 0)).every((each) => each === 1)).toBe(true);
  });
});

describe("addCounted", () => {
  it("adds as add does, to the chain of the key counted last", () => {
    const [made, other] = [ring(8), ring(8)];
    const keys = [
      [1, 2],
      [2, 1],
      [1, 2],
      [-5, 0.5],
      [0, 0],
      [1, 2],
    ];
    for (const [i, key] of keys.entries()) {
      count(made, [9, 9], 100, i);
      expect(count(made, key, 100, i)).toBe(count(other, key, 100, i));
      made.addCounted(i);
      add(other, key, i);
    }
    expect(made.save()).toEqual(other.save());
    for (const key of keys) expect(count(made, key, 100, 9)).toBe(count(other, key, 100, 9));
    expect(count(made, [1, 2], 100, 9)).toBe(3);
  });

  it("adds to the chain of the key added last as well", () => {
    const made = ring();
    add(made, [3, 4], 0);
    made.addCounted(1);
    expect([count(made, [3, 4], 100, 1), made.save().timesNs]).toEqual([2, [0, 1]]);
  });

  it("faults when the ring is full, and changes nothing", () => {
    const made = ring(1);
    add(made, [1, 1], 0);
    const before = made.save();
    count(made, [2, 2], 100, 99);
    expect(() => made.addCounted(99)).toThrow(
      "FAULT_CAPACITY keyRing.add: found 99, expected at most 1 keys within 100 ns",
    );
    expect(made.save()).toEqual(before);
    made.addCounted(100);
    expect(count(made, [2, 2], 100, 100)).toBe(1);
  });
});
