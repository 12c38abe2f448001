import { afterEach, describe, expect, it, vi } from "vitest";
import { FIRM_SCOPE, isKillLevel, KillLatch } from "../../src/risk/kill-latch.ts";

describe("KillLatch", () => {
  it("begins open at epoch 0", () => {
    const latch = new KillLatch(3);
    expect([latch.scopes, latch.buffer.byteLength, latch.read()]).toEqual([3, 16, 0]);
    expect([KillLatch.isOpen(0), KillLatch.isFirmLatched(0), KillLatch.epochOf(0)]).toEqual([true, false, 0]);
  });

  it("shows the firm and narrower scopes apart", () => {
    const latch = new KillLatch(3);
    expect(latch.set(2, 1)).toBe(true);
    const narrow = latch.read();
    expect([KillLatch.isOpen(narrow), KillLatch.isFirmLatched(narrow), KillLatch.epochOf(narrow)]).toEqual([
      false,
      false,
      1,
    ]);
    expect(latch.set(FIRM_SCOPE, 4)).toBe(true);
    const both = latch.read();
    expect([KillLatch.isOpen(both), KillLatch.isFirmLatched(both), KillLatch.epochOf(both)]).toEqual([
      false,
      true,
      2,
    ]);
    expect(latch.clear(FIRM_SCOPE)).toBe(true);
    expect([KillLatch.isOpen(latch.read()), KillLatch.isFirmLatched(latch.read())]).toEqual([false, false]);
    expect(latch.clear(2)).toBe(true);
    expect([KillLatch.isOpen(latch.read()), KillLatch.epochOf(latch.read())]).toEqual([true, 4]);
  });

  it("sees a flag of the last scope and of the first beside the firm", () => {
    for (const scope of [1, 4]) {
      const latch = new KillLatch(5);
      latch.set(scope, 1);
      expect(latch.read()).toBe(4 + 2);
    }
    const alone = new KillLatch(1);
    alone.set(0, 1);
    expect(alone.read()).toBe(4 + 1);
  });

  it("raises a level, never lowers it, and keeps the epoch where nothing changes", () => {
    const latch = new KillLatch(2);
    expect([latch.set(1, 2), latch.set(1, 2), latch.set(1, 1), latch.levelOf(1)]).toEqual([
      true,
      false,
      false,
      2,
    ]);
    expect(KillLatch.epochOf(latch.read())).toBe(1);
    expect([latch.set(1, 3), latch.levelOf(1), KillLatch.epochOf(latch.read())]).toEqual([true, 3, 2]);
    expect([latch.clear(0), KillLatch.epochOf(latch.read())]).toEqual([false, 2]);
    expect([latch.clear(1), latch.clear(1), latch.levelOf(1), KillLatch.epochOf(latch.read())]).toEqual([
      true,
      false,
      0,
      3,
    ]);
  });

  it("gives the highest level over the firm and the scopes of a seat", () => {
    const latch = new KillLatch(4);
    latch.set(1, 1);
    latch.set(2, 3);
    expect([
      latch.levelOver([]),
      latch.levelOver([3]),
      latch.levelOver([1, 3]),
      latch.levelOver([1, 2]),
    ]).toEqual([0, 0, 1, 3]);
    latch.set(FIRM_SCOPE, 2);
    expect([latch.levelOver([]), latch.levelOver(new Int32Array([3])), latch.levelOver([2, 1])]).toEqual([
      2, 2, 3,
    ]);
    expect(() => latch.levelOver([4])).toThrow("FAULT_INPUT killLatch.scope");
  });

  it("is one latch over one buffer", () => {
    const latch = new KillLatch(3);
    const other = new KillLatch(latch.buffer);
    expect([other.scopes, other.buffer === latch.buffer]).toEqual([3, true]);
    other.set(2, 2);
    expect([latch.levelOf(2), latch.read()]).toEqual([2, other.read()]);
  });

  it("raises the epoch above a saved one, and never sets it back", () => {
    const latch = new KillLatch(2);
    latch.set(1, 2);
    latch.advance(41);
    expect([KillLatch.epochOf(latch.read()), latch.read() & 3]).toEqual([42, 2]);
    latch.advance(41);
    latch.advance(0);
    expect(KillLatch.epochOf(latch.read())).toBe(42);
    latch.advance(42);
    expect(KillLatch.epochOf(latch.read())).toBe(43);
    latch.advance(536_870_911);
    expect([KillLatch.epochOf(latch.read()), latch.read() & 3]).toEqual([536_870_912, 2]);
    latch.clear(1);
    expect([KillLatch.epochOf(latch.read()), KillLatch.isOpen(latch.read())]).toEqual([536_870_913, true]);
    for (const epoch of [-1, 0.5, Number.NaN, 536_870_912]) {
      expect(() => latch.advance(epoch)).toThrow("FAULT_CONFIG killLatch.epoch");
    }
  });

  it("wraps the epoch without touching the flags", () => {
    const latch = new KillLatch(2);
    new Int32Array(latch.buffer)[0] = -4;
    expect(KillLatch.epochOf(latch.read())).toBe(1_073_741_823);
    latch.set(1, 1);
    expect(latch.read()).toBe(2);
  });

  describe("when another thread is in between", () => {
    const exchange = Atomics.compareExchange.bind(Atomics) as typeof Atomics.compareExchange;
    afterEach(() => vi.restoreAllMocks());

    /** Runs `meddle` just before the nth exchange, as a thread could. */
    function between(nth: number, meddle: () => void) {
      let left = nth;
      vi.spyOn(Atomics, "compareExchange").mockImplementation(((...args: Parameters<typeof exchange>) => {
        left -= 1;
        if (left === 0) meddle();
        return exchange(...args);
      }) as never);
    }

    it("sets its level over the one that came first", () => {
      const latch = new KillLatch(3);
      between(1, () => latch.set(1, 2));
      expect([latch.set(1, 3), latch.levelOf(1), KillLatch.epochOf(latch.read())]).toEqual([true, 3, 2]);
    });

    it("yields to a higher level that came first", () => {
      const latch = new KillLatch(3);
      between(1, () => latch.set(1, 4));
      expect([latch.set(1, 3), latch.levelOf(1), KillLatch.epochOf(latch.read())]).toEqual([false, 4, 1]);
    });

    it("looks at the scopes again before it says that nothing is latched", () => {
      const latch = new KillLatch(3);
      latch.set(1, 2);
      between(1, () => latch.set(2, 2));
      expect([latch.clear(1), latch.read() & 3, KillLatch.epochOf(latch.read())]).toEqual([true, 2, 3]);
    });

    it("takes the epoch over one that came first", () => {
      const latch = new KillLatch(3);
      between(1, () => latch.set(2, 2));
      latch.advance(7);
      expect([KillLatch.epochOf(latch.read()), latch.read() & 3]).toEqual([8, 2]);
    });
  });

  it.each([-1, 3, 0.5, Number.NaN])("refuses the scope %s", (scope) => {
    const latch = new KillLatch(3);
    const message = `FAULT_INPUT killLatch.scope: found ${scope}, expected an index within 0 and 2`;
    expect(() => latch.levelOf(scope)).toThrow(message);
    expect(() => latch.set(scope, 1)).toThrow(message);
    expect(() => latch.clear(scope)).toThrow(message);
    expect(latch.read()).toBe(0);
  });

  it.each([0, 5, 1.5, Number.NaN, "2"])("refuses the level %s", (level) => {
    const latch = new KillLatch(3);
    expect(() => latch.set(1, level as never)).toThrow("FAULT_CONFIG killLatch.level");
    expect([latch.read(), isKillLevel(level)]).toEqual([0, false]);
  });

  it("knows the levels", () => {
    expect([1, 2, 3, 4].map(isKillLevel)).toEqual([true, true, true, true]);
  });

  it.each([0, -1, 65_537, 1.5])("refuses %s scopes", (scopes) => {
    expect(() => new KillLatch(scopes)).toThrow("FAULT_CONFIG killLatch.scopes");
  });

  it("takes as many scopes as there may be, and no buffer that is not a latch's", () => {
    expect(new KillLatch(new KillLatch(65_536).buffer).scopes).toBe(65_536);
    expect(new KillLatch(new SharedArrayBuffer(8)).scopes).toBe(1);
    for (const buffer of [
      new SharedArrayBuffer(4),
      new SharedArrayBuffer(10),
      new SharedArrayBuffer(4 * 65_538),
      new ArrayBuffer(8),
      null,
    ]) {
      expect(() => new KillLatch(buffer as SharedArrayBuffer)).toThrow(
        /FAULT_CONFIG killLatch\.buffer: .*expected the buffer of a latch/,
      );
    }
  });
});

describe("a first look", () => {
  it("shows the word of every opener", () => {
    const latch = new KillLatch(3);
    const other = new KillLatch(latch.buffer);
    expect([latch.peek(), other.peek()]).toEqual([0, 0]);
    latch.set(2, 1);
    expect([latch.peek(), other.peek(), latch.read()]).toEqual([6, 6, 6]);
    latch.clear(2);
    expect([latch.peek(), other.peek()]).toEqual([8, 8]);
  });
});
