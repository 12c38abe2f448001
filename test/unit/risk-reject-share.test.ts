import { describe, expect, it } from "vitest";
import { RejectShare } from "../../src/risk/reject-share.ts";

function share(): RejectShare {
  return new RejectShare({ limitBps: 5_000, samples: 4, minSamples: 2 });
}

const run = (made: RejectShare, outcomes: string) => outcomes.split("").map((each) => made.add(each === "r"));

describe("the share of rejects", () => {
  it("trips above the limit, with enough samples", () => {
    expect(run(share(), "rr")).toEqual([false, true]);
    expect(run(share(), "raarr")).toEqual([false, false, false, false, false]);
    expect(run(share(), "raarrr")[5]).toBe(true);
  });

  it("is of the last samples", () => {
    expect(run(share(), "rrraaaarrr")).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    const strict = new RejectShare({ limitBps: 0, samples: 3, minSamples: 3 });
    expect(run(strict, "aaaraaa")).toEqual([false, false, false, true, true, true, false]);
    const one = new RejectShare({ limitBps: 9_999, samples: 1, minSamples: 1 });
    expect(run(one, "rar")).toEqual([true, false, true]);
  });

  it("is forgotten", () => {
    const made = share();
    run(made, "rra");
    made.clear();
    expect(made.save()).toEqual({ outcomes: [] });
    expect(run(made, "raarr")).toEqual([false, false, false, false, false]);
  });

  it("continues from saved state", () => {
    const made = share();
    run(made, "rarra");
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved).toEqual({ outcomes: [0, 1, 1, 0] });
    const again = share();
    run(again, "rrr");
    again.load(saved);
    expect([again.save(), run(again, "r")]).toEqual([saved, [true]]);
    again.load({ outcomes: [0] });
    expect([again.save(), run(again, "rr")]).toEqual([{ outcomes: [0] }, [false, true]]);
    const short = share();
    run(short, "r");
    expect(short.save()).toEqual({ outcomes: [1] });
  });

  it.each([
    [{}, "rejectShare:"],
    [{ outcomes: [0, 0, 0, 0, 0] }, "rejectShare.outcomes:"],
    [{ outcomes: [2] }, "rejectShare.outcomes[0]"],
    [{ outcomes: [-1] }, "rejectShare.outcomes[0]"],
    [{ outcomes: 1 }, "rejectShare.outcomes:"],
  ])("refuses to continue from %j", (data, path) => {
    const made = share();
    run(made, "r");
    expect(() => made.load(data)).toThrow(`FAULT_INPUT ${path}`);
    expect(made.save()).toEqual({ outcomes: [1] });
  });

  it.each([
    [{ limitBps: -1, samples: 1, minSamples: 1 }, "limitBps"],
    [{ limitBps: 10_000, samples: 1, minSamples: 1 }, "limitBps"],
    [{ limitBps: 1, samples: 0, minSamples: 1 }, "samples"],
    [{ limitBps: 1, samples: 65_537, minSamples: 1 }, "samples"],
    [{ limitBps: 1, samples: 2, minSamples: 0 }, "minSamples"],
    [{ limitBps: 1, samples: 2, minSamples: 3 }, "minSamples"],
    [{ limitBps: 1, samples: 2, minSamples: 2, of: 1 }, "of"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new RejectShare(options)).toThrow(`FAULT_CONFIG rejectShare.${path}:`);
  });
});
