import { describe, expect, it } from "vitest";
import { LatencyWatch } from "../../src/risk/latency-watch.ts";

const MAX = 2 ** 37;
const run = (made: LatencyWatch, samples: readonly number[]) => samples.map((ns) => made.add(ns));

describe("a latency watch", () => {
  it("trips when the mean of the last samples is above the limit", () => {
    const made = new LatencyWatch({ limitNs: 100, samples: 3 });
    expect(run(made, [500, 500, 0, 0, 299, 2, 0])).toEqual([false, false, true, true, false, true, true]);
    expect(run(made, [298, 3])).toEqual([false, true]);
  });

  it.each([
    [5_000, [0, 0, 101, 101], false],
    [5_000, [0, 101, 101, 101], true],
    [5_001, [0, 0, 101, 101], true],
    [10_000, [100, 100, 100, 100], false],
    [10_000, [0, 0, 0, 101], true],
    [1, [0, 101, 101, 101], false],
    [1, [101, 101, 101, 101], true],
  ])("trips when the quantile %d of %j is above the limit: %s", (quantileBps, samples, trips) => {
    const made = new LatencyWatch({ limitNs: 100, samples: 4, quantileBps });
    expect(run(made, samples)).toEqual([false, false, false, trips]);
  });

  it("lets old samples go", () => {
    const made = new LatencyWatch({ limitNs: 100, samples: 2, quantileBps: 5_000 });
    expect(run(made, [101, 101, 100, 101, 101, 0, 0])).toEqual([
      false,
      true,
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  it.each([[Number.NaN], [-1], [MAX + 1], [Number.POSITIVE_INFINITY]])(
    "trips at %d and does not keep it",
    (ns) => {
      const made = new LatencyWatch({ limitNs: 100, samples: 2 });
      expect([made.add(ns), made.save()]).toEqual([true, { samplesNs: [] }]);
    },
  );

  it("keeps the least and the most", () => {
    const made = new LatencyWatch({ limitNs: MAX, samples: 2 });
    expect([run(made, [0, MAX, MAX]), made.save()]).toEqual([
      [false, false, false],
      { samplesNs: [MAX, MAX] },
    ]);
  });

  it("forgets", () => {
    const made = new LatencyWatch({ limitNs: 100, samples: 2, quantileBps: 10_000 });
    run(made, [500, 500, 500]);
    made.clear();
    expect([made.save(), run(made, [0, 0, 0, 101])]).toEqual([
      { samplesNs: [] },
      [false, false, false, true],
    ]);
    const mean = new LatencyWatch({ limitNs: 100, samples: 2 });
    run(mean, [500, 500, 500]);
    mean.clear();
    expect(run(mean, [0, 200, 0])).toEqual([false, false, false]);
  });

  it("continues from saved state", () => {
    const made = new LatencyWatch({ limitNs: 100, samples: 3 });
    run(made, [1, 2, 3, 4]);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved).toEqual({ samplesNs: [2, 3, 4] });
    const again = new LatencyWatch({ limitNs: 100, samples: 3 });
    run(again, [900]);
    again.load(saved);
    expect([again.save(), run(again, [293, 294])]).toEqual([saved, [false, true]]);
    const short = new LatencyWatch({ limitNs: 100, samples: 3 });
    run(short, [7, 0.5]);
    again.load(short.save());
    expect(again.save()).toEqual({ samplesNs: [7, 0.5] });
  });

  it.each([
    [{}, "latencyWatch:"],
    [{ samplesNs: [0, 0, 0] }, "latencyWatch.samplesNs:"],
    [{ samplesNs: [-1] }, "latencyWatch.samplesNs[0]"],
    [{ samplesNs: [MAX + 1] }, "latencyWatch.samplesNs[0]"],
    [{ samplesNs: 1 }, "latencyWatch.samplesNs:"],
  ])("refuses to continue from %j", (data, path) => {
    const made = new LatencyWatch({ limitNs: 100, samples: 2 });
    made.add(5);
    expect(() => made.load(data)).toThrow(`FAULT_INPUT ${path}`);
    expect(made.save()).toEqual({ samplesNs: [5] });
  });

  it.each([
    [{ limitNs: -1, samples: 1 }, "limitNs"],
    [{ limitNs: MAX + 1, samples: 1 }, "limitNs"],
    [{ limitNs: 1, samples: 0 }, "samples"],
    [{ limitNs: 1, samples: 65_537 }, "samples"],
    [{ limitNs: 1, samples: 1, quantileBps: 0 }, "quantileBps"],
    [{ limitNs: 1, samples: 1, quantileBps: 10_001 }, "quantileBps"],
    [{ limitNs: 1, samples: 1, mean: 1 }, "mean"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new LatencyWatch(options)).toThrow(`FAULT_CONFIG latencyWatch.${path}:`);
  });
});
