import { afterEach, describe, expect, it, vi } from "vitest";
import { SIGNAL_CASES, type SignalCase, samples } from "../fixtures/signal-table.ts";

/**
 * Work is counted, never timed: every column of a signal becomes a proxy that counts its reads and writes, so
 * an update of a window of 10 can be compared with one of a window of 10,000.
 */
let touched = 0;
const Column = Float64Array;

function counting(column: Float64Array): Float64Array {
  return new Proxy(column, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) touched += 1;
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      return (...rest: unknown[]) => {
        touched += target.length;
        return Reflect.apply(value, target, rest);
      };
    },
    set(target, key, value) {
      touched += 1;
      return Reflect.set(target, key, value, target);
    },
  });
}

class CountingColumn {
  constructor(size: number) {
    // biome-ignore lint/correctness/noConstructorReturn: the proxy stands in for the column
    return counting(new Column(size)) as never;
  }
}

interface Work {
  readonly most: number;
  readonly mean: number;
}

const DATA = samples(2, 1_000);

/** The accesses of an update once the window is full, over 2.5 windows. */
function workOf(it: SignalCase, period: number): Work {
  vi.stubGlobal("Float64Array", CountingColumn);
  const signal = it.make(period);
  vi.unstubAllGlobals();
  const step = DATA.at(-1)?.ns ?? 0;
  const feed = (i: number): void => {
    const sample = DATA[i % DATA.length] as (typeof DATA)[number];
    it.feed(signal, { ...sample, ns: sample.ns + step * Math.floor(i / DATA.length) });
  };
  const warm = 2 * period + 2;
  for (let i = 0; i < warm; i++) feed(i);
  let [most, all] = [0, 0];
  const measured = Math.max(2_000, Math.ceil(2.5 * period));
  for (let i = warm; i < warm + measured; i++) {
    touched = 0;
    feed(i);
    most = Math.max(most, touched);
    all += touched;
  }
  return { most, mean: all / measured };
}

/** Signals whose worst update passes over the window, once a window, and whose mean is bounded. */
const AMORTISED = ["Wma", "RollingMin", "RollingMax"];
/** A silence moves the window slice by slice; the number of slices is the case's period. */
const SLICED = ["OrderFlowImbalance time", "TradeImbalance time"];

describe("work of an update", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const worstCase = SIGNAL_CASES.filter((it) => ![...AMORTISED, ...SLICED].includes(it.name));
  it.each(worstCase)("$name: the worst update touches as much for 10,000 as for 10", (signal) => {
    const small = workOf(signal, 10);
    const large = workOf(signal, 10_000);
    expect(large.most).toBeLessThanOrEqual(small.most);
    expect(large.most).toBeLessThanOrEqual(24);
  });

  it.each(SIGNAL_CASES.filter((it) => AMORTISED.includes(it.name)))(
    "$name: the mean is bounded",
    (signal) => {
      const small = workOf(signal, 10);
      const large = workOf(signal, 10_000);
      expect(large.mean).toBeLessThanOrEqual(small.mean + 0.5);
      expect(large.mean).toBeLessThanOrEqual(7);
    },
  );

  it.each(SIGNAL_CASES.filter((it) => SLICED.includes(it.name)))(
    "$name: a slice costs the same",
    (signal) => {
      const fine = workOf(signal, 1_000);
      const coarse = workOf(signal, 10);
      const slicesPerEvent = (DATA.at(-1)?.ns ?? 0) / DATA.length / 1e7;
      expect(fine.mean).toBeLessThanOrEqual(24 * Math.max(1, slicesPerEvent));
      expect(coarse.mean).toBeLessThanOrEqual(24 * Math.max(1, slicesPerEvent));
    },
  );

  it("the count sees the columns of a signal", () => {
    const sma = SIGNAL_CASES.find((it) => it.name === "Sma") as SignalCase;
    expect(workOf(sma, 100).most).toBeGreaterThan(2);
  });

  it("the count sees a pass over the window", () => {
    const pass: SignalCase = {
      name: "pass",
      make: (period) => {
        const column = new Float64Array(period);
        return Object.assign(SIGNAL_CASES[0]?.make(1) as never, { column });
      },
      feed: (signal) => {
        const { column } = signal as unknown as { column: Float64Array };
        return Array.from({ length: column.length }, (_, i) => column[i] as number).length;
      },
    };
    expect(workOf(pass, 10).most).toBe(10);
    expect(workOf(pass, 1_000).most).toBe(1_000);
  });
});
