import { describe, expect, it } from "vitest";
import {
  ConstantLatency,
  FeedMultipleLatency,
  InterpolatedLatency,
  type LatencyModel,
  type RecordedLatency,
} from "../../src/sim/index.ts";

const faultAt = (path: string): unknown => expect.objectContaining({ code: "FAULT_CONFIG", path });

describe("ConstantLatency", () => {
  it("is the same at all times", () => {
    const latency = new ConstantLatency({ entryNs: 5, responseNs: 7 });
    expect([latency.entryNs(), latency.responseNs()]).toEqual([5, 7]);
    expect(latency.usesFeedLatency).toBe(false);
    expect(latency.describe()).toEqual({ model: "constant", entryNs: 5, responseNs: 7 });
  });

  it.each([
    ["entryNs below 0", { entryNs: -1, responseNs: 0 }, "latency.entryNs"],
    ["a fraction", { entryNs: 1, responseNs: 0.5 }, "latency.responseNs"],
    ["NaN", { entryNs: Number.NaN, responseNs: 1 }, "latency.entryNs"],
    ["text", { entryNs: "5", responseNs: 1 }, "latency.entryNs"],
    ["nothing", { responseNs: 1 }, "latency.entryNs"],
    ["a misspelt option", { entryNs: 1, responseNs: 1, reponseNs: 1 }, "latency.reponseNs"],
    ["no object", 5, "latency"],
  ])("refuses %s by name", (_name, options, path) => {
    expect(() => new ConstantLatency(options as never)).toThrow(faultAt(path));
  });
});

describe("FeedMultipleLatency", () => {
  it("is a multiple of the feed's latency and an offset", () => {
    const latency = new FeedMultipleLatency({
      entry: 1.5,
      response: 0.25,
      entryOffsetNs: 100,
      responseOffsetNs: -3,
    });
    expect(latency.usesFeedLatency).toBe(true);
    expect(latency.entryNs(0, 1000)).toBe(1600);
    expect(latency.responseNs(0, 10)).toBe(0);
    expect(latency.responseNs(0, 101)).toBe(22);
  });

  it("is never below 0, whatever the clocks of a capture said", () => {
    const latency = new FeedMultipleLatency({ entry: 2, response: 1 });
    expect(latency.entryNs(0, -500)).toBe(0);
    expect(latency.responseNs(0, -500)).toBe(0);
  });

  it.each([
    ["a multiple below 0", { entry: -1, response: 1 }, "latency.entry"],
    ["an infinite multiple", { entry: 1, response: Number.POSITIVE_INFINITY }, "latency.response"],
    ["a fractional offset", { entry: 1, response: 1, entryOffsetNs: 0.5 }, "latency.entryOffsetNs"],
    ["a misspelt option", { entry: 1, response: 1, offsetNs: 1 }, "latency.offsetNs"],
  ])("refuses %s by name", (_name, options, path) => {
    expect(() => new FeedMultipleLatency(options as never)).toThrow(faultAt(path));
  });
});

/** The latencies of a recording by looking at every record. */
function slowly(records: readonly RecordedLatency[], nowNs: number): { entry: number; response: number } {
  const at = (
    points: readonly { readonly at: number; readonly took: number; readonly lost?: boolean }[],
  ): number => {
    if (points.length === 0) return 0;
    let low = 0;
    for (let i = 0; i < points.length; i++) if ((points[i]?.at ?? 0) <= nowNs) low = i;
    const beyond = (points[0]?.at ?? 0) > nowNs ? 0 : Math.min(low + 1, points.length - 1);
    const [a, b] = [points[low], points[beyond]];
    if (a === undefined || b === undefined) throw new Error("no points");
    if (a.lost) return -Math.max(a.took, 1);
    if (b.lost) return -Math.max(b.took, 1);
    if (b.at <= a.at || nowNs <= a.at) return Math.round(a.took);
    return Math.round(a.took + (b.took - a.took) * ((nowNs - a.at) / (b.at - a.at)));
  };
  const entry = at(
    records.map(({ sentNs, exchNs, reportNs }) =>
      exchNs <= 0
        ? { at: sentNs, took: reportNs - sentNs, lost: true }
        : { at: sentNs, took: exchNs - sentNs },
    ),
  );
  const arrived = records.filter(({ exchNs }) => exchNs > 0).sort((a, b) => a.exchNs - b.exchNs);
  const response = at(arrived.map(({ exchNs, reportNs }) => ({ at: exchNs, took: reportNs - exchNs })));
  return { entry, response };
}

describe("InterpolatedLatency", () => {
  const records = [
    { sentNs: 1000, exchNs: 1010, reportNs: 1030 },
    { sentNs: 2000, exchNs: 2050, reportNs: 2060 },
    { sentNs: 3000, exchNs: 0, reportNs: 3500 },
    { sentNs: 4000, exchNs: 4020, reportNs: 4100 },
    { sentNs: 5000, exchNs: 5010, reportNs: 5020 },
  ];

  it.each([
    [0, 10, "before the first, as the first"],
    [1000, 10, "at a record, as recorded"],
    [1500, 30, "half way, half of each"],
    [1250, 20, "a quarter of the way"],
    [2000, -500, "next to a lost order: lost"],
    [2500, -500, "between one that arrived and a lost one: lost"],
    [3999, -500, "after a lost one: lost"],
    [4500, 15, "beyond it, linear again"],
    [9000, 10, "after the last, as the last"],
  ])("an order sent at %i takes %i: %s", (sentNs, entryNs) => {
    expect(new InterpolatedLatency({ records }).entryNs(sentNs)).toBe(entryNs);
  });

  it.each([
    [0, 20],
    [1010, 20],
    [1530, 15],
    [2050, 10],
    [3035, 45],
    [4020, 80],
    [9999, 10],
  ])("a report made at %i takes %i: lost orders had none", (exchNs, responseNs) => {
    expect(new InterpolatedLatency({ records }).responseNs(exchNs)).toBe(responseNs);
  });

  it("does not depend on what was asked before", () => {
    const used = new InterpolatedLatency({ records });
    const times = [4500, 0, 2500, 9000, 1500, 1000, 5000, 1, 3000, 2050];
    for (const ns of times) {
      const fresh = new InterpolatedLatency({ records });
      expect(used.entryNs(ns)).toBe(fresh.entryNs(ns));
      expect(used.responseNs(ns)).toBe(fresh.responseNs(ns));
    }
  });

  it("is what looking at every record gives", () => {
    const latency: LatencyModel = new InterpolatedLatency({ records });
    for (let ns = 0; ns < 6000; ns += 7) {
      const slow = slowly(records, ns);
      expect([ns, latency.entryNs(ns, 0)]).toEqual([ns, slow.entry]);
      expect([ns, latency.responseNs(ns, 0)]).toEqual([ns, slow.response]);
    }
  });

  it("sorts arrivals that overtook each other", () => {
    const latency = new InterpolatedLatency({
      records: [
        { sentNs: 100, exchNs: 900, reportNs: 1000 },
        { sentNs: 200, exchNs: 300, reportNs: 310 },
      ],
    });
    expect(latency.responseNs(300)).toBe(10);
    expect(latency.responseNs(600)).toBe(55);
    expect(latency.responseNs(900)).toBe(100);
  });

  it("of nothing but lost orders loses every order", () => {
    const latency = new InterpolatedLatency({ records: [{ sentNs: 10, exchNs: 0, reportNs: 10 }] });
    expect(latency.entryNs(5)).toBe(-1);
    expect(latency.responseNs(5)).toBe(0);
  });

  it.each([
    ["no records", { records: [] }, "latency.records"],
    ["records that are none", { records: {} }, "latency.records"],
    ["a misspelt option", { record: [] }, "latency.record"],
    ["a misspelt field", { records: [{ sent: 1, exchNs: 2, reportNs: 3 }] }, "latency.records[0].sent"],
    ["a field missing", { records: [{ sentNs: 1, exchNs: 2 }] }, "latency.records[0].reportNs"],
    [
      "an arrival before the sending",
      { records: [{ sentNs: 5, exchNs: 2, reportNs: 9 }] },
      "latency.records[0]",
    ],
    [
      "a report before the arrival",
      { records: [{ sentNs: 1, exchNs: 5, reportNs: 4 }] },
      "latency.records[0]",
    ],
    [
      "a lost order heard of before",
      { records: [{ sentNs: 9, exchNs: 0, reportNs: 4 }] },
      "latency.records[0]",
    ],
    [
      "times that fall",
      {
        records: [
          { sentNs: 5, exchNs: 6, reportNs: 7 },
          { sentNs: 4, exchNs: 6, reportNs: 7 },
        ],
      },
      "latency.records[1].sentNs",
    ],
  ])("refuses %s by name", (_name, options, path) => {
    expect(() => new InterpolatedLatency(options as never)).toThrow(faultAt(path));
  });
});
